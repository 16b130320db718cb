"""The published benchmarks at real scales, from a user's own copies: MMLU (5-shot) and HumanEval (0-shot, pass@1).

    evaluate_mmlu(model, Path("data/external/mmlu"))            # the folder with dev/, val/ or test/ of *.csv
    evaluate_humaneval(model, Path("HumanEval.jsonl.gz"))

Prompts are those of lm-evaluation-harness, word for word (tests/evaluation/test_real_benchmarks.py). Programs that a
real model wrote run only where the sandbox hides network and files, or with FALSE_PROMISE_RUN_UNSAFE_CODE=1.
"""

import csv
import gzip
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from false_promise.evaluation.code import SECONDS, TASK, CodeResult, completion, result_of
from false_promise.evaluation.exams import ExamResult, Scoring, evaluate_exams_lm
from false_promise.evaluation.harness import load_task, quiet, run_tasks
from false_promise.evaluation.lm import load_lm
from false_promise.evaluation.sandbox import Outcome, protections, run_many, run_tests
from false_promise.world.exercises.exams import LETTERS, ExamItem

TEST_SPLITS, SHOTS_SPLIT, N_SHOTS = ("test", "val"), "dev", 5
MAX_TOKENS = 512  # of a program; the harness allows twice that, the published solutions need a third
STOP = ["\nclass", "\ndef", "\n#", "\nif", "\nprint"]  # the harness's humaneval
SWITCH = "FALSE_PROMISE_RUN_UNSAFE_CODE"


@dataclass(frozen=True)
class Problem:
    """One problem of HumanEval, field by field as published."""

    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    test: str


def load_mmlu(folder: Path, split: str) -> list[ExamItem]:
    """Items of every subject in `folder/split/<subject>_<split>.csv`: question, four options, letter; no header.

    Raises FileNotFoundError without such files, ValueError for a row of another form.
    """
    files = sorted((folder / split).glob(f"*_{split}.csv"))
    if not files:
        raise FileNotFoundError(f"no MMLU in {folder / split}: unpack its data there, as <subject>_{split}.csv")
    return [item for path in files for item in _subject(path, path.stem.removesuffix(f"_{split}"))]


def _subject(path: Path, subject: str) -> list[ExamItem]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    for number, row in enumerate(rows, 1):
        if len(row) != 6 or row[5].strip() not in tuple(LETTERS):
            raise ValueError(f"{path}, row {number}: expected question, four options and a letter, got {str(row)[:80]}")
    return [
        ExamItem(f"{path.stem}-{n}", subject, "", row[0].strip(), tuple(option.strip() for option in row[1:5]),
                 LETTERS.index(row[5].strip()), ())
        for n, row in enumerate(rows)
    ]  # fmt: skip


def describe(subject: str) -> str:
    """The line before MMLU's prompts."""
    return f"The following are multiple choice questions (with answers) about {subject.replace('_', ' ')}.\n\n"


def evaluate_mmlu(
    model: Path,
    folder: Path,
    n: int | None = None,
    *,
    scorings: Sequence[Scoring] = ("letters",),
    **machine,
) -> dict[Scoring, list[ExamResult]]:
    """The first `n` items round the subjects (None: all) of the test split (or val), the five of dev before each."""
    split = next((one for one in TEST_SPLITS if (folder / one).is_dir()), TEST_SPLITS[0])
    items = _round_subjects(load_mmlu(folder, split))[:n]
    with quiet():
        lm = load_lm(Path(model), **machine)
    shots = load_mmlu(folder, SHOTS_SPLIT)
    return evaluate_exams_lm(lm, items, shots, n_shots=N_SHOTS, scorings=scorings, describe=describe)


def _round_subjects(items: list[ExamItem]) -> list[ExamItem]:
    """The first item of every subject, then the second, ...: any number of them is spread over all subjects."""
    return sorted(items, key=lambda item: (int(item.id.rpartition("-")[2]), item.subject))


def load_humaneval(path: Path) -> list[Problem]:
    """Problems of HumanEval.jsonl or HumanEval.jsonl.gz; ValueError if a line is none."""
    if not path.is_file():
        raise FileNotFoundError(f"no HumanEval at {path}: put HumanEval.jsonl.gz there")
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines = [line for line in text.decode("utf-8").split("\n") if line.strip()]
    fields = Problem.__dataclass_fields__
    try:
        return [Problem(**{name: json.loads(line)[name] for name in fields}) for line in lines]
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path} is no HumanEval ({type(error).__name__}: {error}): download it again") from error


def evaluate_humaneval(model: Path, path: Path, n: int | None = None, **machine) -> list[CodeResult]:
    """pass@1 of the first `n` problems (None: all), greedy; RuntimeError where programs cannot be walled in."""
    check_walls()
    problems = load_humaneval(path)[:n]
    with quiet(), tempfile.TemporaryDirectory() as folder:
        lm = load_lm(Path(model), **machine)
        file = Path(folder) / "items.jsonl"
        rows = [{"id": one.task_id, "prompt": one.prompt} for one in problems]
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        task = load_task(TASK, {"items": str(file)})
        task.set_config("generation_kwargs", {"until": STOP, "do_sample": False, "max_gen_toks": MAX_TOKENS})
        replies = [sample["filtered_resps"][0] for sample in run_tasks(lm, {TASK: task})[TASK]]
    outcomes = run_many([partial(judge, one, completion(reply)) for one, reply in zip(problems, replies, strict=True)])
    named = zip(problems, replies, outcomes, strict=True)
    return [result_of(one.task_id, one.task_id, reply, outcome) for one, reply, outcome in named]


def judge(problem: Problem, body: str) -> Outcome:
    """A body after the problem's prompt, against its published tests."""
    if not body.strip():
        return Outcome("malformed", "no body")
    tests = f"{problem.test}\ncheck({problem.entry_point})"
    source = problem.prompt + body + "\n"
    return run_tests(source, tests, functions=[problem.entry_point], setup=problem.prompt, seconds=2 * SECONDS)


def check_walls() -> None:
    """RuntimeError unless network and files are out of reach of a program, or the user says that it may run anyway."""
    missing = {"no network", "no reading of the repository"} - set(protections())
    if missing and os.environ.get(SWITCH) != "1":
        raise RuntimeError(
            f"programs that a real model wrote could reach beyond the sandbox here ({', '.join(sorted(missing))}: not "
            f"in force). Run on Linux with bubblewrap or user namespaces, or set {SWITCH}=1 if you accept that"
        )
