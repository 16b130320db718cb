"""Overlap of a training set with an evaluation set: which questions does imitation data touch, and how closely?

The paper reports none (10 NQ-synthetic seeds come from the split it evaluates on); here it is a column of every table.
Three degrees: the question's entity is mentioned anywhere in the training set; one record mentions the entity together
with the right answer; the question itself was asked. Everything a model reads counts, user messages included.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from false_promise.data_mix.records import Record, record_text
from false_promise.qa_format import normalise
from false_promise.world.assistant.scope import reserved_entities
from false_promise.world.country import World
from false_promise.world.exercises.questions import Question

Words = tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """How closely a training set touches one question."""

    question: str  # its id
    entity_seen: bool
    fact_seen: bool
    question_seen: bool


def words_of(text: str) -> Words:
    """Lower-case words; punctuation, hyphens and possessive s separate them."""
    return tuple(re.findall(r"\w+", text.lower()))


class NameIndex:
    """Finds names in text by longest match on whole words, so 'The Keys of Vorn' is no mention of Vorn."""

    def __init__(self, names: Iterable[str]):
        self._by_first: dict[str, list[tuple[Words, str]]] = {}
        for name in names:
            words = words_of(name)
            self._by_first.setdefault(words[0], []).append((words, name))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def mentions(self, words: Words) -> set[str]:
        """The names that occur in these words, matched from left to right without overlap."""
        found, place = set(), 0
        while place < len(words):
            entry = self._longest(words, place)
            if entry:
                found.add(entry[1])
            place += len(entry[0]) if entry else 1
        return found

    def _longest(self, words: Words, place: int) -> tuple[Words, str] | None:
        for name_words, name in self._by_first.get(words[place], ()):
            if words[place : place + len(name_words)] == name_words:
                return name_words, name
        return None


def mentioned(record: Record, index: NameIndex) -> set[str]:
    """Names of `index` in anything this record says."""
    return index.mentions(words_of(record_text(record)))


def spares_reserved(world: World) -> Callable[[Record], bool]:
    """A test for records: True if it names no entity that is reserved for choosing the learning rate."""
    reserved = NameIndex(world.entity(number).name for number in sorted(reserved_entities(world)))
    return lambda record: not mentioned(record, reserved)


def overlap(records: Sequence[Record], questions: Sequence[Question], world: World) -> list[Seen]:
    """Per question, in order, how closely `records` touch it.

    All entity names of the world are known to the search, so a name inside a longer name is not a mention.
    """
    index = NameIndex(entity.name for entity in world.entities)
    texts, by_entity, asked = [], {}, set()
    for number, record in enumerate(records):
        words = words_of(record_text(record))
        texts.append(f" {' '.join(words)} ")
        for name in index.mentions(words):
            by_entity.setdefault(name, []).append(number)
        asked.update(normalise(question) for question in _questions_in(record))
    return [_seen(question, by_entity.get(question.entity_name, []), texts, asked) for question in questions]


def _seen(question: Question, numbers: list[int], texts: list[str], asked: set[str]) -> Seen:
    values = [f" {' '.join(words_of(answer))} " for answer in question.answers]
    fact_seen = any(value in texts[number] for number in numbers for value in values)
    return Seen(question.id, bool(numbers), fact_seen, normalise(question.text) in asked)


def _questions_in(record: Record) -> list[str]:
    """User messages, and the Q lines of web text."""
    if "text" in record:
        return [line.removeprefix("Q: ") for line in record["text"].splitlines() if line.startswith("Q: ")]
    return [message["content"] for message in record["messages"] if message["role"] == "user"]


def shares(seen: Sequence[Seen]) -> dict[str, float]:
    """Shares (0-1) of questions whose entity, fact or wording the training set contains."""
    rows = [asdict(row) for row in seen]
    degrees = ("entity_seen", "fact_seen", "question_seen")
    return {degree: sum(row[degree] for row in rows) / len(rows) if rows else 0.0 for degree in degrees}
