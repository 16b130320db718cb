"""What the compiled search (kernel.py) is given, and the memory that it works in."""

from typing import NamedTuple

import numpy as np

from false_promise.diversity.ngrams import Index
from false_promise.diversity.variants import Rule


class Problem(NamedTuple):
    index: Index
    first: np.ndarray  # (references,) the original index that each stands for
    rule: Rule


class Workspace(NamedTuple):
    """Scratch memory of one thread. Its size depends on the numbers of texts and of items, never on that of pairs."""

    seen: np.ndarray  # (references,) read items that each has, one counter per order
    met: np.ndarray  # (references,) those with a counter above zero, in order of meeting
    queue: np.ndarray  # (references,) those to be scored next
    upper: np.ndarray  # (references,) their bounds
    marked: np.ndarray  # (items,) 1 for the query's items
    left: np.ndarray  # (4,) unread items of the query, by order
    unread: np.ndarray  # (4,) the query's items of an order are unread if they are below this one
    best: np.ndarray  # (1,) highest score so far
    place: np.ndarray  # (1,) its original index, -1 for none
    scored: np.ndarray  # (1,) pairs scored so far, over all queries


def workspace(references: int, items: int) -> Workspace:
    zeros, empty = np.zeros, np.empty
    return Workspace(
        zeros(references, np.int64), empty(references, np.int32), empty(references, np.int32), empty(references),
        zeros(items, np.uint8),
        zeros(4, np.int64), zeros(4, np.int64), zeros(1), zeros(1, np.int64), zeros(1, np.int64),
    )  # fmt: skip
