"""Which rows and items of the result tables a comparison may use.

Conditions and measures are named in data/paper/claims.yaml; this module finds their rows. What does not exist raises
`NotMeasured` with the missing thing named; nothing is filled in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

TRAINING = ["method", "recipe", "learning_rate", "schedule"]
NUMERIC = ["pairs", "tokens", "base_seed", "imitation_seed", "learning_rate", "shots", "steps", "n", "exact_match"]
NEEDED = ["size", "arm", "benchmark", "scoring", "stratum", "eval_id", "source", *TRAINING, *NUMERIC]
ITEMS = ["eval_id", "item", "entity", "correct"]
STRATA = ["entity_unseen", "fact_unseen", "covered", "held_out"]
STEPS_TOLERANCE = 0.02  # registered with claim 5: "the same number of steps (within 2%)"


class NotMeasured(Exception):
    """Rows or items that a comparison needs do not exist yet; the message names them."""


class NotEligible(Exception):
    """The benchmark cannot carry the comparison: its base is near chance, or the teacher does not lead."""


@dataclass(frozen=True)
class Evidence:
    """Result tables of one scale and how to read them (made by `read_evidence`).

    Attributes:
        rows: one evaluation each (stratum `all` of the table) as named tuples of its columns; None for empty cells.
        columns: the same by column, to search in: numbers as floats.
        items: one item of one evaluation a row: item, entity (numbers in alphabetical order), correct, strata (1, 0
            or NaN), quarter (1 to 4).
        positions: rows of `items` that belong to each eval_id.
        conditions, measures: by name, from claims.yaml.
        size_names: this scale's name of each size of the paper: {"13B": "13m"}.
        amounts: this scale's {"tokens": {"150M": 150000, ...}, "pairs": {"6k": 6000}}.
        settings: what singles out the primary runs: method, recipe, schedule, learning_rate (one, or one per size).
        read: evaluations whose items were read and checked already.
    """

    rows: Sequence[Any]
    columns: Mapping[str, np.ndarray]
    items: pd.DataFrame
    positions: Mapping[str, np.ndarray]
    conditions: Mapping[str, Mapping]
    measures: Mapping[str, Mapping]
    size_names: Mapping[str, str]
    amounts: Mapping[str, Mapping[str, int]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    read: dict[str, pd.DataFrame] = field(default_factory=dict)


def read_evidence(claims, table: pd.DataFrame, items: pd.DataFrame, size_names, amounts=None, frozen=None) -> Evidence:
    """Check columns, make numbers of number columns, and index the items.

    Args:
        claims: from `claims.load_claims`.
        amounts: this scale's amounts, where they are not those of 1:1000.
        frozen: the frozen recipe: {"schedule": .., "learning_rate": number or {size of the paper: number}}. What is
            left out must be unambiguous in the table.

    Raises:
        ValueError: a column is missing.
    """
    absent = [name for name in NEEDED if name not in table.columns]
    absent += [f"{name} (items)" for name in ITEMS if name not in items.columns]
    if absent:
        raise ValueError(f"the result table lacks the columns {', '.join(absent)}: write it with the store's schema")
    whole = table[table["stratum"] == "all"].copy()
    for name in (*NUMERIC, *(["chance"] if "chance" in whole else [])):
        whole[name] = pd.to_numeric(whole[name], errors="coerce")
    return Evidence(
        rows=list(whole.astype(object).where(whole.notna(), None).itertuples(index=False)),
        columns={name: whole[name].to_numpy(float if name in NUMERIC else object) for name in NEEDED},
        items=_numbered(items),
        positions=items.groupby("eval_id", sort=False).indices,
        conditions=claims.conditions,
        measures=claims.measures,
        size_names=size_names,
        amounts={unit: {**known, **(amounts or {}).get(unit, {})} for unit, known in claims.amounts.items()},
        settings={**claims.study["primary"], **(frozen or {})},
    )


def label(evidence: Evidence, condition: str, measure: Mapping) -> str:
    """A condition and a measure in words: `broad 150000 tokens at 13m, nq 3-shot few_shot`."""
    what = evidence.conditions[condition]
    amount = "".join(f" {evidence.amounts[u][what[u]]} {u}" for u in ("tokens", "pairs") if u in what)
    size = f" at {evidence.size_names.get(what['size'], what['size'])}" if "size" in what else ""
    shots = f" {measure['shots']}-shot" if "shots" in measure else ""
    return f"{what['arm']}{amount}{size}, {measure['benchmark']}{shots} {measure.get('scoring', '')}".rstrip()


def is_text(condition: Mapping) -> bool:
    """Whether this is a set of texts (claim 12): it has no base seed, and shares no item with another condition."""
    return "size" not in condition and condition["arm"] != "teacher"


def find_rows(evidence: Evidence, measure: Mapping, name: str, settings: Mapping | None = None) -> list:
    """Evaluations of one condition: one row per base seed, imitation seed and, if `settings` leave it open, recipe.

    Where a run was evaluated more than once, the evaluation with more items counts, then the recorded one.
    """
    wanted = _wanted(evidence, evidence.conditions[name], measure, evidence.settings if settings is None else settings)
    keep = np.ones(len(evidence.rows), dtype=bool)
    for column, value in wanted.items():
        keep &= _equal(evidence.columns[column], value)
    if not keep.any():
        details = ", ".join(f"{key.replace('_', ' ')} {wanted[key]}" for key in TRAINING if key in wanted)
        raise NotMeasured(label(evidence, name, measure) + (f" ({details})" if details else ""))
    rows = sorted(
        (evidence.rows[index] for index in np.flatnonzero(keep)), key=lambda row: (row.n, row.source == "recorded")
    )
    unique = {(*_run(row), row.steps, *(getattr(row, column) for column in TRAINING)): row for row in rows}
    return sorted(unique.values(), key=lambda row: [-1 if seed is None else seed for seed in _run(row)])


def primary_rows(evidence: Evidence, measure: Mapping, name: str, settings: Mapping | None = None) -> list:
    """`find_rows`, of exactly one recipe.

    Raises:
        ValueError: several rates, schedules, ... fit, and choosing among them would be a choice of results.
    """
    return _one_recipe(evidence, measure, name, find_rows(evidence, measure, name, settings))


def matched_rows(
    evidence: Evidence, measure: Mapping, names: Sequence[str], settings: Mapping | None = None
) -> dict[str, list]:
    """Rows of several amounts, with the learning rate and the number of steps of the last.

    The schedule of the frozen recipe may differ, as registered; any other specification applies to all amounts alike.
    """
    strict = settings is not None and dict(settings) != dict(evidence.settings)
    settings = dict(evidence.settings if settings is None else settings)
    last = primary_rows(evidence, measure, names[-1], settings)
    rate, steps, schedule = last[0].learning_rate, np.median([row.steps for row in last]), last[0].schedule
    settings.pop("schedule", None)
    rows = {}
    for name in names[:-1]:
        found = [
            row
            for row in find_rows(evidence, measure, name, settings)
            if abs(row.steps - steps) <= STEPS_TOLERANCE * steps and np.isclose(row.learning_rate, rate, atol=0)
        ]
        if not found:
            raise NotMeasured(f"{label(evidence, name, measure)} (learning rate {rate:g}, {steps:.0f} steps)")
        same = [row for row in found if row.schedule == schedule]
        if strict and not same:
            raise NotMeasured(f"{label(evidence, name, measure)} (learning rate {rate:g}, schedule {schedule})")
        rows[name] = _one_recipe(evidence, measure, name, same or found)
    return rows | {names[-1]: last}


def read_items(evidence: Evidence, row: Any) -> pd.DataFrame:
    """Items of one evaluation (a row of the table as a named tuple), indexed by item id.

    Raises:
        NotMeasured: the row has no items.
        ValueError: their number or mean is not the row's, so that table and items are of different runs.
    """
    if row.eval_id in evidence.read:
        return evidence.read[row.eval_id]
    if row.eval_id not in evidence.positions:
        raise NotMeasured(f"the items of evaluation {row.eval_id} ({row.arm}, {row.benchmark})")
    found = evidence.items.iloc[evidence.positions[row.eval_id]].set_index("item")
    mean = float(found["correct"].mean(skipna=False))
    if not found.index.is_unique:
        raise ValueError(f"evaluation {row.eval_id}: an item twice; remove both files and evaluate again")
    if not np.isfinite(mean) or len(found) != row.n or abs(mean - row.exact_match) > 1e-3:
        raise ValueError(
            f"evaluation {row.eval_id}: the table says {row.exact_match:.4f} of {row.n:.0f} items, the items say "
            f"{mean:.4f} of {len(found)}; remove both files and evaluate again"
        )
    evidence.read[row.eval_id] = found
    return found


def stratum_items(found: pd.DataFrame, stratum: str) -> pd.Index:
    """Item ids of a stratum, by the columns of the run itself.

    `popular` is what is not held out; `popularity_1` to `popularity_4` are quarters of the questions, rarest first.
    """
    if stratum == "all":
        return found.index
    column, value = {"popular": ("held_out", 0)}.get(stratum, (stratum, 1))
    if stratum.startswith("popularity_"):
        column, value = "quarter", int(stratum.removeprefix("popularity_"))
    if column not in found or found[column].isna().any():
        raise NotMeasured(f"stratum {stratum} of {len(found)} items")
    return found.index[found[column] == value]


def _numbered(items: pd.DataFrame) -> pd.DataFrame:
    """Numbers in place of words: millions of strings are slow to look up. An item without entity is its own."""
    names, entities = items["item"].astype(str), items["entity"].fillna("").astype(str)
    columns = {"item": names, "entity": entities.where(entities != "", names)}
    columns = {name: pd.factorize(column, sort=True)[0] for name, column in columns.items()}
    columns["correct"] = pd.to_numeric(items["correct"], errors="coerce").to_numpy(float)
    truth = {True: 1.0, False: 0.0, "True": 1.0, "False": 0.0}
    columns |= {name: items[name].map(truth).to_numpy(float) for name in STRATA if name in items}
    if "quarter" in items:
        columns["quarter"] = pd.to_numeric(items["quarter"], errors="coerce").to_numpy(float)
    return pd.DataFrame(columns)


def _wanted(evidence: Evidence, condition: Mapping, measure: Mapping, settings: Mapping) -> dict:
    """Column -> value of the rows of a condition; untuned models and texts have no training settings."""
    wanted = {key: measure[key] for key in ("benchmark", "shots", "scoring") if key in measure}
    wanted |= {key: condition[key] for key in ("arm", "size") if key in condition}
    wanted |= {unit: evidence.amounts[unit][condition[unit]] for unit in ("tokens", "pairs") if unit in condition}
    if condition["arm"] in ("base", "teacher") or is_text(condition):
        return wanted
    rate = settings.get("learning_rate")
    rate = rate.get(condition["size"]) if isinstance(rate, Mapping) else rate
    return wanted | {key: value for key, value in {**settings, "learning_rate": rate}.items() if value is not None}


def _equal(column: np.ndarray, value: Any) -> np.ndarray:
    return np.isclose(column, value, rtol=1e-6, atol=0) if column.dtype == float else column == value


def _run(row: Any) -> tuple:
    return row.base_seed, row.imitation_seed


def _one_recipe(evidence: Evidence, measure: Mapping, name: str, rows: list) -> list:
    for column in TRAINING:
        values = sorted({getattr(row, column) for row in rows} - {None}, key=str)
        if len(values) > 1:
            raise ValueError(
                f"{label(evidence, name, measure)}: rows with several values of {column} "
                f"({', '.join(map(str, values))}); say in `frozen` which one is primary"
            )
    if len({_run(row) for row in rows}) < len(rows):
        raise ValueError(f"{label(evidence, name, measure)}: the same run with different steps; give each a schedule")
    return rows
