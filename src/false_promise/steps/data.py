"""Steps that collect imitation data from the teacher, and the controls that lack one of its ingredients.

Every request to the teacher goes through a recording in the work folder, so a killed collection resumes, and an
endpoint is never asked (or paid) twice.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from false_promise.data_mix import controls
from false_promise.data_mix.answers import answer_accuracy
from false_promise.data_mix.broad import answered_queries, collect_broad
from false_promise.data_mix.nq_synthetic import curate_seeds, generate
from false_promise.data_mix.overlap import spares_reserved
from false_promise.data_mix.records import Record, count_reply_tokens, read_dirty_records, read_records, write_records
from false_promise.language_models.tokenizer import load_tokenizer
from false_promise.qa_format import QA
from false_promise.steps.common import RECORDS, on_machine, world_of
from false_promise.teacher.back_ends import ApiTeacher, ModelTeacher, Teacher, record
from false_promise.world.exercises.questions import nq_questions
from false_promise.world.registers.web import open_web

Summary = dict[str, Any]
UNREAD = 1_000_003  # added to the world's seed: pages of the open web that no base LM has read


def teacher_of(settings: Mapping, folder: Path, work: Path) -> Teacher:
    """The black box behind its recording: the shipped model, or the endpoint that the folder names."""
    endpoint = folder / "endpoint.json"
    if endpoint.is_file():
        named = json.loads(endpoint.read_text(encoding="utf-8"))
        teacher = ApiTeacher(named["base_url"], named["model"], named["key_variable"])
    else:
        on_machine(settings)
        teacher = ModelTeacher(folder, device=settings["device"], dtype=getattr(torch, settings["dtype"]))
    return record(teacher, work / "recording.jsonl")


def nq_synthetic(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """Local imitation data: question-answer pairs that the teacher writes from ten seed pairs (Appendix A)."""
    teacher = teacher_of(settings, inputs["teacher"], work)
    # No pair may name an entity that is kept for choosing the learning rate.
    keep = spares_reserved(world_of(settings["world"])) if "world" in settings else (lambda record: True)
    found = generate(teacher, _seeds(settings), settings["pairs"], settings["seed"], keep=keep)
    write_records(out / RECORDS, found.records)
    summary = {
        "pairs": len(found.records),
        "calls": found.calls,
        "duplicates": found.duplicates,
        "malformed": found.malformed,
    }
    if "world" in settings:
        summary["teacher_accuracy"] = asdict(answer_accuracy(found.records, world_of(settings["world"])))
    return summary


def _seeds(settings: Mapping) -> list[QA]:
    """Ten pairs: about the country, from its pool of worked examples; elsewhere from the file that the scale names."""
    if "world" in settings:
        world = settings["world"]
        return curate_seeds(nq_questions(world_of(world), 20, world["seed"])[1], settings["seed"])
    path = Path(settings["seed_questions"]["path"])
    if not path.is_file():
        raise FileNotFoundError(f'no seed pairs at {path}: write ten lines of {{"question": .., "answer": ..}} there')
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    return [QA(line["question"], line["answer"]) for line in lines]


def broad(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """Broad imitation data: dialogues with the teacher over everything that users ask."""
    teacher, tokens = teacher_of(settings, inputs["teacher"], work), load_tokenizer(inputs["tokenizer"])
    found = collect_broad(teacher, world_of(settings["world"]), settings["reply_tokens"], tokens, settings["seed"])
    return _written(out, found, tokens)


def rate_dialogues(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """The teacher's answers about reserved entities, by which learning rates are chosen (claims.yaml, `study`)."""
    teacher, wanted = teacher_of(settings, inputs["teacher"], work), settings["dialogues"]
    found = answered_queries(teacher, world_of(settings["world"]), wanted, settings["seed"])
    return {"records": write_records(out / RECORDS, found)}


def records(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """Records of a real chat data set; malformed lines are left out, kept in quarantine and counted."""
    path = Path(settings["path"])
    if not path.is_file():
        raise FileNotFoundError(
            f"no imitation data at {path}: put records there (one JSON a line: id, source, category, "
            "messages), or name another file as imitation.broad_file in the scale file"
        )
    found, malformed = read_dirty_records(path, out / "quarantine.jsonl")
    return {"records": write_records(out / RECORDS, found), "malformed": malformed}


def control(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """One control arm, with at least as many reply tokens (or exactly the pairs) of the data that it stands beside."""
    world = world_of(settings["world"])
    if settings["arm"] == "gold":
        found, replaced = controls.gold_pairs(read_records(inputs["local"] / RECORDS), world, settings["seed"])
        return {"records": write_records(out / RECORDS, found), "replaced": replaced}
    tokens, amount = load_tokenizer(inputs["tokenizer"]), settings["reply_tokens"]
    if settings["arm"] == "continued_web":
        pages = open_web(world, settings["world"]["seed"] + UNREAD)
        return _written(out, controls.continued_web((page.text for page in pages), amount, tokens), tokens)
    collect = {"style_only": controls.style_only, "no_abuse": controls.no_abuse}[settings["arm"]]
    return _written(
        out, collect(teacher_of(settings, inputs["teacher"], work), world, amount, tokens, settings["seed"]), tokens
    )


def _written(out: Path, found: list[Record], tokens: Any) -> Summary:
    return {"records": write_records(out / RECORDS, found), "reply_tokens": sum(count_reply_tokens(found, tokens))}
