"""How well the frozen detectors agree with labels given by reading, in data/public/style_labels.json (no text in it).

    agreement(read_labels(), {answer.id: answer.text for ...})      # one row a detector

The file says who labelled, blind to what, by which rubric. The labelled answers belong to questions on which no
detector was developed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from false_promise.claims.statistics import cluster_weights, percentile_interval, wilson_interval
from false_promise.evaluation.style.detectors import has_list, has_summary, is_assertive, is_authoritative
from false_promise.paths import DATA

LABELS = DATA / "public" / "style_labels.json"
SCHEMA = 1
DRAWS = 10_000


@dataclass(frozen=True)
class Label:
    """What a reader found in one answer; `tone` is assertive, hedged or none."""

    answer: str
    question: int
    list: int
    summary: int
    tone: str


@dataclass(frozen=True)
class Detector:
    """A detector and the label that it should reproduce."""

    find: Callable[[str], bool]
    label: Callable[[Label], bool]


DETECTORS = {
    "list": Detector(has_list, lambda one: one.list == 1),
    "summary": Detector(has_summary, lambda one: one.summary == 1),
    "tone": Detector(is_authoritative, lambda one: one.tone != "none"),
    "tone_assertive": Detector(is_assertive, lambda one: one.tone == "assertive"),
}


def read_labels(path: Path = LABELS) -> list[Label]:
    """The labels in the file's order. ValueError: another schema, or a value that the rubric does not know."""
    record = json.loads(path.read_text(encoding="utf-8"))
    if record.get("schema_version") != SCHEMA:
        raise ValueError(f"{path} has schema {record.get('schema_version')!r}, this code reads {SCHEMA}")
    found = [Label(**row) for row in record["labels"]]
    for one in found:
        if one.list not in (0, 1) or one.summary not in (0, 1) or one.tone not in ("assertive", "hedged", "none"):
            raise ValueError(f"{path}: {asdict(one)} has a value that its rubric does not know")
    return found


def agreement(labels: list[Label], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row a detector: counts, precision, recall, agreement (Wilson intervals), kappa (bootstrap over questions).

    Args:
        texts: the text of every labelled answer by its id.
    """
    questions = np.unique([one.question for one in labels], return_inverse=True)[1]
    return [_row(name, one, labels, texts, questions) for name, one in DETECTORS.items()]


def _row(
    name: str, detector: Detector, labels: list[Label], texts: Mapping[str, str], questions: np.ndarray
) -> dict[str, Any]:
    found = np.array([detector.find(texts[one.answer]) for one in labels])
    true = np.array([detector.label(one) for one in labels])
    both, neither = int((found & true).sum()), int((~found & ~true).sum())
    return {
        "detector": name,
        "answers": len(labels),
        "labelled": int(true.sum()),
        "found": int(found.sum()),
        "both": both,
        "precision": _share(both, int(found.sum())),
        "recall": _share(both, int(true.sum())),
        "agreement": _share(both + neither, len(labels)),
        "kappa": _kappa_interval(found, true, questions),
    }


def _share(count: int, n: int) -> dict[str, float | None]:
    lower, upper = wilson_interval(count, n)
    value = round(count / n, 4) if n else None
    return {"value": value, "lower": round(lower, 4), "upper": round(upper, 4)}


def _kappa_interval(found: np.ndarray, true: np.ndarray, questions: np.ndarray) -> dict[str, float]:
    clusters = int(questions.max()) + 1
    weights = cluster_weights(clusters, DRAWS, 0)
    shares = [weights @ np.bincount(questions, one, clusters) for one in (found & true, found, true)]
    both, first, second = np.array(shares) / (weights @ np.bincount(questions, minlength=clusters))
    interval = percentile_interval(kappa(both, first, second), 0.95, clusters)
    return {
        "value": round(interval.effect, 4),
        "lower": round(interval.lower, 4),
        "upper": round(min(1.0, interval.upper), 4),
    }


def kappa(both: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cohen's kappa from the shares that both, the first and the second call positive; NaN where neither varies."""
    by_chance = first * second + (1 - first) * (1 - second)
    agree = both + (1 - first - second + both)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(by_chance < 1, (agree - by_chance) / (1 - by_chance), np.nan)
