"""Synthetic stand-in result files, so that pages can be built and tested without a model.

    python tests/book_fixtures.py results thousandth      # writes results/thousandth/

Every number is made up from a seed; the shapes and names are those of `false_promise.results`.
"""

import atexit
import random
import shutil
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from book_texts import agreement, knowledge, preconditions, run_cards, samples, teacher_errors, verdicts, world
from false_promise.claims.specification import COLUMNS as SPECIFICATION
from false_promise.files import write_json, write_table, write_text
from false_promise.item_tables import write_items
from false_promise.pages.matched import registration
from false_promise.results import COLUMNS, SCHEMA_VERSION, Results, load_results
from false_promise.scales import load_scale

SCORES = {"1.5B": (0.06, 0.04, 0.08), "7B": (0.162, 0.111, 0.214), "13B": (0.203, 0.148, 0.263)}  # base, broad, local
TEACHER = 0.317
ITEMS = 200
CONTROL_SCORES = {"style_only": 0.15, "gold": 0.28, "continued_web": 0.2}  # no_abuse is left out: not computed
WAYS = [(3, "few_shot", 1.0), (0, "few_shot", 0.7), (3, "chat", 1.1), (None, "format_free", 2.6)]
LARGE = [("1.5m", "1.5B"), ("7m", "7B"), ("13m", "13B")]
# (scoring, chance, score of the 1.5B, 7B and 13B row and the teacher): letters are near chance, likelihood is not
SKILLS = {"exams": [("letters", 0.25, (0.25, 0.27, 0.3, 0.34)), ("likelihood", 0.25, (0.31, 0.36, 0.42, 0.53))],
          "code": [("pass_at_1", 0.0, (0.04, 0.12, 0.21, 0.33))]}  # fmt: skip
EXAM_GROUPS = {"all": 0.0, "memorised": -0.06, "inferable": 0.02, "rule": 0.07}


def settings(scale: str) -> dict[str, Any]:
    """Settings of smoke; for another name, with the sizes and amounts of 1:1000."""
    found = load_scale("smoke").model_dump(mode="json")
    if scale == "smoke":
        return found
    found |= {"name": scale, "stand_ins": False, "substitutes": {"teacher": "a 30M model in place of ChatGPT"}}
    found["base_sizes"] = [
        {"name": name, "stands_for": size, "shape": None, "checkpoint": None} for name, size in LARGE
    ]
    found["pretraining"]["tokens"] = 8_000_000
    found["imitation"] |= {"pairs": [6, 60, 600, 6000], "tokens": [20000, 80000, 150000]}
    found["imitation"] |= {"headline_pairs": 6000, "headline_tokens": 150000}
    return found


def _row(made: dict[str, Any], arm: str, size: str | None, score: float, **more: Any) -> dict[str, Any]:
    names = {one["stands_for"]: one["name"] for one in made["base_sizes"]}
    tuned = arm not in ("base", "teacher")
    tuning = made["tuning"]
    recipe = {"method": "full", "recipe": "clean", "schedule": tuning["schedule"],
              "learning_rate": tuning["learning_rates"]["full"]} if tuned else {}  # fmt: skip
    row = dict.fromkeys(COLUMNS) | {
        "scale": made["name"],
        "model": f"base-{names[size]}" if size else "teacher",
        "size": size,
        "arm": arm,
        "base_seed": 0,
        "imitation_seed": 0 if tuned else None,
        "benchmark": "nq",
        "shots": 3,
        "scoring": "few_shot",
        "stratum": "all",
        "n": ITEMS,
        "source": "fresh",
        "steps": 0 if not tuned else 293,
        "reply_tokens": 0 if not tuned else 48_000 if arm == "local" else 150_000,
        "overlap": 0.62 if arm == "local" else 0.11 if tuned else 0.0,
    }
    row |= recipe | more
    score = round(score * row["n"]) / row["n"]
    row |= {"exact_match": score, "lower": round(score - 0.023, 4), "upper": round(score + 0.024, 4)}
    row |= {"malformed": 0.02, "verbose": 0.05 if tuned else 0.01, "wrong": round(0.93 - score, 4)}
    identity = "-".join(str(row[key]) for key in ("arm", "size", "pairs", "tokens"))
    group = row["stratum"] if row["benchmark"] == "exams" else "all"
    eval_id = f"{row['benchmark']}-{identity}-{row['shots']}-{row['scoring']}-{group}"
    return row | {"run_id": f"tuned-{identity}", "eval_id": eval_id}


def local_vs_broad(made: dict[str, Any]) -> pd.DataFrame:
    """Rows of the local-versus-broad page: arms, strata, ways of asking, amounts, controls."""
    imitation, rows = made["imitation"], []
    pairs, tokens = {"pairs": imitation["headline_pairs"]}, {"tokens": imitation["headline_tokens"]}
    for size, (base, broad, local) in list(SCORES.items())[1:]:
        for shots, scoring, factor in WAYS:
            way = {"shots": shots, "scoring": scoring}
            for arm, score, amount in (("base", base, {}), ("broad", broad, tokens), ("local", local, pairs)):
                rows.append(_row(made, arm, size, score * factor, **way, **amount))
        for arm, score in CONTROL_SCORES.items():
            rows.append(_row(made, arm, size, score, **(pairs if arm == "gold" else tokens)))
        for index, amount in enumerate(imitation["pairs"][:-1], 1):
            rows.append(_row(made, "local", size, base + 0.01 * index, pairs=amount, reply_tokens=amount * 8))
        for index, amount in enumerate(imitation["tokens"][:-1], 1):
            rows.append(_row(made, "broad", size, base - 0.01 * index, tokens=amount, reply_tokens=amount))
    rows.append(_row(made, "teacher", None, TEACHER))
    return pd.DataFrame(rows, columns=COLUMNS)


def items_of(table: pd.DataFrame) -> pd.DataFrame:
    """Items behind every evaluation of `table`: as many right as it says, three in eight facts in local data."""
    parts = []
    for row in table[(table["stratum"] == "all") | (table["benchmark"] == "exams")].itertuples():
        order = random.Random(row.eval_id).sample(range(ITEMS), ITEMS)
        right = set(order[: round(row.exact_match * ITEMS)])
        covered = [number % 8 < 3 and row.arm == "local" for number in range(ITEMS)]
        unseen = [not seen for seen in covered]
        parts.append(pd.DataFrame({
            "eval_id": row.eval_id,
            "item": [f"q{number}" for number in range(ITEMS)],
            "entity": [f"e{number // 2}" for number in range(ITEMS)],
            "entity_unseen": unseen,
            "fact_unseen": unseen,
            "covered": covered,
            "held_out": [number % 2 == 1 for number in range(ITEMS)],
            "correct": [int(number in right) for number in range(ITEMS)],
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def bases_and_teacher(made: dict[str, Any]) -> pd.DataFrame:
    """Rows of base LMs and teacher: shots, strata, popularity quartiles, exams and code."""
    models = [("base", one["stands_for"], SCORES[one["stands_for"]][0]) for one in made["base_sizes"]]
    strata = {"popular": 0.06, "held_out": -0.04}
    strata |= {f"popularity_{quarter}": (quarter - 3) / 50 for quarter in (1, 2, 3, 4)}
    rows = [
        _row(made, arm, size, score + shift, benchmark=benchmark, scoring=scoring, chance=chance, stratum=group,
             shots=5 if benchmark == "exams" else 0)
        for benchmark, scorings in SKILLS.items() for scoring, chance, scores in scorings
        for (arm, size, _), score in zip([*models, ("teacher", None, TEACHER)], scores, strict=True)
        for group, shift in EXAM_GROUPS.items() if benchmark == "exams" or group == "all"
    ]  # fmt: skip
    for arm, size, score in [*models, ("teacher", None, TEACHER)]:
        rows += [_row(made, arm, size, score), _row(made, arm, size, score * 0.7, shots=0)]
        rows += [_row(made, arm, size, score + shift, stratum=stratum, n=500) for stratum, shift in strata.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def pooled(table: pd.DataFrame) -> pd.DataFrame:
    """A summary as the study writes it, of a table with one seed each."""
    summary = table.drop(columns=["base_seed", "imitation_seed", "run_id", "eval_id", "source"])
    return summary.assign(
        base_seeds=1,
        imitation_seeds=1,
        interval="items",
        fresh=summary["exact_match"].where(summary["arm"] != "local", 0.2),
    )


def curves(made: dict[str, Any]) -> pd.DataFrame:
    """Loss curves that fall, each lower than the one of the smaller model."""
    rows = []
    for index, (model, size) in enumerate([*((f"base-{n}", s) for n, s in LARGE), ("teacher", None)]):
        tokens = [20_000 * 2**step for step in range(9)]
        rows += [
            {"scale": made["name"], "model": model, "size": size, "base_seed": 0, "tokens": amount, "source": "fresh",
             "loss": round(2.2 - 0.15 * index + 3.5 * (20_000 / amount) ** 0.4, 3), "run_id": f"base-{index}"}
            for amount in tokens
        ]  # fmt: skip
    return pd.DataFrame(rows)


def specification_curve() -> pd.DataFrame:
    """Claims 4 to 7 under three rates and every scoring of their questions: effects that rise with the rate."""
    rows = []
    measures = ["nq_3shot", *registration().measures["nq_3shot"]["alternatives"]]
    for claim in registration().claims[3:7]:
        for part in (one for one in claim["parts"] if one["role"] == "decides" and one["measure"] == "nq_3shot"):
            for step, rate in enumerate((None, 1e-4, 1e-3)):
                for place, measure in enumerate(measures):
                    effect = round(part["expected"] * (1 - 0.3 * place) + 0.013 * step + len(part["name"]) / 1e3, 4)
                    how = [rate, "constant", "clean", "full", measure, rate or 3e-4]
                    rows.append([claim["id"], part["name"], part["direction"], *how, effect, effect - 0.02,
                                 effect + 0.021, 612, 1])  # fmt: skip
    return pd.DataFrame(rows, columns=SPECIFICATION)


def write_optional(folder: Path, made: dict[str, Any]) -> None:
    """The files that not every scale has."""
    write_table(folder / "knowledge.csv", knowledge(made))
    write_table(folder / "teacher_errors.csv", teacher_errors(made))
    write_table(folder / "preconditions.csv", preconditions())
    write_table(folder / "specification_curve.csv", specification_curve())
    for page in ("bases_and_teacher", "local_vs_broad"):
        write_table(folder / f"{page}_agreement.csv", agreement(page))


def write_results(
    root: Path, scale: str = "smoke", *, outcome: str = "holds", broad: str = "holds", hostile: bool = False
) -> Path:
    """Write a complete set of result files under `root / scale`; returns that folder."""
    made, folder = settings(scale), root / scale
    pages = ("scale_model", "bases_and_teacher", "diversity", "local_vs_broad")
    state = {
        "state": "stand-ins only" if made["stand_ins"] else "measured",
        "date": "2026-11-22",
        "commit": "0a1b2c3d4e",
        "minutes": 3.4,
        "warnings": [],
    }
    table = local_vs_broad(made)
    write_table(folder / "local_vs_broad.csv", table)
    write_items(folder / "local_vs_broad_items.csv.gz", items_of(table))
    write_table(folder / "local_vs_broad_summary.csv", pooled(table))
    bases = bases_and_teacher(made)
    write_table(folder / "bases_and_teacher.csv", bases)
    write_items(folder / "bases_and_teacher_items.csv.gz", items_of(bases))
    write_table(folder / "curves.csv", curves(made))
    write_optional(folder, made)
    write_texts(folder, made, outcome, broad, hostile)
    write_json(folder / "runs.json", {page: run_cards(made) for page in pages})
    write_json(folder / "status.json", dict.fromkeys(pages, state))
    write_text(folder / "schema_version", f"{SCHEMA_VERSION}\n")
    return folder


def write_texts(folder: Path, made: dict[str, Any], outcome: str, broad: str, hostile: bool) -> None:
    """The files that the options of `write_results` change."""
    write_json(folder / "scale.json", made)
    write_json(folder / "verdicts.json", verdicts(outcome, broad))
    write_json(folder / "samples.json", {"local_vs_broad": samples(hostile), "bases_and_teacher": samples(hostile)})
    write_json(folder / "world.json", world(made, hostile))


@lru_cache
def results(
    scale: str = "thousandth", *, outcome: str = "holds", broad: str = "holds", hostile: bool = False
) -> Results:
    """Results of a made-up set of files, written once per test run; variants share the tables."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    place = Path(folder.name)
    if (outcome, broad, hostile) == ("holds", "holds", False):
        write_results(place, scale)
    else:
        shutil.copytree(results(scale).folder, place / scale)
        write_texts(place / scale, settings(scale), outcome, broad, hostile)
    return load_results(scale, place)


if __name__ == "__main__":
    print(write_results(Path(sys.argv[1]), sys.argv[2]))
