"""n-grams as numbers, and an inverted index over them. Exact: n-grams are sorted and compared, never hashed.

BLEU clips: an n-gram that one text has 3 times and the other 2 times counts twice. The index therefore holds
*n-gram occurrences*: the first "of the" of a text, the second "of the", and so on, are different items. Then every item
occurs at most once in a text, and the clipped matches of order n are the size of an intersection of two sets.

An (n+1)-gram is numbered as the pair of its first and its last n-gram. Only n-grams that can match are carried on:
those in at least two texts (within one set), or in both sets.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from false_promise.diversity.tokens import TokenLists
from false_promise.diversity.variants import MAX_ORDER

MAX_TOKENS = 2**31 - 2


class Index(NamedTuple):
    """Texts as sets of items, and for each item the reference texts that have it.

    Texts 0..references-1 are the references, shortest first; in a search between two sets the queries follow them.
    Items of order 1 come first, then orders 2, 3 and 4; within an order, the most widespread first.
    """

    lengths: np.ndarray  # (texts,) in tokens
    items: np.ndarray  # items of all texts, ascending within each text
    bounds: np.ndarray  # (texts, 5): items of order n of text i are items[bounds[i, n - 1]:bounds[i, n]]
    texts: np.ndarray  # references of all items, ascending within each item
    starts: np.ndarray  # (items + 1,): references of item e are texts[starts[e]:starts[e + 1]]
    common: np.ndarray  # (texts,) uint64: bit b says whether the text has item b, for the first 64 items of order 1
    references: int


def build_index(lists: TokenLists, references: int) -> Index:
    """Index of `lists`, of which the first `references` are references, and the rest, if there are any, queries."""
    size = len(lists.tokens)
    if size > MAX_TOKENS:
        raise ValueError(f"{size:,} tokens in all; at most {MAX_TOKENS:,} can be indexed at once, so split the texts")
    text = np.repeat(np.arange(len(lists), dtype=np.int32), lists.lengths)
    grams, positions = lists.tokens, np.arange(size, dtype=np.int32)
    item_of = np.empty((MAX_ORDER, size), np.int32)
    number = 0
    for order in range(MAX_ORDER):
        if order:
            positions = _extendable(grams, text)
        grams, by_gram = _number_grams(grams, positions, order > 0)
        item_of[order], spread = _number_items(grams, by_gram, text, references, len(lists) > references)
        number = _renumber(item_of[order], spread, number)
    items, bounds = _items_of_texts(item_of, text, len(lists))
    texts, starts = _texts_of_items(items, bounds, references, number)
    return Index(lists.lengths, items, bounds, texts, starts, _common_items(items, bounds), references)


def _renumber(items: np.ndarray, spread: np.ndarray, number: int) -> int:
    """Renumbers items in place from `number` on, the most widespread first, without those of spread 0."""
    order = np.argsort(-spread, kind="stable")[: np.count_nonzero(spread)]
    new = np.full(len(spread) + 1, -1, np.int32)  # the last entry stays -1: it is what item -1 maps to
    new[order] = np.arange(number, number + len(order))
    items[:] = new[items]
    return number + len(order)


@njit(cache=True, nogil=True)
def _extendable(grams, text):
    """Positions whose n-gram and the one that starts a token later, in the same text, can both match."""
    size = len(grams)
    chosen = np.empty(size, np.int32)
    n = 0
    for i in range(size - 1):
        if grams[i] >= 0 and grams[i + 1] >= 0 and text[i] == text[i + 1]:
            chosen[n] = i
            n += 1
    return chosen[:n]


@njit(cache=True, nogil=True)
def _sort_by(keys, offset, positions):
    """Stable counting sort of positions by keys[position + offset] (keys >= 0)."""
    top = 0
    for i in positions:
        top = max(top, keys[i + offset])
    starts = np.zeros(top + 2, np.int64)
    for i in positions:
        starts[keys[i + offset] + 1] += 1
    starts = np.cumsum(starts)
    sorted_positions = np.empty_like(positions)
    for i in positions:
        key = keys[i + offset]
        sorted_positions[starts[key]] = i
        starts[key] += 1
    return sorted_positions


@njit(cache=True, nogil=True)
def _number_grams(previous, positions, pairs):
    """Numbers the n-grams at `positions` from the (n-1)-grams `previous` (or tokens); -1 elsewhere.

    Also gives the positions sorted by that number, and within it in order of the texts.
    """
    by_gram = positions
    if pairs:
        by_gram = _sort_by(previous, 1, by_gram)
    by_gram = _sort_by(previous, 0, by_gram)
    grams = np.full(len(previous), -1, np.int32)
    number = -1
    for k in range(len(by_gram)):
        i, before = by_gram[k], by_gram[max(k - 1, 0)]
        if k == 0 or previous[i] != previous[before] or (pairs and previous[i + 1] != previous[before + 1]):
            number += 1
        grams[i] = number
    return grams, by_gram


@njit(cache=True, nogil=True)
def _number_items(grams, by_gram, text, references, two_sets):
    """Items by position (-1: no n-gram), and the number of references that have each, 0 where it can match nothing.

    The items of an n-gram are numbered in sequence, by how often it occurred before in the same text. Sets n-grams
    that can match nothing to -1 in `grams`.
    """
    item_of = np.full(len(grams), -1, np.int32)
    in_references, in_queries = np.zeros(len(by_gram), np.int32), np.zeros(len(by_gram), np.int32)
    first_item = np.empty(len(by_gram), np.int32)
    end = 0
    for k in range(len(by_gram)):
        i, before = by_gram[k], by_gram[max(k - 1, 0)]
        if k == 0 or grams[i] != grams[before]:
            first_item[grams[i]] = end
        again = k > 0 and grams[i] == grams[before] and text[i] == text[before]
        item_of[i] = item_of[before] + 1 if again else first_item[grams[i]]
        end = max(end, item_of[i] + 1)
        if text[i] < references:
            in_references[item_of[i]] += 1
        else:
            in_queries[item_of[i]] += 1
    for item in range(end):
        if in_references[item] < 2 and not two_sets or two_sets and in_queries[item] == 0:
            in_references[item] = 0
    for i in by_gram:
        if in_references[first_item[grams[i]]] == 0:
            grams[i] = -1
    return item_of, in_references[:end]


@njit(cache=True, nogil=True)
def _items_of_texts(item_of, text, n_texts):
    """Items of each text in ascending order, and where each order begins."""
    bounds = np.zeros((n_texts, len(item_of) + 1), np.int64)
    for order in range(len(item_of)):
        for i in range(len(text)):
            if item_of[order, i] >= 0:
                bounds[text[i], order + 1] += 1
    end = 0
    for t in range(n_texts):
        bounds[t, 0] = end
        for order in range(len(item_of)):
            end += bounds[t, order + 1]
            bounds[t, order + 1] = end
    items = np.empty(end, np.int32)
    for order in range(len(item_of)):
        fill = bounds[:, order].copy()
        for i in _sort_by(item_of[order], 0, np.flatnonzero(item_of[order] >= 0).astype(np.int32)):
            items[fill[text[i]]] = item_of[order, i]
            fill[text[i]] += 1
    return items, bounds


@njit(cache=True, nogil=True)
def _texts_of_items(items, bounds, references, n_items):
    """The reference texts of each item, ascending: the transpose of `items`."""
    starts = np.zeros(n_items + 1, np.int64)
    for j in range(bounds[references - 1, -1]):
        starts[items[j] + 1] += 1
    starts = np.cumsum(starts)
    texts = np.empty(starts[-1], np.int32)
    fill = starts[:-1].copy()
    for t in range(references):
        for j in range(bounds[t, 0], bounds[t, -1]):
            texts[fill[items[j]]] = t
            fill[items[j]] += 1
    return texts, starts


@njit(cache=True, nogil=True)
def _common_items(items, bounds):
    """For each text, which of the 64 most widespread items of order 1 it has, as bits."""
    common = np.zeros(len(bounds), np.uint64)
    for t in range(len(bounds)):
        for j in range(bounds[t, 0], bounds[t, 1]):
            if items[j] >= 64:
                break
            common[t] |= np.uint64(1) << np.uint64(items[j])
    return common
