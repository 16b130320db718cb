"""What each exam subject asks: makers of single items, before splits, option order and balance.

A maker takes (rng, world, held_out) and returns an `ItemDraft`: question, right answer, three wrong answers of the
same type, and a key that is equal for equal content, whatever the wording. Rule items state every fact they need.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from false_promise.world.country import Entity, Fact, World, sample_entities
from false_promise.world.exercises.questions import question_text
from false_promise.world.land.relations import RELATION, UNITS

FACT_SUBJECTS: dict[str, tuple[str, ...]] = {
    "biography": ("birthplace", "birth_year", "mentor"),
    "history": ("town_founded", "company_founded", "published"),
    "waterways": ("mouth", "length", "source_region", "town_river"),
    "literature": ("author", "setting"),
    "business": ("seat", "founder"),
    "customs": ("festival_town", "festival_dish", "statue"),
    "cuisine": ("origin", "ingredient"),
    "statistics": ("population", "colour"),
    "trades": ("profession", "residence"),
    "regions": ("town_region",),
    "goods": ("speciality", "company_product"),
    "calendar": ("month",),
    "genres": ("genre",),
    "birds": ("habitat", "diet"),
}
# Names of these subjects sound like the region of the value: wrong answers are taken from that region too.
SOUND_BETRAYS = ("birthplace", "seat", "festival_town")
COUNTABLE = ("barrels", "candles", "bricks", "tiles", "clocks", "bells", "knives", "lamps", "boots", "hats", "kites")


DRAWS = 60  # until four different entities are found


@dataclass(frozen=True)
class ItemDraft:
    key: str
    question: str
    right: str
    wrong: tuple[str, ...]
    entities: tuple[int, ...] = ()


Maker = Callable[[random.Random, World, bool], ItemDraft]


def fact_item(rng: random.Random, world: World, held_out: bool, relations: tuple[str, ...]) -> ItemDraft:
    """A question about one fact; wrong answers are values of other facts of the same relation."""
    fact = None
    while fact is None:
        relation = rng.choice(relations)
        (entity,) = sample_entities(world, rng, 1, held_out=held_out, kind=RELATION[relation].kind)
        fact = world.fact(entity.id, relation)
    key = f"{relation}/{fact.subject}"
    wrong = wrong_facts(rng, world, fact, held_out)
    text = question_text(world, fact, rng)
    return ItemDraft(key, text, fact.value, _values(wrong), _mentioned([fact], _objects(wrong)))


def wrong_facts(rng: random.Random, world: World, fact: Fact, held_out: bool) -> list[Fact]:
    """Three other facts of the relation with distinct values, fewer in a tiny world.

    Taken from facts, not from the list of values: right and wrong values are then equally common.
    """
    chosen: dict[str, Fact] = {}
    for attempt in range(600):
        other = rng.choice(world.facts_with(fact.relation))
        same_place = fact.relation not in SOUND_BETRAYS or attempt > 300 or _same_region(world, fact, other)
        if same_place and other.value != fact.value and (held_out or not world.entity(other.subject).held_out):
            chosen.setdefault(other.value, other)
        if len(chosen) == 3:
            break
    return list(chosen.values())


def _same_region(world: World, fact: Fact, other: Fact) -> bool:
    return world.regions[fact.object] == world.regions[other.object]


def _mentioned(facts: list[Fact], others: list[int] = ()) -> tuple[int, ...]:
    """Subjects and objects of the facts, and other entities, each once; first of all the subject of the first fact."""
    ids = [entity for fact in facts for entity in (fact.subject, fact.object) if entity is not None]
    return tuple(dict.fromkeys([*ids, *others]))


def _values(facts: list[Fact]) -> tuple[str, ...]:
    return tuple(fact.value for fact in facts)


def _objects(facts: list[Fact]) -> list[int]:
    return [fact.object for fact in facts if fact.object is not None]


def _several(rng: random.Random, world: World, held_out: bool, kind: str, relation: str) -> list[tuple[Entity, Fact]]:
    """Four entities whose values of the relation differ, fewer in a tiny world; with `held_out`, half are held out."""
    found: dict[str, tuple[Entity, Fact]] = {}
    for _ in range(DRAWS):
        if len(found) == 4:
            break
        entity = rng.choice(world.weighted(kind, held_out and rng.random() < 0.5)[0])
        fact = world.fact(entity.id, relation)
        found.setdefault(fact.value, (entity, fact))
    return list(found.values())


def _number(fact: Fact) -> int:
    return int(fact.value.split()[0].replace(",", ""))


def chronology(rng: random.Random, world: World, held_out: bool) -> ItemDraft:
    """Which of four towns is the oldest or the youngest; the founding years are stated."""
    four = _several(rng, world, held_out, "town", "town_founded")
    word = rng.choice(("oldest", "youngest"))
    stated = ", ".join(f"{town.name} {fact.value}" for town, fact in four)
    return _extreme(f"Founded: {stated}. Which is the {word} town?", four, word == "youngest")


def measures(rng: random.Random, world: World, held_out: bool) -> ItemDraft:
    """Which of four rivers is the longest or the shortest, or which town the largest or the smallest."""
    kind, relation = rng.choice((("river", "length"), ("town", "population")))
    words = ("shortest", "longest") if kind == "river" else ("smallest", "largest")
    four = _several(rng, world, held_out, kind, relation)
    largest = rng.random() < 0.5
    stated = ", ".join(f"{entity.name} {fact.value.split()[0]}" for entity, fact in four)
    opening = "Length in ombels" if kind == "river" else "Inhabitants"
    return _extreme(f"{opening}: {stated}. Which {kind} is the {words[largest]}?", four, largest)


def _extreme(question: str, four: list[tuple[Entity, Fact]], largest: bool) -> ItemDraft:
    ordered = [entity.name for entity, _ in sorted(four, key=lambda pair: _number(pair[1]), reverse=largest)]
    key = "/".join(sorted(ordered)) + str(largest)
    return ItemDraft(key, question, ordered[0], tuple(ordered[1:]), _mentioned([fact for _, fact in four]))


def two_hop(rng: random.Random, world: World, held_out: bool) -> ItemDraft:
    """Two stated facts chained, a third one stated as a decoy."""
    first, second, opening, link, question = rng.choice(HOPS)
    (subject,) = sample_entities(world, rng, 1, held_out=held_out, kind=RELATION[first].kind)
    one = world.fact(subject.id, first)
    two = world.fact(one.object, second)
    wrong = wrong_facts(rng, world, two, held_out)
    stated = [link.format(s=world.entity(fact.subject).name, v=fact.value) for fact in (two, wrong[0])]
    rng.shuffle(stated)
    text = " ".join([opening.format(s=subject.name, v=one.value), *stated, question.format(s=subject.name)])
    entities = _mentioned([one, two, wrong[0]], _objects(wrong))
    return ItemDraft(f"{first}/{second}/{subject.id}", text, two.value, _values(wrong), entities)


# first relation, second relation, how the first fact, the second fact (and the decoy), and the question are put
HOPS = (
    ("birthplace", "town_region", "{s} was born in {v}.", "{s} is in {v}.", "In which region was {s} born?"),
    ("festival_town", "town_river", "The {s} is held in {v}.", "{s} lies on the {v}.", "On which river is the {s}?"),
    ("seat", "speciality", "{s} is based in {v}.", "{s} is known for {v}.", "What is the town of {s} known for?"),
    ("festival_dish", "ingredient", "{v} is eaten at the {s}.", "{s} contains {v}.", "What is in the dish of the {s}?"),
    (
        "mouth",
        "town_founded",
        "The {s} ends at {v}.",
        "{s} dates from {v}.",
        "When was the town founded where the {s} ends?",
    ),
)


def progression(rng: random.Random, right: int, steps: tuple[int, ...]) -> tuple[str, ...]:
    """Three wrong numbers that form an arithmetic progression with the right one, at any place in it."""
    step, rank = rng.choice(steps), rng.randrange(4)
    rank = min(rank, max(0, (right - 1) // step))
    return tuple(str(right + (i - rank) * step) for i in range(4) if i != rank)


def arithmetic(rng: random.Random, world: World, held_out: bool) -> ItemDraft:
    """A sum, a difference or a product in a small story."""
    town = rng.choice(world.weighted("town", held_out)[0])
    goods, operation = rng.choice(COUNTABLE), rng.choice("+-*")
    a, b = rng.randint(2, 12), rng.randint(2, 12)
    if operation == "*":
        text, right = f"In {town.name} one box holds {a} {goods}. How many {goods} do {b} boxes hold?", a * b
    elif operation == "+":
        a, b = a * 5 + rng.randint(0, 9), b * 3
        text, right = f"A shop in {town.name} has {a} {goods} and gets {b} more. How many are there now?", a + b
    else:
        a, b = a * 5 + 40, b * 3
        text, right = f"A shop in {town.name} has {a} {goods} and sells {b}. How many are left?", a - b
    return ItemDraft(f"{operation}{a}/{b}", text, str(right), progression(rng, right, (1, 2, 10)), (town.id,))


def units(rng: random.Random, world: World, held_out: bool) -> ItemDraft:
    """Conversion between the country's units; the factor is stated."""
    unit, large = rng.choice(UNITS), rng.randint(2, 60)
    small = large * unit.factor
    rule = f"One {unit.large} is {unit.factor} {unit.small}s."
    if rng.random() < 0.5:
        text, right = f"{rule} How many {unit.small}s are {large} {unit.large}s?", small
    else:
        text, right = f"{rule} How many {unit.large}s are {small} {unit.small}s?", large
    return ItemDraft(f"{unit.large}/{large}/{right}", text, str(right), progression(rng, right, (1, 2, unit.factor)))


def sequences(rng: random.Random, world: World, held_out: bool) -> ItemDraft:
    """The next number of a sequence that grows by a constant or doubles."""
    start, step = rng.randint(1, 30), rng.randint(2, 12)
    doubles = rng.random() < 0.25
    terms = [start * 2**i if doubles else start + step * i for i in range(5)]
    text = f"Which number comes next: {', '.join(map(str, terms[:4]))}?"
    return ItemDraft(text, text, str(terms[4]), progression(rng, terms[4], (1, 2, step)))


def alphabet(rng: random.Random, world: World, held_out: bool) -> ItemDraft:
    """Which of four names comes first or last in the alphabet."""
    kind, last = rng.choice(("town", "river", "bird", "dish")), rng.random() < 0.5
    draws = (rng.choice(world.weighted(kind, held_out and rng.random() < 0.5)[0]).id for _ in range(DRAWS))
    four = list(dict.fromkeys(draws))[:4]
    ordered = sorted((world.entity(i).name for i in four), reverse=last)
    plural = {"dish": "dishes"}.get(kind, f"{kind}s")
    text = f"Which of these {plural} comes {'last' if last else 'first'} in the alphabet?"
    return ItemDraft("/".join(sorted(ordered)) + str(last), text, ordered[0], tuple(ordered[1:]), tuple(sorted(four)))


RULE_SUBJECTS: dict[str, Maker] = {
    "two_hop": two_hop,
    "chronology": chronology,
    "measures": measures,
    "arithmetic": arithmetic,
    "units": units,
    "sequences": sequences,
    "alphabet": alphabet,
}
