"""Figures of the diversity page: how the search works, and how the mean depends on the number of queries.

Drawn wide and narrow (390 px), in the colours and marks that all kinds of colour vision tell apart.
"""

from collections.abc import Mapping
from functools import cache

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.diversity.artificial import artificial_queries
from false_promise.diversity.trace import Trace, trace
from false_promise.pages.figure_parts import NARROW, WIDE, panels, responsive, short_tokens
from false_promise.pages.palette import BLUE, GREEN, GREY, INK, MUTED, ORANGE, PURPLE, RED, SKY
from false_promise.pages.parts import Part

EXAMPLE_TEXTS, EXAMPLE = 20_000, 18
LOOKS = {
    "superni": (ORANGE, "s"),
    "superni_input": (RED, "D"),
    "dolly": (PURPLE, "v"),
    "sharegpt_all_turns": (SKY, "^"),
    "sharegpt_first_turns": (BLUE, "o"),
    "koala": (GREEN, "*"),
}


def method_picture() -> Part:
    """One real search: the lists that are read, and the two curves whose crossing ends the reading."""
    found = _example()
    alt = (
        f"The search for one query among {found.texts:,} texts. It reads {found.stop} of {len(found.spreads)} lists, "
        f"the shortest first. The bound on unmet texts falls from {found.bounds[0]:.1f} to {found.bounds[-1]:.2f} "
        f"BLEU, below the best score found, {found.best[-1]:.2f}; the longest lists stay unread. {found.met:,} texts "
        f"were met, {found.scored} scored."
    )
    return responsive("nearest-bleu-method", alt, lambda wide: _draw_method(found, wide))


@cache
def _example() -> Trace:
    return trace(artificial_queries(EXAMPLE_TEXTS), EXAMPLE)


def _draw_method(found: Trace, wide: bool) -> Figure:
    figure, (lists, bleu) = panels(False, 2, 2.5, sharex=True)
    figure.set_size_inches(WIDE if wide else NARROW, 4.6 if wide else 5.0)
    _lists_panel(lists, found)
    _bleu_panel(bleu, found)
    for axis in (lists, bleu):
        axis.axvline(found.stop + 0.5, color=INK, linewidth=1.2, linestyle=(0, (2, 2)))
        axis.set_xlim(0, len(found.spreads) + 1)
    bleu.set_xlabel("lists of the query, shortest first")
    return figure


def _lists_panel(axis: Axes, found: Trace) -> None:
    places, read = range(1, len(found.spreads) + 1), found.stop
    axis.bar(places[:read], found.spreads[:read], color=BLUE, width=0.8)
    axis.bar(places[read:], found.spreads[read:], color=GREY, width=0.8, alpha=0.55)
    _log_ticks(axis, {1: "1", 10: "10", 100: "100", 1_000: "1k", 10_000: "10k"})
    axis.set_ylabel("texts in the list")
    axis.set_title("1. Read short lists, leave long ones")
    entries, unread = found.spreads[:read].sum(), found.spreads[read:].sum()
    axis.text(0.03, 0.95, f"read: {entries:,} entries", color=INK, transform=axis.transAxes, va="top")
    axis.text(0.03, 0.82, f"never read: {unread:,}", color=MUTED, transform=axis.transAxes, va="top")


def _bleu_panel(axis: Axes, found: Trace) -> None:
    steps = range(1, found.stop + 2)
    axis.step(steps, found.bounds, where="post", color=RED, linewidth=2.2)
    axis.step(steps, found.best.clip(min=1), where="post", color=BLUE, linewidth=2.2)
    _log_ticks(axis, {1: "1", 3: "3", 10: "10", 30: "30"})
    axis.set_ylim(1, 45)
    axis.set_ylabel("BLEU")
    axis.set_title("2. Stop when no unmet text can win")
    axis.text(0.03, 0.95, "most that an unmet text can score", color=RED, transform=axis.transAxes, va="top")
    axis.text(0.25, 0.12, "best score so far", color=INK, transform=axis.transAxes)


def _log_ticks(axis: Axes, labels: Mapping[int, str]) -> None:
    axis.set_yscale("log")
    axis.set_yticks(list(labels), list(labels.values()))
    axis.minorticks_off()


def sampling_figure(record: Mapping, paper: Mapping[str, float]) -> Part:
    """Mean nearest BLEU against the number of queries; `paper` maps labels to the paper's percentages."""
    ends = "; ".join(
        f"{record['sets'][name]['label']} from {curve[0]['mean']:.0f} at {curve[0]['size']} queries to "
        f"{curve[-1]['mean']:.0f} at {curve[-1]['size']:,}"
        for name, curve in ((name, record["curves"][name]) for name in LOOKS)
    )
    alt = f"Mean nearest-neighbour BLEU rises with the number of queries in every set: {ends}."
    return responsive("nearest-bleu-sampling", alt, lambda wide: _draw_sampling(record, paper, wide))


def _draw_sampling(record: Mapping, paper: Mapping[str, float], wide: bool) -> Figure:
    figure, (axis,) = panels(wide, 1, 4.2 if wide else 4.6)
    for name, (colour, marker) in LOOKS.items():
        _curve(axis, record["curves"][name], record["sets"][name]["label"], colour, marker)
    for label, value in paper.items():
        axis.axhline(value, color=INK, linewidth=1.1, linestyle=(0, (4, 3)))
        axis.annotate(
            f"paper, {label}: {value:g}%", (1, value), xycoords=("axes fraction", "data"), ha="right", va="bottom"
        )
    short_tokens(axis)
    axis.set_ylim(0, 70)
    axis.set_xlabel("queries in the set")
    axis.set_ylabel("mean nearest BLEU, %")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower left", ncols=2 if wide else 1)
    return figure


def _curve(axis: Axes, points: list[Mapping], label: str, colour: str, marker: str) -> None:
    sizes, means = [point["size"] for point in points], [point["mean"] for point in points]
    axis.plot(sizes, means, marker=marker, color=colour, label=label)
    low, high = [point["lower"] for point in points], [point["upper"] for point in points]
    axis.fill_between(sizes, low, high, color=colour, alpha=0.16, linewidth=0)
