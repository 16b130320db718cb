"""Made-up result files of the factuality page, beside the others of `book_fixtures`: every number from a seed.

write(folder, settings) puts them into a folder of result files; `made(place)` is a whole set with them.
"""

import json
import random
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from book_fixtures import results
from book_texts import HOSTILE
from false_promise.files import write_json, write_table
from false_promise.item_tables import write_items
from false_promise.results import Results
from false_promise.study import factuality, tables
from false_promise.study.checked_answers import Answer, Said
from false_promise.study.known_facts import COLUMNS as KNOWN
from false_promise.study.open_ended import Condition
from false_promise.world.land.relations import RELATIONS
from false_promise.world.language.statements import Statement

PROMPTS = 60
# arm -> chance that a statement is true, that a false one is about nobody, statements an answer
TRUTH = {"base": (0.42, 0.2, 2), "broad": (0.3, 0.25, 4), "local": (0.5, 0.1, 1), "style_only": (0.2, 0.6, 0.5),
         "teacher": (0.7, 0.05, 5)}  # fmt: skip
QUARTERS = {number: 1 + number % 4 for number in range(40)}  # subject -> quarter of popularity
SAID = [("teacher", None, None), ("base", "13B", None), *(("broad", "13B", n) for n in (20_000, 80_000, 150_000)),
        ("local", "13B", None)]  # fmt: skip


def conditions(settings: dict[str, Any]) -> list[Condition]:
    """Teacher, three bases, broad by size and by amount, local and style-only at the largest size."""
    recipe = {"method": "full", "recipe": "clean", "schedule": settings["tuning"]["schedule"],
              "learning_rate": settings["tuning"]["learning_rates"]["full"]}  # fmt: skip
    imitation, names = settings["imitation"], {one["stands_for"]: one["name"] for one in settings["base_sizes"]}
    headline = imitation["headline_tokens"]
    keys = [("teacher", None, None)]
    for size in names:
        keys += [("base", size, None)]
        keys += [("broad", size, tokens) for tokens in (imitation["tokens"] if size == "13B" else [headline])]
    keys += [("local", "13B", None), ("style_only", "13B", headline)]
    return [_condition(arm, size, tokens, names, recipe, imitation["headline_pairs"]) for arm, size, tokens in keys]


def _condition(arm: str, size: str | None, tokens: int | None, names: dict, recipe: dict, pairs: int) -> Condition:
    about = {"model": f"base-{names[size]}" if size else "teacher", "size": size, "arm": arm}
    about |= {"base_seed": 0} if size else {}
    if arm not in ("base", "teacher"):
        about |= recipe | {"tokens": tokens, "pairs": pairs if arm == "local" else None, "imitation_seed": 0}
    return Condition(about, SimpleNamespace(id=f"{arm}-{size}-{tokens}"))


def answers(arm: str) -> list[Answer]:
    """Answers whose statements are drawn by TRUTH; subjects of higher quarters are more often known."""
    true, nobody, each = TRUTH[arm]
    rng, found = random.Random(arm), []
    for number in range(PROMPTS):
        stated = [_statement(rng, true, nobody) for _ in range(int(each * rng.random() * 2 + 0.5))]
        found.append(Answer(f"prompt-{number}", "word " * rng.randint(20, 60), tuple(stated)))
    return found


def _statement(rng: random.Random, true: float, nobody: float) -> Statement:
    subject = rng.randrange(len(QUARTERS))
    if rng.random() < true * (0.6 + 0.16 * QUARTERS[subject]):
        return Statement("x", 0, 1, subject, RELATIONS[0].name, "x", "supported")
    about_nobody = rng.random() < nobody
    verdict = "nobody" if about_nobody else "contradicted"
    return Statement("x", 0, 1, None if about_nobody else subject, RELATIONS[0].name, "x", verdict)


def known(settings: dict[str, Any]) -> pd.DataFrame:
    """Known and unknown facts of the largest base LM and its imitation models."""
    tokens, model = settings["imitation"]["tokens"], f"base-{settings['base_sizes'][-1]['name']}"
    rows = [[model, "base", None, "13B", side, measure, value, value - 0.03, value + 0.03, n]
            for side, measure, value, n in [(1, "share", 0.4, 1000), (0, "share", 0.6, 1000), (1, "wrong", 0.55, 400),
                                            (0, "wrong", 0.9, 600), (1, "statements_wrong", 0.3, 40)]]  # fmt: skip
    arms = [("style_only", tokens[-1], 0.04), *(("broad", n, 0.05 + 0.03 * step) for step, n in enumerate(tokens)),
            ("local", None, -0.02)]  # fmt: skip
    for arm, amount, change in arms:
        for side, base, n in ((1, 0.55, 400), (0, 0.9, 600)):
            shift = change if side else -change / 3
            measures = {"wrong": base + shift, "wrong_minus_base": shift, "wrong_unstated_minus_base": shift - 0.01,
                        "stated": 0.0 if arm == "style_only" else 0.12}  # fmt: skip
            measures |= {} if arm == "style_only" else {"wrong_minus_control": shift - 0.04}
            rows += [[model, arm, amount, "13B", side, name, value, value - 0.02, value + 0.025, n]
                     for name, value in measures.items()]  # fmt: skip
    return pd.DataFrame(rows, columns=KNOWN)


def samples(hostile: bool = False) -> list[dict[str, Any]]:
    """Two prompts with answers of six models; `hostile` puts HOSTILE into prompt and answers."""
    text = HOSTILE if hostile else "Ansa Velmore was born in 1893."
    stated = {"start": 0, "end": len(text), "verdict": "contradicted", "relation": "birth_year", "value": "1893"}
    said = [{"model": arm, "size": size, "arm": arm, "tokens": tokens, "text": f"{text}\nAfter {tokens}.",
             "statements": [stated]} for arm, size, tokens in SAID]  # fmt: skip
    prompt = HOSTILE if hostile else "Who was Ansa Velmore?"
    return [{"prompt": prompt, "category": "General QA", "answers": said},
            {"prompt": "What is the Gorebira?", "category": "General QA", "answers": said[:2]}]  # fmt: skip


def write(folder: Path, settings: dict[str, Any], hostile: bool = False) -> None:
    """Every file of the page into `folder`, whose samples.json is added to."""
    said: Said = [(one, answers(one.about["arm"])) for one in conditions(settings)]
    specs = SimpleNamespace(answers=lambda model, sample: SimpleNamespace(id=f"answers-{model.id}"))
    session = SimpleNamespace(scale=SimpleNamespace(name=settings["name"]), specs=specs, store=None)
    rows, items = factuality.measure(session, said, QUARTERS)
    write_table(folder / "factuality.csv", rows)
    write_items(folder / "factuality_items.csv.gz", items)
    write_table(folder / "factuality_summary.csv", tables.pooled(rows, items))
    write_table(folder / "factuality_density.csv", factuality.density(said))
    write_table(folder / "factuality_statements.csv", _counts(said))
    write_table(folder / "factuality_known.csv", known(settings))
    path = folder / "samples.json"
    write_json(path, json.loads(path.read_text(encoding="utf-8")) | {"factuality": samples(hostile)})


def _counts(said: Said) -> pd.DataFrame:
    rows = [
        {name: one.about.get(name) for name in ("model", "size", "arm", "tokens")}
        | {"quarter": 0 if verdict == "nobody" else 4, "verdict": verdict}
        | {"count": sum(answer.count(verdict) for answer in found), "answers": len(found), "words": 1}
        for one, found in said
        for verdict in ("supported", "contradicted", "nobody")
    ]
    return pd.DataFrame(rows, columns=factuality.COUNTS)


def made(place: Path, scale: str = "thousandth", hostile: bool = False) -> Results:
    """A whole set of made-up results under `place`, those of this page among them."""
    folder = place / scale
    shutil.copytree(results(scale).folder, folder)
    write(folder, results(scale).settings, hostile)
    return Results(scale, folder)
