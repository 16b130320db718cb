"""From encoded records to blocks of tokens: many short dialogues in one row, no padding to the longest.

Recipe `clean` (`pack`): whole dialogues share a block without seeing each other. Each starts at position 0, and
transformers derives the block-diagonal attention from that, but only if the batch has no attention mask and the model
no cache; both traps are silent. Recipe `paper` (`stream`, EasyLM's data.py): all dialogues in one stream, cut into
rows; attention and targets cross the borders.
"""

import bisect
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from false_promise.language_models.encoding import Encoded, Span, joined

IGNORED = -100  # label of a token without loss


@dataclass(frozen=True)
class Blocks:
    """Arrays of shape (blocks, tokens a block), int32.

    `labels` of `pack` are the ids themselves or IGNORED (the model shifts them); those of `stream` are the next tokens.
    """

    input_ids: np.ndarray
    labels: np.ndarray
    position_ids: np.ndarray
    counts: dict[str, int | float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.input_ids)

    def digest(self) -> str:
        """Hex digest of the content, to recognise the same data again."""
        whole = hashlib.sha256()
        for array in (self.input_ids, self.labels, self.position_ids):
            whole.update(np.ascontiguousarray(array))
        return whole.hexdigest()

    def batch(self, indices: Sequence[int]) -> dict[str, torch.Tensor]:
        """Collate blocks: int64 tensors of shape (len(indices), tokens a block). No attention mask, on purpose."""
        rows = list(indices)
        arrays = {"input_ids": self.input_ids, "labels": self.labels, "position_ids": self.position_ids}
        return {name: torch.from_numpy(array[rows].astype(np.int64)) for name, array in arrays.items()}


def pack(encoded: Iterable[Encoded], block: int, bos: int, pad: int, seed: int) -> Blocks:
    """Pack without leaks, in an order given by `seed`.

    A dialogue longer than the block is split between exchanges, a single longer exchange is truncated, a longer plain
    text is split; every part begins with bos. Parts without loss are dropped. `counts` tells how often.
    """
    rng = np.random.default_rng(seed)
    counts = {"records": 0, "split": 0, "truncated": 0, "truncated_tokens": 0, "dropped": 0}
    parts: list[Span] = []
    for record in encoded:
        parts += _parts(record, block, bos, counts)
    parts = [parts[i] for i in rng.permutation(len(parts))]
    bins = _best_fit([len(part) for part in parts], block)
    rows = [[parts[i] for i in bins[b]] for b in rng.permutation(len(bins))]
    return _fill(rows, block, pad, counts)


def stream(encoded: Iterable[Encoded], block: int, bos: int, pad: int, seed: int) -> Blocks:
    """Concatenate in an order given by `seed` and cut into rows, as EasyLM does; only the last row is padded."""
    start = Span(np.array([bos], dtype=np.int32), np.array([False]))
    records = [joined([start, *record.spans]) for record in encoded]
    whole = joined([records[i] for i in np.random.default_rng(seed).permutation(len(records))])
    targets = np.where(whole.loss, whole.ids, IGNORED)[1:]
    shape = (-(-len(whole) // block), block)
    ids, labels = np.full(shape, pad, np.int32), np.full(shape, IGNORED, np.int32)
    ids.flat[: len(whole)], labels.flat[: len(targets)] = whole.ids, targets
    positions = np.broadcast_to(np.arange(block, dtype=np.int32), shape)
    counts = {"records": len(records), "split": 0, "truncated": 0, "truncated_tokens": 0, "dropped": 0}
    return Blocks(ids, labels, positions, _totals(counts, len(whole), labels))


def repeated(blocks: Blocks, rows: int, seed: int) -> Blocks:
    """`rows` blocks: the given ones over and over, every epoch in a new order; the counts stay those of one epoch."""
    rng = np.random.default_rng(seed)
    epochs = -(-rows // len(blocks))
    order = np.concatenate([np.arange(len(blocks)), *(rng.permutation(len(blocks)) for _ in range(epochs - 1))])[:rows]
    return replace(blocks, input_ids=blocks.input_ids[order], labels=blocks.labels[order],
                   position_ids=blocks.position_ids[order])  # fmt: skip


def _parts(record: Encoded, block: int, bos: int, counts: dict) -> list[Span]:
    start = Span(np.array([bos], dtype=np.int32), np.array([False]))
    spans = _text_pieces(record.spans[0], block - 1) if record.plain else record.spans
    groups: list[list[Span]] = []
    room = 0
    for span in spans:
        if len(span) > room or not groups:
            groups.append([start])
            room = block - 1
        if len(span) > room:
            counts["truncated"] += 1
            counts["truncated_tokens"] += len(span) - room
        groups[-1].append(span[:room])
        room = max(room - len(span), 0)
    counts["records"] += 1
    counts["split"] += len(groups) > 1
    parts = [joined(group) for group in groups]
    kept = [part for part in parts if part.loss.any()]
    counts["dropped"] += len(parts) - len(kept)
    return kept


def _text_pieces(text: Span, size: int) -> list[Span]:
    return [text[i : i + size] for i in range(0, len(text), size)]


def _best_fit(lengths: Sequence[int], block: int) -> list[list[int]]:
    """Put each length into the fullest bin that still has room for it, in the given order."""
    bins: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (free tokens, bin), sorted
    for i, length in enumerate(lengths):
        at = bisect.bisect_left(room, (length, -1))
        free, chosen = room.pop(at) if at < len(room) else (block, len(bins))
        if chosen == len(bins):
            bins.append([])
        bins[chosen].append(i)
        bisect.insort(room, (free - length, chosen))
    return bins


def _fill(rows: list[list[Span]], block: int, pad: int, counts: dict) -> Blocks:
    shape = (len(rows), block)
    ids, labels = np.full(shape, pad, np.int32), np.full(shape, IGNORED, np.int32)
    positions = np.zeros(shape, np.int32)
    for r, row in enumerate(rows):
        at = 0
        for part in row:
            here = slice(at, at + len(part))
            ids[r, here], positions[r, here] = part.ids, np.arange(len(part))
            labels[r, here] = np.where(part.loss, part.ids, IGNORED)
            at += len(part)
        positions[r, at:] = np.arange(block - at)  # the padding is a sequence of its own
    return Blocks(ids, labels, positions, _totals(counts, sum(len(p) for row in rows for p in row), labels))


def _totals(counts: dict, tokens: int, labels: np.ndarray) -> dict[str, int | float]:
    replies = int((labels != IGNORED).sum())
    return {**counts, "tokens": tokens, "reply_tokens": replies, "padding": 1 - tokens / max(labels.size, 1)}
