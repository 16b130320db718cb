"""A judge's verdicts as rates: equal or better than the teacher, ties, order effects, length-matched, malformed.

    rates("some-judge", verdicts)       # long format: one measure of one model a row, with its interval over prompts

A prompt counts only if both orders gave two scores; what is malformed is counted, never guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from false_promise.claims.statistics import cluster_weights, percentile_interval
from false_promise.evaluation.preference.public import LENGTH_MATCHED
from false_promise.evaluation.style.text import words

JUDGED = "judge.csv"
ORDERS = ("model_first", "teacher_first")
ABOUT = ["model", "size", "arm", "tokens"]
COLUMNS = ["judge", *ABOUT, "measure", "value", "lower", "upper", "n"]
DRAWS, SEED = 10_000, 0


@dataclass(frozen=True)
class Verdict:
    """One reply of the judge. `scores`: the model's and the teacher's, 1 to 10; None: malformed."""

    item: str
    order: str
    scores: tuple[float, float] | None
    text: str
    teacher: str
    about: tuple[tuple[str, Any], ...]

    @property
    def sign(self) -> int | None:
        """1: the model's answer is better; 0: a tie; -1: the teacher's is."""
        return None if self.scores is None else int(np.sign(self.scores[0] - self.scores[1]))


def rates(judge: str, verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Columns COLUMNS; `value` a share of prompts with a 95% bootstrap interval over prompts, `n` prompts.

    equal_or_better                         mean of both orders; _shown_first, _shown_second: one order alone
    better, tie                             mean of both orders
    order_change, order_flip                the other order gives another verdict; gives the other winner
    length_matched, longer, shorter         equal_or_better where the answer has 0.8 to 1.25 times the teacher's words,
                                            more, or fewer
    malformed                               share of replies without two scores
    """
    rows = []
    for about in dict.fromkeys(one.about for one in verdicts):
        mine = [one for one in verdicts if one.about == about]
        found = [[measure, *_mean(values)] for measure, values in _values(mine).items()]
        rows += [[judge, *(dict(about)[name] for name in ABOUT), *row] for row in found]
    return pd.DataFrame(rows, columns=COLUMNS)


def _values(verdicts: Sequence[Verdict]) -> dict[str, list[float]]:
    """Measure -> one value for each prompt that counts."""
    by_item: dict[str, dict[str, Verdict]] = {}
    for one in verdicts:
        by_item.setdefault(one.item, {})[one.order] = one
    both = [orders for orders in by_item.values() if all(_sign(orders, order) is not None for order in ORDERS)]
    signs = np.array([[orders[order].sign for order in ORDERS] for orders in both], int).reshape(-1, 2)
    good = (signs >= 0).astype(float)
    ratio = np.array([_ratio(orders[ORDERS[0]]) for orders in both], float)
    low, high = LENGTH_MATCHED
    found = {
        "equal_or_better": good.mean(axis=1),
        "equal_or_better_shown_first": good[:, 0],
        "equal_or_better_shown_second": good[:, 1],
        "better": (signs > 0).mean(axis=1),
        "tie": (signs == 0).mean(axis=1),
        "order_change": (signs[:, 0] != signs[:, 1]).astype(float),
        "order_flip": (signs[:, 0] * signs[:, 1] < 0).astype(float),
        "length_matched": good.mean(axis=1)[(ratio >= low) & (ratio <= high)],
        "longer": good.mean(axis=1)[ratio > high],
        "shorter": good.mean(axis=1)[ratio < low],
        "malformed": np.array(
            [np.mean([one.scores is None for one in orders.values()]) for orders in by_item.values()]
        ),
    }
    return {measure: values.tolist() for measure, values in found.items()}


def _malformed(orders: dict[str, Verdict]) -> float:
    return float(np.mean([one.scores is None for one in orders.values()]))


def _sign(orders: dict[str, Verdict], order: str) -> int | None:
    return orders[order].sign if order in orders else None


def _ratio(verdict: Verdict) -> float:
    return max(1, len(words(verdict.text))) / max(1, len(words(verdict.teacher)))


def _mean(values: Sequence[float]) -> tuple[float | None, float | None, float | None, int]:
    """Mean, interval and number of prompts; nothing to say about none."""
    if not values:
        return None, None, None, 0
    weights = cluster_weights(len(values), DRAWS, SEED)
    found = percentile_interval(weights @ np.array(values) / len(values), 0.95, len(values))
    return found.effect, max(0.0, found.lower), min(1.0, found.upper), len(values)
