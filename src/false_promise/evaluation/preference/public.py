"""GPT-4's verdicts on real answers beside ChatGPT's (the paper's Figure 3), recorded in data/public/preference.json.

    python -m false_promise.evaluation.preference.public        # needs REAL_DATA and the frozen rater; ten seconds

Three kinds of share "equal to or better than ChatGPT's answer", all fractions with intervals over the 80 questions:

judged    GPT-4's own verdict on the two answers. Exists for the three Vicunas only, and in one order only.
indirect  for models that GPT-4 never saw beside ChatGPT: the model's margin over a Vicuna's answer is at least
          ChatGPT's margin over the same answer, both from reviews in which the Vicuna came second; mean of the three
          Vicunas. Finds the same winner as a direct review does, but more ties (`indirect_check`): reads too high
rated     the style-only rater's expected share, each question by a rater that saw no review of that question

No fact is checked anywhere here; numbers only, no text.
"""

from pathlib import Path
from typing import Any

import numpy as np

from false_promise.claims.statistics import cluster_weights, percentile_interval
from false_promise.evaluation.preference.crossval import fold_of_question, held_out_answers
from false_promise.evaluation.preference.pairs import answer_features, read_pairs
from false_promise.evaluation.style.detectors import VERSION
from false_promise.evaluation.style.text import words
from false_promise.evaluation.vicuna80 import (
    FOLDER,
    MODELS,
    QUESTIONS,
    TEACHER,
    answers,
    questions,
    review_files,
    reviews,
    sources,
)
from false_promise.files import read_measured, write_json
from false_promise.paths import DATA

RECORD = DATA / "public" / "preference.json"
SCHEMA = 1
DRAWS, SEED = 10_000, 0
VICUNAS = [name for name in MODELS if name.startswith("vicuna")]
STUDENTS = [name for name in MODELS if name != TEACHER]
CODING = "coding"  # the paper leaves coding prompts out
LENGTH_MATCHED = 0.8, 1.25  # words of the answer over words of ChatGPT's


def measure(folder: Path = FOLDER) -> dict[str, Any]:
    """The whole record, as written to JSON."""
    margins = _margins(folder)
    files = [*review_files(folder), folder / "question.jsonl"]
    files += [folder / "answer" / model.file for model in MODELS.values()]
    return {
        "schema_version": SCHEMA,
        "detector_version": VERSION,
        "judge": "GPT-4 (0328); two scores in one answer, temperature 0.2",
        "reference": TEACHER,
        "interval": f"95% percentile bootstrap over questions, {DRAWS} draws, seed {SEED}",
        "models": {name: {"label": one.label, "kind": one.kind} for name, one in MODELS.items()},
        "judged": [_judged(name, margins, folder) for name in STUDENTS],
        "indirect": [_indirect(name, margins) for name in STUDENTS if name not in VICUNAS],
        "indirect_check": _indirect_check(margins),
        "rated": _rated(folder),
        "sources": sources(files, folder),
    }


Margins = dict[tuple[str, str], np.ndarray]  # (shown first, shown second) -> 80 scores of the first minus the second


def _margins(folder: Path) -> Margins:
    found: dict[tuple[str, str], np.ndarray] = {}
    for one in reviews(folder):
        row = found.setdefault((one.first.model, one.second.model), np.full(QUESTIONS, np.nan))
        row[one.question - 1] = one.scores[0] - one.scores[1]
    return found


def _judged(name: str, margins: Margins, folder: Path) -> dict[str, Any]:
    """Both orders apart; an order that was never judged is null."""
    orders = {"shown_first": margins.get((name, TEACHER)), "shown_second": margins.get((TEACHER, name))}
    signs = {"shown_first": 1, "shown_second": -1}
    return {"model": name} | {
        order: None if row is None else _verdicts(signs[order] * row, name, folder) for order, row in orders.items()
    }


def _verdicts(margin: np.ndarray, name: str, folder: Path) -> dict[str, Any]:
    """Shares of one order; `margin` is the model's score minus ChatGPT's on every question."""
    uncoded = np.array([one.category != CODING for one in questions(folder)])
    ratio = _lengths(name, folder) / _lengths(TEACHER, folder)
    matched = (ratio >= LENGTH_MATCHED[0]) & (ratio <= LENGTH_MATCHED[1])
    good = (margin >= 0).astype(float)
    everything = np.ones(QUESTIONS, bool)
    return {
        "equal_or_better": _share(good, everything),
        "better": _share((margin > 0).astype(float), everything),
        "ties": _share((margin == 0).astype(float), everything),
        "without_coding": _share(good, uncoded),
        "length_matched": _share(good, matched),
        "longer": _share(good, ratio > LENGTH_MATCHED[1]),
        "shorter": _share(good, ratio < LENGTH_MATCHED[0]),
        "mean_score_margin": _share(margin, everything),
    }


def _indirect(name: str, margins: Margins) -> dict[str, Any]:
    by_vicuna = {vicuna: (margins[name, vicuna] >= margins[TEACHER, vicuna]).astype(float) for vicuna in VICUNAS}
    everything = np.ones(QUESTIONS, bool)
    shares = {vicuna: round(float(row.mean()), 4) for vicuna, row in by_vicuna.items()}
    return {
        "model": name,
        "by_vicuna": shares,
        "equal_or_better": _share(np.mean(list(by_vicuna.values()), 0), everything),
    }


def _indirect_check(margins: Margins) -> dict[str, Any]:
    """Where the judge also saw the two together (LLaMA first, Alpaca second): how often the winner is the same."""
    direct = margins["llama-13b", "alpaca-13b"]
    found = {}
    for vicuna in VICUNAS:
        indirect = margins["llama-13b", vicuna] - margins["alpaca-13b", vicuna]
        decided = (direct != 0) & (indirect != 0)
        right = float((np.sign(direct) == np.sign(indirect))[decided].mean())
        shares = {
            "direct": float((direct >= 0).mean()),
            "indirect": float((indirect >= 0).mean()),
            "same_winner": right,
        }
        found[vicuna] = {key: round(value, 4) for key, value in shares.items()} | {
            "decided_by_both": int(decided.sum())
        }
    return {"model": "llama-13b", "reference": "alpaca-13b", "by_vicuna": found}


def _rated(folder: Path) -> list[dict[str, Any]]:
    """Expected share of each model by the rater of the other folds."""
    pairs, known = read_pairs(folder), answer_features(folder)
    teacher = np.array([known[one.id] for one in answers(TEACHER, folder)])
    folds = fold_of_question(pairs.questions)
    rows = []
    for name in STUDENTS:
        difference = np.array([known[one.id] for one in answers(name, folder)]) - teacher
        chances = held_out_answers(pairs, folds, difference, np.arange(1, QUESTIONS + 1))
        rows.append({"model": name, "equal_or_better": _share(chances, np.ones(QUESTIONS, bool))})
    return rows


def _lengths(name: str, folder: Path) -> np.ndarray:
    return np.array([max(1, len(words(one.text))) for one in answers(name, folder)], float)


def _share(values: np.ndarray, chosen: np.ndarray) -> dict[str, Any]:
    """Mean over the chosen questions with its interval; n questions."""
    if not chosen.any():
        return {"value": None, "lower": None, "upper": None, "n": 0}
    weights, n = cluster_weights(QUESTIONS, DRAWS, SEED)[:, chosen], int(chosen.sum())
    drawn = weights.sum(axis=1) > 0  # a draw may hold none of a few questions
    found = percentile_interval((weights @ values[chosen])[drawn] / weights.sum(axis=1)[drawn], 0.95, n)
    lower, upper = found.lower, found.upper
    if (values >= 0).all():  # shares; a mean margin of scores has no such bounds
        lower, upper = max(0.0, lower), min(1.0, upper)
    return {"value": round(found.effect, 4), "lower": round(lower, 4), "upper": round(upper, 4), "n": n}


def load_record(path: Path = RECORD) -> dict[str, Any]:
    """The recorded verdicts; errors as `read_measured`."""
    module = "false_promise.evaluation.preference.public"
    return read_measured(path, module, schema_version=SCHEMA, detector_version=VERSION)


if __name__ == "__main__":
    write_json(RECORD, measure())
    for kind in ("indirect", "rated"):
        for row in load_record()[kind]:
            print(f"{kind:9} {row['model']:18} {row['equal_or_better']}")
    for row in load_record()["judged"]:
        print(f"judged    {row['model']:18} {(row['shown_second'] or {}).get('equal_or_better')}")
