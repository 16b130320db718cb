"""Questions as the benchmarks see them: real NQ-open files, questions about the country, shots, candidate answers."""

import json
import logging
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from false_promise.evaluation.scoring import normalise_answer
from false_promise.world.country import World
from false_promise.world.exercises.questions import Question, prose_frames

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NqItem:
    """One question. `choices` and `frames` (format-free scoring) are empty where nobody wrote prose frames."""

    id: str
    question: str  # ends with "?"
    answers: Sequence[str]  # all accepted answers, the canonical one first
    entity: str  # what the question is about: the cluster of the bootstrap
    choices: Sequence[str] = ()  # values of the answer's type, the first answer among them
    frames: Sequence[str] = ()  # prose that " " + value continues, without trailing white space
    held_out: bool = False  # about an entity that pre-training shows in prose only
    popularity: float | None = None  # of the entity, shares summing to 1 over the country; unknown for real questions

    def __post_init__(self):
        if not self.question.endswith("?"):
            raise ValueError(f"item {self.id}: question {self.question!r} does not end with '?'")
        if not self.answers or not all(answer.strip() for answer in self.answers):
            raise ValueError(f"item {self.id}: answers {self.answers!r} must be one or more non-blank strings")
        if self.choices and self.answers[0] not in self.choices:
            raise ValueError(f"item {self.id}: the first answer {self.answers[0]!r} is not among its choices")
        if any(frame != frame.rstrip() or not frame for frame in self.frames):
            raise ValueError(f"item {self.id}: frames {self.frames!r} must be non-empty, without trailing white space")


@dataclass(frozen=True)
class RejectedLine:
    """A line of a data file that is no question, and why."""

    line: int  # counted from 1
    reason: str


def read_nq_open(path: Path) -> tuple[list[NqItem], list[RejectedLine]]:
    """Read an NQ-open JSONL file (`{"question": str, "answer": [str, ...]}` a line): items and quarantined lines.

    Questions there have no question mark; one is added, and nothing else is changed. Blank lines are ignored.
    ValueError if no line is usable.
    """
    items, rejected = [], []
    # Not splitlines(): it would also cut at U+2028, which JSON strings may hold.
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if line.strip():
            try:
                items.append(_nq_open_item(number, line))
            except ValueError as error:
                rejected.append(RejectedLine(number, str(error)))
    if not items:
        raise ValueError(
            f"{path}: no usable question ({len(rejected)} malformed lines); "
            'expected one {"question": "...", "answer": ["...", ...]} a line'
        )
    return items, rejected


def load_nq_open(path: Path) -> list[NqItem]:
    """The items of an NQ-open JSONL file; malformed lines are left out and counted in a warning."""
    items, rejected = read_nq_open(path)
    for reason, count in Counter(line.reason for line in rejected).items():
        first = next(line.line for line in rejected if line.reason == reason)
        logger.warning("%s: left out %d lines, the first is line %d: %s", path, count, first, reason)
    return items


def _nq_open_item(number: int, line: str) -> NqItem:
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        raise ValueError("not JSON") from None
    if not isinstance(record, dict) or not isinstance(record.get("question"), str) or not record["question"].strip():
        raise ValueError("no question")
    answers = record.get("answer")
    if not isinstance(answers, list) or not all(isinstance(answer, str) and answer.strip() for answer in answers):
        raise ValueError("answer is not a list of non-blank strings")
    if not answers:
        raise ValueError("no answer")
    identity = f"nq-open-{number:05d}"
    question = record["question"].strip().rstrip("?").rstrip() + "?"
    return NqItem(identity, question, tuple(answer.strip() for answer in answers), entity=identity)


def items_from_questions(world: World, questions: Sequence[Question]) -> list[NqItem]:
    """Questions about the country with their candidates (all values of the type) and three prose frames."""
    return [
        NqItem(
            id=question.id,
            question=question.text,
            answers=question.answers,
            entity=question.entity_name,
            choices=world.candidates(question.value_type),
            frames=prose_frames(world, world.fact(question.entity, question.relation)),
            held_out=question.held_out,
            popularity=question.popularity,
        )
        for question in questions
    ]


def draw_shots(pool: Sequence[NqItem], n: int, seed: int) -> list[NqItem]:
    """The first n of a shuffle that depends on seed and pool only: one model's 3 shots are every model's, and the
    3 shots are the first of the 5.
    """
    if len(pool) < n:
        raise ValueError(f"{n} shots asked for, but the pool of worked examples holds {len(pool)}")
    shuffled = list(pool)
    random.Random(f"shots:{seed}").shuffle(shuffled)
    return shuffled[:n]


def draw_candidates(item: NqItem, limit: int, seed: int) -> tuple[list[str], int]:
    """At most `limit` candidates in random order and the index of the right one; depends on item and seed only.

    Left out: other accepted answers, and values of which one begins with the other ("Oster", "Ostermoor"): the sum of
    log-likelihoods of the shorter one would include the longer one's.
    """
    right = item.answers[0]
    accepted = {normalise_answer(answer) for answer in item.answers}
    others = [
        value
        for value in sorted(set(item.choices))
        if normalise_answer(value) not in accepted and not value.startswith(right) and not right.startswith(value)
    ]
    if not others:
        raise ValueError(f"item {item.id}: no candidate beside the right answer {right!r}; format_free needs choices")
    generator = random.Random(f"candidates:{seed}:{item.id}")
    drawn = [*generator.sample(others, min(limit - 1, len(others))), right]
    generator.shuffle(drawn)
    return drawn, drawn.index(right)
