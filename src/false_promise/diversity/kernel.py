"""The compiled search: for each query the reference with the highest sentence BLEU, without scoring most pairs.

Write q for the query, t for a reference, mn for their clipped matches of order n: how many items of order n both have
(ngrams.py). Matches at different places begin with (n-1)-grams at different places, so m1 >= m2 >= m3 >= m4: zeros come
last. BLEU never falls when a match is added: its precision rises, from at most 1 / T if it was a smoothed zero, and the
zeros after it are never smoothed to less than before.

The lists of q's items are read from the least widespread item on. At any moment, with left[n] of q's items of order n
unread and seen[n] of the others found in t,

    mn <= min(seen[n] + left[n], tokens of the shorter text - n + 1, m(n-1)).        (1)

The right-hand sides put into BLEU give an upper bound. For a reference not met yet (seen = 0) it depends on its length
alone. Beyond `turn`, the length of q but at least 4, it falls with the length: the right-hand sides and the number of
orders stay, while the brevity penalty grows (q is the hypothesis) or the denominators do (q is the reference). Lengths
up to `turn` are tried one by one, never twice, because bounds only fall and the best score only rises.

* If no length has a bound that reaches the best score so far, reading stops: no unmet reference can win.
* References of lengths that cannot win unmet are decided as soon as that is known, and left out of all further lists.
* The references met are scored in order of their bounds, until a bound is too low.

Scores that differ by at most TIE count as equal; of equal ones the lowest index wins. All compiled code that enters a
score is in this file, because numba recompiles a cached function only when its own file changes.
"""

import math

import numpy as np
from numba import njit

from false_promise.diversity.bits import count_ones

TIE = 1e-9  # on the scale 0 to 100: the agreement with sacrebleu that is guaranteed
SLACK = 1e-12  # of a logarithm: far above its rounding error, far below TIE
TINY = 1e-15  # a score of no account, even as one that ties with TIE
BITS, MOST = 15, (1 << 15) - 1  # of each of the four counters of `seen`, packed into one integer
DECIDED = -(1 << 63)  # the sign: makes the counters of a scored reference negative
ZERO, ONE = np.int64(0), np.int64(1)  # numba compiles a function once more for each plain 0 or 1 passed to it
# Both decide the speed, not the result: where, relative to q's length, a good reference is looked for early; and how
# long a list must be for the range of lengths to be revised even without a better score.
NEAR, PATIENCE = (0.6, 1.15), 128


@njit(cache=True, nogil=True, inline="always")
def log_bleu(query, length, m1, m2, m3, m4, rule):
    """Logarithm of the BLEU score (0 to 100) of a query with a text of `length` tokens; -inf for no match."""
    hypothesis, reference = (length, query) if rule.swapped else (query, length)
    if m1 <= 0 or hypothesis <= 0:
        return -np.inf
    order = min(4, hypothesis) if rule.cut_order else 4
    matched = (m1 > 0) + (m2 > 0) + (m3 > 0) + (m4 > 0) if rule.zeros_apart else 4
    total = rule.logs[0, m1] - rule.logs[2, hypothesis]
    for n, matches in ((1, m2), (2, m3), (3, m4)):
        if order > n and matched > n:
            total += rule.logs[1, matches]
    zeros = order - matched
    if zeros > 0:
        total += zeros * rule.log_zero + zeros * (zeros + 1) / 2 * rule.log_next_zero
    total = total / order + math.log(100.0)
    return total + 1.0 - reference / hypothesis if hypothesis < reference else total


@njit(cache=True, nogil=True, inline="always")
def _bound(query, length, m1, seen, left, rule):
    """Bound (1) for a reference of `length` tokens, from a bound on m1 and from seen and left for the other orders."""
    shorter = min(query, length)
    m1 = min(m1, shorter)
    m2 = max(min(((seen >> BITS) & MOST) + left[1], m1, shorter - 1), 0)
    m3 = max(min(((seen >> 2 * BITS) & MOST) + left[2], m2, shorter - 2), 0)
    m4 = max(min((seen >> 3 * BITS) + left[3], m3, shorter - 3), 0)
    return log_bleu(query, length, m1, m2, m3, m4, rule)


@njit(cache=True, nogil=True)
def _limit(best):
    """A bound below this logarithm can neither beat nor tie the best score."""
    return math.log(max(best[0] - TIE, TINY)) - SLACK


@njit(cache=True, nogil=True, inline="always")
def _matches(t, order, index, work):
    """mn of reference t: what it has of the read items, and of the unread ones."""
    count = (work.seen[t] >> (order * BITS)) & MOST
    for j in range(index.bounds[t, order], index.bounds[t, order + 1]):
        if index.items[j] >= work.unread[order]:
            break
        count += work.marked[index.items[j]]
    return count


@njit(cache=True, nogil=True, inline="always")
def _score(t, query, problem, work):
    """Scores reference t exactly, or just its unigrams if they rule it out, and keeps it if it is the best."""
    work.scored[0] += 1
    length, index = problem.index.lengths[t], problem.index
    m1 = _matches(t, 0, index, work)
    if _bound(query, length, m1, work.seen[t], work.left, problem.rule) < _limit(work.best):
        return
    m2, m3, m4 = _matches(t, 1, index, work), _matches(t, 2, index, work), _matches(t, 3, index, work)
    value = math.exp(log_bleu(query, length, m1, m2, m3, m4, problem.rule))
    if value > work.best[0] + TIE or (value >= work.best[0] - TIE and not 0 <= work.place[0] < problem.first[t]):
        work.place[0] = problem.first[t]
    work.best[0] = max(work.best[0], value)


@njit(cache=True, nogil=True, inline="always")
def _reach(t, query, common, problem, work):
    """Bound on the score of a met reference: of the unread items, those `common` ones that t lacks do not count."""
    m1 = (work.seen[t] & MOST) + work.left[0] - count_ones(common & ~problem.index.common[t])
    return _bound(query, problem.index.lengths[t], m1, work.seen[t], work.left, problem.rule)


@njit(cache=True, nogil=True, inline="always")
def _shortest(low, turn, limit, query, left, rule):
    """The least length from `low` to `turn` with which an unmet reference can win; turn + 1 if there is none."""
    while low <= turn and _bound(query, low, left[0], 0, left, rule) < limit:
        low += 1
    return low


@njit(cache=True, nogil=True)
def _range(low, turn, scope, query, problem, work):
    """The part of `scope` whose lengths can win unmet; beyond `turn` bounds fall, so the last length is bisected."""
    lengths = problem.index.lengths[: problem.index.references]
    limit, high = _limit(work.best), max(turn, lengths[-1])
    while turn < high:
        middle = (turn + high + 1) // 2
        reaches = _bound(query, middle, work.left[0], 0, work.left, problem.rule) >= limit
        turn, high = (middle, high) if reaches else (turn, middle - 1)
    return max(np.searchsorted(lengths, low), scope[0]), min(np.searchsorted(lengths, high, "right"), scope[1])


@njit(cache=True, nogil=True, inline="always")
def _rarest(q, index, left):
    """Order of the query's least widespread unread item and how many references have it; -1 if all are read."""
    order, spread = -1, index.references + 1
    for n in range(4):
        if left[n] > 0:
            item = index.items[index.bounds[q, n] + left[n] - 1]
            if index.starts[item + 1] - index.starts[item] <= spread:
                order, spread = n, index.starts[item + 1] - index.starts[item]
    return order, spread


@njit(cache=True, nogil=True)
def _read(q, order, scope, near, met, lead, index, work):
    """Reads the list of q's next item of that order, within `scope`. Returns how many references are met now, the
    highest counters in the range `near`, and the reference that just reached them (-1: none did)."""
    work.left[order] -= 1
    item = index.items[index.bounds[q, order] + work.left[order]]
    work.unread[order] = item
    texts = index.texts[index.starts[item] : index.starts[item + 1]]
    leader = -1
    for t in texts[np.searchsorted(texts, scope[0]) : np.searchsorted(texts, scope[1])]:
        if work.seen[t] == 0:
            work.met[met] = t
            met += 1
        work.seen[t] += 1 << (BITS * order)
        if work.seen[t] > lead and near[0] <= t < near[1] and t != q:
            lead, leader = work.seen[t], t
    return met, lead, leader


@njit(cache=True, nogil=True)
def _score_queue(n, query, problem, work):
    """Scores the first n references of the queue, highest bound first, until a bound is too low."""
    for i in np.argsort(-work.upper[:n]):
        if work.upper[i] < _limit(work.best):
            break
        _score(work.queue[i], query, problem, work)
        work.seen[work.queue[i]] |= DECIDED


@njit(cache=True, nogil=True)
def _decide(q, query, met, old, new, problem, work):
    """Decides the references met that are in the old range and not in the new one."""
    n, limit, common = ZERO, _limit(work.best), problem.index.common[q]
    if work.unread[0] < 64:
        common &= (np.uint64(1) << np.uint64(work.unread[0])) - np.uint64(1)
    for t in work.met[:met]:
        if old[0] <= t < old[1] and not new[0] <= t < new[1] and t != q and work.seen[t] >= 0:
            bound = _reach(t, query, common, problem, work)
            if bound >= limit:
                work.queue[n], work.upper[n] = t, bound
                n += 1
    _score_queue(n, query, problem, work)


@njit(cache=True, nogil=True)
def _collect(q, query, problem, work):
    """Reads lists until no unmet reference can win. Returns how many are met, and the range still to be decided."""
    index, lengths = problem.index, problem.index.lengths[: problem.index.references]
    near = (np.searchsorted(lengths, query * NEAR[0]), np.searchsorted(lengths, query * NEAR[1] + 1))
    scope, low, turn = (ZERO, index.references), 1, max(query, 4)
    met, lead, patience, scored = ZERO, ZERO, PATIENCE, True
    while True:
        low = _shortest(low, turn, _limit(work.best), query, work.left, problem.rule)
        order, spread = _rarest(q, index, work.left)
        if low > turn or order < 0:
            return met, scope
        if scored or spread > patience:
            new = _range(low, turn, scope, query, problem, work)
            _decide(q, query, met, scope, new, problem, work)
            scope, patience = new, 2 * max(patience, spread)
        met, lead, leader = _read(q, order, scope, near, met, lead, index, work)
        before = work.best[0]
        if leader >= 0:
            work.queue[0], work.upper[0] = leader, np.inf
            _score_queue(ONE, query, problem, work)
        scored = work.best[0] > before + TIE


@njit(cache=True, nogil=True)
def search(queries, floor, problem, work, score, place):
    """Writes the best reference's score and original index of each text number q in `queries` to [q]; where no score
    reaches floor[q], the floor and -1."""
    index = problem.index
    for q in queries:
        items = index.items[index.bounds[q, 0] : index.bounds[q, 4]]
        work.marked[items] = 1
        for n in range(4):
            work.left[n], work.unread[n] = index.bounds[q, n + 1] - index.bounds[q, n], len(work.marked)
        work.best[0], work.place[0] = floor[q], -1
        query, scope = index.lengths[q], (ZERO, index.references)
        if query <= MOST:
            met, scope = _collect(q, query, problem, work)
        else:  # its counters might overflow: every reference is bounded from nothing read
            met = index.references
            for t in range(met):
                work.met[t] = t
        _decide(q, query, met, scope, (ZERO, ZERO), problem, work)
        work.seen[work.met[:met]] = 0
        work.marked[items] = 0
        score[q], place[q] = work.best[0], work.place[0]


@njit(cache=True, nogil=True)
def score_all(queries, problem, work, scores):
    """Writes the score of every reference t for each text number q in `queries` to scores[q - references, t]."""
    index = problem.index
    work.left[:], work.unread[:] = 0, len(work.marked)
    for q in queries:
        items = index.items[index.bounds[q, 0] : index.bounds[q, 4]]
        work.marked[items] = 1
        for t in range(index.references):
            m1, m2 = _matches(t, 0, index, work), _matches(t, 1, index, work)
            m3, m4 = _matches(t, 2, index, work), _matches(t, 3, index, work)
            value = log_bleu(index.lengths[q], index.lengths[t], m1, m2, m3, m4, problem.rule)
            scores[q - index.references, t] = math.exp(value)
        work.marked[items] = 0
