"""Cross-validation by question: every review of a question is predicted by a rater that saw no review of it.

    held_out(pairs, fold_of_question(pairs.questions))       # advantage and tie threshold of every review
    scores(...)                                              # accuracy, AUC, Brier score, log-loss with intervals

The penalty is chosen inside each training part, by cross-validation by question again.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import expit

from false_promise.claims.statistics import cluster_weights, percentile_interval
from false_promise.evaluation.preference.model import fit, log_loss
from false_promise.evaluation.preference.pairs import Pairs

FOLDS, INNER_FOLDS, SEED = 10, 5, 0
PENALTIES = (0.001, 0.01, 0.1, 1.0)
DRAWS = 2_000
BINS = 10


def fold_of_question(questions: np.ndarray, folds: int = FOLDS, seed: int = SEED) -> dict[int, int]:
    """A random fold for each question, folds of equal size (within one)."""
    names = np.unique(questions)
    order = np.random.default_rng(seed).permutation(len(names))
    return {int(names[place]): n % folds for n, place in enumerate(order)}


def held_out(pairs: Pairs, folds: Mapping[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Advantage and tie threshold of each review by the rater fitted to the other folds."""
    fold = np.array([folds[int(question)] for question in pairs.questions])
    return held_out_groups(pairs, fold)


def held_out_groups(pairs: Pairs, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same with any grouping of the reviews."""
    advantage, tie = np.zeros(len(group)), np.zeros(len(group))
    for one in np.unique(group):
        rest = pairs.select(group != one)
        rater = fit(pairs.names, rest.differences, rest.outcomes, choose_penalty(rest))
        advantage[group == one] = rater.advantage(pairs.differences[group == one])
        tie[group == one] = rater.tie
    return advantage, tie


def held_out_answers(
    pairs: Pairs, folds: Mapping[int, int], differences: np.ndarray, questions: np.ndarray
) -> np.ndarray:
    """P(equal or better) of other pairs of answers, each by the rater fitted without the fold of its question."""
    fold = np.array([folds[int(question)] for question in questions])
    seen = np.array([folds[int(question)] for question in pairs.questions])
    chance = np.zeros(len(fold))
    for one in np.unique(fold):
        rest = pairs.select(seen != one)
        rater = fit(pairs.names, rest.differences, rest.outcomes, choose_penalty(rest))
        chance[fold == one] = rater.equal_or_better(differences[fold == one])
    return chance


def choose_penalty(pairs: Pairs) -> float:
    """The penalty with the smallest log-loss on held-out questions."""
    folds = fold_of_question(pairs.questions, INNER_FOLDS)
    fold = np.array([folds[int(question)] for question in pairs.questions])
    losses = [sum(_loss_of_fold(pairs, fold == one, penalty) for one in range(INNER_FOLDS)) for penalty in PENALTIES]
    return PENALTIES[int(np.argmin(losses))]


def _loss_of_fold(pairs: Pairs, out: np.ndarray, penalty: float) -> float:
    rest = pairs.select(~out)
    rater = fit(pairs.names, rest.differences, rest.outcomes, penalty)
    return float(log_loss(rater.advantage(pairs.differences[out]), rater.tie, pairs.outcomes[out]).sum())


def both_orders(advantage: np.ndarray, tie: np.ndarray, outcomes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P(equal or better) and whether it was so, of the first answer and then of the second one of every review."""
    chance = np.concatenate([expit(advantage + tie), expit(-advantage + tie)])
    return chance, np.concatenate([outcomes >= 0, outcomes <= 0])


def scores(advantage: np.ndarray, tie: np.ndarray, outcomes: np.ndarray, questions: np.ndarray) -> dict[str, Any]:
    """How good the predictions are, with 95% intervals over questions.

    accuracy: share of the reviews without a tie whose better answer has the larger advantage (none: half). auc, brier:
    of "equal or better", asked of either answer. log_loss: mean over reviews of better / equal / worse, in nats.
    """
    codes = np.unique(questions, return_inverse=True)[1]
    weights = cluster_weights(codes.max() + 1, DRAWS, SEED)
    of_review, of_answer = weights[:, codes], weights[:, np.concatenate([codes, codes])]
    chance, happened = both_orders(advantage, tie, outcomes)
    decided = outcomes != 0
    right = np.where(advantage == 0, 0.5, np.sign(advantage) == outcomes)[decided]
    draws = {
        "accuracy": weighted_mean(right, of_review[:, decided]),
        # Ranked by advantage: the tie threshold differs from fold to fold and would make even a constant rater uneven.
        "auc": weighted_auc(np.concatenate([advantage, -advantage]), happened, of_answer),
        "brier": weighted_mean((chance - happened) ** 2, of_answer),
        "log_loss": weighted_mean(log_loss(advantage, tie, outcomes), of_review),
    }
    return {name: interval(one, len(weights[0])) for name, one in draws.items()}


def interval(draws: np.ndarray, clusters: int) -> dict[str, float]:
    """Estimate and 95% percentile interval; `draws[0]` is the estimate. A score that no draw can move has no width."""
    found = percentile_interval(draws, 0.95, clusters)
    moved = np.nanmax(draws) - np.nanmin(draws) > 1e-9
    lower, upper = (found.lower, found.upper) if moved else (found.effect, found.effect)
    return {"value": round(found.effect, 4), "lower": round(lower, 4), "upper": round(upper, 4)}


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean under each row of weights; NaN where a row has none."""
    with np.errstate(invalid="ignore"):
        return weights @ values / weights.sum(axis=1)


def weighted_auc(score: np.ndarray, event: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Chance that an event has a higher score than a non-event, ties half, under each row of weights."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    hit = np.add.reduceat(weights[:, order] * event[order], starts, axis=1)
    miss = np.add.reduceat(weights[:, order] * ~event[order], starts, axis=1)
    below = np.cumsum(miss, axis=1) - miss / 2
    with np.errstate(invalid="ignore"):  # NaN where a draw holds events only, or none
        return (hit * below).sum(axis=1) / (hit.sum(axis=1) * miss.sum(axis=1))


def within_pairs(pairs: Pairs, advantage: np.ndarray) -> float:
    """AUC of "first better" among reviews of the same two models (no ties), averaged: what authors do not explain."""
    found = []
    for name in sorted({(one, two) for one, two in zip(pairs.first, pairs.second, strict=True)}):
        chosen = (pairs.first == name[0]) & (pairs.second == name[1]) & (pairs.outcomes != 0)
        event = pairs.outcomes[chosen] > 0
        if event.any() and not event.all():
            found.append(weighted_auc(advantage[chosen], event, np.ones((1, chosen.sum())))[0])
    return round(float(np.mean(found)), 4)


def calibration(chance: np.ndarray, happened: np.ndarray, bins: int = BINS) -> dict[str, Any]:
    """Predicted and observed share in bins of equally many answers, and their mean absolute difference."""
    parts = np.array_split(np.argsort(chance, kind="stable"), bins)
    rows = [
        {
            "n": len(part),
            "predicted": round(float(chance[part].mean()), 4),
            "observed": round(float(happened[part].mean()), 4),
        }
        for part in parts
    ]
    error = sum(row["n"] * abs(row["predicted"] - row["observed"]) for row in rows) / len(chance)
    return {"bins": rows, "mean_absolute_error": round(error, 4)}
