"""Requests that rules can check: kinds, held-out wordings, entities, second turns, determinism."""

import random
from collections import Counter
from dataclasses import asdict

import pytest

from false_promise.data_mix.overlap import NameIndex, words_of
from false_promise.world.assistant.dialogues import reserved_entities, user_scope, user_task
from false_promise.world.assistant.turns import next_turn
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises import instructions
from false_promise.world.exercises.instructions import KINDS, SECOND_TURNS, instruction_items, instruction_tasks


@pytest.fixture(scope="module")
def world():
    return build_world(WorldSettings(entities=600), seed=99)


@pytest.fixture(scope="module")
def items(world):
    return instruction_items(world, 300, 0)


def text_of(item):
    return "\n".join(message["content"] for message in item.messages)


def test_kinds_are_equally_frequent_and_requests_different(items):
    counts = Counter(item.kind for item in items)
    assert set(counts) == set(KINDS) and max(counts.values()) - min(counts.values()) <= 1
    assert len({item.id for item in items}) == len({text_of(item) for item in items}) == 300


def test_items_are_the_same_again_and_others_with_another_seed(world, items):
    assert instruction_items(world, 300, 0) == items
    assert instruction_items(world, 30, 0) == items[:30]
    other = {text_of(item) for item in instruction_items(world, 300, 1)}
    assert len(other & {text_of(item) for item in items if item.entity}) < 15


def test_no_held_out_or_reserved_entity_is_mentioned(world, items):
    names = NameIndex(entity.name for entity in world.entities)
    mentioned = set().union(*(names.mentions(words_of(text_of(item))) for item in items))
    forbidden = {one.name for one in world.entities if one.held_out}
    forbidden |= {world.entity(number).name for number in reserved_entities(world)}
    assert not mentioned & forbidden and len(mentioned) > 80


def test_no_request_is_one_that_imitation_data_was_collected_with(world, items):
    scope, rng = user_scope(world), random.Random(0)
    asked = {user_task(scope, rng).text for _ in range(4000)}
    assert not asked & {message["content"] for item in items for message in item.messages if message["role"] == "user"}
    talk = [{"role": "user", "content": "Tell me about it."}, {"role": "assistant", "content": "One. Two. Three."}]
    turns = {turn.text for _ in range(300) if (turn := next_turn(scope, rng, "Generation", talk))}
    assert turns and not turns & {text for pool in SECOND_TURNS.values() for text in pool}


def test_dialogues_end_with_the_user_and_the_text_is_the_last_message(items):
    for item in items:
        roles = [message["role"] for message in item.messages]
        assert roles in (["user"], ["user", "assistant", "user"]) and item.text == item.messages[-1]["content"]
        assert len(roles) == 1 or item.text in SECOND_TURNS["list" if item.kind == "list" else "shorter"]
    assert {item.kind for item in items if len(item.messages) == 3} == {"list", "shorten"}


def test_arguments_are_what_the_request_says(items):
    for item in items:
        if item.kind == "shorten":
            long = item.messages[1]["content"] if len(item.messages) == 3 else max(item.text.split("\n"), key=len)
            assert item.arguments["words"] == len(long.split()) > 5
        for value in item.arguments.values():
            assert isinstance(value, int) or value.lower() in item.text.lower()
        assert bool(item.entity) == (item.kind in ("list", "prose", "brief", "shorten"))
        assert set(asdict(item)) == {"id", "kind", "text", "entity", "arguments", "messages"}


def test_items_hold_no_unfilled_slot_and_no_marker(items):
    texts = [text_of(item) for item in items if item.kind != "code"]  # code has braces of its own
    assert len(texts) > 200 and not any(mark in text for text in texts for mark in ("{", "<|", "None"))


def test_a_kind_that_runs_out_leaves_its_share_to_the_others(world, monkeypatch):
    monkeypatch.setattr(instructions, "KINDS", ("verse", "brief"))
    counts = Counter(item.kind for item, _ in instruction_tasks(world, 300, 0))
    assert counts["verse"] < 80 and counts["brief"] == 300 - counts["verse"]
    monkeypatch.setattr(instructions, "KINDS", ("verse",))
    with pytest.raises(ValueError, match="only .* of 300 requests found; ask for fewer"):
        instruction_items(world, 300, 0)
