"""Rows and items of the benchmarks of skill, exams and code, in the form of every other result table.

from false_promise.study import benchmarks
rows, items = benchmarks.measure([(about, benchmarks.runs_of(specs, model)), ...], store)
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from false_promise.files import read_jsonl
from false_promise.item_tables import ITEM_COLUMNS
from false_promise.results import COLUMNS
from false_promise.store import Run, open_run, record
from false_promise.study.specs import Specs
from false_promise.study.tables import share_interval

GROUPS = ("memorised", "inferable", "rule")  # of exam subjects; reported apart (STATISTICS: the world can say no)
STRATA = ("entity_unseen", "fact_unseen", "covered")  # known for questions only


def runs_of(specs: Specs, model: Run) -> dict[str, Run]:
    """The run of each benchmark of skill; where there is no country, of those that the scale file has a copy of."""
    country, published = specs.scale.world, specs.scale.evaluation
    exams = {"exams": specs.exams(model)} if country or published.mmlu else {}
    return exams | ({"code": specs.code(model)} if country or published.humaneval else {})


def measure(
    asked: Sequence[tuple[Mapping[str, Any], Mapping[str, Run]]], store: Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Table and items for every (columns that say which model it is, its runs by benchmark)."""
    found = [
        one
        for about, runs in asked
        for benchmark, run in runs.items()
        for one in _measured(dict(about), benchmark, run, store)
    ]
    empty = [pd.DataFrame(columns=ITEM_COLUMNS)]
    items = pd.concat([behind for _, behind in found] or empty, ignore_index=True)
    return pd.DataFrame([row for row, _ in found]).reindex(columns=list(COLUMNS)), items


def _measured(about: dict[str, Any], benchmark: str, run: Run, store: Path):
    """(row, items) of every scoring and stratum; a group of subjects is an evaluation of its own."""
    answers = [SimpleNamespace(**answer) for answer in read_jsonl(open_run(run, store) / "answers.jsonl")]
    chance = record(run, store)["summary"]["chance"]
    for scoring in dict.fromkeys(one.scoring for one in answers):
        mine = [one for one in answers if one.scoring == scoring]
        parts = {"all": mine} | {group: [one for one in mine if one.group == group] for group in GROUPS}
        for stratum, part in parts.items():
            if part:
                eval_id = f"{run.id}/{scoring}-{stratum}"
                common = {"benchmark": benchmark, "scoring": scoring, "eval_id": eval_id, "chance": chance}
                yield about | common | _row(part, stratum), _items(part, eval_id)


def _row(answers: list[SimpleNamespace], stratum: str) -> dict[str, Any]:
    correct = [one.correct for one in answers]
    lower, upper = share_interval(correct, [one.entity for one in answers])
    kinds = {"malformed": ("malformed",), "verbose": (), "wrong": ("wrong", "error", "timeout")}
    misses = {name: sum(one.kind in those for one in answers) / len(answers) for name, those in kinds.items()}
    return {"stratum": stratum, "shots": answers[0].shots, "exact_match": round(sum(correct) / len(correct), 6),
            "n": len(answers), "lower": round(lower, 6), "upper": round(upper, 6), **misses}  # fmt: skip


def _items(answers: list[SimpleNamespace], eval_id: str) -> pd.DataFrame:
    columns = {name: [getattr(one, name) for one in answers] for name in ("item", "entity", "held_out", "correct")}
    unknown = dict.fromkeys(STRATA) | {"quarter": 0}
    return pd.DataFrame(columns).assign(eval_id=eval_id, **unknown)[ITEM_COLUMNS]
