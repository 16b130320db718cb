"""From rows to effects: interprets a part of a claim (contrast, gains, slope, gap closed) as data.

All scores of a part share one set of bootstrap draws over entities, so every difference is paired. Scores are kept per
base seed; imitation seeds are averaged within it (data/paper/claims.yaml, `error_bars`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from false_promise.claims.evidence import (
    Evidence,
    NotEligible,
    NotMeasured,
    find_rows,
    is_text,
    matched_rows,
    primary_rows,
    read_items,
    stratum_items,
)
from false_promise.claims.statistics import Effect, cluster_means, cluster_weights, slope

FREE_ANSWERS = ("nq", "code")  # nothing to choose from: chance is 0 where the table does not state it
REFERENCE_BASE = "base_13B"  # registered: a benchmark is eligible by the base of the 13B counterpart
Pair = tuple[str, str]  # (measure, condition)


def above_chance(evidence: Evidence, measure: Mapping) -> float:
    """How far the 13B counterpart's base beats chance, as a fraction, averaged over its base seeds."""
    rows = find_rows(evidence, measure, REFERENCE_BASE)
    default = 0.0 if measure["benchmark"] in FREE_ANSWERS else None
    if measure.get("scoring") == "format_free":
        default = 0.5  # a mean rank
    chances = [getattr(row, "chance", None) for row in rows]
    chances = [default if chance is None else chance for chance in chances]
    if None in chances:
        raise NotMeasured(f"the chance level of {measure['benchmark']}")
    return float(np.mean([row.exact_match - chance for row, chance in zip(rows, chances, strict=True)]))


def resolve(evidence: Evidence, name: str, threshold: float) -> dict:
    """The measure called `name` with one scoring: of several, the first that the base carries, else the last."""
    measure = dict(evidence.measures[name])
    scorings = measure.get("scoring")
    if not isinstance(scorings, list):
        return measure
    options = [measure | {"scoring": scoring} for scoring in scorings]
    return next((one for one in options if above_chance(evidence, one) >= threshold), options[-1])


def check_eligible(evidence: Evidence, name: str, threshold: float) -> None:
    """Raises NotEligible if the base beats chance by less than `threshold` on the measure called `name`."""
    lead = above_chance(evidence, resolve(evidence, name, threshold))
    if lead < threshold:
        raise NotEligible(f"{name}: the base beats chance by only {100 * lead:.1f} points")


def part_effect(
    evidence: Evidence, part: Mapping, study: Mapping, settings: Mapping | None = None, draws: int | None = None
) -> Effect:
    """The effect of one part of a claim, in fractions.

    Args:
        part: from claims.yaml; exactly one of contrast, gains, slope, gap_closed.
        settings: training settings instead of the primary ones (specification curve).
        draws: bootstrap draws instead of the registered number; 0 gives the estimate only.

    Raises:
        NotMeasured, NotEligible: with the missing or weak thing named.
    """
    threshold = study["eligibility"]["above_chance"]
    if part.get("eligible_only"):
        check_eligible(evidence, part["measure"], threshold)
    pairs, dropped = part_pairs(evidence, part, threshold)
    measures = {name: resolve(evidence, name, threshold) for name, _ in pairs}
    rows = part_rows(evidence, part, pairs, measures, settings)
    seeds = common_seeds(evidence, rows)
    groups = {pair: [] for pair in pairs}
    for seed in seeds:
        for measure in measures:
            mine = {name: rows[measure, name] for one, name in pairs if one == measure}
            for name, samples in seed_samples(evidence, mine, seed, part.get("stratum", "all")).items():
                groups[measure, name].append(samples)
    bars = study["error_bars"]
    scores, clusters = bootstrap_scores(
        groups, bars["bootstrap_draws"] if draws is None else draws, bars["bootstrap_seed"]
    )
    counted = max(len(values) for values, _ in groups[pairs[0]][0])
    return Effect(
        combine(evidence, part, scores), sum(seed is not None for seed in seeds), counted, clusters, "; ".join(dropped)
    )


def part_pairs(evidence: Evidence, part: Mapping, threshold: float) -> tuple[list[Pair], list[str]]:
    """(measure, condition) of every score in a part, the reference condition first, and why measures were left out."""
    if "gap_closed" not in part:
        return [(part["measure"], name) for name in condition_names(part)], []
    gap, dropped, kept = part["gap_closed"], [], []
    for side in ("plus", "minus"):
        for measure in gap[side]["measures"]:
            try:
                if gap[side].get("eligible_only"):
                    check_eligible(evidence, measure, threshold)
                kept.append(measure)
            except NotEligible as reason:
                dropped.append(str(reason))
    if not set(kept) & set(gap["minus"]["measures"]):
        raise NotEligible("; ".join(dropped))
    return [(measure, gap[role]) for measure in kept for role in ("model", "base", "teacher")], dropped


def coefficients(part: Mapping) -> dict[str, float]:
    """Condition -> coefficient of a contrast, or of the first gain minus the second; those that cancel are left out."""
    if "contrast" in part:
        return {name: float(value) for name, value in part["contrast"].items()}
    total: dict[str, float] = {}
    for sign, gain in zip((1.0, -1.0), part["gains"], strict=True):
        for name, value in ((gain["to"], sign), (gain["from"], -sign)):
            total[name] = total.get(name, 0.0) + value
    return {name: value for name, value in total.items() if value}


def condition_names(part: Mapping) -> list[str]:
    """Every condition that a part compares."""
    if "gap_closed" in part:
        return [part["gap_closed"][role] for role in ("model", "base", "teacher")]
    return list(part.get("slope") or coefficients(part))


def part_rows(
    evidence: Evidence, part: Mapping, pairs: Sequence[Pair], measures: Mapping, settings: Mapping | None
) -> dict[Pair, list]:
    """Table rows of every score; NotMeasured names everything that is missing, not only the first."""
    if "matched" in part:
        found = matched_rows(evidence, measures[part["measure"]], part["slope"], settings)
        return {(part["measure"], name): rows for name, rows in found.items()}
    rows, missing = {}, []
    for measure, name in pairs:
        try:
            rows[measure, name] = primary_rows(evidence, measures[measure], name, settings)
        except NotMeasured as reason:
            missing.append(str(reason))
    if missing:
        raise NotMeasured("; ".join(missing))
    return rows


def common_seeds(evidence: Evidence, rows: Mapping[Pair, list]) -> list[int | None]:
    """Base seeds that every base model of the part has; [None] if the part has only texts."""
    trained = [found for (_, name), found in rows.items() if "size" in evidence.conditions[name]]
    sets = [{row.base_seed for row in found} for found in trained]
    if not sets:
        return [None]
    seeds = sorted(set.intersection(*sets))
    if not seeds:
        names = ", ".join(sorted({name for _, name in rows}))
        raise NotMeasured(f"a base seed that all of these have: {names}")
    return [int(seed) for seed in seeds]


def seed_samples(
    evidence: Evidence, rows: Mapping[str, list], seed: int | None, stratum: str
) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """Per condition, (item values, entities) for each run of the first condition, all on that run's items.

    The stratum is that of the first condition's run. Another condition is represented by its run with the same
    imitation seed, or else by the mean of all its runs. Texts share no items and stand for themselves.
    """
    chosen = {
        name: [row for row in found if "size" not in evidence.conditions[name] or row.base_seed == seed]
        for name, found in rows.items()
    }
    reference = next(iter(chosen))
    if is_text(evidence.conditions[reference]):
        items = {name: read_items(evidence, found[0]) for name, found in chosen.items()}
        apart = len(evidence.items)  # more than any item's number, so that no two texts share a cluster
        return {
            name: [(_values(one, one.index), one.index.to_numpy() + place * apart)]
            for place, (name, one) in enumerate(items.items())
        }
    samples: dict[str, list] = {name: [] for name in chosen}
    for row in chosen[reference]:
        runs = {name: [read_items(evidence, one) for one in _partners(found, row)] for name, found in chosen.items()}
        index = stratum_items(runs[reference][0], stratum)
        for found in (one for several in runs.values() for one in several):
            index = index.intersection(found.index, sort=False)
        if index.empty:
            raise NotMeasured(f"items of stratum {stratum} that {', '.join(chosen)} have in common")
        entities = runs[reference][0]["entity"].reindex(index).to_numpy()
        for name, several in runs.items():
            samples[name].append((np.mean([_values(found, index) for found in several], axis=0), entities))
    return samples


def bootstrap_scores(groups: Mapping[Pair, list], draws: int, seed: int) -> tuple[dict[Pair, np.ndarray], int]:
    """Scores of shape (base seeds, 1 + draws) for each pair, and the number of clusters (entities) drawn from."""
    flat = [sample for seeds in groups.values() for samples in seeds for sample in samples]
    names, codes = np.unique(np.concatenate([entities for _, entities in flat]), return_inverse=True)
    cuts = np.cumsum([len(values) for values, _ in flat])[:-1]
    coded = [(values, code) for (values, _), code in zip(flat, np.split(codes, cuts), strict=True)]
    means = iter(cluster_means(coded, cluster_weights(len(names), draws, seed)))
    return {
        pair: np.stack([np.mean([next(means) for _ in samples], axis=0) for samples in seeds])
        for pair, seeds in groups.items()
    }, len(names)


def combine(evidence: Evidence, part: Mapping, scores: Mapping[Pair, np.ndarray]) -> np.ndarray:
    """The part's effect per base seed and draw, from the scores of its conditions."""
    if "gap_closed" in part:
        return gap_difference(part["gap_closed"], scores)
    by_name = {name: score for (_, name), score in scores.items()}
    if "slope" not in part:
        return sum(value * by_name[name] for name, value in coefficients(part).items())
    x = [condition_size(evidence, part["against"], name) for name in part["slope"]]
    return slope(x, np.stack([by_name[name] for name in part["slope"]]))


def condition_size(evidence: Evidence, against: str, name: str) -> float:
    """log10 of a condition's tokens, or of the parameters that this scale's name of its size states (`13m`)."""
    condition = evidence.conditions[name]
    if against == "log10_tokens":
        return float(np.log10(evidence.amounts["tokens"][condition["tokens"]]))
    text = evidence.size_names.get(condition["size"], condition["size"])
    number = re.fullmatch(r"([0-9.]+) ?([kmb])", text.lower())
    if not number:
        raise ValueError(f"size {text!r} does not state its parameters, expected something like 13m or 1.5b")
    return float(np.log10(float(number[1]) * {"k": 1e3, "m": 1e6, "b": 1e9}[number[2]]))


def gap_difference(gap: Mapping, scores: Mapping[Pair, np.ndarray]) -> np.ndarray:
    """Gap closed by the `plus` composite minus that by the `minus` composite (claim 8)."""
    closed = {}
    for side in ("plus", "minus"):
        measures = [measure for measure in gap[side]["measures"] if (measure, gap["base"]) in scores]
        mean = {
            role: np.mean([scores[measure, gap[role]] for measure in measures], axis=0)
            for role in ("model", "base", "teacher")
        }
        lead = mean["teacher"] - mean["base"]
        points = 100 * float(lead[:, 0].mean())
        if points < 100 * gap["min_lead"]:
            raise NotEligible(f"the teacher leads by only {points:.1f} points in {', '.join(measures)}")
        closed[side] = (mean["model"] - mean["base"]) / np.where(lead == 0, np.finfo(float).eps, lead)
    return closed["plus"] - closed["minus"]


def _values(found: pd.DataFrame, index: pd.Index) -> np.ndarray:
    return found["correct"].reindex(index).to_numpy(dtype=float)


def _partners(found: list, row: Any) -> list:
    """Runs that stand beside a reference run: the one with its imitation seed, or else all."""
    return [one for one in found if one.imitation_seed == row.imitation_seed] or found
