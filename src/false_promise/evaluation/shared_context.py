"""Log-likelihoods of many continuations of one context in one forward pass.

Twenty candidate answers share their prose frame, four options their five worked exam items. Each context is read
once, followed by all its continuations; a mask lets each continuation see the context and itself, and position ids
let each start where the context ends. The sums equal those of separate passes (tests/evaluation/test_shared_context).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import PreTrainedModel

# Tokens of continuations laid out after one context; more of them start another sequence.
WIDTH = 256


@dataclass
class _Tree:
    """One context with distinct continuations, laid out as a single sequence.

    The last token of a continuation is predicted, never read, so it is not in the sequence.
    """

    context: tuple[int, ...]
    tokens: list[int]
    positions: list[int]
    spans: list[tuple[int, int]] = field(default_factory=list)  # per continuation: first token and end in `tokens`
    targets: list[tuple[int, ...]] = field(default_factory=list)  # the continuations themselves

    def add(self, continuation: tuple[int, ...]) -> None:
        start = len(self.tokens)
        self.tokens += continuation[:-1]
        self.positions += range(len(self.context), len(self.context) + len(continuation) - 1)
        self.spans.append((start, len(self.tokens)))
        self.targets.append(continuation)


def score_continuations(
    model: PreTrainedModel, pairs: Sequence[tuple[Sequence[int], Sequence[int]]], batch_size: int
) -> list[tuple[float, bool]]:
    """Sum of log-probabilities of each continuation after its context, and whether greedy decoding would write it.

    `pairs` are (context tokens, continuation tokens), neither empty; `batch_size` counts sequences.
    FloatingPointError if a sum is not finite: comparisons with NaN would rank the right answer first.
    """
    keys = [(tuple(context), tuple(continuation)) for context, continuation in pairs]
    # Longest first, so that a batch holds sequences of like length and memory runs out at once or never.
    trees = sorted(_trees(dict.fromkeys(keys)), key=lambda tree: (-len(tree.tokens), tree.context))
    found: dict[tuple, tuple[float, bool]] = {}
    for start in range(0, len(trees), batch_size):
        batch = trees[start : start + batch_size]
        for tree, logits in zip(batch, _logits(model, batch), strict=True):
            found |= {(tree.context, t): r for t, r in zip(tree.targets, _scores(tree, logits), strict=True)}
    if not all(math.isfinite(total) for total, _ in found.values()):
        raise FloatingPointError("a log-likelihood is not finite: the model diverged or overflows in this dtype")
    return [found[key] for key in keys]


def _trees(distinct: Iterable[tuple[tuple[int, ...], tuple[int, ...]]]) -> list[_Tree]:
    full: list[_Tree] = []
    growing: dict[tuple[int, ...], _Tree] = {}
    for context, continuation in distinct:
        tree = growing.get(context)
        if tree is None or len(tree.tokens) + len(continuation) > len(context) + WIDTH:
            tree = growing[context] = _Tree(context, list(context), list(range(len(context))))
            full.append(tree)
        tree.add(continuation)
    return full


@torch.inference_mode()
def _logits(model: PreTrainedModel, batch: Sequence[_Tree]) -> Tensor:
    """[trees, longest sequence, vocabulary] float32; rows are padded on the right."""
    length = max(len(tree.tokens) for tree in batch)
    tokens = torch.zeros(len(batch), length, dtype=torch.long)
    positions = torch.zeros(len(batch), length, dtype=torch.long)
    for row, tree in enumerate(batch):
        tokens[row, : len(tree.tokens)] = torch.tensor(tree.tokens)
        positions[row, : len(tree.tokens)] = torch.tensor(tree.positions)
    mask = torch.stack([_mask(tree, length) for tree in batch])[:, None]
    # Added to the attention scores, so that every attention implementation understands it.
    hidden = torch.zeros(mask.shape, dtype=model.dtype).masked_fill_(~mask, torch.finfo(model.dtype).min)
    return model(
        input_ids=tokens.to(model.device),
        position_ids=positions.to(model.device),
        attention_mask=hidden.to(model.device),
        use_cache=False,
    ).logits.float()


def _mask(tree: _Tree, length: int) -> Tensor:
    """[length, length] bool: which position (column) each position (row) sees. Padding sees itself, to avoid NaN."""
    segment = torch.full((length,), -1)
    segment[: len(tree.context)] = 0
    for number, (start, end) in enumerate(tree.spans, start=1):
        segment[start:end] = number
    related = (segment[:, None] == segment[None, :]) | ((segment[None, :] == 0) & (segment[:, None] > 0))
    return related.tril() | torch.eye(length, dtype=torch.bool)


def _scores(tree: _Tree, logits: Tensor) -> list[tuple[float, bool]]:
    """Per continuation: sum of log-probabilities, and whether every token is the likeliest."""
    rows, targets, lengths = [], [], []
    for (start, end), target in zip(tree.spans, tree.targets, strict=True):
        rows += [len(tree.context) - 1, *range(start, end)]
        targets += target
        lengths.append(len(target))
    predicted = torch.log_softmax(logits[torch.tensor(rows, device=logits.device)], dim=-1)
    expected = torch.tensor(targets, device=logits.device)
    found = predicted.gather(1, expected[:, None]).squeeze(1).cpu()
    greedy = (predicted.argmax(dim=-1) == expected).cpu()
    return [
        (float(values.double().sum()), bool(hits.all()))
        for values, hits in zip(found.split(lengths), greedy.split(lengths), strict=True)
    ]
