"""Fits the style-only rater to GPT-4's reviews and freezes it in data/public/style_rater.json.

    python -m false_promise.evaluation.preference.fitting       # needs REAL_DATA; about a minute

13 files of reviews of the 80 Vicuna questions, every pair in one order only: the pair's second answer is always a
Vicuna's (once Alpaca's), so that the judge's liking for a position cannot be told from its liking for Vicuna. The
model has no term for position. The file holds numbers only.
"""

from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from false_promise.evaluation.preference.crossval import (
    FOLDS,
    PENALTIES,
    SEED,
    both_orders,
    calibration,
    choose_penalty,
    fold_of_question,
    held_out,
    held_out_groups,
    scores,
    within_pairs,
)
from false_promise.evaluation.preference.features import FEATURES
from false_promise.evaluation.preference.frozen import RECORD, SCHEMA
from false_promise.evaluation.preference.model import fit
from false_promise.evaluation.preference.pairs import Pairs, read_pairs
from false_promise.evaluation.style.detectors import VERSION
from false_promise.evaluation.vicuna80 import FOLDER, MODELS, questions, review_files, sources
from false_promise.files import write_json

RIVALS = ("llama-13b", "alpaca-13b", "bard", "chatgpt")  # every review file has one of them and a Vicuna, but for one


def measure(folder: Path = FOLDER) -> dict[str, Any]:
    """The whole record, as written to JSON."""
    pairs = read_pairs(folder)
    penalty = choose_penalty(pairs)
    rater = fit(pairs.names, pairs.differences, pairs.outcomes, penalty)
    columns = zip(rater.names, rater.weights, rater.scales, rater.limits, strict=True)
    files = [
        *review_files(folder),
        folder / "question.jsonl",
        *(folder / "answer" / one.file for one in MODELS.values()),
    ]
    return {
        "schema_version": SCHEMA,
        "detector_version": VERSION,
        "judge": "GPT-4 (0328), scores from 1 to 10, every pair in one order",
        "model": "P(first equal or better) = s(sum of weight x clip(difference / scale, -limit, limit) + tie)",
        "features": [
            {
                "name": name,
                "definition": FEATURES[name],
                "weight": _round(weight),
                "scale": _round(scale),
                "limit": _round(limit),
            }
            for name, weight, scale, limit in columns
        ],
        "tie": _round(rater.tie),
        "penalty": penalty,
        "penalties_tried": list(PENALTIES),
        "reviews": len(pairs.outcomes),
        "outcomes": {
            name: int((pairs.outcomes == sign).sum()) for name, sign in (("first", 1), ("tie", 0), ("second", -1))
        },
        "cross_validation": f"{FOLDS} folds of questions, seed {SEED}; penalty chosen within each training part",
        **_validation(pairs, folder),
        "sources": sources(files, folder),
    }


def _validation(pairs: Pairs, folder: Path) -> dict[str, Any]:
    """Scores on held-out questions beside the baselines, calibration, categories, and rivals never seen."""
    folds = fold_of_question(pairs.questions)
    kinds = {"style": pairs, "length_only": pairs.only("log_words"), "chance": pairs.only()}
    predicted = {name: held_out(one, folds) for name, one in (kinds | {"author": pairs.by_author()}).items()}
    advantage, tie = predicted["style"]
    return {
        "held_out_questions": {name: scores(*one, pairs.outcomes, pairs.questions) for name, one in predicted.items()},
        "within_pairs_auc": {name: within_pairs(pairs, predicted[name][0]) for name in ("style", "length_only")},
        "calibration": calibration(*both_orders(advantage, tie, pairs.outcomes)),
        "by_category": _by_category(pairs, advantage, tie, folder),
        "held_out_rivals": _rivals(pairs, advantage, tie),
    }


def _by_category(pairs: Pairs, advantage: np.ndarray, tie: np.ndarray, folder: Path) -> list[dict[str, Any]]:
    category = {one.id: one.category for one in questions(folder)}
    own = np.array([category[int(question)] for question in pairs.questions])
    rows = []
    for name in dict.fromkeys(category.values()):
        chosen = own == name
        found = scores(advantage[chosen], tie[chosen], pairs.outcomes[chosen], pairs.questions[chosen])
        rows.append(
            {"category": name, "reviews": int(chosen.sum()), "accuracy": found["accuracy"], "auc": found["auc"]}
        )
    return rows


def _rivals(pairs: Pairs, advantage: np.ndarray, tie: np.ndarray) -> list[dict[str, Any]]:
    """Share of a rival's answers equal to a Vicuna's or better: judged, predicted, predicted without its reviews."""
    versus = np.array([one.startswith("vicuna") for one in pairs.second])
    rows = []
    for rival in RIVALS:
        of_rival = (pairs.first == rival) & versus
        unseen, threshold = held_out_groups(pairs, (pairs.first == rival) | (pairs.second == rival))
        rows.append(
            {
                "rival": rival,
                "reviews": int(of_rival.sum()),
                "judged": _round((pairs.outcomes[of_rival] >= 0).mean()),
                "predicted": _round(expit(advantage + tie)[of_rival].mean()),
                "predicted_rival_unseen": _round(expit(unseen + threshold)[of_rival].mean()),
            }
        )
    return rows


def _round(value: float) -> float:
    return round(float(value), 6)


if __name__ == "__main__":
    write_json(RECORD, measure())
    print(f"frozen in {RECORD}")
