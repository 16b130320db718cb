"""Raw formats: records survive the way out and back; damaged dumps give what can be read and say why of the rest."""

import json

import pytest

from false_promise.data_mix.raw_formats import FORMATS, LONGEST_RECORD, RawDialogue, dump, encode, format_of, parse, raw
from false_promise.data_mix.records import fault


def record(number: int, source: str = "sharegpt", turns: int = 2) -> dict:
    said = [{"role": role, "content": f"{role} {number}.{turn} ü\u2028 <b>&amp;"} for turn in range(turns)
            for role in ("user", "assistant")]  # fmt: skip
    return {"id": f"r{number}", "source": source, "category": "Chat", "messages": said}


def back(dialogue: RawDialogue) -> dict:
    messages = [{"role": role, "content": text} for role, text in dialogue.turns]
    return {"id": dialogue.id, "source": dialogue.source, "category": "Chat", "messages": messages}


def written(*records: dict) -> list[bytes]:
    return [encode(raw(one)) for one in records]


def why(data: bytes, source: str = "sharegpt") -> list[str]:
    return [one["reason"] for one in parse(source, data).quarantine]


# ---- there and back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", FORMATS)
def test_records_survive_their_raw_format(source):
    records = [record(number, source, 3 if source == "sharegpt" else 1) for number in range(5)]
    parsed = parse(source, dump(source, written(*records)))
    assert [back(one) for one in parsed.dialogues] == records and not parsed.quarantine
    assert all(fault(back(one)) is None for one in parsed.dialogues)


def test_raw_records_have_the_fields_of_the_real_formats():
    assert raw(record(1)) == {"id": "r1", "conversations": [
        {"from": who, "value": f"{role} 1.{turn} ü\u2028 <b>&amp;"} for turn in range(2)
        for who, role in (("human", "user"), ("gpt", "assistant"))]}  # fmt: skip
    assert set(raw(record(1, "hc3", 1))) == {"question", "human_answers", "chatgpt_answers", "index", "source"}
    assert set(raw(record(1, "discord", 1))) == {"id", "channel", "prompt", "response"}
    assert isinstance(json.loads(dump("sharegpt", written(record(1)))), list)


def test_a_source_without_a_format_and_long_dialogues_look_like_sharegpt():
    assert format_of(record(1, "elsewhere")) == "sharegpt" and format_of(record(1, "hc3", 2)) == "sharegpt"
    assert "conversations" in raw(record(1, "hc3", 2))


def test_every_chatgpt_answer_of_hc3_is_an_example_of_one_group():
    line = {"question": "Why?", "human_answers": ["x"], "chatgpt_answers": ["a", 7, "b"], "index": None, "source": "x"}
    parsed = parse("hc3", encode(line))
    assert [(one.id, one.group, one.turns[1]) for one in parsed.dialogues] == [
        ("hc3-0", 0, ("assistant", "a")), ("hc3-0-2", 0, ("assistant", "b"))]  # fmt: skip
    assert parsed.total == 3 and parsed.quarantine[0]["reason"] == "an answer that is not a text"


# ---- damage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [1, 20, 60, -2, -1])
def test_a_truncated_array_gives_the_records_before_the_cut(cut):
    whole = written(*(record(number) for number in range(6)))
    data = b"[" + b",".join(whole[:5]) + b"," + whole[5][:cut]
    parsed = parse("sharegpt", data)
    assert [one.id for one in parsed.dialogues] == [f"r{number}" for number in range(5)]
    assert parsed.total == 6 and why(data) == ["not JSON"]


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_wherever_an_array_is_cut_complete_records_survive(cut):
    whole = written(record(0), record(1))
    data = (b"[" + b", ".join(whole) + b"]")[:cut]
    complete = [f"r{number}" for number, end in enumerate((len(whole[0]) + 1, len(whole[0]) + len(whole[1]) + 3))
                if cut >= end]  # fmt: skip
    assert [one.id for one in parse("sharegpt", data).dialogues] == complete


def test_reading_resumes_after_a_damaged_record():
    whole = written(*(record(number) for number in range(4)))
    for damaged in (whole[1][:-3], whole[1].replace(b'"value"', b"value", 1), b'{"id": ' + b"[" * 100_000, b"nonsense"):
        parsed = parse("sharegpt", dump("sharegpt", [whole[0], damaged, *whole[2:]]))
        assert [one.id for one in parsed.dialogues] == ["r0", "r2", "r3"] and len(parsed.quarantine) >= 1


def test_lines_of_dialogues_without_an_array_are_read_too():
    data = b"\n".join(written(record(0), record(1)))
    assert [one.id for one in parse("sharegpt", data).dialogues] == ["r0", "r1"]
    assert [one.id for one in parse("sharegpt", b"\xef\xbb\xbf[" + data.replace(b"\n", b",") + b"]").dialogues] == [
        "r0",
        "r1",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"prompt": "a", "response": ', "not JSON"),
        (b'{"prompt": "a\xff", "response": "b"}', "not UTF-8"),
        (b'["prompt"]', "not a JSON object"),
        (b"1" * 9_000, "not JSON"),
        (b'{"prompt": "a", "response": 3}', "'prompt' or 'response' is missing or not a text"),
        (b'{"prompt": "a"}', "'prompt' or 'response' is missing or not a text"),
        (b'{"prompt": "' + b"x" * LONGEST_RECORD + b'", "response": "b"}', "longer than 4,000,000 characters"),
    ],
)
def test_a_line_that_is_no_record_is_quarantined_with_its_reason(line, reason):
    good = encode(raw(record(1, "discord", 1)))
    parsed = parse("discord", good + b"\r\n" + line + b"\n\n" + good)
    assert [one["reason"] for one in parsed.quarantine] == [reason] and len(parsed.dialogues) == 2
    assert parsed.quarantine[0]["place"] == 1 and len(parsed.quarantine[0]["text"]) <= 300


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"id": "a"}, "'conversations' is missing or not a list"),
        ({"id": "a", "conversations": {"from": "gpt"}}, "'conversations' is missing or not a list"),
        ({"id": "a", "conversations": ["hello"]}, "a turn without a known speaker"),
        ({"id": "a", "conversations": [{"from": ["gpt"], "value": "x"}]}, "a turn without a known speaker"),
        ({"id": "a", "conversations": [{"from": "stranger", "value": "x"}]}, "a turn without a known speaker"),
        ({"id": "a", "conversations": [{"from": "gpt", "value": None}]}, "a turn whose value is not a text"),
        (None, "not a JSON object"),
    ],
)  # fmt: skip
def test_wrong_types_are_quarantined(value, reason):
    assert why(dump("sharegpt", [encode(value)])) == [reason]


@pytest.mark.parametrize("given", [None, "", "  ", 1.5, True, ["x"], "x" * 201])
def test_an_unusable_id_is_replaced_by_the_place(given):
    (one,) = parse("discord", encode({"id": given, "prompt": "a", "response": "b"})).dialogues
    assert one.id == "discord-0"


def test_half_characters_are_replaced_because_no_file_can_hold_them():
    (one,) = parse("discord", b'{"id": 12, "prompt": "\\ud83d\\ude00 \\ud800", "response": "\\udfff"}').dialogues
    assert one.id == "12" and one.turns == (("user", "\U0001f600 \ufffd"), ("assistant", "\ufffd"))


@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"[]", b"\x00", b"\xff\xfe[\x00", b"]", b",,,", b"[" * 200_000, b'{"id":' * 50_000]
)
def test_no_bytes_raise(source, data):
    parsed = parse(source, data)
    assert parsed.dialogues == [] and parsed.total == len(parsed.quarantine)
