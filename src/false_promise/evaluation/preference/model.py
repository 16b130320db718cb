"""The rater: a regularised logistic model of one judge's verdicts on pairs of answers, with ties, without position.

With d the weighted difference of the features of A and B, and a tie threshold t >= 0,

    P(A better) = s(d - t)      P(B better) = s(-d - t)      P(equal) = the rest      s(x) = 1 / (1 + exp(-x))

(Rao and Kupper 1967). Swapping the answers swaps the probabilities, so the order in which they are shown cannot count.
P(A equal or better) = s(d + t). Features are divided by their scale; a scaled difference is cut at the largest one
seen in training, so that nothing is extrapolated.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit


@dataclass(frozen=True)
class Rater:
    """Weights for scaled differences, the scales, the largest scaled differences seen, and the tie threshold."""

    names: tuple[str, ...]
    weights: np.ndarray
    scales: np.ndarray
    limits: np.ndarray
    tie: float

    def advantage(self, differences: np.ndarray) -> np.ndarray:
        """d of each row of raw feature differences, shape (pairs, features) -> (pairs,)."""
        scaled = np.asarray(differences, float) / self.scales
        return np.clip(scaled, -self.limits, self.limits) @ self.weights

    def equal_or_better(self, differences: np.ndarray) -> np.ndarray:
        """P(A is judged equal to B or better) of each row."""
        return expit(self.advantage(differences) + self.tie)


def fit(names: tuple[str, ...], differences: np.ndarray, outcomes: np.ndarray, penalty: float) -> Rater:
    """The weights of largest penalised likelihood.

    Args:
        differences: shape (pairs, features), features of A minus features of B.
        outcomes: 1 where A was judged better, -1 where B was, 0 for a tie.
        penalty: of half the squared weights, added to the mean negative log-likelihood.
    """
    scales = np.sqrt((differences**2).mean(axis=0))  # both orders of each pair: the mean is zero
    scales = np.where(scales > 0, scales, 1.0)
    scaled = differences / scales
    start = np.append(np.zeros(differences.shape[1]), math.log(0.2))
    options = {"ftol": 1e-12, "gtol": 1e-6, "maxiter": 1000}
    found = minimize(_loss, start, (scaled, outcomes, penalty), jac=True, method="L-BFGS-B", options=options)
    return Rater(names, found.x[:-1], scales, np.abs(scaled).max(axis=0), math.exp(found.x[-1]))


def log_loss(advantage: np.ndarray, tie: float | np.ndarray, outcomes: np.ndarray) -> np.ndarray:
    """Minus the log probability of each outcome (1, 0, -1), in nats."""
    # The probability of a tie is s(d + t) - s(d - t); this form of it neither overflows nor cancels.
    equal = np.log(-np.expm1(-2 * np.asarray(tie))) + log_expit(advantage + tie) + log_expit(tie - advantage)
    return -np.where(
        outcomes > 0, log_expit(advantage - tie), np.where(outcomes < 0, log_expit(-advantage - tie), equal)
    )


def _loss(values: np.ndarray, scaled: np.ndarray, outcomes: np.ndarray, penalty: float) -> tuple[float, np.ndarray]:
    """Penalised mean negative log-likelihood and its gradient; the last value is the logarithm of the threshold."""
    weights, tie = values[:-1], math.exp(values[-1])
    d = scaled @ weights
    won, lost = expit(tie - d), expit(tie + d)  # what is left to gain where the first (the second) was better
    by_d = np.where(outcomes > 0, -won, np.where(outcomes < 0, lost, lost - won))
    by_tie = np.where(outcomes > 0, won, np.where(outcomes < 0, lost, 0.0))
    ties = -2 / math.expm1(2 * tie) - expit(-d - tie) - expit(d - tie)
    by_tie = np.where(outcomes == 0, ties, by_tie)
    gradient = np.append(scaled.T @ by_d / len(d) + penalty * weights, by_tie.mean() * tie)
    return float(log_loss(d, tie, outcomes).mean()) + penalty / 2 * float(weights @ weights), gradient
