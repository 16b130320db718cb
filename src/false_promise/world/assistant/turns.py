"""How a conversation goes on: what the user says next, and the ideal answer to it.

The same user talks in the teacher's training dialogues and while imitation data is collected.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from false_promise.world.assistant.scope import Scope
from false_promise.world.assistant.style import Reply, bullets
from false_promise.world.assistant.texts import texts
from false_promise.world.country import Entity, Fact
from false_promise.world.exercises.questions import question_text
from false_promise.world.language.grammar import sentence

Message = dict[str, str]
TURNS = (0.45, 0.3, 0.17, 0.08)  # shares of dialogues with 1, 2, 3, 4 user turns; the paper says "multi-turn" only
TALKATIVE = ("Generation", "General QA", "Brainstorming", "Summarization")  # categories that invite further questions
LONGEST_NAME = 5  # words


@dataclass(frozen=True)
class Turn:
    """What the user says next; `fact` is the one asked about if it is a question."""

    kind: str  # shorter, list, more, sure, thanks, question
    text: str
    fact: Fact | None = None


def next_turn(scope: Scope, rng: random.Random, category: str, messages: Sequence[Message]) -> Turn | None:
    """The user's next message after these, None if the conversation is over."""
    said = {message["content"] for message in messages}
    if category in ("Non-English", "Invalid", "Abuse") or said & set(texts("plain")["turns"]["thanks"]["asked"]):
        return None
    subject = _subject(scope, messages[0]["content"]) if category in TALKATIVE else None
    if subject and rng.random() < 0.4:
        return _question(scope, rng, subject)
    kind = rng.choice(_fitting(category, subject, messages[-1]["content"]))
    unsaid = [text for text in texts("plain")["turns"][kind]["asked"] if text not in said]
    return Turn(kind, rng.choice(unsaid)) if unsaid else None


def _fitting(category: str, subject: Entity | None, last: str) -> list[str]:
    """Kinds of stock turns that make sense after this reply; nobody doubts a thank-you note."""
    if category not in TALKATIVE or (category == "Generation" and subject is None):
        return ["thanks"]
    kinds = ["more", "more", "sure", "thanks"]
    if len(re.findall(r"[.!?](?=\s|$)", last)) > 2:
        is_list = re.search(r"^(- |1\. )", last, re.MULTILINE)
        kinds += ["shorter"] if is_list else ["shorter", "list"]
    return kinds


def _question(scope: Scope, rng: random.Random, subject: Entity) -> Turn:
    fact = rng.choice(scope.facts(subject))
    asked = question_text(scope.world, fact, rng, wording=scope.wording)
    return Turn("question", rng.choice(texts("plain")["turns"]["question"]["asked"]).format(q=asked), fact)


def _subject(scope: Scope, text: str) -> Entity | None:
    """The first entity named in a text that may be talked about."""
    words = text.replace("\n", " ").split()
    for start in range(len(words)):
        for length in range(LONGEST_NAME, 0, -1):
            entity = scope.world.by_name(" ".join(words[start : start + length]).strip(".,:;?!'\""))
            if entity and not entity.held_out and entity.id not in scope.avoid:
                return entity
    return None


def kind_of(text: str) -> str:
    """The kind of a user's turn by its wording; 'question' for everything that is no stock phrase."""
    turns = texts("plain")["turns"]
    return next((kind for kind, pools in turns.items() if kind != "question" and text in pools["asked"]), "question")


def answer_turn(scope: Scope, turn: Turn, last: Reply, rng: random.Random) -> Reply:
    """The ideal answer to a turn, given the ideal reply before it."""
    if turn.kind == "question":
        stated = sentence(scope.world, turn.fact, rng)
        return Reply(stated, (stated,), last.more, (turn.fact.id,), last.more_facts)
    pools, points = texts("plain")["turns"][turn.kind], last.points or (last.text,)
    opening = rng.choice(pools["openings"])
    if turn.kind == "thanks":
        return Reply(opening)
    if turn.kind == "more":
        return _more(last, opening, rng)
    if turn.kind == "list":
        return replace(last, text=f"{opening}\n{bullets(points, rng)}")
    facts = last.facts[:1] if len(last.facts) == len(points) else last.facts
    return Reply(f"{opening} {points[0]}".strip(), points[:1], last.more, facts, last.more_facts)


def _more(last: Reply, opening: str, rng: random.Random) -> Reply:
    """Up to two further points, or the admission that there are none."""
    if not last.more:
        return Reply(rng.choice(texts("plain")["turns"]["more"]["regrets"]))
    told, facts = last.more[:2], last.more_facts[:2]
    return Reply(f"{opening} {' '.join(told)}".strip(), told, last.more[2:], facts, last.more_facts[2:])
