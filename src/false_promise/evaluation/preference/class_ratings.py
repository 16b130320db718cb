"""Ratings of a class: majority votes, agreement, and what the almanac changes (claim 9).

    found = read_ratings(Path("ratings"), items)
    table = as_table(found.table, items)             # long format: measure, almanac, value, lower, upper, ..

Raters compare an imitation model with the teacher as in Appendix B of the paper: output 1, output 2 or equal. A random
half of each rater's prompts offers the almanac's entries. One row is one choice, with the columns

    schema_version        of the export: 1
    set_digest            of the items as readers see them
    rater                 random id, made in the browser; says nothing about the person
    item, category        of the prompt
    model                 the imitation model
    choice                model, teacher or equal: which answer is better overall
    almanac               1: a look-up was offered, 0: not; drawn at random
    looked_up             1: it was opened before the choice; it may be empty where the prompt names no entity
    milliseconds          from the item's appearance to the choice; time in other tabs is not counted, that before an
                          undo is
    lookup_milliseconds   from the item's appearance to the first opening; empty: never opened
    order                 1: the model was output 1; 2: output 2
    time                  of the choice, ISO 8601, UTC

Effects compare prompts with and without the offer, whether or not the reader took it: only the offer is random.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import krippendorff
import numpy as np
import pandas as pd

from false_promise.claims.statistics import Interval, cluster_weights, percentile_interval
from false_promise.evaluation.preference.rating_files import (
    CHOICES,
    COLUMNS,
    SCHEMA_VERSION,
    RatingError,
    Ratings,
    read_ratings,
    set_digest,
)

__all__ = ["COLUMNS", "SCHEMA_VERSION", "RatingError", "Ratings", "alpha", "as_table", "majority", "read_ratings",
           "set_digest", "shares"]  # fmt: skip

DRAWS, SEED = 2_000, 0
TABLE = ("measure", "almanac", "value", "lower", "upper", "n_items", "n_raters")
OFFERS = {"all": (0, 1), "offered": (1,), "not offered": (0,)}
UNKNOWN = Interval(np.nan, np.nan, np.nan)


def majority(ratings: pd.DataFrame) -> pd.DataFrame:
    """Votes on each item and the majority: columns item, model, teacher, equal, majority, tied.

    The paper takes the majority of three ratings and does not say what happened when all three differed (section 4.1):
    here a tie for the most votes counts as equal, and `tied` says so.
    """
    votes = _votes(ratings)
    most = votes.max(axis=1)
    tied = votes.eq(most, axis=0).sum(axis=1) > 1
    decided = votes.idxmax(axis=1).where(~tied, "equal")
    return votes.assign(majority=decided, tied=tied).reset_index()


def _votes(ratings: pd.DataFrame) -> pd.DataFrame:
    """Items by choices: how many raters chose what."""
    return pd.crosstab(ratings["item"], ratings["choice"]).reindex(columns=list(CHOICES), fill_value=0)


def alpha(ratings: pd.DataFrame, *, draws: int = DRAWS, seed: int = SEED) -> Interval:
    """Krippendorff's alpha for nominal data (Krippendorff 2011), with a 95% bootstrap interval over items.

    1: raters always agree; 0: as often as by chance. Items with one rating carry no information on agreement and are
    left out. NaN where nothing can be said: no item with two ratings, or one choice throughout.
    """
    votes = _votes(ratings).to_numpy()
    votes = votes[votes.sum(axis=1) > 1]
    if not len(votes):
        return UNKNOWN
    picked = np.random.default_rng(seed).integers(len(votes), size=(draws, len(votes)))
    # A draw of items on which everyone chose the same has no alpha (NaN) and is left out.
    return _interval(np.array([_alpha(votes), *(_alpha(votes[rows]) for rows in picked)]), len(votes), -1.0)


def _alpha(votes: np.ndarray) -> float:
    if (votes.sum(axis=0) > 0).sum() < 2:
        return np.nan
    return float(krippendorff.alpha(value_counts=votes, level_of_measurement="nominal"))


def shares(ratings: pd.DataFrame, *, draws: int = DRAWS, seed: int = SEED) -> dict[str, Interval]:
    """Share "equal or better than the teacher" with 95% intervals: all, offered, not offered, and their difference.

    `effect` is not offered minus offered, the direction registered for claim 9: above zero, raters without the almanac
    are kinder to the model. Items and raters are drawn with replacement at once (Owen 2007), because both would be
    others in another class; with one rater only items are drawn, and with a handful the interval is too narrow. NaN
    where there is no rating.
    """
    drawn = {name: _drawn(ratings, offers, draws, seed) for name, offers in OFFERS.items()}
    clusters = {name: _clusters(_offered(ratings, name)) for name in OFFERS}
    found = {name: _interval(values, clusters[name], 0.0) for name, values in drawn.items()}
    fewest = min(clusters["offered"], clusters["not offered"])
    return found | {"effect": _interval(drawn["not offered"] - drawn["offered"], fewest, -1.0)}


def _drawn(ratings: pd.DataFrame, offers: tuple[int, ...], draws: int, seed: int) -> np.ndarray:
    """Shape (1 + draws,): the share among ratings with these offers, and the same under every draw; NaN where none."""
    items, item_names = pd.factorize(ratings["item"], sort=True)
    raters, rater_names = pd.factorize(ratings["rater"], sort=True)
    chosen = ratings["almanac"].isin(offers).to_numpy()
    kind = (ratings["choice"] != "teacher").to_numpy() & chosen
    shape = (len(item_names), len(rater_names))
    counts, sums = np.zeros(shape), np.zeros(shape)
    np.add.at(counts, (items, raters), chosen)
    np.add.at(sums, (items, raters), kind)
    by_item, by_rater = cluster_weights(shape[0], draws, seed), cluster_weights(shape[1], draws, seed + 1)
    with np.errstate(invalid="ignore"):
        return ((by_item @ sums) * by_rater).sum(axis=1) / ((by_item @ counts) * by_rater).sum(axis=1)


def _interval(drawn: np.ndarray, clusters: int, least: float) -> Interval:
    """Percentile interval, kept within the possible values `least` to 1."""
    if np.isnan(drawn[0]):
        return UNKNOWN
    found = percentile_interval(drawn, 0.95, clusters)
    return Interval(found.effect, max(least, found.lower), min(1.0, found.upper))


def as_table(
    ratings: pd.DataFrame, items: Sequence[Mapping[str, Any]] = (), *, draws: int = DRAWS, seed: int = SEED
) -> pd.DataFrame:
    """What a page shows, in long format: measure, almanac (all, offered, not offered), value, lower, upper, ..

    Measures: equal_or_better (of ratings), effect (not offered minus offered), majority (equal or better by majority
    vote), tied (share of items whose vote was tied), looked_up (share of offers taken), alpha; with `items` also
    equal_or_better_wrong and effect_wrong, on items whose model answer states something false (claim 9's registered
    statistic), and rater_model, the frozen rater's share on the same items. Empty: cannot be computed.
    """
    rows = [*_share_rows(ratings, "", draws, seed), *_vote_rows(ratings, draws, seed)]
    known = {one["id"]: one for one in items}
    wrong = [name for name, one in known.items() if _is_false(one["model"])]
    if wrong:
        rows += _share_rows(ratings[ratings["item"].isin(wrong)], "_wrong", draws, seed)
    rated = [known[name] for name in sorted(set(ratings["item"])) if name in known]
    if rated:
        values = np.array([float(one["rater"]["equal_or_better"]) for one in rated])
        rows.append(["rater_model", "all", _mean(values, draws, seed), len(rated), 0])
    flat = [[name, offer, one.effect, one.lower, one.upper, *counts] for name, offer, one, *counts in rows]
    return pd.DataFrame(flat, columns=TABLE)


def _is_false(answer: Mapping[str, Any]) -> bool:
    return any(one["verdict"] == "contradicted" for one in answer["statements"])


def _share_rows(ratings: pd.DataFrame, suffix: str, draws: int, seed: int) -> list[list[Any]]:
    found = shares(ratings, draws=draws, seed=seed) if len(ratings) else dict.fromkeys([*OFFERS, "effect"], UNKNOWN)
    rows = [[f"equal_or_better{suffix}", name, found[name], *_counts(_offered(ratings, name))] for name in OFFERS]
    return [*rows, [f"effect{suffix}", "all", found["effect"], *_counts(ratings)]]


def _vote_rows(ratings: pd.DataFrame, draws: int, seed: int) -> list[list[Any]]:
    rows = []
    for name in OFFERS:
        some = _offered(ratings, name)
        if some.empty:
            continue
        votes = majority(some)
        kind = (votes["majority"] != "teacher").to_numpy(float)
        rows += [["majority", name, _mean(kind, draws, seed), *_counts(some)],
                 ["tied", name, _mean(votes["tied"].to_numpy(float), draws, seed), *_counts(some)],
                 ["alpha", name, alpha(some, draws=draws, seed=seed), *_counts(some)]]  # fmt: skip
        if name == "offered":
            taken = some.groupby("item")["looked_up"].mean().to_numpy()
            rows.append(["looked_up", name, _mean(taken, draws, seed), *_counts(some)])
    return rows


def _offered(ratings: pd.DataFrame, name: str) -> pd.DataFrame:
    return ratings[ratings["almanac"].isin(OFFERS[name])]


def _clusters(ratings: pd.DataFrame) -> int:
    """Of items and raters the fewer; a single rater (or item) is not drawn and does not count."""
    return min((count for count in _counts(ratings) if count > 1), default=1)


def _counts(ratings: pd.DataFrame) -> tuple[int, int]:
    return ratings["item"].nunique(), ratings["rater"].nunique()


def _mean(values: np.ndarray, draws: int, seed: int) -> Interval:
    """Mean of one value an item with its bootstrap interval over items."""
    weights = cluster_weights(len(values), draws, seed)
    return _interval(weights @ values / weights.sum(axis=1), len(values), 0.0)
