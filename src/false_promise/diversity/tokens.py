"""Text to token numbers: sacrebleu's 13a tokenisation, once per distinct word instead of once per text.

The 13a tokeniser cleans a line with plain replacements and then applies four regular expressions that look at one
character or two neighbours. White space, every character at which `str.split` splits, is no digit, full stop, comma or
dash, so in a match of two characters at most one is white space, and the match takes nothing from the word on its other
side. Tokenising the words of a cleaned line one by one therefore gives the tokens of the line, and each distinct word
need be tokenised only once. The tests hold this against sacrebleu on random Unicode text.
"""

import inspect
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from sacrebleu.tokenizers.tokenizer_re import TokenizerRegexp

_REGEXP = TokenizerRegexp()
_SPLIT = inspect.unwrap(TokenizerRegexp.__call__)  # without its cache, which would keep the texts alive
_MAX_CACHED_WORDS = 2_000_000
_LONGEST_CACHED_WORD = 1_000


@dataclass(frozen=True)
class TokenLists:
    """Texts as numbers: text i is `tokens[starts[i]:starts[i + 1]]` (int32; starts int64, one longer than texts)."""

    tokens: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.starts)


def check_texts(texts: Iterable[str], name: str, at_least: int = 1) -> list[str]:
    """The texts as a list. TypeError for anything but an iterable of str, ValueError for fewer than `at_least`."""
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise TypeError(f"{name} is {texts!r:.60}; give a list of strings")
    texts = list(texts)
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"{name}[{i}] is {text!r:.60} of type {type(text).__name__}; each must be a string")
    if len(texts) < at_least:
        need = "is empty" if not texts else f"has {len(texts)} text; a nearest *other* one needs at least {at_least}"
        raise ValueError(f"{name} {need}")
    return texts


def tokenise(text: str, lowercase: bool = False) -> list[str]:
    """Tokens of one text, equal to `sacrebleu.BLEU(lowercase=lowercase)`'s own."""
    return [token for word in _clean(text, lowercase).split() for token in _split_word(word)]


def encode(texts: Sequence[str], vocabulary: dict[str, int], lowercase: bool = False) -> TokenLists:
    """Token numbers of each text; new tokens are added to `vocabulary` in order of appearance."""
    words: dict[str, tuple[int, ...]] = {}
    tokens, starts = array("i"), array("q", [0])
    for text in texts:
        for word in _clean(text, lowercase).split():
            numbers = words.get(word)
            if numbers is None:
                numbers = tuple(vocabulary.setdefault(token, len(vocabulary)) for token in _split_word(word))
                if len(word) <= _LONGEST_CACHED_WORD and len(words) < _MAX_CACHED_WORDS:
                    words[word] = numbers
            tokens.extend(numbers)
        starts.append(len(tokens))
    return TokenLists(
        np.frombuffer(tokens, np.int32) if tokens else np.zeros(0, np.int32), np.frombuffer(starts, np.int64)
    )


def _clean(text: str, lowercase: bool) -> str:
    text = (text.lower() if lowercase else text).rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    if "&" in text:
        text = text.replace("&quot;", '"').replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    return text


def _split_word(word: str) -> list[str]:
    return [word] if word.isalnum() else _SPLIT(_REGEXP, f" {word} ").split()


@dataclass(frozen=True)
class Distinct:
    """The distinct token lists of some texts, shortest first, then by first appearance."""

    lists: TokenLists
    group: np.ndarray  # (texts,) the distinct list of each text
    first: np.ndarray  # (distinct,) the lowest index of a text with this list
    second: np.ndarray  # (distinct,) the next lowest, -1 if there is none


def distinct(lists: TokenLists) -> Distinct:
    """Groups equal token lists, so that each is searched once however often it occurs."""
    numbers: dict[bytes, int] = {}
    bounds = lists.starts.tolist()
    group = np.array(
        [
            numbers.setdefault(lists.tokens[a:b].tobytes(), len(numbers))
            for a, b in zip(bounds, bounds[1:], strict=False)
        ],
        np.int64,
    )
    appearance = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[appearance], np.arange(len(numbers) + 1))
    first = appearance[starts[:-1]]
    second = np.where(np.diff(starts) > 1, appearance[np.minimum(starts[:-1] + 1, len(group) - 1)], -1)
    order = np.argsort(lists.lengths[first], kind="stable")  # first is ascending: ties stay in order of appearance
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return Distinct(_take(lists, first[order]), rank[group], first[order], second[order])


def _take(lists: TokenLists, chosen: np.ndarray) -> TokenLists:
    lengths = lists.lengths[chosen]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    positions = np.repeat(lists.starts[chosen] - starts[:-1], lengths) + np.arange(starts[-1])
    return TokenLists(lists.tokens[positions], starts)
