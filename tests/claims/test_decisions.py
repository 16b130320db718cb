"""Decision rules at their edges, Holm against the textbook, power against simulation."""

import numpy as np
import pytest

from false_promise.claims.decisions import conclude, decide, holm_levels, power
from false_promise.claims.statistics import Interval


@pytest.mark.parametrize(
    ("lower", "upper", "margin", "direction", "expected"),
    [
        (0.03, 0.05, 0.02, "greater", "holds"),
        (0.02, 0.05, 0.02, "greater", "inconclusive"),  # touching is not beyond
        (-0.05, 0.019, 0.02, "greater", "does_not_hold"),
        (-0.05, 0.019, 0.02, "less", "holds"),
        (0.03, 0.05, 0.02, "less", "does_not_hold"),
        (-0.06, 0.06, (-0.07, 0.07), "within", "holds"),
        (-0.01, 0.08, (-0.07, 0.07), "within", "inconclusive"),
        (-0.08, 0.08, (-0.07, 0.07), "within", "inconclusive"),
        (0.08, 0.09, (-0.07, 0.07), "within", "does_not_hold"),
        (-np.inf, np.inf, 0.0, "greater", "inconclusive"),
    ],
)
def test_decide(lower, upper, margin, direction, expected):
    assert decide(Interval(0.0, lower, upper), margin, direction) == expected


def test_decide_refuses_an_unknown_direction():
    with pytest.raises(ValueError, match="greater, less, within, got 'up'"):
        decide(Interval(0.0, 0.0, 0.0), 0.0, "up")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["holds", "holds"], "holds"),
        (["holds", "inconclusive"], "inconclusive"),
        (["holds", "not_measured", "inconclusive"], "not_measured"),
        (["does_not_hold", "not_measured"], "does_not_hold"),
        (["holds", "not_eligible"], "holds"),
        (["not_eligible", "not_eligible"], "not_eligible"),
    ],
)
def test_a_claim_is_a_conjunction(parts, expected):
    assert conclude([("decides", one) for one in parts] + [("reported", "does_not_hold")]) == expected


def test_holm_decides_what_the_textbook_rejects():
    rng = np.random.default_rng(0)
    for _ in range(300):
        p = dict(zip((4, 5, 6, 8), rng.beta(0.3, 6, 4), strict=True))
        rejected, order = set(), sorted(p, key=p.get)
        for place, claim in enumerate(order):
            if p[claim] > 0.05 / (4 - place):
                break
            rejected.add(claim)
        levels = holm_levels(list(p), lambda claim, level: p[claim] <= level, 0.05)  # noqa: B023
        assert {claim for claim in p if p[claim] <= levels[claim]} == rejected
        assert set(levels) == set(p)


@pytest.mark.parametrize(
    ("expected", "margin", "direction"),
    [(0.05, 0.02, "greater"), (-0.03, 0.02, "less"), (-0.02, (-0.07, 0.07), "within"), (0.0, (-0.01, 0.01), "within")],
)
def test_power_is_the_share_of_simulated_studies_that_hold(expected, margin, direction):
    error, rng = 0.015, np.random.default_rng(0)
    half = 1.96 * error
    estimates = rng.normal(expected, error, 20_000)
    held = [decide(Interval(one, one - half, one + half), margin, direction) == "holds" for one in estimates]
    assert power(expected, margin, direction, error, half) == pytest.approx(np.mean(held), abs=0.01)


def test_power_without_noise_is_certain():
    assert power(0.05, 0.02, "greater", 0.0, 0.0) == 1
    assert power(0.01, 0.02, "greater", 0.0, 0.0) == 0
