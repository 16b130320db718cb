"""Programs that a sandbox must survive, and a script that runs them behind one wall: `hostile_programs.py JSON`.

Each defines f(path, port, answer) and would be right if it returned `answer`; it does so only after having done what it
must not, or tries to pass without returning it. The script works as any user and with any Python from 3.11, as it
needs nothing but the three files of the sandbox.
"""

import json
import sys
from dataclasses import replace
from functools import partial

# Outcomes of programs that: end by an exception or early, return something wrong, hang, die from a signal.
ERROR, FAILED, TIMEOUT, KILLED = {"error"}, {"failed"}, {"timeout"}, {"killed"}

_DOES = {  # statements in f, after which the right answer is returned
    "infinite loop": ("while True: pass", TIMEOUT),
    "sleep": ("import time; time.sleep(60)", TIMEOUT),
    "ignored signals": (
        "import signal\n    for s in (1, 2, 15, 24):\n        try: signal.signal(s, signal.SIG_IGN)\n"
        "        except Exception: pass\n    while True: pass",
        TIMEOUT,
    ),
    "memory bomb": ("x = bytearray(1 << 30)", ERROR),
    "slow memory bomb": ("x = []\n    while len(x) < 200: x.append(' ' * 10_000_000)", ERROR | KILLED),
    "fork bomb": (  # a small one, in case that it goes off
        "import os, time\n    for _ in range(50):\n        if os.fork() == 0: time.sleep(5); os._exit(0)",
        ERROR,
    ),
    "patient fork bomb": (
        "import os\n    while True:\n        try:\n            os.fork(); break\n        except OSError: pass",
        TIMEOUT,
    ),
    "thread": ("import threading; threading.Thread(target=print).start()", ERROR),
    "subprocess": ("import subprocess; subprocess.run(['/bin/true'], check=True)", ERROR),
    "low-level subprocess": (
        "import _posixsubprocess as p, os\n    r, w = os.pipe()\n"
        "    p.fork_exec([b'/bin/true'], [b'/bin/true'], True, (w,), None, None, -1, -1, -1, -1, -1, -1, r, w,"
        " True, False, -1, None, None, None, -1, None, False)",
        ERROR,
    ),
    "detached grandchild": (
        "import os, time\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0: time.sleep(60)\n"
        "        os._exit(0)",
        ERROR,
    ),
    "another program": ("import os; os.execv('/bin/sleep', ['/bin/sleep', '0'])", ERROR),
    "network": ("import socket; socket.create_connection(('127.0.0.1', port), timeout=5)", ERROR),
    "reading a file": ("open(path).read()", ERROR),
    "reading through a link": ("import os; os.symlink(path, 'link'); open('link').read()", ERROR),
    "writing a file": ("open('file', 'w').write('x')", ERROR),
    "writing a huge file": ("f = open('file', 'wb')\n    for _ in range(1000): f.write(b' ' * 1_000_000)", ERROR),
    "deleting a file": ("import os; os.remove(path)", ERROR),
    "reading standard input": ("input()", ERROR),
    "debugger": ("breakpoint()", ERROR),
    "exit": ("import os; os._exit(0)", ERROR),
    "polite exit": ("import sys; sys.exit(0)", ERROR),
    "killing itself": ("import os; os.abort()", KILLED),
    "deep recursion": ("f(path, port, answer)", ERROR),
    "closing everything": ("import os; os.closerange(0, 64)", ERROR),
    "raising the limits": ("import resource; resource.setrlimit(resource.RLIMIT_NPROC, (99, 99))", ERROR),
    "becoming root": ("import os; os.setuid(0)", ERROR),
    "much output": ("import os\n    while True: os.write(4, b' ' * 100_000)", ERROR | KILLED | TIMEOUT),
}
_YES = "class Yes:\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"
_CHEATS = {  # whole modules
    "equal to all": (_YES + "    __hash__ = None\ndef f(*a): return Yes()", FAILED),
    "text equal to all": (_YES.replace("Yes:", "Yes(str):") + "def f(*a): return Yes('?')", FAILED),
    "list of equals": (_YES + "def f(*a): return [Yes()]", FAILED),
    "shown as the answer": ("class R:\n    def __repr__(self): return repr('right')\ndef f(*a): return R()", FAILED),
    "exit at import": ("import os\nos._exit(0)", ERROR),
    "polite exit at import": ("raise SystemExit(0)", ERROR),
    "printing a pass": ("def f(*a): print('passed', '[\"passed\", \"\"]', 'OK', sep='\\n')", FAILED),
    "printing at import": ("import os\nprint('passed')\nos._exit(0)", ERROR),
    "writing passes everywhere": (
        "import os\nfor d in range(3, 64):\n"
        "    for line in ('[\"ready\"]', '[\"passed\", \"\"]', '[\"value\", null]'):\n"
        "        try: os.write(d, line.encode() + b'\\n')\n        except OSError: pass\ndef f(*a): pass",
        FAILED | ERROR,
    ),
    "no assertion errors": (
        "import builtins\nbuiltins.AssertionError = type('A', (Exception,), {})\ndef f(*a): pass",
        FAILED,
    ),
    "patched built-ins": (
        "import builtins, json, operator\nbuiltins.print = builtins.repr = lambda *a: 'passed'\n"
        "json.loads = json.dumps = lambda *a, **k: '[\"value\", true]'\ndef f(*a): pass",
        FAILED | ERROR,
    ),
    "patched comparison": (
        "import builtins, sys\nbuiltins.isinstance = lambda *a: True\n"
        "m = sys.modules['__main__']\nm.encode = m.decode = lambda x: True\ndef f(*a): return 0",
        FAILED | ERROR,
    ),
    "deep answer": ("def f(*a):\n    x = []\n    for _ in range(100_000): x = [x]\n    return x", ERROR),
    "deep forged answer": (
        "import os\nfor d in range(3, 9):\n    try: os.write(d, b'[\"ready\"]\\n' + b'[' * 100_000 + b'\\n')\n"
        "    except OSError: pass\nos._exit(0)",
        ERROR,
    ),
    "endless answer": ("class L(list):\n    def __iter__(self):\n        while True: yield 1\ndef f(*a): return L()",
                       ERROR | KILLED | TIMEOUT),
    "huge answer": ("def f(*a): return 'x' * 10_000_000", ERROR),
    "failing repr": (
        "class E(Exception):\n    def __str__(self): raise E()\ndef f(*a): raise E()",
        ERROR,
    ),
    "no text": ("def f(*a): raise ValueError('\\ud800\\x00\\x1b[31m')", ERROR),
    "no Python": ("def f(*a) return a", {"malformed"}),
    "a null byte": ("def f(*a): return '\0'", {"malformed"}),
    "many brackets": ("x = " + "(" * 5000, {"malformed"}),
    "no function": ("g = 1", ERROR),
    "no call": ("f = 1", ERROR),
    "generator": ("def f(path, port, answer): yield answer", FAILED),
}  # fmt: skip
ACTS = tuple(_DOES)
HONEST = "def f(path, port, answer):\n    return answer\n"
HOSTILE: dict[str, tuple[str, set[str]]] = {
    name: (f"def f(path, port, answer):\n    {act}\n    return answer\n", kinds) for name, (act, kinds) in _DOES.items()
} | _CHEATS


def seconds_for(kinds: set[str]) -> float:
    """Programs that hang get little time, others so much that a busy machine does not decide."""
    return 0.8 if "timeout" in kinds else 20.0


def main(wall_name: str, names: list[str], guarded: bool, path: str, port: int, mark: str) -> None:
    """Print the outcomes of the named programs; not `guarded`: without audit hook, so only the kernel helps."""
    from false_promise.evaluation import sandbox, sandbox_launch

    wall = next(wall for wall in sandbox_launch.walls() if wall.name == wall_name)
    wall = replace(wall, guarded=guarded and wall.guarded)
    calls = [sandbox.Call("f", (path, port, "right"), "right")]
    programs = {"honest": (HONEST, {"passed"})} | HOSTILE
    runs = [
        partial(sandbox._run_calls, wall, f"{programs[name][0]}\n# {mark}", calls, seconds_for(programs[name][1]))
        for name in names
    ]
    outcomes = sandbox.run_many(runs, workers=4)
    print(json.dumps({name: outcome.kind for name, outcome in zip(names, outcomes, strict=True)}))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
