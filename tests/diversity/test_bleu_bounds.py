"""The two facts that make the search exact: matches never rise with the order, and bounds hold for every text."""

import random

import numpy as np
import pytest
from bleu_by_sacrebleu import VARIANTS, pair_statistics, repetitive_texts

from false_promise.diversity import kernel
from false_promise.diversity.ngrams import build_index
from false_promise.diversity.tokens import distinct, encode
from false_promise.diversity.variants import Variant, rule

pytestmark = pytest.mark.slow  # numba compiles the search first

SETS = distinct(encode(repetitive_texts(60, 11, longest=14) + ["b a b", "a b a"], {}))
INDEX = build_index(SETS.lists, len(SETS.lists))


def item_sets(text):
    """The items of a text by order, as sets."""
    bounds = INDEX.bounds[text]
    return [set(INDEX.items[a:b].tolist()) for a, b in zip(bounds, bounds[1:], strict=False)]


def test_shared_items_are_sacrebleus_clipped_matches():
    texts = repetitive_texts(25, 4)
    sets = distinct(encode(texts, {}))
    index = build_index(sets.lists, len(sets.lists))
    for i, row in enumerate(pair_statistics(texts, texts)):
        for j, counts in enumerate(row):
            if sets.group[i] == sets.group[j]:
                continue  # what only equal texts share is left out of the index
            one, other = index.bounds[sets.group[i]], index.bounds[sets.group[j]]
            for order in range(4):
                shared = np.intersect1d(
                    index.items[one[order] : one[order + 1]], index.items[other[order] : other[order + 1]]
                )
                assert len(shared) == counts[2 + order]


def test_lists_name_the_texts_of_each_item_most_widespread_first():
    for item, (start, stop) in enumerate(zip(INDEX.starts, INDEX.starts[1:], strict=False)):
        having = [text for text in range(len(SETS.lists)) if item in set().union(*item_sets(text))]
        assert INDEX.texts[start:stop].tolist() == having and len(having) > 1
    spread = np.diff(INDEX.starts)
    firsts = [min(set().union(*(item_sets(text)[order] for text in range(len(SETS.lists))))) for order in range(4)]
    ends = [*firsts[1:], len(spread)]
    assert all((np.diff(spread[a:b]) <= 0).all() for a, b in zip(firsts, ends, strict=True))


def test_matches_never_rise_with_the_order():
    texts = repetitive_texts(40, 12) + ["a b a", "b a b", "x y x y x", "y x y x y"]
    matches = np.array([[counts[2:6] for counts in row] for row in pair_statistics(texts, texts)])
    assert (np.diff(matches, axis=-1) <= 0).all()
    circle = pair_statistics(["a b a"], ["b a b"])[0][0]
    assert circle[2:4] == [2, 2]  # so one more unigram than bigrams would be too much to claim


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.signature)
def test_no_text_scores_above_its_bound(variant, swapped):
    """Whatever part of a query's items has been read, for texts met and for texts not met yet."""
    tables, rng = rule(variant, int(INDEX.lengths.max()), swapped), random.Random(5)
    for _ in range(150):
        query, text = rng.sample(range(len(SETS.lists)), 2)
        size, length = INDEX.lengths[query], INDEX.lengths[text]
        if size == 0:
            continue
        mine, other = item_sets(query), item_sets(text)
        score = kernel.log_bleu(size, length, *(len(a & b) for a, b in zip(mine, other, strict=True)), tables)
        for share in (0.0, 0.3, 0.8, 1.0):
            read = [{item for item in items if rng.random() < share} for items in mine]
            left = np.array([len(items) - len(done) for items, done in zip(mine, read, strict=True)])
            seen = [len(done & b) for done, b in zip(read, other, strict=True)]
            packed = sum(count << (kernel.BITS * order) for order, count in enumerate(seen))
            assert kernel._bound(size, length, seen[0] + left[0], packed, left, tables) >= score - 1e-12
            if not any(seen):
                turn = max(size, 4)
                highest = max(kernel._bound(size, n, left[0], 0, left, tables) for n in range(1, turn + 1))
                assert highest >= score - 1e-12


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.signature)
def test_bounds_fall_beyond_the_turn(variant, swapped):
    tables, rng = rule(variant, 80, swapped), random.Random(6)
    for _ in range(200):
        size = rng.randint(1, 30)
        left = np.array(sorted((rng.randint(0, size) for _ in range(4)), reverse=True))
        turn = max(size, 4)
        bounds = [kernel._bound(size, n, left[0], 0, left, tables) for n in range(turn, 80)]
        assert all(b <= a + 1e-12 for a, b in zip(bounds, bounds[1:], strict=False) if np.isfinite(a))


def test_two_sets_are_indexed_for_their_common_items_only():
    lists = encode(["a b c", "c d", "a b x", "x x"], {})  # two references, then two queries
    index = build_index(lists, 2)
    assert index.starts[-1] == len(index.texts) == 3 and index.references == 2  # a and b with their pair, not c, d, x
    assert sorted(index.texts.tolist()) == [0, 0, 0]


def test_too_many_tokens_are_refused(monkeypatch):
    monkeypatch.setattr("false_promise.diversity.ngrams.MAX_TOKENS", 3)
    with pytest.raises(ValueError, match="4 tokens in all; at most 3 can be indexed at once"):
        build_index(encode(["a b", "c d"], {}), 2)


def test_value_of_a_variant_defaults_to_sacrebleus():
    assert Variant("floor").smoothing_value == 0.1 and Variant("add-k").smoothing_value == 1
