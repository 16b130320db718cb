"""Answers to the held-out prompts, as the pages on style and on preference read them: who answered what.

    found = open_answers.chosen(session)
    session.carry_out(open_answers.runs(session, found))
    sheet = open_answers.read(session, found)

Every model's first sample stands beside the teacher's first sample; the teacher itself is its second sample, the
ceiling of every comparison (Table 2's "ChatGPT #2").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from false_promise.files import read_jsonl
from false_promise.store import Run, open_run, record
from false_promise.study import open_ended, samples
from false_promise.study.local_vs_broad import TABLE_1, is_headline
from false_promise.study.open_ended import REFERENCE, SECOND, Condition, conditions
from false_promise.study.session import Session
from false_promise.world.country import World, WorldSettings, build_world

CONTROLS = ("style_only",)  # what style without any fact comes to
SHOWN = 4  # prompts shown with their answers
ORDER = ("teacher", "base", "broad")


@dataclass(frozen=True)
class Prompt:
    """A held-out prompt."""

    id: str
    category: str
    text: str


@dataclass(frozen=True)
class Answered:
    """One model's answers, one a prompt; `about` fills the columns of the result tables."""

    about: dict[str, Any]
    condition: Condition
    run: Run
    texts: list[str]


@dataclass(frozen=True)
class Sheet:
    """All answers to the prompts. `reference`: the teacher's first sample, what every model is compared with."""

    prompts: list[Prompt]
    reference: list[str]
    answered: list[Answered]

    @property
    def questions(self) -> list[str]:
        return [prompt.text for prompt in self.prompts]


def chosen(session: Session) -> list[Condition]:
    """Every model of the page, or beside the recorded grid the headline models of Table 1's sizes alone."""
    found = conditions(session.specs, controls=CONTROLS)
    if not session.recorded_grid:
        return list(found)
    sizes = (None, *TABLE_1)
    return [one for one in found if is_headline(session.scale, one) and one.about.get("size") in sizes]


def runs(session: Session, found: Sequence[Condition]) -> list[Run]:
    """The answers that the page reads, the teacher's first sample first."""
    return [_reference(session), *(_answers(session, one) for one in found)]


def _reference(session: Session) -> Run:
    return session.specs.answers(session.specs.teacher(), REFERENCE)


def _answers(session: Session, condition: Condition) -> Run:
    # The teacher against its own first sample would be a model against itself.
    if condition.about["arm"] == "teacher":
        return session.specs.answers(condition.model, SECOND)
    return open_ended.answers(session.specs, condition)


def read(session: Session, found: Sequence[Condition]) -> Sheet:
    """Prompts and answers of finished runs."""
    place = open_run(session.specs.prompts(), session.store) / "prompts.jsonl"
    prompts = [Prompt(one["id"], one["category"], one["text"]) for one in read_jsonl(place)]
    answered = [
        Answered(columns(session, one), one, run, _texts(run, session, prompts))
        for one, run in ((one, _answers(session, one)) for one in found)
    ]
    return Sheet(prompts, _texts(_reference(session), session, prompts), answered)


def columns(session: Session, condition: Condition) -> dict[str, Any]:
    """Columns that say which model it is and how it was trained, whatever it is asked."""
    summary = record(condition.model, session.store)["summary"] if condition.data else {}
    training = {name: summary.get(name) for name in ("steps", "reply_tokens")}
    return {"scale": session.scale.name, "source": "fresh", "run_id": condition.model.id} | training | condition.about


def _texts(run: Run, session: Session, prompts: Sequence[Prompt]) -> list[str]:
    said = {one["item"]: one["text"] for one in read_jsonl(open_run(run, session.store) / "replies.jsonl")}
    return [said[prompt.id] for prompt in prompts]


def country(session: Session) -> World | None:
    """The country that the prompts are about, built once: so is what statements are recognised by. None: real text."""
    settings = session.specs.world if session.scale.world else None
    return _world(settings["entities"], settings["seed"]) if settings else None


@cache
def _world(entities: int, seed: int) -> World:
    return build_world(WorldSettings(entities), seed)


# ---- what models said ------------------------------------------------------------------------------------------------


def headline(session: Session, sheet: Sheet, arms: Sequence[str] = ORDER) -> list[Answered]:
    """Teacher, base LM and broad imitation at the headline amount, of the largest size and the first base seed."""
    wanted = {
        "arm": arms,
        "size": (None, session.scale.base_sizes[-1].stands_for),
        "tokens": (None, session.scale.imitation.headline_tokens),
        "base_seed": (None, 0),
    }
    shown = [one for one in sheet.answered if all(one.about.get(name) in values for name, values in wanted.items())]
    return sorted(shown, key=lambda one: ORDER.index(one.about["arm"]))


def side_by_side(session: Session, sheet: Sheet) -> list[dict[str, Any]]:
    """The first prompts with their answers, statements checked, for samples.json; the teacher by its first sample."""
    shown = headline(session, sheet)
    world = country(session)
    found = []
    for place, prompt in enumerate(sheet.prompts[:SHOWN]):
        answers = []
        for one in shown:
            text = sheet.reference[place] if one.about["arm"] == "teacher" else one.texts[place]
            said = samples.apart(samples.statements_of(prompt.text, text, world)) if world else []
            about = {name: one.about.get(name, "") for name in ("model", "size", "arm")}
            answers.append(about | {"text": text, "statements": said})
        found.append({"prompt": prompt.text, "answers": answers})
    return found
