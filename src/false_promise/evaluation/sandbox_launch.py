"""Starting the program of `sandbox_child.py` behind the strongest wall that this machine allows, and ending it.

Walls, strongest first; the first one behind which a probe program runs is used:
    bwrap    (bubblewrap) own processes, network, file system: Python's library and /usr, read-only, and nothing else
    unshare  (util-linux) own processes and network; files guarded by Python's audit hook
    plain    limits of the child alone, and the audit hook: macOS, and containers that may not create namespaces
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO

CHILD = (Path(__file__).parent / "sandbox_child.py").read_text(encoding="utf-8")
LONGEST_JOB = 100_000  # characters; Linux allows 128 KiB an argument
PYTHON = Path(sys.executable).resolve()
# For root whose own Python lies where no other user may read (/root): the program that gave up root could not start.
SYSTEM_PYTHON = Path("/usr/bin/python3")
_LINKS = ("lib", "lib32", "lib64", "libx32")


@dataclass(frozen=True)
class Wall:
    """`command` goes before the interpreter's; `guarded`: files are protected by Python only."""

    name: str
    command: tuple[str, ...]
    guarded: bool
    python: Path = PYTHON


@cache
def walls() -> tuple[Wall, ...]:
    """The walls whose programs are installed, strongest first; whether they work is another question."""
    found = [("bwrap", _bwrap, False), ("unshare", _unshare, True)] if sys.platform == "linux" else []
    installed = [Wall(name, make(path), guarded) for name, make, guarded in found if (path := shutil.which(name))]
    both = [(one, replace(one, python=SYSTEM_PYTHON)) for one in (*installed, Wall("plain", (), True))]
    return tuple(wall for pair in both for wall in pair if wall.python.is_file())


def _bwrap(program: str) -> tuple[str, ...]:
    # A user namespace as root would leave the child the root of RLIMIT_NPROC; it changes its user itself instead.
    root = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    namespaces = ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    command = [program, *(root if os.getuid() == 0 else ["--unshare-user"]), *namespaces, "--die-with-parent"]
    for path in (Path("/") / name for name in _LINKS):
        if path.is_symlink():
            command += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    command += ["--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    library = Path(sys.base_prefix).resolve()
    if not library.is_relative_to("/usr"):
        for parent in list(library.parents)[-2::-1]:  # without --dir they would be closed to other users
            command += ["--dir", str(parent)]
        command += ["--ro-bind", str(library), str(library)]
    return (*command, "--dir", "/empty", "--remount-ro", "/", "--chdir", "/empty")


def _unshare(program: str) -> tuple[str, ...]:
    user = () if os.getuid() == 0 else ("--user",)
    return (program, *user, "--net", "--ipc", "--pid", "--fork", "--kill-child")


@contextmanager
def started(wall: Wall, job: dict, stdin: IO | int, stdout: IO | int, stderr: IO | int) -> Iterator[subprocess.Popen]:
    """The child at work on `job`, in an empty folder, with an environment that only fixes the order of sets.

    On leaving, the child and all that it started are killed. ValueError if the job is too long to hand over.
    """
    text = json.dumps(job | {"guarded": wall.guarded})
    if len(text) > LONGEST_JOB:
        raise ValueError(f"program of {len(text)} characters; the sandbox takes up to {LONGEST_JOB}")
    # As -I, but that would ignore PYTHONHASHSEED.
    command = [*wall.command, str(wall.python), "-s", "-P", "-S", "-B", "-c", CHILD, text]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, cwd=folder, env={"PYTHONHASHSEED": "0"},
            start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            _kill(process)


def _kill(process: subprocess.Popen) -> None:
    """The process group, and with the first process of a process namespace all others in it."""
    with suppress(ProcessLookupError, PermissionError):  # nothing is left of it; on macOS a zombie is 'not permitted'
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait(process: subprocess.Popen, seconds: float) -> str:
    """How the process ended: "timeout" (it then still runs), "killed" (by a signal) or "ended"."""
    with suppress(AttributeError, OSError):  # Linux only; Popen.wait looks every 50 ms, as long as most programs run
        descriptor = os.pidfd_open(process.pid)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll(seconds * 1000)
        os.close(descriptor)
        seconds = 0.0
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return "timeout"
    return "killed" if code < 0 or code > 128 else "ended"
