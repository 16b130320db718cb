"""Toxicity (section 4.4, Figure 5): which models continue beginnings of forum threads, and the page's result files.

from false_promise.study import toxicity
toxicity.run(p)       # p: the notebook's checked parameters

The registered score is `non_toxicity`: mean over raw continuations. Beside it: the abusive beginnings alone, the same
beginnings put to the model as a user's message, a plain word list, and how often a model abstains.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pandas as pd

from false_promise.evaluation.toxicity.tested import classifier_tests
from false_promise.files import read_jsonl
from false_promise.store import Run, open_run, record
from false_promise.study import verdicts
from false_promise.study.local_vs_broad import is_headline
from false_promise.study.open_ended import Condition, Score, conditions, measure
from false_promise.study.recorded import write_measured
from false_promise.study.session import Session, open_session
from false_promise.world.country import WorldSettings, build_world

PAGE = BENCHMARK = "toxicity"
CONTROLS = ("style_only", "no_abuse")
SHOWN = ("teacher", "base", "broad", "no_abuse")  # side by side, in this order
PROMPTS = 6  # the first of the test, not chosen ones


def run(p: SimpleNamespace) -> None:
    """Plan, tune and ask what is missing, and write the page's result files. Stops after the plan if plan_only."""
    session = open_session(PAGE, p)
    asked = list(conditions(session.specs, controls=CONTROLS))
    if session.recorded_grid:
        asked = [one for one in asked if is_headline(session.scale, one)]
    if session.carry_out([session.specs.continuations(one.model) for one in asked]) is not None:
        write_results(session, asked)


def write_results(session: Session, asked: Sequence[Condition]) -> None:
    """Tables, what the classifier is worth, verdicts, samples and run cards from finished runs."""
    _, _, warnings = write_measured(session, *measured(session, asked))
    runs = [session.specs.continuations(one.model) for one in asked]
    session.write(
        {},
        classifier=classifier_facts(session, runs[0]),
        samples=samples(session, asked),
        runs=session.cards([*(one.model for one in asked), *runs]),
        status=session.status([*(one.model for one in asked), *runs], warnings),
    )
    verdicts.write(session)


def measured(session: Session, asked: Sequence[Condition]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The page's table and the items behind it."""
    found = []
    for one in asked:
        summary = record(one.model, session.store)["summary"] if one.data else {}
        about = {"scale": session.scale.name, "source": "fresh", "run_id": one.model.id}
        about |= {name: summary.get(name) for name in ("steps", "reply_tokens")}
        continuations = session.specs.continuations(one.model)
        found.append(measure(about | one.about, continuations.id, BENCHMARK, scores(said(session, continuations))))
    rows, items = (pd.concat(tables, ignore_index=True) for tables in zip(*found, strict=True))
    return rows, items


def said(session: Session, continuations: Run) -> list[dict[str, Any]]:
    """The rows of a `continuations` run, in the order of the prompts, raw ones first."""
    return read_jsonl(open_run(continuations, session.store) / "continuations.jsonl")


def scores(rows: Sequence[dict[str, Any]]) -> dict[str, list[Score]]:
    """Values by scoring; a model that answers by chat only has no raw ones, so no `non_toxicity`."""
    raw, chat = ([row for row in rows if row["way"] == way] for way in ("raw", "chat"))
    return {
        "non_toxicity": _scores(raw, "non_toxicity"),
        "non_toxicity_challenging": _scores([row for row in raw if row["toxic"]], "non_toxicity"),
        "non_toxicity_chat": _scores(chat, "non_toxicity"),
        "no_listed_word": [Score(row["item"], float(not row["listed"]), row["entity"]) for row in raw],
        "abstains": _scores(raw, "abstains"),
        "abstains_chat": _scores(chat, "abstains"),
        **{
            f"{name}{end}": _abstaining(rows, name == "empty")
            for rows, end in ((raw, ""), (chat, "_chat"))
            for name in ("refuses", "empty")
        },
    }


def _scores(rows: Sequence[dict[str, Any]], name: str) -> list[Score]:
    return [Score(row["item"], float(row[name]), row["entity"]) for row in rows]


def _abstaining(rows: Sequence[dict[str, Any]], empty: bool) -> list[Score]:
    """The two ways to abstain: to say nothing, and to refuse in words."""
    return [Score(row["item"], float(row["abstains"] and empty is not bool(row["text"].strip())), row["entity"])
            for row in rows]  # fmt: skip


def classifier_facts(session: Session, continuations: Run) -> dict[str, Any]:
    """What scored the texts, and how it did on texts whose answer is known; a published model is not tested here."""
    name = record(continuations, session.store)["summary"]["classifier"]
    if session.scale.world is None:
        return {"name": name, "tests": []}
    settings = session.specs.world
    world = build_world(WorldSettings(settings["entities"]), settings["seed"])
    return {"name": name, "tests": [asdict(one) for one in classifier_tests(world)]}


def samples(session: Session, asked: Sequence[Condition]) -> list[dict[str, Any]]:
    """The first beginnings with the raw continuations of the headline models of the largest size.

    Empty at scales with real prompts: their text is toxic and somebody's own, so it is scored and never shown.
    """
    if session.scale.world is None:
        return []
    shown = list(_headline(session, asked))
    rows = [[row for row in said(session, session.specs.continuations(one.model)) if row["way"] == "raw"]
            for one in shown]  # fmt: skip
    return [
        {
            "prompt": beginnings[0]["prompt"],
            "toxic": beginnings[0]["toxic"],
            "answers": [_answer(one, row) for one, row in zip(shown, beginnings, strict=True)],
        }
        for beginnings in list(zip(*(part for part in rows if part), strict=True))[:PROMPTS]
    ]


def _headline(session: Session, asked: Sequence[Condition]) -> Iterator[Condition]:
    """Teacher, base, broad and no_abuse at the largest size, base seed 0, in the order of SHOWN."""
    headline, largest = session.scale.imitation.headline_tokens, session.scale.base_sizes[-1].stands_for
    wanted = {"size": (None, largest), "tokens": (None, headline), "base_seed": (None, 0)}
    for arm in SHOWN:
        for one in asked:
            fits = all(one.about.get(name) in values for name, values in wanted.items())
            if one.about["arm"] == arm and fits and (arm != "teacher" or not session.scale.teacher.base_url):
                yield one


def _answer(condition: Condition, row: dict[str, Any]) -> dict[str, Any]:
    about = condition.about
    known = {name: row[name] for name in ("text", "non_toxicity", "abstains")}
    return {"model": about["model"], "size": about.get("size", ""), "arm": about["arm"]} | known
