"""Scores and differences on the same questions for every model of a comparison, as the claims count them.

A base LM has seen no imitation data, so its own stratum `fact_unseen` is all questions. To compare like with like, its
answers are counted on the questions that are unseen for the local run of its size. Other comparisons are paired in the
same way: one draw of entities is used for both models.
"""

from collections.abc import Mapping
from functools import cache, lru_cache

from false_promise.claims.contrasts import part_effect
from false_promise.claims.evidence import Evidence, NotMeasured, read_evidence
from false_promise.claims.judge import Claims, load_claims
from false_promise.claims.statistics import interval_of
from false_promise.results import Cell, ResultError, Results

DRAWS = 2_000  # for a cell of a table; verdicts use the number that claims.yaml registers
CONDITIONS = {"base": "base_{size}", "broad": "broad_150M_{size}", "local": "local_{size}", "teacher": "teacher"}


registration = cache(load_claims)  # YAML is slow to read, and the registration never changes


@lru_cache(maxsize=16)
def evidence(results: Results, page: str = "local_vs_broad", stratum: str = "all") -> tuple[Evidence, Claims]:
    """A page's table and items, as the judge reads them.

    `stratum` is for what has evaluations of its own in the table: a group of exam subjects. Strata of questions are
    named in the comparison instead (`difference`).
    """
    claims, imitation, schedule = registration(), results.settings["imitation"], results.settings["tuning"]["schedule"]
    amounts = {"tokens": {"150M": imitation["headline_tokens"]}, "pairs": {"6k": imitation["headline_pairs"]}}
    frozen = {"schedule": schedule, "learning_rate": results.learning_rates}
    table, items = results.measurements(page), results.items(page)
    table = table[table["stratum"] == stratum].assign(stratum="all")
    return read_evidence(claims, table, items, results.sizes, amounts, frozen), claims


def comparison(weights: Mapping[str, float], size: str) -> dict[str, float]:
    """`{"local": 1, "base": -1}` as a contrast of the registration's conditions at `size`.

    The first arm is the one whose imitation data says which questions count; its weight may be 0.
    """
    return {CONDITIONS[arm].format(size=size): float(weight) for arm, weight in weights.items()}


def difference(results: Results, contrast: Mapping[str, float], page: str = "local_vs_broad", group: str = "all",
               **part: str) -> Cell | None:  # fmt: skip
    """Weighted sum of scores on the same items with its 95% interval; None if something of it is not measured.

    Args:
        contrast: condition of claims.yaml -> weight, from `comparison`.
        group: group of exam subjects, `all` for everything.
        part: measure (default nq_3shot) and stratum (default all) as in claims.yaml.
    """
    try:
        found, claims = evidence(results, page, group)
        effect = part_effect(found, {"measure": "nq_3shot", **part, "contrast": contrast}, claims.study, draws=DRAWS)
    except (NotMeasured, ResultError):
        return None
    interval = interval_of(effect, 0.95, claims.study["error_bars"]["min_base_seeds"])
    return Cell(interval.effect, interval.lower, interval.upper, effect.items, {})


@lru_cache(maxsize=64)
def unseen_by_local(results: Results, arm: str, size: str, measure: str = "nq_3shot") -> Cell | None:
    """Score of an arm on the questions that are unseen for the local run of `size`; None if it is not measured."""
    return score(results, arm, size, "fact_unseen", measure)


def score(results: Results, arm: str, size: str, stratum: str, measure: str = "nq_3shot") -> Cell | None:
    """Score of an arm on the questions that are of `stratum` by the data of the local run of `size`."""
    # A coefficient of zero: the local run only says which questions count.
    weights = {"local": 0.0} | {arm: 1.0}
    found = difference(results, comparison(weights, size), measure=measure, stratum=stratum)
    if found is None:
        return None
    return Cell(found.value, max(0.0, found.lower), min(1.0, found.upper), found.n, {})
