"""How figures become parts of a page: inline SVG whose text stays text and whose ink follows light and dark mode.

Each figure is drawn twice, wide and narrow; `book.css` shows the one that fits the screen, and no image file is loaded.
"""

import base64
import io
import re
from collections.abc import Callable, Iterable, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.palette import INK, figure_style, themed
from false_promise.pages.parts import Part, escape, missing, visible
from false_promise.results import Cell

WIDE, NARROW = 7.6, 3.7  # inches: the text column of a desktop page, and of a phone
NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))  # the same numbers give the same bytes


def svg(figure: Figure, alt: str) -> str:
    """The figure as an `<svg>` element that a screen reader calls `alt`. Closes the figure."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", bbox_inches="tight", metadata=NO_METADATA)
    plt.close(figure)
    text = buffer.getvalue()
    text = themed(visible(text[text.index("<svg") :]))
    text = re.sub(r' id="[A-Za-z0-9.]+_\d+"', "", text)  # "axes_1" of two figures on one page would clash
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)


def responsive(name: str, alt: str, draw: Callable[[bool], Figure]) -> Part:
    """`draw(wide)` for wide and for narrow screens; CSS shows one of them."""
    drawn = []
    for wide in (True, False):
        with figure_style(f"{name}-{wide}"):
            drawn.append(f'<div class="fp-{"wide" if wide else "narrow"}">{svg(draw(wide), alt)}</div>')
    return Part(f'<div class="fp fp-figure">{"".join(drawn)}</div>')


def picture(figure: Figure, alt: str) -> Part:
    """A figure that is a picture (the map), as an image inside the page; it brings its own paper."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="webp", facecolor=figure.get_facecolor(), pil_kwargs={"quality": 84, "method": 6})
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Part(f'<div class="fp fp-figure"><img alt="{escape(alt)}" src="data:image/webp;base64,{data}"></div>')


def short_tokens(axis: Axes) -> None:
    """A logarithmic x axis whose ticks read 100k and 1M."""
    axis.set_xscale("log")
    axis.xaxis.set_major_formatter(lambda value, _: _short(value))
    axis.xaxis.set_minor_formatter("")


def _short(value: float) -> str:
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g}{letter}"
    return f"{value:g}"


def panels(wide: bool, count: int, height: float, **options) -> tuple[Figure, list[Axes]]:
    """`count` panels side by side, or one below the other on a narrow screen."""
    shape = {"nrows": 1, "ncols": count} if wide else {"nrows": count, "ncols": 1}
    size = (WIDE, height) if wide else (NARROW, height * count * 0.92)
    figure, axes = plt.subplots(**shape, figsize=size, squeeze=False, layout="constrained", **options)
    return figure, list(axes.flat)


def stacks(wide: bool, count: int, heights: Sequence[float]) -> tuple[Figure, list[list[Axes]]]:
    """`count` stacks of axes that share their x axis, side by side, or one below the other on a narrow screen.

    `heights`: of the axes of a stack from above, inches. Axes side by side share their y axis.
    """
    columns, blocks = (count, 1) if wide else (1, count)
    size = (WIDE if wide else NARROW, (sum(heights) + 0.35) * blocks)
    figure, axes = plt.subplots(blocks * len(heights), columns, figsize=size, squeeze=False, layout="constrained",
                                height_ratios=list(heights) * blocks, sharey="row")  # fmt: skip
    flat = [list(one) for one in (axes.T if wide else axes.reshape(count, len(heights)))]
    for above, *below in flat:
        for one in below:
            one.sharex(above)
    return figure, flat


def nothing(what: str) -> Part:
    """In place of a figure whose numbers do not exist."""
    return Part(f'<div class="fp fp-figure">{missing(f"{what}: not computed yet")}</div>')


def own_run(found: Cell) -> float | None:
    """The value of today's own run alone, where recorded runs are pooled with it and it differs; None elsewhere."""
    fresh = found.row.get("fresh")
    return None if fresh in (None, found.row.get("exact_match")) else fresh


def with_strokes(figure: Part, drawn: Iterable[Cell | None], stroke: str) -> Part:
    """The figure, and below it what its short strokes are if there are any among the cells that were `drawn`."""
    beside = [one for one in drawn if one and own_run(one) is not None]
    if not beside:
        return figure
    several = max(int(one.row.get("base_seeds") or 1) for one in beside)
    own, pooled = (" of the first base model", f", of {several} base models") if several > 1 else ("", "")
    rest = f"The mark beside it pools this run with the recorded ones{pooled}."
    words = f"Short {stroke} stroke: your own run{own} alone. {rest}"
    return figure + Part(f'<p class="fp-foot">{words}</p>')


def interval(axis: Axes, found: Cell, y: float, colour: str, marker: str, fill: str, label: str | None) -> None:
    """A horizontal interval with its estimate at height `y`, and today's own run as an upright stroke."""
    if found.lower is not None:
        axis.plot([100 * found.lower, 100 * found.upper], [y, y], color=colour, linewidth=1.6, solid_capstyle="butt")
    axis.plot(100 * found.value, y, marker, color=colour, markerfacecolor=fill, markeredgewidth=1.4, label=label)
    if (own := own_run(found)) is not None:
        axis.plot(100 * own, y, "|", color=INK, markersize=11, markeredgewidth=1.6)


def line(axis: Axes, x: pd.Series, rows: pd.DataFrame, colour: str, marker: str, label: str, style: str = "-") -> None:
    """A curve through the estimates, with a band where there are intervals."""
    axis.plot(x, 100 * rows["exact_match"], style, marker=marker, color=colour, label=label)
    known = rows["lower"].notna()
    if known.any():
        low, high = 100 * rows["lower"][known].astype(float), 100 * rows["upper"][known].astype(float)
        axis.fill_between(x[known], low, high, color=colour, alpha=0.16, linewidth=0)
