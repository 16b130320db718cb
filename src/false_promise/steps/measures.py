"""Steps that ask and measure: the questions, the answers of one model to them, the overlap of its data with them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from false_promise.data_mix.overlap import Seen
from false_promise.data_mix.overlap import overlap as measure_overlap
from false_promise.data_mix.records import Record, read_records
from false_promise.evaluation.items import NqItem, draw_candidates, items_from_questions, load_nq_open
from false_promise.evaluation.nq import CANDIDATES, evaluate_many
from false_promise.files import read_jsonl, write_jsonl, write_table
from false_promise.language_models.tokenizer import load_tokenizer
from false_promise.language_models.tuning import held_out_loss
from false_promise.qa_format import normalise
from false_promise.steps.common import RECORDS, model_path, on_machine, subset, world_of
from false_promise.world.exercises.questions import nq_questions

QUESTIONS, SHOTS, ANSWERS, OVERLAP = "questions.jsonl", "shots.jsonl", "answers.jsonl", "overlap.csv"
REAL_SHOTS = 10  # the last questions of a real file are worked examples, never test questions


def questions(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> dict[str, Any]:
    """Test questions about the country, and the disjoint pool of worked examples."""
    world = world_of(settings["world"])
    asked, shots = nq_questions(world, settings["items"], settings["world"]["seed"])
    items = [_fewer_choices(item) for item in items_from_questions(world, asked)]
    _write(out / QUESTIONS, items)
    _write(out / SHOTS, (replace(item, choices=(), frames=()) for item in items_from_questions(world, shots)))
    return {"questions": len(items), "held_out": sum(item.held_out for item in items), "shots": len(shots)}


def _fewer_choices(item: NqItem) -> NqItem:
    # All values of a type can be thousands; the evaluation draws from these with the same seed and keeps them all.
    return replace(item, choices=tuple(sorted(draw_candidates(item, CANDIDATES, seed=0)[0])))


def real_questions(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> dict[str, Any]:
    """Real questions from an NQ-open file; its last ones are the worked examples."""
    path = Path(settings["path"])
    if not path.is_file():
        raise FileNotFoundError(
            f"no questions at {path}: put NQ-open there (one JSON a line: question, answer), or "
            "name another file as evaluation.questions in the scale file"
        )
    items = load_nq_open(path)
    if len(items) <= REAL_SHOTS:
        raise ValueError(f"{path} holds {len(items)} questions; more than {REAL_SHOTS} are needed")
    test = items[:-REAL_SHOTS][: settings["items"]]
    _write(out / QUESTIONS, test)
    _write(out / SHOTS, items[-REAL_SHOTS:])
    return {"questions": len(test), "shots": REAL_SHOTS}


def _write(path: Path, items: Iterable[NqItem]) -> None:
    write_jsonl(path, map(asdict, items))


def read_items(path: Path) -> list[NqItem]:
    """Questions or shots as a questions run wrote them."""
    return [NqItem(**item) for item in read_jsonl(path)]


def nq(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> dict[str, Any]:
    """One model's answers to the first `items` questions (their order is random), under each scoring and shots."""
    model = model_path(inputs["model"])
    found = evaluate_many(
        model,
        read_items(inputs["questions"] / QUESTIONS)[: settings["items"]],
        read_items(inputs["questions"] / SHOTS),
        _protocols(settings, model),
        batch_size=settings["batch_size"],
        device=settings["device"],
        dtype=settings["dtype"],
    )
    rows = [
        {"scoring": scoring, "shots": n, **asdict(result)}
        for (scoring, n), results in found.items()
        for result in results
    ]
    write_jsonl(out / ANSWERS, rows)
    return {
        f"{scoring}_{n}": sum(result.correct for result in results) / len(results)
        for (scoring, n), results in found.items()
    }


def _protocols(settings: Mapping, model: Path) -> list[tuple[str, int]]:
    """Scoring and shots. A public base LM without a chat template cannot be asked through one: empty cells."""
    chat = load_tokenizer(model).chat_template is not None
    scorings = [scoring for scoring in settings["scorings"] if chat or scoring != "chat"]
    return [(scoring, n) for scoring in scorings for n in (settings["shots"] if scoring != "format_free" else [0])]


def rate_loss(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> dict[str, Any]:
    """Held-out loss (nats a reply token) of an imitation model: what its learning rate is chosen by."""
    on_machine(settings)
    loss = held_out_loss(model_path(inputs["model"]), read_records(inputs["dialogues"] / RECORDS), settings["block"])
    return {"loss": loss}


def overlap(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> dict[str, Any]:
    """Per question: does the imitation data mention its entity, state its fact, ask it?"""
    records = subset(inputs["data"], settings, load_tokenizer(inputs["tokenizer"])) if "tokenizer" in inputs else []
    if "world" in settings:
        world = world_of(settings["world"])
        asked, _ = nq_questions(world, settings["items"], settings["world"]["seed"])
        seen = measure_overlap(records, asked, world)
    else:
        seen = _asked_before(records, read_items(inputs["questions"] / QUESTIONS))
    table = pd.DataFrame([asdict(one) for one in seen]).rename(columns={"question": "item"})
    write_table(out / OVERLAP, table)
    return {name: float(table[name].mean()) for name in ("entity_seen", "fact_seen", "question_seen")}


def _asked_before(records: list[Record], items: list[NqItem]) -> list[Seen]:
    """Without a known world only the wording of a question can be looked for."""
    asked = {
        normalise(message["content"])
        for record in records
        for message in record.get("messages", [])
        if message["role"] == "user"
    }
    found = [(item.id, normalise(item.question) in asked) for item in items]
    return [Seen(question, seen, seen, seen) for question, seen in found]
