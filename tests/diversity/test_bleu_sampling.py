"""Intervals against closed forms and simulation; the curve over sizes against its definition."""

import numpy as np
import pytest

from false_promise.claims.statistics import t_interval
from false_promise.diversity import mean_interval, nearest, size_curve
from false_promise.diversity.artificial import artificial_queries

pytestmark = pytest.mark.slow  # numba compiles the search first


def test_without_clusters_it_is_students_interval():
    scores = np.random.default_rng(1).gamma(2, 4, 300)
    expected = t_interval(scores)
    found = mean_interval(scores)
    assert (found.effect, found.lower, found.upper) == pytest.approx((expected.effect, expected.lower, expected.upper))


def test_equal_clusters_give_students_interval_of_their_means():
    scores = np.random.default_rng(2).gamma(2, 4, (30, 8)) + np.arange(30)[:, None]
    expected = t_interval(scores.mean(axis=1))
    found = mean_interval(scores.ravel(), np.repeat([f"task {n}" for n in range(30)], 8))
    assert (found.lower, found.upper) == pytest.approx((expected.lower, expected.upper))


def test_the_interval_covers_the_mean_of_clustered_scores():
    rng, covered = np.random.default_rng(3), 0
    for _ in range(400):
        sizes = rng.integers(1, 12, 40)
        scores = np.repeat(rng.normal(30, 10, 40), sizes) + rng.normal(0, 5, sizes.sum())
        found = mean_interval(scores, np.repeat(np.arange(40), sizes))
        covered += found.lower <= 30 <= found.upper
    assert 0.90 < covered / 400 < 0.98


def test_intervals_need_two_clusters_and_one_label_each():
    with pytest.raises(ValueError, match="3 scores in 1 clusters; an interval needs at least two"):
        mean_interval([1.0, 2.0, 3.0], ["a"] * 3)
    with pytest.raises(ValueError, match="2 scores but 1 clusters"):
        mean_interval([1.0, 2.0], ["a"])
    with pytest.raises(ValueError, match="0 scores in 0 clusters"):
        mean_interval([])


def test_the_mean_rises_with_the_number_of_queries():
    points = size_curve(artificial_queries(1_000), [50, 200, 1_000], seed=0)
    means = [point.interval.effect for point in points]
    assert means[0] < means[1] < means[2]
    assert [point.draws for point in points] == [20, 5, 1] and np.isnan(points[-1].spread)
    assert all(point.spread > 0 for point in points[:2])


def test_the_whole_set_is_its_own_only_draw():
    queries = artificial_queries(300, seed=4)
    (point,) = size_curve(queries, [300], seed=9)
    assert point.interval.effect == pytest.approx(nearest(queries).score.mean())


def test_a_seed_fixes_the_subsets():
    queries = artificial_queries(500, seed=5)
    first, again, other = (size_curve(queries, [50], seed)[0].interval.effect for seed in (1, 1, 2))
    assert first == again != other


def test_impossible_sizes_are_named():
    with pytest.raises(ValueError, match=r"sizes \[1, 9\] of subsets; each must lie between 2 and .* 3"):
        size_curve(["a", "b", "c"], [1, 2, 9], seed=0)


def test_artificial_queries_are_like_real_ones():
    queries = artificial_queries(2_000)
    lengths = np.array([len(query.split()) for query in queries])
    assert queries == artificial_queries(2_000) and queries[:5] != artificial_queries(2_000, seed=1)[:5]
    assert lengths.mean() > 30 and np.median(lengths) < 25 and (lengths > 1_000).sum() >= 3
    assert 3 < nearest(queries).score.mean() < 15
