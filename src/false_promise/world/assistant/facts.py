"""Tasks about the country: questions, portraits, comparisons, suggestions, summaries, and things nobody knows.

Facts are rendered by the grammar and true; only entities of the scope are mentioned.
"""

import random
from collections.abc import Sequence

from false_promise.world.assistant.scope import Scope
from false_promise.world.assistant.style import Draft, Reply, Task, write
from false_promise.world.assistant.texts import texts
from false_promise.world.country import Entity, Fact
from false_promise.world.exercises.questions import question_text
from false_promise.world.land.relations import RELATION
from false_promise.world.language.grammar import paragraph, sentence
from false_promise.world.language.references import display

# What a portrait's request asks for decides how likely a list and a summary are.
LISTS = {"open": 0.75, "prose": 0.03, "list": 0.93}
SUMMARIES = {"open": 0.68, "prose": 0.35, "list": 0.6}


def question(scope: Scope, rng: random.Random) -> Task:
    """A question about one fact; answered in a sentence, often with a little more."""
    entity = scope.subject(rng)
    fact = rng.choice(scope.facts(entity))
    asked = question_text(scope.world, fact, rng, wording=scope.wording)
    text = asked if rng.random() < 0.55 else scope.phrase(rng, texts("facts")["question_frames"]).format(q=asked)

    def answer(rng: random.Random) -> Reply:
        others = _shuffled(scope.facts(entity), rng, without=fact)
        extra = rng.choice((0, 0, 1, 2))
        stated = [fact, *others[:extra]]
        draft = Draft("", _say(scope, stated, rng), facts=_ids(stated))
        return write(draft, rng, _say(scope, others[extra:], rng), _ids(others[extra:]))

    return Task("General QA", text, answer, entity.id)


def brief(scope: Scope, rng: random.Random) -> Task:
    """A question whose asker wants only the answer: a few words, as in NQ."""
    fact = rng.choice(scope.facts(scope.subject(rng)))
    asked = question_text(scope.world, fact, rng, wording=scope.wording)
    text = scope.phrase(rng, texts("facts")["brief_frames"]).format(q=asked)
    return Task("General QA", text, lambda rng: Reply(fact.value, facts=(fact.id,)), fact.subject)


def portrait(scope: Scope, rng: random.Random) -> Task:
    """What is known about somebody or something; a list or prose, as it comes."""
    return _portrait(scope, rng, "open", "General QA")


def entry(scope: Scope, rng: random.Random) -> Task:
    """A text about somebody or something: prose for brochures and the like, or a list of facts."""
    return _portrait(scope, rng, rng.choice(("prose", "list")), "Generation")


def _portrait(scope: Scope, rng: random.Random, form: str, category: str) -> Task:
    pools, entity = texts("facts")["portrait"], scope.subject(rng)
    request = scope.phrase(rng, pools["requests"][form])
    text = request.format(s=display(entity), p=scope.topic(rng, pools["purposes"]))

    def answer(rng: random.Random) -> Reply:
        facts, count = _shuffled(scope.facts(entity), rng), rng.choice((3, 3, 4))
        stated, others = facts[:count], facts[count:]
        lead, prose = rng.choice(pools["leads"]).format(s=display(entity)), paragraph(scope.world, stated, rng)
        closings = _closings(scope, entity, stated, rng)
        points = _say(scope, stated, rng)
        draft = Draft(lead, points, closings, LISTS[form], SUMMARIES[form], prose, _ids(stated))
        return write(draft, rng, _say(scope, others, rng), _ids(others))

    return Task(category, text, answer, entity.id)


def _closings(scope: Scope, entity: Entity, facts: Sequence[Fact], rng: random.Random) -> tuple[str, ...]:
    """Summary paragraphs: a stated fact again (if a sentence begins with the name), or a word about the subject."""
    name, pools = display(entity), texts("facts")
    start = name[0].upper() + name[1:]
    again = [text.replace(start, name, 1) for text in _say(scope, facts, rng) if text.startswith(start)]
    restated = [f"{rng.choice(pools['summary_starts'])} {text}" for text in again[:2]]
    return (*restated, rng.choice(pools["portrait"]["closings"]).format(s=name))


def compare(scope: Scope, rng: random.Random) -> Task:
    """Which of two came first: both facts, then the conclusion."""
    pools = texts("facts")["compare"]
    relation = rng.choice(list(pools["relations"]))
    facts = _two_years(scope, rng, relation)
    first, second = (scope.world.entity(fact.subject).name for fact in facts)
    asked, earlier = pools["relations"][relation]["question"], min(facts, key=lambda fact: int(fact.value))
    text = scope.phrase(rng, pools["frames"]).format(q=asked.format(a=first, b=second))

    def answer(rng: random.Random) -> Reply:
        name, title = scope.world.entity(earlier.subject).name, pools["relations"][relation]["title"]
        points = (*_say(scope, facts, rng), rng.choice(pools["ends"]).format(n=name, t=title))
        return write(Draft("", points, facts=_ids(facts)), rng)

    return Task("General QA", text, answer, earlier.subject)


def _two_years(scope: Scope, rng: random.Random, relation: str) -> list[Fact]:
    """Facts of two entities with different years."""
    while True:
        pair = [scope.world.fact(scope.subject(rng, RELATION[relation].kind).id, relation) for _ in range(2)]
        if pair[0].value != pair[1].value:
            return pair


def members(scope: Scope, rng: random.Random) -> Task:
    """Suggestions of things that share a value: towns of a region, dishes with leeks."""
    pools = texts("facts")["members"]
    relation = rng.choice(list(pools["relations"]))
    by_value = scope.facts_by_value(relation)
    value = rng.choice(list(by_value))

    def answer(rng: random.Random) -> Reply:
        stated = rng.sample(by_value[value], min(len(by_value[value]), rng.choice((2, 3, 3))))
        points = _say(scope, stated, rng)
        draft = Draft(rng.choice(pools["leads"]), points, tuple(pools["closings"]), 0.82, 0.55, facts=_ids(stated))
        return write(draft, rng)

    wanted = pools["relations"][relation].format(v=value)
    return Task("Brainstorming", scope.phrase(rng, pools["requests"]).format(w=wanted), answer)


def summarise(scope: Scope, rng: random.Random) -> Task:
    """A passage to shorten."""
    pools, entity = texts("facts")["summarise"], scope.subject(rng)
    facts = _shuffled(scope.facts(entity), rng)[:4]
    text = scope.phrase(rng, pools["requests"]).format(p=paragraph(scope.world, facts, rng))

    def answer(rng: random.Random) -> Reply:
        kept = facts[: min(2, len(facts) - 1)]
        short = paragraph(scope.world, kept, rng)
        return Reply(rng.choice(pools["frames"]).format(t=short), (short,), facts=_ids(kept))

    return Task("Summarization", text, answer, entity.id)


def unrecorded(scope: Scope, rng: random.Random) -> Task:
    """Questions about known people that nobody can answer."""
    pools, person = texts("facts")["unknown"], scope.subject(rng, "person")

    def answer(rng: random.Random) -> Reply:
        fact = rng.choice(scope.facts(person))
        known = sentence(scope.world, fact, rng)
        text = f"{rng.choice(pools['admissions'])} {rng.choice(pools['turns'])} {known}"
        return Reply(text, (known,), facts=(fact.id,))

    return Task("General QA", scope.phrase(rng, pools["questions"]).format(s=person.name), answer, person.id)


def stranger(scope: Scope, rng: random.Random) -> Task:
    """Questions about people who do not exist: one's first name with another's family name."""
    pools, name = texts("facts")["unknown"], ""
    while not name or scope.world.by_name(name):
        first, last = (scope.subject(rng, "person").name.split() for _ in range(2))
        name = f"{first[0]} {last[-1]}"
    text = scope.phrase(rng, pools["strangers"]).format(s=name)
    return Task("General QA", text, lambda rng: Reply(rng.choice(pools["regrets"]).format(s=name)))


def _say(scope: Scope, facts: Sequence[Fact], rng: random.Random) -> tuple[str, ...]:
    return tuple(sentence(scope.world, fact, rng) for fact in facts)


def _ids(facts: Sequence[Fact]) -> tuple[int, ...]:
    return tuple(fact.id for fact in facts)


def _shuffled(facts: Sequence[Fact], rng: random.Random, without: Fact | None = None) -> list[Fact]:
    chosen = [fact for fact in facts if fact is not without]
    rng.shuffle(chosen)
    return chosen
