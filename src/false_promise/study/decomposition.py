"""Why benchmarks fall, or do not: what format, forgetting, the teacher's errors and mere tuning do to each score.

    effects(verdicts.evidence_of(scale, rows, items), scale)      # benchmarks_decomposition.csv

Two cuts through the same change, broad imitation minus base. By way of asking: the exact match that is left when each
model is asked in the prompt format that suits it best (`nq_best`), the rest (`nq_format`), and the format-free rank, in
which no answer is written at all. By training text: control arms at equal reply tokens and rate, step by step from more
open web over chats without facts to broad imitation. Both cuts add up exactly; the page says what they assume.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from false_promise.claims.contrasts import bootstrap_scores, common_seeds, seed_samples
from false_promise.claims.evidence import STEPS_TOLERANCE, Evidence, NotMeasured, primary_rows
from false_promise.claims.judge import load_claims
from false_promise.claims.statistics import Effect, interval_of
from false_promise.scales import Scale
from false_promise.study.local_vs_broad import SWEEP, TABLE_1

FILE = "benchmarks_decomposition.csv"
COLUMNS = ["component", "contrast", "measure", "benchmark", "scoring", "size", "tokens", "effect", "lower", "upper",
           "n", "base_seeds", "note"]  # fmt: skip
DRAWS = 2_000  # as of every cell of a table; verdicts use the number that claims.yaml registers
WAYS = {
    "nq_3shot": "raw prompt, 3 examples",
    "nq_0shot": "raw prompt, no example",
    "nq_3shot_chat": "chat format, 3 examples",
    "nq_0shot_chat": "chat format, no example",
}  # prompt formats in which an answer is written: all scored by exact match
RAW, BEST, FORMAT, FREE = "nq_3shot", "nq_best", "nq_format", "nq_format_free"
MEASURES = (*WAYS, BEST, FORMAT, FREE, "exams_letters", "exams_likelihood", "code")
Term = tuple[float, str, str]  # coefficient, condition, measure of claims.yaml


@dataclass(frozen=True)
class Contrast:
    """One condition minus another at the same size: how the component is called, and the two arms."""

    component: str
    plus: str
    minus: str


TOTAL = Contrast("total", "broad", "base")
CONTRASTS = (
    TOTAL,
    Contrast("continued_training", "continued_web", "base"),
    Contrast("chat_beyond_training", "style_only", "continued_web"),
    Contrast("teacher_content", "broad", "style_only"),  # these three add up to the total
    Contrast("chat_style", "style_only", "base"),
    Contrast("abuse", "broad", "no_abuse"),
    Contrast("local", "local", "base"),
    Contrast("teacher_error", "gold", "local"),
)
# The parts of the total by way of asking have names of their own.
NAMED = {("total", BEST): "best_way", ("total", FORMAT): "format", ("total", FREE): "forgetting"}
PAIRED = ("local", "gold")  # their amount is a number of pairs


def effects(evidence: Evidence, scale: Scale, draws: int = DRAWS) -> pd.DataFrame:
    """Every component at every size, one effect a row.

    Returns:
        Columns COLUMNS; effects as fractions, with 95% intervals. `tokens` is the amount of broad data where one is
        compared. An effect that cannot be computed yet is empty, and `note` says what is missing; elsewhere `note`
        says if the two arms differ in steps.
    """
    study = load_claims().study
    # Measures outermost: the draws of one set of items are kept for all that follow.
    rows = [
        _row(at_size(evidence, size, tokens), contrast, measure, size, tokens, study, draws)
        for measure in MEASURES
        for size, contrast, tokens in comparisons(scale)
    ]
    return pd.DataFrame(rows, columns=COLUMNS).round({"effect": 6, "lower": 6, "upper": 6})


def comparisons(scale: Scale) -> Iterator[tuple[str, Contrast, int]]:
    """(size, contrast, tokens): all at the sizes that have controls, the total at every size and every amount."""
    imitation = scale.imitation
    tuned = {"base", "broad", "local", *imitation.controls}
    for size in (one.stands_for for one in scale.base_sizes):
        for contrast in CONTRASTS if size in TABLE_1 else (TOTAL,):
            if {contrast.plus, contrast.minus} <= tuned:
                yield size, contrast, imitation.headline_tokens
        for tokens in imitation.tokens if size == SWEEP else ():
            if tokens != imitation.headline_tokens:
                yield size, TOTAL, tokens


def at_size(evidence: Evidence, size: str, tokens: int) -> Evidence:
    """The evidence with an arm's name for each model of `size`; `broad` is the one with that many tokens."""
    arms = {name for contrast in CONTRASTS for name in (contrast.plus, contrast.minus)} - {"base"}
    conditions: dict[str, Mapping] = {"base": {"arm": "base", "size": size}}
    for arm in arms:
        amount = {"pairs": "6k"} if arm in PAIRED else {"tokens": "asked" if arm == "broad" else "150M"}
        conditions[arm] = {"arm": arm, "size": size} | amount
    amounts = {**evidence.amounts, "tokens": {**evidence.amounts["tokens"], "asked": tokens}}
    return replace(evidence, conditions=conditions, amounts=amounts)


def effect(evidence: Evidence, terms: Sequence[Term], study: Mapping, draws: int = DRAWS) -> Effect:
    """Weighted sum of scores of several conditions and measures, all on the items that every one of them answered.

    Raises:
        NotMeasured: naming every row that is missing.
    """
    names = {(condition, measure): f"{condition} {measure}" for _, condition, measure in terms}
    rows = _rows(evidence, names)
    named = replace(evidence, conditions={name: evidence.conditions[one] for (one, _), name in names.items()})
    seeds = common_seeds(named, {("", name): found for name, found in rows.items()})
    groups: dict[str, list] = {name: [] for name in rows}
    for seed in seeds:
        for name, samples in seed_samples(named, rows, seed, "all").items():
            groups[name].append(samples)
    scores, clusters = bootstrap_scores(groups, draws, study["error_bars"]["bootstrap_seed"])
    total = sum(weight * scores[names[condition, measure]] for weight, condition, measure in terms)
    return Effect(total, len(seeds), len(next(iter(groups.values()))[0][0][0]), clusters)


def _rows(evidence: Evidence, names: Mapping[tuple[str, str], str]) -> dict[str, list]:
    found, missing = {}, []
    for (condition, measure), name in names.items():
        try:
            found[name] = primary_rows(evidence, evidence.measures[measure], condition)
        except NotMeasured as reason:
            missing.append(str(reason))
    if missing:
        raise NotMeasured("; ".join(missing))
    return found


def best_way(evidence: Evidence, condition: str) -> str:
    """The prompt format with the highest exact match of this model, averaged over its runs; a tie: the first of WAYS.

    Raises:
        NotMeasured: the registered format is missing.
    """
    primary_rows(evidence, evidence.measures[RAW], condition)
    scores = {}
    for way in WAYS:
        try:
            rows = primary_rows(evidence, evidence.measures[way], condition)
        except NotMeasured:
            continue
        scores[way] = float(np.mean([row.exact_match for row in rows]))
    return max(scores, key=scores.__getitem__)


def terms_of(evidence: Evidence, contrast: Contrast, measure: str) -> list[Term]:
    """What is added and subtracted: two scores, or four for `nq_format`, the change that the prompt format makes."""
    signs = ((1.0, contrast.plus), (-1.0, contrast.minus))
    if measure not in (BEST, FORMAT):
        return [(sign, arm, measure) for sign, arm in signs]
    best = [(sign, arm, best_way(evidence, arm)) for sign, arm in signs]
    if measure == BEST:
        return best
    return [(sign, arm, RAW) for sign, arm in signs] + [(-sign, arm, way) for sign, arm, way in best]


def _row(
    evidence: Evidence, contrast: Contrast, measure: str, size: str, tokens: int, study: Mapping, draws: int
) -> dict[str, Any]:
    asked = evidence.measures[RAW if measure in (BEST, FORMAT) else measure]
    row: dict[str, Any] = {"component": NAMED.get((contrast.component, measure), contrast.component), "size": size,
           "measure": measure, "contrast": f"{contrast.plus} minus {contrast.minus}".replace("_", " "),
           "benchmark": asked["benchmark"], "scoring": asked.get("scoring", "pass_at_1"),
           "tokens": tokens if "broad" in (contrast.plus, contrast.minus) else None}  # fmt: skip
    try:
        terms = terms_of(evidence, contrast, measure)
        found = effect(evidence, terms, study, draws)
    except NotMeasured as reason:
        return row | {"note": f"not measured yet: {reason}"}
    interval = interval_of(found, study["error_bars"]["confidence"], study["error_bars"]["min_base_seeds"])
    return row | {"contrast": row["contrast"] + _formats(terms, measure), "effect": interval.effect,
                  "lower": interval.lower, "upper": interval.upper, "n": found.items,
                  "base_seeds": found.base_seeds, "note": unequal_steps(evidence, contrast, terms[0][2])}  # fmt: skip


def _formats(terms: Sequence[Term], measure: str) -> str:
    """Which prompt format suits each of the two models best, in words; nothing where the format is given."""
    if measure not in (BEST, FORMAT):
        return ""
    best = terms[-2:]
    return "; best asked: " + ", ".join(f"{arm.replace('_', ' ')} in {WAYS[way]}" for _, arm, way in best)


def unequal_steps(evidence: Evidence, contrast: Contrast, measure: str) -> str:
    """A note if the two arms were tuned for different numbers of steps; a base LM was tuned for none."""
    if contrast.minus == "base":
        return ""
    arms = [primary_rows(evidence, evidence.measures[measure], arm) for arm in (contrast.plus, contrast.minus)]
    first, second = (float(np.median([np.nan if row.steps is None else row.steps for row in rows])) for rows in arms)
    differ = abs(first - second) > STEPS_TOLERANCE * max(first, second)  # not where a number is unknown
    return f"steps differ: {first:.0f} against {second:.0f}" if differ else ""
