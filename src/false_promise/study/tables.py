"""Result tables from finished runs: one measurement a row, the items behind it, and the same pooled over seeds."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from false_promise.claims.statistics import Effect, cluster_means, cluster_weights, interval_of, percentile_interval
from false_promise.evaluation.strata import MISSES, QUARTERS, STRATA, strata, summarise
from false_promise.files import read_jsonl
from false_promise.item_tables import ITEM_COLUMNS
from false_promise.results import COLUMNS
from false_promise.store import Run, open_run

INTERVAL = ["lower", "upper", "interval"]
POOLED_OVER = ["base_seed", "imitation_seed", "run_id", "eval_id", "source"]
LEAST = {"length": -1.0}  # the smallest value of a scoring that is no share: a correlation
DRAWS = 2_000  # of a cell's interval; verdicts use the number that claims.yaml registers
MIN_BASE_SEEDS = 5  # claims.yaml, error_bars


def answers(run: Run, store: Path) -> pd.DataFrame:
    """All answers of one `nq` run: item, entity, shots, scoring, correct, kind, output."""
    return pd.read_json(
        open_run(run, store) / "answers.jsonl", lines=True, dtype={"item": str, "entity": str, "output": str}
    )


def questions(run: Run, store: Path) -> list[SimpleNamespace]:
    """The questions that a `questions` or `real_questions` run holds, with the fields of `evaluation.items.NqItem`."""
    return [SimpleNamespace(**question) for question in read_jsonl(open_run(run, store) / "questions.jsonl")]


def measured(
    about: Mapping[str, Any], run: Run, overlap: Run | None, asked: Sequence, store: Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows and items of one evaluated model: every shots x scoring x stratum.

    `about` fills the columns that say which model it is; `asked` are the questions. A model that saw no imitation data
    has no `overlap` run.
    """
    seen = pd.read_csv(open_run(overlap, store) / "overlap.csv", dtype={"item": str}) if overlap else None
    answered = answers(run, store)
    given = set(answered["item"])
    table = strata([item for item in asked if item.id in given], seen)
    rows, items = [], []
    for (shots, scoring), part in answered.groupby(["shots", "scoring"], sort=True):
        eval_id = f"{run.id}/{scoring}-{shots}"
        common = {
            **about,
            "benchmark": "nq",
            "shots": shots,
            "scoring": scoring,
            "eval_id": eval_id,
            "overlap": float(table["covered"].mean()),
        }
        rows += [common | row for row in summarise(list(part.itertuples()), table, share_interval) if row["n"]]
        behind = part.merge(table, on="item", validate="one_to_one").assign(eval_id=eval_id, quarter=_quarter)
        items.append(behind[ITEM_COLUMNS])
    return pd.DataFrame(rows).round(6), pd.concat(items)


def _quarter(table: pd.DataFrame) -> pd.Series | int:
    """Quarter of the questions by popularity, 1 (rarest entities) to 4; 0 where popularity is unknown."""
    return sum(table[name] * number for number, name in enumerate(QUARTERS, 1)) if QUARTERS[0] in table else 0


def share_interval(correct: Iterable[float], entities: Iterable[str], least: float = 0.0) -> tuple[float, float]:
    """Entity-cluster bootstrap of a mean, cut to `least`..1; seeded, so the same table gives the same interval."""
    names, codes = np.unique(np.asarray(list(entities), dtype=str), return_inverse=True)
    draws = cluster_means([(np.asarray(list(correct), float), codes)], cluster_weights(len(names), DRAWS, seed=0))[0]
    found = percentile_interval(draws, 0.95, len(names))
    return max(least, found.lower), min(1.0, found.upper)


def pooled(rows: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """One row a condition: means over seeds, interval by STATISTICS (items, or the wider of items and base seeds).

    Where a condition has recorded rows they alone count, because they have today's seed too; today's mean is `fresh`.
    """
    values = ["exact_match", *MISSES, "steps", "reply_tokens", "overlap"]
    by = [name for name in COLUMNS if name not in (*POOLED_OVER, *values, "n", "lower", "upper")]
    condition = rows.groupby(by, dropna=False, sort=False).ngroup()
    fresh = rows["source"] == "fresh"
    beside = fresh & (~fresh).groupby(condition).transform("any")
    groups = rows[~beside].astype(dict.fromkeys(values, float)).groupby(condition[~beside])
    table = groups[by].nth(0).set_axis(list(groups.groups)).join(groups[values].mean())
    table["n"] = groups["n"].first()
    table["base_seeds"] = groups["base_seed"].nunique().clip(lower=1)
    table["imitation_seeds"] = groups["imitation_seed"].nunique().clip(lower=1)
    table["fresh"] = rows[beside].groupby(condition[beside])["exact_match"].mean()
    table[["lower", "upper"]] = groups[["lower", "upper"]].first()
    table["interval"] = "items"
    correct = {eval_id: part for eval_id, part in items.groupby("eval_id", sort=False)}
    for number in table.index[groups.size() > 1]:
        table.loc[number, INTERVAL] = _pooled_interval(groups.get_group(number), correct)
    return table.reset_index(drop=True)


def _pooled_interval(group: pd.DataFrame, correct: Mapping[str, pd.DataFrame]) -> tuple[float, float, str]:
    """Interval of the mean over seeds: the same entities are drawn for every seed."""
    parts = [_stratum(correct[one.eval_id], one.stratum) for one in group.itertuples()]
    names = {name: code for code, name in enumerate(sorted(set().union(*(part["entity"] for part in parts))))}
    samples = [(part["correct"].to_numpy(float), part["entity"].map(names).to_numpy()) for part in parts]
    means = cluster_means(samples, cluster_weights(len(names), DRAWS, seed=0))
    seeds = group["base_seed"].to_numpy()
    per_seed = np.stack([means[seeds == seed].mean(axis=0) for seed in pd.unique(group["base_seed"])])
    effect = Effect(per_seed, len(per_seed), int(group["n"].iloc[0]), len(names))
    found = interval_of(effect, 0.95, MIN_BASE_SEEDS)
    how = "items and base seeds, the wider" if len(per_seed) >= MIN_BASE_SEEDS else "items"
    least = LEAST.get(group["scoring"].iloc[0], 0.0)
    return max(least, found.lower), min(1.0, found.upper), how


def _stratum(items: pd.DataFrame, stratum: str) -> pd.DataFrame:
    if stratum == "all" or stratum not in (*STRATA, *QUARTERS):
        return items  # a group of exam subjects has an evaluation of its own
    if stratum in QUARTERS:
        return items[items["quarter"] == 1 + QUARTERS.index(stratum)]
    return items[~items["held_out"].astype(bool) if stratum == "popular" else items[stratum].astype(bool)]
