"""Intervals for the study: shares, item bootstraps over entity clusters, t-intervals over base models.

Every random draw comes from an explicit seed. Shares and effects are fractions (0.02 = 2 points). The rules that say
which interval is printed when are registered in data/paper/claims.yaml (`error_bars`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special  # not scipy.stats, which takes a second to import


@dataclass(frozen=True)
class Interval:
    """An estimate with its two-sided interval, all in the unit of the estimate."""

    effect: float
    lower: float
    upper: float
    confidence: float = 0.95

    @property
    def half_width(self) -> float:
        return (self.upper - self.lower) / 2


@dataclass(frozen=True)
class Effect:
    """An effect within each base seed, and the same under every bootstrap draw.

    `per_seed` has shape (base seeds, 1 + draws); column 0 is the estimate on the items themselves. `base_seeds` may be
    smaller than the rows: texts and the teacher have no base seed (0).
    """

    per_seed: np.ndarray
    base_seeds: int
    items: int
    clusters: int
    note: str = ""

    @property
    def value(self) -> float:
        return float(self.per_seed[:, 0].mean())


def wilson_interval(successes: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval (1927) for a share; (0, 1) when nothing was counted.

    Raises:
        ValueError: successes outside 0..n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"successes must lie between 0 and n={n}, got {successes}")
    if n == 0:
        return 0.0, 1.0
    z = special.ndtri(0.5 + confidence / 2)
    share, shrink = successes / n, 1 + z**2 / n
    centre = (share + z**2 / (2 * n)) / shrink
    half = z / shrink * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def t_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Student's interval for the mean of `values` (one per base seed); infinite for a single value."""
    values = np.asarray(values, dtype=float)
    mean = float(values.mean())
    if len(values) < 2:
        return Interval(mean, -np.inf, np.inf, confidence)
    half = special.stdtrit(len(values) - 1, 0.5 + confidence / 2) * values.std(ddof=1) / np.sqrt(len(values))
    return Interval(mean, float(mean - half), float(mean + half), confidence)


@lru_cache(maxsize=2)  # most parts of a study draw from equally many entities; a thousand entities take 80 MB
def cluster_weights(clusters: int, draws: int, seed: int) -> np.ndarray:
    """How often each cluster is drawn: shape (1 + draws, clusters); row 0 is all ones (the sample itself).

    Drawn with replacement; the result is shared and read-only.
    """
    rng = np.random.default_rng(seed)
    weights = np.ones((1 + draws, clusters))
    for start in range(1, 1 + draws, 1000):  # in slices, so that memory stays near that of the result
        block = weights[start : start + 1000]
        drawn = rng.integers(clusters, size=block.shape) + clusters * np.arange(len(block))[:, None]
        block[:] = np.bincount(drawn.ravel(), minlength=block.size).reshape(block.shape)
    weights.flags.writeable = False
    return weights


def cluster_means(samples: Sequence[tuple[np.ndarray, np.ndarray]], weights: np.ndarray) -> np.ndarray:
    """Weighted item means, shape (samples, 1 + draws); NaN where a draw holds no item of the sample.

    Args:
        samples: pairs (item values, cluster number of each item), numbers in 0..clusters-1.
        weights: from `cluster_weights`; the same draw weighs all samples, which makes their differences paired.
    """
    clusters = weights.shape[1]
    sums = np.stack([np.bincount(code, value, clusters) for value, code in samples], axis=1)
    counts = np.stack([np.bincount(code, minlength=clusters) for _, code in samples], axis=1)
    with np.errstate(invalid="ignore"):
        return ((weights @ sums) / (weights @ counts.astype(float))).T


def percentile_interval(draws: np.ndarray, confidence: float, clusters: int) -> Interval:
    """Percentile interval of a bootstrap; `draws[0]` is the estimate itself.

    Where no draw differs from the estimate the interval would have no width, however few the clusters; it is widened to
    the zero-event bound 1 - (1 - confidence)^(1 / clusters) on both sides.
    """
    effect, resampled = float(draws[0]), draws[1:][~np.isnan(draws[1:])]
    if not len(resampled):
        return Interval(effect, -np.inf, np.inf, confidence)
    lower, upper = np.quantile(resampled, [0.5 - confidence / 2, 0.5 + confidence / 2])
    if np.ptp(resampled) < 1e-12:
        bound = 1 - (1 - confidence) ** (1 / clusters)
        return Interval(effect, effect - bound, effect + bound, confidence)
    return Interval(effect, float(lower), float(upper), confidence)


def bootstrap_difference(
    first: Sequence[float],
    second: Sequence[float],
    entities: Sequence[str],
    *,
    confidence: float = 0.95,
    draws: int = 10_000,
    seed: int = 0,
) -> Interval:
    """Paired entity-cluster bootstrap of mean(first) - mean(second).

    Args:
        first, second: correctness of two runs on the same items, in the same order.
        entities: the entity that each item asks about; all items of an entity are drawn together.

    Raises:
        ValueError: lengths differ or there is no item.
    """
    if not len(first) == len(second) == len(entities) or not len(first):
        raise ValueError(f"expected equally many items, got {len(first)}, {len(second)} and {len(entities)} entities")
    names, codes = np.unique(np.asarray(entities, dtype=str), return_inverse=True)
    difference = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    weights = cluster_weights(len(names), draws, seed)
    return percentile_interval(cluster_means([(difference, codes)], weights)[0], confidence, len(names))


def slope(x: Sequence[float], scores: np.ndarray) -> np.ndarray:
    """Least-squares slope of `scores` (first axis as long as x) on x; the other axes are kept.

    Raises:
        ValueError: fewer than two different x.
    """
    centred = np.asarray(x, dtype=float) - np.mean(x)
    if not np.any(centred):
        raise ValueError(f"a slope needs at least two different x, got {list(x)}")
    return np.tensordot(centred, np.asarray(scores, dtype=float), axes=1) / (centred @ centred)


def interval_of(effect: Effect, confidence: float, min_base_seeds: int) -> Interval:
    """The interval that is printed and decides: of items, or from `min_base_seeds` on the wider of items and seeds."""
    items = percentile_interval(effect.per_seed.mean(axis=0), confidence, effect.clusters)
    if effect.base_seeds < min_base_seeds:
        return items
    return max(items, t_interval(effect.per_seed[:, 0], confidence), key=lambda interval: interval.half_width)


def standard_error(effect: Effect, min_base_seeds: int) -> float:
    """Standard error that belongs to `interval_of`: of the item draws, or of the base seeds if that is larger."""
    items = float(np.nanstd(effect.per_seed.mean(axis=0)[1:])) if effect.per_seed.shape[1] > 1 else 0.0
    if effect.base_seeds < min_base_seeds:
        return items
    return max(items, float(effect.per_seed[:, 0].std(ddof=1) / np.sqrt(effect.base_seeds)))
