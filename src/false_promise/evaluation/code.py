"""Programming exercises (HumanEval; paper section 4.1): def line and docstring in, function body out, run and tested.

    results = evaluate_code(Path("data/models/base-7m"), code_items(200, 0, "test"))
    pass_at_1 = sum(result.correct for result in results) / len(results)

Zero-shot, raw prompt, greedy, through lm-evaluation-harness; then each program runs in the sandbox. Definitions and
their reasons: `tasks/code/README.md`.
"""

import json
import math
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from datasets import Dataset
from lm_eval.api.model import LM

from false_promise.evaluation.harness import load_task, quiet, run_tasks
from false_promise.evaluation.lm import load_lm
from false_promise.evaluation.sandbox import Outcome, parse_call, run_calls, run_many, wall
from false_promise.evaluation.scoring import UNFINISHED
from false_promise.world.exercises.code import CodeItem

Kind = Literal["right", "wrong", "error", "timeout", "malformed"]

TASK = "code_completion"
SECONDS = 5.0  # a right program needs a few milliseconds
_KINDS: dict[str, Kind] = {"passed": "right", "failed": "wrong", "killed": "error"}  # the others keep their names
# A line that begins at the margin (a closing bracket may), or a chat marker: neither belongs to the function's body.
_AFTER_BODY = re.compile(r"\n(?=[^\s)\]}])|<\|[^|<>\n]*\|>|</s>")


@dataclass(frozen=True)
class CodeResult:
    """One model's result on one exercise.

    entity: the composition, the cluster of the bootstrap.
    correct: 1 if all tests of the exercise pass, else 0.
    kind: wrong (a test fails), error (an exception, or killed), timeout, malformed (no body, or it does not parse).
    output: the completion as it was run, up to the end of the body; hostile text.
    truncated: the body ran into the token limit.
    """

    item: str
    entity: str
    correct: float
    kind: Kind
    output: str
    truncated: bool


def evaluate_code(
    model: Path, items: Sequence[CodeItem], *, batch_size: int = 64, device: str = "cpu", dtype: str = "bfloat16"
) -> list[CodeResult]:
    """pass@1 of one model, item by item, in the order of `items`.

    The same folder, items, batch size, dtype and device give the same results.
    ValueError if a prompt does not fit into the model's context, or if tests are no asserts of literal calls;
    RuntimeError if no sandbox works on this machine.
    """
    _check(items)
    with quiet():
        lm = load_lm(Path(model), device=device, dtype=dtype, batch_size=batch_size)
    return evaluate_code_lm(lm, items)


def evaluate_code_lm(lm: LM, items: Sequence[CodeItem]) -> list[CodeResult]:
    """As `evaluate_code`, on any language model of the harness."""
    _check(items)
    wall()  # no sandbox is an error before the work, not after it
    with tempfile.TemporaryDirectory() as folder, quiet():
        path = Path(folder) / "items.jsonl"
        rows = [{"id": item.id, "prompt": prompt(item)} for item in items]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        samples = run_tasks(lm, {TASK: load_task(TASK, {"items": str(path)})})[TASK]
    replies = [sample["filtered_resps"][0] for sample in samples]
    outcomes = run_many([partial(_judge, item, reply) for item, reply in zip(items, replies, strict=True)])
    rows = zip(items, replies, outcomes, strict=True)
    return [result_of(item.id, item.composition, reply, outcome) for item, reply, outcome in rows]


def prompt(item: CodeItem) -> str:
    """The prompt without its last line break, which the model is to write itself.

    A byte-level tokenizer reads a line break and the indentation after it as one token, so a prompt that ends in a
    line break would go on as no training text does.
    """
    return item.prompt.removesuffix("\n")


def problems(items: str, **_metadata: object) -> dict[str, Dataset]:
    """The task's data function: split `test` of id and prompt, from a JSON-lines file."""
    lines = Path(items).read_text(encoding="utf-8").split("\n")
    return {"test": Dataset.from_list([json.loads(line) for line in lines if line])}


def completion(reply: str) -> str:
    """The function's body: the reply up to the first line that begins at the margin, or the first chat marker."""
    return _AFTER_BODY.split(reply.removesuffix(UNFINISHED), maxsplit=1)[0]


def _check(items: Sequence[CodeItem]) -> None:
    if not items or len({item.id for item in items}) < len(items):
        raise ValueError(f"items must be one or more, with different ids; got {len(items)}")
    for item in items:
        if not item.tests:
            raise ValueError(f"item {item.id} has no tests")
        for test in item.tests:
            parse_call(test)


def _judge(item: CodeItem, reply: str) -> Outcome:
    body = completion(reply)
    if not body.strip():  # a docstring alone is a function, but nothing was written
        return Outcome("malformed", "no body")
    return run_calls(prompt(item) + body + "\n", [parse_call(test) for test in item.tests], seconds=SECONDS)


def result_of(item: str, entity: str, reply: str, outcome: Outcome) -> CodeResult:
    """A judged reply as a result; `entity` is its cluster."""
    body = completion(reply)
    kind = _KINDS.get(outcome.kind, outcome.kind)
    return CodeResult(item, entity, float(kind == "right"), kind, body, body + UNFINISHED == reply)


def pass_at_k(n: int, c: int, k: int) -> float:
    """Unbiased estimate of the chance that at least one of k programs is right, if c of n sampled ones are.

    Chen et al. 2021 (arXiv 2107.03374), equation 1. ValueError unless 0 <= c <= n and 1 <= k <= n.
    """
    if not 0 <= c <= n or not 1 <= k <= n:
        raise ValueError(f"pass_at_k(n={n}, c={c}, k={k}): needs 0 <= c <= n and 1 <= k <= n")
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)
