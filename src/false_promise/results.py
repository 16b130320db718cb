"""The result files of one scale, as `results/<scale>/` holds them. Pages and figures read these and nothing else.

    schema_version                 one integer, SCHEMA_VERSION below
    scale.json                     the validated scale file that made the results (Scale.model_dump)
    <page>.csv                     one measurement a row (columns: COLUMNS); page = local_vs_broad, bases_and_teacher
    <page>_summary.csv             the same pooled over seeds, what pages print: COLUMNS without base_seed,
                                   imitation_seed, run_id, eval_id, plus base_seeds, imitation_seeds (how many),
                                   interval (how it was made, in words), fresh (today's value; empty: none).
                                   `lower`/`upper` are empty where the interval cannot be computed yet.
                                   Optional: without it a cell is read from <page>.csv if one base seed has it.
    <page>_items.csv.gz            item, entity, entity_unseen, fact_unseen, covered, held_out, quarter and a column
                                   per eval_id: its score, empty where the item was not asked (see item_tables)
    curves.csv                     scale, model, size, base_seed, tokens, loss, source, run_id
    verdicts.json                  list of {id, name, verdict, note, family, otherwise, otherwise_why, parts}; a part
                                   is {name, role, effect, lower, upper, margin, direction, n, by_base, verdict}
    samples.json                   {page: [{prompt, answers}]}; an answer is {model, size, arm, text, statements},
                                   a statement {start, end, verdict, relation, value} in characters of the text
    world.json                     {name, seed, counts, gates, scaled, examples, almanac}: see page_world
    runs.json                      {page: [run card]}: run.json of the store, plus source (fresh | recorded)
    status.json                    {page: {state, date, commit, minutes, warnings}}; state is measured |
                                   stand-ins only | never run

Not at every scale, read by `Results.optional`:

    knowledge.csv                  one model a row: scale, model, size, base_seed, parameters, tokens, facts,
                                   bits_per_fact, lower, upper, bits_per_parameter, source, run_id
    exam_prompts.csv               exams behind two prompts, by model: see study/exam_prompts
    teacher_errors.csv             model, kind, share, n: what became of three-shot answers; the shares of a model sum
                                   to 1
    preconditions.csv              name, value, lower, upper (the registered band, empty: no limit), met, note
    specification_curve.csv        claim, part, direction, learning_rate (empty: the frozen one of each size),
                                   schedule, recipe, method, measure, effect, lower, upper, n, base_seeds
    scorecard.json                 list of claims with everything that is known of each: see study/scorecard
    <page>_agreement.csv           page, model, arm, benchmark, shots, scoring, fresh, recorded, lower, upper, within

Tables of one page alone are described where they are written: study/decomposition, style, preference_curve, factuality,
data_mix, toxicity; for readers, in book/_extra/columns.txt.

The calibration on the pilot world lies in data/recorded/pilot/, read by `pilot`: learning_rates.csv (size, model,
method, learning_rate, loss, run_id, chosen), preconditions.csv as above, and power.csv (claim, part, measure, stratum,
n, standard_error, expected, power, note).

Shares are fractions, sizes are the paper's (`1.5B`), models ours (`base-7m`).
"""

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from false_promise.files import read_table
from false_promise.item_tables import read_items
from false_promise.paths import PAPER_VALUES, RECORDED, RESULTS
from false_promise.scales import load_scale

SCHEMA_VERSION = 2
COLUMNS = (
    "scale", "model", "size", "arm", "pairs", "tokens", "base_seed", "imitation_seed", "method", "recipe",
    "learning_rate", "schedule", "benchmark", "shots", "scoring", "stratum", "exact_match", "n", "lower", "upper",
    "malformed", "verbose", "wrong", "steps", "reply_tokens", "overlap", "chance", "source", "run_id", "eval_id",
)  # fmt: skip
PRIMARY = {"method": "full", "recipe": "clean"}
UNTUNED = ("base", "teacher")


class ResultError(RuntimeError):
    """A result file that is absent or unreadable; the message names it and the command that writes it."""


@dataclass(frozen=True)
class Cell:
    """One pooled measurement. Shares are fractions; None: not computed yet."""

    value: float
    lower: float | None
    upper: float | None
    n: int | None
    row: dict[str, Any]  # the row of the table it was read from


@dataclass(frozen=True, eq=False)  # two loads are two states of the files, so what is kept is kept per load
class Results:
    """Result files of one scale, each read once, when first asked for."""

    scale: str
    folder: Path

    @cached_property
    def settings(self) -> dict[str, Any]:
        return self._json("scale.json")

    @cached_property
    def verdicts(self) -> dict[int, dict[str, Any]]:
        return {int(one["id"]): one for one in self._json("verdicts.json")}

    @cached_property
    def scorecard(self) -> list[dict[str, Any]]:
        """One entry a claim; empty where the scorecard has not run."""
        return self._json("scorecard.json") if (self.folder / "scorecard.json").is_file() else []

    @cached_property
    def world(self) -> dict[str, Any]:
        return self._json("world.json")

    @cached_property
    def curves(self) -> pd.DataFrame:
        return self._csv("curves.csv")

    @cached_property
    def paper(self) -> dict[str, Any]:
        return yaml.safe_load(PAPER_VALUES.read_text(encoding="utf-8"))

    @property
    def stand_ins(self) -> bool:
        """Whether these models only test the machinery."""
        return bool(self.settings["stand_ins"])

    @cached_property
    def learning_rates(self) -> dict[str, float]:
        """Frozen rate of full fine-tuning by the paper's size: {"7B": 3e-4}."""
        rates = self.settings["tuning"]["learning_rates"][PRIMARY["method"]]
        return {size: rates[name] if isinstance(rates, dict) else rates for size, name in self.sizes.items()}

    def is_primary(self, table: pd.DataFrame) -> pd.Series:
        """Which rows are of imitation models of the primary recipe, at the frozen rate of their size."""
        recipe = (table["method"] == PRIMARY["method"]) & (table["recipe"] == PRIMARY["recipe"])
        recipe &= table["schedule"] == self.settings["tuning"]["schedule"]
        rate = table["size"].map(self.learning_rates).astype(float)
        return recipe & np.isclose(table["learning_rate"].astype(float), rate)

    @property
    def sizes(self) -> dict[str, str]:
        """Size in the paper -> name of ours: {"7B": "7m"}, in the scale file's order."""
        return {one["stands_for"]: one["name"] for one in self.settings["base_sizes"]}

    def table(self, page: str) -> pd.DataFrame:
        """What the page prints: the pooled table, or the single measurements where nothing was pooled."""
        name = f"{page}_summary.csv"
        return self._csv(name if (self.folder / name).is_file() else f"{page}.csv")

    def measurements(self, page: str) -> pd.DataFrame:
        """The single measurements behind `table`."""
        return self._csv(f"{page}.csv")

    def items(self, page: str) -> pd.DataFrame:
        """One item of one evaluation a row."""
        return _read_items(self, f"{page}_items.csv.gz")

    def optional(self, name: str) -> pd.DataFrame:
        """A table that not every scale has; empty where it does not exist."""
        return self._csv(name) if (self.folder / name).is_file() else pd.DataFrame()

    def runs(self, page: str) -> list[dict[str, Any]]:
        return self._json("runs.json").get(page, [])

    def samples(self, page: str) -> list[dict[str, Any]]:
        return self._json("samples.json").get(page, [])

    def status(self, page: str) -> dict[str, Any]:
        return self._json("status.json").get(page, {"state": "never run"})

    def _path(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise ResultError(f"{path} does not exist: `make book SCALE={self.scale}` writes it")
        return path

    def _json(self, name: str) -> Any:
        path = self._path(name)
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ResultError(f"{path} is not valid JSON ({error}): remove it and run the command again") from error

    def _csv(self, name: str) -> pd.DataFrame:
        return _read_table(self, name)


@lru_cache(maxsize=16)
def _read_table(results: Results, name: str) -> pd.DataFrame:
    return read_table(results._path(name))


@lru_cache(maxsize=16)
def _read_items(results: Results, name: str) -> pd.DataFrame:
    return read_items(results._path(name))


def pilot(name: str) -> pd.DataFrame:
    """A table of the calibration on the pilot world, whatever the scale; empty until that has run."""
    path = RECORDED / "pilot" / name
    return read_table(path) if path.is_file() else pd.DataFrame()


def load_results(scale: str, root: Path | None = None) -> Results:
    """Results of `scale` under `root` (default: the repository's `results/`).

    Raises ResultError if there are none, or if another version of the code wrote them.
    """
    scale = load_scale(scale).name if scale.endswith((".yaml", ".yml")) else scale
    folder = (root or RESULTS) / scale
    version = folder / "schema_version"
    if not version.is_file():
        raise ResultError(f"no results in {folder}: `make book SCALE={scale}` writes them")
    found = version.read_text(encoding="utf-8").strip()
    if found != str(SCHEMA_VERSION):
        raise ResultError(
            f"{folder} has result files of version {found}, this code reads version {SCHEMA_VERSION}: "
            f"remove the folder and run `make book SCALE={scale}`"
        )
    return Results(scale, folder)


@lru_cache(maxsize=16)
def primary_rows(results: Results, page: str) -> pd.DataFrame:
    """Rows of a page's table: the primary recipe at the headline amounts, and all of base LMs and teacher."""
    table, imitation = results.table(page), results.settings["imitation"]
    recipe = results.is_primary(table)
    amount = table["pairs"].isna() | (table["pairs"] == imitation["headline_pairs"])
    amount &= table["tokens"].isna() | (table["tokens"] == imitation["headline_tokens"])
    return table[table["arm"].isin(UNTUNED) | (recipe & amount)]


def select(table: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
    """Rows whose columns equal `wanted`; None stands for an empty cell, a list for any of its values."""
    keep = pd.Series(True, index=table.index)
    for name, value in wanted.items():
        column = table[name]
        if value is None:
            keep &= column.isna()
        else:
            keep &= column.isin(value if isinstance(value, list) else [value])
    return table[keep]


def cell(rows: pd.DataFrame) -> Cell | None:
    """The one measurement in `rows`; None if there is none.

    Several rows (seeds that nothing pooled) give their mean and no interval: an interval of one of them would be
    too narrow a claim.
    """
    rows = rows[rows["exact_match"].notna()]
    if rows.empty:
        return None
    first = {name: None if pd.isna(value) else value for name, value in rows.iloc[0].items()}
    if len(rows) > 1:
        return Cell(float(rows["exact_match"].mean()), None, None, _integer(first["n"]), first)
    return Cell(float(first["exact_match"]), first["lower"], first["upper"], _integer(first["n"]), first)


def _integer(value: float | None) -> int | None:
    return None if value is None else int(value)
