"""GPT-4's 1,040 pairwise reviews as numbers: differences of features, outcomes, and what each review is of."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from false_promise.evaluation.preference.features import FEATURES, features
from false_promise.evaluation.vicuna80 import FOLDER, MODELS, answers, questions, reviews


@dataclass(frozen=True)
class Pairs:
    """One row a review; `first` and `second` are the models in the order in which the judge was shown their answers.

    differences: shape (reviews, features), first minus second. outcomes: 1 first better, 0 tie, -1 second better.
    """

    names: tuple[str, ...]
    differences: np.ndarray
    outcomes: np.ndarray
    questions: np.ndarray
    first: np.ndarray
    second: np.ndarray

    def select(self, chosen: np.ndarray) -> "Pairs":
        """The reviews at `chosen` (mask or positions)."""
        rows = (self.differences, self.outcomes, self.questions, self.first, self.second)
        return Pairs(self.names, *(one[chosen] for one in rows))

    def only(self, *names: str) -> "Pairs":
        """The same reviews with the named features alone."""
        columns = [self.names.index(name) for name in names]
        return Pairs(names, self.differences[:, columns], self.outcomes, self.questions, self.first, self.second)

    def by_author(self) -> "Pairs":
        """The same reviews with nothing but who wrote the answers: one feature a model, 1, 0 or -1."""
        columns = [(self.first == name).astype(float) - (self.second == name) for name in MODELS]
        return Pairs(tuple(MODELS), np.stack(columns, 1), self.outcomes, self.questions, self.first, self.second)


def read_pairs(folder: Path = FOLDER) -> Pairs:
    """All reviews, file by file."""
    known = answer_features(folder)
    found = reviews(folder)
    return Pairs(
        tuple(FEATURES),
        np.array([known[one.first.id] - known[one.second.id] for one in found]),
        np.array([np.sign(one.scores[0] - one.scores[1]) for one in found], int),
        np.array([one.question for one in found]),
        np.array([one.first.model for one in found]),
        np.array([one.second.model for one in found]),
    )


def answer_features(folder: Path = FOLDER) -> dict[str, np.ndarray]:
    """Features of each of the 560 answers by its id."""
    prompts = {one.id: one.text for one in questions(folder)}
    return {one.id: features(one.text, prompts[one.question]) for name in MODELS for one in answers(name, folder)}
