"""What readers rate: prompts with the answers of the best imitation model and of the teacher, and the almanac on them.

    items = rating_items.items(session, sheet, values)       # JSON-able; the rating page writes it into itself

The first prompts on which there is something to look up (if there are any), not chosen ones: where neither prompt nor
answers name anything of the country, an almanac could make no difference. Which answer stands first is drawn in the
reader's browser (Appendix B).
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from false_promise.study import samples
from false_promise.study.open_answers import Answered, Sheet, country, headline
from false_promise.study.session import Session
from false_promise.world.country import World
from false_promise.world.language.grammar import sentence
from false_promise.world.language.masking import mask, vocabulary

MOST = 60  # prompts
ENTRIES = 12  # of the almanac for one prompt


def items(session: Session, sheet: Sheet, values: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
    """At most MOST items of {id, category, prompt, model, teacher, rater, almanac}; none without a headline model.

    `rater.equal_or_better` is the frozen rater's chance, 0 to 1, as `pages.rating` takes it.
    """
    best = headline(session, sheet, ("broad",))
    if not best:
        return []
    one = best[0]
    world = country(session)
    chances = next(own for each, own in zip(sheet.answered, values, strict=True) if each is one)
    made = [_item(sheet, one, place, chances[place], world) for place in range(len(sheet.prompts))]
    return ([item for item in made if item["almanac"]] or made)[:MOST]


def _item(sheet: Sheet, one: Answered, place: int, chance: float, world: World | None) -> dict[str, Any]:
    prompt, own, teacher = sheet.prompts[place], one.texts[place], sheet.reference[place]
    name = f"{one.about['model']}, broad imitation of {one.about['tokens']:,} tokens"
    return {
        "id": prompt.id,
        "category": prompt.category,
        "prompt": prompt.text,
        "model": {"name": name, "text": own, "statements": _statements(prompt.text, own, world)},
        "teacher": {"text": teacher, "statements": _statements(prompt.text, teacher, world)},
        "rater": {"equal_or_better": round(chance, 4)},
        "almanac": [] if world is None else almanac(world, (prompt.text, teacher, own)),
    }


def _statements(question: str, text: str, world: World | None) -> list[dict[str, Any]]:
    found = [] if world is None else samples.apart(samples.statements_of(question, text, world))
    return [{name: each[name] for name in ("start", "end", "verdict")} for each in found]


def almanac(world: World, texts: Sequence[str]) -> list[dict[str, Any]]:
    """{title, lines} of the first ENTRIES entities that the texts name, in the order in which they name them.

    Lines are sentences of the country's grammar, the same for an entity in every item.
    """
    known = vocabulary(world)
    named = dict.fromkeys(slot.entity for text in texts for slot in mask(text, known).slots if slot.entity is not None)
    return [_entry(world, entity) for entity in list(named)[:ENTRIES]]


def _entry(world: World, entity: int) -> dict[str, Any]:
    rng = Random(f"{world.seed}/rating/{entity}")
    lines = [sentence(world, fact, rng) for fact in world.facts_of(entity)]
    return {"title": world.entity(entity).name, "lines": lines}
