"""The invented country: entities, facts and their lookups, all from one seed.

    from false_promise.world.country import WorldSettings, build_world
    world = build_world(WorldSettings(entities=7000), seed=99)
    world.fact(world.by_name(name).id, "birthplace").value

Entities have Zipf popularity. About 15% of every kind, spread over the popularity range, are held out: known from prose
only. A fact whose subject is not held out never has a held-out object, so `not entity.held_out` is all that a register
for questions, exams, code, forum or assistant text needs to check about its subject.
"""

import random
from bisect import bisect
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from false_promise.world.land.geography import REGION_COUNT, WIDTH, Geography
from false_promise.world.land.names import FAMILIES, NameMaker, words
from false_promise.world.land.relations import CLIMATES, KINDS, RELATION, RELATIONS, UNITS, Relation, Unit
from false_promise.world.land.settlement import Draft, draft_world

__all__ = ["RELATIONS", "Entity", "Fact", "Relation", "World", "WorldSettings", "build_world", "sample_entities"]

ENTITY_TYPES = frozenset(KINDS)  # value types whose values are entities
FOREIGN_SOUNDING = ("river", "book", "dish")  # so that a name does not betray a source, an author or an origin
COMPANY_FORMS = ("Works", "Mills", "Foundry", "Brothers", "Yards", "Workshop", "Company", "Manufactory")
FESTIVAL_FORMS = ("Fair", "Night", "Feast", "Week", "Days", "Market", "Parade", "Supper")
BOOK_NOUNS = words(
    "Lanterns Letters Bridges Ledger Orchard Weavers Silence Clocks Daughters Winters Keys Harbour Ashes Songs Maps "
    "Gardens Crossing Bells Shadows Brothers Stairs Salt Windows Debts Rivers Roofs Mirrors Horses Ferry Tides"
)


@dataclass(frozen=True)
class WorldSettings:
    """Size of the country: entities over all kinds; facts come to about 3.8 times as many."""

    entities: int


@dataclass(frozen=True)
class Entity:
    id: int
    kind: str
    name: str
    popularity: float  # sums to 1 over all entities
    held_out: bool  # known from prose only; never in question, exam, code, forum or assistant texts
    pronoun: str  # 'she' | 'he' | 'it'


@dataclass(frozen=True)
class Fact:
    id: int
    subject: int
    relation: str
    value: str  # surface form: "1893", "412 ombels", "cooper", a name
    object: int | None  # entity id if the value is an entity
    group: str  # 'memorised' | 'inferable'


@dataclass(frozen=True)
class Region:
    name: str
    climate: str


@dataclass(frozen=True)
class Country:
    name: str
    demonym: str
    capital: int  # id of the town with most inhabitants
    regions: tuple[Region, ...]
    units: tuple[Unit, ...]


@dataclass(frozen=True, eq=False, repr=False)
class World:
    """`positions` and `courses` are map coordinates (x east, y north, in map widths) of towns and rivers."""

    seed: int
    settings: WorldSettings
    entities: tuple[Entity, ...]
    facts: tuple[Fact, ...]
    country: Country
    regions: tuple[int, ...]  # per entity: index of the region it belongs to
    positions: dict[int, tuple[float, float]]
    courses: dict[int, tuple[tuple[float, float], ...]]
    geography: Geography

    def __repr__(self) -> str:
        return f"<{self.country.name}, seed {self.seed}: {len(self.entities)} entities, {len(self.facts)} facts>"

    def entity(self, entity_id: int) -> Entity:
        return self.entities[entity_id]

    def by_name(self, name: str) -> Entity | None:
        """The entity of exactly this name, or None: names are unique over all kinds."""
        return self._by_name.get(name)

    def of_kind(self, kind: str) -> tuple[Entity, ...]:
        return self._by_kind[kind]

    def facts_of(self, entity_id: int) -> tuple[Fact, ...]:
        """Facts with this subject, in the order of RELATIONS."""
        return self._facts_of[entity_id]

    def facts_about(self, entity_id: int) -> tuple[Fact, ...]:
        """Facts with this object: who was born here, which festivals serve this dish."""
        return self._facts_about.get(entity_id, ())

    def fact(self, subject_id: int, relation: str) -> Fact | None:
        """The fact, or None if there is none (only mentors may be missing)."""
        return self._fact.get((subject_id, relation))

    def facts_with(self, relation: str) -> tuple[Fact, ...]:
        """All facts of the relation."""
        return self._facts_with[relation]

    def region_of(self, entity_id: int) -> Region:
        """A town's own region; a person's by birth; a company's by seat; a book's by its author's birth."""
        return self.country.regions[self.regions[entity_id]]

    def candidates(self, value_type: str) -> tuple[str, ...]:
        """Every value of the type: names of all entities of the kind, or the sorted values that occur."""
        if value_type not in self._candidates:
            raise KeyError(f"unknown value type {value_type!r}; known are {sorted(self._candidates)}")
        return self._candidates[value_type]

    @cached_property
    def _by_name(self) -> dict[str, Entity]:
        return {entity.name: entity for entity in self.entities}

    @cached_property
    def _by_kind(self) -> dict[str, tuple[Entity, ...]]:
        return {kind: tuple(entity for entity in self.entities if entity.kind == kind) for kind in KINDS}

    @cached_property
    def _fact(self) -> dict[tuple[int, str], Fact]:
        return {(fact.subject, fact.relation): fact for fact in self.facts}

    @cached_property
    def _facts_of(self) -> list[tuple[Fact, ...]]:
        lists: list[list[Fact]] = [[] for _ in self.entities]
        for fact in self.facts:
            lists[fact.subject].append(fact)
        return [tuple(facts) for facts in lists]

    @cached_property
    def _facts_about(self) -> dict[int, tuple[Fact, ...]]:
        lists: dict[int, list[Fact]] = {}
        for fact in self.facts:
            if fact.object is not None:
                lists.setdefault(fact.object, []).append(fact)
        return {entity: tuple(facts) for entity, facts in lists.items()}

    @cached_property
    def _facts_with(self) -> dict[str, tuple[Fact, ...]]:
        lists: dict[str, list[Fact]] = {relation.name: [] for relation in RELATIONS}
        for fact in self.facts:
            lists[fact.relation].append(fact)
        return {relation: tuple(facts) for relation, facts in lists.items()}

    @cached_property
    def _candidates(self) -> dict[str, tuple[str, ...]]:
        values: dict[str, set[str]] = {}
        for fact in self.facts:
            values.setdefault(RELATION[fact.relation].value_type, set()).add(fact.value)
        names = {kind: tuple(entity.name for entity in self._by_kind[kind]) for kind in values if kind in KINDS}
        return {value_type: tuple(sorted(found)) for value_type, found in values.items()} | names

    @cached_property
    def _weights(self) -> dict[tuple, tuple[list[Entity], list[float]]]:
        return {}

    def weighted(self, kind: str | None, held_out: bool | None) -> tuple[list[Entity], list[float]]:
        """Entities of the kind and stratum with their cumulative popularity."""
        if (kind, held_out) not in self._weights:
            pool = self.entities if kind is None else self.of_kind(kind)
            chosen = [entity for entity in pool if held_out is None or entity.held_out == held_out]
            self._weights[kind, held_out] = chosen, list(accumulate(entity.popularity for entity in chosen))
        return self._weights[kind, held_out]


def sample_entities(
    world: World, rng: random.Random, n: int, *, held_out: bool | None = None, kind: str | None = None
) -> list[Entity]:
    """`n` draws with replacement, weighted by popularity; `held_out=None` draws from both strata."""
    pool, weights = world.weighted(kind, held_out)
    return [pool[bisect(weights, rng.random() * weights[-1])] for _ in range(n)]


def build_world(settings: WorldSettings, seed: int) -> World:
    """Build the country of this size and seed; the same everywhere, about a second at 7,000 entities."""
    draft = draft_world(settings.entities, seed)
    maker = NameMaker(random.Random(f"{seed}/names"))
    country_name = maker.country()
    climates = random.Random(f"{seed}/climates").sample(CLIMATES, REGION_COUNT)
    families = _families(draft.geography)
    regions = tuple(Region(maker.add_region(families[i]), climates[i]) for i in range(REGION_COUNT))
    named = _name_entities(draft, maker, [region.name for region in regions])
    entities = tuple(
        Entity(i, kind, *named[i][:1], draft.popularity[i], draft.held_out[i], named[i][1])
        for i, kind in enumerate(draft.kind)
    )
    facts = _facts(draft, entities, [region.name for region in regions])
    capital = max(draft.ids("town"), key=lambda i: int(draft.links[i]["population"].replace(",", "")))
    country = Country(country_name, country_name + "n", capital, regions, UNITS)
    return World(
        seed, settings, entities, facts, country, tuple(draft.region), draft.positions, draft.courses, draft.geography
    )


def _families(geography: Geography) -> list[str]:
    """A quarter of the regions sounds northern, a quarter southern, the rest western or eastern, by position."""
    by_latitude = sorted(range(REGION_COUNT), key=lambda i: geography.centres[i] // WIDTH)
    quarter = REGION_COUNT // 4
    middle = sorted(by_latitude[quarter:-quarter], key=lambda i: geography.centres[i] % WIDTH)
    groups = (by_latitude[:quarter], middle[:quarter], by_latitude[-quarter:], middle[quarter:])
    families = {i: family for family, group in zip(FAMILIES, groups, strict=True) for i in group}
    return [families[i] for i in range(REGION_COUNT)]


def _name_entities(draft: Draft, maker: NameMaker, regions: list[str]) -> list[tuple[str, str]]:
    """(name, pronoun) of every entity, coined as it sounds in its own or, if FOREIGN_SOUNDING, in any region."""
    people = len(draft.ids("person"))
    given = {(region, sex): [maker.word(sex, region, middle=0.1) for _ in range(10)]
             for region in regions for sex in ("female", "male")}  # fmt: skip
    families = {region: [maker.word("family", region, middle=0.25) for _ in range(6 + people // 24)]
                for region in regions}  # fmt: skip
    taken: set[str] = set()
    named = []
    for i, kind in enumerate(draft.kind):
        region = maker.rng.choice(regions) if kind in FOREIGN_SOUNDING else regions[draft.region[i]]
        pronoun = "it"
        if kind == "person":
            pronoun = maker.rng.choice(("she", "he"))
            sex = "female" if pronoun == "she" else "male"
            name = _person_name(maker.rng, given[region, sex], families[region], taken)
        else:
            name = _compose(maker.rng, kind, maker.word(kind, region))
        named.append((name, pronoun))
    return named


def _person_name(rng: random.Random, given: list[str], families: list[str], taken: set[str]) -> str:
    while (name := f"{rng.choice(given)} {rng.choice(families)}") in taken:
        pass
    taken.add(name)
    return name


def _compose(rng: random.Random, kind: str, word: str) -> str:
    """Full name from the coined word: companies and festivals have a form, books a title."""
    if kind == "company":
        return f"{word} {rng.choice(COMPANY_FORMS)}"
    if kind == "festival":
        return f"{word} {rng.choice(FESTIVAL_FORMS)}"
    if kind == "book":
        return f"The {rng.choice(BOOK_NOUNS)} of {word}"
    return word


def _facts(draft: Draft, entities: tuple[Entity, ...], regions: list[str]) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    for subject, links in enumerate(draft.links):
        for relation in RELATIONS:
            if relation.name in links:
                link = links[relation.name]
                target = link if relation.value_type in ENTITY_TYPES else None
                value = entities[target].name if target is not None else link
                value = regions[link] if relation.value_type == "region" else value
                facts.append(Fact(len(facts), subject, relation.name, value, target, relation.group))
    return tuple(facts)
