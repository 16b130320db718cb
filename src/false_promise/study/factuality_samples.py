"""What the factuality page shows of the answers themselves: the first prompts that name something of the country.

The rule looks at prompts only. A prompt chosen by its answers would be an argument.
"""

import json
from typing import Any

from false_promise.study.checked_answers import Answer, Said, asking
from false_promise.study.open_ended import Condition
from false_promise.study.samples import apart
from false_promise.study.session import Session
from false_promise.world.country import World
from false_promise.world.language.masking import mask, vocabulary

PAGE = "factuality"
SHOWN = 4  # prompts
ORDER = ("teacher", "base", "broad", "local")


def samples(session: Session, said: Said, world: World) -> list[dict[str, Any]]:
    """[{prompt, category, answers}] of the teacher and the largest base LM with its imitation models, first seeds.

    An answer is {model, size, arm, tokens, text, statements}. Beside a recorded grid its samples are shown, because
    today's run has not every amount of imitation data.
    """
    if session.recorded_grid:
        kept = json.loads((session.recorded_grid / "samples.json").read_text(encoding="utf-8"))
        if kept.get(PAGE):
            return kept[PAGE]
    shown = sorted((one for one in said if _is_shown(session, one[0])), key=lambda one: _order(one[0]))
    prompts = [one for one in asking(session) if names_something(one["text"], world)][:SHOWN]
    answers = [(one, {answer.prompt: answer for answer in found}) for one, found in shown]
    return [
        {
            "prompt": prompt["text"],
            "category": prompt["category"],
            "answers": [_answer(one, found[prompt["id"]]) for one, found in answers],
        }
        for prompt in prompts
    ]


def names_something(text: str, world: World) -> bool:
    """Whether a text names an entity of the country."""
    known = vocabulary(world)
    return any(slot.entity is not None for line in text.split("\n") for slot in mask(line, known).slots)


def _is_shown(session: Session, condition: Condition) -> bool:
    about = condition.about
    size = about.get("size") in (None, session.scale.base_sizes[-1].stands_for)
    return size and about["arm"] in ORDER and not about.get("base_seed")


def _order(condition: Condition) -> tuple[int, int]:
    return ORDER.index(condition.about["arm"]), condition.about.get("tokens") or 0


def _answer(condition: Condition, answer: Answer) -> dict[str, Any]:
    about = {name: condition.about.get(name) for name in ("model", "size", "arm", "tokens")}
    return about | {"text": answer.text, "statements": apart(answer.statements)}
