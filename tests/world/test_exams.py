"""Exams: an independent solver answers every rule item from its text alone, the world confirms the rest, no leaks."""

import random
import re
from collections import Counter, defaultdict

import pytest

from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises.exam_subjects import FACT_SUBJECTS, HOPS, RULE_SUBJECTS, progression
from false_promise.world.exercises.exams import LETTERS, SUBJECTS, exam_items, exam_page, exam_text, group_of
from false_promise.world.exercises.question_wordings import QUESTIONS
from false_promise.world.land.relations import RELATION


@pytest.fixture(scope="module")
def world():
    return build_world(WorldSettings(entities=4000), seed=99)


@pytest.fixture(scope="module")
def splits(world):
    return {split: exam_items(world, n, 0, split) for split, n in (("test", 1000), ("train", 800), ("shots", 100))}


def solve(subject: str, question: str, options: tuple[str, ...]) -> str:
    """Answer a rule item by rule, from nothing but the printed text."""
    numbers = [int(number.replace(",", "")) for number in re.findall(r"-?\d[\d,]*", question)]
    if subject in ("chronology", "measures"):
        stated = {name: int(value.replace(",", "")) for name, value in re.findall(r"(\w+) (\d[\d,]*\d|\d)\b", question)}
        largest = re.search(r"youngest|longest|largest", question)
        return (max if largest else min)(options, key=stated.__getitem__)
    if subject == "alphabet":
        return (max if "last" in question else min)(options)
    if subject == "units":
        factor = numbers[0]
        large = re.match(r"One (\w+) is", question)[1]
        return str(numbers[1] // factor if f"How many {large}s" in question else numbers[1] * factor)
    if subject == "sequences":
        a, b, c, d = numbers
        return str(d + (d - c) if b - a == c - b == d - c else d * 2)
    if subject == "arithmetic":
        a, b = numbers
        return str(a * b if "box" in question else a + b if "more" in question else a - b)
    return two_hops(question)


def two_hops(question: str) -> str:
    for _, _, opening, link, asked in HOPS:
        tail = re.search(pattern(asked) + "$", question)
        if tail:
            subject = tail[1]
            opening = pattern(opening, keep="s").replace("SUBJECT", re.escape(subject))
            middle = re.match(opening, question)[1]
            return dict(re.findall(pattern(link), question))[middle]
    raise AssertionError(f"no pattern fits {question!r}")


def pattern(template: str, keep: str = "") -> str:
    text = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
    subject = "SUBJECT" if keep == "s" else r"([A-Z][\w ]*?)"
    return text.replace("{s}", subject).replace("{v}", r"([\w ]+?)")


def test_rule_items_are_solved_by_rule(splits):
    items = [item for split in splits.values() for item in split if item.group == "rule"]
    assert {item.subject for item in items} == set(RULE_SUBJECTS) and len(RULE_SUBJECTS) >= 4
    wrong = [item for item in items if solve(item.subject, item.question, item.options) != item.options[item.answer]]
    assert not wrong, exam_text(wrong[0])


def test_fact_items_agree_with_the_world(world, splits):
    """The right option is the fact's value; no wrong option is."""
    for item in splits["test"] + splits["train"]:
        if item.group != "rule":
            fact = fact_asked(world, item)
            assert fact.value == item.options[item.answer], item
            assert fact.relation in FACT_SUBJECTS[item.subject] and fact.group == item.group


def fact_asked(world, item):
    """The one fact whose question this is, found by its wording and the entity named in it."""
    found = [
        world.fact(i, relation)
        for i in item.entities
        for relation in FACT_SUBJECTS[item.subject]
        if RELATION[relation].kind == world.entity(i).kind
        and item.question.replace(world.entity(i).name, "{s}") in QUESTIONS[relation]
    ]
    (fact,) = found
    return fact


def test_options_are_four_different_values_of_one_type(world, splits):
    for item in splits["test"] + splits["train"]:
        assert len(set(item.options)) == 4
        kinds = {world.by_name(option).kind if world.by_name(option) else None for option in item.options}
        assert len(kinds) == 1
        assert len({bool(re.fullmatch(r"[\d,]+", option)) for option in item.options}) == 1


def test_subjects_and_groups(splits):
    counts = Counter(item.subject for item in splits["test"])
    assert set(counts) == set(SUBJECTS) and len(SUBJECTS) >= 12
    assert max(counts.values()) - min(counts.values()) <= 1
    assert {group_of(subject) for subject in SUBJECTS} == {"memorised", "inferable", "rule"}
    for relations in FACT_SUBJECTS.values():
        assert len({RELATION[relation].group for relation in relations}) == 1
    assert {relation for relations in FACT_SUBJECTS.values() for relation in relations} == set(RELATION)


def test_the_right_letter_is_balanced_overall_and_within_subjects(splits):
    places = Counter(item.answer for item in splits["test"])
    assert max(places.values()) - min(places.values()) <= len(SUBJECTS)
    for subject in SUBJECTS:
        within = Counter(item.answer for item in splits["test"] if item.subject == subject)
        assert max(within.values()) - min(within.values()) <= 1


def test_cheap_tricks_stay_at_chance(splits):
    """Longest option, middle number, commonest option: none beats a quarter by more than sampling error."""
    items = splits["test"] + splits["train"]
    facts = [item for item in items if item.group == "memorised"]
    longest = [max(range(4), key=lambda i: (len(item.options[i]), i)) == item.answer for item in facts]
    common = Counter(option for item in facts for option in item.options)
    commonest = [max(range(4), key=lambda i: (common[item.options[i]], i)) == item.answer for item in facts]
    sums = [item for item in items if item.subject in ("arithmetic", "sequences", "units")]
    second = [sorted(map(int, item.options))[1] == int(item.options[item.answer]) for item in sums]
    for hits in (longest, second):
        assert abs(sum(hits) / len(hits) - 0.25) < 4 * (0.25 * 0.75 / len(hits)) ** 0.5
    assert sum(commonest) / len(commonest) < 0.33


def test_splits_share_no_item_and_only_the_test_meets_held_out_entities(world, splits):
    keys = defaultdict(set)
    for split, items in splits.items():
        for item in items:
            keys[item.question, tuple(sorted(item.options))].add(split)
    assert all(len(found) == 1 for found in keys.values())
    held_out = {split: sum(any(world.entity(i).held_out for i in item.entities) for item in items)
                for split, items in splits.items()}  # fmt: skip
    assert held_out["train"] == held_out["shots"] == 0
    assert 0.3 < held_out["test"] / len(splits["test"]) < 0.6


def test_facts_asked_in_the_test_are_asked_nowhere_else(world, splits):
    asked = {split: {fact_asked(world, item).id for item in items if item.group != "rule"}
             for split, items in splits.items()}  # fmt: skip
    assert not asked["test"] & (asked["train"] | asked["shots"])
    assert not asked["train"] & asked["shots"]


def test_items_list_every_entity_they_mention(world, splits):
    for item in splits["test"][:300]:
        mentioned = {world.by_name(option).id for option in item.options if world.by_name(option)}
        assert mentioned <= set(item.entities)


def test_items_are_short_and_distinct(splits):
    for items in splits.values():
        assert max(len(exam_text(item)) for item in items) <= 230
        assert len({item.id for item in items}) == len(items)


def test_printed_item(splits):
    item = splits["train"][0]
    lines = exam_text(item).split("\n")
    assert lines[0] == item.question and len(lines) == 6
    assert [line[:3] for line in lines[1:5]] == [f"{letter}. " for letter in LETTERS]
    assert lines[5] == f"Answer: {LETTERS[item.answer]}"
    assert exam_text(item, answer=False).endswith("\nAnswer:")


def test_pages_hold_solved_train_items_only(world, splits):
    rng = random.Random(0)
    test_questions = {(item.question, tuple(sorted(item.options))) for item in splits["test"]}
    held_out = [entity.name for entity in world.entities if entity.held_out]
    for _ in range(60):
        page = exam_page(world, rng)
        words = set(re.findall(r"\w+", page))
        assert not [name for name in held_out if name.split()[-1] in words and name in page]
        items = [block for block in page.split("\n\n") if "\nAnswer: " in block]
        assert 3 <= len(items) <= 6
        for block in items:
            question, *options, answer = block.split("\n")
            assert (question, tuple(sorted(option[3:] for option in options))) not in test_questions
            assert re.fullmatch("Answer: [ABCD]", answer)


def test_wrong_numbers_are_positive_and_hide_the_right_one_anywhere():
    rng = random.Random(0)
    ranks = Counter()
    for _ in range(2000):
        numbers = [int(number) for number in progression(rng, 40, (1, 2, 10))]
        assert len({40, *numbers}) == 4 and min(numbers) > 0
        ranks[sorted([40, *numbers]).index(40)] += 1
    assert all(400 < ranks[i] < 600 for i in range(4))
    assert all(int(number) > 0 for number in progression(rng, 1, (10,)))


def test_bad_split_and_too_small_a_world_are_errors():
    small = build_world(WorldSettings(entities=240), seed=1)
    assert len(exam_items(small, 60, 0, "test")) == 60
    with pytest.raises(ValueError, match="split is 'dev'"):
        exam_items(small, 5, 0, "dev")
