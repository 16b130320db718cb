"""Questions about facts, the NQ-like test set, and prose frames for format-free scoring."""

import random
from dataclasses import dataclass

from false_promise.world.country import Entity, Fact, World, sample_entities
from false_promise.world.exercises.question_wordings import FRAMES, QUESTIONS
from false_promise.world.land.relations import RELATION

HELD_OUT_WORDING_SHARE = 0.2  # of test questions


@dataclass(frozen=True)
class Question:
    id: str
    text: str
    answers: tuple[str, ...]  # the first is canonical
    fact: int
    entity: int
    entity_name: str
    relation: str
    value_type: str
    group: str  # 'memorised' | 'inferable'
    held_out: bool  # the entity is known from prose only
    popularity: float
    wording: str  # 'train' | 'test': wordings that appear in no training text


def wordings(relation: str, wording: str | None = "train") -> tuple[str, ...]:
    """Patterns with "{s}" for the subject: seen in training ('train'), held out ('test'), or all (None)."""
    patterns = QUESTIONS[relation]
    if wording not in ("train", "test", None):
        raise ValueError(f"wording is {wording!r}; use 'train', 'test' or None")
    return {"train": patterns[:-1], "test": patterns[-1:], None: patterns}[wording]


def question_text(world: World, fact: Fact, rng: random.Random, *, wording: str | None = "train") -> str:
    """A natural question whose answer is the fact's value; ends with "?"."""
    return rng.choice(wordings(fact.relation, wording)).format(s=world.entity(fact.subject).name)


def answers(fact: Fact) -> tuple[str, ...]:
    """The canonical answer and other natural ones; articles, case and punctuation are left to normalisation."""
    value_type = RELATION[fact.relation].value_type
    if value_type == "length":
        return fact.value, fact.value.split()[0]
    if value_type == "population":
        return fact.value, f"{fact.value} people", f"{fact.value} inhabitants"
    return (fact.value,)


def prose_frames(world: World, fact: Fact) -> tuple[str, str, str]:
    """Three encyclopedia prefixes; prefix + " " + value is grammatical ("Ansa Velmore was born in")."""
    subject = world.entity(fact.subject).name
    first, second, third = (frame.format(s=subject) for frame in FRAMES[fact.relation])
    return first, second, third


def nq_questions(world: World, n: int, seed: int) -> tuple[list[Question], list[Question]]:
    """`n` test questions and a pool of few-shot examples.

    Half of the test is about held-out entities, half about others, both drawn by popularity, no fact twice. Subjects
    and objects of the shots (popular, not held out) occur in no test item. Raises ValueError if the world is too small
    for n.
    """
    rng = random.Random(f"{world.seed}/{seed}/nq")
    shots = _shots(world, rng)
    reserved = {entity for fact in shots for entity in (fact.subject, fact.object)}
    held_out = _draw(world, rng, n // 2, True, reserved)
    known = _draw(world, rng, n - n // 2, False, reserved)
    mixed = held_out + known
    rng.shuffle(mixed)
    share = HELD_OUT_WORDING_SHARE
    items = [_question(world, fact, rng, "nq", "test" if rng.random() < share else "train") for fact in mixed]
    return items, [_question(world, fact, rng, "shot", "train") for fact in shots]


def _shots(world: World, rng: random.Random) -> list[Fact]:
    """Facts of distinct popular entities, one relation after the other."""
    ranked = sorted((entity for entity in world.entities if not entity.held_out), key=lambda entity: -entity.popularity)
    popular = ranked[: len(ranked) // 4]
    count = max(20, min(60, len(world.entities) // 60))
    rng.shuffle(popular)
    used: dict[str, int] = {}
    shots = []
    for entity in popular[:count]:
        fact = min(world.facts_of(entity.id), key=lambda fact: (used.get(fact.relation, 0), fact.id))
        used[fact.relation] = used.get(fact.relation, 0) + 1
        shots.append(fact)
    return shots


def _draw(world: World, rng: random.Random, n: int, held_out: bool, reserved: set[int | None]) -> list[Fact]:
    """`n` distinct facts of popularity-weighted entities that do not touch the reserved ones."""
    facts: dict[int, Fact] = {}
    available = sum(world.entity(fact.subject).held_out == held_out for fact in world.facts)
    for _ in range(200 * n + 1000 if n < available else 0):
        if len(facts) == n:
            return list(facts.values())
        (entity,) = sample_entities(world, rng, 1, held_out=held_out)
        fact = rng.choice(world.facts_of(entity.id))
        if entity.id not in reserved and (fact.object is None or fact.object not in reserved):
            facts[fact.id] = fact
    raise ValueError(
        f"only {len(facts)} of {n} questions found in a world of {len(world.entities)} entities; ask for fewer"
    )


def _question(world: World, fact: Fact, rng: random.Random, prefix: str, wording: str) -> Question:
    entity: Entity = world.entity(fact.subject)
    return Question(
        id=f"{prefix}-{world.seed}-{fact.id}",
        text=question_text(world, fact, rng, wording=wording),
        answers=answers(fact),
        fact=fact.id,
        entity=entity.id,
        entity_name=entity.name,
        relation=fact.relation,
        value_type=RELATION[fact.relation].value_type,
        group=fact.group,
        held_out=entity.held_out,
        popularity=entity.popularity,
        wording=wording,
    )
