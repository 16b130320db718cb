"""Power before the study: the chance that a claim comes out as the paper says, from base LMs alone.

No imitation model is looked at: the standard error of "tuned minus base" is taken to be that of two base LMs of
neighbouring sizes on the same items, which disagree about as much as a model and its imitation do.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from false_promise.claims.contrasts import coefficients, condition_size, part_effect
from false_promise.claims.decisions import power
from false_promise.claims.evidence import Evidence, NotEligible, NotMeasured
from false_promise.claims.statistics import interval_of, slope, standard_error

PROXY = {"base_13B": 1, "base_7B": -1}  # two models, paired on the same items
COLUMNS = ["claim", "part", "measure", "stratum", "n", "standard_error", "expected", "power", "note"]
UNSEEN = "fact_unseen"  # the stratum of claim 6


def power_table(
    evidence: Evidence, study: Mapping, claims: list[Mapping], unseen: float, planned: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Power of every deciding part whose measure the base LMs have answered; the others say what is missing.

    Args:
        unseen: share of the questions whose fact the local imitation data does not state; those decide claim 6.
        planned: items of the study where it has others than were asked here, by stratum (fact_unseen) or benchmark.

    Returns:
        Columns COLUMNS: standard error of the part's effect (a fraction), power between 0 and 1. A part of a primary
        claim is judged at Holm's strictest level, so its power is the least that it can be.
    """
    rows = [
        {"claim": claim["id"], "part": part["name"]} | _part_power(evidence, study, claim, part, unseen, planned or {})
        for claim in claims
        for part in claim["parts"]
        if part["role"] == "decides"
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def claim_power(table: pd.DataFrame) -> dict[int, float]:
    """Power of each claim whose deciding parts are all known: their product (claims.yaml takes them as independent)."""
    known = {claim: part["power"] for claim, part in table.groupby("claim") if part["power"].notna().all()}
    return {int(claim): float(powers.prod()) for claim, powers in known.items()}


def _part_power(
    evidence: Evidence, study: Mapping, claim: Mapping, part: Mapping, unseen: float, planned: Mapping[str, int]
) -> dict:
    about = {"measure": part.get("measure", "several"), "stratum": part.get("stratum", "all")}
    if claim.get("real_text_only"):
        return {**about, "note": "judged on real text: no model is involved"}
    if "measure" not in part:
        return {**about, "note": "a ratio of gaps: no base LM stands in for it"}
    try:
        proxy = {"measure": part["measure"], "contrast": PROXY, "eligible_only": part.get("eligible_only", False)}
        found = part_effect(evidence, proxy, study)
    except (NotMeasured, NotEligible) as reason:
        return {**about, "note": str(reason)}
    kind = UNSEEN if about["stratum"] == UNSEEN else evidence.measures[part["measure"]]["benchmark"]
    share = planned.get(kind, found.items) / found.items * (unseen if kind == UNSEEN else 1.0)
    scale = np.sqrt(sum(value**2 for value in _weights(evidence, part)) / 2 / share)
    bars, family = study["error_bars"], study["primary_family"]
    primary = claim["id"] in family["claims"]
    confidence = 1 - family["level"] / len(family["claims"]) if primary else bars["confidence"]
    error = scale * standard_error(found, bars["min_base_seeds"])
    half = scale * interval_of(found, confidence, bars["min_base_seeds"]).half_width
    limit = part.get("band", part.get("margin"))
    chance = power(part["expected"], limit, part["direction"], error, half)
    return {**about, "n": round(found.items * share), "standard_error": error, "expected": part["expected"],
            "power": chance, "note": ""}  # fmt: skip


def _weights(evidence: Evidence, part: Mapping) -> Iterator[float]:
    """Weights of the part's conditions; those of a difference are 1 and -1."""
    if "slope" not in part:
        return iter(coefficients(part).values())
    places = [condition_size(evidence, part["against"], name) for name in part["slope"]]
    return iter(slope(places, np.eye(len(places))))
