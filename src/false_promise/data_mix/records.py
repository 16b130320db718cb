"""Imitation records: JSON lines on disk, and nested subsets of them by reply tokens or by number of pairs.

A record is {"id", "source", "category", "messages": [{"role", "content"}, ...]}, user first and assistant last, taking
turns; continued open-web text is {"id", "source": "continued_web", "text"}. A subset is a prefix of one fixed order
(by digest of seed and id), so a smaller amount is always contained in a larger one of the same seed, and amounts of
data are compared on nested sets.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from false_promise.files import replacing

Record = dict


def fault(record: object) -> str | None:
    """Why this is not an imitation record, or None if it is one."""
    if not isinstance(record, dict):
        return "not a JSON object"
    for field in ("id", "source"):
        if not isinstance(record.get(field), str) or not record[field]:
            return f"field '{field}' is missing or not a text"
    if "text" in record:
        return None if isinstance(record["text"], str) and record["text"].strip() else "empty text"
    if not isinstance(record.get("category"), str):
        return "field 'category' is missing or not a text"
    return _fault_of_messages(record.get("messages"))


def _fault_of_messages(messages: object) -> str | None:
    if not isinstance(messages, list) or not messages or len(messages) % 2:
        return "'messages' must be pairs of a user and an assistant message"
    for index, message in enumerate(messages):
        role = "assistant" if index % 2 else "user"
        if not isinstance(message, dict) or message.get("role") != role:
            return f"message {index} must have the role '{role}'"
        if not isinstance(message.get("content"), str) or not message["content"].strip():
            return f"message {index} is empty"
    return None


def write_records(path: Path, records: Iterable[Record]) -> int:
    """Write JSON lines (temporary name, then renamed); returns how many. Raises ValueError for a malformed record."""
    count = 0
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for record in records:
            if reason := fault(record):
                raise ValueError(f"record {count} ({str(record)[:80]}) for {path}: {reason}")
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            count += 1
    return count


def read_records(path: Path) -> list[Record]:
    """Read JSON lines of which every one must be a record.

    Raises ValueError naming file, line and reason; `read_dirty_records` sorts malformed lines out instead.
    """
    records, malformed = _parse(path)
    if malformed:
        first = malformed[0]
        raise ValueError(
            f"{path}, line {first['line']}: {first['reason']} ({len(malformed)} malformed lines in all); "
            "build the file again, or read it with read_dirty_records"
        )
    return records


def read_dirty_records(path: Path, quarantine: Path) -> tuple[list[Record], int]:
    """Read what can be read: (records, number of malformed lines); these go to `quarantine` as {line, reason, text}."""
    records, malformed = _parse(path)
    with replacing(quarantine) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in malformed)
    return records, len(malformed)


def _parse(path: Path) -> tuple[list[Record], list[dict]]:
    records, malformed, seen = [], [], set()
    for number, raw in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            record = json.loads(raw.decode("utf-8"))
            reason = fault(record)
        except ValueError as error:
            record, reason = None, f"not UTF-8 JSON: {error}"
        if reason is None and record["id"] in seen:
            reason = f"id '{record['id']}' occurs twice"
        if reason is None:
            seen.add(record["id"])
            records.append(record)
        else:
            malformed.append({"line": number, "reason": reason, "text": raw.decode("utf-8", "replace")})
    return records, malformed


def replies(record: Record) -> list[str]:
    """The assistant messages of a record; the text itself for continued web text."""
    if "text" in record:
        return [record["text"]]
    return [message["content"] for message in record["messages"] if message["role"] == "assistant"]


def record_text(record: Record) -> str:
    """Everything a model reads in this record, one message a line."""
    return record.get("text") or "\n".join(message["content"] for message in record["messages"])


def count_reply_tokens(records: Sequence[Record], tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Tokens that carry loss, a record: every reply as the chat template writes it (leading space, end of reply).

    Web text has neither a leading space nor a question: all its tokens and the end of document count.
    """
    parts = [("" if "text" in record else " ") + reply for record in records for reply in replies(record)]
    if not parts:
        return []
    lengths = iter(len(tokens) + 1 for tokens in tokenizer(parts, add_special_tokens=False)["input_ids"])
    return [sum(next(lengths) for _ in replies(record)) for record in records]


def shuffled(records: Iterable[Record], seed: int) -> list[Record]:
    """The fixed order of this seed; it depends on the ids only. Raises ValueError if an id occurs twice."""
    records = list(records)
    if len({record["id"] for record in records}) < len(records):
        raise ValueError("record ids must be unique to draw subsets; ids occur twice")
    return sorted(records, key=lambda record: hashlib.sha256(f"{seed}:{record['id']}".encode()).digest())


def take_tokens(
    records: Iterable[Record], reply_tokens: int, tokenizer: PreTrainedTokenizerBase, seed: int
) -> list[Record]:
    """The first records of the seed's order whose reply tokens come nearest to `reply_tokens` (at least one record).

    Raises ValueError if all records together fall short by more than their mean length.
    """
    ordered, total, taken = shuffled(records, seed), 0, 0
    lengths = count_reply_tokens(ordered, tokenizer)
    for length in lengths:
        if taken and abs(total + length - reply_tokens) > abs(total - reply_tokens):
            return ordered[:taken]
        total, taken = total + length, taken + 1
    if not ordered or total + total / len(ordered) < reply_tokens:
        raise ValueError(f"{reply_tokens} reply tokens wanted, {total} there in {len(ordered)} records; collect more")
    return ordered


def take_pairs(records: Iterable[Record], pairs: int, seed: int) -> list[Record]:
    """The first `pairs` records of the seed's order. Raises ValueError if there are fewer."""
    ordered = shuffled(records, seed)
    if len(ordered) < pairs:
        raise ValueError(f"{pairs} pairs wanted, {len(ordered)} there; generate more")
    return ordered[:pairs]
