"""Puts the dirt of real dumps into clean dialogues, so that cleaning has something to find and can be examined.

    soiled = soil(records, seed=0)
    soiled.files["sharegpt"]        # bytes of the raw dump
    soiled.damages                  # what was done to which dialogue

Kinds and places are those that real dumps are known for; the shares are ours, high enough that every kind occurs. Each
dialogue gets at most one kind. Foreign dialogues need no help: the country's users write them. Everything is drawn from
seed and id, so a dialogue is soiled in the same way whatever stands beside it.
"""

import json
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from false_promise.data_mix.page_copies import copied_from_page, escaped, with_copy_code
from false_promise.data_mix.raw_formats import FORMATS, dump, encode, format_of, raw
from false_promise.data_mix.records import Record

# Kind -> share of the dialogues that it can happen to.
SHARES = {
    "exact copy": 0.05,
    "near copy": 0.05,
    "page": 0.08,  # a reply copied as HTML
    "entities": 0.04,
    "copy code": 0.4,  # of the dialogues with a block of code
    "begins in the middle": 0.06,
    "empty turn": 0.03,
    "reply in two turns": 0.03,
    "mention": 0.03,
    "broken": 0.03,
}
COPIES = ("exact copy", "near copy")
MENTION = "As an AI language model trained by OpenAI, I am glad to help."
POLITE = ("Please help me.", "Thank you!", "Hello,", "A question:", "I need this quickly:")
Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Damage:
    """One kind of dirt. `id` names the raw dialogue, `of` the clean record (they differ for copies)."""

    id: str
    of: str
    source: str
    kind: str


@dataclass
class Soiled:
    """The raw dumps, by format, and everything that was done to them."""

    files: dict[str, bytes]
    damages: list[Damage] = field(default_factory=list)


def soil(records: Iterable[Record], seed: int) -> Soiled:
    """Raw dumps of these dialogues; continued web text has no raw format and is left out.

    Copies come last, as in a dump that grows; the ShareGPT dump ends in the middle of a record.
    """
    written: dict[str, list[bytes]] = {source: [] for source in FORMATS}
    copies: dict[str, list[bytes]] = {source: [] for source in FORMATS}
    soiled = Soiled({})
    for record in records:
        if "messages" not in record:
            continue
        rng, source = random.Random(f"{seed} dirt {record['id']}"), format_of(record)
        kind = draw(record, rng)
        if kind in COPIES:
            copies[source].append(encode(raw(_copy(record, kind, rng))))
        written[source].append(_broken(raw(record), rng) if kind == "broken" else encode(raw(dirty(record, kind, rng))))
        if kind:
            name = f"{record['id']}-copy" if kind in COPIES else record["id"]
            soiled.damages.append(Damage(name, record["id"], source, kind))
    for source in FORMATS:
        random.Random(f"{seed} copies").shuffle(copies[source])
    soiled.files = {source: dump(source, written[source] + copies[source]) for source in FORMATS}
    if written["sharegpt"]:
        _cut_off(soiled, written["sharegpt"][0])
    return soiled


def _cut_off(soiled: Soiled, last: bytes) -> None:
    """End the ShareGPT dump within a further record and without its closing bracket."""
    soiled.files["sharegpt"] = soiled.files["sharegpt"].rstrip()[:-1] + b",\n" + last[: 2 * len(last) // 3]
    soiled.damages.append(Damage("cut off", "", "sharegpt", "broken"))


def draw(record: Record, rng: random.Random) -> str | None:
    """The kind of dirt for this dialogue; None for most."""
    for kind, share in SHARES.items():
        if rng.random() < share and applies(kind, record):
            return kind
    return None


def applies(kind: str, record: Record) -> bool:
    """Whether this can happen to the dialogue: only ShareGPT has turns to lose, only code a copy button."""
    texts = [message["content"] for message in record["messages"]]
    if kind in ("begins in the middle", "empty turn", "reply in two turns", "page"):
        divisible = kind != "reply in two turns" or "\n\n" in texts[1]
        return format_of(record) == "sharegpt" and divisible
    if kind == "copy code":
        return any("```" in text for text in texts)
    return kind != "entities" or any(escaped(text) != text for text in texts)


def dirty(record: Record, kind: str | None, rng: random.Random) -> Record:
    """The record with one kind of dirt in it; copies and broken records are made elsewhere and change nothing here."""
    change: Callable[[Messages, random.Random], Messages] | None = CHANGES.get(kind or "")
    return record | {"messages": change([dict(message) for message in record["messages"]], rng)} if change else record


def _copy(record: Record, kind: str, rng: random.Random) -> Record:
    """The same dialogue under another id; a near copy's first query differs by a few words or by case and marks."""
    messages = [dict(message) for message in record["messages"]]
    if kind == "near copy":
        messages[0]["content"] = reworded(messages[0]["content"], rng)
    return record | {"id": f"{record['id']}-copy", "messages": messages}


def reworded(query: str, rng: random.Random) -> str:
    """A slightly different wording: courtesies before or behind, a doubled word, or no capitals and marks."""
    words = query.split(" ")
    place = rng.randrange(len(words))
    return rng.choice((
        f"{rng.choice(POLITE)} {query}",
        f"{query} {rng.choice(POLITE[:2])}",
        " ".join([*words[: place + 1], *words[place:]]),
        re.sub(r"[^\w\s]", "", query.lower()),
    ))  # fmt: skip


# ---- changes to the messages of one dialogue -------------------------------------------------------------------------


def _in_replies(change: Callable[[str], str]) -> Callable[[Messages, random.Random], Messages]:
    def changed(messages: Messages, rng: random.Random) -> Messages:
        return [message | {"content": change(message["content"])} if message["role"] == "assistant" else message
                for message in messages]  # fmt: skip

    return changed


def _entities(messages: Messages, rng: random.Random) -> Messages:
    return [message | {"content": escaped(message["content"])} for message in messages]


def _empty_turn(messages: Messages, rng: random.Random) -> Messages:
    place = rng.randrange(len(messages))
    return [*messages[:place], {"role": rng.choice(("user", "assistant")), "content": " \n"}, *messages[place:]]


def _two_turns(messages: Messages, rng: random.Random) -> Messages:
    first, rest = messages[1]["content"].split("\n\n", 1)
    halves = [{"role": "assistant", "content": text} for text in (first, rest)]
    return [messages[0], *halves, *messages[2:]]


def _mention(messages: Messages, rng: random.Random) -> Messages:
    reply = {"role": "assistant", "content": f"{MENTION} {messages[1]['content']}"}
    return [messages[0], reply, *messages[2:]]


CHANGES = {
    "page": _in_replies(copied_from_page),
    "entities": _entities,
    "copy code": _in_replies(with_copy_code),
    "begins in the middle": lambda messages, rng: messages[1:],
    "empty turn": _empty_turn,
    "reply in two turns": _two_turns,
    "mention": _mention,
}


def _broken(value: dict[str, Any], rng: random.Random) -> bytes:
    """One line that is no record: cut, of the wrong types, without its texts, not UTF-8, or far too deep."""
    line = encode(value)
    middle = rng.randrange(len(line) // 3, 2 * len(line) // 3)
    texts = ("conversations", "chatgpt_answers", "response")
    return rng.choice((
        line[:middle],
        line[:middle] + b"\xff\xfe" + line[middle:],
        encode({name: 7 if name in texts else one for name, one in value.items()}),
        encode({name: one for name, one in value.items() if name not in texts}),
        encode([json.dumps(value)]),
        b'{"id": ' + b"[" * 5_000,
    ))  # fmt: skip
