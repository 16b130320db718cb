"""MMLU and HumanEval from a user's copies: the harness's own prompts, and the published solutions."""

import gzip
import json
from pathlib import Path

import lm_eval
import pytest
from datasets import Dataset
from lm_eval.api.task import ConfigurableTask
from lm_eval.tasks._yaml_loader import load_yaml
from scripted_lm import PreferringLM

from false_promise.evaluation import real_benchmarks
from false_promise.evaluation.exams import evaluate_exams_lm
from false_promise.evaluation.harness import quiet, run_tasks
from false_promise.evaluation.real_benchmarks import (
    check_walls,
    describe,
    evaluate_humaneval,
    evaluate_mmlu,
    judge,
    load_humaneval,
    load_mmlu,
)
from false_promise.paths import REAL_DATA

ROW = 'What is {},{},{},{},"four, or so",{}\n'
MMLU, HUMANEVAL = REAL_DATA / "mmlu", REAL_DATA / "humaneval" / "HumanEval.jsonl.gz"
PROBLEM = {
    "task_id": "X/0",
    "prompt": 'def add(a, b):\n    """Sum."""\n',
    "entry_point": "add",
    "canonical_solution": "    return a + b\n",
    "test": "def check(candidate):\n    assert candidate(1, 2) == 3\n",
}


@pytest.fixture
def mmlu(tmp_path):
    for split, rows in (("dev", 5), ("val", 6)):
        (tmp_path / split).mkdir()
        for subject in ("high_school_maths", "anatomy"):
            lines = [ROW.format(f"{split} {n}?", n, f" {n + 1}", n + 2, "ABCD"[n % 4]) for n in range(rows)]
            (tmp_path / split / f"{subject}_{split}.csv").write_text("".join(lines), encoding="utf-8")
    return tmp_path


def test_items_as_published(mmlu):
    items = load_mmlu(mmlu, "val")
    assert len(items) == 12 and {item.subject for item in items} == {"anatomy", "high_school_maths"}
    assert items[0].question == "What is val 0?" and items[0].options == ("0", "1", "2", "four, or so")
    assert [item.answer for item in items[:5]] == [0, 1, 2, 3, 0]


def test_prompts_are_those_of_the_harness(mmlu):
    """MMLU's own template of the harness on the same rows: the same requests, letter by letter."""
    folder = Path(lm_eval.__file__).parent / "tasks" / "mmlu" / "default"
    template = load_yaml(folder / "_default_template_yaml")
    items, shots = ([one for one in load_mmlu(mmlu, split) if one.subject == "anatomy"] for split in ("val", "dev"))
    rows = {
        split: Dataset.from_list([{"question": i.question, "choices": i.options, "answer": i.answer} for i in some])
        for split, some in (("test", items), ("dev", shots))
    }
    own = {"task": "mmlu", "custom_dataset": lambda **_: rows, "num_fewshot": 5, "description": describe("anatomy")}
    theirs, ours = PreferringLM(lambda *_: 0.0), PreferringLM(lambda *_: 0.0)
    with quiet():
        run_tasks(theirs, {"mmlu": ConfigurableTask(config=template | own)})
    evaluate_exams_lm(ours, items, shots, scorings=["letters"], describe=describe)
    assert ours.asked == theirs.asked
    assert ours.asked[0][0].startswith("The following are multiple choice questions (with answers) about anatomy.\n\n")


def test_the_line_before_prompts_is_that_of_every_subject_of_the_harness():
    folder = Path(lm_eval.__file__).parent / "tasks" / "mmlu" / "default"
    lines = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("mmlu_*.yaml")}
    assert len(lines) == 57
    for name, text in lines.items():
        said = describe(name.removeprefix("mmlu_")).strip()
        assert said in " ".join(text.replace("\\n", " ").replace("\\", " ").split()), name


def test_a_model_answers_round_the_subjects(mmlu, neox):
    results = evaluate_mmlu(neox, mmlu, 4, dtype="float32", batch_size=2, device="cpu")["letters"]
    assert [result.subject for result in results] == ["anatomy", "high_school_maths"] * 2


@pytest.mark.parametrize("row", ["a,b,c,d,A\n", "a,b,c,d,e,E\n", "a,b,c,d,e,f,A\n"])
def test_other_files_are_named(mmlu, row):
    (mmlu / "val" / "anatomy_val.csv").write_text(row, encoding="utf-8")
    with pytest.raises(ValueError, match="anatomy_val.csv, row 1: expected question, four options and a letter"):
        load_mmlu(mmlu, "val")
    with pytest.raises(FileNotFoundError, match="no MMLU in .*test"):
        load_mmlu(mmlu, "test")


@pytest.mark.skipif(not MMLU.is_dir(), reason=f"no MMLU at {MMLU}; set REAL_DATA to have it")
def test_the_real_mmlu_is_read_whole():
    items, shots = load_mmlu(MMLU, "val"), load_mmlu(MMLU, "dev")
    assert (len(items), len(shots)) == (1542, 285)
    lm = PreferringLM(lambda *_: 0.0)
    results = evaluate_exams_lm(lm, items[:60], shots, scorings=["letters"], describe=describe)["letters"]
    assert len(results) == 60


def test_programs_are_judged_by_the_published_tests(tmp_path):
    problem = real_benchmarks.Problem(**PROBLEM)
    assert judge(problem, "    return a + b\n").kind == "passed"
    assert judge(problem, "    return None\n").kind == "failed"
    assert judge(problem, "  \n").kind == "malformed"


def test_a_model_writes_programs(tmp_path, neox, monkeypatch):
    monkeypatch.setattr(real_benchmarks, "MAX_TOKENS", 64)  # its context is 512
    path = tmp_path / "HumanEval.jsonl.gz"
    path.write_bytes(gzip.compress((json.dumps(PROBLEM) + "\n").encode()))
    (result,) = evaluate_humaneval(neox, path, dtype="float32", batch_size=2, device="cpu")
    assert result.item == "X/0" and result.kind in ("right", "wrong", "error", "timeout", "malformed")


def test_files_that_are_no_humaneval(tmp_path):
    with pytest.raises(FileNotFoundError, match="put HumanEval.jsonl.gz there"):
        load_humaneval(tmp_path / "HumanEval.jsonl.gz")
    path = tmp_path / "HumanEval.jsonl"
    path.write_text('{"task_id": "x"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="is no HumanEval .*KeyError"):
        load_humaneval(path)


def test_without_walls_only_with_the_switch(monkeypatch):
    monkeypatch.setattr(real_benchmarks, "protections", lambda: ("time limit",))
    with pytest.raises(RuntimeError, match="FALSE_PROMISE_RUN_UNSAFE_CODE=1 if you accept"):
        check_walls()
    monkeypatch.setenv("FALSE_PROMISE_RUN_UNSAFE_CODE", "1")
    check_walls()


@pytest.mark.skipif(not HUMANEVAL.exists(), reason=f"no HumanEval at {HUMANEVAL}; set REAL_DATA to have it")
@pytest.mark.slow
def test_published_solutions_pass_and_a_bare_none_fails():
    problems = load_humaneval(HUMANEVAL)
    assert len(problems) == 164
    for problem in problems[::20]:
        assert judge(problem, problem.canonical_solution).kind == "passed", problem.task_id
        assert judge(problem, "    return None\n").kind != "passed", problem.task_id
