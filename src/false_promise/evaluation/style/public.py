"""Measures Table 2 on the real answers to the 80 Vicuna questions and records it in data/public/style.json.

    python -m false_promise.evaluation.style.public        # needs REAL_DATA; about ten seconds

Answers of LLaMA-13B, Vicuna, Alpaca and Bard are compared with ChatGPT's. There is one answer of ChatGPT to each
question, so the table's last column (a second sample of ChatGPT) cannot be measured here. Numbers only, no text; all
values are fractions, those of `length` correlations.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from false_promise.claims.statistics import cluster_means, cluster_weights, percentile_interval
from false_promise.evaluation.style.detectors import VERSION
from false_promise.evaluation.style.labels import DETECTORS, agreement, read_labels
from false_promise.evaluation.style.likeness import products, unigram_variants
from false_promise.evaluation.style.rows import SCORINGS, style_rows
from false_promise.evaluation.style.text import words
from false_promise.evaluation.vicuna80 import FOLDER, MODELS, QUESTIONS, TEACHER, answers, questions, sources
from false_promise.files import read_measured, sha256, write_json
from false_promise.paths import DATA, REAL_DATA

RECORD = DATA / "public" / "style.json"
SCHEMA = 1
DRAWS, SEED, CONFIDENCE = 10_000, 0, 0.95
BASE, IMITATION = "llama-13b", "vicuna-13b"  # Table 2's first and last column; Vicuna is LLaMA tuned on ShareGPT
STUDENTS = [name for name in MODELS if name != TEACHER]
FROZEN = ("detectors.py", "text.py")  # what has a version; its hash shows that nothing was changed since
SHAREGPT = "sharegpt/sharegpt_506.json"


def measure(folder: Path = FOLDER) -> dict[str, Any]:
    """The whole record, as written to JSON."""
    texts = {name: [one.text for one in answers(name, folder)] for name in MODELS}
    by_id = {one.id: one.text for name in MODELS for one in answers(name, folder)}
    files = [folder / "question.jsonl", *(folder / "answer" / model.file for model in MODELS.values())]
    rows, differences = _table_2(texts, [one.text for one in questions(folder)])
    return {
        "schema_version": SCHEMA,
        "detector_version": VERSION,
        "frozen": {one: sha256(Path(__file__).with_name(one)) for one in FROZEN},
        "source": "lm-sys/FastChat, fastchat/eval/table, commit 69d085eadab8",
        "sources": sources(files, folder),
        "teacher": TEACHER,
        "interval": f"{CONFIDENCE:.0%} percentile bootstrap over questions, {DRAWS} draws, seed {SEED}",
        "models": {name: {"label": one.label, "kind": one.kind} for name, one in MODELS.items()},
        "rows": rows,
        "imitation_minus_base": {"imitation": IMITATION, "base": BASE, "rows": differences},
        "tone": {name: _tone(texts[name]) for name in MODELS},
        "unigram_variants": {name: _unigrams(texts[name], texts[TEACHER]) for name in STUDENTS},
        "length_variants": {name: _lengths(texts[name], texts[TEACHER]) for name in STUDENTS},
        "labels": agreement(read_labels(), by_id),
        "known_groups": _known_groups(folder.parent),
    }


def _table_2(texts: dict[str, list[str]], prompts: list[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Five rows a model, and the paired differences imitation minus base."""
    rows, draws = [], {}
    for name in STUDENTS:
        values = style_rows(prompts, texts[name], texts[TEACHER])
        for scoring in SCORINGS:
            chosen = [row for row in values if row.scoring == scoring]
            found = _draws([row.value for row in chosen], [row.item for row in chosen])
            if scoring == "length":  # its items are standardised over all questions; a draw has its own mean and spread
                found = _correlation(_word_counts(texts[name]), _word_counts(texts[TEACHER]))
            draws[name, scoring] = found
            rows.append({"model": name, "scoring": scoring} | _interval(found, len(chosen), scoring))
    differences = [_difference(draws, scoring) for scoring in SCORINGS]
    return rows, differences


def _draws(values: Sequence[float], items: Sequence[int]) -> np.ndarray:
    """Mean of the items of every draw of questions; first the mean itself."""
    weights = cluster_weights(QUESTIONS, DRAWS, SEED)
    return cluster_means([(np.asarray(values, float), np.asarray(items))], weights)[0]


def _correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    weights = cluster_weights(QUESTIONS, DRAWS, SEED) / QUESTIONS
    mean = [weights @ x for x in (one, other)]
    covariance = weights @ (one * other) - mean[0] * mean[1]
    spread = [weights @ x**2 - m**2 for x, m in zip((one, other), mean, strict=True)]
    return covariance / np.sqrt(spread[0] * spread[1])


def _interval(draws: np.ndarray, n: int, scoring: str = "") -> dict[str, Any]:
    interval = percentile_interval(draws, CONFIDENCE, n)
    lower, upper = max(-1.0 if scoring == "length" else 0.0, interval.lower), min(1.0, interval.upper)
    return {"value": round(interval.effect, 4), "lower": round(lower, 4), "upper": round(upper, 4), "n": n}


def _difference(draws: dict[tuple[str, str], np.ndarray], scoring: str) -> dict[str, Any]:
    interval = percentile_interval(draws[IMITATION, scoring] - draws[BASE, scoring], CONFIDENCE, QUESTIONS)
    bounds = {"lower": round(interval.lower, 4), "upper": round(interval.upper, 4)}
    return {"scoring": scoring, "value": round(interval.effect, 4)} | bounds | {"above_zero": interval.lower > 0}


def _tone(texts: Sequence[str]) -> dict[str, Any]:
    """Both readings of the tone row for one model's answers."""
    values = {name: [DETECTORS[name].find(one) for one in texts] for name in ("tone", "tone_assertive")}
    return {name: _interval(_draws(found, range(QUESTIONS)), QUESTIONS) for name, found in values.items()}


def _word_counts(texts: Sequence[str]) -> np.ndarray:
    return np.array([len(words(text)) for text in texts], float)


def _unigrams(own: Sequence[str], teacher: Sequence[str]) -> dict[str, float]:
    rows = [unigram_variants(a, t) for a, t in zip(own, teacher, strict=True)]
    return {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}


def _lengths(own: Sequence[str], teacher: Sequence[str]) -> dict[str, float]:
    forms = {
        "words": [_word_counts(texts) for texts in (own, teacher)],
        "characters": [np.array([len(text) for text in texts], float) for texts in (own, teacher)],
        "log_words": [np.log1p(_word_counts(texts)) for texts in (own, teacher)],
    }
    means = {"mean_words": float(_word_counts(own).mean()), "mean_words_teacher": float(_word_counts(teacher).mean())}
    return {name: round(float(products(*pair).mean()), 4) for name, pair in forms.items()} | {
        name: round(value, 1) for name, value in means.items()
    }


def _known_groups(folder: Path = REAL_DATA) -> dict[str, Any]:
    """What the detectors find in English turns of users and of ChatGPT in ShareGPT: groups known to differ."""
    dialogues = json.loads((folder / SHAREGPT).read_text(encoding="utf-8"))
    turns = [turn for one in dialogues for turn in one["conversations"] if turn.get("language") == "en"]
    found: dict[str, Any] = {"sources": sources([folder / SHAREGPT], folder)}
    for name, who in (("users", "human"), ("chatgpt", "gpt")):
        texts = [turn["value"] for turn in turns if turn["from"] == who]
        shares = {
            detector: round(float(np.mean([one.find(t) for t in texts])), 4) for detector, one in DETECTORS.items()
        }
        found[name] = {"turns": len(texts)} | shares
    return found


def load_record(path: Path = RECORD) -> dict[str, Any]:
    """The recorded measurement; errors as `read_measured`."""
    return read_measured(path, "false_promise.evaluation.style.public", schema_version=SCHEMA, detector_version=VERSION)


if __name__ == "__main__":
    write_json(RECORD, measure())
    for row in load_record()["rows"]:
        interval = f"[{row['lower']:.3f}, {row['upper']:.3f}]"
        print(f"{row['model']:18} {row['scoring']:9} {row['value']:6.3f} {interval}  n={row['n']}")
