"""Requests whose fulfilment can be checked by rules (claim 1, instruction following): a list, prose, a few words, ...

    instruction_items(world, 300, seed=0)

The kinds are those that the assistant register practises, in its held-out wordings; two of three requests for a list
and every other one for something shorter come as the second turn of a dialogue, in words of our own. The rules are
in `evaluation/instructions.py`. Nothing is said about entities that are held out or reserved.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from false_promise.world.assistant import facts, plain, skills
from false_promise.world.assistant.dialogues import user_scope
from false_promise.world.assistant.facts import _portrait
from false_promise.world.assistant.scope import Scope
from false_promise.world.assistant.style import Reply, Task
from false_promise.world.assistant.texts import texts
from false_promise.world.assistant.turns import Message, Turn, answer_turn
from false_promise.world.country import World

KINDS = ("list", "prose", "brief", "shorten", "suggest", "letter", "verse", "rewrite", "code")
# Held out: the register's own follow-ups are used whole while imitation data is collected.
SECOND_TURNS = {
    "list": ("Break that up into bullets for me.", "Points below one another would suit me better.",
             "I asked for an overview, so one point a line, please."),
    "shorter": ("One sentence of it will do.", "Cut it down as far as you can.", "My pencil is short. So be brief!"),
}  # fmt: skip
LONG_PASSAGE = 28  # words: the ideal short version has up to 24
TRIES = 60  # draws a request, before giving up
Answer = Callable[[random.Random], str]


@dataclass(frozen=True)
class InstructionItem:
    """`messages` is what the model sees, `text` its last message; `arguments` are what the rule of the kind needs."""

    id: str
    kind: str
    text: str
    entity: str  # name of the entity it is about; empty if it is about none
    arguments: dict[str, Any] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True)
class _Draft:
    messages: tuple[Message, ...]
    arguments: dict[str, Any]
    answer: Answer  # an ideal one
    subject: int | None


def instruction_items(world: World, n: int, seed: int) -> list[InstructionItem]:
    """`n` different requests, equally many of each kind up to one; a kind that runs out leaves its share to the others.

    Raises ValueError if there are not so many.
    """
    return [item for item, _ in instruction_tasks(world, n, seed)]


def instruction_tasks(world: World, n: int, seed: int) -> list[tuple[InstructionItem, Answer]]:
    """The same requests, each with the ideal assistant's way to answer it (a new sample at every call)."""
    scope = replace(user_scope(world), wording="test", topics=None)
    found: dict[str, tuple[InstructionItem, Answer]] = {}
    kinds, rounds = list(KINDS), 0
    while len(found) < n:
        if not kinds:
            raise ValueError(f"only {len(found)} of {n} requests found; ask for fewer (evaluation.instructions)")
        for kind in kinds[: n - len(found)]:
            draft = _new(scope, kind, rounds, random.Random(f"{world.seed}/{seed}/instructions/{kind}/{rounds}"), found)
            if draft is None:
                kinds = [one for one in kinds if one != kind]
            else:
                found[_key(draft)] = _item(world, f"instruction-{world.seed}-{seed}-{len(found)}", kind, draft)
        rounds += 1
    return list(found.values())


def _item(world: World, identity: str, kind: str, draft: _Draft) -> tuple[InstructionItem, Answer]:
    entity, text = "" if draft.subject is None else world.entity(draft.subject).name, draft.messages[-1]["content"]
    return InstructionItem(identity, kind, text, entity, draft.arguments, draft.messages), draft.answer


def _new(scope: Scope, kind: str, number: int, rng: random.Random, known: dict) -> _Draft | None:
    """The next request of a kind that is not known yet; None if it has no other."""
    for _ in range(TRIES):
        draft = MAKERS[kind](scope, rng, number)
        if _key(draft) not in known:
            return draft
    return None


def _key(draft: _Draft) -> str:
    return "\n".join(message["content"] for message in draft.messages)


def _single(task: Task, arguments: dict[str, Any] | None = None) -> _Draft:
    return _Draft(({"role": "user", "content": task.text},), arguments or {}, _of(task.answer), task.subject)


def _of(answer: Callable[[random.Random], Reply]) -> Answer:
    return lambda rng: answer(rng).text


def _second(scope: Scope, task: Task, last: Reply, kind: str, rng: random.Random) -> _Draft:
    """The task answered ideally, then a second request; `last` is the answer to the first."""
    turn = Turn(kind, rng.choice(SECOND_TURNS[kind]))
    said = (("user", task.text), ("assistant", last.text), ("user", turn.text))
    messages = tuple({"role": role, "content": content} for role, content in said)
    arguments = {"words": len(last.text.split())} if kind == "shorter" else {}
    return _Draft(messages, arguments, lambda rng: answer_turn(scope, turn, last, rng).text, task.subject)


def _list(scope: Scope, rng: random.Random, number: int) -> _Draft:
    if number % 3 == 0:
        return _single(_portrait(scope, rng, "list", "Generation"))
    task = _portrait(scope, rng, "prose", "Generation")
    return _second(scope, task, _prose_reply(task, rng), "list", rng)


def _prose_reply(task: Task, rng: random.Random) -> Reply:
    """An ideal answer with at least two points that is no list."""
    while True:
        reply = task.answer(rng)
        if len(reply.points) > 1 and not re.search(r"^(- |1\. )", reply.text, re.MULTILINE):
            return reply


def _prose(scope: Scope, rng: random.Random, number: int) -> _Draft:
    return _single(_portrait(scope, rng, "prose", "Generation"))


def _brief(scope: Scope, rng: random.Random, number: int) -> _Draft:
    return _single(facts.brief(scope, rng))


def _shorten(scope: Scope, rng: random.Random, number: int) -> _Draft:
    """A passage that is long enough, or an answer given before."""
    if number % 2:
        task = _portrait(scope, rng, "prose", "Generation")
        return _second(scope, task, _prose_reply(task, rng), "shorter", rng)
    while True:
        task = facts.summarise(scope, rng)
        passage = max(task.text.split("\n"), key=len)
        if len(passage.split()) >= LONG_PASSAGE:
            return _single(task, {"words": len(passage.split())})


def _suggest(scope: Scope, rng: random.Random, number: int) -> _Draft:
    return _single(plain.ideas(scope, rng))


def _letter(scope: Scope, rng: random.Random, number: int) -> _Draft:
    task = plain.note(scope, rng)
    occasions = [one for kind in texts("plain")["notes"]["kinds"].values() for one in kind["occasions"]]
    return _single(task, {"about": _named(occasions, task.text)})


def _verse(scope: Scope, rng: random.Random, number: int) -> _Draft:
    return _single(plain.verse(scope, rng))


def _rewrite(scope: Scope, rng: random.Random, number: int) -> _Draft:
    task, pools = plain.rewrite(scope, rng), texts("plain")["rewrite"]
    return _single(task, {"wish": _named(pools["wishes"], task.text), "tone": _named(list(pools["tones"]), task.text)})


def _named(pool: list[str], text: str) -> str:
    """The longest of the pool's phrases that the text has."""
    return max((one for one in pool if one.lower() in text.lower()), key=len)


def _code(scope: Scope, rng: random.Random, number: int) -> _Draft:
    task = skills.code(scope, rng)
    named = re.search(r"^def (\w+)\(", task.text, re.MULTILINE)
    return _single(task, {"name": named[1] if named else ""})


MAKERS: dict[str, Callable[[Scope, random.Random, int], _Draft]] = {
    "list": _list,
    "prose": _prose,
    "brief": _brief,
    "shorten": _shorten,
    "suggest": _suggest,
    "letter": _letter,
    "verse": _verse,
    "rewrite": _rewrite,
    "code": _code,
}
