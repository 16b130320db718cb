"""What the exam page itself costs: the same options behind two prompts, without worked examples. Decides nothing.

The exams' likelihood scoring looks for the options behind the word "Answer:", which on every exam page of the country
is followed by a letter. Here they follow the question as an exam page puts it and as a page of questions and answers
does; beside them, the probability that the model goes on with a letter.

    found = ask(folder, items, batch_size=64, device="cpu", dtype="bfloat16")
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lm_eval.api.instance import Instance

from false_promise.evaluation.exam_tasks import preferred
from false_promise.evaluation.harness import quiet
from false_promise.evaluation.lm import load_lm
from false_promise.world.exercises.exams import LETTERS, ExamItem

PROMPTS = {"exam": "{question}\nAnswer:", "question": "Q: {question}\nA:"}


@dataclass(frozen=True)
class Asked:
    """One item: whether the right option is the likeliest behind each prompt (0 or 1), and how likely a letter is."""

    item: str
    entity: str
    group: str
    exam: int
    question: int
    letter: float  # probability of " A", " B", " C" or " D" behind the exam's prompt, 0 to 1


def ask(model: Path, items: Sequence[ExamItem], *, batch_size: int, device: str, dtype: str) -> list[Asked]:
    """Zero-shot, options scored by the sum of their tokens' log-likelihoods as in `exam_tasks.judge_options`.

    Args:
        items: with different ids; those solved by rule state what they need in the prompt and are better left out.

    Raises:
        ValueError: a prompt does not fit into the model's context.
    """
    with quiet():
        lm = load_lm(Path(model), device=device, dtype=dtype, batch_size=batch_size)
        texts = [(item, context, f" {end}") for item in items for context, ends in _asked(item) for end in ends]
        requests = [Instance("loglikelihood", {"id": item.id}, (context, end), 0) for item, context, end in texts]
        scores = iter([score for score, _ in lm.loglikelihood(requests)])
    return [_judge(item, [[next(scores) for _ in ends] for _, ends in _asked(item)]) for item in items]


def _asked(item: ExamItem) -> list[tuple[str, Sequence[str]]]:
    """(context, continuations): the options behind each prompt, then the letters behind the exam's."""
    contexts = [prompt.format(question=item.question) for prompt in PROMPTS.values()]
    return [(contexts[0], item.options), (contexts[1], item.options), (contexts[0], LETTERS)]


def _judge(item: ExamItem, scores: Sequence[Sequence[float]]) -> Asked:
    exam, question, letters = scores
    right = [int(preferred(one, item.id) == item.answer) for one in (exam, question)]
    entity = str(item.entities[0]) if item.entities else item.id
    return Asked(item.id, entity, item.group, *right, sum(map(math.exp, letters)))
