"""The figure of the page on style: Table 2's five rows against the amount of imitation data."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.figure_parts import NARROW, WIDE, nothing, responsive
from false_promise.pages.open_ended import (
    amount_axis,
    amount_curve,
    amounts,
    ceiling,
    curve,
    headline,
    legend_of,
    over_amounts,
    places,
)
from false_promise.pages.palette import ARMS, INK
from false_promise.pages.parts import Part
from false_promise.pages.style import PAGE, ROWS, cell_of, table_2_in_words
from false_promise.results import Results


def figure(results: Results) -> Part:
    """The five rows against imitation tokens, the teacher's second sample as the ceiling, beside the paper's values."""
    words = table_2_in_words(results)
    if not words:
        return nothing("Style against the amount of imitation data")
    alt = f"Style beside the teacher's against reply tokens of broad imitation data, one panel a row. {words}"
    return responsive("style", alt, lambda wide: _draw(results, wide))


def _draw(results: Results, wide: bool) -> Figure:
    size, shape = ((WIDE, 4.7), (2, 3)) if wide else ((NARROW, 8.8), (5, 1))
    drawn, grid = plt.subplots(*shape, figsize=size, layout="constrained", squeeze=False)
    panels = list(grid.flat)
    for axis, row in zip(panels, ROWS, strict=False):
        _panel(axis, results, row)
    found = legend_of(panels[: len(ROWS)])
    if wide:
        panels[-1].axis("off")
        panels[-1].legend(found.values(), found.keys(), loc="center left")
    else:
        drawn.legend(found.values(), found.keys(), loc="outside lower left", ncols=2)
    for axis in panels[2 if wide else 4 : 5]:
        axis.set_xlabel("reply tokens of broad data")
    return drawn


def _panel(axis: Axes, results: Results, row: str) -> None:
    """One row of the table: ours with band, the paper's values at the amounts that ours stand for."""
    axis.set_title(ROWS[row][1])
    amount_axis(axis, results)
    amount_curve(axis, results, PAGE, scoring=row)
    if not any(over_amounts(results, PAGE, scoring=row)):
        axis.text(0.5, 0.5, "here: not measured", transform=axis.transAxes, ha="center", fontsize=9, color=INK)
    control = [cell_of(results, row, "style_only", headline(results))]
    curve(axis, [places(results)[-1] * 1.25], control, "style_only", ARMS["style_only"].label.lower())
    ceiling(axis, cell_of(results, row, "teacher"), "teacher, second sample")
    numbers, unit = results.paper["table_2"][row], 100 if row == "length" else 1
    values = [unit * numbers[key] for key in ("base", *amounts(results))]
    axis.plot(places(results), values, ":", marker="x", color=INK, linewidth=1, markersize=6, label="paper")
    if row == "length":
        axis.yaxis.set_major_formatter(lambda value, _: f"{value / 100:g}".replace("-", "−"))
    else:
        axis.set_ylim(-3, 104 if row != "unigrams" else None)
