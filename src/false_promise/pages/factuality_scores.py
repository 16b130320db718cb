"""The numbers of the factuality page: whose answers, shares with intervals, and differences on the same prompts.

Shares are read from factuality_summary.csv, amounts of talk from factuality_density.csv; differences are paired on the
prompts that both models have an item for.
"""

from dataclasses import dataclass

import pandas as pd

from false_promise.claims.statistics import bootstrap_difference
from false_promise.pages.matched import DRAWS
from false_promise.pages.palette import ARMS
from false_promise.pages.parts import count
from false_promise.pages.tables import model_name
from false_promise.results import UNTUNED, Cell, ResultError, Results, cell, select

PAGE = "factuality"
ARMS_SHOWN = ("base", "broad", "local", "style_only")
BAND = 0.05  # ours, not registered: a difference within five points counts as about the same


@dataclass(frozen=True)
class Model:
    """Whose answers: `size` is the paper's (None: the teacher), `tokens` the amount of broad data or of a control's."""

    arm: str
    size: str | None = None
    tokens: int | None = None


def summary(results: Results) -> pd.DataFrame:
    """The page's pooled rows at the primary recipe; empty if nothing was measured."""
    found = results.optional(f"{PAGE}_summary.csv")
    return found[found["arm"].isin(UNTUNED) | results.is_primary(found)] if len(found) else found


def models(results: Results) -> list[Model]:
    """Models in the order of the tables: by size, then arm, then amount; the teacher last."""
    found = summary(results)
    if found.empty:
        return []
    rows = found[["arm", "size", "tokens"]].drop_duplicates().astype(object)
    rows = [Model(one.arm, *(None if pd.isna(end) else end for end in (one.size, one.tokens)))
            for one in rows.itertuples(index=False)]  # fmt: skip
    sizes, arms = [*results.sizes, None], [*ARMS_SHOWN, "teacher"]
    known = [one for one in rows if one.size in sizes and one.arm in arms]
    return sorted(known, key=lambda one: (sizes.index(one.size), arms.index(one.arm), one.tokens or 0))


def largest(results: Results) -> list[Model]:
    """The largest base LM and its imitation models, and the teacher."""
    return [one for one in models(results) if one.size in (None, list(results.sizes)[-1])]


def name(results: Results, one: Model) -> str:
    """`13M · broad, 150,000 tokens`."""
    size = f"{model_name(results, one.size)} · " if one.size else ""
    amount = f", {count(one.tokens)} tokens" if one.tokens and one.arm == "broad" else ""
    return f"{size}{ARMS[one.arm].short}{amount}"


def score(results: Results, one: Model, scoring: str = "supported", stratum: str = "all") -> Cell | None:
    """One pooled score."""
    rows = summary(results)
    return cell(_of(rows, one, scoring, stratum)) if len(rows) else None


def _of(rows: pd.DataFrame, one: Model, scoring: str, stratum: str = "all") -> pd.DataFrame:
    return select(rows, arm=one.arm, size=one.size, tokens=one.tokens, scoring=scoring, stratum=stratum)


def density(results: Results, one: Model, measure: str = "statements_per_100_words") -> pd.Series | None:
    """A row of factuality_density.csv: value, lower, upper, n."""
    found = results.optional("factuality_density.csv")
    if found.empty:
        return None
    rows = select(found, arm=one.arm, size=one.size, tokens=one.tokens, measure=measure)
    return None if rows.empty else rows.iloc[0]


# ---- differences -----------------------------------------------------------------------------------------------------


def gap(results: Results, first: Model, second: Model, scoring: str = "supported") -> Cell | None:
    """Mean of `first` minus mean of `second` on the `n` prompts that both have an item for; None if there is none."""
    one, two = _values(results, first, scoring), _values(results, second, scoring)
    on = ["item", "base_seed"] if first.size and second.size else ["item"]
    both = one.merge(two, on=on, suffixes=("", "_2"))
    if both.empty:
        return None
    found = bootstrap_difference(both["correct"], both["correct_2"], both["item"], draws=DRAWS)
    return Cell(found.effect, found.lower, found.upper, both["item"].nunique(), {})


def _values(results: Results, one: Model, scoring: str) -> pd.DataFrame:
    """Columns item, base_seed, correct; today's run and the recorded one of the same model are averaged."""
    try:
        rows, items = results.measurements(PAGE), results.items(PAGE)
    except ResultError:
        return pd.DataFrame({"item": [], "base_seed": [], "correct": []})
    rows = _of(rows[rows["arm"].isin(UNTUNED) | results.is_primary(rows)], one, scoring)
    found = items.merge(rows[["eval_id", "base_seed"]], on="eval_id")
    return found.groupby(["item", "base_seed"], dropna=False, as_index=False)["correct"].mean()


def change(results: Results) -> Cell | None:
    """Share supported: the largest base LM after most broad imitation, minus before."""
    found = largest(results)
    broad, base = [one for one in found if one.arm == "broad"], [one for one in found if one.arm == "base"]
    return gap(results, broad[-1], base[0]) if broad and base else None


def kind_of(found: Cell) -> int:
    """0 larger, 1 smaller, 2 about the same (the whole interval lies within BAND), 3 cannot be told."""
    within = found.lower > -BAND and found.upper < BAND
    return 2 if within else 0 if found.lower > 0 else 1 if found.upper < 0 else 3
