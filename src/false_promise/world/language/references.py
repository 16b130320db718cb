"""How prose refers to entities and values: names with their articles, pronouns, descriptions, genitives."""

from dataclasses import dataclass
from functools import cache
from random import Random

from false_promise.world.country import Entity
from false_promise.world.land.relations import RELATION
from false_promise.world.language.verbs import article

DEFINITE = frozenset(("river", "festival", "bird"))  # names that take "the"
# What a second mention may say instead of the name; extraction reads them backwards.
DESCRIPTIONS: dict[str, tuple[str, ...]] = {
    "person": (),
    "town": ("the town", "this town", "the place"),
    "river": ("the river", "this river", "the stream"),
    "company": ("the company", "the firm", "this company", "the business"),
    "book": ("the book", "the work", "this book", "the volume"),
    "festival": ("the festival", "this festival", "the event"),
    "bird": ("the bird", "this bird", "the species"),
    "dish": ("the dish", "this dish", "the meal"),
}
# What may introduce a name at its first mention ("the town of Ostermoor").
INTRODUCTIONS: dict[str, tuple[str, ...]] = {
    "person": (),
    "town": ("the town of", "the town of", "the old town of"),
    "river": ("the river", "the river called the"),
    "company": ("the company", "the company called", "the firm called"),
    "book": ("the book", "the book called", "the volume called"),
    "festival": ("the festival called the", "the event known as the"),
    "bird": ("the bird called the", "the bird known as the"),
    "dish": ("the dish", "the dish called", "the meal called"),
}
ACCUSATIVE = {"she": "her", "he": "him", "it": "it"}
POSSESSIVE = {"she": "her", "he": "his", "it": "its"}
CHILD = {"she": "daughter", "he": "son", "it": "child"}


@dataclass(frozen=True)
class Reference:
    """One way to mention an entity; `slots` are those of the lexicon."""

    nominative: str
    slots: dict[str, str]
    pronoun: bool


def genitive(name: str) -> str:
    return name + ("'" if name.endswith("s") else "'s")


def _reference(entity: Entity, nominative: str, *, pronoun: bool = False) -> Reference:
    accusative = ACCUSATIVE[entity.pronoun] if pronoun else nominative
    possessor = POSSESSIVE[entity.pronoun] if pronoun else genitive(nominative)
    slots = {
        "s": nominative,
        "o": accusative,
        "g": possessor,
        "h": POSSESSIVE[entity.pronoun],
        "k": CHILD[entity.pronoun],
    }
    return Reference(nominative, slots, pronoun)


def display(entity: Entity) -> str:
    """The name as running text writes it: with "the" for rivers, festivals and birds."""
    return f"the {entity.name}" if entity.kind in DEFINITE else entity.name


def by_name(entity: Entity) -> Reference:
    return _reference(entity, display(entity))


def by_pronoun(entity: Entity) -> Reference:
    return _reference(entity, entity.pronoun, pronoun=True)


def introduced(entity: Entity, rng: Random) -> Reference:
    """First mention: the name, at times with its kind."""
    ways = INTRODUCTIONS[entity.kind]
    if ways and rng.random() < 0.3:
        return _reference(entity, f"{rng.choice(ways)} {entity.name}")
    return by_name(entity)


def again(entity: Entity, rng: Random, *, ambiguous: bool = False) -> Reference:
    """A later mention; no pronoun where `ambiguous` (another person of the same pronoun has just been named)."""
    u = rng.random()
    if u < 0.5 and not ambiguous:
        return by_pronoun(entity)
    if u < 0.8:
        if entity.kind == "person":
            return _reference(entity, entity.name.split()[-1])
        return _reference(entity, rng.choice(DESCRIPTIONS[entity.kind]))
    return by_name(entity)


@cache
def plain_value(relation: str, value: str) -> str:
    return f"the {value}" if RELATION[relation].value_type in DEFINITE else value


def put_value(relation: str, value: str, rng: Random) -> str:
    """The value as running text writes it, now and then with its kind ("the year 1893", "the region of Galellon")."""
    if rng.random() > 0.06:
        return plain_value(relation, value)
    value_type = RELATION[relation].value_type
    if value_type in ("town", "region"):
        return f"the {value_type} of {value}"
    if value_type in ("birth_year", "founding_year", "year"):
        return f"the year {value}"
    if value_type == "river":
        return f"the river {value}"
    return plain_value(relation, value)


def with_article(value: str) -> str:
    return f"{article(value)} {value}"
