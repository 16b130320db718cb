"""Artificial user queries of any number: for benchmarks, tests and the picture of the method, never for a result.

Words follow Zipf's law (rank-frequency exponent 1, offset 2.7), lengths a log-normal law with a long tail, and one
query in five opens with a stock phrase, so that the nearest-neighbour BLEU comes near that of real user queries.
"""

import numpy as np

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvwz" for vowel in "aeiou"]
VOCABULARY, OPENINGS = 60_000, 1_000
ENDS = np.array(["", "", "", "", "", "", "", "", "", "", ",", ".", "?"])


def artificial_queries(n: int, seed: int = 0) -> list[str]:
    """n queries of 40 tokens on average, half with fewer than 24; 3 in 1,000 have 1,000 to 2,500."""
    rng = np.random.default_rng(seed)
    words = [_word(rank) for rank in range(VOCABULARY)]
    openings = [" ".join(words[rank] for rank in _ranks(rng.integers(3, 8), rng)) for _ in range(OPENINGS)]
    lengths = np.maximum(1, np.exp(rng.normal(np.log(18), 0.95, n))).astype(int)
    long = rng.random(n) < 0.003
    lengths[long] = rng.integers(1_000, 2_000, long.sum())
    opening = np.where(rng.random(n) < 0.2, OPENINGS * rng.random(n) ** 3, -1).astype(int)
    return [
        (openings[first] + " " if first >= 0 else "") + " ".join(_with_punctuation(words, length, rng))
        for length, first in zip(lengths, opening, strict=True)
    ]


def _with_punctuation(words: list[str], length: int, rng: np.random.Generator) -> list[str]:
    ends = ENDS[rng.integers(len(ENDS), size=length)]
    return [words[rank] + end for rank, end in zip(_ranks(length, rng), ends, strict=True)]


def _ranks(size: int, rng: np.random.Generator) -> np.ndarray:
    return np.searchsorted(_CUMULATIVE, rng.random(size)).clip(max=VOCABULARY - 1)


def _word(rank: int) -> str:
    """A word of one syllable for the commonest ranks, of two and three for the rest; all differ."""
    higher, last = divmod(rank, len(SYLLABLES))
    return (_word(higher - 1) if higher else "") + SYLLABLES[last]


_SHARES = 1 / (np.arange(1, VOCABULARY + 1) + 2.7)
_CUMULATIVE = np.cumsum(_SHARES / _SHARES.sum())
