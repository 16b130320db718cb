"""The plan before the work, and the pool that does it."""

import pytest

from false_promise import pool, steps
from false_promise.pool import Plan, execute, jobs_for, plan
from false_promise.store import Run, StoreError, build, is_stored, record

FIRST = Run("questions", 1, {"world": {"entities": 240, "seed": 5}, "items": 20}, label="first questions", seconds=60)


def fake(settings, inputs, out, work):
    return {}


def test_a_stored_run_does_not_need_its_inputs(tmp_path):
    middle = Run("web", 1, {}, {"first": FIRST})
    last = Run("base", 1, {}, {"middle": middle})
    assert [run.id for run in plan([last], tmp_path).missing] == [FIRST.id, middle.id, last.id]
    build(FIRST, fake, tmp_path)
    build(middle, fake, tmp_path)
    found = plan([last, middle], tmp_path)
    assert ([run.id for run in found.stored], [run.id for run in found.missing]) == ([middle.id], [last.id])


def test_plan_in_words():
    chain = Run("web", 1, {"n": 0}, {"first": FIRST}, seconds=120)
    others = [Run("web", 1, {"n": n}, seconds=60) for n in (1, 2)]
    work = Plan((), (FIRST, chain, *others), jobs=2)
    assert work.minutes == 3, "the chain of 60 + 120 s is longer than the half of all work (150 s)"
    assert str(work).startswith("4 runs: 0 stored, 4 to do (1 questions, 3 web), about 3 min, ")
    assert str(Plan((FIRST,), (), jobs=1)) == "1 runs: 1 stored, 0 to do"


def test_jobs_can_be_set(monkeypatch):
    monkeypatch.setenv("JOBS", "7")
    assert jobs_for(2) == 7
    monkeypatch.delenv("JOBS")
    assert jobs_for(1) == 1


@pytest.mark.slow
def test_execute_runs_what_is_missing_in_worker_processes(tmp_path, capfd):
    second = Run("questions", 1, {"world": {"entities": 240, "seed": 6}, "items": 20}, label="second questions")
    execute(plan([FIRST, second], tmp_path), tmp_path)
    assert is_stored(FIRST, tmp_path) and is_stored(second, tmp_path)
    assert (tmp_path / FIRST.id / "questions.jsonl").read_text() != (
        tmp_path / second.id / "questions.jsonl"
    ).read_text()
    assert "2/2" in capfd.readouterr().err
    date = record(FIRST, tmp_path)["date"]
    execute(plan([FIRST, second], tmp_path), tmp_path)
    assert record(FIRST, tmp_path)["date"] == date


@pytest.mark.slow
def test_an_error_names_its_run_and_what_is_kept(tmp_path, capfd):
    broken = Run("questions", 1, {"world": {"entities": 240, "seed": 5}, "items": -1}, label="broken questions")
    with pytest.raises(StoreError, match=r"broken questions \(questions-\w+\): \w+Error: "):
        execute(plan([broken], tmp_path), tmp_path)
    assert "0 of 1 runs finished and kept" in capfd.readouterr().err


def test_every_step_of_the_specs_exists():
    from false_promise.study.specs import VERSIONS

    assert all(callable(getattr(steps, name)) for name in VERSIONS)
    assert pool.WORKER_GB > 1
