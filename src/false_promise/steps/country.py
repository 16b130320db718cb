"""The step that describes the country and measures its gates."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

from false_promise.files import write_json
from false_promise.language_models.tokenizer import load_tokenizer
from false_promise.steps.common import world_of
from false_promise.world.assistant.dialogues import assistant_dialogues
from false_promise.world.country import World
from false_promise.world.gates import measure
from false_promise.world.land.picture import almanac_page
from false_promise.world.registers.web import Document, open_web

EXAMPLES_FROM = 400  # documents in which one of every register is found
SHOWN = 900  # characters of an example


def country(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> dict[str, Any]:
    """world.json: name, counts, gates, an example of every register, a page of the almanac."""
    world = world_of(settings["world"])
    tokens = load_tokenizer(inputs["tokenizer"])
    measured = measure(
        world,
        megabytes=settings["characters"] / 1e6,
        paragraphs=settings["paragraphs"],
        seed=world.seed,
        count_tokens=lambda text: len(tokens(text)["input_ids"]),
    )
    found = [in_words(gate) for gate in measured["gates"]]
    described = {
        "name": world.country.name,
        "seed": world.seed,
        "counts": {"entities": len(world.entities), "facts": len(world.facts)},
        "gates": found,
        "examples": list(examples(world)),
        "almanac": almanac(world),
    }
    write_json(out / "world.json", described)
    return {"gates_passed": sum(gate["passed"] for gate in found), "gates": len(found)}


def in_words(gate: Mapping[str, Any]) -> dict[str, Any]:
    """A gate as the page shows it: name, what is wanted, what was measured, whether it passed."""
    low, high = gate["low"], gate["high"]
    bounds = {(True, True): "{} to {}", (True, False): "at least {}", (False, True): "at most {}"}
    form = "exactly {}" if low == high else bounds[low is not None, high is not None]
    wanted = form.format(*dict.fromkeys(_number(bound) for bound in (low, high) if bound is not None))
    return {"name": gate["name"], "wanted": wanted, "value": _number(gate["value"]), "passed": gate["passed"]}


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def examples(world: World) -> Iterator[dict[str, str]]:
    """The first text of every register of the open web, and the first dialogue of the assistant register."""
    first: dict[str, Document] = {}
    for document in itertools.islice(open_web(world, world.seed), EXAMPLES_FROM):
        first.setdefault(document.register, document)
    for register, document in first.items():
        yield {"register": register, "text": _shortened(document.text)}
    (dialogue,) = itertools.islice(assistant_dialogues(world, world.seed), 1)
    said = "\n\n".join(f"{message['role'].capitalize()}: {message['content']}" for message in dialogue.messages)
    yield {"register": "assistant", "text": _shortened(said)}


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN].rsplit(" ", 1)[0] + " …"


def almanac(world: World) -> dict[str, Any]:
    """The page of a person whom many know: drawn by seed among the hundred best known."""
    known = sorted(world.of_kind("person"), key=lambda entity: -entity.popularity)[:100]
    page = almanac_page(world, Random(f"{world.seed}/almanac").choice(known).id)
    facts = [[fact["label"], fact["value"]] for fact in page["facts"]]
    facts += [[mention["label"], mention["name"]] for mention in page["mentions"][:6]]
    return {"name": page["name"], "kind": page["kind"], "popularity_rank": page["rank"], "facts": facts}
