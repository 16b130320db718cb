"""The frozen style-only rater of data/public/style_rater.json, for claims 1, 2 and 3 (`scoring: style_rater`).

    equal_or_better(answer, teacher_answer, prompt)             # chance that it is judged equal or better, 0 to 1
    preference_values(prompts, answers, teacher_answers)        # the same for each prompt; the mean is the share

The value is the chance that GPT-4, as far as style moves it, rates the answer as good as the teacher's or better; facts
are not looked at. The mean over prompts estimates the share of answers that are equal or better: it is no count of
prompts with a chance above one half. Two answers of the same style have s(tie), about 0.58, either way round.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from false_promise.evaluation.preference.features import FEATURES, difference
from false_promise.evaluation.preference.model import Rater
from false_promise.evaluation.style.detectors import VERSION
from false_promise.files import read_measured
from false_promise.paths import DATA

RECORD = DATA / "public" / "style_rater.json"
FITTING = "false_promise.evaluation.preference.fitting"
SCHEMA = 1


def equal_or_better(answer: str, teacher_answer: str, prompt: str, path: Path = RECORD) -> float:
    """Chance from 0 to 1 that `answer` is judged equal to `teacher_answer` or better."""
    return float(load_rater(path).equal_or_better(difference(answer, teacher_answer, prompt)[None])[0])


def preference_values(
    prompts: Sequence[str], answers: Sequence[str], teacher_answers: Sequence[str], path: Path = RECORD
) -> list[float]:
    """`equal_or_better` of each prompt, in order. ValueError: not one answer of each for every prompt."""
    if not len(prompts) == len(answers) == len(teacher_answers):
        raise ValueError(
            f"{len(prompts)} prompts, {len(answers)} answers, {len(teacher_answers)} answers of the teacher: give one "
            f"answer of each for every prompt"
        )
    rows = zip(answers, teacher_answers, prompts, strict=True)
    return [equal_or_better(answer, teacher, prompt, path) for answer, teacher, prompt in rows]


@cache
def load_rater(path: Path = RECORD) -> Rater:
    """The frozen rater. FileNotFoundError and ValueError (other features or detectors) say how to fit it again."""
    record = load_record(path)
    rows = record["features"]
    columns = (np.array([row[name] for row in rows], float) for name in ("weight", "scale", "limit"))
    return Rater(tuple(row["name"] for row in rows), *columns, tie=record["tie"])


def load_record(path: Path = RECORD) -> dict[str, Any]:
    """The frozen file with its cross-validated scores; errors as `read_measured`."""
    record = read_measured(path, FITTING, schema_version=SCHEMA, detector_version=VERSION)
    if [row["name"] for row in record["features"]] != list(FEATURES):
        raise ValueError(f"{path} was fitted to other features; run `python -m {FITTING}` to fit the rater again")
    return record
