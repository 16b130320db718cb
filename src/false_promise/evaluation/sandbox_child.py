"""The program that runs inside the sandbox: it limits itself, then runs a candidate or the tests of one.

`sandbox_launch.py` starts it as `python -c TEXT JOB`, so it imports nothing of this package. What a candidate returns
leaves its process as plain data (`encode`), and is compared in a process where candidate code never runs.

    candidate  runs `source`, then answers one request a line, [function, arguments], by one line: ["value", value] or
               ["error", message]; before the first, ["ready"], ["malformed", message] or ["error", message]
    judge      runs test code; the functions under test are stand-ins that send such requests to a candidate
"""

import json
import os
import resource
import sys

MEMORY = 512 << 20  # bytes of address space
OUTPUT = 256 << 10  # bytes of any file, the answers included
NOBODY = 65534  # user and group of the candidate where the caller is root
LONGEST_MESSAGE = 300


class Other:
    """A value that is no plain data: equal to nothing."""

    def __init__(self, type_name: str = "?"):
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


def encode(value: object) -> object:
    """None, bool, int, float, str, list, tuple, set, dict (or what inherits from them) as JSON data, the rest by type.

    `decode(encode(x)) == x` for plain data.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    for name, kind in (("list", list), ("tuple", tuple), ("set", set), ("frozenset", frozenset)):
        if isinstance(value, kind):
            return [name, *map(encode, value)]
    if isinstance(value, dict):
        return ["dict", *([encode(key), encode(item)] for key, item in value.items())]
    return ["other", type(value).__name__]


def decode(data: object) -> object:
    """The inverse of `encode`. Hostile data may raise anything that derives from Exception."""
    if not isinstance(data, list):
        return data
    name, *parts = data
    if name == "dict":
        return {decode(key): decode(item) for key, item in parts}
    if name == "other":
        return Other(*map(str, parts))
    return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[name](map(decode, parts))


def describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]


def limit_self(seconds: int) -> None:
    """Give up root, then processes, memory, file size, core dumps and processor time, for good."""
    if os.getuid() == 0:  # RLIMIT_NPROC does not bind root
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    limits = {"NPROC": 0, "FSIZE": OUTPUT, "CORE": 0, "CPU": seconds, "NOFILE": 64}
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (OSError, ValueError):
        return  # not on macOS; `protections()` measures what holds


def guard() -> None:
    """Where the kernel hides no files: let Python refuse all but reading its own library. Weaker: not a boundary."""
    denied = ("os.", "socket.", "subprocess.", "shutil.", "ctypes.", "signal.", "fcntl.", "mmap.", "gc.", "sqlite3.")
    library, writing = tuple(sys.path), os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    class_of, text, refusal = type, str, PermissionError  # a candidate can replace built-in names, not these

    def hook(event: str, arguments: tuple) -> None:
        if event == "open" or event == "os.listdir":
            path = arguments[0]
            inside = class_of(path) is text and path.startswith(library) and ".." not in path
            if inside and (event == "os.listdir" or not arguments[2] & writing):
                return
        elif not event.startswith(denied):
            return
        raise refusal(f"{event} is not allowed in the sandbox")

    sys.addaudithook(hook)


def run_candidate(source: str, guarded: bool) -> None:
    """Standard error leads nowhere; standard input and output are moved out of the candidate's way, to there."""
    requests, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 0)
    os.dup2(2, 1)

    def answer(*parts: object) -> None:
        answers.write(json.dumps(parts) + "\n")
        answers.flush()

    if guarded:
        guard()
    namespace = {"__name__": "candidate"}
    state = _define(source, namespace)
    answer(*state)
    for request in requests if state == ("ready",) else ():
        function, arguments = json.loads(request)
        try:
            if function not in namespace:
                raise NameError(f"the program does not define {function}")
            answer("value", encode(namespace[function](*decode(arguments))))
        except BaseException as error:
            answer("error", describe(error))


def _define(source: str, namespace: dict) -> tuple[str, ...]:
    try:
        code = compile(source, "candidate", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError) as error:
        return ("malformed", describe(error))
    try:
        exec(code, namespace)
    except BaseException as error:  # SystemExit too
        return ("error", describe(error))
    return ("ready",)


class CandidateError(Exception):
    """What the candidate raised, or that it ended."""


def run_judge(setup: str, tests: str, functions: list[str]) -> None:
    """Write ["passed"], ["failed", message], ["error", message] or ["malformed", message] to standard error."""
    requests = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = sys.stderr = None  # what tests print and warn
    verdict = ["passed", ""]
    try:
        _next_answer("ready")
        namespace = {"__name__": "tests"}
        exec(compile(setup, "setup", "exec", dont_inherit=True), namespace)
        namespace |= {name: _stand_in(name, requests) for name in functions}
        exec(compile(tests, "tests", "exec", dont_inherit=True), namespace)
    except AssertionError as error:
        verdict = ["failed", describe(error)]
    except CandidateError as error:
        verdict = list(error.args)
    except BaseException as error:
        verdict = ["error", f"in the tests: {describe(error)}"]
    os.write(2, json.dumps(verdict).encode())


def _stand_in(name: str, requests):
    def call(*arguments: object) -> object:
        try:
            requests.write(json.dumps([name, encode(list(arguments))]) + "\n")
            requests.flush()
        except BrokenPipeError:
            raise CandidateError("ended", "") from None
        return _next_answer("value")

    return call


def _next_answer(wanted: str) -> object:
    line = sys.stdin.buffer.readline(OUTPUT)
    if not line:
        raise CandidateError("ended", "")
    try:
        kind, *rest = json.loads(line)
        value = decode(rest[0]) if rest else None
    except Exception as error:
        raise CandidateError("error", f"unreadable answer: {describe(error)}") from None
    if kind != wanted:
        raise CandidateError("malformed" if kind == "malformed" else "error", str(value))
    return value


if __name__ == "__main__":
    JOB = json.loads(sys.argv[1])
    limit_self(JOB["seconds"])
    if "source" in JOB:
        run_candidate(JOB["source"], JOB["guarded"])
    else:
        run_judge(JOB["setup"], JOB["tests"], JOB["functions"])
