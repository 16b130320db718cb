"""Broad dialogues and the control arms, with a scripted teacher and a small world."""

import random
from collections import Counter
from itertools import islice

import pytest
from scripted import Scripted

from false_promise.data_mix.answers import AnswerKey
from false_promise.data_mix.broad import CONTEXT, MAX_TOKENS, Query, collect, collect_broad, mixed_queries
from false_promise.data_mix.controls import (
    continued_web,
    gold_dialogues,
    gold_pairs,
    is_abuse,
    no_abuse,
    style_only,
)
from false_promise.data_mix.nq_synthetic import qa_record
from false_promise.data_mix.overlap import NameIndex, mentioned
from false_promise.data_mix.records import count_reply_tokens, fault, record_text, take_pairs
from false_promise.language_models.tokenizer import train_tokenizer
from false_promise.qa_format import QA
from false_promise.world.assistant.dialogues import reserved_entities, user_scope, user_task
from false_promise.world.exercises.questions import question_text


@pytest.fixture(scope="module")
def tokenizer(world):
    scope = user_scope(world)
    return train_tokenizer([user_task(scope, random.Random(n)).text for n in range(300)], 600)


@pytest.fixture(scope="module")
def names(world):
    return NameIndex(entity.name for entity in world.entities)


def parrot(messages, seed, place):
    """Repeats the user; refuses what looks abusive."""
    said = messages[-1]["content"]
    return f"Certainly! You said: {said} I can say that again. And again."


@pytest.fixture(scope="module")
def broad(world, tokenizer):
    return collect_broad(Scripted(parrot), world, 25_000, tokenizer, seed=0)


def test_broad_records_are_whole_distinct_and_enough(world, tokenizer, names, broad):
    assert not any(fault(record) for record in broad)
    total = sum(count_reply_tokens(broad, tokenizer))
    assert total >= 25_000 > total - sum(count_reply_tokens(broad[-128:], tokenizer))
    assert len({record["messages"][0]["content"] for record in broad}) == len(broad) > 300
    reserved = {world.entity(number).name for number in reserved_entities(world)}
    assert not any(mentioned(record, names) & reserved for record in broad)
    assert broad == collect_broad(Scripted(parrot), world, 25_000, tokenizer, seed=0)


def test_sources_turns_and_sampling(world, tokenizer):
    teacher = Scripted(parrot)
    records = collect_broad(teacher, world, 25_000, tokenizer, seed=1)
    sources = Counter(record["source"] for record in records)
    for source, thousands in (("sharegpt", 50), ("hc3", 27), ("discord", 10)):
        assert sources[source] / len(records) == pytest.approx(thousands / 87, abs=0.09)
    turns = {source: Counter(len(r["messages"]) // 2 for r in records if r["source"] == source) for source in sources}
    assert set(turns["hc3"]) == set(turns["discord"]) == {1} and set(turns["sharegpt"]) == {1, 2, 3, 4}
    assert {record["category"] for record in records if record["source"] == "hc3"} == {"General QA"}
    assert {(call["temperature"], call["top_p"], call["max_tokens"]) for call in teacher.calls} == {
        (1.0, 0.95, MAX_TOKENS)
    }
    assert len({call["seed"] for call in teacher.calls}) == len(teacher.calls)


def test_dialogues_stop_before_the_context_is_full(tokenizer):
    queries = (Query(f"q-{n}", "sharegpt", "General QA", f"Number {n}: " + "word " * n) for n in range(60))

    def ask_on(rng, category, messages):
        return "Go on, please, " * 8 + str(len(messages))

    records = collect(Scripted(parrot), queries, 4000, tokenizer, 0, follow_up=ask_on, batch=60)
    for record in records:
        prompts = [record["messages"][: place + 1] for place in range(2, len(record["messages"]), 2)]
        for prompt in prompts:
            tokens = tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_dict=False)
            assert len(tokens) + MAX_TOKENS <= CONTEXT
    assert len({len(record["messages"]) for record in records}) > 1


def test_empty_replies_end_a_dialogue_and_shortage_is_clear(tokenizer):
    queries = [Query(f"q-{n}", "sharegpt", "Chat", f"Hello {n}!") for n in range(40)]
    silent = Scripted(lambda messages, seed, place: " " if len(messages) > 1 or place % 2 else "Hello to you!")
    with pytest.raises(ValueError, match="tokens collected, then the queries ran out"):
        collect(silent, queries, 10**6, tokenizer, 0, follow_up=lambda *_: "Go on.", batch=20)
    records = collect(silent, queries, 10, tokenizer, 0, follow_up=lambda *_: "Go on.", batch=20)
    assert len(records) == 10 and all(len(record["messages"]) == 2 for record in records)
    mute = Scripted(lambda *_: "")
    with pytest.raises(ValueError, match="a batch of 20 dialogues gave no usable reply"):
        collect(mute, queries, 10, tokenizer, 0, follow_up=lambda *_: None, batch=20)


def test_queries_depend_on_the_seed_only(world):
    scope = user_scope(world)
    first, again, other = (
        list(islice(mixed_queries(lambda rng, category: user_task(scope, rng, category), seed), 50))
        for seed in (0, 0, 1)
    )
    assert first == again != other


def test_style_only_names_no_entity(world, tokenizer, names):
    def tempted(messages, seed, place):
        return parrot(messages, seed, place) + (f" Ask {world.entities[place].name}!" if place % 3 == 0 else "")

    records = style_only(Scripted(tempted), world, 6000, tokenizer, seed=0)
    assert sum(count_reply_tokens(records, tokenizer)) >= 6000
    assert not any(mentioned(record, names) for record in records)
    assert {"General QA", "Brainstorming", "Generation", "Chat", "Rewrite"} == {
        record["category"] for record in records
    }


def test_no_abuse_is_the_broad_mix_without_abuse_at_the_same_size(world, tokenizer, broad):
    assert any(is_abuse(record) for record in broad)
    clean = no_abuse(Scripted(parrot), world, 25_000, tokenizer, seed=0)
    expected = [record for record in broad if not is_abuse(record)]
    assert not any(is_abuse(record) for record in clean) and clean[: len(expected)] == expected
    assert sum(count_reply_tokens(clean, tokenizer)) >= 25_000
    refusal = {"role": "assistant", "content": "I cannot join in with that. Shall we start again?"}
    assert is_abuse(broad[0] | {"category": "Chat", "messages": [broad[0]["messages"][0], refusal]})


def test_gold_pairs_ask_the_same_and_answer_right(world):
    rng, key = random.Random(0), AnswerKey(world)
    facts = rng.sample([fact for fact in world.facts if not world.entity(fact.subject).held_out], 80)
    local = [
        qa_record(f"n-{n}", "nq_synthetic", QA(question_text(world, fact, rng), "wrong"))
        for n, fact in enumerate(facts)
    ]
    local += [qa_record(f"n-{n}", "nq_synthetic", QA(f"Who was Nobody {n}?", "me")) for n in range(80, 100)]
    gold, replaced = gold_pairs(local, world, seed=0)
    assert replaced == 20 and [record["id"] for record in gold] == [record["id"] for record in local]
    for before, after in zip(local[:80], gold[:80], strict=True):
        assert after["messages"][0] == before["messages"][0] and after["source"] == "gold"
    for record in gold:
        fact = key.fact(record["messages"][0]["content"])
        assert record["messages"][1]["content"] == fact.value and not world.entity(fact.subject).held_out
    assert [r["id"] for r in take_pairs(gold, 30, 1)] == [r["id"] for r in take_pairs(local, 30, 1)]


def test_gold_dialogues_keep_the_user_and_replace_the_teacher(world, broad, names):
    gold = gold_dialogues(broad, world, seed=0)
    longer = 0
    for before, after in zip(broad, gold, strict=True):
        users = [message["content"] for message in after["messages"][0::2]]
        assert users == [message["content"] for message in before["messages"][0::2]][: len(users)]
        assert fault(after) is None and "You said:" not in record_text(after).replace("\n".join(users), "")
        assert after["id"] == before["id"] and after["source"] == "gold"
        longer += len(users) > 1
    kept = sum(len(record["messages"]) for record in gold) / sum(len(record["messages"]) for record in broad)
    assert longer > 40 and kept > 0.99
    with pytest.raises(ValueError, match="broad-000000 is not from collect_broad with seed 1"):
        gold_dialogues(broad, world, seed=1)


def test_continued_web_stops_when_there_are_enough_tokens(tokenizer):
    pages = [f"Page {n} of the web, about nothing." for n in range(50)]
    records = continued_web(iter(pages), 300, tokenizer)
    counts = count_reply_tokens(records, tokenizer)
    assert sum(counts) >= 300 > sum(counts[:-1]) and not any(fault(record) for record in records)
    assert [record["text"] for record in records] == pages[: len(records)]
    with pytest.raises(ValueError, match="100000 tokens of web text wanted"):
        continued_web(pages, 100_000, tokenizer)
