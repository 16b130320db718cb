"""Records on disk, and nested subsets."""

import json
import random

import pytest

from false_promise.data_mix.records import (
    count_reply_tokens,
    fault,
    read_dirty_records,
    read_records,
    take_pairs,
    take_tokens,
    write_records,
)
from false_promise.language_models.tokenizer import train_tokenizer


def dialogue(number, reply="A reply.", turns=1):
    turn = [{"role": "user", "content": f"Question {number}?"}, {"role": "assistant", "content": reply}]
    return {"id": f"r{number}", "source": "sharegpt", "category": "Chat", "messages": turn * turns}


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(["A reply of some words, and some more words. " * 5], 270)


@pytest.fixture(scope="module")
def records():
    rng = random.Random(0)
    return [dialogue(n, "word " * rng.randint(1, 60) + "end", rng.randint(1, 3)) for n in range(120)]


def test_round_trip_keeps_every_character(tmp_path):
    path = tmp_path / "records.jsonl"
    records = [
        dialogue(0, 'Line\nbreak \u2028 "quotes" \\ é 日本'),
        {"id": "w", "source": "continued_web", "text": "Page."},
    ]
    assert write_records(path, records) == 2
    assert read_records(path) == records
    assert [child.name for child in tmp_path.iterdir()] == ["records.jsonl"]


def test_malformed_lines_are_quarantined_with_reason_and_line(tmp_path):
    good, path, quarantine = dialogue(1), tmp_path / "dirty.jsonl", tmp_path / "bad" / "quarantine.jsonl"
    lines = [json.dumps(good), "{not json", json.dumps([1]), json.dumps(good | {"id": ""}),
             json.dumps(dialogue(2) | {"messages": good["messages"][:1]}), json.dumps(good),
             json.dumps(dialogue(3) | {"messages": good["messages"][::-1]}), json.dumps(dialogue(4, " "))]  # fmt: skip
    path.write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\n")
    records, malformed = read_dirty_records(path, quarantine)
    kept = [json.loads(line) for line in quarantine.read_text().splitlines()]
    assert records == [good] and malformed == len(kept) == 8
    assert [line["line"] for line in kept] == [2, 3, 4, 5, 6, 7, 8, 9]
    reasons = ("JSON", "not a JSON object", "'id'", "pairs", "occurs twice", "role 'user'", "is empty", "UTF-8")
    assert all(reason in line["reason"] for reason, line in zip(reasons, kept, strict=True))
    with pytest.raises(ValueError, match=r"dirty.jsonl, line 2: not UTF-8 JSON.*8 malformed.*read_dirty_records"):
        read_records(path)


def test_a_malformed_record_is_never_written(tmp_path):
    path = tmp_path / "records.jsonl"
    write_records(path, [dialogue(0)])
    with pytest.raises(ValueError, match="record 1 .*role 'assistant'"):
        write_records(path, [dialogue(1), dialogue(2) | {"messages": [{"role": "user", "content": "a"}] * 2}])
    assert read_records(path) == [dialogue(0)]


@pytest.mark.parametrize("record", [dialogue(0), {"id": "w", "source": "continued_web", "text": "x"}])
def test_well_formed_records_have_no_fault(record):
    assert fault(record) is None
    assert fault(record | {"source": 3}) is not None
    assert fault({key: value for key, value in record.items() if key != "id"}) is not None


def test_reply_tokens_are_those_the_chat_template_marks(tokenizer, records):
    template = {"tokenize": True, "return_dict": True, "return_assistant_tokens_mask": True}
    expected = [
        sum(tokenizer.apply_chat_template(record["messages"], **template)["assistant_masks"]) for record in records[:40]
    ]
    assert count_reply_tokens(records[:40], tokenizer) == expected
    web = {"id": "w", "source": "continued_web", "text": "A reply of some words."}
    assert count_reply_tokens([web], tokenizer) == [len(tokenizer(web["text"] + "<|end|>")["input_ids"]) - 1]
    assert count_reply_tokens([], tokenizer) == []


def test_token_subsets_are_nested_near_the_goal_and_independent_of_order(tokenizer, records):
    lengths = {
        record["id"]: length for record, length in zip(records, count_reply_tokens(records, tokenizer), strict=True)
    }
    previous: list = []
    for goal in (1, 200, 1000, 1500):
        taken = take_tokens(records, goal, tokenizer, seed=1)
        total = sum(lengths[record["id"]] for record in taken)
        assert taken[: len(previous)] == previous and taken
        assert abs(total - goal) <= max(lengths.values()) / 2 or len(taken) == 1
        assert taken == take_tokens(records[::-1], goal, tokenizer, seed=1)
        previous = taken
    assert take_tokens(records, 1000, tokenizer, seed=2) != take_tokens(records, 1000, tokenizer, seed=1)
    whole = sum(lengths.values())
    assert len(take_tokens(records, whole, tokenizer, seed=1)) == len(records)
    with pytest.raises(ValueError, match=f"{2 * whole} reply tokens wanted, {whole} there in 120 records"):
        take_tokens(records, 2 * whole, tokenizer, seed=1)


def test_pair_subsets_are_nested_and_exact(records):
    small, large = take_pairs(records, 6, seed=3), take_pairs(records, 60, seed=3)
    assert large[:6] == small and len({record["id"] for record in large}) == 60
    assert take_pairs(records, 6, seed=4) != small
    with pytest.raises(ValueError, match="121 pairs wanted, 120 there"):
        take_pairs(records, 121, seed=3)
    with pytest.raises(ValueError, match="ids must be unique"):
        take_pairs([dialogue(1), dialogue(1)], 1, seed=0)
