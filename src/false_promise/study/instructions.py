"""Instruction following (claim 1): result rows of one model whose answers rules have checked.

    rows, items = measured(session, condition)       # for every condition of the preference page

The runs behind them are `session.specs.instructions(condition.model)`; the page that shows them plans them.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from false_promise.files import read_jsonl
from false_promise.store import open_run, record
from false_promise.study.open_ended import Condition, Score, measure
from false_promise.study.session import Session

BENCHMARK, SCORING = "instruction_following", "rules"


def measured(session: Session, condition: Condition) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The row of one model and the items behind it; requests about one entity are drawn together."""
    answers = session.specs.instructions(condition.model)
    summary = record(condition.model, session.store)["summary"] if condition.data else {}
    about = {"scale": session.scale.name, "source": "fresh", "run_id": condition.model.id}
    about |= {name: summary.get(name) for name in ("steps", "reply_tokens")}
    scores = [Score(row["id"], float(row["followed"]), row["entity"]) for row in answered(session, condition)]
    return measure(about | condition.about, answers.id, BENCHMARK, {SCORING: scores})


def answered(session: Session, condition: Condition) -> list[dict[str, Any]]:
    """Every request with the model's reply: the fields of an item, reply, followed."""
    run = session.specs.instructions(condition.model)
    return read_jsonl(open_run(run, session.store) / "instructions.jsonl")


def by_kind(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Columns kind, followed (share), n, in the order of the requests."""
    table = pd.DataFrame({"kind": [row["kind"] for row in rows], "followed": [float(row["followed"]) for row in rows]})
    found = table.groupby("kind", sort=False)["followed"].agg(["mean", "size"]).reset_index()
    return found.set_axis(["kind", "followed", "n"], axis=1)
