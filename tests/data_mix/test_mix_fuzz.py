"""Cleaning survives any dump: more than ten thousand damaged records in all three formats, none lost track of."""

import json
import random
from collections import Counter

import pytest

from false_promise.data_mix.cleaning import KEPT, clean
from false_promise.data_mix.raw_formats import FORMATS, dump, encode, parse, raw
from false_promise.data_mix.records import fault

pytestmark = pytest.mark.slow

RECORDS = 3_600  # of each format
PIECES = ["", " ", "\x00", "\ufeff", "\u202e", "'", '"', "<p>", "</div>", "&lt;", "&", "```", "Copy code", "$x<y$",
          "\n" * 50, "😀", "ß", "你好", "Hello there", "As an AI language model", "a" * 3_000, "{" * 200]  # fmt: skip


def some_text(rng: random.Random) -> str:
    return " ".join(rng.choices(PIECES, k=rng.randrange(1, 5)))


def some_record(rng: random.Random, number: int, source: str) -> dict:
    turns = rng.randrange(1, 4) if source == "sharegpt" else 1
    messages = [{"role": role, "content": some_text(rng)} for _ in range(turns) for role in ("user", "assistant")]
    return {"id": rng.choice((f"{number}", "same")), "source": source, "category": "", "messages": messages}


def flipped(line: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(line)
    for _ in range(rng.randrange(1, 6)):
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
    return bytes(damaged).replace(b"\n", b" ")  # a line break would make two records of one


def other_types(value: object, rng: random.Random) -> object:
    """The value with one of its parts replaced by something of another type."""
    strange = [None, 0, -1.5, True, [], {}, [[]], "", float("nan"), 10**30, {"from": "gpt"}, ["a", None]]
    if isinstance(value, dict) and value and rng.random() < 0.8:
        key = rng.choice(list(value))
        return value | {key: other_types(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.6:
        place = rng.randrange(len(value))
        return [*value[:place], other_types(value[place], rng), *value[place + 1 :]]
    return rng.choice(strange)


def mutated(value: dict, rng: random.Random) -> bytes:
    """One damaged record without a line break in it; one in four stays whole."""
    line = encode(value)
    kind = rng.randrange(8)
    if kind == 0:
        return flipped(line, rng)
    if kind == 1:
        return line[: rng.randrange(1, len(line))]
    if kind in (2, 3):
        return encode(other_types(value, rng))
    if kind == 4:
        return encode({name: one for name, one in value.items() if rng.random() < 0.7})
    if kind == 5:
        place = rng.randrange(len(line))
        return (
            line[:place]
            + rng.choice((b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\x00", b"}]", b'"'))
            + line[place:]
        )
    return line


@pytest.fixture(scope="module", params=FORMATS)
def damaged(request):
    """(format, lines) of a dump; at its end the rarities that would take too long in every record."""
    source, rng = request.param, random.Random(f"fuzz {request.param}")
    values = [raw(some_record(rng, number, source)) for number in range(RECORDS)]
    lines = [mutated(value, rng) for value in values]
    deep = [
        b"[" * 100_000,
        b'{"id":' * 100_000,
        b'{"id": "d", "conversations": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ]
    text = "<p>" * 60_000 + ">"
    huge = [encode(raw({"id": "huge", "source": source, "category": "", "messages": [
        {"role": "user", "content": "word " * 100_000}, {"role": "assistant", "content": text}]}))]  # fmt: skip
    return source, lines + deep + huge


def test_every_record_is_kept_dropped_or_quarantined(damaged):
    source, lines = damaged
    parsed = parse(source, dump(source, lines))
    cleaned = clean([parsed])
    assert len(parsed.dialogues) + len(parsed.quarantine) == parsed.total
    if source != "sharegpt":  # every line is a record; an HC3 line counts once per answer
        assert {one["place"] for one in parsed.quarantine} | {one.group for one in parsed.dialogues} == set(range(len(
            [line for line in lines if line.decode("utf-8", "surrogateescape").strip()])))  # fmt: skip
    fates = Counter(cleaned.fates.values())
    assert fates.total() == len(parsed.dialogues) and fates[KEPT] == len(cleaned.records) > 100
    assert (
        len(cleaned.records) + sum(fates[name] for name in fates if name != KEPT) + len(cleaned.quarantine)
        == parsed.total
    )
    assert len({record["id"] for record in cleaned.records}) == len(cleaned.records)
    assert all(fault(record) is None for record in cleaned.records)
    json.dumps([cleaned.records, cleaned.quarantine], ensure_ascii=False).encode()  # can be written as UTF-8


def test_steps_follow_on_each_other(damaged):
    source, lines = damaged
    parsed = parse(source, dump(source, lines[:400]))
    steps = clean([parsed], mentions=True).steps
    assert [one.after for one in steps[:-1]] == [one.before for one in steps[1:]] and steps[0].before == parsed.total
    assert all(one.before - one.after <= sum(one.reasons.values()) for one in steps)
    assert all(one.changed <= one.after <= one.before for one in steps)


def test_whole_records_between_damaged_ones_are_read(damaged):
    """Whatever stands before and behind it, a whole record of a format of lines is read; in an array nearly all are."""
    source, lines = damaged
    whole = [encode(raw({"id": f"whole-{number}", "source": source, "category": "", "messages": [
        {"role": "user", "content": f"question {number}"}, {"role": "assistant", "content": "yes"}]}))
        for number in range(len(lines))]  # fmt: skip
    mixed = [line for pair in zip(lines, whole, strict=True) for line in pair]
    found = {one.id for one in parse(source, dump(source, mixed)).dialogues}
    missing = [name for number in range(len(lines)) if (name := f"whole-{number}") not in found]
    assert len(missing) <= (0.01 * len(lines) if source == "sharegpt" else 0)
