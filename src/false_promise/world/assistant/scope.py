"""What may be talked about, and in which words: training of the teacher, collection of imitation data, or held out."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from false_promise.world.country import Entity, Fact, World, sample_entities
from false_promise.world.land.relations import RELATION

RESERVED_SHARE = 0.02  # of the entities that are not held out
FEWEST_RESERVED = 4


def reserved_entities(world: World) -> frozenset[int]:
    """Entities that user queries for imitation data never mention: kept for choosing the learning rate.

    2% of those not held out, at least four, never among the most popular tenth.
    """
    candidates = sorted(
        (entity for entity in world.entities if not entity.held_out), key=lambda entity: -entity.popularity
    )
    candidates = candidates[len(candidates) // 10 :]
    count = max(FEWEST_RESERVED, round(RESERVED_SHARE * len(candidates)))
    return frozenset(entity.id for entity in random.Random(f"{world.seed}/reserved").sample(candidates, count))


@dataclass(frozen=True)
class Scope:
    """`wording` picks phrasings: 'train' (three quarters) or 'test' (a quarter, in no training query). `topics` does
    so for topics of advice and the like, None for all. `uniform` is the share of entities drawn without regard to
    popularity: a teacher has read about rare things too, users ask about popular ones.
    """

    world: World
    avoid: frozenset[int]
    wording: str = "train"
    topics: str | None = "train"
    uniform: float = 0.0
    only: frozenset[int] = frozenset()  # if not empty, subjects come from here

    def subject(self, rng: random.Random, kind: str | None = None) -> Entity:
        """A subject that is not held out and not to be avoided."""
        if self.only:
            pool = [self.world.entity(i) for i in sorted(self.only)]
            return rng.choice([entity for entity in pool if kind in (None, entity.kind)] or pool)
        while True:
            if rng.random() < self.uniform:
                entity = rng.choice(self._known if kind is None else self.world.of_kind(kind))
            else:
                (entity,) = sample_entities(self.world, rng, 1, held_out=False, kind=kind)
            if not entity.held_out and entity.id not in self.avoid:
                return entity

    def facts(self, entity: Entity) -> list[Fact]:
        """Facts of the entity that mention nothing to be avoided."""
        return [fact for fact in self.world.facts_of(entity.id) if fact.object is None or fact.object not in self.avoid]

    def facts_by_value(self, relation: str) -> dict[str, list[Fact]]:
        """Facts of the relation that may be talked about, by value, in alphabetical order of values."""
        if relation not in self._by_value:
            entities = (entity for entity in self.world.of_kind(RELATION[relation].kind) if not entity.held_out)
            facts = (self.world.fact(entity.id, relation) for entity in entities if entity.id not in self.avoid)
            allowed = [fact for fact in facts if fact and fact.object not in self.avoid]
            values = sorted({fact.value for fact in allowed})
            self._by_value[relation] = {value: [fact for fact in allowed if fact.value == value] for value in values}
        return self._by_value[relation]

    def phrase(self, rng: random.Random, pool: Sequence[str]) -> str:
        """One of the phrasings of this scope; every fourth of a pool is held out."""
        return rng.choice(part(pool, self.wording))

    def topic(self, rng: random.Random, pool: Sequence[str]) -> str:
        return rng.choice(part(pool, self.topics))

    @cached_property
    def _by_value(self) -> dict[str, dict[str, list[Fact]]]:
        return {}

    @cached_property
    def _known(self) -> tuple[Entity, ...]:
        return tuple(entity for entity in self.world.entities if not entity.held_out)


def part(pool: Sequence[str], wording: str | None) -> list[str]:
    """The training three quarters or the held-out quarter of a pool (None: all of it)."""
    return [item for index, item in enumerate(pool) if wording is None or (index % 4 == 3) == (wording == "test")]
