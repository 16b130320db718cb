"""The recorded grid beside today's runs: its rows joined with fresh ones, and whether the two agree.

`data/recorded/<scale>/` holds the result tables of the whole grid. A book trains only the headline arms of base seed 0;
everything else on its pages, and every interval, is read from the grid.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special

from false_promise.files import read_table, write_table
from false_promise.item_tables import read_items, write_items
from false_promise.study import tables

if TYPE_CHECKING:
    from false_promise.study.session import Session

CONDITION = ["model", "size", "arm", "pairs", "tokens", "method", "recipe", "learning_rate", "schedule", "benchmark",
             "shots", "scoring", "stratum"]  # fmt: skip
CONFIDENCE = 0.95
AGREEMENT = ["page", "model", "arm", "benchmark", "shots", "scoring", "fresh", "recorded", "lower", "upper", "within"]


def write_measured(
    session: "Session", rows: pd.DataFrame, items: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Write the page's table, items and pooled table, beside the recorded grid if there is one.

    Returns rows and items as written, and a warning for each fresh score that the recorded runs do not lead one to
    expect; these and a sentence about the others go to the terminal.
    """
    warnings: list[str] = []
    if session.recorded_grid:
        rows, items = joined(session.page, rows, items, session.recorded_grid)
        found = agreement(session.page, rows)
        first, *warnings = in_words(found)
        print("\n".join([first, *(f"WARNING: {warning}" for warning in warnings)]), flush=True)
        write_table(session.results / f"{session.page}_agreement.csv", found)
    page = session.page
    session.write({f"{page}.csv": rows, f"{page}_summary.csv": tables.pooled(rows, items)})
    write_items(session.results / f"{page}_items.csv.gz", items)
    return rows, items, warnings


def joined(page: str, rows: pd.DataFrame, items: pd.DataFrame, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Recorded rows and items of `page` followed by the fresh ones.

    Equal runs have equal evaluation ids, so the recorded ones get a name of their own.
    """
    old = read_table(folder / f"{page}.csv")
    behind = read_items(folder / f"{page}_items.csv.gz")
    old, behind = (table.assign(eval_id="recorded/" + table["eval_id"]) for table in (old, behind))
    return (
        pd.concat([old, rows], ignore_index=True).reindex(columns=list(rows)),
        pd.concat([behind, items], ignore_index=True).reindex(columns=list(items)),
    )


def or_recorded(session: "Session", name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The recorded table beside the recorded grid, which holds every model; else the one that was made now."""
    there = session.recorded_grid and (session.recorded_grid / name).is_file()
    return read_table(session.recorded_grid / name) if there else table


def agreement(page: str, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per fresh score on all items: does it lie within the prediction interval of the recorded runs?

    Returns:
        Columns AGREEMENT; shares as fractions. A fresh score of a condition that nothing recorded is left out.
    """
    whole = rows[(rows["stratum"] == "all") & rows["exact_match"].notna()]
    groups = whole.groupby(CONDITION, dropna=False, sort=False)
    found = [_compared(page, group) for _, group in groups if {"fresh", "recorded"} <= set(group["source"])]
    return pd.DataFrame(found, columns=AGREEMENT)


def _compared(page: str, group: pd.DataFrame) -> dict[str, Any]:
    recorded, fresh = (group[group["source"] == source] for source in ("recorded", "fresh"))
    if recorded["base_seed"].nunique() < tables.MIN_BASE_SEEDS:  # too few to say how far apart bases are: its own alone
        same = recorded[recorded["base_seed"].isin(fresh["base_seed"])]
        recorded = same if len(same) else recorded
    value = float(fresh["exact_match"].mean())
    lower, upper = prediction_interval(recorded, float(fresh["n"].mean()))
    about = {name: recorded[name].iloc[0] for name in ("model", "arm", "benchmark", "shots", "scoring")}
    mean = float(recorded["exact_match"].mean())
    return {"page": page, **about, "fresh": value, "recorded": mean, "lower": lower, "upper": upper,
            "within": lower <= value <= upper}  # fmt: skip


def prediction_interval(recorded: pd.DataFrame, n: float) -> tuple[float, float]:
    """Where one more run of the same condition on `n` items should score, 95%, cut to the values that it can have.

    From the items: two runs differ by at most as much as two independent draws of the answers, so the half-width of the
    printed interval times the root of two, and more if today's run has fewer items. From five base seeds on also
    Student's prediction interval over base seeds; the wider counts.
    """
    centre = float(recorded["exact_match"].mean())
    more = np.sqrt(1 + recorded["n"].mean() / n)
    half = float(more * (recorded["upper"] - recorded["lower"]).mean() / 2)
    seeds = recorded.groupby("base_seed")["exact_match"].mean()
    if len(seeds) >= tables.MIN_BASE_SEEDS:
        reach = special.stdtrit(len(seeds) - 1, 0.5 + CONFIDENCE / 2) * seeds.std(ddof=1) * np.sqrt(1 + 1 / len(seeds))
        half = max(half, float(reach))
    least = tables.LEAST.get(recorded["scoring"].iloc[0], 0.0)
    return max(least, centre - half), min(1.0, centre + half)


def in_words(found: pd.DataFrame) -> list[str]:
    """One sentence about the agreement, then one per score outside its interval."""
    outside = found[~found["within"].astype(bool)]
    inside = f"{len(found) - len(outside)} of {len(found)} scores of today's runs"
    first = f"{inside} lie within the recorded prediction interval"
    return [first] + [
        f"{one.model} {one.arm}, {one.benchmark} {one.scoring}"
        f"{'' if pd.isna(one.shots) else f' {one.shots:.0f}-shot'}: {100 * one.fresh:.1f}% today, recorded "
        f"{100 * one.recorded:.1f}% [{100 * one.lower:.1f}, {100 * one.upper:.1f}]"
        for one in outside.itertuples()
    ]
