"""Raw chat logs in the formats in which they are found, read into dialogues and written from imitation records.

    parsed = parse("sharegpt", path.read_bytes())     # raises nothing, whatever the bytes are
    data = dump("sharegpt", [raw(record) for record in records])

    sharegpt   one JSON array of {"id", "conversations": [{"from": "human" | "gpt" | .., "value"}]}
    hc3        JSON lines {"question", "human_answers": [..], "chatgpt_answers": [..], "index", "source"}
    discord    JSON lines {"id", "channel", "prompt", "response"}: ours, the paper describes no format

Every raw record becomes a dialogue or goes to quarantine with a reason; an HC3 line counts once per ChatGPT answer,
since each answer is an example (section 3: 27k responses to 24k questions). A dump is read into memory as a whole.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from false_promise.data_mix.records import Record

FORMATS = ("sharegpt", "hc3", "discord")
ROLES = {  # who speaks in ShareGPT dumps; 'other' is neither user nor assistant (instructions to the system)
    "human": "user", "user": "user",
    "gpt": "assistant", "chatgpt": "assistant", "assistant": "assistant",
    "system": "other",
}  # fmt: skip
SPEAKERS = {"user": "human", "assistant": "gpt"}
LONGEST_RECORD = 4_000_000  # characters; a longer one is no dialogue
LONGEST_ID = 200
SHOWN = 300  # characters of a damaged record that quarantine keeps
START = re.compile(r'\{\s*"(?:id|conversations)"\s*:')  # where reading resumes after a damaged ShareGPT record
LONGEST_STEP = 65_536  # characters
BETWEEN = re.compile(r"[\s,]*(?:\]\s*\Z)?")
UNDECODED = re.compile("[\ud800-\udfff]")
DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class RawDialogue:
    """What a raw record says, not cleaned. Dialogues of one `group` come from one raw record and share its question."""

    id: str
    source: str
    group: int
    turns: tuple[tuple[str, str], ...]  # (user | assistant | other, text)
    opens: bool = True  # False: the first question is a follow-up, because the beginning was lost


@dataclass
class Parsed:
    """The dialogues of one dump, and what could not be read: {source, place, reason, length, text}."""

    source: str
    dialogues: list[RawDialogue] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.dialogues) + len(self.quarantine)


@dataclass(frozen=True)
class _Element:
    """A piece of a dump: its JSON value, or why it has none."""

    text: str
    value: Any = None
    fault: str | None = None


def parse(source: str, data: bytes) -> Parsed:
    """Read a dump. Only an unknown `source` raises (KeyError); whatever the bytes are ends in quarantine."""
    read, parsed = READERS[source], Parsed(source)
    elements = _array(data) if source == "sharegpt" else _lines(data)
    for place, element in enumerate(tqdm(elements, desc=f"{source} dump", unit="record", disable=None)):
        found = [element.fault] if element.fault else read(element.value, place)
        for one in found:
            if isinstance(one, RawDialogue):
                parsed.dialogues.append(one)
            else:
                parsed.quarantine.append(_set_aside(source, place, one, element.text))
    return parsed


def _set_aside(source: str, place: int, reason: str, text: str) -> dict[str, Any]:
    return {
        "source": source, "place": place, "reason": reason, "length": len(text), "text": _readable(text[:SHOWN]),
    }  # fmt: skip


def _readable(text: str) -> str:
    """Halves of characters, which no UTF-8 file can hold, replaced."""
    return UNDECODED.sub("\ufffd", text)


# ---- bytes -> JSON values --------------------------------------------------------------------------------------------


def _array(data: bytes) -> Iterator[_Element]:
    """The elements of a JSON array. After a damaged one reading goes on where the next dialogue begins, so a dump that
    was cut off still gives everything before the cut.
    """
    text = data.decode("utf-8", "surrogateescape").lstrip("\ufeff \t\r\n")
    at = 1 if text.startswith("[") else 0
    at, too_deep = BETWEEN.match(text, at).end(), 0
    while at < len(text):
        try:
            value, end = DECODER.raw_decode(text, at)
            yield _checked(text[at:end], value)
            too_deep = 0
        except (ValueError, RecursionError) as error:
            # Every level of a bottomless pit looks like a beginning: leave it in growing steps.
            too_deep = too_deep + 1 if isinstance(error, RecursionError) else 0
            resumed = START.search(text, at + min(2**too_deep, LONGEST_STEP))
            end = resumed.start() if resumed else len(text)
            yield _Element(text[at:end], fault=_why(error))
        at = BETWEEN.match(text, end).end()


def _lines(data: bytes) -> Iterator[_Element]:
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        text = line.decode("utf-8", "surrogateescape").strip()
        if not text:
            continue
        try:
            yield _checked(text, json.loads(text) if len(text) <= LONGEST_RECORD else None)
        except (ValueError, RecursionError) as error:
            yield _Element(text, fault=_why(error))


def _checked(text: str, value: Any) -> _Element:
    if len(text) > LONGEST_RECORD:
        return _Element(text, fault=f"longer than {LONGEST_RECORD:,} characters")
    if UNDECODED.search(text):
        return _Element(text, fault="not UTF-8")
    if not isinstance(value, dict):
        return _Element(text, fault="not a JSON object")
    return _Element(text, value)


def _why(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else "not JSON"


# ---- JSON values -> dialogues ----------------------------------------------------------------------------------------

Read = list[RawDialogue | str]  # a text is the reason why there is no dialogue


def _sharegpt(value: dict, place: int) -> Read:
    turns = value.get("conversations")
    if not isinstance(turns, list):
        return ["'conversations' is missing or not a list"]
    found = []
    for turn in turns:
        speaker, text = (turn.get("from"), turn.get("value")) if isinstance(turn, dict) else (None, None)
        if not isinstance(speaker, str) or speaker.lower() not in ROLES:
            return ["a turn without a known speaker"]
        if not isinstance(text, str):
            return ["a turn whose value is not a text"]
        found.append((ROLES[speaker.lower()], _readable(text)))
    return [RawDialogue(_identity(value.get("id"), "sharegpt", place), "sharegpt", place, tuple(found))]


def _hc3(value: dict, place: int) -> Read:
    question, answers = value.get("question"), value.get("chatgpt_answers")
    if not isinstance(question, str):
        return ["'question' is missing or not a text"]
    if not isinstance(answers, list):
        return ["'chatgpt_answers' is missing or not a list"]
    name, asked = _identity(value.get("index"), "hc3", place), ("user", _readable(question))
    if not answers:
        return [RawDialogue(name, "hc3", place, (asked,))]
    return [_hc3_answer(f"{name}-{number}" if number else name, place, asked, answer)
            for number, answer in enumerate(answers)]  # fmt: skip


def _hc3_answer(name: str, place: int, asked: tuple[str, str], answer: Any) -> RawDialogue | str:
    if not isinstance(answer, str):
        return "an answer that is not a text"
    return RawDialogue(name, "hc3", place, (asked, ("assistant", _readable(answer))))


def _discord(value: dict, place: int) -> Read:
    texts = [value.get(name) for name in ("prompt", "response")]
    if not all(isinstance(text, str) for text in texts):
        return ["'prompt' or 'response' is missing or not a text"]
    asked, answered = map(_readable, texts)
    name = _identity(value.get("id"), "discord", place)
    return [RawDialogue(name, "discord", place, (("user", asked), ("assistant", answered)))]


def _identity(given: Any, source: str, place: int) -> str:
    """The id of a record; its place in the dump where it has no usable one."""
    text = _readable(str(given)) if isinstance(given, str | int) and not isinstance(given, bool) else ""
    return text if text.strip() and len(text) <= LONGEST_ID else f"{source}-{place}"


READERS: dict[str, Callable[[dict, int], Read]] = {"sharegpt": _sharegpt, "hc3": _hc3, "discord": _discord}


# ---- imitation records -> raw records --------------------------------------------------------------------------------


def raw(record: Record) -> dict[str, Any]:
    """The record as its source would store it; sources without a format of their own look like ShareGPT."""
    messages, source = record["messages"], format_of(record)
    if source == "hc3":
        question, answers = messages[0]["content"], [messages[1]["content"]]
        return {"question": question, "human_answers": [], "chatgpt_answers": answers, "index": record["id"],
                "source": "country"}  # fmt: skip
    if source == "discord":
        return {"id": record["id"], "channel": "questions", "prompt": messages[0]["content"],
                "response": messages[1]["content"]}  # fmt: skip
    turns = [{"from": SPEAKERS[message["role"]], "value": message["content"]} for message in messages]
    return {"id": record["id"], "conversations": turns}


def format_of(record: Record) -> str:
    """Which dump a record belongs in."""
    one_turn = len(record["messages"]) == 2
    return record["source"] if record["source"] in FORMATS[1:] and one_turn else FORMATS[0]


def dump(source: str, written: Iterable[bytes]) -> bytes:
    """One file from raw records that were already written as JSON (or as something broken)."""
    return b"[" + b",\n".join(written) + b"]\n" if source == "sharegpt" else b"".join(one + b"\n" for one in written)


def encode(value: Any) -> bytes:
    """One raw record as UTF-8 JSON on one line."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
