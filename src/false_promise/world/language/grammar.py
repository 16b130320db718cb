"""Prose from facts: a compositional grammar of one-subject sentences and paragraphs.

    paragraph(world, world.facts_of(entity.id), random.Random(1))

A sentence states one to four facts. One becomes the main clause; the others become modifiers before or after the
subject, coordinated verb phrases, modifiers at the end, or a second clause; two related facts may share a phrase. Which
form a fact takes, how its subject is mentioned, tense and voice are all drawn; see `forms.py` and `lexicon/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from false_promise.world.country import Entity, Fact, World
from false_promise.world.language.forms import LIVES, Drawer, Table, table
from false_promise.world.language.lexicon import PAIRED, fillers
from false_promise.world.language.references import (
    Reference,
    again,
    by_name,
    by_pronoun,
    introduced,
    put_value,
    with_article,
)
from false_promise.world.language.verbs import is_plural

WORDINGS = ("train", "test")
PAIR_SHARE = 0.4  # of neighbouring facts that can share a phrase
PAST_SHARE = 0.75  # of paragraphs about people
ADVERBIAL_SHARE, ENDING_SHARE, LINK_SHARE, REMARK_SHARE, ADVERB_SHARE = 0.08, 0.05, 0.09, 0.03, 0.14
GROUP_SIZES = (1, 2, 2, 2, 3, 3, 3, 4)


@dataclass(frozen=True)
class Unit:
    """One fact, or two that share a phrase, with the forms it can take and its part of the slots."""

    forms: Table
    slots: dict[str, str]


@dataclass(frozen=True)
class Style:
    """What stays the same over a paragraph."""

    tense: str
    held_out: bool


def sentence(world: World, fact: Fact, rng: Random, *, wording: str = "train") -> str:
    """One self-contained sentence that names the subject and states the fact."""
    style = _style(rng, wording)
    entity = world.entity(fact.subject)
    return _capitalise(_sentence([fact], entity, introduced(entity, rng), rng, style)) + "."


def paragraph(world: World, facts: Sequence[Fact], rng: Random, *, wording: str = "train") -> str:
    """Fluent prose that states exactly these facts about one subject; ValueError if there is none or several."""
    subjects = {fact.subject for fact in facts}
    if len(subjects) != 1:
        raise ValueError(f"a paragraph is about one subject; got facts about {len(subjects)}: split them first")
    style, entity = _style(rng, wording), world.entity(facts[0].subject)
    sentences: list[str] = []
    reference = introduced(entity, rng)
    for group in _groups(list(facts), rng):
        opening = _opening(rng, first=not sentences)
        told = _sentence(group, entity, reference, rng, style, bare=bool(opening))
        ending = (
            "" if opening or rng.random() > ENDING_SHARE else f", {rng.choice(fillers.ENDINGS).format(_source(rng))}"
        )
        sentences.append(_capitalise(opening + told + ending) + ".")
        reference = again(entity, rng, ambiguous=_names_alike(world, group, entity))
    if rng.random() < REMARK_SHARE:
        sentences.append(_capitalise(remark(entity, rng)) + ".")
    return " ".join(sentences)


def remark(entity: Entity, rng: Random) -> str:
    """A clause about the entity that states no fact."""
    start = rng.choice(fillers.REMARK_STARTS).format(n=entity.name, **by_name(entity).slots)
    return start + rng.choice(fillers.REMARK_ENDS)


def sentence_of_two(world: World, facts: Sequence[Fact], rng: Random) -> str:
    """Two facts about different subjects in one sentence; each subject is named."""
    one, other = (clause_of(world, fact, rng) for fact in facts)
    if rng.random() < 0.3:
        return _capitalise(f"{rng.choice(fillers.SUBORDINATORS)} {one}, {other}.")
    return _capitalise(f"{one}{rng.choice(fillers.COORDINATORS)}{other}.")


def clause_of(world: World, fact: Fact, rng: Random, *, wording: str = "train") -> str:
    """The fact as a clause without capital or full stop, to be built into other sentences ("I read that ...")."""
    entity = world.entity(fact.subject)
    style = _style(rng, wording)
    return _main_clause(_unit([fact], rng, style), by_name(entity), rng)


def _style(rng: Random, wording: str) -> Style:
    if wording not in WORDINGS:
        raise ValueError(f"wording is {wording!r}; use one of {WORDINGS}")
    return Style("past" if rng.random() < PAST_SHARE else "present", wording == "test")


def _groups(facts: list[Fact], rng: Random) -> list[list[Fact]]:
    """The facts of each sentence, in telling order."""
    if rng.random() < 0.5:
        rng.shuffle(facts)
    groups, start = [], 0
    while start < len(facts):
        size = rng.choice(GROUP_SIZES)
        groups.append(facts[start : start + size])
        start += size
    return groups


def _opening(rng: Random, *, first: bool) -> str:
    u = rng.random()
    if u < ADVERBIAL_SHARE:
        cited = rng.choice(fillers.SOURCES).format(_source(rng))
        return (cited if rng.random() < 0.6 else rng.choice(fillers.OPENINGS)) + ", "
    return rng.choice(fillers.LINKS) + ", " if not first and u < ADVERBIAL_SHARE + LINK_SHARE else ""


def _source(rng: Random) -> str:
    """Where the writer knows it from: "a dusty yearbook"."""
    return f"{rng.choice(fillers.SOURCE_ADJECTIVES)} {rng.choice(fillers.SOURCE_NOUNS)}"


def _names_alike(world: World, group: list[Fact], entity: Entity) -> bool:
    """Whether the sentence has named someone whom the subject's pronoun could also mean."""
    if entity.kind != "person":
        return False
    return any(fact.relation == "mentor" and world.entity(fact.object).pronoun == entity.pronoun for fact in group)


def _unit(facts: list[Fact], rng: Random, style: Style) -> Unit:
    relations = tuple(fact.relation for fact in facts)
    tense = style.tense if relations[0] in LIVES or relations[-1] in LIVES else "present"
    value = facts[0].value
    slots = {"v": put_value(relations[0], value, rng), "a": with_article(value), "n": value}
    if len(facts) == 2:
        second = facts[1].value
        slots |= {"w": put_value(relations[1], second, rng), "b": with_article(second), "m": second}
    return Unit(table(relations, tense, style.held_out, is_plural(value)), slots)


def _units(facts: list[Fact], rng: Random, style: Style) -> list[Unit]:
    """Units of the facts; neighbours that can share a phrase do so half of the time."""
    units, rest = [], list(facts)
    while rest:
        fact = rest.pop(0)
        partner = None
        if not style.held_out and rest and rng.random() < PAIR_SHARE:
            partner = next((other for other in rest if _ordered(fact, other)), None)
        if partner:
            rest.remove(partner)
        units.append(_unit(_ordered(fact, partner) if partner else [fact], rng, style))
    return units


def _ordered(one: Fact, other: Fact) -> list[Fact] | None:
    if (one.relation, other.relation) in PAIRED:
        return [one, other]
    return [other, one] if (other.relation, one.relation) in PAIRED else None


def _sentence(
    facts: list[Fact], entity: Entity, reference: Reference, rng: Random, style: Style, *, bare: bool = False
) -> str:
    """A sentence without capital and full stop; `bare` if something stands before it already."""
    units = _units(facts, rng, style)
    if len(units) >= 2 and rng.random() < (0.35 if len(units) == 2 else 0.5):
        cut = len(units) // 2
        first = _simple(units[:cut], reference, rng, bare=bare)
        second = _simple(units[cut:], by_pronoun(entity), rng, bare=True)
        if not bare and cut == 1 and rng.random() < 0.25:
            return f"{rng.choice(fillers.SUBORDINATORS)} {first}, {second}"
        return first + rng.choice(fillers.COORDINATORS) + second
    return _simple(units, reference, rng, bare=bare)


def _simple(units: list[Unit], reference: Reference, rng: Random, *, bare: bool) -> str:
    """One main clause that carries all units, each in a place that it has a form for."""
    if len(units) == 1:
        return _main_clause(units[0], reference, rng, bare=bare)
    core, *others = rng.sample(units, len(units))
    if not core.forms.vp.templates:
        return ", and ".join(_main_clause(unit, reference, rng) for unit in units)
    places = _assign(others, reference, rng, bare)
    return _assemble(core, places, reference, rng)


def _assign(units: list[Unit], reference: Reference, rng: Random, bare: bool) -> dict[str, list[Unit]]:
    """Which unit goes where: at most one before, one after the subject and one at the end, the rest coordinated."""
    open_places = [place for place in ("pre", "post", "tail") if not (place == "pre" and bare)]
    if reference.pronoun:
        open_places.remove("post")
    places: dict[str, list[Unit]] = {"pre": [], "post": [], "tail": [], "and": [], "clause": []}
    for unit in units:
        rng.shuffle(open_places)
        fitting = [place for place in open_places if _drawer(unit, place).templates]
        place = fitting[0] if fitting and rng.random() < 0.7 else "and"
        if place == "and":
            place = "and" if unit.forms.vp.templates else "clause"
        else:
            open_places.remove(place)
        places[place].append(unit)
    return places


def _assemble(core: Unit, places: dict[str, list[Unit]], reference: Reference, rng: Random) -> str:
    pre = "".join(_fill(unit, "pre", reference, rng) for unit in places["pre"])
    post = "".join(_fill(unit, "post", reference, rng) for unit in places["post"])
    phrases = [_fill(unit, "vp", reference, rng) for unit in (core, *places["and"])]
    joined = phrases[0] if len(phrases) == 1 else ", ".join(phrases[:-1]) + " and " + phrases[-1]
    tail = "".join(_fill(unit, "tail", reference, rng) for unit in places["tail"])
    clauses = "".join("; " + _main_clause(unit, reference, rng) for unit in places["clause"])
    return f"{pre}{reference.nominative}{post} {joined}{tail}{clauses}"


def _main_clause(unit: Unit, reference: Reference, rng: Random, *, bare: bool = True) -> str:
    """Subject and verb phrase, or a clause in which the subject stands elsewhere; at times a modifier comes first."""
    clauses = unit.forms.pronoun_clause if reference.pronoun else unit.forms.clause
    finite = unit.forms.vp.cumulative[-1] if unit.forms.vp.templates else 0.0
    other = clauses.cumulative[-1] if clauses.templates else 0.0
    if rng.random() * (finite + other) < finite:
        return f"{reference.nominative} {_with_adverb(_fill(unit, 'vp', reference, rng), rng)}"
    return clauses.draw(rng).format(**unit.slots, **reference.slots)


def _with_adverb(phrase: str, rng: Random) -> str:
    """Now and then an adverb, after "be" and before any other verb."""
    if rng.random() > ADVERB_SHARE:
        return phrase
    verb, _, rest = phrase.partition(" ")
    adverb = rng.choice(fillers.ADVERBS)
    return f"{verb} {adverb} {rest}" if verb in ("is", "was") else f"{adverb} {phrase}"


def _drawer(unit: Unit, place: str) -> Drawer:
    return getattr(unit.forms, place)


def _fill(unit: Unit, place: str, reference: Reference, rng: Random) -> str:
    return _drawer(unit, place).draw(rng).format(**unit.slots, **reference.slots)


def _capitalise(text: str) -> str:
    return text[0].upper() + text[1:]
