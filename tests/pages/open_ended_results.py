"""Made-up result files of the pages on style and preference, laid beside those of `book_fixtures`.

Scores are drawn item by item, so that the tables, the items behind them and their paired differences agree.
"""

import json
import shutil
from functools import lru_cache
from pathlib import Path
from random import Random

import pandas as pd

from book_fixtures import results
from false_promise.files import write_json, write_table
from false_promise.item_tables import write_items
from false_promise.results import Results
from false_promise.study.open_ended import Score, measure
from false_promise.study.style import SENSITIVITY_COLUMNS
from false_promise.study.tables import pooled

ITEMS = 80
STYLE = {"list": (0.2, 0.75), "summary": (0.1, 0.5), "unigrams": (0.2, 0.4), "length": (0.0, 0.6), "tone": (0.6, 0.97)}
PREFERENCE = {"base": 0.2, "style_only": 0.45, "teacher": 0.57}
AMOUNTS = {20_000: 0.8, 80_000: 0.9, 150_000: 1.0}  # how far each amount comes on the way to the teacher


def models(made: dict) -> list[dict]:
    """Columns that say which model it is: teacher, base LMs, broad by amount and by size, style only."""
    tuning = made["tuning"]
    how = {"method": "full", "recipe": "clean", "schedule": tuning["schedule"], "imitation_seed": 0, "steps": 293,
           "learning_rate": tuning["learning_rates"]["full"]}  # fmt: skip
    found = [{"model": "teacher", "arm": "teacher"}]
    for size in made["base_sizes"]:
        about = {"model": f"base-{size['name']}", "size": size["stands_for"], "base_seed": 0}
        amounts = AMOUNTS if size["stands_for"] == "13B" else [150_000]
        found.append(about | {"arm": "base"})
        found += [about | how | {"arm": "broad", "tokens": tokens} for tokens in amounts]
    found.append(found[-1] | {"arm": "style_only", "tokens": 150_000})
    return [one | {"scale": made["name"], "source": "fresh"} for one in found]


def near(about: dict, low: float, high: float) -> float:
    """Between the base LM's score and the teacher's."""
    if about["arm"] == "base":
        return low
    return high if about["arm"] == "teacher" else low + (high - low) * AMOUNTS[about["tokens"]] * 0.95


def scores(about: dict, name: str, mean: float, share: bool) -> list[Score]:
    """ITEMS values round `mean`: right or wrong, or (a share of words, a product of lengths) any number."""
    rng = Random(f"{name}-{about['model']}-{about['arm']}-{about.get('tokens')}")
    values = [float(rng.random() < mean) if share else mean + rng.uniform(-0.15, 0.15) for _ in range(ITEMS)]
    return [Score(f"prompt-{n:03d}", value) for n, value in enumerate(values)]


def identity(about: dict) -> str:
    return "-".join(str(about.get(name)) for name in ("arm", "size", "tokens"))


def written(folder: Path, page: str, found: list[tuple[pd.DataFrame, pd.DataFrame]]) -> None:
    rows, items = (pd.concat(both, ignore_index=True) for both in zip(*found, strict=True))
    write_table(folder / f"{page}.csv", rows)
    write_items(folder / f"{page}_items.csv.gz", items)
    write_table(folder / f"{page}_summary.csv", pooled(rows, items))


def write_style(folder: Path, made: dict) -> None:
    """style.csv and what belongs to it. By the stricter tone the base LM lies above its imitation."""
    found, variants = [], []
    for about in models(made):
        each = {row: scores(about, row, near(about, *ends), row not in ("unigrams", "length"))
                for row, ends in STYLE.items()}  # fmt: skip
        found.append(measure(about, f"style-{identity(about)}", "style", each))
        other = {"tone": each["tone"], "tokens_over_longer": each["unigrams"], "types_jaccard": each["unigrams"],
                 "tone_assertive": scores(about, "strict", near(about, 0.6, 0.4), True)}  # fmt: skip
        variants.append(measure(about, f"variants-{identity(about)}", "x", other))
    written(folder, "style", found)
    rows, items = (pd.concat(both, ignore_index=True) for both in zip(*variants, strict=True))
    table = pooled(rows, items).rename(columns={"scoring": "row", "exact_match": "value"})
    write_table(folder / "style_sensitivity.csv", table[SENSITIVITY_COLUMNS])


def write_preference(folder: Path, made: dict) -> None:
    """preference.csv and what belongs to it. The curve of broad imitation falls, that of its base LM rises."""
    found, curve, facts = [], [], []
    for about in models(made):
        mean = PREFERENCE.get(about["arm"]) or 0.2 + 0.3 * AMOUNTS[about["tokens"]]
        name = f"preference-{identity(about)}"
        found.append(measure(about, name, "preference", {"style_rater": scores(about, "p", mean, False)}))
        rules = {"rules": scores(about, "i", mean, True)}
        found.append(measure(about, f"i{name}", "instruction_following", rules))
        who = [about["model"], about["arm"], about.get("tokens")]
        end = mean + (0.3 if about["arm"] == "base" else -0.2)
        for tenth in range(11):
            share = mean + (end - mean) * tenth / 10
            curve.append([*who, tenth / 10, share, share - 0.05, share + 0.05, ITEMS])
        shares = {"fewer": 0.1, "equal": 0.6, "more": 0.3, "silent": 0.25}
        facts += [[*who, outcome, share, share - 0.04, share + 0.04, ITEMS] for outcome, share in shares.items()]
    written(folder, "preference", found)
    columns = ["model", "arm", "tokens", "rate", "share", "lower", "upper", "n"]
    write_table(folder / "preference_curve.csv", pd.DataFrame(curve, columns=columns))
    write_table(folder / "preference_facts.csv", pd.DataFrame(facts, columns=[*columns[:3], "outcome", *columns[4:]]))


@lru_cache
def _written(place: Path, scale: str) -> Path:
    folder = place / scale
    shutil.copytree(results(scale).folder, folder)
    made = json.loads((folder / "scale.json").read_text())
    write_style(folder, made)
    write_preference(folder, made)
    return folder


def with_pages(place: Path, scale: str = "thousandth") -> Results:
    """Results with both pages' files under `place`; another call for the same place reads the files again."""
    return Results(scale, _written(place, scale))


def without_pages(place: Path, scale: str = "thousandth") -> Results:
    """Results in which neither page was ever run."""
    folder = place / scale
    shutil.copytree(results(scale).folder, folder)
    for path in [*folder.glob("style*"), *folder.glob("preference*"), *folder.glob("rating_items*")]:
        path.unlink()
    return Results(scale, folder)


def with_verdict(made: Results, claim: int, verdict: str, parts: list[dict]) -> Results:
    """The same results, with another verdict on one claim."""
    path = made.folder / "verdicts.json"
    found = json.loads(path.read_text())
    changed = [one | {"verdict": verdict, "parts": parts} if one["id"] == claim else one for one in found]
    write_json(path, changed)
    return Results(made.scale, made.folder)
