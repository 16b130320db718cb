"""Question files, shots and candidates."""

import json
import os
import subprocess
import sys

import pytest

from false_promise.evaluation.items import (
    NqItem,
    draw_candidates,
    draw_shots,
    items_from_questions,
    load_nq_open,
    read_nq_open,
)
from false_promise.evaluation.scoring import normalise_answer
from false_promise.paths import REAL_DATA
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises.questions import nq_questions


def test_good_lines_are_read_and_bad_ones_quarantined(tmp_path, caplog):
    path = tmp_path / "nq.jsonl"
    good = [
        {"question": "who wrote x", "answer": ["Bo", "B. Velmore "]},
        {"question": "why ??", "answer": ["a\u2028b"]},
    ]
    bad = ['{"question": "cut', "[1]", '{"question": " ", "answer": ["x"]}', '{"question": "q", "answer": "x"}',
           '{"question": "q", "answer": []}', '{"question": "q", "answer": ["x", 3]}', '{"answer": ["x"]}']  # fmt: skip
    lines = [json.dumps(good[0]), *bad, "", json.dumps(good[1], ensure_ascii=False)]
    path.write_text("\n".join(lines), encoding="utf-8")
    items, rejected = read_nq_open(path)
    assert [item.question for item in items] == ["who wrote x?", "why?"]
    assert items[0].answers == ("Bo", "B. Velmore")
    assert [line.line for line in rejected] == [2, 3, 4, 5, 6, 7, 8]
    assert [line.reason.split()[0] for line in rejected] == ["not", "no", "no", "answer", "no", "answer", "no"]
    assert load_nq_open(path) == items
    assert "left out 3 lines, the first is line 3: no question" in caplog.text


@pytest.mark.parametrize("text", ["", "\n\n", "nonsense\n"])
def test_a_file_without_questions_is_an_error(tmp_path, text):
    path = tmp_path / "empty.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"empty\.jsonl: no usable question"):
        load_nq_open(path)


def test_the_real_file_is_read_completely():
    path = REAL_DATA / "nq_open" / "dev_first_half.jsonl"
    if not path.exists():
        pytest.skip(f"no real NQ-open questions at {path}; set REAL_DATA to a folder that has them")
    items, rejected = read_nq_open(path)
    assert len(items) == 1805 and not rejected
    assert len({item.id for item in items}) == 1805
    assert all(not item.question.endswith("??") for item in items)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"question": "Where"}, "does not end with"),
        ({"answers": ()}, "non-blank"),
        ({"answers": (" ",)}, "non-blank"),
        ({"choices": ("b",)}, "not among its choices"),
        ({"frames": ("Born in ",)}, "trailing white space"),
        ({"frames": ("",)}, "non-empty"),
    ],
)
def test_an_item_checks_itself(changes, message):
    fields = {"id": "i7", "question": "Where?", "answers": ("a",), "entity": "e"} | changes
    with pytest.raises(ValueError, match=f"item i7: .*{message}"):
        NqItem(**fields)


def test_shots_are_nested_and_depend_on_pool_and_seed_only(make_items):
    pool = make_items(12, "pool")
    five = draw_shots(pool, 5, seed=3)
    assert draw_shots(pool, 3, seed=3) == five[:3]
    assert len({shot.id for shot in five}) == 5
    assert draw_shots(pool, 0, seed=3) == []
    assert draw_shots(pool, 5, seed=4) != five
    with pytest.raises(ValueError, match="5 shots asked for, but the pool of worked examples holds 4"):
        draw_shots(pool[:4], 5, seed=3)


def test_candidates_hold_the_right_answer_once_and_nothing_that_overlaps_it():
    choices = ("Oster", "Ostermoor", "the nym", "Nym", "Qued", "Valdheim", "Selka", "Selka")
    item = NqItem("i", "Where?", ("Oster", "Nym"), "e", choices)
    drawn, gold = draw_candidates(item, limit=20, seed=0)
    assert sorted(drawn) == ["Oster", "Qued", "Selka", "Valdheim"]
    assert drawn[gold] == "Oster"
    assert draw_candidates(item, 20, 0) == (drawn, gold)
    few, gold = draw_candidates(item, limit=2, seed=0)
    assert len(few) == 2 and few[gold] == "Oster"
    with pytest.raises(ValueError, match="item i: no candidate beside the right answer 'Oster'"):
        draw_candidates(NqItem("i", "Where?", ("Oster",), "e", ("Oster", "Ostermoor")), 20, 0)


def test_the_right_answer_stands_anywhere(make_items):
    places = {draw_candidates(item, 5, 0)[1] for item in make_items(60)}
    assert places == {0, 1, 2, 3, 4}


def test_draws_are_the_same_in_another_process(make_items):
    code = (
        "from false_promise.evaluation.items import *\n"
        "item = NqItem('i', 'Where?', ('a',), 'e', tuple('abcdefgh'))\n"
        "pool = [NqItem(str(n), 'Where?', ('a',), 'e') for n in range(9)]\n"
        "print(draw_candidates(item, 5, 1), [shot.id for shot in draw_shots(pool, 5, 1)])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1 and b"[" in outputs.pop()


def test_questions_about_the_country_become_items():
    world = build_world(WorldSettings(entities=400), seed=99)
    questions, _ = nq_questions(world, 60, seed=0)
    items = items_from_questions(world, questions)
    assert [item.id for item in items] == [question.id for question in questions]
    assert sum(item.held_out for item in items) == 30
    for item, question in zip(items, questions, strict=True):
        assert item.answers[0] == world.fact(question.entity, question.relation).value
        assert len(item.frames) == 3 and all(question.entity_name in frame for frame in item.frames)
        drawn, gold = draw_candidates(item, 20, 0)
        assert 2 <= len(drawn) <= 20 and drawn[gold] == item.answers[0]
        accepted = {normalise_answer(answer) for answer in item.answers}
        assert sum(normalise_answer(value) in accepted for value in drawn) == 1
