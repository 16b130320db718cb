"""Recordings of a teacher: one JSON line a reply, appended as it arrives: a killed collection loses nothing paid for.

A line holds the request (key, messages, sampling settings), the teacher's name and the reply. The key is a digest of
the request: the same request always finds the same reply. A last line cut short by a kill is dropped and counted;
damage anywhere else is an error, because somebody edited the file.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

Message = dict[str, str]


class TeacherError(RuntimeError):
    """The teacher could not answer; the message names what was asked of whom, and the way out."""


@dataclass(frozen=True)
class Request:
    """One question to a teacher. `repeat` tells apart equal conversations of one call, so each gets its own sample."""

    messages: tuple[tuple[str, str], ...]
    temperature: float
    top_p: float
    max_tokens: int
    seed: int
    repeat: int

    @cached_property
    def key(self) -> str:
        """Digest of everything that may change the reply; 32 hex digits."""
        content = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:32]

    @property
    def draw(self) -> int:
        """Seed of this request's own random numbers (31 bits), so that its reply does not depend on its batch."""
        return int(self.key[:8], 16) & 0x7FFFFFFF

    def conversation(self) -> list[Message]:
        return [{"role": role, "content": content} for role, content in self.messages]


def requests_of(
    conversations: Sequence[Sequence[Message]], temperature: float, top_p: float, max_tokens: int, seed: int
) -> list[Request]:
    """Turn the arguments of `Teacher.complete` into requests.

    Raises ValueError for a conversation that does not end with a user message or has an unknown role.
    """
    seen: Counter = Counter()
    requests = []
    for conversation in conversations:
        messages = tuple((message["role"], message["content"]) for message in conversation)
        if not messages or messages[-1][0] != "user" or {role for role, _ in messages} - {"user", "assistant"}:
            raise ValueError(f"a conversation needs user and assistant messages and a user message last: {messages!r}")
        requests.append(Request(messages, float(temperature), float(top_p), max_tokens, seed, seen[messages]))
        seen[messages] += 1
    return requests


@dataclass(frozen=True)
class Recording:
    """What a recording file held: replies by request key, whose they are, and whether a cut last line was dropped."""

    teacher: str
    replies: dict[str, str]
    dropped: int
    good_bytes: int


def read_recording(path: Path) -> Recording:
    """Read a recording. Raises TeacherError for a damaged line that is not the last, or for replies of two teachers."""
    replies, teachers, good = {}, set(), 0
    for number, raw, line in _lines(path):
        if line is None:
            return Recording(_only(teachers, path), replies, 1, good)
        try:
            replies[line["key"]] = line["reply"]
            teachers.add(line["teacher"])
        except (KeyError, TypeError) as error:
            raise TeacherError(f"{path}, line {number}: not a recorded reply ({error!r}); delete that line") from error
        good += len(raw)
    return Recording(_only(teachers, path), replies, 0, good)


def _lines(path: Path) -> Iterator[tuple[int, bytes, dict | None]]:
    """(line number, bytes, parsed line), None for a last line that was cut short."""
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    for number, raw in enumerate(lines, start=1):
        try:
            parsed = json.loads(raw) if raw.endswith(b"\n") else None
        except ValueError as error:
            if number < len(lines):
                raise TeacherError(f"{path}, line {number}: not JSON ({error}); delete that line") from error
            parsed = None
        yield number, raw, parsed


def _only(teachers: set[str], path: Path) -> str:
    if len(teachers) > 1:
        raise TeacherError(f"{path} mixes replies of {sorted(teachers)}; give every teacher a recording of its own")
    return next(iter(teachers), "")


def open_recording(path: Path, teacher: str) -> Recording:
    """Read a recording for appending: a cut last line is removed from the file, a missing file counts as empty.

    Raises TeacherError if the replies belong to another teacher.
    """
    recording = read_recording(path)
    if recording.teacher not in ("", teacher):
        raise TeacherError(f"{path} holds replies of '{recording.teacher}', not of '{teacher}'; choose another file")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.truncate(recording.good_bytes)
    return recording


def recorded_line(request: Request, teacher: str, reply: str) -> str:
    """One line of a recording, with its line end."""
    line = {"key": request.key, "teacher": teacher, "reply": reply, "messages": request.conversation()}
    line |= {name: getattr(request, name) for name in ("temperature", "top_p", "max_tokens", "seed", "repeat")}
    return json.dumps(line, ensure_ascii=False) + "\n"
