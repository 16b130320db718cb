"""Running Python that a model wrote, and judging it: each program in a process of its own, behind walls.

    run_calls("def f(x):\\n    return x + 1\\n", [Call("f", (1,), 2)])            # Outcome("passed")
    run_tests(source, "assert f(1) == 2", functions=["f"])                       # any test code
    run_many([partial(run_calls, source, calls) for source in sources])          # in parallel

A program cannot pretend to pass: it only ever receives arguments, its results leave its process as plain data, and the
comparison happens where none of its code runs (here, or for `run_tests` in a second sandboxed process). Printing,
exiting, changing built-ins, catching AssertionError or defining `__eq__` changes nothing about that.

Every program has: a wall-clock and a processor time limit, 512 MB of address space, 256 kB for its answers, no further
process or thread, no root, an empty environment, standard input at its end, output to nowhere. Whether network, files
and process table are hidden depends on the machine (`sandbox_launch.py`); `protections()` tries and says which hold.
Results are compared as `==` does on None, bool, int, float, str, list, tuple, set, dict and what inherits from them.
Other values (generators, own classes) equal nothing.
"""

import ast
import json
import math
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import IO, Literal

from false_promise.evaluation.sandbox_child import OUTPUT, decode, describe, encode
from false_promise.evaluation.sandbox_launch import Wall, started, wait, walls

Kind = Literal["passed", "failed", "malformed", "error", "timeout", "killed"]


@dataclass(frozen=True)
class Call:
    """`function(*arguments)` must equal `expected`; plain data only."""

    function: str
    arguments: tuple
    expected: object


@dataclass(frozen=True)
class Outcome:
    """kind: of the first call or test that does not pass.

    failed: a wrong result; malformed: the program does not parse; error: it raised an exception, lacks the function or
    ended early; timeout: no answer in time; killed: it died from a signal. `message` may hold text of the program.
    """

    kind: Kind
    message: str = ""


def parse_call(line: str) -> Call:
    """The call that a line `assert f(1, [2]) == 3` makes. ValueError if it is anything else or holds no literals."""
    try:
        (statement,) = ast.parse(line).body
        comparison = statement.test
        (operator,), (right,), call = comparison.ops, comparison.comparators, comparison.left
        if not isinstance(statement, ast.Assert) or not isinstance(operator, ast.Eq) or call.keywords:
            raise ValueError("no such assert")
        arguments = tuple(map(ast.literal_eval, call.args))
        return Call(call.func.id, arguments, ast.literal_eval(right))
    except (ValueError, SyntaxError, AttributeError) as error:
        raise ValueError(f"not of the form 'assert f(literals) == literal': {line!r}") from error


def run_calls(source: str, calls: Sequence[Call], *, seconds: float = 5.0) -> Outcome:
    """Run the module `source` and the calls in one process, and compare the results here."""
    if not calls:
        raise ValueError("no calls: nothing would be tested")
    return _run_calls(wall(), source, calls, seconds)


def _run_calls(behind: Wall, source: str, calls: Sequence[Call], seconds: float) -> Outcome:
    requests = "".join(json.dumps([c.function, encode(list(c.arguments))]) + "\n" for c in calls)
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout:
        stdin.write(requests.encode())
        stdin.seek(0)
        job = {"seconds": math.ceil(seconds) + 1, "source": source}
        with started(behind, job, stdin, stdout, subprocess.DEVNULL) as process:
            end = wait(process, seconds)
        stdout.seek(0)
        answers = stdout.read(OUTPUT)
    return _compare(calls, answers.split(b"\n")[:-1], end)


def _compare(calls: Sequence[Call], answers: list[bytes], end: str) -> Outcome:
    for answer, call in zip(answers, (None, *calls), strict=False):
        try:
            kind, *rest = json.loads(answer)
            value = decode(rest[0]) if rest else None
            if kind in ("malformed", "error"):
                return Outcome(kind, _printable(value))
            if call is not None and value != call.expected:
                return Outcome("failed", _printable(f"{call.function}{call.arguments} is {value!r}"))
        except Exception as error:  # the program wrote into the channel of its answers
            return Outcome("error", _printable(f"unreadable answer: {describe(error)}"))
    return Outcome("passed") if len(answers) > len(calls) else _unanswered(end)


def _unanswered(end: str) -> Outcome:
    if end == "ended":
        return Outcome("error", "the program ended before it had answered")
    return Outcome(end, {"timeout": "no answer in time", "killed": "ended by a signal"}[end])


def _printable(message: object) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(message)[:300])


def run_tests(source: str, tests: str, *, functions: Sequence[str], setup: str = "", seconds: float = 5.0) -> Outcome:
    """Run arbitrary test code against `functions` of the module `source`, in two sandboxed processes.

    `tests` run in the second process, after `setup` (definitions that they need, such as HumanEval's prompt); there
    `functions` are stand-ins that call the candidate and bring back plain data. So arguments that the candidate
    changes in place, or exceptions of a certain type, cannot be tested. `tests` and `setup` are the benchmark's own.
    """
    limit = math.ceil(seconds) + 1
    judge = {"seconds": limit, "setup": setup, "tests": tests, "functions": list(functions)}
    with (
        tempfile.TemporaryFile() as verdict,
        _pipe() as requests,
        _pipe() as answers,
        started(wall(), {"seconds": limit, "source": source}, requests[0], answers[1], subprocess.DEVNULL) as candidate,
        started(wall(), judge, answers[0], requests[1], verdict) as judging,
    ):
        for end in (*requests, *answers):  # so that each of the two sees when the other ends
            end.close()
        end = wait(judging, seconds)
        verdict.seek(0)
        text = verdict.read(OUTPUT)
        if end == "ended" and text:
            kind, message = json.loads(text)
            return _unanswered(wait(candidate, 1.0)) if kind == "ended" else Outcome(kind, _printable(message))
    return _unanswered(end)


@contextmanager
def _pipe() -> Iterator[tuple[IO, IO]]:
    """The end to read from and the end to write to."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb") as writer:
        yield reader, writer


def run_many(runs: Sequence[Callable[[], Outcome]], *, workers: int | None = None) -> list[Outcome]:
    """The outcomes of the runs, in their order, `workers` at a time (default: one for each processor)."""
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        return list(pool.map(lambda run: run(), runs))


# What is tried in the sandbox: True where it was stopped.
_PROBE = """
import os, socket, math, typing

def stopped(act):
    try:
        act()
    except (OSError, MemoryError):
        return True
    return False

def not_root():
    return os.getuid() != 0 and os.geteuid() != 0

def no_process():
    return stopped(lambda: os.fork() or os._exit(0))

def no_network():  # connecting a datagram socket only looks for a route: nothing is sent
    return stopped(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9)))

def no_reading(path):
    return stopped(lambda: open(path).read())

def no_writing():
    return stopped(lambda: open("file", "w").write("text"))

def little_memory():
    return stopped(lambda: bytearray(1 << 30))

def own_processes():
    return os.getpid() < 10
"""
_USABLE = Call("not_root", (), True)
_PROTECTIONS = {
    "memory limit": Call("little_memory", (), True),
    "no further process": Call("no_process", (), True),
    "no network": Call("no_network", (), True),
    "no reading of the repository": Call("no_reading", (__file__,), True),
    "no writing": Call("no_writing", (), True),
    "processes out of sight": Call("own_processes", (), True),
}


@cache
def wall() -> Wall:
    """The strongest wall behind which programs run here. RuntimeError if there is none."""
    for candidate in walls():
        outcome = _run_calls(candidate, _PROBE, [_USABLE], 10.0)
        if outcome.kind == "passed":
            return candidate
    raise RuntimeError(
        f"generated code cannot be run safely here ({outcome.message}): run as an ordinary user, or install bubblewrap"
    )


@cache
def protections() -> tuple[str, ...]:
    """The protections in force on this machine; those that depend on it have been tried."""
    always = (f"wall {wall().name}", "not root", "time limit", "output limit", "empty environment", "closed input")
    tried = (name for name, call in _PROTECTIONS.items() if _run_calls(wall(), _PROBE, [call], 10.0).kind == "passed")
    return (*always, *tried)
