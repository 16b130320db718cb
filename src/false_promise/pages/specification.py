"""Specification curves: a claim's deciding comparisons under every recipe and scoring that was measured.

Above, effects sorted with their intervals; below, a dot for each choice that made them. Read from
`specification_curve.csv`; margins are the registered ones.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.comparisons import part_words, unit
from false_promise.pages.figure_parts import nothing, responsive, stacks
from false_promise.pages.matched import registration
from false_promise.pages.palette import BLUE, GREY, INK, MUTED, RED
from false_promise.pages.parts import Part, box, escape, is_missing, points
from false_promise.results import Results

FILE = "specification_curve.csv"
FROZEN = "chosen rate"
AXES = ("where", "rate", "measure", "schedule", "recipe", "method")  # rows of dots, where they vary
MEASURES = {
    "nq_3shot": "3-shot",
    "nq_0shot": "zero-shot",
    "nq_3shot_chat": "chat, 3-shot",
    "nq_0shot_chat": "chat, zero-shot",
    "nq_format_free": "format-free",
    "exams": "exams",
    "exams_letters": "exams, letters",
    "exams_likelihood": "exams, likelihood",
    "code": "code",
}


def rows(results: Results, claim: int) -> pd.DataFrame:
    """Specifications of a claim, sorted by effect; columns of the file and what, where, rate, primary, margin.

    `what` is the comparison and `where` the size, as this scale calls it; `primary` marks the registered specification.
    """
    found = results.optional(FILE)
    found = found[found["claim"] == claim] if len(found) else found
    if found.empty:
        return found
    registered = {part["name"]: part for part in registration().claims[claim - 1]["parts"]}
    words = [part_words(results, {"name": name}) for name in found["part"]]
    frozen = found["learning_rate"].isna()
    measure = found["part"].map({name: part.get("measure", "") for name, part in registered.items()})
    return found.assign(
        what=[what for what, _ in words],
        where=[where for _, where in words],
        rate=[FROZEN if is_missing(rate) else f"{rate:g}" for rate in found["learning_rate"]],
        primary=frozen & (found["measure"] == measure),
        margin=found["part"].map({name: part.get("margin") for name, part in registered.items()}),
    ).sort_values("effect", kind="stable")


def curve(results: Results, claim: int) -> Part:
    """The specification curve of a claim, one panel per comparison (its sizes together)."""
    found = rows(results, claim)
    if found.empty:
        return nothing(f"The specification curve of claim {claim}")
    alt = f"Effects of claim {claim} under every specification measured, sorted. {' '.join(_tallies(found))}"
    return responsive(f"specification-{claim}", alt, lambda wide: _draw(found, wide))


def in_words(results: Results, claim: int) -> Part:
    """How many specifications lie beyond the margin, and how many have the opposite sign; what never varied."""
    found = rows(results, claim)
    if found.empty:
        return Part("")
    fixed = [_label(name, found[name].iloc[0]) for name in AXES if name != "where" and found[name].nunique() == 1]
    always = f" Throughout: {', '.join(fixed)}." if fixed else ""
    return box("result", f"<p>{escape(' '.join(_tallies(found)) + always)}</p>")


def _comparisons(found: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """What is compared, in the registered order (that of the file), and its specifications."""
    names = dict.fromkeys(found.sort_index()["what"])
    return [(f"{what[:1].upper()}{what[1:]}", found[found["what"] == what]) for what in names]


def _tallies(found: pd.DataFrame) -> list[str]:
    """A sentence per comparison: how many estimates lie beyond the margin, with their interval, on the other side."""
    said = []
    for what, group in _comparisons(found):
        sign = group["direction"].map({"greater": 1, "less": -1}).fillna(1)
        nearest = group["lower"].where(sign > 0, group["upper"])
        beyond, whole = ((sign * (ends - group["margin"]) > 0).sum() for ends in (group["effect"], nearest))
        primary = " and ".join(f"{points(row.effect)}{f' at {row.where}' if row.where else ''}"
                               for row in group[group["primary"]].itertuples())  # fmt: skip
        said.append(
            f"{what}: {beyond} of {len(group)} estimates lie beyond the margin of {points(group['margin'].iloc[0])} "
            f"points, {whole} with their whole interval; {(sign * group['effect'] < 0).sum()} have the opposite sign"
            + (f"; as registered {primary}." if primary else ".")
        )
    return said


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _choices(found: pd.DataFrame) -> list[tuple[str, str]]:
    """(column, value) of every row of dots: axes along which something varies, sorted within each."""
    order = {name: place for place, name in enumerate((FROZEN, *dict.fromkeys(found.sort_index()["where"]), *MEASURES))}

    def key(value: str) -> tuple:
        number = float(value) if value[:1].isdigit() and value not in order else 0.0
        return order.get(value, len(order)), number, value

    return [(name, value) for name in AXES if found[name].nunique() > 1
            for value in sorted(set(found[name]), key=key) if value]  # fmt: skip


def _draw(found: pd.DataFrame, wide: bool) -> Figure:
    """Effects above dots for each comparison."""
    comparisons, choices = _comparisons(found), _choices(found)
    figure, stacked = stacks(wide, len(comparisons), [2.2, 0.17 * len(choices) + 0.1])
    for place, ((what, group), (above, below)) in enumerate(zip(comparisons, stacked, strict=True)):
        _effects(above, group, what)
        _dots(below, group, choices)
        if not (wide and place):
            above.set_ylabel(unit(int(group["claim"].iloc[0]), group["part"].iloc[0]) or "effect, points")
    return figure


def _effects(axis: Axes, group: pd.DataFrame, title: str) -> None:
    """Sorted effects with intervals; the registered specification in ink, the margin dashed."""
    for place, row in enumerate(group.itertuples()):
        colour = RED if row.primary else BLUE
        axis.plot([place] * 2, [100 * row.lower, 100 * row.upper], color=colour, linewidth=2.2 if row.primary else 1.1,
                  solid_capstyle="butt", gid="interval")  # fmt: skip
        axis.plot(place, 100 * row.effect, "D" if row.primary else "o", color=colour,
                  markersize=6 if row.primary else 3.2)  # fmt: skip
    if group["margin"].iloc[0]:  # else the margin's line is the line of no effect
        axis.axhline(0, color=MUTED, linewidth=0.9)
    _margin_line(axis, group)
    axis.set_title(title)
    axis.tick_params(axis="x", labelbottom=False, length=0)
    axis.grid(axis="x", visible=False)


def _margin_line(axis: Axes, group: pd.DataFrame) -> None:
    """The registered margin, named where sorted effects leave room: on the side of the effects beyond it."""
    margin, direction = group["margin"].iloc[0], group["direction"].iloc[0]
    if is_missing(margin):
        return
    axis.axhline(100 * margin, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
    right = direction == "greater"
    axis.annotate("margin", (1.0 if right else 0.0, 100 * margin), (-2 if right else 2, -2 if right else 2),
                  xycoords=("axes fraction", "data"), textcoords="offset points", fontsize=8.5,
                  ha="right" if right else "left", va="top" if right else "bottom")  # fmt: skip


def _dots(axis: Axes, group: pd.DataFrame, choices: list[tuple[str, str]]) -> None:
    """One row of dots per choice; a line parts the rows of one axis from the next."""
    for level, (name, value) in enumerate(choices):
        places = [place for place, one in enumerate(group[name]) if one == value]
        colours = [RED if one else INK for one in group["primary"].iloc[places]]
        axis.scatter(places, [level] * len(places), s=10, c=colours, linewidths=0)
        if level and name != choices[level - 1][0]:
            axis.axhline(level - 0.5, color=GREY, linewidth=0.6)
    axis.set_yticks(range(len(choices)), [_label(*choice) for choice in choices], fontsize=8.5)
    axis.set_ylim(max(len(choices), 1) - 0.5, -0.5)
    axis.tick_params(length=0, labelbottom=False)
    axis.grid(visible=False)
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)


def _label(name: str, value: str) -> str:
    """A choice in words: `chosen rate`, `rate 0.001`, `chat, 3-shot`, `method lora`."""
    if name == "measure":
        return MEASURES.get(value, value.replace("_", " "))
    return value if name == "where" or value == FROZEN else f"{name} {value}"
