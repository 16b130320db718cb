"""The five rows of the paper's Table 2, one value an item: how like the teacher's an answer's style is.

    style_rows(prompts, answers, teacher_answers)      # lists of strings of equal length, nothing else is needed

The teacher's answers are one sample a prompt; the teacher's own row compares a second sample with it. The paper defines
none of the rows; what each means here:

list       items: prompts where the teacher's answer has a list; value: 1 if the model's answer has one
summary    items: prompts where the teacher's answer ends in a paragraph that sums it up; value: 1 if the model's does
unigrams   all prompts; value: words shared with the teacher's answer over the words of the longer answer
length     all prompts; value: product of the two standardised lengths in words, so that the mean is Pearson's r
tone       all prompts; value: 1 if the answer's tone is authoritative

`detectors.py` and `likeness.py` say how each is found. All values lie in 0-1 but those of `length`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from false_promise.evaluation.style.detectors import has_list, has_summary, is_authoritative
from false_promise.evaluation.style.likeness import length_products, unigram_overlap

SCORINGS = ("list", "summary", "unigrams", "length", "tone")


@dataclass(frozen=True)
class StyleRow:
    """One value: `scoring` names a row of Table 2, `item` is the prompt's position. Only items that count have one."""

    scoring: str
    item: int
    value: float


def style_rows(prompts: Sequence[str], answers: Sequence[str], teacher_answers: Sequence[str]) -> list[StyleRow]:
    """Rows of Table 2 in the order of SCORINGS, then of the prompts.

    A scoring without any item that counts (the teacher has no list anywhere) has no row.

    Raises:
        ValueError: not one answer and one teacher's answer for each prompt.
    """
    if not len(prompts) == len(answers) == len(teacher_answers):
        raise ValueError(
            f"{len(prompts)} prompts, {len(answers)} answers, {len(teacher_answers)} answers of the teacher: give one "
            f"answer of each for every prompt"
        )
    pairs = list(zip(answers, teacher_answers, strict=True))
    values = {
        "list": [float(has_list(own)) if has_list(teacher) else None for own, teacher in pairs],
        "summary": [float(has_summary(own)) if has_summary(teacher) else None for own, teacher in pairs],
        "unigrams": [unigram_overlap(own, teacher) for own, teacher in pairs],
        "length": length_products(answers, teacher_answers),
        "tone": [float(is_authoritative(own)) for own in answers],
    }
    return [
        StyleRow(scoring, item, value)
        for scoring in SCORINGS
        for item, value in enumerate(values[scoring])
        if value is not None
    ]
