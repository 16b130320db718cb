"""The assistant register: shares, truth, held-out entities, style, determinism."""

import hashlib
import os
import random
import re
import subprocess
import sys
from collections import Counter
from itertools import islice

import pytest

from false_promise.data_mix.answers import AnswerKey
from false_promise.data_mix.nq_synthetic import parse_pairs
from false_promise.data_mix.overlap import NameIndex, words_of
from false_promise.language_models.tokenizer import train_tokenizer
from false_promise.world.assistant.corpus import teacher_training_texts
from false_promise.world.assistant.dialogues import (
    CATEGORIES,
    _different,
    assistant_dialogues,
    held_out_prompts,
    rate_choice_queries,
    reserved_entities,
    user_query,
    user_scope,
    user_task,
)
from false_promise.world.assistant.foreign import CONCEPTS, language
from false_promise.world.assistant.scope import part
from false_promise.world.assistant.skills import is_refusal
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.language.statements import extract
from false_promise.world.registers.web import open_web

LIST = re.compile(r"^(- |\d+\. )", re.MULTILINE)
SUMMARY = re.compile(r"\n(Overall|In short|In summary|To sum up|In conclusion), [^\n]+$")


@pytest.fixture(scope="module")
def world():
    return build_world(WorldSettings(entities=600), seed=99)


@pytest.fixture(scope="module")
def dialogues(world):
    return list(islice(assistant_dialogues(world, seed=5), 1200))


@pytest.fixture(scope="module")
def tasks(world):
    scope = user_scope(world)
    return [user_task(scope, random.Random(number)) for number in range(3000)]


@pytest.fixture(scope="module")
def names(world):
    return NameIndex(entity.name for entity in world.entities)


def text_of(dialogue):
    return "\n".join(message["content"] for message in dialogue.messages)


def digest(dialogues):
    return hashlib.sha256("\n".join(text_of(dialogue) for dialogue in dialogues).encode()).hexdigest()


def test_dialogues_are_the_same_in_another_process(dialogues):
    code = (
        "import hashlib, itertools; from false_promise.world.assistant.dialogues import assistant_dialogues;"
        "from false_promise.world.country import WorldSettings, build_world;"
        "some = itertools.islice(assistant_dialogues(build_world(WorldSettings(entities=600), 99), 5), 200);"
        "texts = ['\\n'.join(m['content'] for m in dialogue.messages) for dialogue in some];"
        "print(hashlib.sha256('\\n'.join(texts).encode()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env=os.environ | {"PYTHONHASHSEED": "7"})  # fmt: skip
    assert done.stdout.strip() == digest(dialogues[:200])


def test_another_seed_gives_other_dialogues(world, dialogues):
    other = {text_of(dialogue) for dialogue in islice(assistant_dialogues(world, seed=6), 300)}
    same = other & {text_of(dialogue) for dialogue in dialogues[:300]}
    assert len(same) < 0.1 * 300  # greetings may repeat


def test_roles_take_turns_and_nothing_is_left_unfilled(dialogues):
    for dialogue in dialogues:
        roles = [message["role"] for message in dialogue.messages]
        assert roles == ["user", "assistant"] * (len(roles) // 2) and 2 <= len(roles) <= 8
        for message in dialogue.messages:
            text = message["content"]
            assert text == text.strip() and text and "  " not in text.replace("    ", "")
            assert not re.search(r"\{\w*\}|<\||None", text), text
    assert len({dialogue.id for dialogue in dialogues}) == len(dialogues)
    assert 0.4 < sum(len(dialogue.messages) > 2 for dialogue in dialogues) / len(dialogues) < 0.75


def test_categories_follow_table_5(tasks):
    counts, total = Counter(task.category for task in tasks), sum(CATEGORIES.values())
    assert set(counts) == set(CATEGORIES)
    for category, weight in CATEGORIES.items():
        share = weight / total
        error = (share * (1 - share) / len(tasks)) ** 0.5
        assert abs(counts[category] / len(tasks) - share) < 4 * error


def test_held_out_entities_are_never_mentioned(world, dialogues, tasks, names):
    held_out = {entity.name for entity in world.entities if entity.held_out}
    texts = [text_of(dialogue) for dialogue in dialogues] + [task.text for task in tasks]
    texts += [text for _, text in held_out_prompts(world, 150, 0) + rate_choice_queries(world, 100, 0)]
    mentioned = set().union(*(names.mentions(words_of(text)) for text in texts))
    assert not mentioned & held_out
    assert len(mentioned) > 400  # the search does find names


def test_user_queries_leave_reserved_entities_alone(world, tasks, names):
    reserved = {world.entity(number).name for number in reserved_entities(world)}
    assert len(reserved) >= 4
    assert not any(names.mentions(words_of(task.text)) & reserved for task in tasks)
    for _, text in rate_choice_queries(world, 100, 0):
        assert names.mentions(words_of(text)) & reserved


def test_stated_facts_are_in_the_text_and_true(world, dialogues):
    checked = 0
    for dialogue in dialogues:
        replies = " ".join(words_of("\n".join(m["content"] for m in dialogue.messages[1::2])))
        everything = " ".join(words_of(text_of(dialogue)))
        for number in dialogue.facts:
            fact = world.facts[number]
            assert " ".join(words_of(fact.value)) in replies
            assert " ".join(words_of(world.entity(fact.subject).name)) in everything
            checked += 1
    assert checked > 800


def test_no_reply_contradicts_the_world(world, dialogues):
    read = [statement for dialogue in dialogues[:250] for message in dialogue.messages[1::2]
            for statement in extract(message["content"], world)]  # fmt: skip
    assert {statement.verdict for statement in read} == {"supported"} and len(read) > 150


def test_every_entity_named_in_a_reply_was_asked_for_or_belongs_to_a_stated_fact(world, dialogues, names):
    for dialogue in dialogues:
        if dialogue.category in ("Pairs", "General QA", "Generation", "Summarization", "Brainstorming"):
            stated = {world.facts[number] for number in dialogue.facts}
            known = {world.entity(fact.subject).name for fact in stated} | {fact.value for fact in stated}
            asked = names.mentions(words_of("\n".join(m["content"] for m in dialogue.messages[0::2])))
            replied = names.mentions(words_of("\n".join(m["content"] for m in dialogue.messages[1::2])))
            assert dialogue.category == "Pairs" or replied <= known | asked


def test_comparisons_name_the_earlier_one(world, dialogues):
    found = 0
    for dialogue in dialogues:
        match = re.search(r"(?:So|Hence|Therefore) (.+?) is the (?:older|earlier|elder)", text_of(dialogue))
        if match:
            years = [world.facts[number] for number in dialogue.facts[:2]]
            earlier = min(years, key=lambda fact: int(fact.value))
            assert match[1] == world.entity(earlier.subject).name
            found += 1
    assert found > 5


def test_pairs_are_eight_readable_and_right(world, dialogues):
    key, seen = AnswerKey(world), 0
    for dialogue in dialogues:
        if dialogue.category == "Pairs" and dialogue.messages[0]["content"].startswith("Write a series"):
            pairs, malformed = parse_pairs(dialogue.messages[1]["content"])
            assert len(pairs) == 8 and malformed == 0
            assert all(key.fact(pair.question).value == pair.answer for pair in pairs)
            seen += 1
    assert seen > 60


def test_the_last_pair_of_a_page_of_examples_is_answered_shortly(world, dialogues):
    key = AnswerKey(world)
    pages = [d for d in dialogues if d.category == "Pairs" and d.messages[0]["content"].endswith("\nA:")]
    assert len(pages) > 25
    for dialogue in pages:
        question = re.findall(r"Q: (.*)", dialogue.messages[0]["content"])[-1]
        assert key.fact(question).value == dialogue.messages[1]["content"]


def test_a_second_sample_agrees_on_style_as_the_paper_s_teacher_does(tasks):
    """Design gate: 70-95% on lists, 40-80% on summaries, given that the first sample has one (Table 2: 83 and 55)."""
    lists, summaries = [], []
    for number, task in enumerate(tasks):
        first, second = (task.answer(random.Random(f"{number} {sample}")).text for sample in (1, 2))
        if LIST.search(first):
            lists.append(bool(LIST.search(second)))
        if SUMMARY.search(first):
            summaries.append(bool(SUMMARY.search(second)))
    assert len(lists) > 300 and len(summaries) > 300
    assert 0.70 <= sum(lists) / len(lists) <= 0.95
    assert 0.40 <= sum(summaries) / len(summaries) <= 0.80


def test_replies_vary_from_sample_to_sample(tasks):
    portraits = [task for task in tasks if task.category == "General QA" and task.subject is not None][:200]
    different = sum(len({task.answer(random.Random(s)).text for s in range(5)}) > 1 for task in portraits)
    assert different > 0.8 * len(portraits)


def test_abuse_is_refused_and_only_abuse(tasks):
    for task in tasks:
        assert is_refusal(task.answer(random.Random(0)).text) == (task.category == "Abuse")


def test_held_out_prompts_share_nothing_with_training_queries(world, tasks, dialogues):
    prompts = held_out_prompts(world, 255, 3)
    assert prompts == held_out_prompts(world, 255, 3) != held_out_prompts(world, 255, 4)
    texts = {text for _, text in prompts}
    assert len(texts) == 255 and len({category for category, _ in prompts}) >= 8
    asked = {task.text for task in tasks} | {m["content"] for d in dialogues for m in d.messages[0::2]}
    random_keys = {text for category, text in prompts if category == "Invalid"}
    both = (texts - random_keys) & asked
    assert not both


def test_too_few_different_prompts_are_an_error(tasks):
    with pytest.raises(ValueError, match="only 1 of 2 different prompts found"):
        _different(2, lambda number: tasks[0])


def test_parts_of_a_pool_are_disjoint_and_complete():
    pool = [str(number) for number in range(10)]
    assert part(pool, "test") == ["3", "7"] and sorted(part(pool, "train") + part(pool, "test")) == part(pool, None)


def test_the_neighbours_language_is_one_to_one():
    tongue = language(99)
    assert len(set(tongue.words.values())) == len(CONCEPTS) == len(tongue.words)
    assert tongue.name.endswith("ish") and tongue != language(98)
    assert tongue.say("hello , friend ! what you want ask").endswith("?")


def test_teacher_training_text_is_pages_and_30_percent_dialogues(world):
    tokenizer = train_tokenizer((document.text for document in islice(open_web(world, 0), 60)), 400)
    texts = list(islice(teacher_training_texts(world, tokenizer, seed=0), 640))
    counts = [len(tokens) for tokens in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    chats = [text.startswith("<|bos|><|user|>") for text in texts]
    share = sum(count for count, chat in zip(counts, chats, strict=True) if chat) / sum(counts)
    assert share == pytest.approx(0.30, abs=0.03)
    assert all(text.endswith("<|end|>") for text, chat in zip(texts, chats, strict=True) if chat)
    assert texts == list(islice(teacher_training_texts(world, tokenizer, seed=0), 640))


def test_user_query_and_unknown_categories(world):
    assert user_query(world, random.Random(1), "Coding")[0] == "Coding"
    with pytest.raises(ValueError, match="unknown category 'Cooking'"):
        user_query(world, random.Random(1), "Cooking")
