"""Speed and exactness of nearest-neighbour BLEU: against brute force with sacrebleu, and against the best alternatives.

    python benchmarks/diversity.py                                 # 50,000 queries, all comparisons: 15 minutes
    python benchmarks/diversity.py --queries 200000 --brute 0 --alternatives 0                     # growth only

Sizes: `--queries` (also half and a quarter of it, for the growth), `--brute` queries for sacrebleu on every pair (real
ones where REAL_DATA has them), `--alternatives` queries for the other methods. 0 leaves a part out. Times are the best
of `--repeats`, from texts to result, tokenisation included; numba's one-time compilation is measured apart.
"""

import argparse
import math
import multiprocessing
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import sacrebleu
from rapidfuzz import process
from rapidfuzz.distance import Indel
from scipy import sparse

from false_promise.diversity import nearest, pair_scores
from false_promise.diversity.artificial import artificial_queries
from false_promise.diversity.ngrams import build_index
from false_promise.diversity.query_sets import dolly, sharegpt, super_natural_instructions
from false_promise.diversity.tokens import distinct, encode, tokenise
from false_promise.diversity.variants import DEFAULT, rule
from false_promise.paths import REAL_DATA

MILLION = 1_000_000
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def fresh_process(function: Callable, *arguments):
    """The function's result in a new process: its peak memory is its own, and nothing is compiled yet."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def first_call() -> float:
    """Seconds of the first search in a process: compilation, or loading what an earlier process compiled."""
    start = time.perf_counter()
    nearest(["one two three", "one two four"])
    return time.perf_counter() - start


def timed(function: Callable, repeats: int = 1):
    """Result, and the least wall-clock seconds of `repeats` calls."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return result, min(seconds)


def search_run(n: int, repeats: int) -> dict:
    """One size, in a process of its own."""
    queries = artificial_queries(n)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    first_call()
    found, seconds = timed(lambda: nearest(queries), repeats)
    _, tokenising = timed(lambda: encode(queries, {}))
    lengths = [len(tokenise(query)) for query in queries]
    return {
        "n": n, "seconds": seconds, "tokenising": tokenising, "tokens": np.mean(lengths), "longest": max(lengths),
        "mean": found.score.mean(), "scored": found.scored / found.pairs, "texts_gb": before / 2**20,
        "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, "load": os.getloadavg()[0],
    }  # fmt: skip


def measure_growth(n: int, repeats: int) -> dict:
    """Time and memory at a quarter, half and all of n; the exponent; a million on paper. Returns the row of n."""
    print(f"\n{'queries':>9} {'tokens':>7} {'longest':>8} {'seconds':>8} {'of which tokenising':>20} {'peak GB':>8}"
          f" {'(texts)':>8} {'pairs scored':>13} {'mean BLEU':>10} {'load':>5}")  # fmt: skip
    rows = []
    for size in (n // 4, n // 2, n):
        rows.append(row := fresh_process(search_run, size, repeats))
        print(f"{row['n']:9,} {row['tokens']:7.1f} {row['longest']:8,} {row['seconds']:8.2f} {row['tokenising']:20.2f}"
              f" {row['gb']:8.2f} {row['texts_gb']:8.2f} {row['scored']:12.2%} {row['mean']:10.2f} {row['load']:5.1f}",
              flush=True)  # fmt: skip
    exponent = math.log(rows[-1]["seconds"] / rows[0]["seconds"]) / math.log(rows[-1]["n"] / rows[0]["n"])
    million = rows[-1]["seconds"] * (MILLION / n) ** exponent
    print(f"growth exponent {exponent:.2f}; a million queries on paper: {rows[-1]['seconds']:.1f} s x"
          f" ({MILLION:,} / {n:,})^{exponent:.2f} = {million / 60:.0f} minutes")  # fmt: skip
    return rows[-1]


def real_queries(n: int) -> list[str]:
    """n real queries of at most 1,000 characters from three sets; artificial ones where there are none."""
    try:
        sets = [
            sharegpt(REAL_DATA, first=False, english=False),
            super_natural_instructions(REAL_DATA, "{input}"),
            dolly(REAL_DATA),
        ]
    except FileNotFoundError as error:
        print(f"({error}; artificial queries instead)")
        return artificial_queries(n)
    rng, parts = random.Random(0), [n - n // 2 - n // 4, n // 2, n // 4]
    short = [[text for text in texts if len(text) <= 1_000] for texts, _ in sets]
    return [text for texts, part in zip(short, parts, strict=True) for text in rng.sample(texts, part)]


def sacrebleu_rows(hypotheses: list[str], references: list[str]) -> tuple[list[list[float]], float]:
    """sacrebleu's score of every pair, and the processor seconds it took."""
    start = time.process_time()
    scores = [[sacrebleu.sentence_bleu(one, [other]).score for other in references] for one in hypotheses]
    return scores, time.process_time() - start


def compare_with_sacrebleu(n: int) -> None:
    """Every pair of n real queries by sacrebleu: agreement of scores and neighbours, and the ratio of times."""
    queries = real_queries(n)
    blocks = [queries[start :: 8 * CORES] for start in range(8 * CORES)]
    start = time.perf_counter()
    with ProcessPoolExecutor(CORES, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(sacrebleu_rows, blocks, [queries] * len(blocks)))
    wall, pair = time.perf_counter() - start, sum(seconds for _, seconds in done) / n**2
    expected = np.empty((n, n))
    for block, (rows, _) in enumerate(done):
        expected[block :: len(blocks)] = rows
    difference = np.abs(pair_scores(queries, queries) - expected).max()
    print(f"\nevery pair of {n:,} queries: largest difference from sacrebleu {difference:.1e};"
          f" sacrebleu took {wall:.0f} s on {CORES} cores, {pair * 1e6:.0f} us of one core a pair")  # fmt: skip
    found, seconds = timed(lambda: nearest(queries), 3)
    np.fill_diagonal(expected, -1)
    best = expected.max(axis=1)
    same = (found.index == (expected >= best[:, None] - 1e-9).argmax(axis=1)).mean()
    print(f"nearest: {seconds:.3f} s, {wall / seconds:,.0f} times as fast; largest difference"
          f" {np.abs(found.score - best).max():.1e}, same neighbour {same:.2%}")  # fmt: skip


def extrapolate(n: int, seconds: float, subset: int = 2_000, rows: int = 20) -> None:
    """Brute force on n artificial queries, from the time of some rows of pairs within a subset of them."""
    queries = artificial_queries(n)[:subset]
    _, used = sacrebleu_rows(queries[:rows], queries)
    pair = used / rows / len(queries)
    brute = pair * n * (n - 1) / CORES
    print(f"{n:,} queries by brute force: {pair * 1e6:.0f} us x {n:,} x {n - 1:,} / {CORES} cores ="
          f" {brute / 86400:.2f} days; here {seconds:.1f} s, {brute / seconds:,.0f} times as fast")  # fmt: skip


class Items:
    """The clipped matches of any pairs of distinct texts, by sparse matrices: the substrate of both alternatives."""

    def __init__(self, queries: list[str]):
        self.sets = distinct(encode(queries, {}))
        self.index = build_index(self.sets.lists, len(self.sets.lists))
        self.matrices = [self._matrix(order) for order in range(4)]
        self.tables = rule(DEFAULT, int(self.index.lengths.max()))

    def _matrix(self, order: int) -> sparse.csr_array:
        chosen = [self.index.items[a:b] for a, b in self.index.bounds[:, order : order + 2]]
        columns, pointers = np.concatenate(chosen), np.cumsum([0] + [len(items) for items in chosen])
        shape = (len(chosen), len(self.index.starts) - 1)
        return sparse.csr_array((np.ones(len(columns), np.int32), columns, pointers), shape=shape)

    def scores(self, hypothesis: np.ndarray, reference: np.ndarray, matches: list[np.ndarray]) -> np.ndarray:
        """BLEU (default variant) of many pairs at once, from lengths and matches."""
        order, matched = np.minimum(4, hypothesis), sum((m > 0).astype(int) for m in matches)
        zeros = np.maximum(order - matched, 0)
        logs = [np.where(m > 0, self.tables.logs[min(n, 1)][m], 0.0) for n, m in enumerate(matches)]
        total = sum(logs) - self.tables.logs[2][hypothesis] + zeros * (zeros + 1) / 2 * self.tables.log_next_zero
        brevity = np.minimum(0, 1 - reference / np.maximum(hypothesis, 1))
        return np.where(matched > 0, 100 * np.exp(total / np.maximum(order, 1) + brevity), 0.0)


def sparse_products(queries: list[str]) -> np.ndarray:
    """Exact, unpruned: clipped matches of all pairs as sparse matrix products, in blocks of rows."""
    items = Items(queries)
    lengths, best = items.index.lengths, []
    for start in range(0, len(lengths), 250):
        rows = np.arange(start, min(start + 250, len(lengths)))
        matches = [(matrix[rows] @ matrix.T).toarray() for matrix in items.matrices]
        values = items.scores(lengths[rows, None], lengths[None, :], matches)
        values[np.arange(len(rows)), rows] = -1
        best.append(values.max(axis=1))
    return np.concatenate(best)[items.sets.group]


def rapidfuzz_candidates(queries: list[str], kept: int = 50) -> np.ndarray:
    """Not exact: the 50 texts with most tokens in common order (rapidfuzz's Indel similarity), then BLEU of those."""
    tokens, items = [tokenise(query) for query in queries], Items(queries)
    similar = process.cdist(tokens, tokens, scorer=Indel.normalized_similarity, dtype=np.float32, workers=-1)
    np.fill_diagonal(similar, -1)
    rows = items.sets.group[np.repeat(np.arange(len(queries)), kept)]
    columns = items.sets.group[np.argpartition(similar, -kept, axis=1)[:, -kept:].ravel()]
    matches = [matrix[rows].multiply(matrix[columns]).sum(axis=1) for matrix in items.matrices]
    return items.scores(items.index.lengths[rows], items.index.lengths[columns], matches).reshape(-1, kept).max(axis=1)


def compare_with_alternatives(n: int, repeats: int) -> None:
    """Time and correctness of other ways, on n artificial queries without duplicates."""
    queries = list(dict.fromkeys(artificial_queries(n)))
    first_call()
    found, seconds = timed(lambda: nearest(queries), repeats)
    print(f"\n{len(queries):,} queries: {'':36} seconds   ratio  queries with the true score")
    print(f"{'this search':48} {seconds:8.2f} {1:7.1f} {1:28.1%}", flush=True)
    for name, method in (
        ("sparse matrix products, unpruned (scipy)", sparse_products),
        ("rapidfuzz, then BLEU of 50 candidates", rapidfuzz_candidates),
    ):
        score, taken = timed(lambda method=method: method(queries))
        right = np.isclose(score, found.score, atol=1e-9, rtol=0).mean()
        print(f"{name:48} {taken:8.2f} {taken / seconds:7.1f} {right:28.1%}", flush=True)
        if method is sparse_products:  # every pair is touched, so the time grows with their number
            paper = taken * (50_000 / len(queries)) ** 2
            print(f"    (50,000 queries on paper: x (50,000 / {len(queries):,})^2 = {paper:.0f} s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--queries", type=int, default=50_000)
    parser.add_argument("--brute", type=int, default=2_000)
    parser.add_argument("--alternatives", type=int, default=5_000)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    print(f"{CORES} cores, load {os.getloadavg()[0]:.1f}, sacrebleu {sacrebleu.__version__}, {DEFAULT.signature}")
    with tempfile.TemporaryDirectory() as empty:
        os.environ["NUMBA_CACHE_DIR"] = empty
        print(f"compilation, once per installation: {fresh_process(first_call):.1f} s", end="; ", flush=True)
        del os.environ["NUMBA_CACHE_DIR"]
    fresh_process(first_call)
    print(f"loading it in each later process: {fresh_process(first_call):.1f} s")
    row = measure_growth(args.queries, args.repeats)
    if args.brute:
        extrapolate(args.queries, row["seconds"])
        compare_with_sacrebleu(args.brute)
    if args.alternatives:
        compare_with_alternatives(args.alternatives, args.repeats)


if __name__ == "__main__":
    main()
