"""The search against brute force over all pairs: random token lists, both directions, one set and two."""

import random

import numpy as np
import pytest
from bleu_by_sacrebleu import VARIANTS, real_queries, repetitive_texts
from hypothesis import given, settings
from hypothesis import strategies as st

from false_promise.diversity import Variant, above, max_bleu, nearest, pair_scores

pytestmark = pytest.mark.slow  # numba compiles the search first

AGREE = 1e-9


def brute_force(scores, within):
    """Highest score of each row and the lowest column that has it; without the diagonal if `within`."""
    scores = scores.copy()
    if within:
        np.fill_diagonal(scores, -1)
    best = scores.max(axis=1)
    return best, (scores >= best[:, None] - AGREE).argmax(axis=1)


def check(found, scores, within):
    best, index = brute_force(scores, within)
    assert np.abs(found.score - best).max() < AGREE
    assert (found.index == index).all()
    assert 0 <= found.scored <= found.pairs


def check_everything(texts, others, variant, threshold):
    check(nearest(texts, variant=variant), pair_scores(texts, texts, variant), within=True)
    check(nearest(texts, variant=variant, query_as="reference"), pair_scores(texts, texts, variant).T, within=True)
    scores = pair_scores(texts, others, variant)
    check(nearest(texts, others, variant), scores, within=False)
    check(nearest(others, texts, variant, "reference"), scores.T, within=False)
    assert (above(threshold, texts, others, variant) == (scores > max(threshold, AGREE)).any(axis=1)).all()


def token_lists(words, longest, most):
    return st.lists(st.lists(st.sampled_from(words), max_size=longest).map(" ".join), min_size=2, max_size=most)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    token_lists(["a", "b"], 9, 12),
    token_lists(["a", "b"], 9, 5),
    st.sampled_from(VARIANTS),
    st.sampled_from([0.0, 50.0]),
)
def test_two_words_only(texts, others, variant, threshold):
    check_everything(texts, others, variant, threshold)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    token_lists(["a", "é", "猫", "🙂", "A", ","], 40, 12),
    token_lists(["a", "猫", "b"], 20, 5),
    st.sampled_from(VARIANTS),
)
def test_heavy_repetition_and_unicode(texts, others, variant):
    check_everything(texts, others, variant, 20.0)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.signature)
def test_hundreds_of_texts_with_copies_and_common_phrases(variant):
    rng = random.Random(7)
    phrases = [" ".join(rng.choices([f"w{n}" for n in range(40)], k=6)) for _ in range(12)]
    texts = [" ".join(rng.choices(phrases, k=rng.randint(0, 4))) for _ in range(150)] + repetitive_texts(60, 1)
    check_everything(texts, repetitive_texts(40, 2), variant, 20.0)


def test_one_token_and_two_thousand_tokens():
    rng = random.Random(3)
    words = [f"w{n}" for n in range(300)]
    texts = [" ".join(rng.choices(words, k=size)) for size in (1, 1, 1, 2, 3, 4, 5, 30, 200, 2000, 2000, 2100)]
    texts += [texts[9][:6000], "w1 " * 2000, "w1 " * 1990, "w1"]
    for variant in (Variant(), Variant("add-k"), Variant("none", effective_order=False)):
        check_everything(texts, texts[::-1], variant, 20.0)


def test_queries_too_long_for_the_packed_counters():
    rng = random.Random(4)
    huge = " ".join(rng.choices(["a", "b", "c", "d"], k=33_000))
    texts = [huge, huge[2:], "a b c d", "a b", huge[: len(huge) // 2], ""]
    check_everything(texts, texts[1:4], Variant(), 20.0)


def test_real_queries():
    texts = real_queries(200, longest=400)
    scores = pair_scores(texts, texts)
    check(nearest(texts), scores, within=True)
    check(nearest(texts, query_as="reference"), scores.T, within=True)


def test_exact_duplicates_are_each_others_neighbours():
    found = nearest(["x y z w v", "a b c d e", "a b c d e", "q", "a b c d e"])
    assert found.index.tolist()[1:3] == [2, 1] and found.index[4] == 1
    assert found.score.tolist() == [0.0, 100.0, 100.0, 0.0, 100.0]


def test_a_score_of_zero_names_the_first_other_text():
    found = nearest(["", "a", "b", ""])
    assert found.score.tolist() == [0.0] * 4 and found.index.tolist() == [1, 0, 0, 0]
    assert nearest(["a"], ["b", ""]).index.tolist() == [0]


def test_equal_scores_go_to_the_lowest_index():
    found = nearest(["a b c d e f", "a b x y z w", "a b p q r s", "a b x y z v"])
    scores = pair_scores(["a b c d e f"], ["a b x y z w", "a b p q r s", "a b x y z v"])
    assert np.ptp(scores) == 0 and found.index[0] == 1
    # 4 words and 1 pair against 2 words and 2 pairs: 4 * 1 = 2 * 2, equal but for rounding
    query, more_words, more_pairs = "a b c d e f g", "a b x d y f z", "a b x b a y z"
    for others in ([more_words, more_pairs], [more_pairs, more_words]):
        scores = pair_scores([query], others)[0]
        assert nearest([query], others).index[0] == (0 if abs(scores[0] - scores[1]) < AGREE else scores.argmax())


def test_the_result_does_not_depend_on_order_or_threads(monkeypatch):
    texts = list(dict.fromkeys(repetitive_texts(200, 5)))
    order = list(range(len(texts)))
    random.Random(1).shuffle(order)
    found, shuffled = nearest(texts), nearest([texts[i] for i in order])
    assert np.abs(shuffled.score - found.score[order]).max() < AGREE
    monkeypatch.setattr("numba.config.NUMBA_NUM_THREADS", 1)
    alone = nearest(texts)
    assert (alone.index == found.index).all() and (alone.score == found.score).all()


def test_max_bleu_is_the_best_score_over_the_others():
    texts, others = repetitive_texts(30, 8), repetitive_texts(20, 9)
    assert np.abs(max_bleu(texts, others) - pair_scores(texts, others).max(axis=1)).max() < AGREE


def test_above_is_strict():
    assert above(99.0, ["a b c d"], ["a b c d"]).tolist() == [True]
    score = max_bleu(["a b c d e"], ["a b c d x"])[0]
    assert above(score + 1e-6, ["a b c d e"], ["a b c d x"]).tolist() == [False]
    assert above(score - 1e-6, ["a b c d e"], ["a b c d x"]).tolist() == [True]
