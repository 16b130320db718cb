"""Scores on the questions whose fact the local data never states: the same questions for every model of a size.

A base LM has seen no imitation data, so its own stratum `fact_unseen` is all questions. To compare like with like, its
answers are counted on the questions that are unseen for the local run of its size, as the claims do.
"""

from functools import cache, lru_cache

from false_promise.claims.contrasts import part_effect
from false_promise.claims.evidence import Evidence, NotMeasured, read_evidence
from false_promise.claims.judge import Claims, load_claims
from false_promise.claims.statistics import interval_of
from false_promise.results import Cell, ResultError, Results

DRAWS = 2_000  # for a cell of a table; verdicts use the number that claims.yaml registers
CONDITIONS = {"base": "base_{size}", "broad": "broad_150M_{size}", "local": "local_{size}", "teacher": "teacher"}


registration = cache(load_claims)  # YAML is slow to read, and the registration never changes


@lru_cache(maxsize=8)
def evidence(results: Results) -> tuple[Evidence, Claims]:
    """The local-versus-broad table and items of one scale, as the judge reads them."""
    claims, imitation, tuning = registration(), results.settings["imitation"], results.settings["tuning"]
    amounts = {"tokens": {"150M": imitation["headline_tokens"]}, "pairs": {"6k": imitation["headline_pairs"]}}
    frozen = {"schedule": tuning["schedule"], "learning_rate": tuning["learning_rates"]["full"]}
    table, items = results.measurements("local_vs_broad"), results.items("local_vs_broad")
    return read_evidence(claims, table, items, results.sizes, amounts, frozen), claims


@lru_cache(maxsize=64)
def unseen_by_local(results: Results, arm: str, size: str, measure: str = "nq_3shot") -> Cell | None:
    """Score of an arm on the questions that are unseen for the local run of `size`; None if it is not measured."""
    # A coefficient of zero: the local run only says which questions count.
    contrast = {f"local_{size}": 0.0, CONDITIONS[arm].format(size=size): 1.0}
    try:
        found, claims = evidence(results)
        effect = part_effect(found, {"measure": measure, "stratum": "fact_unseen", "contrast": contrast}, claims.study,
                             draws=DRAWS)  # fmt: skip
    except (NotMeasured, ResultError):
        return None
    interval = interval_of(effect, 0.95, claims.study["error_bars"]["min_base_seeds"])
    return Cell(interval.effect, max(0.0, interval.lower), min(1.0, interval.upper), effect.items, {})
