"""Numbers of the page on benchmarks: scores at every amount and size, effects of the decomposition, the paper's values.

Scores are read from benchmarks_summary.csv, differences from benchmarks_decomposition.csv. What a run left out, or what
has not been run yet, is None.
"""

from functools import lru_cache
from typing import Any

import pandas as pd

from false_promise.claims.contrasts import resolve
from false_promise.claims.evidence import NotMeasured
from false_promise.pages.matched import evidence
from false_promise.pages.parts import is_missing
from false_promise.pages.tables import MAIN, TABLE_1_SIZES
from false_promise.results import COLUMNS, UNTUNED, Cell, ResultError, Results, cell, select

PAGE = "benchmarks"
FILE = "benchmarks_decomposition.csv"
SWEEP = "13B"  # the size at which the paper varies the amount of broad data
BENCHMARKS = {"nq": "NQ", "exams": "Exams", "code": "Code"}
PAPER_NAMES = {"nq": "nq_3shot", "exams": "mmlu_5shot", "code": "humaneval_0shot"}  # paper_values.yaml, figure_4
FALLBACK = "likelihood"  # of exams, where the base that decides between the scorings was not run
# Parts of the total by way of asking, as the file calls them.
NAMED = {"nq_best": "best_way", "nq_format": "format", "nq_format_free": "forgetting"}


# ---- scores ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def rows(results: Results) -> pd.DataFrame:
    """Rows of the primary recipe at every amount, and all of base LMs and teacher; none before the page has run."""
    try:
        found = results.table(PAGE)
    except ResultError:
        return pd.DataFrame(columns=list(COLUMNS))
    return found[found["arm"].isin(UNTUNED) | results.is_primary(found)]


@lru_cache(maxsize=16)
def exam_scoring(results: Results) -> str:
    """The registered scoring of exams: letters if the base of the 13B row beats chance by enough with them."""
    try:
        found, claims = evidence(results, PAGE)
        return resolve(found, "exams", claims.study["eligibility"]["above_chance"])["scoring"]
    except (NotMeasured, ResultError):
        return FALLBACK


def where(results: Results, benchmark: str) -> dict[str, Any]:
    """The rows by which a benchmark counts."""
    if benchmark == "nq":
        return MAIN
    scoring = exam_scoring(results) if benchmark == "exams" else "pass_at_1"
    return {"benchmark": benchmark, "scoring": scoring}


def score(results: Results, arm: str, size: str | None, *, tokens: int | None = None, stratum: str = "all",
          **how: Any) -> Cell | None:  # fmt: skip
    """One score; broad data and controls at `tokens` (default: the headline), local data at the headline pairs."""
    imitation = results.settings["imitation"]
    amount: dict[str, Any] = {}
    if arm not in UNTUNED:
        paired = arm in ("local", "gold")
        amount = {"pairs": imitation["headline_pairs"]} if paired else {"tokens": tokens or headline(results)}
    return cell(select(rows(results), arm=arm, size=size, stratum=stratum, **amount, **how))


def headline(results: Results) -> int:
    """Reply tokens of the headline amount of broad data."""
    return int(results.settings["imitation"]["headline_tokens"])


def amounts(results: Results) -> dict[int, str | None]:
    """Reply tokens of each broad set -> the paper's amount that it stands for; None: the paper has no such amount."""
    tokens = sorted(results.settings["imitation"]["tokens"])
    named = dict(zip(tokens, ("20M", "80M", "150M"), strict=True)) if len(tokens) == 3 else {}
    return {amount: "150M" if amount == headline(results) else named.get(amount) for amount in tokens}


def in_paper(results: Results, benchmark: str, name: str | None, axis: str = "by_tokens") -> float | None:
    """A value of Figure 4 in percent: `name` is base, 20M, .., teacher, or a size with axis `by_size`."""
    found = results.paper["figure_4"][axis][PAPER_NAMES[benchmark]].get(name)
    return None if found is None else float(found)


def chance(results: Results, benchmark: str) -> float | None:
    """Chance level as the table states it; None where it does not."""
    known = select(rows(results), stratum="all", **where(results, benchmark))["chance"].dropna()
    return float(known.iloc[0]) if len(known) else 0.0 if benchmark == "nq" and len(rows(results)) else None


def measure_of(results: Results, benchmark: str) -> str:
    """The name of a benchmark's measure in claims.yaml."""
    return {"nq": "nq_3shot", "exams": f"exams_{exam_scoring(results)}", "code": "code"}[benchmark]


# ---- effects ---------------------------------------------------------------------------------------------------------


def row_of(results: Results, component: str, measure: str, size: str, tokens: int | None = None) -> pd.Series | None:
    """The row of one effect, None if the file has none. `component` is `total` for its named parts, too."""
    found = results.optional(FILE)
    if found.empty:
        return None
    name = NAMED.get(measure, component) if component == "total" else component
    found = select(found, component=name, measure=measure, size=size)
    amount = tokens or results.settings["imitation"]["headline_tokens"]
    found = found[found["tokens"].isna() | (found["tokens"] == amount)]
    return found.iloc[0] if len(found) else None


def effect(results: Results, component: str, measure: str, size: str, tokens: int | None = None) -> Cell | None:
    """One effect with its interval; None if it is not computed."""
    row = row_of(results, component, measure, size, tokens)
    if row is None or is_missing(row["effect"]):
        return None
    return Cell(float(row["effect"]), float(row["lower"]), float(row["upper"]), int(row["n"]), {})


def sizes(results: Results) -> list[str]:
    """Sizes with control arms whose change is computed, the largest first."""
    return [size for size in reversed(TABLE_1_SIZES) if effect(results, "total", "nq_3shot", size)]
