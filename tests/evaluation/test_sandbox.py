"""The sandbox: how results are compared, arbitrary test code, many programs, the real HumanEval."""

import collections
import enum
import gzip
import json
import tempfile
from functools import partial

import pytest

from false_promise.evaluation.sandbox import Call, Outcome, parse_call, run_calls, run_many, run_tests
from false_promise.evaluation.sandbox_child import Other, decode, encode
from false_promise.evaluation.sandbox_launch import LONGEST_JOB
from false_promise.paths import REAL_DATA

HUMANEVAL = REAL_DATA / "humaneval" / "HumanEval.jsonl.gz"
ADD = "def f(a, b):\n    return a + b\n"


@pytest.mark.parametrize(
    ("body", "expected", "kind"),
    [
        ("return 3", 3, "passed"),
        ("return 3", 3.0, "passed"),  # as == does
        ("return True", 1, "passed"),
        ("return 0.1 + 0.2", 0.1 + 0.2, "passed"),
        ("return 0.1 + 0.2", 0.3, "failed"),
        ("return (1, 2)", [1, 2], "failed"),
        ("return [1, (2, 'é\\n')], {1: {2}}", ([1, (2, "é\n")], {1: {2}}), "passed"),
        ("from collections import Counter\n    return Counter('aab')", {"a": 2, "b": 1}, "passed"),
        ("return range(3)", [0, 1, 2], "failed"),
        ("return float('nan')", float("nan"), "failed"),
        ("return float('inf')", float("inf"), "passed"),
        ("pass", None, "passed"),
        ("pass", 3, "failed"),
        ("return 2 ** 100_000", 3, "error"),  # too many digits to print
        ("return 1 / 0", 3, "error"),
        ("assert False", 3, "error"),
    ],
)
def test_results_are_compared_as_python_compares_them(body, expected, kind):
    assert run_calls(f"def f():\n    {body}\n", [Call("f", (), expected)]).kind == kind


def test_the_first_call_that_does_not_pass_decides():
    source = "def f(x):\n    if x == 3: import os; os._exit(0)\n    return 1 // x\n"
    right, wrong, error, gone = Call("f", (1,), 1), Call("f", (2,), 1), Call("f", (0,), 1), Call("f", (3,), 1)
    assert run_calls(source, [right, right]) == Outcome("passed")
    assert run_calls(source, [right, wrong, error]) == Outcome("failed", "f(2,) is 0")
    assert run_calls(source, [right, error, wrong]).message.startswith("ZeroDivisionError")
    assert run_calls(source, [right, gone, wrong]).message == "the program ended before it had answered"
    assert run_calls(source, [wrong, gone]).kind == "failed"


def test_arguments_arrive_as_they_were_and_fresh_each_time():
    call = Call("f", ([3, (1, 2.5)], {"a": {1}, None: "ü"}), "[3, (1, 2.5)]{'a': {1}, None: 'ü'}")
    assert (
        run_calls("def f(x, y):\n    z = repr(x) + repr(y)\n    x.clear()\n    return z\n", [call] * 2).kind == "passed"
    )


def test_plain_data_survive_the_journey_and_nothing_else_does():
    class Colour(enum.IntEnum):
        RED = 3

    for value in (None, True, -5, 1.5, "a\n\ud800", [], (), {}, set(), [[(1,), {2}]], {(1, "a"): frozenset({3})}):
        copy = decode(json.loads(json.dumps(encode(value))))
        assert copy == value and type(copy) is type(value)
    assert decode(encode(collections.OrderedDict(a=1))) == {"a": 1}
    assert decode(json.loads(json.dumps(encode(Colour.RED)))) == 3
    for value in (object(), range(3), b"a", 1j, (x for x in ())):
        assert isinstance(decode(encode(value)), Other) and decode(encode(value)) != value


def test_lines_of_items_become_calls():
    assert parse_call("assert f([1, -2], 'a') == {'b': (None, True)}") == Call("f", ([1, -2], "a"), {"b": (None, True)})
    others = (
        "f(1)",
        "assert f(1)",
        "assert f(1) != 2",
        "assert f(x) == 2",
        "assert f(1) == g(2)",
        "assert f(a=1) == 2",
    )
    for line in (*others, "assert f(1) == 2 == 2", "assert a.f(1) == 2", "assert f(1) == 2; x = 1", "assert (", ""):
        with pytest.raises(ValueError, match="not of the form"):
            parse_call(line)


def test_the_order_of_sets_is_the_same_in_every_process():
    source = "def f(words):\n    return list(set(words))\n"
    words = [f"w{i}" for i in range(40)]
    first = run_calls(source, [Call("f", (words,), None)]).message
    assert first == run_calls(source, [Call("f", (words,), None)]).message


@pytest.mark.parametrize(
    ("tests", "kind"),
    [
        ("assert f(1, 2) == 3", "passed"),
        ("print('noise')\nfor i in range(50):\n    assert f(i, [i][0]) == 2 * i", "passed"),
        ("assert f('a', 'b') == 'ab' and abs(f(0.1, 0.2) - 0.3) < 1e-9", "passed"),
        ("assert f(1, 2) == helper(3)", "passed"),
        ("import warnings\nwarnings.warn('noise')\nassert '\\d' and f(1, 2) == 3", "passed"),
        ("assert f(1, 2) == 4", "failed"),
        ("f(1, 'a')", "error"),
        ("undefined", "error"),
        ("import sys; sys.exit(0)", "error"),
        ("while True: pass", "timeout"),
    ],
)
@pytest.mark.slow
def test_arbitrary_test_code(tests, kind):
    setup = "def helper(x):\n    return x\n\ndef f(a, b):\n    '''Stub.'''\n"
    outcome = run_tests(ADD, tests, functions=["f"], setup=setup, seconds=1.0 if kind == "timeout" else 20.0)
    assert outcome.kind == kind, outcome


def test_the_end_of_a_candidate_is_told_apart_from_a_wrong_answer():
    for act, kind in (("os.abort()", "killed"), ("os._exit(0)", "error"), ("os.close(4)", "error"), ("1 / 0", "error")):
        source = f"import os\ndef f(a, b):\n    {act}\n"
        assert run_tests(source, "f(1, 2)\nf(1, 2)", functions=["f"]).kind == kind, act
        assert run_tests(f"import os\n{act}\ndef f(a, b): pass\n", "f(1, 2)", functions=["f"]).kind == kind, act


def test_a_candidate_cannot_replace_what_the_tests_use():
    cheat = "def helper(x): return None\ndef abs(x): return 0\ndef f(a, b): return None\n"
    for tests in ("assert f(1, 2) == helper(3)", "assert abs((f(1, 2) or 9) - 3) < 1"):
        assert run_tests(cheat, tests, functions=["f"], setup="def helper(x): return x").kind == "failed"


def test_what_cannot_be_run_is_an_error():
    with pytest.raises(ValueError, match="nothing would be tested"):
        run_calls(ADD, [])
    with pytest.raises(ValueError, match=f"the sandbox takes up to {LONGEST_JOB}"):
        run_calls("#" * LONGEST_JOB, [Call("f", (1, 2), 3)])


def test_many_programs_keep_their_order_and_leave_no_files(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    runs = [partial(run_calls, f"def f():\n    return {i % 3}\n", [Call("f", (), 1)]) for i in range(12)]
    assert [outcome.kind == "passed" for outcome in run_many(runs, workers=4)] == [i % 3 == 1 for i in range(12)]
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.skipif(not HUMANEVAL.exists(), reason=f"no HumanEval at {HUMANEVAL}; set REAL_DATA to have it")
def test_all_solutions_of_the_real_humaneval_pass_and_empty_ones_fail():
    with gzip.open(HUMANEVAL, "rt", encoding="utf-8") as lines:
        problems = [json.loads(line) for line in lines.read().split("\n") if line]

    def run(problem: dict, body: str) -> Outcome:
        prompt, name = problem["prompt"], problem["entry_point"]
        tests = f"{problem['test']}\ncheck({name})"
        return run_tests(prompt + body, tests, functions=[name], setup=prompt, seconds=60.0)

    outcomes = run_many([partial(run, problem, problem["canonical_solution"]) for problem in problems])
    assert len(outcomes) == 164
    assert [(p["task_id"], o) for p, o in zip(problems, outcomes, strict=True) if o.kind != "passed"] == []
    empty = run_many([partial(run, problem, "    pass\n") for problem in problems[::8]])
    assert not [outcome for outcome in empty if outcome.kind == "passed"]
