"""Nearest other text by sentence BLEU: the public functions, around the compiled search (kernel.py)."""

import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from queue import SimpleQueue

import numba
import numpy as np
from tqdm.auto import tqdm

from false_promise.diversity import kernel
from false_promise.diversity.ngrams import Index, build_index
from false_promise.diversity.tokens import Distinct, TokenLists, check_texts, distinct, encode
from false_promise.diversity.variants import DEFAULT, Variant, rule
from false_promise.diversity.workspace import Problem, workspace

BLOCKS, BLOCK = 200, 50  # at most so many blocks of at least so many queries: the steps of the progress bar
ROLES = ("hypothesis", "reference")


@dataclass(frozen=True)
class Nearest:
    """For each query its nearest other text.

    index   (queries,) int64: the lowest index among the texts with the highest score
    score   (queries,) float64: that BLEU score, 0 to 100
    scored  how many pairs were scored, wholly or by their unigrams alone; brute force would score `pairs`
    """

    index: np.ndarray
    score: np.ndarray
    scored: int
    pairs: int


@dataclass(frozen=True)
class _Options:
    variant: Variant
    query_as: str
    progress: bool

    def __post_init__(self):
        if not isinstance(self.variant, Variant):
            raise TypeError(
                f"variant is {self.variant!r}; give a Variant, for example Variant('floor', lowercase=True)"
            )
        if self.query_as not in ROLES:
            raise ValueError(f"query_as is {self.query_as!r}; choose one of {', '.join(ROLES)}")


def nearest(
    queries: Iterable[str],
    others: Iterable[str] | None = None,
    variant: Variant = DEFAULT,
    query_as: str = "hypothesis",
    progress: bool = False,
) -> Nearest:
    """The nearest text to each query by sentence BLEU: among the other queries, or among `others`.

    query_as  "hypothesis": BLEU(query, reference = the other text); "reference": BLEU(other text, reference = query)

    Scores equal sacrebleu's to 1e-9. Scores that differ by less count as equal, and the lowest index wins. A query with
    an exact duplicate has that as its neighbour (score 100; of several, the first other one). Where no text has a
    score above 0 (an empty query, for example), the score is 0 and the index that of the first other text.
    Memory grows with the number of tokens, not of pairs. Uses as many threads as numba (NUMBA_NUM_THREADS).

    Raises:
        TypeError: anything but strings; the message names its place.
        ValueError: no texts, or a single query without `others`.
    """
    options = _Options(variant, query_as, progress)
    texts = check_texts(queries, "queries", at_least=2 if others is None else 1)
    if others is None:
        return _within(texts, options)
    others = check_texts(others, "others")
    score, place, scored = _between(texts, others, 0.0, options)
    return _result(place, score, 0, scored, len(texts) * len(others))


def max_bleu(queries: Iterable[str], others: Iterable[str], variant: Variant = DEFAULT, **options) -> np.ndarray:
    """(queries,) the highest BLEU of each query with any of `others`; options as in `nearest`."""
    return nearest(queries, check_texts(others, "others"), variant, **options).score


def above(
    threshold: float,
    queries: Iterable[str],
    others: Iterable[str],
    variant: Variant = DEFAULT,
    query_as: str = "hypothesis",
    progress: bool = False,
) -> np.ndarray:
    """(queries,) bool: whether any of `others` has a BLEU above `threshold` (0 to 100) with the query.

    The paper drops evaluation prompts with more than 20% BLEU to any training example (section 4.1). Quicker than
    `nearest`, because pairs with a bound below the threshold are never looked at. Errors as in `nearest`.
    """
    options = _Options(variant, query_as, progress)
    if not isinstance(threshold, int | float) or not 0 <= threshold < 100:
        raise ValueError(f"threshold is {threshold!r}; give a number from 0 up to, but not, 100 (20.0 is 20% BLEU)")
    texts, others = check_texts(queries, "queries"), check_texts(others, "others")
    return _between(texts, others, float(threshold), options)[0] > max(threshold, kernel.TIE)


def pair_scores(hypotheses: Iterable[str], references: Iterable[str], variant: Variant = DEFAULT) -> np.ndarray:
    """(hypotheses, references) the score of every pair. For small sets and tests: its size is that of all pairs."""
    hypotheses, references = check_texts(hypotheses, "hypotheses"), check_texts(references, "references")
    rows, columns, index = _two_sets(hypotheses, references, variant)
    scores = np.zeros((len(rows.lists), len(columns.lists)))
    problem = Problem(index, columns.first, rule(variant, int(index.lengths.max())))
    work = workspace(index.references, len(index.starts) - 1)
    kernel.score_all(np.arange(index.references, len(index.lengths)), problem, work, scores)
    return scores[rows.group][:, columns.group]


def _within(texts: list[str], options: _Options) -> Nearest:
    sets = distinct(encode(texts, {}, options.variant.lowercase))
    itself = _self_scores(sets, options.variant)
    index = build_index(sets.lists, len(sets.lists))
    score, place, scored = _run(index, sets.first, np.arange(len(itself)), itself, options)
    score, place, itself, own = score[sets.group], place[sets.group], itself[sets.group], np.arange(len(texts))
    twin = np.where(sets.first[sets.group] == own, sets.second[sets.group], sets.first[sets.group])
    twin_wins = (twin >= 0) & (score <= itself + kernel.TIE) & ((place < 0) | (twin < place))
    return _result(np.where(twin_wins, twin, place), score, own == 0, scored, len(texts) * (len(texts) - 1))


def _between(
    texts: list[str], others: list[str], floor: float, options: _Options
) -> tuple[np.ndarray, np.ndarray, int]:
    """Score and place of the nearest of `others` for each text, and how many pairs were scored; see `kernel.search`."""
    rows, columns, index = _two_sets(texts, others, options.variant)
    numbers = np.arange(index.references, len(index.lengths))
    score, place, scored = _run(index, columns.first, numbers, np.full(len(index.lengths), floor), options)
    return score[numbers][rows.group], place[numbers][rows.group], scored


def _result(index: np.ndarray, score: np.ndarray, first_other: np.ndarray | int, scored: int, pairs: int) -> Nearest:
    """Takes scores within TIE of 0 and of 100 for 0 and 100; all texts tie at 0, so the first other one is nearest."""
    index = np.where(score <= kernel.TIE, first_other, index).astype(np.int64)
    score = np.where(score <= kernel.TIE, 0.0, np.where(score >= 100 - kernel.TIE, 100.0, score))
    return Nearest(index, score, scored, pairs)


def _self_scores(sets: Distinct, variant: Variant) -> np.ndarray:
    """(distinct,) the score of a text with its exact duplicate; 0 where it has none."""
    lengths = sets.lists.lengths.tolist()
    tables = rule(variant, max(lengths))
    scores = {n: math.exp(kernel.log_bleu(n, n, *(max(n - k, 0) for k in range(4)), tables)) for n in set(lengths)}
    return np.where(sets.second >= 0, [scores[n] for n in lengths], 0.0)


def _two_sets(queries: list[str], others: list[str], variant: Variant) -> tuple[Distinct, Distinct, Index]:
    vocabulary: dict[str, int] = {}
    columns = distinct(encode(others, vocabulary, variant.lowercase))
    rows = distinct(encode(queries, vocabulary, variant.lowercase))
    tokens = np.concatenate([columns.lists.tokens, rows.lists.tokens])
    starts = np.concatenate([columns.lists.starts, rows.lists.starts[1:] + columns.lists.starts[-1]])
    return rows, columns, build_index(TokenLists(tokens, starts), len(columns.lists))


def _run(
    index: Index, first: np.ndarray, numbers: np.ndarray, floor: np.ndarray, options: _Options
) -> tuple[np.ndarray, np.ndarray, int]:
    """Scores and places of all texts (only those in `numbers` are filled in), and the number of pairs scored.

    Every query is searched alone, so the result does not depend on the number of threads.
    """
    tables = rule(options.variant, int(index.lengths.max()), options.query_as == "reference")
    problem = Problem(index, first, tables)
    score, place = np.zeros(len(index.lengths)), np.full(len(index.lengths), -1)
    n_blocks = max(1, min(BLOCKS, len(numbers) // BLOCK))
    blocks = [numbers[start::n_blocks] for start in range(n_blocks)]  # each with short and long queries
    threads = min(numba.config.NUMBA_NUM_THREADS, n_blocks)
    spaces = [workspace(index.references, len(index.starts) - 1) for _ in range(threads)]
    idle: SimpleQueue = SimpleQueue()
    for space in spaces:
        idle.put(space)

    def search_block(block: np.ndarray) -> None:
        space = idle.get()
        kernel.search(block, floor, problem, space, score, place)
        idle.put(space)

    with ThreadPoolExecutor(len(spaces)) as pool:
        jobs = [pool.submit(search_block, block) for block in blocks]
        for job in tqdm(as_completed(jobs), total=len(jobs), disable=not options.progress, desc="nearest BLEU"):
            job.result()
    return score, place, int(sum(space.scored[0] for space in spaces))
