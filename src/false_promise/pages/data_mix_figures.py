"""Figures of the page on the data mix: dialogues left after each step, and lengths of queries and replies.

Drawn wide and narrow; sources differ in colour and in hatching or mark, and every loss is written beside its bar.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.claims.statistics import wilson_interval
from false_promise.pages.data_mix import DUMPS, mixed, public
from false_promise.pages.figure_parts import nothing, panels, responsive
from false_promise.pages.palette import BLUE, GREEN, INK, MUTED, ORANGE
from false_promise.pages.parts import Part
from false_promise.results import Results

STAGES = {"read": "readable", "markup": "web pages\nremoved", "turns": "in turns", "exact duplicates": "not repeated",
          "near-duplicates": "not nearly\nrepeated", "language": "in English"}  # fmt: skip
LOOKS = {"sharegpt": (BLUE, "o", ""), "hc3": (ORANGE, "s", "//"), "discord": (GREEN, "^", "..")}
REAL = "Real ShareGPT sample"
Flow = Sequence[Mapping[str, Any]]


# ---- what is left ----------------------------------------------------------------------------------------------------


def flow(results: Results) -> Part:
    """Dialogues left after each step, of our dumps and of the real sample."""
    found = mixed(results)
    if not found:
        return nothing("Dialogues left after each step")
    flows = {"Here": found["mix"]["flow"], REAL: public()["flow"]}
    alt = " ".join(f"{name}: {_in_words(steps)}." for name, steps in flows.items())
    return responsive("data-mix-flow", alt, lambda wide: _draw_flow(flows, wide))


def stages(steps: Flow) -> list[tuple[str, dict[str, int], int]]:
    """(stage, dialogues left by source, dialogues changed), raw records first."""
    sources = list(dict.fromkeys(step["source"] for step in steps))
    by = {(step["step"], step["source"]): step for step in steps}
    found = [("raw records", {source: by["read", source]["before"] for source in sources}, 0)]
    for name, words in STAGES.items():
        own = {source: by[name, source] for source in sources if (name, source) in by}
        found.append((words, {source: step["after"] for source, step in own.items()},
                      sum(step["changed"] for step in own.values())))  # fmt: skip
    return found


def _in_words(steps: Flow) -> str:
    return ", ".join(f"{sum(left.values()):,} {' '.join(words.split())}" for words, left, _ in stages(steps))


def _draw_flow(flows: Mapping[str, Flow], wide: bool) -> Figure:
    figure, axes = panels(wide, len(flows), 3.9, sharey=wide)
    for axis, (name, steps) in zip(axes, flows.items(), strict=True):
        _flow_panel(axis, stages(steps))
        axis.set_title(name)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=3, handletextpad=0.4, columnspacing=1.0)
    return figure


def _flow_panel(axis: Axes, found: list[tuple[str, dict[str, int], int]]) -> None:
    places, raw = range(len(found)), sum(found[0][1].values())
    start = np.zeros(len(found))
    for source in found[0][1]:
        colour, _, hatch = LOOKS[source]
        left = np.array([one[1].get(source, 0) for one in found], float)
        axis.barh(places, left, left=start, height=0.62, color=colour, alpha=0.85, hatch=hatch, edgecolor="white",
                  linewidth=0, label=DUMPS[source])  # fmt: skip
        start = start + left
    for place, (_, left, changed) in enumerate(found):
        lost = sum(found[place - 1][1].values()) - sum(left.values()) if place else 0
        notes = [f"−{lost:,}" * bool(lost), f"{changed:,} changed" * bool(changed)] if place else [f"{raw:,}"]
        axis.text(start[place] + 0.015 * raw, place, ", ".join(filter(None, notes)), va="center", color=INK, fontsize=9)
    _ribbons(axis, start)
    axis.set_yticks(places, [one[0] for one in found])
    axis.set_ylim(len(found) - 0.5, -0.5)  # raw records above
    axis.set_xlim(0, 1.42 * raw)
    axis.locator_params(axis="x", nbins=4)
    axis.grid(False, axis="y")
    axis.set_xlabel("dialogues")


def _ribbons(axis: Axes, ends: np.ndarray) -> None:
    """From each bar to the next, so that what falls away is seen as a slope."""
    for place in range(len(ends) - 1):
        axis.fill_betweenx([place + 0.31, place + 0.69], 0, [ends[place], ends[place + 1]], color=MUTED, alpha=0.18,
                           linewidth=0)  # fmt: skip


# ---- lengths ---------------------------------------------------------------------------------------------------------


def lengths(results: Results) -> Part:
    """Words of queries and replies, of our sources and of the real sample."""
    found = mixed(results)
    if not found:
        return nothing("Lengths of queries and replies")
    rows = [row | {"label": DUMPS[row["source"]]} for row in found["mix"]["lengths"] if row["unit"] == "words"]
    rows += [row | {"label": REAL, "source": ""} for row in public()["lengths"]]
    alt = "Median length in words: " + "; ".join(
        f"{row['label']} {row['what']} {row['median']:.0f} of {row['n']:,}" for row in rows
    )
    return responsive("data-mix-lengths", f"{alt}.", lambda wide: _draw_lengths(rows, wide))


def _draw_lengths(rows: Sequence[Mapping[str, Any]], wide: bool) -> Figure:
    figure, axes = panels(wide, 2, 3.1, sharex=True)
    for axis, (what, title) in zip(axes, {"query": "what users write", "reply": "replies"}.items(), strict=True):
        for row in rows:
            if row["what"] == what:
                _histogram(axis, row)
        axis.set_title(title)
        axis.set_ylim(0, None)
        axis.set_ylabel("share of texts, %")
        _words_axis(axis, rows[0]["edges"])
    for axis in axes if wide else axes[-1:]:
        axis.set_xlabel("words, at least")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=4 if wide else 2, handletextpad=0.4)
    return figure


def _histogram(axis: Axes, row: Mapping[str, Any]) -> None:
    """Share of texts in each class of lengths, with its interval."""
    colour, marker, _ = LOOKS.get(row["source"], (INK, "D", ""))
    style = "-" if row["source"] else "--"
    places, n = np.arange(len(row["counts"])), row["n"]
    bounds = np.array([wilson_interval(one, n) for one in row["counts"]])
    axis.plot(places, [100 * one / n for one in row["counts"]], style, marker=marker, color=colour, label=row["label"],
              markersize=5)  # fmt: skip
    axis.fill_between(places, 100 * bounds[:, 0], 100 * bounds[:, 1], color=colour, alpha=0.14, linewidth=0)


def _words_axis(axis: Axes, edges: Sequence[int]) -> None:
    axis.set_xticks(range(0, len(edges), 2), [f"{edge:,}" for edge in edges[::2]])
