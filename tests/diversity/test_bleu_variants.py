"""Scores of pairs against sacrebleu and NLTK: every variant, on 150 real queries and on repetitive texts."""

import numpy as np
import pytest
import sacrebleu
from bleu_by_sacrebleu import VARIANTS, nltk_scores, pair_statistics, real_queries, repetitive_texts, scores_from

from false_promise.diversity import NLTK_PLAIN, Variant, pair_scores

pytestmark = pytest.mark.slow  # numba compiles the search first

AGREE = 1e-9


@pytest.fixture(scope="module")
def queries():
    return real_queries(150, longest=300)


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.slow
def test_every_variant_agrees_with_sacrebleu_on_real_queries(queries, lowercase):
    statistics = pair_statistics(queries, queries, lowercase)
    for variant in (Variant(v.smoothing, None, v.effective_order, lowercase) for v in VARIANTS if v.value is None):
        expected = scores_from(statistics, variant)
        assert np.abs(pair_scores(queries, queries, variant) - expected).max() < AGREE, variant
        assert (expected > 1).any()  # real scores were compared, not zeros


@pytest.mark.slow
def test_plain_bleu_agrees_with_nltk_on_real_queries(queries):
    short = [query[:80] for query in queries]  # NLTK needs 0.2 ms a pair
    assert np.abs(pair_scores(short, short, NLTK_PLAIN) - nltk_scores(short, short)).max() < AGREE


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.slow
def test_every_variant_agrees_with_sacrebleu_on_repetitive_texts(seed):
    texts, others = repetitive_texts(40, seed), repetitive_texts(20, seed + 10)
    statistics = pair_statistics(texts, others)
    for variant in VARIANTS:
        assert np.abs(pair_scores(texts, others, variant) - scores_from(statistics, variant)).max() < AGREE, variant
    assert np.abs(pair_scores(texts, others, NLTK_PLAIN) - nltk_scores(texts, others)).max() < AGREE


def test_the_default_is_the_default_of_sentence_bleu():
    texts = repetitive_texts(12, 3)
    expected = [[sacrebleu.sentence_bleu(text, [other]).score for other in texts] for text in texts]
    assert np.abs(pair_scores(texts, texts) - expected).max() < AGREE


def test_the_order_of_hypothesis_and_reference_matters():
    scores = pair_scores(["a b c d", "a b c d e f"], ["a b c d", "a b c d e f"])
    assert scores[0, 1] == pytest.approx(100 * np.exp(1 - 6 / 4))  # all precisions are 1: only brevity counts
    assert scores[1, 0] == pytest.approx(sacrebleu.sentence_bleu("a b c d e f", ["a b c d"]).score)


def test_signatures_name_the_variant_as_sacrebleu_does():
    metric = sacrebleu.BLEU(smooth_method="add-k", lowercase=True, effective_order=False)
    metric.corpus_score(["a"], [["a"]])
    assert Variant("add-k", effective_order=False, lowercase=True).signature in str(metric.get_signature())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"smoothing": "laplace"}, "smoothing is 'laplace'; choose one of none, floor, add-k, exp"),
        ({"smoothing": "exp", "value": 0.5}, "takes none"),
        ({"smoothing": "floor", "value": 0.0}, r"must lie in \(0, 1\]"),
        ({"smoothing": "floor", "value": 2.0}, r"must lie in \(0, 1\]"),
        ({"smoothing": "add-k", "value": 0}, "must be positive"),
        ({"smoothing": "add-k", "value": float("nan")}, "must be positive"),
    ],
)
def test_impossible_variants_are_refused(options, told):
    with pytest.raises(ValueError, match=told):
        Variant(**options)
