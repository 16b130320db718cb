"""What the pages on open-ended answers share: cells by arm, size and amount, and curves over the amount.

    score(results, "style", "broad", "13B", 20_000, scoring="list")       # a Cell, or None if it is not measured

The paper varies the amount of broad data at one size, SIZE. Curves begin with the base LM, drawn where the logarithmic
axis has no place for it: left of all amounts.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes

from false_promise.pages.figure_parts import line
from false_promise.pages.palette import ARMS
from false_promise.results import COLUMNS, UNTUNED, Cell, ResultError, Results, cell, select

SIZE = "13B"
PAPER_AMOUNTS = ("20M", "80M", "150M")


def table_of(results: Results, page: str) -> pd.DataFrame:
    """The page's table; without rows if it was never measured."""
    try:
        return results.table(page)
    except ResultError:
        return pd.DataFrame(columns=list(COLUMNS))


def score(
    results: Results, page: str, arm: str, size: str | None = None, tokens: int | None = None, **where: str
) -> Cell | None:
    """One score at the primary recipe; None if not measured. The teacher has no size, untuned models have no amount."""
    rows = select(table_of(results, page), arm=arm, size=size, tokens=tokens, **where)
    return cell(rows if arm in UNTUNED else rows[results.is_primary(rows)])


def amounts(results: Results) -> dict[str, int]:
    """The paper's amount -> this scale's, as the verdicts take them; only the largest where there are not three."""
    imitation = results.settings["imitation"]
    tokens = sorted(imitation["tokens"])
    named = dict(zip(PAPER_AMOUNTS, tokens, strict=True)) if len(tokens) == len(PAPER_AMOUNTS) else {}
    return named | {PAPER_AMOUNTS[-1]: imitation["headline_tokens"]}


def headline(results: Results) -> int:
    """Reply tokens of the headline model."""
    return results.settings["imitation"]["headline_tokens"]


def over_amounts(results: Results, page: str, **where: str) -> list[Cell | None]:
    """Base LM, then broad imitation by amount, at SIZE."""
    tuned = [score(results, page, "broad", SIZE, tokens, **where) for tokens in amounts(results).values()]
    return [score(results, page, "base", SIZE, **where), *tuned]


def demonstration(results: Results) -> str:
    """What follows an outcome that stand-in models gave."""
    return " (Stand-in models: take it as a demonstration.)" if results.stand_ins else ""


# ---- drawing ---------------------------------------------------------------------------------------------------------


def places(results: Results) -> list[float]:
    """x of the base LM and of every amount."""
    tokens = list(amounts(results).values())
    return [tokens[0] / 4, *map(float, tokens)]


def amount_axis(axis: Axes, results: Results) -> None:
    """A logarithmic axis of reply tokens whose leftmost place is "none"."""
    axis.set_xscale("log")
    axis.set_xticks(places(results), ["none", *map(short, amounts(results).values())])
    axis.minorticks_off()


def short(tokens: float) -> str:
    """150000 -> 150k."""
    return f"{tokens / 1000:g}k" if tokens >= 1000 else f"{tokens:g}"


def curve(axis: Axes, x: Sequence[float], cells: Sequence[Cell | None], arm: str, label: str, style: str = "-") -> None:
    """A curve through what was measured, with its band; nothing where nothing was."""
    known = [(place, one) for place, one in zip(x, cells, strict=True) if one]
    if known:
        rows = pd.DataFrame([{"exact_match": one.value, "lower": one.lower, "upper": one.upper} for _, one in known])
        at = pd.Series([place for place, _ in known])
        line(axis, at, rows, ARMS[arm].colour, ARMS[arm].marker, label, style)
    for place, one in known if len(known) == 1 else ():  # a band has no width at a single place
        if one.lower is not None:
            axis.plot([place, place], [100 * one.lower, 100 * one.upper], color=ARMS[arm].colour, linewidth=1.4)


def amount_curve(axis: Axes, results: Results, page: str, **where: str) -> None:
    """Broad imitation over its amounts, beginning with the base LM, which keeps its own mark."""
    found, look = over_amounts(results, page, **where), ARMS["base"]
    curve(axis, places(results), found, "broad", "broad imitation")
    if found[0]:
        axis.plot(places(results)[0], 100 * found[0].value, look.marker, color=look.colour, zorder=4, label="base LM")


def ceiling(axis: Axes, found: Cell | None, label: str) -> None:
    """The teacher's second sample as a dashed line with its interval."""
    if found:
        colour = ARMS["teacher"].colour
        axis.axhline(100 * found.value, color=colour, linestyle="--", linewidth=1.3, label=label)
        if found.lower is not None:
            axis.axhspan(100 * found.lower, 100 * found.upper, color=colour, alpha=0.08, linewidth=0)


def legend_of(axes: Sequence[Axes]) -> Mapping[str, object]:
    """Label -> handle over several panels, each label once."""
    found: dict[str, object] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return found
