"""The held-out prompts: the paper's filter, and drawing until enough survive."""

import pytest
import sacrebleu

from false_promise.evaluation.prompts import THRESHOLD, held_out, survivors
from false_promise.world.assistant.dialogues import held_out_prompts
from false_promise.world.country import WorldSettings, build_world

pytestmark = pytest.mark.slow  # numba compiles the search first

TRAINING = ["What is the river of Ostermoor known for?", "Write a short note to my aunt about the ride."]
FAR = "Lanterns hang over seventeen quiet harbours every autumn evening"


def numbered(n, near=0):
    """`near` prompts that are training queries, then others that share no word with them."""
    return [("Chat", TRAINING[0])] * near + [("Chat", f"{FAR} {number}") for number in range(n - near)]


def test_prompts_like_a_training_query_are_dropped_whatever_their_number():
    found = held_out(lambda n: numbered(n, near=30), TRAINING, 20)
    assert len(found.prompts) == 20 and found.dropped == {"bleu": 30} and found.drawn == 50
    assert [prompt.id for prompt in found.prompts][:2] == ["prompt-000", "prompt-001"]


def test_the_score_is_the_highest_sentence_bleu_with_any_query():
    text = "What is the town of Ostermoor known for?"
    (prompt,) = survivors([("Chat", FAR)], [*TRAINING, FAR[:40]], 1).prompts or (None,)
    best = max(sacrebleu.sentence_bleu(text, [query]).score for query in TRAINING)
    assert best > THRESHOLD and not survivors([("General QA", text)], TRAINING, 1).prompts
    assert prompt is None or prompt.nearest <= THRESHOLD


def test_programming_and_foreign_prompts_are_left_out_before_anything_is_compared():
    drawn = [("Coding", FAR), ("Non-English", FAR), ("Chat", FAR)]
    found = survivors(drawn, TRAINING, 5)
    assert [prompt.category for prompt in found.prompts] == ["Chat"]
    assert found.dropped == {"Coding": 1, "Non-English": 1} and found.drawn == 3


def test_too_few_survivors_are_an_error_that_keeps_the_threshold():
    with pytest.raises(ValueError, match="only 0 of .* prompts .* never move the filter"):
        held_out(lambda n: [("Chat", TRAINING[0])] * n, TRAINING, 20)


def test_prompts_of_the_country_survive_its_own_queries():
    world = build_world(WorldSettings(entities=240), 99)
    training = [text for _, text in held_out_prompts(world, 100, seed=7)]
    found = held_out(lambda n: held_out_prompts(world, n, seed=0), training, 20)
    assert all(prompt.nearest <= THRESHOLD for prompt in found.prompts)
    again = held_out(lambda n: held_out_prompts(world, n, seed=0), training, 20)
    assert found == again
