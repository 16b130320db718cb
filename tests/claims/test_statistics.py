"""Intervals against closed forms, scipy and brute force."""

import numpy as np
import pytest
from scipy import stats

from false_promise.claims.statistics import (
    Effect,
    bootstrap_difference,
    cluster_means,
    cluster_weights,
    interval_of,
    percentile_interval,
    slope,
    standard_error,
    t_interval,
    wilson_interval,
)


@pytest.mark.parametrize(("right", "n"), [(0, 10), (3, 10), (10, 10), (470, 1000)])
def test_wilson_interval_is_that_of_scipy(right, n):
    reference = stats.binomtest(right, n).proportion_ci(0.95, method="wilson")
    assert wilson_interval(right, n) == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_wilson_interval_at_its_edges():
    assert wilson_interval(81, 263)[0] == pytest.approx(0.2553, abs=5e-5)  # Newcombe 1998, table I
    assert wilson_interval(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="between 0 and n=5, got 6"):
        wilson_interval(6, 5)


def test_t_interval_is_that_of_scipy():
    values = [0.031, 0.044, 0.012, 0.058, 0.027]
    found = t_interval(values, 0.9875)
    reference = stats.ttest_1samp(values, 0).confidence_interval(0.9875)
    assert (found.effect, found.lower, found.upper) == pytest.approx((np.mean(values), reference.low, reference.high))
    assert t_interval([0.1]).half_width == np.inf


def test_bootstrap_is_that_of_a_loop_over_the_same_draws():
    rng = np.random.default_rng(1)
    first, second = rng.random(40), rng.random(40)
    entities = [f"e{number}" for number in rng.integers(12, size=40)]
    names = sorted(set(entities))
    weights = cluster_weights(len(names), 300, seed=5)
    draws = []
    for times in weights[1:]:
        chosen = [
            i
            for name, k in zip(names, times, strict=True)
            for i in range(40)
            if entities[i] == name
            for _ in range(int(k))
        ]
        draws.append(np.mean([first[i] - second[i] for i in chosen]))
    expected = np.quantile(draws, [0.025, 0.975])
    found = bootstrap_difference(first, second, entities, draws=300, seed=5)
    assert (found.lower, found.upper) == pytest.approx(tuple(expected), abs=1e-12)
    assert found.effect == pytest.approx(np.mean(first - second))


def test_draws_are_multinomial_and_seeded():
    weights = cluster_weights(20, 2500, seed=3)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 20).all()
    assert weights[1:].mean() == 1
    assert weights[1:].var() == pytest.approx(1 - 1 / 20, abs=0.03)
    assert np.array_equal(weights, cluster_weights(20, 2500, seed=3))
    assert not np.array_equal(weights, cluster_weights(20, 2500, seed=4))


def test_bootstrap_has_the_normal_width_for_independent_items():
    difference = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], 2000, p=[0.1, 0.7, 0.2])
    found = bootstrap_difference(difference, np.zeros(2000), [str(i) for i in range(2000)], draws=4000)
    assert found.half_width == pytest.approx(1.96 * difference.std() / np.sqrt(2000), rel=0.05)


def test_items_of_an_entity_stand_or_fall_together():
    values = np.repeat(np.random.default_rng(0).integers(0, 2, 100), 10).astype(float)
    alone = bootstrap_difference(values, np.zeros(1000), [str(i) for i in range(1000)], draws=2000)
    clustered = bootstrap_difference(values, np.zeros(1000), [str(i // 10) for i in range(1000)], draws=2000)
    assert clustered.half_width / alone.half_width == pytest.approx(np.sqrt(10), rel=0.1)


def test_equal_runs_do_not_give_an_interval_without_width():
    found = bootstrap_difference([1, 0, 1], [1, 0, 1], ["a", "b", "c"])
    assert (found.lower, found.upper) == pytest.approx((-(1 - 0.05 ** (1 / 3)), 1 - 0.05 ** (1 / 3)))


def test_bootstrap_refuses_items_that_do_not_pair():
    with pytest.raises(ValueError, match="equally many items, got 2, 1"):
        bootstrap_difference([1, 0], [1], ["a", "b"])
    with pytest.raises(ValueError, match="equally many items, got 0"):
        bootstrap_difference([], [], [])


def test_a_draw_without_items_is_left_out():
    weights = np.array([[1, 1], [0, 2], [2, 0]], dtype=float)
    means = cluster_means([(np.array([0.25]), np.array([0]))], weights)
    assert np.isnan(means[0, 1]) and means[0, 0] == means[0, 2] == 0.25
    assert percentile_interval(np.array([0.5, np.nan, 0.25, 0.75]), 0.5, 2).lower == pytest.approx(0.375)


def test_slope_is_that_of_polyfit():
    x, y = np.log10([20, 80, 150]), np.array([[0.205, 0.3], [0.188, 0.2], [0.135, 0.4]])
    assert slope(x, y) == pytest.approx([np.polyfit(x, y[:, column], 1)[0] for column in (0, 1)])
    with pytest.raises(ValueError, match="two different x"):
        slope([1, 1], y[:2])


def _effect(seed_values, spread, draws=4000):
    noise = np.random.default_rng(0).normal(0, spread, (len(seed_values), draws))
    noise = np.tile(noise[:1], (len(seed_values), 1))
    values = np.asarray(seed_values)[:, None]
    return Effect(np.hstack([values, values + noise]), len(seed_values), 1000, 500)


def test_the_wider_interval_counts_from_five_base_seeds():
    seeds = [0.02, 0.04, 0.03, 0.05, 0.01]
    quiet, noisy = _effect(seeds, 1e-4), _effect(seeds, 0.1)
    assert interval_of(quiet, 0.95, 5) == t_interval(seeds)
    assert interval_of(noisy, 0.95, 5).half_width == pytest.approx(1.96 * 0.1, rel=0.05)
    assert standard_error(quiet, 5) == pytest.approx(np.std(seeds, ddof=1) / np.sqrt(5))


def test_fewer_base_seeds_have_the_interval_of_items_only():
    few = _effect([0.02, 0.40, 0.03, 0.05], 0.01)
    assert interval_of(few, 0.95, 5).half_width == pytest.approx(1.96 * 0.01, rel=0.05)
    assert standard_error(few, 5) == pytest.approx(0.01, rel=0.05)
