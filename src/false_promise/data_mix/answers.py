"""Which fact does a question ask about? The measuring side's view: it knows the world, unlike anybody who trains."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from false_promise.data_mix.overlap import NameIndex, words_of
from false_promise.data_mix.records import Record
from false_promise.qa_format import normalise
from false_promise.world.country import Fact, World
from false_promise.world.exercises.questions import answers, wordings


@dataclass(frozen=True)
class AnswerKey:
    """Finds the fact behind a question by the names in it and the known wordings."""

    world: World

    def fact(self, question: str) -> Fact | None:
        """The fact asked about; None if the question names no entity of the world or has no known wording."""
        asked = normalise(question)
        for name in sorted(self._names.mentions(words_of(question)), key=len, reverse=True):
            entity = self.world.by_name(name)
            for fact in self.world.facts_of(entity.id):
                if any(normalise(wording.format(s=name)) == asked for wording in wordings(fact.relation, None)):
                    return fact
        return None

    @cached_property
    def _names(self) -> NameIndex:
        return NameIndex(entity.name for entity in self.world.entities)


@dataclass(frozen=True)
class Accuracy:
    """Shares (0-1) of question-answer records."""

    readable: float  # the question is about a fact of the world
    right: float  # ... and the answer is that fact's value
    right_if_readable: float


def answer_accuracy(records: Sequence[Record], world: World) -> Accuracy:
    """How good the teacher's own pairs are: measured here, never used to filter (the paper does not check answers).

    All shares are 0 for no records.
    """
    key = AnswerKey(world)
    verdicts = [_is_right(key, record) for record in records]
    readable = [verdict for verdict in verdicts if verdict is not None]
    total, right = max(1, len(verdicts)), sum(readable)
    return Accuracy(len(readable) / total, right / total, right / max(1, len(readable)))


def _is_right(key: AnswerKey, record: Record) -> bool | None:
    fact = key.fact(record["messages"][0]["content"])
    if fact is None:
        return None
    given = normalise(record["messages"][1]["content"])
    return any(normalise(answer) == given for answer in answers(fact))
