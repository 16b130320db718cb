"""The sandbox: hostile programs behind every wall and as every user, and what a program can see."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from functools import partial
from pathlib import Path

import psutil
import pytest
from hostile_programs import ACTS, HOSTILE, seconds_for

import false_promise
from false_promise.evaluation import sandbox, sandbox_launch
from false_promise.evaluation.sandbox import Call, Outcome, protections, run_calls, run_many, run_tests
from false_promise.evaluation.sandbox_launch import walls

pytestmark = pytest.mark.slow  # seconds each, so not among the unit tests

ORDINARY = 12345  # a user id without rights
MEMORY_ACTS = ("memory bomb", "slow memory bomb")


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the sandbox that every user can read, outside pytest's closed folders, and a file to be read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        package = folder / "false_promise" / "evaluation"
        package.mkdir(parents=True)
        for source in Path(false_promise.__file__).parent.glob("evaluation/sandbox*.py"):
            shutil.copy(source, package)
        shutil.copy(Path(__file__).parent / "hostile_programs.py", folder)
        (folder / "file").write_text("read me", encoding="utf-8")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield folder


@pytest.fixture(scope="module")
def port():
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield server.getsockname()[1]


def as_user(user: int) -> dict:
    return {} if user == os.getuid() else {"user": user, "group": user, "extra_groups": []}


@pytest.fixture(scope="module")
def python() -> str:
    """A Python that an ordinary user can run, if we are root: root's own may lie in its home."""
    user = ORDINARY if os.getuid() == 0 else os.getuid()
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    for path in (str(Path(sys.executable).resolve()), "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            if subprocess.run([path, "-c", check], **as_user(user)).returncode == 0:
                return path
        except OSError:
            continue
    return pytest.skip("no Python 3.11 that an ordinary user can run")


def run_hostile(python: str, copied: Path, user: int, **job) -> dict[str, str]:
    """The kinds of the outcomes, after having checked that no process is left."""
    mark = f"mark-{uuid.uuid4()}"
    job |= {"path": str(copied / "file"), "mark": mark}
    command = [python, str(copied / "hostile_programs.py"), json.dumps(job)]
    variables = {"PYTHONPATH": str(copied), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, capture_output=True, text=True, cwd=copied, env=variables, **as_user(user))
    assert done.returncode == 0, done.stderr
    assert_nothing_runs(mark)
    return json.loads(done.stdout)


def assert_nothing_runs(mark: str) -> None:
    """Killed processes of a namespace disappear a moment after the first."""
    for _ in range(100):
        left = [p.info for p in psutil.process_iter(["pid", "cmdline"]) if mark in " ".join(p.info["cmdline"] or ())]
        if not left:
            return
        time.sleep(0.02)
    raise AssertionError(f"still running: {left}")


USERS = [pytest.param(0, id="root"), pytest.param(ORDINARY, id="user")] if os.getuid() == 0 else [os.getuid()]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("wall", list(dict.fromkeys(wall.name for wall in walls())))
def test_no_hostile_program_gets_away(wall, user, python, copied, port):
    # Results are compared in the same way behind every wall, so only the first one meets all programs.
    names = [name for name in (HOSTILE if wall == walls()[0].name else ACTS) if limited(name)]
    kinds = run_hostile(python, copied, user, wall_name=wall, names=["honest", *names], guarded=True, port=port)
    if kinds["honest"] != "passed":
        pytest.skip(f"no program runs behind {wall} on this machine")
    assert {name: kind for name, kind in kinds.items() if kind not in HOSTILE.get(name, ("", {"passed"}))[1]} == {}


def limited(name: str) -> bool:
    return name not in MEMORY_ACTS or "memory limit" in protections()


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("wall", list(dict.fromkeys(wall.name for wall in walls())))
def test_the_kernel_stops_processes_and_memory_without_the_audit_hook(wall, user, python, copied, port):
    names = [
        "fork bomb",
        "patient fork bomb",
        "thread",
        "low-level subprocess",
        "detached grandchild",
        "raising the limits",
    ]
    names += [name for name in MEMORY_ACTS if limited(name)]
    names += ["network"] if wall != "plain" else []
    kinds = run_hostile(python, copied, user, wall_name=wall, names=["honest", *names], guarded=False, port=port)
    if kinds.pop("honest") != "passed":
        pytest.skip(f"no program runs behind {wall} on this machine")
    assert {name: kind for name, kind in kinds.items() if kind not in HOSTILE[name][1]} == {}


def test_the_hostile_acts_succeed_outside(copied, port, python):
    """So that the tests above are no tests of typing errors: without wall and hook, network and files are open."""
    names = ["network", "reading a file"]
    kinds = run_hostile(python, copied, os.getuid(), wall_name="plain", names=names, guarded=False, port=port)
    assert kinds == {"network": "passed", "reading a file": "passed"}


def test_hostile_programs_pass_no_test_code(copied, port):
    """The same programs against test code in a second process, in the ways in which they could reach it."""
    tests = f"assert f({str(copied / 'file')!r}, {port}, 'right') == 'right'"
    mark = f"mark-{uuid.uuid4()}"
    chosen = {
        name: program for name, program in HOSTILE.items() if name not in ACTS or name in ("sleep", "exit", "network")
    }
    runs = [
        partial(run_tests, f"{source}\n# {mark}", tests, functions=["f"], seconds=seconds_for(kinds))
        for source, kinds in chosen.values()
    ]
    outcomes = dict(zip(chosen, (outcome.kind for outcome in run_many(runs)), strict=True))
    assert_nothing_runs(mark)
    assert {name: kind for name, kind in outcomes.items() if kind not in chosen[name][1]} == {}


def test_what_a_program_sees(monkeypatch, tmp_path):
    monkeypatch.setenv("HUB_TOKEN", "secret")
    source = (
        "import os, sys\n"
        "def open_files():\n"
        "    found = []\n"
        "    for d in range(64):\n"
        "        try: os.fstat(d); found.append(d)\n"
        "        except OSError: pass\n"
        "    return len(found)\n"
        "def variables(): return sorted(set(os.environ) - {'PWD', 'LC_CTYPE', 'PYTHONHASHSEED'})\n"
        "def folder(): return os.listdir('.')\n"
        "def modules(): return [m for m in ('numpy', 'torch', 'site', 'false_promise') if m in sys.modules]\n"
    )
    with (tmp_path / "file").open("w") as inherited:
        os.set_inheritable(inherited.fileno(), True)
        calls = [Call("open_files", (), 5), Call("variables", (), []), Call("modules", (), []), Call("folder", (), [])]
        assert run_calls(source, calls[:3]) == Outcome("passed")
    if sandbox.wall().name == "bwrap":
        assert run_calls(source, calls[3:]) == Outcome("passed")


def test_a_program_finds_no_expected_value():
    """It looks through its arguments, all frames and all objects for a number that only the test holds."""
    source = (
        "import gc, sys\n"
        "def f(number):\n"
        "    frame, seen = sys._getframe(), list(sys.argv)\n"
        "    while frame:\n"
        "        seen += [*frame.f_locals.values(), *frame.f_globals.values()]\n"
        "        frame = frame.f_back\n"
        "    seen += [y for x in gc.get_objects() if isinstance(x, (dict, list, tuple)) for y in gc.get_referents(x)]\n"
        "    seen = [x for x in seen if type(x) in (int, str)]\n"
        "    return [str(number + i) for i in range(2) if any(str(number + i) in str(x) for x in seen)]\n"
    )
    number = 781234567  # as an argument it is found, the one after it only stands in the test
    call = Call("f", (number,), number + 1)
    assert run_calls(source, [call]) == Outcome("failed", "f(781234567,) is ['781234567']")
    assert run_tests(source, f"assert f({number}) == ['{number}'] != {number + 1}", functions=["f"]).kind == "passed"


def test_the_protections_in_force_are_named_and_none_at_all_is_an_error(monkeypatch):
    found = protections()
    assert {"time limit", "output limit", "empty environment", "not root", "no further process"} <= set(found)
    if sandbox.wall().name == "bwrap":
        more = {"wall bwrap", "no network", "no reading of the repository", "no writing", "processes out of sight"}
        assert more <= set(found)
    sandbox.wall.cache_clear()
    monkeypatch.setattr(sandbox, "_USABLE", Call("not_root", (), False))  # as if every wall left it root
    with pytest.raises(RuntimeError, match="cannot be run safely here.*install bubblewrap"):
        run_calls("def f(): pass", [Call("f", (), None)])
    sandbox.wall.cache_clear()


def test_root_whose_python_nobody_else_may_read_takes_the_systems():
    """Every kind of wall is tried with this Python first, then with the one that every user can start."""
    pairs = [(one.name, one.python) for one in walls() if one.name == "plain"]
    assert pairs[0] == ("plain", sandbox_launch.PYTHON)
    assert len(pairs) == 1 + sandbox_launch.SYSTEM_PYTHON.is_file()
    if os.getuid() == 0 and sandbox_launch.SYSTEM_PYTHON.is_file():
        last = walls()[-1]
        assert sandbox._run_calls(last, sandbox._PROBE, [sandbox._USABLE], 10.0) == Outcome("passed")
