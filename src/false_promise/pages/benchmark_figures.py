"""Figures of the page on benchmarks: Figure 4 by amount and by size, and NQ by way of asking.

Captions and numbers belong to the notebook cells that show them.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.benchmark_scores import (
    BENCHMARKS,
    SWEEP,
    amounts,
    chance,
    in_paper,
    score,
    where,
)
from false_promise.pages.figure_parts import line, nothing, own_run, panels, responsive, with_strokes
from false_promise.pages.palette import ARMS, INK, MUTED
from false_promise.pages.parts import Part, percent
from false_promise.pages.tables import MAIN, model_name
from false_promise.results import Cell, Results

# Prompt formats: how they are asked, and mark and line of their curve.
WAYS = {
    "raw, 3 examples": (MAIN, "s", "-"),
    "raw, no example": ({"benchmark": "nq", "shots": 0, "scoring": "few_shot"}, "o", "--"),
    "chat, 3 examples": ({"benchmark": "nq", "shots": 3, "scoring": "chat"}, "v", "-."),
    "chat, no example": ({"benchmark": "nq", "shots": 0, "scoring": "chat"}, "^", ":"),
}
STROKE = "horizontal"  # of today's own run
FREE = {"benchmark": "nq", "scoring": "format_free"}


# ---- Figure 4 --------------------------------------------------------------------------------------------------------


def by_tokens(results: Results) -> Part:
    """Figure 4, top: benchmarks at the 13B row by reply tokens of broad data; base, local and teacher as lines."""
    sets = amounts(results)
    found = {one: [score(results, "broad", SWEEP, tokens=tokens, **where(results, one)) for tokens in sets]
             for one in BENCHMARKS}  # fmt: skip
    if not any(one for cells in found.values() for one in cells):
        return nothing(f"Benchmarks by amount of broad data, at the model that stands for {SWEEP}")
    alt = f"Benchmarks of {model_name(results, SWEEP)} in percent by reply tokens of broad data: " + "; ".join(
        f"{BENCHMARKS[one]} {_levels(results, one)}, broad "
        + ", ".join(
            f"{tokens:,} tokens {percent(cell.value)}" for tokens, cell in zip(sets, cells, strict=True) if cell
        )
        for one, cells in found.items()
    )
    figure = responsive("benchmarks-tokens", alt, lambda wide: _draw_tokens(results, found, wide))
    bases = [score(results, "base", SWEEP, **where(results, one)) for one in BENCHMARKS]
    return with_strokes(figure, [*bases, *(one for cells in found.values() for one in cells)], STROKE)


def _levels(results: Results, benchmark: str) -> str:
    """`base 20.5, local 26.0, teacher 31.5`: what the lines of a panel stand at."""
    levels = {"base": SWEEP, "local": SWEEP, "teacher": None}
    found = {arm: score(results, arm, size, **where(results, benchmark)) for arm, size in levels.items()}
    return ", ".join(f"{arm} {percent(one.value)}" for arm, one in found.items() if one)


def _draw_tokens(results: Results, found: dict[str, list[Cell | None]], wide: bool) -> Figure:
    figure, axes = panels(wide, len(found), 2.9 if wide else 2.5)
    ticks = ["0", *(_thousands(tokens) for tokens in amounts(results))]
    for axis, (one, cells) in zip(axes, found.items(), strict=True):
        base = score(results, "base", SWEEP, **where(results, one))
        _curve(axis, [base], "base")
        if base:
            axis.axhline(100 * base.value, color=ARMS["base"].colour, linestyle=":")
        _curve(axis, [None, *cells], "broad")
        _level(axis, score(results, "local", SWEEP, **where(results, one)), "local")
        paper = [in_paper(results, one, name) for name in ("base", *amounts(results).values())]
        _paper(axis, paper, "x", "paper, base and broad")
        _frame(axis, results, one, ticks)
    for axis in axes if wide else axes[-1:]:
        axis.set_xlabel("reply tokens of broad data")
    return finished(figure, axes, 4 if wide else 2, "percent")


def by_sizes(results: Results) -> Part:
    """Figure 4, bottom, with the curve of the base LMs that the paper leaves out."""
    arms = ("base", "broad", "local")
    found = {one: {arm: [score(results, arm, size, **where(results, one)) for size in results.sizes] for arm in arms}
             for one in BENCHMARKS}  # fmt: skip
    if not any(one for curves in found.values() for cells in curves.values() for one in cells):
        return nothing("Benchmarks by size")
    alt = "Benchmarks in percent by size: " + "; ".join(
        f"{BENCHMARKS[one]} {arm} {model_name(results, size)} {percent(cell.value)}"
        for one, curves in found.items() for arm, cells in curves.items()
        for size, cell in zip(results.sizes, cells, strict=True) if cell
    )  # fmt: skip
    figure = responsive("benchmarks-sizes", alt, lambda wide: _draw_sizes(results, found, wide))
    drawn = [one for curves in found.values() for cells in curves.values() for one in cells]
    return with_strokes(figure, drawn, STROKE)


def _draw_sizes(results: Results, found: dict[str, dict[str, list[Cell | None]]], wide: bool) -> Figure:
    figure, axes = panels(wide, len(found), 2.9 if wide else 2.5)
    for axis, (one, curves) in zip(axes, found.items(), strict=True):
        for arm, cells in curves.items():
            _curve(axis, cells, arm)
        broad = [in_paper(results, one, size, "by_size") for size in results.sizes]
        _paper(axis, broad, "x", "paper, broad")
        _paper(axis, [in_paper(results, one, "base") if size == SWEEP else None for size in results.sizes], "+",
               "paper, base")  # fmt: skip
        _frame(axis, results, one, [model_name(results, size) for size in results.sizes])
    return finished(figure, axes, 4 if wide else 2, "percent")


def ways_by_tokens(results: Results) -> Part:
    """NQ at the 13B row by amount of broad data in every prompt format, and format-free in a panel of its own."""
    sets = [None, *amounts(results)]

    def cells(how: dict[str, Any]) -> list[Cell | None]:
        return [score(results, "broad" if tokens else "base", SWEEP, tokens=tokens, **how) for tokens in sets]

    found, free = {name: cells(how) for name, (how, _, _) in WAYS.items()}, cells(FREE)
    if not any([*free, *(one for curve in found.values() for one in curve)]):
        return nothing("NQ by way of asking and amount of broad data")
    alt = "NQ by amount of broad data, in percent: " + "; ".join(
        f"{name} {', '.join(percent(one.value) for one in curve if one)}"
        for name, curve in {**found, "format-free": free}.items() if any(curve)
    )  # fmt: skip

    def draw(wide: bool) -> Figure:
        figure, axes = panels(wide, 2, 2.9 if wide else 2.5)
        ticks = ["base", *(_thousands(tokens) for tokens in amounts(results))]
        for name, (_, marker, style) in WAYS.items():
            _curve(axes[0], found[name], "broad", marker, name, style)
        _curve(axes[1], free, "broad", "D", "format-free")
        for axis, title in zip(axes, ("Exact match", "Format-free rank"), strict=True):
            axis.set_title(title)
            axis.set_xticks(range(len(ticks)), ticks)
        return finished(figure, axes[:1], 4 if wide else 2, "percent")

    figure = responsive("benchmarks-formats", alt, draw)
    return with_strokes(figure, [*free, *(one for cells in found.values() for one in cells)], STROKE)


def _curve(axis: Axes, cells: Sequence[Cell | None], arm: str, marker: str = "", label: str = "", style: str = "-"):
    """Scores at places 0, 1, .. with their bands; today's own run as a short stroke where the rest is recorded."""
    known = [(place, one) for place, one in enumerate(cells) if one]
    if not known:
        return
    look, x = ARMS[arm], pd.Series([float(place) for place, _ in known])
    table = pd.DataFrame([{"exact_match": one.value, "lower": one.lower, "upper": one.upper} for _, one in known])
    line(axis, x, table, look.colour, marker or look.marker, label or look.label.lower(), style)
    for place, one in known:
        if one.lower is not None and not pd.isna(one.lower):
            axis.plot([place] * 2, [100 * one.lower, 100 * one.upper], color=look.colour, linewidth=1.2)
        if (own := own_run(one)) is not None:
            axis.plot(place, 100 * own, "_", color=INK, markersize=11, markeredgewidth=1.6)


def _level(axis: Axes, one: Cell | None, arm: str, style: str = "-") -> None:
    """A score that does not depend on the x axis, with its interval."""
    if one is None:
        return
    axis.axhline(100 * one.value, color=ARMS[arm].colour, linestyle=style, linewidth=1.3, label=ARMS[arm].label.lower())
    if one.lower is not None and not pd.isna(one.lower) and arm != "teacher":
        axis.axhspan(100 * one.lower, 100 * one.upper, color=ARMS[arm].colour, alpha=0.10, linewidth=0)


def _paper(axis: Axes, values: Sequence[float | None], marker: str, label: str) -> None:
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    axis.plot(*(zip(*known, strict=True) if known else ([], [])), marker, color=INK, markersize=7,
              markeredgewidth=1.6, label=label)  # fmt: skip


def _frame(axis: Axes, results: Results, benchmark: str, ticks: list[str]) -> None:
    """Title, ticks, the teacher's and the chance level of a panel."""
    _level(axis, score(results, "teacher", None, **where(results, benchmark)), "teacher", "--")
    level = chance(results, benchmark)
    if level:
        axis.axhline(100 * level, color=MUTED, linestyle=(0, (1, 2)), linewidth=1.3, label="chance")
    axis.set_title(BENCHMARKS[benchmark])
    axis.set_xticks(range(len(ticks)), ticks)
    axis.set_xlim(-0.4, len(ticks) - 0.6)
    axis.set_ylim(bottom=min(0.0, axis.get_ylim()[0]))


def _thousands(tokens: int) -> str:
    return f"{tokens / 1e6:g}M" if tokens >= 1e6 else f"{tokens / 1e3:g}k" if tokens >= 1e3 else str(tokens)


def finished(figure: Figure, axes: Sequence[Axes], columns: int, left: str = "") -> Figure:
    """One legend for all panels, each look once; `left` names the y axis."""
    named: dict[str, Any] = {}
    for axis in axes:
        named |= {label: handle for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(named.values(), named.keys(), loc="outside lower left", ncols=columns, handletextpad=0.4)
    if left:
        axes[0].set_ylabel(left)
    return figure
