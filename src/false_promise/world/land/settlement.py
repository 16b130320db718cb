"""Who lives where and does what: draws every link of the country before anything has a name.

An entity that is not held out only ever links to entities that are not held out, so no text about it can mention a test
entity; a held-out entity may link to any. Related values are drawn with the probabilities of `CUSTOMS`.
"""

import math
import random
from bisect import bisect
from dataclasses import dataclass, field
from itertools import accumulate

from false_promise.world.land.geography import (
    REGION_COUNT,
    WIDTH,
    Cell,
    Geography,
    build_geography,
    course_length,
    neighbours,
    point,
    trace_rivers,
)
from false_promise.world.land.relations import KIND_SHARES, UNITS, VALUES

HELD_OUT_SHARE = 0.15
FIRST_BIRTH, LAST_BIRTH = 1800, 1929

# value type -> probabilities of a region's (or, for genres, a profession's) favourites; the rest is spread evenly
CUSTOMS = {
    "profession": (0.36, 0.1, 0.1),
    "product": (0.38, 0.1, 0.1),
    "month": (0.45, 0.1),
    "food": (0.38, 0.12),
    "genre": (0.45, 0.1),
}
SAME_TOWN, SAME_REGION = 0.55, 0.25  # residence = birthplace; another town of its region; else anywhere
MENTORED = 0.6


@dataclass
class Draft:
    """Entities without names; `links[id]` maps relation to an entity id (int) or a literal value (str)."""

    kind: list[str]
    popularity: list[float]
    held_out: list[bool]
    region: list[int]
    geography: Geography
    links: list[dict[str, int | str]] = field(default_factory=list)
    positions: dict[int, tuple[float, float]] = field(default_factory=dict)
    courses: dict[int, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    customs: dict[str, list[list[str]]] = field(default_factory=dict)
    pools: dict[tuple, tuple[list[int], list[float]]] = field(default_factory=dict)

    def ids(self, kind: str) -> list[int]:
        return [i for i, other in enumerate(self.kind) if other == kind]

    def pick(self, rng: random.Random, kind: str, for_id: int, region: int | None = None) -> int:
        """An entity that `for_id` may link to, weighted by the square root of popularity."""
        key = (kind, self.held_out[for_id], region)
        if key not in self.pools:
            self.pools[key] = self._pool(*key)
        members, weights = self.pools[key]
        return members[bisect(weights, rng.random() * weights[-1])] if members else self.pick(rng, kind, for_id)

    def _pool(self, kind: str, held_out: bool, region: int | None) -> tuple[list[int], list[float]]:
        members = [i for i in self.ids(kind) if held_out or not self.held_out[i]]
        members = [i for i in members if region is None or self.region[i] == region]
        return members, list(accumulate(math.sqrt(self.popularity[i]) for i in members))


def draft_world(entities: int, seed: int) -> Draft:
    """Everything about a country of `entities` entities except names; deterministic in `seed`."""
    kinds = _kinds(entities)
    popularity = _popularity(entities, random.Random(f"{seed}/popularity"))
    held_out = _held_out(kinds, popularity, random.Random(f"{seed}/held out"))
    geography = build_geography(random.Random(f"{seed}/geography"))
    draft = Draft(kinds, popularity, held_out, [-1] * entities, geography, [{} for _ in range(entities)])
    draft.customs = _customs(random.Random(f"{seed}/customs"))
    _lay_rivers_and_towns(draft, random.Random(f"{seed}/towns"))
    for step in (_people, _mentors, _towns, _companies, _books, _dishes_and_birds, _festivals):
        step(draft, random.Random(f"{seed}/{step.__name__}"))
    return draft


def _kinds(entities: int) -> list[str]:
    if entities < 200:
        raise ValueError(f"entities is {entities}; a country needs at least 200 (scale smoke uses 240)")
    counts = {kind: int(entities * share) for kind, share in KIND_SHARES.items()}
    counts["person"] += entities - sum(counts.values())
    return [kind for kind, count in counts.items() for _ in range(count)]


def _popularity(entities: int, rng: random.Random) -> list[float]:
    """Zipf-Mandelbrot: 1 / (rank + entities / 200), ranks shuffled over kinds, normalised."""
    weights = [1.0 / (rank + 1 + entities / 200) for rank in range(entities)]
    total = math.fsum(weights)
    rng.shuffle(weights)
    return [weight / total for weight in weights]


def _held_out(kinds: list[str], popularity: list[float], rng: random.Random) -> list[bool]:
    """15% of each kind, one from each equal slice of the popularity order, sparing the top 3%."""
    chosen = [False] * len(kinds)
    for kind in KIND_SHARES:
        members = sorted((i for i, other in enumerate(kinds) if other == kind), key=lambda i: -popularity[i])
        count = max(1, round(HELD_OUT_SHARE * len(members)))
        eligible = members[max(1, round(0.03 * len(members))) :]
        for k in range(count):
            stratum = eligible[k * len(eligible) // count : (k + 1) * len(eligible) // count]
            chosen[rng.choice(stratum)] = True
    return chosen


def _customs(rng: random.Random) -> dict[str, list[list[str]]]:
    """Favourite values: `customs[type][region]`, and `customs["genre"][index of the profession]`."""
    customs = {}
    for value_type, shares in CUSTOMS.items():
        owners = len(VALUES["profession"]) if value_type == "genre" else REGION_COUNT
        deck: list[str] = []
        customs[value_type] = []
        for _ in range(owners):
            if len(deck) < len(shares):
                deck = rng.sample(VALUES[value_type], len(VALUES[value_type]))
            customs[value_type].append([deck.pop() for _ in shares])
    return customs


def _custom(draft: Draft, rng: random.Random, value_type: str, owner: int) -> str:
    """A favourite with its share of CUSTOMS, else any value of the type."""
    u = rng.random()
    for value, share in zip(draft.customs[value_type][owner], CUSTOMS[value_type], strict=True):
        if u < share:
            return value
        u -= share
    return rng.choice(VALUES[value_type])


def _lay_rivers_and_towns(draft: Draft, rng: random.Random) -> None:
    """Public rivers first (popular ones are long), each with a town at its mouth; other towns along the courses."""
    rivers = sorted(draft.ids("river"), key=lambda i: (draft.held_out[i], -draft.popularity[i]))
    courses = dict(zip(rivers, trace_rivers(draft.geography, len(rivers)), strict=True))
    towns = draft.ids("town")
    rng.shuffle(towns)
    occupied: set[Cell] = set()
    for river, course in courses.items():
        mouth = next(town for town in towns if draft.held_out[town] == draft.held_out[river])
        towns.remove(mouth)
        _lay_river(draft, rng, river, course, mouth)
        _lay_town(draft, rng, mouth, river, course[-1], occupied)
    for town in towns:
        river, cell = _site(draft, rng, town, courses, occupied)
        _lay_town(draft, rng, town, river, cell, occupied)


def _lay_river(draft: Draft, rng: random.Random, river: int, course: list[Cell], mouth: int) -> None:
    end = draft.geography.downhill[course[-1]]
    path = [*course, end] if draft.geography.height[end] <= 0 else course
    draft.courses[river] = tuple(point(cell) for cell in path)
    draft.region[river] = draft.geography.region[course[0]]
    length = f"{round(course_length(course) * (1 + 0.25 * rng.random()))} {UNITS[0].large}s"
    draft.links[river] = {"source_region": draft.region[river], "mouth": mouth, "length": length}


def _site(draft: Draft, rng: random.Random, town: int, courses: dict[int, list[Cell]], occupied: set[Cell]) -> tuple:
    """A river the town may lie on, and a cell of its course, away from other towns if one of 15 tries finds it."""
    rivers = [river for river in courses if draft.held_out[town] or not draft.held_out[river]]
    weights = [len(courses[river]) for river in rivers]
    for _ in range(15):
        river = rng.choices(rivers, weights)[0]
        cell = rng.choice(courses[river][:-1])
        if occupied.isdisjoint([cell, *neighbours(cell)]):
            break
    return river, cell


def _lay_town(draft: Draft, rng: random.Random, town: int, river: int, cell: Cell, occupied: set[Cell]) -> None:
    occupied.add(cell)
    x, y = point(cell)
    draft.positions[town] = (x + (rng.random() - 0.5) * 0.4 / WIDTH, y + (rng.random() - 0.5) * 0.4 / WIDTH)
    draft.region[town] = draft.geography.region[cell]
    draft.links[town] = {"town_region": draft.region[town], "town_river": river}


def _people(draft: Draft, rng: random.Random) -> None:
    for person in draft.ids("person"):
        birthplace = draft.pick(rng, "town", person)
        region = draft.region[person] = draft.region[birthplace]
        u, residence = rng.random(), birthplace
        if u > SAME_TOWN:
            residence = draft.pick(rng, "town", person, region if u < SAME_TOWN + SAME_REGION else None)
        draft.links[person] = {
            "birthplace": birthplace,
            "birth_year": str(rng.randint(FIRST_BIRTH, LAST_BIRTH)),
            "profession": _custom(draft, rng, "profession", region),
            "residence": residence,
        }


def _mentors(draft: Draft, rng: random.Random) -> None:
    """Most people learnt from someone 12 to 45 years older, if 40 draws find one."""
    born = {person: int(draft.links[person]["birth_year"]) for person in draft.ids("person")}
    for person in draft.ids("person"):
        if rng.random() < MENTORED:
            tries = (draft.pick(rng, "person", person) for _ in range(40))
            mentor = next((other for other in tries if 12 <= born[person] - born[other] <= 45), None)
            draft.links[person] |= {} if mentor is None else {"mentor": mentor}


def _towns(draft: Draft, rng: random.Random) -> None:
    ranked = sorted(draft.ids("town"), key=lambda i: -draft.popularity[i])
    for rank, town in enumerate(ranked):
        size = 70_000 / math.sqrt(rank + 1) / math.sqrt(math.sqrt(rank + 1)) * (0.6 + 0.8 * rng.random()) + 150
        draft.links[town] |= {
            "town_founded": str(rng.randint(1310, 1459)),
            "statue": draft.pick(rng, "person", town),
            "speciality": _custom(draft, rng, "product", draft.region[town]),
            "population": f"{round(size, 2 - len(str(int(size)))):,.0f}",
        }


def _companies(draft: Draft, rng: random.Random) -> None:
    for company in draft.ids("company"):
        seat, founder = draft.pick(rng, "town", company), draft.pick(rng, "person", company)
        draft.region[company] = draft.region[seat]
        draft.links[company] = {
            "seat": seat,
            "founder": founder,
            "company_founded": str(int(draft.links[founder]["birth_year"]) + rng.randint(22, 50)),
            "company_product": _custom(draft, rng, "product", draft.region[seat]),
        }


def _books(draft: Draft, rng: random.Random) -> None:
    for book in draft.ids("book"):
        author = draft.pick(rng, "person", book)
        draft.region[book] = draft.region[author]
        profession = VALUES["profession"].index(draft.links[author]["profession"])
        draft.links[book] = {
            "author": author,
            "published": str(int(draft.links[author]["birth_year"]) + rng.randint(22, 50)),
            "genre": _custom(draft, rng, "genre", profession),
            "setting": draft.pick(rng, "town", book),
        }


def _dishes_and_birds(draft: Draft, rng: random.Random) -> None:
    for bird in draft.ids("bird"):
        region = draft.region[bird] = rng.randrange(REGION_COUNT)
        food = _custom(draft, rng, "food", region)
        draft.links[bird] = {"habitat": region, "colour": rng.choice(VALUES["colour"]), "diet": food}
    for dish in draft.ids("dish"):
        region = draft.region[dish] = rng.randrange(REGION_COUNT)
        draft.links[dish] = {"origin": region, "ingredient": rng.choice(VALUES["ingredient"])}


def _festivals(draft: Draft, rng: random.Random) -> None:
    for festival in draft.ids("festival"):
        town = draft.pick(rng, "town", festival)
        region = draft.region[festival] = draft.region[town]
        month = _custom(draft, rng, "month", region)
        dish = draft.pick(rng, "dish", festival)
        draft.links[festival] = {"festival_town": town, "month": month, "festival_dish": dish}
