"""Answers to open-ended prompts with the statements in them, each checked with the country.

    said = answered(session, open_ended.conditions(session.specs))       # once every `answers` run is stored
    for about, answers in by_model(said): ..

What a statement is, and when it is supported, contradicted or about nobody: `world.language.statements`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from false_promise.files import read_jsonl
from false_promise.store import open_run
from false_promise.study import open_ended
from false_promise.study.knowledge import world_of
from false_promise.study.open_ended import Condition
from false_promise.study.samples import statements_of
from false_promise.study.session import Session
from false_promise.world.country import World
from false_promise.world.language.statements import Statement

# Categories of Table 5 whose answers are about something; a chat, a rewriting or an abuse has nothing to check.
ASKING = ("General QA", "Generation", "Brainstorming", "Summarization")
WRONG = ("contradicted", "nobody")
MODEL = ["model", "size", "arm", "tokens"]  # columns that say whose answers they are, base seeds put together


@dataclass(frozen=True)
class Answer:
    """One answer with the statements found in it."""

    prompt: str  # id
    text: str
    statements: tuple[Statement, ...]

    @property
    def words(self) -> int:
        return len(self.text.split())

    def count(self, *verdicts: str) -> int:
        return sum(one.verdict in verdicts for one in self.statements)


Said = list[tuple[Condition, list[Answer]]]


def asking(session: Session) -> list[dict[str, Any]]:
    """The held-out prompts that ask about something, in their order: id, category, text, nearest."""
    prompts = read_jsonl(open_run(session.specs.prompts(), session.store) / "prompts.jsonl")
    return [one for one in prompts if one["category"] in ASKING]


def answered(session: Session, asked: Sequence[Condition]) -> Said:
    """Every model's answers to the prompts that ask about something."""
    world, prompts = world_of(session), asking(session)

    @cache  # models repeat each other's short answers
    def stated(prompt: str, reply: str) -> tuple[Statement, ...]:
        return tuple(statements_of(prompt, reply, world))

    said = []
    for one in asked:
        replies = read_jsonl(open_run(open_ended.answers(session.specs, one), session.store) / "replies.jsonl")
        texts = {reply["item"]: reply["text"] for reply in replies}
        answers = [Answer(ask["id"], texts[ask["id"]], stated(ask["text"], texts[ask["id"]])) for ask in prompts]
        said.append((one, answers))
    return said


def popularity_quarters(world: World) -> dict[int, int]:
    """Entity -> quarter, 1 (rarest) to 4: entities by popularity, cut so that each quarter is asked about equally."""
    found, below = {}, 0.0
    for one in sorted(world.entities, key=lambda entity: (entity.popularity, entity.id)):
        found[one.id] = min(4, 1 + int(4 * (below + one.popularity / 2)))
        below += one.popularity
    return found


def by_model(said: Said) -> Iterator[tuple[dict[str, Any], list[Answer]]]:
    """(columns MODEL, answers) of each model; base seeds are put together."""
    groups: dict[tuple, list[Answer]] = {}
    for one, answers in said:
        groups.setdefault(tuple(one.about.get(name) for name in MODEL), []).extend(answers)
    for key, answers in groups.items():
        yield dict(zip(MODEL, key, strict=True)), answers
