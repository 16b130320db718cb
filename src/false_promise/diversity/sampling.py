"""How sure a mean nearest BLEU is, and how it depends on the number of queries.

The mean is a property of a set, not of a kind of query: every added query may become somebody's nearest, so the mean
rises as a set grows denser. Means are comparable only at equal numbers of queries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from false_promise.claims.statistics import Interval
from false_promise.diversity.search import nearest
from false_promise.diversity.tokens import check_texts
from false_promise.diversity.variants import DEFAULT, Variant


def mean_interval(scores: Sequence[float], clusters: Iterable | None = None, confidence: float = 0.95) -> Interval:
    """Mean of `scores` with Student's interval over clusters (tasks, dialogues); without them, each query is one.

    Queries of a cluster resemble each other, so counting them as independent would make the interval too narrow. The
    standard error is that of a ratio estimator (sum of scores over number of queries) between clusters. It takes
    the other queries as given; how far the mean moves with a new draw of all queries is `SizePoint.spread`.

    Raises:
        ValueError: fewer than two clusters, or not one cluster for each score.
    """
    scores = np.asarray(scores, float)
    labels = list(range(len(scores))) if clusters is None else list(clusters)
    if len(labels) != len(scores):
        raise ValueError(f"{len(scores)} scores but {len(labels)} clusters; give one cluster for each score")
    _, codes = np.unique(labels, return_inverse=True)
    count = codes.max(initial=-1) + 1
    if count < 2:
        raise ValueError(f"{len(scores)} scores in {count} clusters; an interval needs at least two clusters")
    mean = scores.mean()
    deviations = np.bincount(codes, scores - mean)
    error = np.sqrt(count / (count - 1) * (deviations**2).sum()) / len(scores)
    half = special.stdtrit(count - 1, 0.5 + confidence / 2) * error
    return Interval(float(mean), float(mean - half), float(mean + half), confidence)


@dataclass(frozen=True)
class SizePoint:
    """Mean nearest BLEU of sets of `size` queries, over `draws` disjoint random subsets."""

    size: int
    draws: int
    interval: Interval
    spread: float  # standard deviation of the mean between subsets; NaN for a single one


def size_curve(
    queries: Iterable[str],
    sizes: Sequence[int],
    seed: int,
    clusters: Sequence | None = None,
    draws: int = 20,
    variant: Variant = DEFAULT,
    query_as: str = "hypothesis",
) -> list[SizePoint]:
    """Mean nearest BLEU in random subsets of each size: at most `draws`, disjoint, and as many as the queries allow.

    Raises:
        ValueError: a size below 2 or above the number of queries.
    """
    texts = check_texts(queries, "queries", at_least=2)
    wrong = [size for size in sizes if not 2 <= size <= len(texts)]
    if wrong:
        raise ValueError(f"sizes {wrong} of subsets; each must lie between 2 and the number of queries, {len(texts)}")
    labels = np.arange(len(texts)) if clusters is None else np.asarray(clusters)
    return [_size_point(texts, labels, size, seed, draws, variant, query_as) for size in sizes]


def _size_point(
    texts: list[str], labels: np.ndarray, size: int, seed: int, draws: int, variant: Variant, query_as: str
) -> SizePoint:
    draws = min(draws, len(texts) // size)
    chosen = np.random.default_rng([seed, size]).permutation(len(texts))[: draws * size].reshape(draws, size)
    scores = np.array([nearest([texts[i] for i in subset], None, variant, query_as).score for subset in chosen])
    spread = float(scores.mean(axis=1).std(ddof=1)) if draws > 1 else float("nan")
    return SizePoint(size, draws, mean_interval(scores.ravel(), labels[chosen].ravel()), spread)
