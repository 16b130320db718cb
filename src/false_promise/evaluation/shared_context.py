"""Log-likelihoods of many continuations of one context in one forward pass.

Twenty candidate answers share their prose frame, four options their five worked exam items. Each context is read
once, followed by all its continuations; a mask lets each continuation see the context and itself, and position ids
let each start where the context ends. Worked examples with which all contexts of a batch begin are read once a batch:
exams with 5 shots take 0.3 of the time. The sums equal those of separate passes (tests/evaluation/test_shared_context).
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import PreTrainedModel

from false_promise.evaluation.shared_prefix import prefix_cache

# Contexts that begin with these many equal tokens go into one batch and share them.
PREFIX = 48
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
    found: dict[tuple, tuple[float, bool]] = {}
    for batch in _batches(_trees(dict.fromkeys(keys)), batch_size):
        read = _common_length([tree.context for tree in batch])
        for tree, logits in zip(batch, _logits(model, batch, read), strict=True):
            found |= {(tree.context, t): r for t, r in zip(tree.targets, _scores(tree, logits, read), strict=True)}
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


def _batches(trees: Sequence[_Tree], batch_size: int) -> Iterator[list[_Tree]]:
    """Trees with a common beginning together; each group longest first, so that batches hold like lengths."""
    groups: dict[tuple[int, ...], list[_Tree]] = {}
    for tree in trees:
        shared = tree.context[:PREFIX] if len(tree.context) > PREFIX else ()
        groups.setdefault(shared, []).append(tree)
    for group in groups.values():
        group.sort(key=lambda tree: (-len(tree.tokens), tree.context))
        yield from (group[start : start + batch_size] for start in range(0, len(group), batch_size))


def _common_length(contexts: Sequence[tuple[int, ...]]) -> int:
    """Tokens with which all contexts begin, less than the shortest one's; 0 if it is not worth a pass of its own."""
    first, last = min(contexts), max(contexts)  # what these two share, all share
    equal = (a == b for a, b in zip(first, last, strict=False))
    length = next((place for place, same in enumerate(equal) if not same), min(len(first), len(last)))
    length = min(length, *(len(context) - 1 for context in contexts))
    return length if length >= PREFIX and len(contexts) > 1 else 0


@torch.inference_mode()
def _logits(model: PreTrainedModel, batch: Sequence[_Tree], read: int) -> Tensor:
    """[trees, longest sequence - read, vocabulary] float32, from position `read` on; rows are padded on the right."""
    length = max(len(tree.tokens) for tree in batch)
    tokens = torch.zeros(len(batch), length - read, dtype=torch.long)
    positions = torch.zeros(len(batch), length - read, dtype=torch.long)
    for row, tree in enumerate(batch):
        tokens[row, : len(tree.tokens) - read] = torch.tensor(tree.tokens[read:])
        positions[row, : len(tree.tokens) - read] = torch.tensor(tree.positions[read:])
    mask = torch.stack([_mask(tree, length)[read:] for tree in batch])[:, None]
    prefix = torch.tensor([batch[0].context[:read]], device=model.device) if read else None
    cache = prefix_cache(model, prefix, copies=len(batch)) if read else None
    # Added to the attention scores, so that every attention implementation understands it.
    hidden = torch.zeros(mask.shape, dtype=model.dtype).masked_fill_(~mask, torch.finfo(model.dtype).min)
    return model(
        input_ids=tokens.to(model.device),
        position_ids=positions.to(model.device),
        attention_mask=hidden.to(model.device),
        past_key_values=cache,
        use_cache=cache is not None,
    ).logits.float()


def _mask(tree: _Tree, length: int) -> Tensor:
    """[length, length] bool: which position (column) each position (row) sees. Padding sees itself, to avoid NaN."""
    segment = torch.full((length,), -1)
    segment[: len(tree.context)] = 0
    for number, (start, end) in enumerate(tree.spans, start=1):
        segment[start:end] = number
    related = (segment[:, None] == segment[None, :]) | ((segment[None, :] == 0) & (segment[:, None] > 0))
    return related.tril() | torch.eye(length, dtype=torch.bool)


def _scores(tree: _Tree, logits: Tensor, read: int) -> list[tuple[float, bool]]:
    """Per continuation: sum of log-probabilities, and whether each token is the likeliest. `logits` begin at `read`."""
    rows, targets, lengths = [], [], []
    for (start, end), target in zip(tree.spans, tree.targets, strict=True):
        rows += [len(tree.context) - 1, *range(start, end)]
        targets += target
        lengths.append(len(target))
    predicted = torch.log_softmax(logits[torch.tensor(rows, device=logits.device) - read], dim=-1)
    expected = torch.tensor(targets, device=logits.device)
    found = predicted.gather(1, expected[:, None]).squeeze(1).cpu()
    greedy = (predicted.argmax(dim=-1) == expected).cpu()
    return [
        (float(values.double().sum()), bool(hits.all()))
        for values, hits in zip(found.split(lengths), greedy.split(lengths), strict=True)
    ]
