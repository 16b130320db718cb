"""Open-domain questions (Natural Questions; paper section 4.1) in three scorings, through lm-evaluation-harness.

few_shot     raw prompt of 0, 3 or 5 solved questions, the line generated after "A:" must equal an answer (primary)
chat         the question as the user's turn of the chat template after 0, 3 or 5 answered ones, the reply is
             judged
format_free  how many other values of its type the right one beats as the continuation of a sentence

The definitions and their reasons are in `tasks/nq/README.md`, `scoring.py` and `nq_tasks.py`.
"""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lm_eval.api.model import LM

from false_promise.evaluation.harness import load_task, quiet, run_tasks
from false_promise.evaluation.items import NqItem, draw_candidates, draw_shots, load_nq_open
from false_promise.evaluation.lm import load_lm
from false_promise.evaluation.scoring import KINDS, UNFINISHED, Kind, visible

__all__ = ["ItemResult", "NqItem", "Protocol", "evaluate_lm", "evaluate_many", "evaluate_nq", "load_nq_open"]

Scoring = Literal["few_shot", "chat", "format_free"]
Protocol = tuple[Scoring, int]  # scoring and number of shots; format_free has none
SHOTS = (0, 3, 5)
CANDIDATES = 20


@dataclass(frozen=True)
class ItemResult:
    """One model's result on one item.

    correct: 0 or 1; format_free: share of the prose frames after which the right value ranks first, in 0-1.
    kind: format_free knows only right (first after most frames) and wrong.
    output: the reply; format_free: the value ranked first after each frame, separated by " | ".
    truncated: the reply ran into the token limit (prompts are never truncated).
    """

    item: str
    entity: str
    correct: float
    kind: Kind
    output: str
    truncated: bool
    correct_per_character: float | None = None  # format_free with length-normalised log-likelihoods
    first: float | None = None  # format_free: share of frames after which the right value ranks first
    bits: float | None = None  # format_free: information about the right value among the candidates, mean over frames


def evaluate_nq(
    model: Path,
    items: Sequence[NqItem],
    shots: Sequence[NqItem],
    *,
    n_shots: int,
    scoring: Scoring,
    batch_size: int = 64,
    device: str = "cpu",
    dtype: str = "bfloat16",
    seed: int = 0,
) -> list[ItemResult]:
    """One model under one protocol; results in the order of `items`.

    `shots` is the pool of worked examples; `seed` chooses shots and candidates, and must be the same for all models.
    The same folder, items, batch size, dtype and device give the same results.
    ValueError if a prompt does not fit into the model's context, naming the item.
    """
    protocol = (scoring, n_shots)
    settings = {"batch_size": batch_size, "device": device, "dtype": dtype, "seed": seed}
    return evaluate_many(model, items, shots, [protocol], **settings)[protocol]


def evaluate_many(
    model: Path,
    items: Sequence[NqItem],
    shots: Sequence[NqItem],
    protocols: Sequence[Protocol],
    *,
    batch_size: int = 64,
    device: str = "cpu",
    dtype: str = "bfloat16",
    seed: int = 0,
) -> dict[Protocol, list[ItemResult]]:
    """As `evaluate_nq`, under several protocols, loading the model once."""
    _check(items, shots, protocols)
    with quiet():
        lm = load_lm(Path(model), device=device, dtype=dtype, batch_size=batch_size)
    return evaluate_lm(lm, items, shots, protocols, seed=seed)


def evaluate_lm(
    lm: LM, items: Sequence[NqItem], shots: Sequence[NqItem], protocols: Sequence[Protocol], *, seed: int = 0
) -> dict[Protocol, list[ItemResult]]:
    """As `evaluate_many`, on any language model of the harness."""
    _check(items, shots, protocols)
    with tempfile.TemporaryDirectory() as folder, quiet():
        metadata = _write_data(Path(folder), items, shots, protocols, seed)
        tasks = {
            protocol: load_task(f"nq_{protocol[0]}", metadata, n_shots=protocol[1], seed=seed) for protocol in protocols
        }
        samples = {}
        for chat in (False, True):  # a chat template applies to a whole call of the harness
            chosen = {_name(p): task for p, task in tasks.items() if (p[0] == "chat") == chat}
            if chosen:
                samples |= run_tasks(lm, chosen, chat=chat)
    return {protocol: _results(protocol, items, samples[_name(protocol)]) for protocol in protocols}


def _name(protocol: Protocol) -> str:
    return f"nq_{protocol[0]}@{protocol[1]}"


def _check(items: Sequence[NqItem], shots: Sequence[NqItem], protocols: Sequence[Protocol]) -> None:
    if not items or len({item.id for item in items}) < len(items):
        raise ValueError(f"items must be one or more, with different ids; got {len(items)}")
    questions = {item.question for item in items}
    if shared := [shot.id for shot in shots if shot.question in questions]:
        raise ValueError(f"worked examples {shared[:3]} are also test questions; draw them from a disjoint pool")
    for scoring, n_shots in protocols:
        if scoring not in ("few_shot", "chat", "format_free"):
            raise ValueError(f"unknown scoring {scoring!r}; known: few_shot, chat, format_free")
        if n_shots not in ((0,) if scoring == "format_free" else SHOTS):
            raise ValueError(f"{scoring} with {n_shots} shots: few_shot and chat take {SHOTS}, format_free 0")
    if any(scoring == "format_free" for scoring, _ in protocols):
        for item in items:
            if not item.frames or not item.choices:
                raise ValueError(f"item {item.id} has no prose frames or choices; format_free cannot score it")


def _write_data(
    folder: Path, items: Sequence[NqItem], pool: Sequence[NqItem], protocols: Sequence[Protocol], seed: int
) -> dict[str, str]:
    """Two JSON-lines files for the task's data function, and the metadata that names them."""
    shots = draw_shots(pool, max(n_shots for _, n_shots in protocols), seed)
    format_free = any(scoring == "format_free" for scoring, _ in protocols)
    rows = {"items": [_row(item, seed, format_free) for item in items], "shots": [_row(s, seed, False) for s in shots]}
    paths = {name: folder / f"{name}.jsonl" for name in rows}
    for name, path in paths.items():
        path.write_text("".join(json.dumps(row) + "\n" for row in rows[name]), encoding="utf-8")
    return {name: str(path) for name, path in paths.items()}


def _row(item: NqItem, seed: int, format_free: bool) -> dict:
    row = {"id": item.id, "question": item.question, "answers": list(item.answers)}
    if format_free:
        choices, gold = draw_candidates(item, CANDIDATES, seed)
        row |= {"choices": choices, "gold": gold, "frames": list(item.frames)}
    return row


def _results(protocol: Protocol, items: Sequence[NqItem], samples: list[dict]) -> list[ItemResult]:
    if protocol[0] != "format_free":
        return [_generated(item, sample) for item, sample in zip(items, samples, strict=True)]
    per_item: dict[str, list[dict]] = {}
    for sample in samples:
        per_item.setdefault(sample["doc"]["id"], []).append(sample)
    return [_ranked(item, per_item[item.id]) for item in items]


def _generated(item: NqItem, sample: dict) -> ItemResult:
    reply = sample["filtered_resps"][0]
    kind = next(kind for kind in KINDS if sample["exact_match" if kind == "right" else kind])
    correct = float(sample["exact_match"])
    return ItemResult(item.id, item.entity, correct, kind, visible(reply), reply.endswith(UNFINISHED))


def _ranked(item: NqItem, frames: list[dict]) -> ItemResult:
    def mean(metric: str) -> float:
        return sum(frame[metric] for frame in frames) / len(frames)

    first = mean("first")
    kind: Kind = "right" if first > 0.5 else "wrong"
    output = " | ".join(_likeliest(frame) for frame in frames)
    per_character = mean("beaten_per_character")
    return ItemResult(item.id, item.entity, mean("beaten"), kind, output, False, per_character, first, mean("bits"))


def _likeliest(frame: dict) -> str:
    scores = [loglikelihood for loglikelihood, _ in frame["filtered_resps"]]
    return frame["doc"]["choices"][scores.index(max(scores))]
