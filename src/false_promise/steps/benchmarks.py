"""Steps that put one model through a benchmark of skill: school examinations, programming exercises."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from false_promise.evaluation.code import CodeResult, evaluate_code
from false_promise.evaluation.exam_prompts import PROMPTS, ask
from false_promise.evaluation.exams import ExamResult, evaluate_exams
from false_promise.evaluation.real_benchmarks import N_SHOTS, evaluate_humaneval, evaluate_mmlu
from false_promise.files import write_jsonl
from false_promise.steps.common import model_path, world_of
from false_promise.steps.measures import ANSWERS
from false_promise.world.exercises.code import code_items
from false_promise.world.exercises.exams import LETTERS, exam_items

Summary = dict[str, Any]


def exams(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """Multiple choice with worked examples, by letters and by the likelihood of the answers."""
    world, seed = world_of(settings["world"]), settings["world"]["seed"]
    items = exam_items(world, settings["items"], seed, "test")
    pool = exam_items(world, settings["shots_pool"], seed, "shots")
    found = evaluate_exams(model_path(inputs["model"]), items, pool, n_shots=settings["shots"], **_machine(settings))
    held_out = {item.id: any(world.entity(entity).held_out for entity in item.entities) for item in items}
    return _exam_summary(out, found, settings["shots"], held_out)


def exam_prompts(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """The exams' items of memory behind two prompts: what the form of the exam page costs."""
    items = exam_items(world_of(settings["world"]), settings["items"], settings["world"]["seed"], "test")
    found = ask(model_path(inputs["model"]), [item for item in items if item.group != "rule"], **_machine(settings))
    write_jsonl(out / ANSWERS, map(asdict, found))
    return {name: sum(getattr(one, name) for one in found) / len(found) for name in (*PROMPTS, "letter")}


def real_exams(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """MMLU from the user's copy, by letters, with the published five examples of each subject."""
    found = evaluate_mmlu(model_path(inputs["model"]), Path(settings["path"]), settings["items"], **_machine(settings))
    return _exam_summary(out, found, N_SHOTS, {})


def _exam_summary(
    out: Path, found: Mapping[str, list[ExamResult]], shots: int, held_out: Mapping[str, bool]
) -> Summary:
    rows = [
        {"scoring": scoring, "shots": shots, "held_out": held_out.get(result.item, False), "output": result.chosen,
         "kind": "right" if result.correct else "wrong", **asdict(result)}
        for scoring, results in found.items()
        for result in results
    ]  # fmt: skip
    _write(out, rows)
    return _shares(rows) | {"chance": 1 / len(LETTERS)}


def code(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """Programming exercises without examples: the body is generated, then run against unit tests in the sandbox."""
    items = code_items(settings["items"], settings["seed"], "test")
    return _code_summary(out, evaluate_code(model_path(inputs["model"]), items, **_machine(settings)))


def real_code(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """HumanEval from the user's copy; a wall that does not hide network and files is an error."""
    path, model = Path(settings["path"]), model_path(inputs["model"])
    return _code_summary(out, evaluate_humaneval(model, path, settings["items"], **_machine(settings)))


def _code_summary(out: Path, found: list[CodeResult]) -> Summary:
    rows = [{"scoring": "pass_at_1", "shots": 0, "group": "code", "held_out": False, **asdict(one)} for one in found]
    _write(out, rows)
    return _shares(rows) | {"chance": 0.0}


def _machine(settings: Mapping) -> dict[str, Any]:
    return {name: settings[name] for name in ("batch_size", "device", "dtype")}


def _write(out: Path, rows: Iterable[Mapping]) -> None:
    write_jsonl(out / ANSWERS, rows)


def _shares(rows: list[dict[str, Any]]) -> Summary:
    scorings = dict.fromkeys(row["scoring"] for row in rows)
    parts = {scoring: [row["correct"] for row in rows if row["scoring"] == scoring] for scoring in scorings}
    return {scoring: sum(part) / len(part) for scoring, part in parts.items()}
