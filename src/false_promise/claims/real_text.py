"""Claim 12 on real text: the registered rule applied to the recorded item scores of data/public/diversity.json.

Every query's score is an item; queries of one task or dialogue are drawn together, as the registration's item interval
draws everything about one entity together. Nothing here depends on a scale or a model.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from false_promise.claims.decisions import conclude, decide, power
from false_promise.claims.judge import PartVerdict, Verdict, as_json
from false_promise.claims.statistics import Effect, cluster_means, cluster_weights, interval_of, standard_error
from false_promise.pages.matched import registration

CLAIM = 12
NOT_MEASURED = "not measured yet: the record holds no item scores of equally many queries of both sets"


@cache
def recorded_verdict() -> dict[str, Any]:
    """The verdict on the committed record, in the form of verdicts.json."""
    from false_promise.diversity.public_data import load_record  # here: numba is slow to import, and every page judges

    return judge_text(load_record())


def judge_text(record: Mapping[str, Any]) -> dict[str, Any]:
    """Claim 12 by its registered margin, confidence and bootstrap; not_measured without items at equal numbers."""
    claims = registration()
    claim = next(one for one in claims.claims if one["id"] == CLAIM)
    parts = tuple(_judge_part(part, record.get("claim_12", {}), claims.study["error_bars"]) for part in claim["parts"])
    missing = [part.note for part in parts if part.verdict == "not_measured"]
    return as_json(
        Verdict(
            id=CLAIM,
            name=claim["name"],
            family=claim["family"],
            verdict=conclude([(part.role, part.verdict) for part in parts]),
            parts=parts,
            confidence=parts[0].confidence,
            power=parts[0].power,
            conditional="",
            note="; ".join(missing),
            depends_on=(),
            otherwise=claim["otherwise"],
            otherwise_why=claim["otherwise_why"],
        )
    )


def item_means(record: Mapping[str, Any]) -> dict[str, float]:
    """Mean nearest BLEU (0 to 100) of each condition at equally many queries; empty if that was not recorded."""
    return {name: float(np.mean(one["scores"])) for name, one in _items(record.get("claim_12", {})).items()}


def _items(recorded: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Item scores and clusters by condition, if both sets are there with equally many queries."""
    from false_promise.diversity.public_data import SHAREGPT, TEMPLATED

    sets = {
        "sharegpt": SHAREGPT,
        "super_natural_instructions": TEMPLATED,
    }  # condition of the claim -> set of the record
    found = {condition: recorded[name] for condition, name in sets.items() if name in recorded}
    sizes = {len(one["scores"]) for one in found.values()}
    return found if len(found) == len(sets) and len(sizes) == 1 and sizes != {0} else {}


def _judge_part(part: Mapping, recorded: Mapping[str, Any], bars: Mapping) -> PartVerdict:
    items, direction, margin = _items(recorded), part["direction"], part["margin"]
    if not items:
        return PartVerdict(part["name"], part["role"], direction, margin, None, "not_measured", note=NOT_MEASURED)
    effect = _effect(part["contrast"], items, bars)
    interval = interval_of(effect, bars["confidence"], bars["min_base_seeds"])
    error = standard_error(effect, bars["min_base_seeds"])
    return PartVerdict(
        part["name"],
        part["role"],
        direction,
        margin,
        None,
        decide(interval, margin, direction),
        effect=interval.effect,
        lower=interval.lower,
        upper=interval.upper,
        confidence=bars["confidence"],
        n=effect.items,
        clusters=effect.clusters,
        power=power(part["expected"], margin, direction, error, interval.half_width),
    )


def _effect(contrast: Mapping[str, float], items: Mapping[str, Mapping], bars: Mapping) -> Effect:
    """Difference of the means as a fraction, under every bootstrap draw; texts share no cluster."""
    samples, clusters = [], 0
    for condition in contrast:
        names, codes = np.unique(items[condition]["clusters"], return_inverse=True)
        samples.append((np.asarray(items[condition]["scores"], float) / 100, codes + clusters))
        clusters += len(names)
    means = cluster_means(samples, cluster_weights(clusters, bars["bootstrap_draws"], bars["bootstrap_seed"]))
    draws = sum(sign * mean for sign, mean in zip(contrast.values(), means, strict=True))
    return Effect(draws[None], 0, len(samples[0][0]), clusters)
