"""From imitation records to token ids with a loss mask, cut to the context length.

The ids are those of the chat template, except that a marker written inside a message stays ordinary text: nobody ends
a reply by typing `<|end|>`. Loss falls on replies and their end marker (paper §4.1); on all of a plain text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedTokenizerBase

from false_promise.language_models.tokenizer import ASSISTANT, END, USER

RECORDS_A_CALL = 1000  # bounds the memory of the tokenizer's answer


@dataclass(frozen=True)
class Span:
    """Token ids (int32) and which of them carry loss (bool), both of shape (tokens,)."""

    ids: np.ndarray
    loss: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, part: slice) -> "Span":
        return Span(self.ids[part], self.loss[part])


@dataclass(frozen=True)
class Encoded:
    """One record: its exchanges (a question with the replies to it), or the single span of a plain text."""

    spans: list[Span]
    plain: bool


def joined(spans: Sequence[Span]) -> Span:
    """One span after the other."""
    return Span(np.concatenate([s.ids for s in spans]), np.concatenate([s.loss for s in spans]))


def check(records: Sequence[dict]) -> None:
    """Raise ValueError, naming the record, where there is nothing to learn from."""
    if not records:
        raise ValueError("no imitation records: the list is empty")
    for position, record in enumerate(records):
        name = f"record {record.get('id', position)!r}"
        if "text" in record:
            continue
        roles = [message["role"] for message in record.get("messages", ())]
        if unknown := sorted(set(roles) - {"user", "assistant"}):
            raise ValueError(f"{name} has a message with role {unknown[0]!r}: use 'user' or 'assistant'")
        if "assistant" not in roles:
            raise ValueError(f"{name} has no assistant message, so nothing to imitate: drop it in the data mix")


def encode(records: Sequence[dict], tokenizer: PreTrainedTokenizerBase) -> Iterator[Encoded]:
    """Tokenise imitation records (the first token of the template, bos, is left to the packing)."""
    check(records)
    for start in range(0, len(records), RECORDS_A_CALL):
        yield from _encode_some(records[start : start + RECORDS_A_CALL], tokenizer)


def _encode_some(records: Sequence[dict], tokenizer: PreTrainedTokenizerBase) -> Iterator[Encoded]:
    texts = [text for record in records for text in _texts(record)]
    ids = iter(tokenizer(texts, add_special_tokens=False, split_special_tokens=True).input_ids)
    user, assistant, end = tokenizer.convert_tokens_to_ids([USER, ASSISTANT, END])
    for record in records:
        if "text" in record:
            yield Encoded([_span([], [*next(ids), end])], plain=True)
            continue
        exchanges: list[list[Span]] = []
        for message in record["messages"]:
            asks = message["role"] == "user"
            span = _span([user, *next(ids)], []) if asks else _span([assistant], [*next(ids), end])
            if asks or not exchanges:
                exchanges.append([])
            exchanges[-1].append(span)
        yield Encoded([joined(spans) for spans in exchanges], plain=False)


def _texts(record: dict) -> list[str]:
    # The space of the chat template; a plain text starts as in pre-training.
    return [record["text"]] if "text" in record else [" " + message["content"] for message in record["messages"]]


def _span(silent: list[int], spoken: list[int]) -> Span:
    loss = np.zeros(len(silent) + len(spoken), dtype=bool)
    loss[len(silent) :] = True
    return Span(np.array(silent + spoken, dtype=np.int32), loss)
