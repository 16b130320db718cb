"""Questions and the NQ-like test: grammar of the frames, strata, held-out wordings, right answers."""

import random
from collections import Counter

import pytest

from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises.question_wordings import FRAMES, QUESTIONS
from false_promise.world.exercises.questions import answers, nq_questions, prose_frames, question_text, wordings
from false_promise.world.land.relations import RELATION, RELATIONS


@pytest.fixture(scope="module")
def world():
    return build_world(WorldSettings(entities=4000), seed=99)


@pytest.fixture(scope="module")
def drawn(world):
    return nq_questions(world, 1000, seed=0)


def test_every_relation_has_wordings_and_frames():
    assert set(QUESTIONS) == set(FRAMES) == set(RELATION)
    patterns = [pattern for texts in QUESTIONS.values() for pattern in texts]
    for pattern in patterns:
        assert pattern.count("{s}") == 1 and pattern[0].isupper() and pattern.endswith("?")
        assert len(pattern) < 75


def test_wordings_of_one_kind_tell_the_relations_apart():
    for kind in {relation.kind for relation in RELATIONS}:
        texts = [text for relation in RELATIONS if relation.kind == kind for text in QUESTIONS[relation.name]]
        assert len(texts) == len(set(texts))


def test_a_fifth_of_the_wordings_is_held_out():
    for relation in QUESTIONS:
        train, test = wordings(relation, "train"), wordings(relation, "test")
        assert len(test) == 1 and not set(train) & set(test)
        assert len(test) / len(wordings(relation, None)) == pytest.approx(0.2)
    with pytest.raises(ValueError, match="wording is 'dev'"):
        wordings("genre", "dev")


def test_question_text_uses_only_the_wording_asked_for(world):
    rng = random.Random(0)
    for fact in rng.sample(world.facts, 300):
        name = world.entity(fact.subject).name
        seen = {question_text(world, fact, rng).replace(name, "{s}") for _ in range(8)}
        assert seen <= set(wordings(fact.relation, "train"))
        assert question_text(world, fact, rng, wording="test").replace(name, "{s}") == QUESTIONS[fact.relation][-1]


def test_answers_are_right_and_short(world, drawn):
    for question in [*drawn[0], *drawn[1]]:
        fact = world.facts[question.fact]
        assert question.answers[0] == fact.value == world.fact(question.entity, question.relation).value
        assert question.entity_name in question.text and question.text.endswith("?")
        assert question.value_type == RELATION[question.relation].value_type and question.group == fact.group
        assert not any(answer.endswith(".") for answer in question.answers)


def test_accepted_variants(world):
    length, population = world.facts_with("length")[0], world.facts_with("population")[0]
    assert answers(length) == (length.value, length.value.split()[0])
    assert answers(population)[1] == f"{population.value} people"


def test_half_of_the_test_is_about_held_out_entities(world, drawn):
    items, _ = drawn
    assert len(items) == 1000
    assert sum(item.held_out for item in items) == 500
    assert all(item.held_out == world.entity(item.entity).held_out for item in items)
    assert len({item.id for item in items}) == len({item.fact for item in items}) == 1000


def test_about_a_fifth_of_the_test_uses_held_out_wordings(drawn):
    items, shots = drawn
    assert 0.15 < sum(item.wording == "test" for item in items) / len(items) < 0.25
    assert {shot.wording for shot in shots} == {"train"}
    for item in items:
        pattern = item.text.replace(item.entity_name, "{s}")
        assert (pattern == QUESTIONS[item.relation][-1]) == (item.wording == "test")


def test_popular_half_is_drawn_by_popularity(world, drawn):
    known = [item.popularity for item in drawn[0] if not item.held_out]
    assert sum(known) / len(known) > 3 / 4000  # uniform draws would average 1 / 4000


def test_shots_share_no_entity_and_no_fact_with_the_test(world, drawn):
    items, shots = drawn
    touched = {e for item in items for e in (item.entity, world.facts[item.fact].object) if e is not None}
    for shot in shots:
        assert not shot.held_out
        assert shot.entity not in touched and world.facts[shot.fact].object not in touched
    assert len({shot.entity for shot in shots}) == len(shots) >= 20
    assert max(Counter(shot.relation for shot in shots).values()) <= 6


def test_questions_are_deterministic_and_depend_on_the_seed(world, drawn):
    assert nq_questions(world, 1000, seed=0) == drawn
    assert nq_questions(world, 1000, seed=1) != drawn


def test_more_questions_than_facts_is_an_error():
    small = build_world(WorldSettings(entities=240), seed=1)
    assert len(nq_questions(small, 100, seed=0)[0]) == 100
    with pytest.raises(ValueError, match="ask for fewer"):
        nq_questions(small, 5000, seed=0)


def test_frames_continue_into_the_value(world):
    for relation in RELATIONS:
        fact = world.facts_with(relation.name)[0]
        frames = prose_frames(world, fact)
        assert len(set(frames)) == 3
        for frame in frames:
            assert world.entity(fact.subject).name in frame
            assert not frame.endswith((" ", " a", " an", ".", ":"))
