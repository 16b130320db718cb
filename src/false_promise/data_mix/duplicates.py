"""Dialogues that begin with a query asked before ("deduplication on the query level", section 3).

    repeated(queries, groups)        # None for the first of its kind, otherwise the place of the one it repeats
    nearly_repeated(queries, groups)

The paper does not say what counts as the same query. Here: equal after lower-casing and dropping punctuation; or, for
near-duplicates, at least NEAR of the pairs of neighbouring words in common (Jaccard). MinHash only proposes
candidates, each is then compared exactly. Queries of one group (answers to one HC3 question) never count as repeated.
"""

import re
import unicodedata
from collections.abc import Sequence

from datasketch import MinHash, MinHashLSH
from tqdm import tqdm

NEAR = 0.8  # ours; one word added to a query of five stays above it, one word changed in a short query falls below
PROPOSED = 0.6  # candidates are proposed from here on, so that MinHash's error costs few pairs above NEAR
PERMUTATIONS, SEED = 128, 0
MOST_WORDS = 2_000  # of a query that are compared


def normal(text: str) -> str:
    """Case, punctuation and white space removed; the stripped text itself where nothing else is left."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(words[:MOST_WORDS]) or text.strip()[:MOST_WORDS]


def repeated(queries: Sequence[str], groups: Sequence[int]) -> list[int | None]:
    """For each query the place of the first one, from another group, that is equal to it after `normal`."""
    first: dict[str, int] = {}
    found = []
    for place, query in enumerate(queries):
        earlier = first.setdefault(normal(query), place)
        found.append(earlier if groups[earlier] != groups[place] else None)
    return found


def nearly_repeated(queries: Sequence[str], groups: Sequence[int], near: float = NEAR) -> list[int | None]:
    """For each query the place of the most similar earlier one of another group, if at least `near`; None otherwise.

    Queries found to repeat another one are not compared with later ones, so what stays is a set of which no two are
    near-duplicates (as far as MinHash proposes them).
    """
    index, pairs = MinHashLSH(threshold=PROPOSED, num_perm=PERMUTATIONS), [word_pairs(query) for query in queries]
    found: list[int | None] = []
    for place, own in enumerate(tqdm(pairs, desc="near-duplicate queries", unit="query", disable=None)):
        sketch = MinHash(num_perm=PERMUTATIONS, seed=SEED)
        sketch.update_batch([pair.encode() for pair in sorted(own)])
        others = [one for one in index.query(sketch) if groups[one] != groups[place]]
        best = max(others, key=lambda one: (jaccard(own, pairs[one]), -one), default=None)
        found.append(best if best is not None and jaccard(own, pairs[best]) >= near else None)
        if found[-1] is None:
            index.insert(place, sketch)
    return found


def word_pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring words after `normal`; the whole text if it has one word."""
    words = normal(text).split()
    return frozenset(map(" ".join, zip(words, words[1:], strict=False))) or frozenset([" ".join(words)])


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Common elements over all elements; 0 to 1."""
    return len(one & other) / len(one | other)
