"""Reference scores for the tests: sacrebleu's and NLTK's own code, pair by pair, and texts to try it on."""

import functools
import json
import random
import warnings

import numpy as np
import pytest
import sacrebleu.metrics.bleu as sacrebleu_bleu
from sacrebleu.metrics import BLEU

from false_promise.diversity import Variant
from false_promise.paths import REAL_DATA

VARIANTS = [
    Variant(smoothing, value, effective_order)
    for smoothing, value in [
        ("none", None),
        ("floor", None),
        ("floor", 0.01),
        ("add-k", None),
        ("add-k", 0.5),
        ("exp", None),
    ]
    for effective_order in (True, False)
]
ALPHABET = [
    "the",
    "the",
    "the",
    "of",
    "a",
    "cat",
    "Cat",
    "sat",
    "on",
    "mat",
    "naïve",
    "猫",
    "🙂",
    "e\u0301",
    "3.5",
    "(x)",
]


def pair_statistics(hypotheses, references, lowercase=False):
    """sacrebleu's counts for every pair: [h][r] = [hypothesis length, reference length, 4 matches, 4 totals]."""
    metric = BLEU(lowercase=lowercase)
    with pytest.MonkeyPatch.context() as patch:  # n-grams of a text are extracted once; the counting stays sacrebleu's
        extract = functools.lru_cache(maxsize=None)(sacrebleu_bleu.extract_all_word_ngrams)
        patch.setattr(sacrebleu_bleu, "extract_all_word_ngrams", extract)
        rows = [metric._preprocess_segment(text) for text in hypotheses]
        columns = [metric._extract_reference_info([metric._preprocess_segment(text)]) for text in references]
        return [[metric._compute_segment_statistics(row, column) for column in columns] for row in rows]


def scores_from(statistics, variant):
    """(hypotheses, references) scores by `BLEU.compute_bleu`."""

    def score(counts):
        hypothesis, reference, matches, totals = counts[0], counts[1], counts[2:6], counts[6:]
        options = (variant.smoothing, variant.value, variant.effective_order)
        return BLEU.compute_bleu(matches, totals, hypothesis, reference, *options).score

    return np.array([[score(counts) for counts in row] for row in statistics])


def nltk_scores(hypotheses, references):
    """(hypotheses, references) scores by NLTK's plain `sentence_bleu`, times 100, on 13a tokens."""
    nltk_bleu = pytest.importorskip("nltk.translate.bleu_score")
    rows, columns = ([BLEU()._preprocess_segment(text).split() for text in texts] for texts in (hypotheses, references))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return 100 * np.array([[nltk_bleu.sentence_bleu([column], row) for column in columns] for row in rows])


def real_queries(n, longest=600, seed=0):
    """n user queries from three public sets, none above `longest` characters but one; skips where they are absent."""
    folder = REAL_DATA
    files = [
        folder / "sharegpt/sharegpt_506.json",
        folder / "superni/superni_100pertask.jsonl",
        folder / "dolly/dolly_3k.json",
    ]
    if not all(file.is_file() for file in files):
        pytest.skip(f"no real queries in {folder}; set REAL_DATA to a folder that has them")
    dialogues = json.loads(files[0].read_text(encoding="utf-8"))
    turns = [turn["value"] for dialogue in dialogues for turn in dialogue["conversations"] if turn["from"] == "human"]
    tasks = [json.loads(line)["input"] for line in files[1].read_text(encoding="utf-8").splitlines()]
    instructions = [row["instruction"] for row in json.loads(files[2].read_text(encoding="utf-8"))]
    rng = random.Random(seed)
    chosen = []
    for texts, share in ((turns, 0.5), (tasks, 0.25), (instructions, 0.25)):
        texts = [text for text in texts if len(text) <= longest]
        chosen += rng.sample(texts, round(n * share))
    return [*chosen[: n - 1], max(turns, key=len)]


def repetitive_texts(n, seed, longest=30):
    """Short texts over few words, many of them repeated: clipping, duplicates, ties, empty and one-token texts."""
    rng = random.Random(seed)
    texts = [" ".join(rng.choices(ALPHABET, k=rng.randint(0, longest))) for _ in range(n)]
    return texts + rng.sample(texts, n // 5) + ["", "the", "the the", " ".join(["the", "cat"] * 40)]
