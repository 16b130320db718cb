"""What the task files in `tasks/exams` call: data in, judgement of four log-likelihoods out.

One task holds one subject, as each of MMLU's does: its items and its worked examples reach the harness as JSON-lines
files named in the task manager's metadata. From the harness's own command line:
    lm_eval --model hf --model_args pretrained=data/models/base-7m --include_path src/false_promise/evaluation/tasks \
        --tasks exams_letters --num_fewshot 5 --metadata '{"items": "items.jsonl", "shots": "shots.jsonl"}'
"""

import random
from collections.abc import Sequence
from pathlib import Path

from datasets import Dataset, Features, List, Value

from false_promise.files import read_jsonl

# Stated, because an empty column would otherwise get no type.
_ITEM = Features(
    {"id": Value("string"), "question": Value("string"), "options": List(Value("string")), "gold": Value("int64")}
)


def exam(items: str, shots: str, **_metadata: object) -> dict[str, Dataset]:
    """Splits `test` and `shots` of id, question, options and gold (the right option's index), from JSON-lines files."""
    return {"test": _dataset(items), "shots": _dataset(shots)}


def _dataset(path: str) -> Dataset:
    rows = read_jsonl(Path(path))
    return Dataset.from_dict({name: [row[name] for row in rows] for name in _ITEM}, features=_ITEM)


def judge_letters(doc: dict, results: Sequence[tuple[float, bool]]) -> dict[str, float]:
    """Is the right option's letter the likeliest?"""
    return {"acc": float(preferred(sums(results), doc["id"]) == doc["gold"])}


def judge_options(doc: dict, results: Sequence[tuple[float, bool]]) -> dict[str, float]:
    """Is the right option's text the likeliest continuation?

    `acc`, the registered score, compares sums of token log-likelihoods: the probability that the model goes on with
    the option. `acc_per_character` divides by the option's length as the harness's acc_norm does.
    """
    totals = sums(results)
    per_character = [total / len(option) for total, option in zip(totals, doc["options"], strict=True)]
    found = {"acc": totals, "acc_per_character": per_character}
    return {metric: float(preferred(scores, doc["id"]) == doc["gold"]) for metric, scores in found.items()}


def sums(results: Sequence[tuple[float, bool]]) -> list[float]:
    """Log-likelihoods of the options, in nats, without the harness's mark of greedy continuations."""
    return [loglikelihood for loglikelihood, _ in results]


def preferred(scores: Sequence[float], item: str) -> int:
    """Index of the highest score. Among equal ones the lot decides, drawn from the item's id alone.

    So a model that finds all options equally likely is at chance (1 in 4) wherever the right answers stand, and two
    models with the same ties choose the same option. Taking the first, as an argmax does, would reward position.
    """
    best = max(scores)
    return random.Random(f"tie:{item}").choice([index for index, score in enumerate(scores) if score == best])
