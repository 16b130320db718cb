"""Figures of the factuality page: what becomes of statements by model, and true ones by popularity of their subject."""

from dataclasses import replace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.factuality_scores import Model, density, largest, name, score
from false_promise.pages.figure_parts import interval, line, nothing, panels, responsive
from false_promise.pages.palette import ARMS, GREEN, INK, ORANGE, RED, STATEMENTS
from false_promise.pages.parts import Part
from false_promise.results import Cell, Results

LOOKS = {"supported": (GREEN, "o"), "contradicted": (RED, "X"), "nobody": (ORANGE, "s")}
QUARTERS = ("popularity_1", "popularity_2", "popularity_3", "popularity_4")


def verdicts(results: Results) -> Part:
    """Shares of an answer's statements that are true, false and about nobody; beside them how much is stated."""
    found = [one for one in largest(results) if score(results, one)]
    if not found:
        return nothing("Statements by model")
    words = "; ".join(
        f"{name(results, one)}: "
        + ", ".join(f"{look.label} {100 * cell.value:.1f}" for kind, look in STATEMENTS.items()
                    if (cell := score(results, one, kind)))
        + _density_words(results, one)
        for one in found
    )  # fmt: skip
    alt = f"Shares of the statements in an answer, in percent, and statements per 100 words. {words}."
    return responsive("factuality-verdicts", alt, lambda wide: _draw_verdicts(results, found, wide))


def _density_words(results: Results, one: Model) -> str:
    row = density(results, one)
    return "" if row is None else f", {row['value']:.1f} statements per 100 words"


def _draw_verdicts(results: Results, found: list[Model], wide: bool) -> Figure:
    figure, (shares, amounts) = panels(wide, 2, 1.3 + 0.42 * len(found), width_ratios=(2, 1) if wide else None)
    for row, one in enumerate(found):
        for place, (kind, (colour, marker)) in enumerate(LOOKS.items()):
            label = None if row else f"{STATEMENTS[kind].sign} {STATEMENTS[kind].label}"
            if cell := score(results, one, kind):
                interval(shares, cell, row + 0.24 * (place - 1), colour, marker, colour, label)
        _amount(amounts, density(results, one), row)
    names = [name(results, one).partition(" · ")[2] or name(results, one) for one in found]
    for axis in (shares, amounts):
        axis.set_yticks(range(len(found)), [text.replace(", ", "\n").removesuffix(" tokens") for text in names])
        axis.set_ylim(len(found) - 0.5, -0.5)
        axis.grid(axis="y", visible=False)
    if wide:
        amounts.set_yticklabels([])
    shares.set_xlim(-2, 102)
    shares.set_xlabel("share of an answer's statements, %")
    amounts.set_xlim(left=0)
    amounts.set_xlabel("statements per 100 words")
    figure.legend(loc="outside lower left", ncols=3 if wide else 1, handletextpad=0.3)
    return figure


def _amount(axis: Axes, row: pd.Series | None, y: float) -> None:
    if row is not None:
        axis.plot([row["lower"], row["upper"]], [y, y], color=INK, linewidth=1.6, solid_capstyle="butt")
        axis.plot(row["value"], y, "D", color=INK, markersize=5)


def popularity(results: Results) -> Part:
    """Share of true statements by how well known their subject is, before and after broad imitation."""
    found = largest(results)
    broad = [one for one in found if one.arm == "broad"]
    lines = {one: popularity_rows(results, one) for one in found if one.arm in ("base", "teacher") or one in broad[-1:]}
    lines = {one: rows for one, rows in lines.items() if len(rows)}
    if not lines:
        return nothing("True statements by popularity")
    words = "; ".join(f"{name(results, one)} quarter {row.quarter} {100 * row.exact_match:.1f}"
                      for one, rows in lines.items() for row in rows.itertuples())  # fmt: skip
    alt = f"Share of statements that are true, in percent, by popularity of their subject, rarest first: {words}."
    return responsive("factuality-popularity", alt, lambda wide: _draw_popularity(results, lines, wide))


def popularity_rows(results: Results, one: Model) -> pd.DataFrame:
    """exact_match, lower, upper, n of each quarter with any statement; 1: the rarest subjects."""
    cells = {number: score(results, one, stratum=stratum) for number, stratum in enumerate(QUARTERS, 1)}
    return pd.DataFrame([{"quarter": number} | _ends(cell) for number, cell in cells.items() if cell])


def _ends(found: Cell) -> dict[str, float | None]:
    return {"exact_match": found.value, "lower": found.lower, "upper": found.upper, "n": found.n}


def _draw_popularity(results: Results, lines: dict[Model, pd.DataFrame], wide: bool) -> Figure:
    figure, (axis,) = panels(wide, 1, 3.0)
    for shift, (one, rows) in enumerate(lines.items()):
        look = replace(ARMS[one.arm], label=name(results, one))
        style = {"base": ":", "teacher": "-."}.get(one.arm, "-")
        line(axis, rows["quarter"] + 0.04 * (shift - 1), rows, look.colour, look.marker, look.label, style)
    axis.set_xticks([1, 2, 3, 4], ["rarest\nsubjects", "2nd quarter", "3rd quarter", "best known\nsubjects"])
    axis.set_ylabel("true, % of statements")
    axis.set_ylim(-3, 103)  # marks at the ends are drawn whole
    figure.legend(loc="outside lower left", ncols=3 if wide else 1)
    return figure
