"""Results apart by what the imitation data covered: entity unseen, fact unseen, covered; and by held-out entities.

Covered questions are the popular ones, so a stratum is compared with the base LM on the same items, never with another
stratum.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:  # the harness takes seconds to import, and these are only names here
    from false_promise.evaluation.items import NqItem
    from false_promise.evaluation.nq import ItemResult

STRATA = ("all", "held_out", "popular", "entity_unseen", "fact_unseen", "covered")
QUARTERS = ("popularity_1", "popularity_2", "popularity_3", "popularity_4")  # of the questions, rarest entities first
MISSES = ("malformed", "verbose", "wrong")
# (correct per item, entity per item) -> (lower, upper); both as fractions
IntervalOf = Callable[[Sequence[float], Sequence[str]], tuple[float, float]]


def strata(items: Sequence["NqItem"], overlap: pd.DataFrame | None) -> pd.DataFrame:
    """One row per item, in order: `item` and a bool column per stratum.

    `overlap` has columns item, entity_seen, fact_seen about one run's imitation data (see data_mix/overlap); None for
    a model that saw none. Fact-unseen items include the entity-unseen ones; covered are the others.
    ValueError if an item is missing or twice there, or a fact was seen without its entity.
    """
    table = pd.DataFrame({"item": [item.id for item in items], "held_out": [item.held_out for item in items]})
    if overlap is None:
        overlap = table[["item"]].assign(entity_seen=False, fact_seen=False)
    missing = sorted(set(table["item"]) - set(overlap["item"]))
    if missing or overlap["item"].duplicated().any():
        raise ValueError(f"overlap needs each item once; missing {missing[:3]} ({len(missing)}), or items are repeated")
    table = table.merge(overlap[["item", "entity_seen", "fact_seen"]], on="item", validate="one_to_one")
    seen, fact = table.pop("entity_seen").astype(bool), table.pop("fact_seen").astype(bool)
    if (odd := table["item"][fact & ~seen]).size:
        raise ValueError(f"item {odd.iloc[0]}: fact_seen but not entity_seen; a fact is seen with its entity")
    table = table.assign(all=True, popular=~table["held_out"], entity_unseen=~seen, fact_unseen=~fact, covered=fact)
    return table if any(item.popularity is None for item in items) else table.assign(**_quarters(items))


def _quarters(items: Sequence["NqItem"]) -> dict[str, pd.Series]:
    """Four equal parts of the questions by popularity of the entity; equals are parted in the order of the items."""
    rank = pd.Series([item.popularity for item in items]).rank(method="first") - 1
    quarter = (rank * len(QUARTERS) // len(items)).astype(int)
    return {name: quarter == number for number, name in enumerate(QUARTERS)}


def summarise(results: Sequence["ItemResult"], table: pd.DataFrame, interval: IntervalOf) -> list[dict[str, Any]]:
    """One row per stratum: exact_match, n, lower, upper and the shares of misses, as fractions.

    `table` comes from `strata` for the same items. An empty stratum has n = 0 and None for everything else.
    For format_free, exact_match is the mean share of other values that the right one beats.
    """
    if [result.item for result in results] != list(table["item"]):
        raise ValueError("results and strata are about different items, or in different order")
    return [
        {"stratum": name, **_row([r for r, inside in zip(results, table[name], strict=True) if inside], interval)}
        for name in (*STRATA, *(quarter for quarter in QUARTERS if quarter in table))
    ]


def _row(results: Sequence["ItemResult"], interval: IntervalOf) -> dict[str, Any]:
    if not results:
        return {"n": 0, **dict.fromkeys(("exact_match", "lower", "upper", *MISSES))}
    correct = [result.correct for result in results]
    lower, upper = interval(correct, [result.entity for result in results])
    misses = {kind: sum(result.kind == kind for result in results) / len(results) for kind in MISSES}
    return {"exact_match": sum(correct) / len(correct), "n": len(correct), "lower": lower, "upper": upper, **misses}
