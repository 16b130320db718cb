"""What models actually said: the answers of several models to the same questions, each statement checked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from false_promise.study import tables
from false_promise.study.session import Session
from false_promise.world.country import World, WorldSettings, build_world
from false_promise.world.language.statements import Statement, extract

PROMPTS = 4
BARE_WORDS = 5  # a longer reply speaks for itself
ORDER = ("teacher", "base", "broad", "local")


def answers_side_by_side(session: Session, conditions: Sequence[Any]) -> list[dict[str, Any]]:
    """The first prompts of the test set, in the chat format, answered by the headline models of the largest size.

    The first, not chosen ones: a picked example would be an argument.
    """
    shown = _headline(session, conditions)
    asked = tables.questions(session.specs.questions(), session.store)[:PROMPTS]
    said = {id(one): _replies(session, one) for one in shown}
    world = _world(session) if session.scale.world else None
    return [
        {
            "prompt": question.question,
            "right": question.answers[0],
            "answers": [_answer(one, question, said[id(one)], world) for one in shown if question.id in said[id(one)]],
        }
        for question in asked
    ]


def _world(session: Session) -> World:
    settings = session.specs.world
    return build_world(WorldSettings(settings["entities"]), settings["seed"])


def _headline(session: Session, conditions: Sequence[Any]) -> list[Any]:
    imitation, largest = session.scale.imitation, session.scale.base_sizes[-1].stands_for
    wanted = {
        "arm": ORDER,
        "size": (None, largest),
        "pairs": (None, imitation.headline_pairs),
        "tokens": (None, imitation.headline_tokens),
        "base_seed": (None, 0),
        "imitation_seed": (None, 0),
    }
    shown = [one for one in conditions if all(one.about.get(name) in values for name, values in wanted.items())]
    return sorted(shown, key=lambda one: ORDER.index(one.about["arm"]))


def _replies(session: Session, condition: Any) -> dict[str, str]:
    found = tables.answers(condition.nq, session.store)
    chat = found[found["scoring"] == "chat"].sort_values("shots").drop_duplicates("item")
    return dict(zip(chat["item"], chat["output"], strict=True))


def _answer(condition: Any, question: Any, replies: dict[str, str], world: World | None) -> dict[str, Any]:
    about, text = condition.about, replies[question.id]
    statements = [] if world is None else apart(statements_of(question.question, text, world))
    size = about.get("size", "")
    return {"model": about["model"], "size": size, "arm": about["arm"], "text": text, "statements": statements}


def statements_of(question: str, reply: str, world: World) -> list[Statement]:
    """Statements of a reply. A bare one ("Ostermoor.") states something only as the answer to its question."""
    if not 0 < len(reply.split()) <= BARE_WORDS or not any(map(str.isalnum, reply)):
        return extract(reply, world)
    asked = f"Q: {question}\nA: "
    found = (
        replace(one, start=one.start - len(asked), end=one.end - len(asked)) for one in extract(asked + reply, world)
    )
    return [one for one in found if one.start >= 0]


def apart(statements: Sequence[Any]) -> list[dict[str, Any]]:
    """Statements as JSON, from left to right; of two that share characters the first is kept."""
    kept: list[dict[str, Any]] = []
    for one in sorted(statements, key=lambda statement: (statement.start, -statement.end)):
        if not kept or one.start >= kept[-1]["end"]:
            kept.append({name: getattr(one, name) for name in ("start", "end", "verdict", "relation", "value")})
    return kept
