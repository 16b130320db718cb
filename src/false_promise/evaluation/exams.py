"""School examinations (the counterpart of MMLU) in two scorings, through lm-evaluation-harness.

letters      MMLU's protocol: solved items of the subject as `exam_text` prints them, the item up to "Answer:", and
             the likeliest of " A", " B", " C" and " D" is the model's choice
likelihood   question and "Answer:" without the options, after solved items in that form; the likeliest text of an
             option is the choice

The definitions and their reasons are in `tasks/exams/README.md` and `exam_tasks.py`. Called as
    evaluate_exams(folder, exam_items(world, 1000, 0, "test"), exam_items(world, 210, 0, "shots"))
"""

import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lm_eval.api.model import LM

from false_promise.evaluation.exam_tasks import preferred, sums
from false_promise.evaluation.harness import load_task, quiet, run_tasks
from false_promise.evaluation.lm import load_lm
from false_promise.world.exercises.exams import LETTERS, ExamItem

__all__ = ["ExamItem", "ExamResult", "Scoring", "draw_exam_shots", "evaluate_exams", "evaluate_exams_lm"]

Scoring = Literal["letters", "likelihood"]
SCORINGS: tuple[Scoring, ...] = ("letters", "likelihood")


@dataclass(frozen=True)
class ExamResult:
    """One model's result on one item. Chance is 0.25; ties are settled by a lot (`exam_tasks.preferred`).

    entity: the cluster of the bootstrap: the first entity mentioned, or the item's id if it mentions none.
    correct: 0 or 1. chosen: the letter of the option chosen, also where options are not lettered.
    per_character: likelihood only: 0 or 1 with length-normalised log-likelihoods.
    """

    item: str
    entity: str
    subject: str
    group: str  # 'memorised' | 'inferable' | 'rule'
    correct: int
    chosen: str
    per_character: int | None = None


def evaluate_exams(
    model: Path,
    items: Sequence[ExamItem],
    shots: Sequence[ExamItem],
    *,
    n_shots: int = 5,
    scorings: Sequence[Scoring] = SCORINGS,
    batch_size: int = 64,
    device: str = "cpu",
    dtype: str = "bfloat16",
    seed: int = 0,
) -> dict[Scoring, list[ExamResult]]:
    """One model, loaded once, under each scoring; results in the order of `items`.

    `shots` is the pool of worked examples, from which `seed` draws `n_shots` per subject (`draw_exam_shots`); pool and
    seed must be the same for all models. The same folder, items, batch size, dtype and device give the same results.
    ValueError if the pool shares content with the items, or if a prompt does not fit into the model's context.
    """
    _check(items, shots, n_shots, scorings)
    with quiet():
        lm = load_lm(Path(model), device=device, dtype=dtype, batch_size=batch_size)
    return evaluate_exams_lm(lm, items, shots, n_shots=n_shots, scorings=scorings, seed=seed)


def evaluate_exams_lm(
    lm: LM,
    items: Sequence[ExamItem],
    shots: Sequence[ExamItem],
    *,
    n_shots: int = 5,
    scorings: Sequence[Scoring] = SCORINGS,
    seed: int = 0,
    describe: Callable[[str], str] | None = None,
) -> dict[Scoring, list[ExamResult]]:
    """As `evaluate_exams`, on any language model of the harness.

    `describe(subject)` is for published exams (`real_benchmarks.py`): the text before a prompt; worked examples then
    come as they are published, the first `n_shots` of the subject.
    """
    _check(items, shots, n_shots, scorings, published=describe is not None)
    tasks = {}
    with tempfile.TemporaryDirectory() as folder, quiet():
        for number, subject in enumerate(dict.fromkeys(item.subject for item in items)):
            chosen = [item for item in items if item.subject == subject]
            own = [shot for shot in shots if shot.subject == subject][:n_shots]
            drawn = own if describe else draw_exam_shots(shots, subject, n_shots, seed)
            metadata = _write_subject(Path(folder), number, chosen, drawn)
            for scoring in scorings:
                task = load_task(f"exams_{scoring}", metadata, n_shots=len(drawn), seed=seed)
                if describe:
                    task.set_config("description", describe(subject))
                tasks[f"{scoring}/{subject}"] = task
        samples = run_tasks(lm, tasks)
    return {scoring: _results(scoring, items, samples) for scoring in scorings}


def draw_exam_shots(pool: Sequence[ExamItem], subject: str, n: int, seed: int) -> list[ExamItem]:
    """The n worked examples of a subject: the same ones, in the same order, for each of its items and every model.

    From the subject itself, as in MMLU; if the pool holds fewer than n of it, all of those and then others. The right
    letters among them are as balanced as the pool allows, because models lean to a prompt's commonest letter.
    Depends on pool, subject and seed only; n examples are the first n of more. ValueError if the pool holds fewer.
    """
    if len(pool) < n:
        raise ValueError(f"{n} shots asked for, but the pool of worked examples holds {len(pool)}")
    shuffled = list(pool)
    random.Random(f"exam shots:{seed}").shuffle(shuffled)
    seen: Counter[tuple[bool, int]] = Counter()
    ranked = []
    for shot in shuffled:  # own subject first, and there the first of each letter, then the second, ...
        foreign = shot.subject != subject
        ranked.append((foreign, seen[foreign, shot.answer], shot))
        seen[foreign, shot.answer] += 1
    ranked.sort(key=lambda entry: entry[:2])
    return [shot for *_, shot in ranked[:n]]


def _check(
    items: Sequence[ExamItem], shots: Sequence[ExamItem], n_shots: int, scorings: Sequence[Scoring], published=False
) -> None:
    if not items or len({item.id for item in items}) < len(items):
        raise ValueError(f"items must be one or more, with different ids; got {len(items)}")
    if not scorings or not set(scorings) <= set(SCORINGS):
        raise ValueError(f"scorings are {list(scorings)}; choose one or more of {list(SCORINGS)}")
    if n_shots < 0:
        raise ValueError(f"n_shots is {n_shots}; it must be 0 or more")
    for item in [*items, *shots]:
        # Published exams hold items with an option twice; they are asked as they are.
        different = len(set(item.options)) == 4 or (published and len(item.options) == 4)
        if not different or not all(option and option == option.strip() for option in item.options):
            raise ValueError(
                f"item {item.id}: options {item.options} must be four different texts, without outer spaces"
            )
        if item.answer not in range(4):
            raise ValueError(f"item {item.id}: answer is {item.answer!r}; it must be the right option's index, 0 to 3")
    ids, contents = {item.id for item in items}, {_content(item) for item in items}
    if shared := [shot.id for shot in shots if shot.id in ids or _content(shot) in contents]:
        raise ValueError(f"worked examples {shared[:3]} are also test items; draw them from a disjoint pool")


def _content(item: ExamItem) -> tuple[str, ...]:
    """Equal for items that ask the same, as far as their texts show; `exam_items` keeps rewordings apart as well.

    Memory is asked by the question, whatever the wrong options; a rule item may state what it needs in its options
    ("Which of these towns comes first in the alphabet?").
    """
    return (item.question, *sorted(item.options)) if item.group == "rule" else (item.question,)


def _write_subject(folder: Path, number: int, items: Sequence[ExamItem], shots: Sequence[ExamItem]) -> dict[str, str]:
    """Two JSON-lines files for the tasks' data function, and the metadata that names them."""
    paths = {}
    for name, written in (("items", items), ("shots", shots)):
        paths[name] = folder / f"{name}-{number}.jsonl"
        paths[name].write_text("".join(json.dumps(_row(item)) + "\n" for item in written), encoding="utf-8")
    return {name: str(path) for name, path in paths.items()}


def _row(item: ExamItem) -> dict:
    return {"id": item.id, "question": item.question, "options": list(item.options), "gold": item.answer}


def _results(scoring: Scoring, items: Sequence[ExamItem], samples: dict[str, list[dict]]) -> list[ExamResult]:
    found = {}
    for subject in dict.fromkeys(item.subject for item in items):
        found |= {sample["doc"]["id"]: sample for sample in samples[f"{scoring}/{subject}"]}
    return [_result(item, found[item.id]) for item in items]


def _result(item: ExamItem, sample: dict) -> ExamResult:
    entity = str(item.entities[0]) if item.entities else item.id
    chosen = LETTERS[preferred(sums(sample["filtered_resps"]), item.id)]
    per_character = int(sample["acc_per_character"]) if "acc_per_character" in sample else None
    return ExamResult(item.id, entity, item.subject, item.group, int(sample["acc"]), chosen, per_character)
