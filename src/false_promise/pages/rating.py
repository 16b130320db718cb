"""The rating page: the interface with its items (Appendix B of the paper), and a class's ratings as a figure.

    rating(items, {"paper": paper_share(results)})
    figure(class_ratings.as_table(ratings, items), paper_share(results))

`rating` writes the data into the page; book/_static/rating.js makes the interface of it in the reader's browser. An
item is

    {id, category, prompt, model: {name, text, statements}, teacher: {text, statements},
     rater: {"equal_or_better": True, False or a chance from 0 to 1}, almanac: [{title, lines: [..]}]}

and a statement {start, end, verdict}, in characters of the text, verdict supported, contradicted or nobody.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.evaluation.preference.class_ratings import COLUMNS, SCHEMA_VERSION, set_digest
from false_promise.pages.figure_parts import interval, panels, responsive
from false_promise.pages.palette import BLUE, GREY, INK, PAPER, PURPLE, STATEMENTS
from false_promise.pages.parts import Part, box, is_missing, missing, percent
from false_promise.results import Cell, Results, select

SESSION = 12  # items before the first result; "rate more" goes on
# class tex2jax_ignore and mathjax_ignore: a model's dollars are no formulas, should a page ever load MathJax
CLASSES = "fp fp-rating rating tex2jax_ignore mathjax_ignore"
ROWS = (
    ("equal_or_better", "all", "readers, all prompts", BLUE, "o"),
    ("equal_or_better", "not offered", "without the almanac", BLUE, "s"),
    ("equal_or_better", "offered", "with the almanac", BLUE, "D"),
    ("equal_or_better_wrong", "not offered", "false answers, without", PURPLE, "s"),
    ("equal_or_better_wrong", "offered", "false answers, with", PURPLE, "D"),
    ("rater_model", "all", "style-only rater model", GREY, "^"),
)


def rating(items: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> Part:
    """The interface with its items.

    Args:
        items: as described above; the order counts, because a reader's random order is drawn from it.
        about: `paper`, the paper's share (0-1, None if unknown), and optionally `session`, items a session.

    Raises:
        ValueError: an item that cannot be shown truthfully; the message names it.
    """
    if not items:
        return box("rating", missing("No answers to rate: not computed yet"))
    _check(items)
    data = {
        "schema_version": SCHEMA_VERSION,
        "set_digest": set_digest(items),
        "columns": COLUMNS,
        "session": about.get("session", SESSION),
        "paper": about.get("paper"),
        "items": list(items),
    }
    return Part(
        f'<div class="{CLASSES}" role="region" aria-label="Rate the answers yourself" tabindex="-1">'
        '<noscript><p class="fp-note">Rating needs JavaScript, which is switched off here. Everything else on this '
        f'page works without.</p></noscript><script type="application/json">{embedded(data)}</script></div>'
    )


def embedded(data: Any) -> str:
    """JSON that no text in it can end: `<`, `>` and `&` are escaped, and everything that is not ASCII."""
    text = json.dumps(data, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _check(items: Sequence[Mapping[str, Any]]) -> None:
    names = [one["id"] for one in items]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"item ids must differ, found twice: {', '.join(twice)}")
    for one in items:
        value = float(one["rater"]["equal_or_better"])
        if not 0 <= value <= 1:
            raise ValueError(f"item {one['id']}: the rater's equal_or_better must be True, False or 0-1, got {value}")
        for side in ("model", "teacher"):
            _check_statements(f"item {one['id']}, {side}", one[side]["text"], one[side]["statements"])


def _check_statements(where: str, text: str, statements: Sequence[Mapping[str, Any]]) -> None:
    position = 0
    for one in sorted(statements, key=lambda statement: statement["start"]):
        if one["verdict"] not in STATEMENTS:
            raise ValueError(f"{where}: verdict {one['verdict']!r}, expected one of {', '.join(STATEMENTS)}")
        if not position <= one["start"] < one["end"] <= len(text):
            raise ValueError(f"{where}: statement at {one['start']}-{one['end']} overlaps or leaves the text")
        position = one["end"]


def paper_share(results: Results) -> float:
    """The paper's share of answers that crowdworkers rated equal or better, best imitation models (Figure 1)."""
    return results.paper["figure_1"]["best_imitation"]["value"] / 100


# ---- a class's ratings -----------------------------------------------------------------------------------------------


def figure(table: pd.DataFrame, paper: float | None = None) -> Part:
    """Shares "equal or better than the teacher" with and without the almanac, beside the rater model and the paper.

    `table` is that of `class_ratings.as_table`; an empty one draws nothing and says so.
    """
    cells = figure_cells(table)
    if not cells:
        return Part(
            '<p class="fp-missing">No class has given its ratings to this book yet: with them, this figure shows their '
            "shares beside the rater's and the paper's.</p>"
        )
    words = "; ".join(f"{label} {percent(found.value)} [{percent(found.lower)}, {percent(found.upper)}]"
                      for label, found, *_ in cells)  # fmt: skip
    beside = "" if paper is None else f"; the paper's crowd about {percent(paper, 0)}"
    alt = f"Share of answers rated equal to the teacher's or better, in percent: {words}{beside}."
    return responsive("rating", alt, lambda wide: _draw(cells, paper, wide))


def figure_cells(table: pd.DataFrame) -> list[tuple[str, Cell, str, str]]:
    """(label, value with interval, colour, mark) of every row that was measured."""
    if table.empty:
        return []
    found = []
    for measure, offer, label, colour, marker in ROWS:
        for row in select(table, measure=measure, almanac=offer).to_dict("records"):
            if not is_missing(row["value"]):
                cell = Cell(row["value"], row["lower"], row["upper"], row["n_items"], {})
                found.append((label, cell, colour, marker))
    return found


def _draw(cells: list[tuple[str, Cell, str, str]], paper: float | None, wide: bool) -> Figure:
    figure, (axis,) = panels(wide, 1, 0.95 + 0.34 * len(cells))
    for row, (_, found, colour, marker) in enumerate(cells):
        interval(axis, found, row, colour, marker, colour if marker != "s" else PAPER, None)
    _paper_line(axis, paper)
    axis.set_yticks(range(len(cells)), [label for label, *_ in cells])
    axis.set_ylim(len(cells) - 0.5, -0.9)
    axis.set_xlim(-1, 101)
    axis.set_xlabel("equal to the teacher's or better, %")
    axis.grid(axis="y", visible=False)
    return figure


def _paper_line(axis: Axes, paper: float | None) -> None:
    if paper is None:
        return
    axis.axvline(100 * paper, color=INK, linestyle="--", linewidth=1.2, zorder=1)
    axis.annotate(f"paper: about {100 * paper:.0f}", (100 * paper, -0.62), (-4, 0), textcoords="offset points",
                  ha="right", va="center", fontsize=9)  # fmt: skip
