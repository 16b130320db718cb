"""Text to a memory-mapped file of token ids, once, ahead of pre-training; many runs then read the same file."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from transformers import PreTrainedTokenizerBase

from false_promise.files import replacing
from false_promise.language_models.tokenizer import BOS, END

TEXTS_A_CALL = 1000


def tokenise(texts: Iterable[str], tokenizer: PreTrainedTokenizerBase, path: Path, tokens: int) -> int:
    """Write exactly `tokens` ids as uint16 to the .npy file `path`; returns `tokens`. Memory does not grow with it.

    Each text becomes `<|bos|>text<|end|>`; one rendered by the chat template already has both and keeps its own.
    Raises ValueError if the texts end too early or the vocabulary does not fit uint16.
    """
    if len(tokenizer) > np.iinfo(np.uint16).max + 1:
        raise ValueError(f"a vocabulary of {len(tokenizer)} does not fit 16 bits: use at most 65,536 entries")
    if tokens < 1:
        raise ValueError(f"tokens = {tokens}: ask for at least one")
    with replacing(Path(path)) as temporary:
        ids = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.uint16, shape=(tokens,))
        written = 0
        for chunk in _encoded(texts, tokenizer):
            part = chunk[: tokens - written]
            ids[written : written + len(part)] = part
            written += len(part)
            if written == tokens:
                break
        ids.flush()
        del ids
        if written < tokens:
            raise ValueError(f"the texts end after {written:,} tokens; {tokens:,} were asked for: give more text")
    return tokens


def open_tokens(path: Path) -> np.ndarray:
    """Open a token file, shape (tokens,), uint16, without reading it into memory."""
    try:
        return np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is no token file ({error}): write it with tokenise()") from error


def _encoded(texts: Iterable[str], tokenizer: PreTrainedTokenizerBase) -> Iterator[np.ndarray]:
    texts = iter(texts)
    while some := list(islice(texts, TEXTS_A_CALL)):
        documents = [_document(text) for text in some]
        encodings = tokenizer.backend_tokenizer.encode_batch_fast(documents, add_special_tokens=False)
        yield np.concatenate([np.array(encoding.ids, dtype=np.uint16) for encoding in encodings])


def _document(text: str) -> str:
    return ("" if text.startswith(BOS) else BOS) + text + ("" if text.endswith(END) else END)
