"""One search, step by step, with the compiled functions of kernel.py: what the picture of the method shows."""

from dataclasses import dataclass

import numpy as np

from false_promise.diversity import kernel
from false_promise.diversity.ngrams import build_index
from false_promise.diversity.tokens import distinct, encode
from false_promise.diversity.variants import DEFAULT, Variant, rule
from false_promise.diversity.workspace import Problem, Workspace, workspace


@dataclass(frozen=True)
class Trace:
    """The lists of one query in reading order; those from `stop` on are not read.

    spreads  (lists,) texts that have the n-gram, the query's own included
    bounds   (stop + 1,) the most that a text not met yet can score, 0 to 100, before each list and at the end
    best     (stop + 1,) best score found by then
    """

    texts: int
    spreads: np.ndarray
    bounds: np.ndarray
    best: np.ndarray
    met: int
    scored: int

    @property
    def stop(self) -> int:
        return len(self.bounds) - 1


def trace(queries: list[str], q: int, variant: Variant = DEFAULT) -> Trace:
    """The search for the nearest other query of query q, as hypothesis, without the narrowing of lengths.

    Raises:
        ValueError: query q has a duplicate or is empty, so that there is nothing to show.
    """
    sets = distinct(encode(queries, {}, variant.lowercase))
    text = int(sets.group[q])
    size = int(sets.lists.lengths[text])
    if sets.second[text] >= 0 or not size:
        raise ValueError(f"query {q} is empty or occurs twice: its search ends before it begins; choose another")
    index = build_index(sets.lists, len(sets.lists))
    tables = rule(variant, int(index.lengths.max()))
    work = workspace(index.references, len(index.starts) - 1)
    return _follow(text, size, Problem(index, sets.first, tables), work)


def _follow(q: int, size: int, problem: Problem, work: Workspace) -> Trace:
    index, spreads, bounds, best = problem.index, [], [], []
    items = index.items[index.bounds[q, 0] : index.bounds[q, 4]]
    work.marked[items], work.unread[:], work.place[0] = 1, len(work.marked), -1
    work.left[:] = np.diff(index.bounds[q])
    met, lead, everything = 0, 0, (0, index.references)
    lengths = index.lengths[: index.references]
    near = (np.searchsorted(lengths, size * kernel.NEAR[0]), np.searchsorted(lengths, size * kernel.NEAR[1] + 1))
    while True:
        bounds.append(np.exp(kernel._bound(size, size, work.left[0], 0, work.left, problem.rule)))
        best.append(work.best[0])
        order, spread = kernel._rarest.py_func(q, index, work.left)
        if bounds[-1] < best[-1] or order < 0:
            break
        spreads.append(spread)
        met, lead, leader = kernel._read(q, order, everything, near, met, lead, index, work)
        if leader >= 0:
            work.queue[0], work.upper[0] = leader, np.inf
            kernel._score_queue(1, size, problem, work)
    kernel._decide(q, size, met, everything, (0, 0), problem, work)
    spreads += sorted(index.starts[item + 1] - index.starts[item] for item in _unread(q, index, work.left))
    return Trace(index.references, np.array(spreads), np.array(bounds), np.array(best), met, int(work.scored[0]))


def _unread(q: int, index, left: np.ndarray) -> list[int]:
    starts = index.bounds[q, :4]
    return [int(item) for start, n in zip(starts, left, strict=True) for item in index.items[start : start + n]]
