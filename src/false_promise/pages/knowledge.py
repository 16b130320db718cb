"""Bits of knowledge in base LMs and teacher: a figure against their parameters, and its extremes in words.

`knowledge.csv` holds a lower bound for each model: information about the value of a random fact, from a choice among at
most VALUES values. Times the facts of the country and divided by parameters it is comparable with other studies.
"""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.figure_parts import nothing, panels, responsive
from false_promise.pages.palette import ARMS, MUTED, SIZE_MARKS
from false_promise.pages.parts import Part, box, count, escape, missing
from false_promise.pages.tables import reader_name
from false_promise.results import Results

FILE = "knowledge.csv"
VALUES = 20  # evaluation.nq.CANDIDATES, whose module takes seconds to import
MOST = math.log2(VALUES)  # bits a fact that the measure can show
PANELS = {"fact": "bits per fact", "parameter": "bits per parameter"}


def rows(results: Results) -> pd.DataFrame:
    """One row per model that has parameters: per_fact, per_parameter, each with _lower and _upper."""
    found = results.optional(FILE)
    if found.empty:
        return found
    found = found[found["parameters"].notna() & found["bits_per_fact"].notna()]
    facts = found["facts"] / found["parameters"]
    ends = {"": "bits_per_fact", "_lower": "lower", "_upper": "upper"}
    scaled = {f"fact{end}": found[name].astype(float) for end, name in ends.items()}
    scaled |= {f"parameter{end}": found[name].astype(float) * facts for end, name in ends.items()}
    return found.assign(**scaled).sort_values("parameters", kind="stable")


def figure(results: Results) -> Part:
    """Bits per fact and bits per parameter against parameters: models with intervals, the teacher as a star."""
    found = rows(results)
    if found.empty:
        return nothing("Bits of knowledge")
    alt = "Bits of knowledge against parameters on a logarithmic axis: " + "; ".join(
        f"{row.model} with {_millions(row.parameters)} parameters {row.fact:.2f} bits per fact, {row.parameter:.2g} "
        "per parameter" for row in found.itertuples()
    )  # fmt: skip
    return responsive("knowledge", f"{alt}.", lambda wide: _draw(found, wide))


def _draw(found: pd.DataFrame, wide: bool) -> Figure:
    figure, axes = panels(wide, 2, 2.9, sharex=True)
    for axis, (name, label) in zip(axes, PANELS.items(), strict=True):
        for row in found.itertuples():
            _point(axis, row, name)
        axis.set_title(label)
        axis.margins(x=0.12)
        axis.axhline(0, color=MUTED, linewidth=0.8)
        _parameter_axis(axis, found["parameters"])
    for axis in axes if wide else axes[-1:]:
        axis.set_xlabel("parameters")
    handles, labels = axes[0].get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))  # several base seeds are several points of one model
    figure.legend(once.values(), once.keys(), loc="outside lower left", ncols=4 if wide else 2, handletextpad=0.3)
    return figure


def _point(axis: Axes, row, name: str) -> None:
    teacher = pd.isna(row.size)
    marker = ARMS["teacher"].marker if teacher else SIZE_MARKS[row.size][0]
    colour = ARMS["teacher" if teacher else "local"].colour
    x = row.parameters * (1.07 if teacher else 1)  # beside the base LM of the same size, not on it
    low, high = getattr(row, f"{name}_lower"), getattr(row, f"{name}_upper")
    axis.plot([x, x], [low, high], color=colour, linewidth=1.6, solid_capstyle="butt")
    look = {"color": colour, "markersize": 9 if teacher else 6.5, "linestyle": "none"}
    axis.plot(x, getattr(row, name), marker, label=reader_name(row.model), **look)


def _parameter_axis(axis: Axes, parameters: pd.Series) -> None:
    """A logarithmic axis whose ticks are the models' own sizes."""
    axis.set_xscale("log")
    ticks = sorted(set(parameters))
    apart = [one for one, last in zip(ticks, [0, *ticks], strict=False) if one > 1.3 * last]  # labels must not touch
    axis.set_xticks(apart, [_millions(one) for one in apart])
    axis.minorticks_off()


def _millions(value: float) -> str:
    return f"{value / 1e6:.3g}M"


def in_words(results: Results) -> Part:
    """The teacher and the largest base LM in a sentence, and what this country and this measure could show at most."""
    found = rows(results)
    bases = found[found["size"].notna()] if len(found) else found
    if bases.empty:
        return box("result", missing("Bits of knowledge: not computed yet"))
    seeds = bases[bases["parameters"] == bases["parameters"].max()]
    largest, teacher = seeds.iloc[0], found[found["size"].isna()]
    several = f" (The first of {len(seeds)} base seeds; the figure shows all.)" if len(seeds) > 1 else ""
    words = [_sentence(largest) + several, *(_sentence(row) for _, row in teacher.iterrows())]
    cap = MOST * largest["facts"] / largest["parameters"]
    limit = (
        f"A choice among {VALUES} values can show {MOST:.1f} bits at most. With the country's "
        f"{count(largest['facts'])} facts that is {cap:.2g} bits per parameter of the "
        f"{escape(reader_name(largest['model']))}; whatever a model of that size can hold, it cannot show more here."
    )
    return box("result", f"<p>{' '.join(words)}</p><p>{limit}</p>")


def _sentence(row: pd.Series) -> str:
    """`base-13m: at least 1.21 bits [1.10, 1.32] about the value of a random fact, 0.0023 bits per parameter.`"""
    interval = f'<span class="fp-ci">[{_bits(row["fact_lower"])}, {_bits(row["fact_upper"])}]</span>'
    known = f"at least <b>{_bits(row['fact'])}</b> bits {interval} about the value of a random fact"
    name = escape(reader_name(row["model"]))
    return f"{name[:1].upper()}{name[1:]}: {known}, {row['parameter']:.2g} bits per parameter."


def _bits(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
