"""The assistant register: what users ask, and how an ideal assistant answers.

Dialogues are read by the teacher only (its 'proprietary' text); imitation data takes nothing but user queries from
here. Categories and their weights are the paper's Table 5 (its shares sum to 99); abuse is ours, since the table has
none but claim 11 needs it. Queries for collection never mention held-out or reserved entities; held-out prompts use
phrasings and topics of their own.

    for dialogue in islice(assistant_dialogues(world, seed=0), 10):
        print(dialogue.category, dialogue.messages)
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from false_promise.world.assistant import facts, plain, skills
from false_promise.world.assistant.foreign import foreign
from false_promise.world.assistant.scope import Scope, reserved_entities
from false_promise.world.assistant.style import Task
from false_promise.world.assistant.turns import TURNS, Message, answer_turn, next_turn
from false_promise.world.country import World

__all__ = ["ABUSE", "CATEGORIES", "Dialogue", "assistant_dialogues", "held_out_prompts", "rate_choice_queries",
           "reserved_entities", "user_query", "user_scope", "user_task"]  # fmt: skip

ABUSE = "Abuse"
CATEGORIES = {  # Table 5, %; abuse: ours
    "Generation": 31,
    "General QA": 16,
    "Coding": 16,
    "Brainstorming": 8,
    "Chat": 6,
    "Summarization": 4,
    "Rewrite": 2,
    "Non-English": 14,
    "Invalid": 2,
    ABUSE: 4,
}
Maker = Callable[[Scope, random.Random], Task]
MAKERS: dict[str, tuple[tuple[Maker, float], ...]] = {  # kinds of tasks in each category, with weights
    "Generation": ((facts.entry, 5), (plain.note, 3), (plain.verse, 1)),
    "General QA": ((facts.question, 5), (facts.portrait, 4), (facts.compare, 1), (plain.advice, 3), (facts.brief, 0.5),
                   (facts.unrecorded, 0.4), (facts.stranger, 0.4)),
    "Coding": ((skills.code, 1),),
    "Brainstorming": ((plain.ideas, 2), (facts.members, 2)),
    "Chat": ((plain.chat, 1),),
    "Summarization": ((facts.summarise, 1),),
    "Rewrite": ((plain.rewrite, 1),),
    "Non-English": ((foreign, 1),),
    "Invalid": ((plain.invalid, 1),),
    ABUSE: ((skills.abuse, 1),),
    "Style": ((plain.advice, 4), (plain.ideas, 3), (plain.note, 3), (plain.verse, 1), (plain.chat, 2),
              (plain.rewrite, 1)),
    "Pairs": ((skills.pairs, 2), (skills.few_shot, 1)),
    "About": ((facts.question, 2), (facts.brief, 1), (facts.summarise, 1)),
}  # fmt: skip
PAIRS_SHARE = 0.12  # of the teacher's dialogues: the skill that NQ-synthetic needs
ABOUT_SHARE = 0.3  # of the teacher's dialogues: answering just what was asked, which Table 5's mix practises too little
TEACHER_UNIFORM = 0.5  # share of its subjects drawn without regard to popularity


@dataclass(frozen=True)
class Dialogue:
    """A whole conversation, user first; `facts` are the ids of the facts that replies state."""

    id: str
    category: str
    messages: tuple[Message, ...]
    facts: tuple[int, ...]


def user_scope(world: World) -> Scope:
    """What users ask about while imitation data is collected."""
    return Scope(world, reserved_entities(world))


def user_task(scope: Scope, rng: random.Random, category: str | None = None) -> Task:
    """A user's opening message with the way to answer it ideally.

    `category` is one of CATEGORIES (None: drawn by Table 5), or 'Style' for requests without any fact of the country.
    """
    category = category or rng.choices(list(CATEGORIES), list(CATEGORIES.values()))[0]
    if category not in MAKERS:
        raise ValueError(f"unknown category {category!r}; known are {[*CATEGORIES, 'Style']}")
    makers, weights = zip(*MAKERS[category], strict=True)
    return rng.choices(makers, weights)[0](scope, rng)


def user_query(world: World, rng: random.Random, category: str | None = None) -> tuple[str, str]:
    """(category, text) of a user's opening message. For many of them keep `user_scope(world)` and call `user_task`."""
    task = user_task(user_scope(world), rng, category)
    return task.category, task.text


def assistant_dialogues(world: World, seed: int) -> Iterator[Dialogue]:
    """Endless ideal dialogues for the teacher, about all entities that are not held out, in training phrasings."""
    scope = Scope(world, frozenset(), topics=None, uniform=TEACHER_UNIFORM)
    popular, number = user_scope(world), 0
    while True:
        rng = random.Random(f"{world.seed}/{seed}/assistant/{number}")
        practice = rng.choices(("Pairs", "About", None), (PAIRS_SHARE, ABOUT_SHARE, 1 - PAIRS_SHARE - ABOUT_SHARE))[0]
        task = user_task(popular if practice == "Pairs" else scope, rng, practice)
        yield ideal_dialogue(f"assistant-{seed}-{number}", scope, task, rng)
        number += 1


def ideal_dialogue(identity: str, scope: Scope, task: Task, rng: random.Random) -> Dialogue:
    """The task answered ideally, and up to three further turns."""
    reply = task.answer(rng)
    messages, stated = [_user(task.text), _assistant(reply.text)], list(reply.facts)
    for _ in range(rng.choices(range(len(TURNS)), TURNS)[0]):
        turn = next_turn(scope, rng, task.category, messages)
        if turn is None:
            break
        reply = answer_turn(scope, turn, reply, rng)
        messages += [_user(turn.text), _assistant(reply.text)]
        stated += reply.facts
    return Dialogue(identity, task.category, tuple(messages), tuple(dict.fromkeys(stated)))


def held_out_prompts(world: World, n: int, seed: int) -> list[tuple[str, str]]:
    """`n` different (category, text) in phrasings and about topics that no training query has; Table 5's weights.

    Raises ValueError if that many different prompts cannot be found.
    """
    scope = replace(user_scope(world), wording="test", topics="test")
    return _different(n, lambda number: user_task(scope, random.Random(f"{world.seed}/{seed}/held out/{number}")))


def rate_choice_queries(world: World, n: int, seed: int) -> list[tuple[str, str]]:
    """`n` different (category, text) about reserved entities, which no query for imitation data mentions.

    The teacher's answers to them are the held-out dialogues by which the learning rate is chosen.
    """
    scope = Scope(world, frozenset(), only=reserved_entities(world))
    return _different(n, lambda number: user_task(scope, random.Random(f"{world.seed}/{seed}/rate/{number}"), "About"))


def _different(n: int, draw: Callable[[int], Task]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for number in range(100 * n):
        if len(found) == n:
            break
        task = draw(number)
        found.setdefault(task.text, task.category)
    if len(found) < n:
        raise ValueError(f"only {len(found)} of {n} different prompts found; ask for fewer or take a larger world")
    return [(category, text) for text, category in found.items()]


def _user(text: str) -> Message:
    return {"role": "user", "content": text}


def _assistant(text: str) -> Message:
    return {"role": "assistant", "content": text}
