"""The variants of sentence BLEU, as tables of logarithms that the compiled search (kernel.py) reads.

Sentence BLEU of one hypothesis against one reference (Papineni et al. 2002, https://aclanthology.org/P02-1040) is a
function of six integers: the two lengths and the clipped n-gram matches m1..m4,

    BLEU = 100 * min(1, exp(1 - reference / hypothesis)) * (p1 * ... * pE) ** (1 / E),    pn = mn / (hypothesis - n + 1)

where E is 4, or with effective order the highest order that the hypothesis is long enough for. The variants differ
in what replaces a precision of zero. Everything here follows sacrebleu's `BLEU.compute_bleu`; NLTK's plain
`sentence_bleu` is `NLTK_PLAIN`: it puts the smallest float for a zero precision, so it differs from it by < 1e-70.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

MAX_ORDER = 4
DEFAULT_VALUE = {"none": 0.0, "floor": 0.1, "add-k": 1.0, "exp": 0.0}  # sacrebleu's SMOOTH_DEFAULTS
LOG_ZERO = -1e10  # sacrebleu's logarithm of a zero precision: exp of a quarter of it is 0.0


@dataclass(frozen=True)
class Variant:
    """One definition of sentence BLEU; the default is that of `sacrebleu.sentence_bleu`.

    smoothing        "none", "floor", "add-k" or "exp"
    value            the floor (0 < value <= 1) or the k (> 0); None takes sacrebleu's 0.1 and 1
    effective_order  leave out orders that the hypothesis is too short for
    lowercase        compare lower-cased text
    """

    smoothing: str = "exp"
    value: float | None = None
    effective_order: bool = True
    lowercase: bool = False

    def __post_init__(self):
        if self.smoothing not in DEFAULT_VALUE:
            raise ValueError(f"smoothing is {self.smoothing!r}; choose one of {', '.join(DEFAULT_VALUE)}")
        if self.value is not None and self.smoothing in ("none", "exp"):
            raise ValueError(f"value is {self.value!r}, but smoothing {self.smoothing!r} takes none; leave it out")
        if self.smoothing == "floor" and not 0 < self.smoothing_value <= 1:
            raise ValueError(f"value is {self.value!r}; a floor must lie in (0, 1], or zero matches would beat one")
        if self.smoothing == "add-k" and not 0 < self.smoothing_value < math.inf:
            raise ValueError(f"value is {self.value!r}; k of add-k must be positive (k = 0 is smoothing 'none')")

    @property
    def smoothing_value(self) -> float:
        return DEFAULT_VALUE[self.smoothing] if self.value is None else float(self.value)

    @property
    def signature(self) -> str:
        """In sacrebleu's notation, to be printed beside every score."""
        value = f"[{self.smoothing_value:.2f}]" if self.smoothing in ("floor", "add-k") else ""
        case, effective = "lc" if self.lowercase else "mixed", "yes" if self.effective_order else "no"
        return f"case:{case}|eff:{effective}|tok:13a|smooth:{self.smoothing}{value}"


DEFAULT = Variant()
NLTK_PLAIN = Variant("none", effective_order=False)


class Rule(NamedTuple):
    """A variant as tables and numbers for `kernel.log_bleu`.

    logs[0, m]  log of the numerator of p1 for m matches
    logs[1, m]  log of the numerators of p2, p3, p4: of m, or of m + k
    logs[2, h]  sum of the logs of all denominators used for a hypothesis of h tokens
    """

    logs: np.ndarray
    cut_order: bool  # whether a hypothesis of fewer than four tokens uses fewer than four orders
    zeros_apart: bool  # whether a precision of zero is replaced by one of the following, not by k / (T + k)
    log_zero: float  # log of the numerator that replaces a zero
    log_next_zero: float  # added to it for the first zero, twice for the second, three times for the third
    swapped: bool  # False: the query is the hypothesis and the other text the reference; True: the other way round


def rule(variant: Variant, longest: int, swapped: bool = False) -> Rule:
    """Tables for texts of at most `longest` tokens."""
    lengths = np.arange(longest + 2)
    add = variant.smoothing_value if variant.smoothing == "add-k" else 0.0
    cut_order = variant.effective_order and not add  # add-k leaves no denominator at zero: sacrebleu uses all orders
    logs = np.zeros((3, len(lengths)))
    with np.errstate(divide="ignore"):
        logs[0], logs[1] = np.log(lengths), np.log(lengths + add)
    for n in range(1, MAX_ORDER + 1):
        table = logs[0] if n == 1 else logs[1]
        logs[2] += np.where((lengths >= n) | (not cut_order), table[np.maximum(lengths - n + 1, 0)], 0.0)
    logs[2][np.isinf(logs[2])] = -MAX_ORDER * LOG_ZERO  # a denominator of zero: the score is 0
    log_zero = {"none": LOG_ZERO, "floor": math.log(variant.smoothing_value or 1.0)}.get(variant.smoothing, 0.0)
    return Rule(logs, cut_order, not add, log_zero, -math.log(2) if variant.smoothing == "exp" else 0.0, swapped)
