"""How like the teacher's answer an answer is: shared unigrams, and lengths. Pure functions on strings and numbers.

The paper gives the unigram row on a scale of 0 to 100 without a definition. Nine normalisations were tried on the real
answers to the 80 Vicuna questions, before any model of ours was measured. `unigram_overlap` is the one whose values
lie nearest to Table 2 at both ends (LLaMA-13B 0.22 and Vicuna-13B 0.42 there; LLaMA 0.195, imitation 0.404-0.425 in
the paper). It also has what the comparison needs: it is symmetric, it is 1 only for the same bag of words, and an
answer cannot raise it by being short (as it can a precision) or long (a recall).
"""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from false_promise.evaluation.style.text import words


def unigram_overlap(answer: str, teacher_answer: str) -> float:
    """Words shared with the teacher's answer, counted with repetitions, over the longer answer's words; 0 to 1.

    Words are lower-case, without punctuation. 0 if both are empty.
    """
    return _share(words(answer), words(teacher_answer), max)


def unigram_variants(answer: str, teacher_answer: str) -> dict[str, float]:
    """Other readings of "intersection of unigrams", all 0 to 1: with repetitions (tokens) or without (types)."""
    bags = words(answer), words(teacher_answer)
    sets = [list(dict.fromkeys(bag)) for bag in bags]
    forms: dict[str, Callable[[int, int], float]] = {
        "over_longer": max,
        "dice": lambda a, t: (a + t) / 2,
        "of_teacher": lambda a, t: t,
        "of_answer": lambda a, t: a,
    }
    found = {f"tokens_{name}": _share(*bags, over) for name, over in forms.items()}
    found |= {f"types_{name}": _share(*sets, over) for name, over in forms.items()}
    union = len(set(sets[0]) | set(sets[1]))
    return found | {"types_jaccard": len(set(sets[0]) & set(sets[1])) / union if union else 0.0}


def _share(answer: Sequence[str], teacher: Sequence[str], over: Callable[[int, int], float]) -> float:
    shared = sum((Counter(answer) & Counter(teacher)).values())
    return shared / over(len(answer), len(teacher)) if shared else 0.0


def length_products(answers: Sequence[str], teacher_answers: Sequence[str]) -> list[float]:
    """Per item the product of the two standardised lengths in words; their mean is Pearson's correlation.

    Standardised with mean and population standard deviation over these items. All 0 if either side's lengths are all
    the same, where the correlation is not defined.
    """
    lengths = [np.array([len(words(text)) for text in texts], float) for texts in (answers, teacher_answers)]
    return products(*lengths).tolist()


def products(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Products of the standardised values of two arrays of equal length; zeros where one of them is constant."""
    if not len(one) or np.ptp(one) == 0 or np.ptp(other) == 0:
        return np.zeros(len(one))
    return (one - one.mean()) / one.std() * ((other - other.mean()) / other.std())
