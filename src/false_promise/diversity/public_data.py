"""Measures the nearest-neighbour BLEU of real public queries and records it in data/public/diversity.json.

    python -m false_promise.diversity.public_data          # needs the folder REAL_DATA; about two minutes

The record holds numbers only, no text. All BLEU values are 0 to 100; claim 12 reads the items of "claim_12".
"""

from pathlib import Path
from typing import Any

import numpy as np
import sacrebleu

from false_promise.diversity.query_sets import QUERY_SETS, read_queries
from false_promise.diversity.sampling import SizePoint, mean_interval, size_curve
from false_promise.diversity.search import above, nearest
from false_promise.diversity.tokens import tokenise
from false_promise.diversity.variants import NLTK_PLAIN, Variant
from false_promise.files import read_measured, write_json
from false_promise.paths import DATA, REAL_DATA

RECORD = DATA / "public" / "diversity.json"
SCHEMA = 1
SEED = 0
SHAREGPT, TEMPLATED = "sharegpt_first_turns", "superni"  # the registered readings of "query" (claims.yaml, claim 12)
CURVE_SIZES = (125, 250, 500, 1000, 2000, 4000, 8000)
THRESHOLD = 20.0  # the paper's decontamination filter, section 4.1
VARIANTS = [
    *(
        Variant(smoothing, None, effective)
        for smoothing in ("exp", "floor", "add-k", "none")
        for effective in (True, False)
    ),
    Variant(lowercase=True),
]


def measure(folder: Path = REAL_DATA) -> dict[str, Any]:
    """The whole record, as written to JSON."""
    return {
        "schema_version": SCHEMA,
        "definition": "For each query the highest sentence BLEU with any other query of its set as the reference.",
        "variant": Variant().signature,
        "sacrebleu": sacrebleu.__version__,
        "sets": {name: _set_row(name, folder) for name in QUERY_SETS},
        "curves": {name: _curve(name, folder) for name in QUERY_SETS},
        "variants": [row for name in (SHAREGPT, TEMPLATED) for row in _variant_rows(name, folder)],
        "filter": [
            _filter_row("koala", name, folder) for name in ("sharegpt_all_turns_any_language", "dolly", "superni")
        ],
        "claim_12": _claim_12(folder),
    }


def _set_row(name: str, folder: Path) -> dict[str, Any]:
    texts, clusters = read_queries(name, folder)
    found, different = nearest(texts), nearest(list(dict.fromkeys(texts)))
    interval = mean_interval(found.score, clusters)
    lengths = [len(tokenise(text)) for text in texts]
    about = QUERY_SETS[name]
    return {
        "label": about.label, "query": about.query, "caveat": about.caveat,
        "queries": len(texts), "clusters": len(set(clusters)), "mean_tokens": _round(np.mean(lengths)),
        "mean": _round(interval.effect), "lower": _round(interval.lower), "upper": _round(interval.upper),
        "median": _round(np.median(found.score)),
        "quartiles": [_round(one) for one in np.quantile(found.score, [0.25, 0.75])],
        "exact_duplicates": _round((found.score == 100).mean(), 4), "mean_of_distinct": _round(different.score.mean()),
        "pairs": found.pairs, "pairs_scored": found.scored,
    }  # fmt: skip


def _curve(name: str, folder: Path) -> list[dict[str, Any]]:
    texts, clusters = read_queries(name, folder)
    sizes = [size for size in CURVE_SIZES if size < len(texts)] + [len(texts)]
    return [_point(point) for point in size_curve(texts, sizes, SEED, clusters)]


def _point(point: SizePoint) -> dict[str, Any]:
    interval = point.interval
    row = {"size": point.size, "draws": point.draws, "mean": _round(interval.effect)}
    spread = None if point.draws == 1 else _round(point.spread)
    return row | {"lower": _round(interval.lower), "upper": _round(interval.upper), "spread": spread}


def _variant_rows(name: str, folder: Path) -> list[dict[str, Any]]:
    texts, _ = read_queries(name, folder)
    rows = []
    for variant in VARIANTS:
        for query_as in ("hypothesis", "reference"):
            score = nearest(texts, None, variant, query_as).score
            note = "NLTK's plain sentence_bleu" if variant == NLTK_PLAIN else ""
            row = {"set": name, "variant": variant.signature, "query_as": query_as, "note": note}
            rows.append(row | {"mean": _round(score.mean()), "median": _round(np.median(score))})
    return rows


def _filter_row(prompts: str, training: str, folder: Path) -> dict[str, Any]:
    hit = above(THRESHOLD, read_queries(prompts, folder)[0], read_queries(training, folder)[0])
    return {"prompts": prompts, "training": training, "threshold": THRESHOLD, "n": len(hit), "above": int(hit.sum())}


def _claim_12(folder: Path) -> dict[str, Any]:
    """Item scores of equally many queries of both sets: all of the smaller one, a random subset of the larger."""
    sets = {name: read_queries(name, folder) for name in (SHAREGPT, TEMPLATED)}
    size = min(len(texts) for texts, _ in sets.values())
    items = {}
    for name, (texts, clusters) in sets.items():
        chosen = np.sort(np.random.default_rng([SEED, size]).permutation(len(texts))[:size])
        score = nearest([texts[i] for i in chosen]).score
        items[name] = {"scores": [_round(one) for one in score], "clusters": [clusters[i] for i in chosen]}
    return items


def _round(value: float, digits: int = 2) -> float:
    return round(float(value), digits)


def load_record(path: Path = RECORD) -> dict[str, Any]:
    """The recorded measurement; errors as `read_measured`."""
    return read_measured(path, "false_promise.diversity.public_data", schema_version=SCHEMA)


if __name__ == "__main__":
    write_json(RECORD, measure())
    for row in load_record()["sets"].values():
        interval = f"[{row['lower']:.1f}, {row['upper']:.1f}]"
        print(f"{row['label']:42} {row['queries']:6,} queries  mean {row['mean']:5.1f} {interval}")
