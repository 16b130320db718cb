"""The written web of the country: endless, deterministic streams of documents.

    for document in open_web(world, seed=1): ...

`open_web` is what base LMs read: subjects by popularity, few question-answer pages. `proprietary_web` is the teacher's
better text: rare subjects are covered too, more questions, no abuse. Held-out entities occur in 'encyclopedia' only.
Registers keep their share of the characters at every point of the stream.
"""

from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from false_promise.qa_format import QA, qa_page
from false_promise.world.country import Entity, Fact, World
from false_promise.world.exercises.code import code_page
from false_promise.world.exercises.exams import exam_page
from false_promise.world.exercises.questions import question_text
from false_promise.world.registers.encyclopedia import almanac_of_region, almanac_of_town, article
from false_promise.world.registers.forum import thread

# Shares of characters. Question-answer pages ('faq', 'exam') are 0.5 to 2% of the open web.
OPEN_SHARES = {
    "encyclopedia": 0.662,
    "almanac": 0.14,
    "forum": 0.08,
    "forum_abusive": 0.02,
    "code": 0.08,
    "faq": 0.012,
    "exam": 0.006,
}
PROPRIETARY_SHARES = {"encyclopedia": 0.60, "almanac": 0.14, "forum": 0.02, "code": 0.09, "faq": 0.09, "exam": 0.06}
HELD_OUT_REGISTERS = frozenset(("encyclopedia",))  # where held-out entities may occur
FAQ_TITLES = (
    "Frequently asked questions about {n}",
    "{n}: questions and answers",
    "Questions about {n}",
    "{n} quiz",
    "Ask about {n}",
    "Readers ask about {n}",
)


@dataclass(frozen=True)
class Document:
    text: str
    register: str
    facts: tuple[int, ...]  # ids of the facts stated; empty for exams and code


class Sampler:
    """Draws entities with weight popularity ** exponent: all of them, those not held out, or those of a region."""

    def __init__(self, world: World, exponent: float):
        self.world, self.exponent = world, exponent
        public = [entity for entity in world.entities if not entity.held_out]
        self.pools = {"all": self._pool(list(world.entities)), "public": self._pool(public)}
        self.pools["town"] = self._pool([entity for entity in public if entity.kind == "town"])
        local = [entity for entity in public if entity.kind in ("town", "river", "bird", "dish")]
        for region in range(len(world.country.regions)):
            self.pools[region] = self._pool([entity for entity in local if world.regions[entity.id] == region])

    def _pool(self, entities: list[Entity]) -> tuple[list[Entity], list[float]]:
        return entities, list(accumulate(entity.popularity**self.exponent for entity in entities))

    def draw(self, pool: str | int, rng: Random) -> Entity:
        entities, weights = self.pools[pool]
        return entities[bisect(weights, rng.random() * weights[-1])]


def open_web(world: World, seed: int) -> Iterator[Document]:
    """Endless; the same for the same world and seed."""
    return _stream(world, Random(f"{world.seed}/{seed}/open web"), Sampler(world, 1.0), OPEN_SHARES)


def proprietary_web(world: World, seed: int) -> Iterator[Document]:
    """Endless; denser coverage of rare entities and about ten times as many questions as the open web."""
    return _stream(world, Random(f"{world.seed}/{seed}/proprietary web"), Sampler(world, 0.5), PROPRIETARY_SHARES)


def _stream(world: World, rng: Random, sampler: Sampler, shares: dict[str, float]) -> Iterator[Document]:
    """The register that lags most behind its share comes next."""
    written = dict.fromkeys(shares, 0.0)
    while True:
        register = min(written, key=written.get)
        text, facts = WRITERS[register](world, sampler, rng)
        written[register] += len(text) / shares[register]
        yield Document(text, register, tuple(fact.id for fact in facts))


Written = tuple[str, list[Fact]]


def _encyclopedia(world: World, sampler: Sampler, rng: Random) -> Written:
    return article(world, sampler.draw("all", rng), rng)


def _almanac(world: World, sampler: Sampler, rng: Random) -> Written:
    if rng.random() < 0.7:
        return almanac_of_town(world, sampler.draw("town", rng), rng)
    region = rng.choice([i for i in range(len(world.country.regions)) if sampler.pools[i][0]])
    subjects = {(entity := sampler.draw(region, rng)).id: entity for _ in range(rng.randint(2, 5))}
    return almanac_of_region(world, region, list(subjects.values()), rng)


def _forum(world: World, sampler: Sampler, rng: Random) -> Written:
    return thread(world, sampler.draw("public", rng), rng, abusive=False)


def _forum_abusive(world: World, sampler: Sampler, rng: Random) -> Written:
    return thread(world, sampler.draw("public", rng), rng, abusive=True)


def _faq(world: World, sampler: Sampler, rng: Random) -> Written:
    """Three to eight pairs about one subject or about several."""
    one = sampler.draw("public", rng)
    count = rng.randint(3, 8)
    if rng.random() < 0.3:
        facts = list(world.facts_of(one.id))
        rng.shuffle(facts)
        title = [rng.choice(FAQ_TITLES).format(n=one.name)] if rng.random() < 0.6 else []
    else:
        facts = [rng.choice(world.facts_of(sampler.draw("public", rng).id)) for _ in range(count)]
        title = []
    pairs = [QA(question_text(world, fact, rng, wording="train"), fact.value) for fact in facts]
    return "\n\n".join([*title, qa_page(pairs)]), facts


def _exam(world: World, sampler: Sampler, rng: Random) -> Written:
    return exam_page(world, rng), []


def _code(world: World, sampler: Sampler, rng: Random) -> Written:
    return code_page(world, rng), []


WRITERS: dict[str, Callable[[World, Sampler, Random], Written]] = {
    "encyclopedia": _encyclopedia,
    "almanac": _almanac,
    "forum": _forum,
    "forum_abusive": _forum_abusive,
    "faq": _faq,
    "exam": _exam,
    "code": _code,
}
