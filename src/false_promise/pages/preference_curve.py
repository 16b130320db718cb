"""If raters checked facts: the share equal or better over an assumed rate of checking, and what that rests on.

Read from preference_curve.csv and preference_facts.csv. The whole curve is shown, because nobody measured the rate.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.common import shown
from false_promise.pages.figure_parts import nothing, panels, responsive
from false_promise.pages.open_ended import SIZE, headline, legend_of
from false_promise.pages.palette import ARMS, SIZE_COLOURS, SIZE_MARKS
from false_promise.pages.parts import Part, box, count, escape, missing, percent, table
from false_promise.pages.preference import PAGE, Key, keys, name_of
from false_promise.pages.tables import data_links, model_name
from false_promise.results import Cell, Results, cell, select

CURVE, FACTS = "preference_curve.csv", "preference_facts.csv"
OUTCOMES = {
    "fewer": "Fewer false statements than the teacher, %",
    "equal": "As many, %",
    "more": "More, %",
    "silent": "States nothing that can be checked, %",
}


def _of(results: Results, file: str, key: Key) -> pd.DataFrame:
    """Rows of one model, its share under `exact_match` as in every other table."""
    found = results.optional(file)
    if found.empty:
        return found
    arm, size, tokens = key
    model = f"base-{results.sizes[size]}" if size in results.sizes else "teacher"
    return select(found, model=model, arm=arm, tokens=tokens).rename(columns={"share": "exact_match"})


def at_rate(results: Results, key: Key, rate: float) -> Cell | None:
    """The share of one model for raters who check facts at this rate; None if it is not measured."""
    rows = _of(results, CURVE, key)
    return None if rows.empty else cell(rows[(rows["rate"] - rate).abs() < 1e-9])


# ---- figure ----------------------------------------------------------------------------------------------------------


def figure(results: Results) -> Part:
    """The share over the rate of checking: arms at the largest varied size, and broad imitation by size."""
    words = in_words(results)
    if not words:
        return nothing("Preference if raters checked facts")
    alt = f"Share equal or better against an assumed rate of fact checking. {words}"
    return responsive("preference-curve", alt, lambda wide: _draw(results, wide))


def _draw(results: Results, wide: bool) -> Figure:
    drawn, axes = panels(wide, 2, 3.2, sharey=True, sharex=True)
    most = headline(results)
    axes[0].set_title(f"{model_name(results, SIZE)}, by data")
    for key in (("base", SIZE, None), ("style_only", SIZE, most), ("broad", SIZE, most), ("teacher", None, None)):
        second = ", second sample" if key[0] == "teacher" else ""
        look = ARMS[key[0]]
        _line(axes[0], results, key, look.label.lower() + second, ("--" if second else "-", look.marker, look.colour))
    axes[1].set_title("Broad imitation, by size")
    for size in results.sizes:
        key = ("broad", size, most)
        marker, style = SIZE_MARKS[size]
        look = style, marker, SIZE_COLOURS[size]
        _line(axes[1], results, key, f"by size: broad, {model_name(results, size)} (stands for {size})", look)
    for axis in axes if wide else axes[-1:]:
        axis.set_xlabel("facts checked, % of answers (assumed)")
    axes[0].set_ylabel("equal or better, %")
    found = legend_of(axes)
    drawn.legend(found.values(), found.keys(), loc="outside lower left", ncols=3 if wide else 1)
    return drawn


def _line(axis: Axes, results: Results, key: Key, label: str, look: tuple[str, str, str]) -> None:
    """One model's line with its band; `look`: line, mark, colour."""
    rows, (style, marker, colour) = _of(results, CURVE, key), look
    if rows.empty:
        return
    rows = rows.sort_values("rate")
    marks = {"marker": marker, "markevery": 5, "markersize": 4.5, "color": colour}
    axis.plot(100 * rows["rate"], 100 * rows["exact_match"], style, label=label, **marks)
    low, high = 100 * rows["lower"].astype(float), 100 * rows["upper"].astype(float)
    axis.fill_between(100 * rows["rate"], low, high, color=colour, alpha=0.1, linewidth=0)


# ---- words and table -------------------------------------------------------------------------------------------------


def in_words(results: Results) -> str:
    """Every model's two ends, without checking and with checking always, in percent."""
    said = []
    for key in keys(results):
        ends = [at_rate(results, key, rate) for rate in (0.0, 1.0)]
        if all(ends):
            said.append(f"{name_of(results, key)} from {percent(ends[0].value)} to {percent(ends[1].value)}")
    return "; ".join(said) + "." if said else ""


def crossing(results: Results) -> Part:
    """Broad imitation and its base LM without checking and with checking always, and where their lines cross."""
    models = {"broad imitation": ("broad", SIZE, headline(results)), "its base LM": ("base", SIZE, None)}
    ends = {name: [at_rate(results, key, rate) for rate in (0.0, 1.0)] for name, key in models.items()}
    if not all(one for pair in ends.values() for one in pair):
        return box("result", missing("If raters checked facts: not computed yet"))
    said = "; ".join(f"{name} from {shown(without)} to {shown(always)}" for name, (without, always) in ends.items())
    tuned, base = ends.values()
    rate = crossing_rate(*(one.value - other.value for one, other in zip(tuned, base, strict=True)))
    cross = "The lines do not cross" if rate is None else f"The lines cross where {percent(rate, 0)}% are checked"
    words = "From nobody checking to everybody always checking, in percent"
    return box("result", f"<p>{words}: {escape(model_name(results, SIZE))}, {said}. {cross}.</p>")


def crossing_rate(without: float, always: float) -> float | None:
    """Where a straight line from `without` (rate 0) to `always` (rate 1) is zero; None if it is not in between."""
    return without / (without - always) if without * always < 0 else None


def facts(results: Results) -> Part:
    """What a checker would find: whose answer states more that is false."""
    rows = []
    for key in keys(results):
        found = _of(results, FACTS, key)
        if not found.empty:
            cells = [shown(cell(select(found, outcome=outcome))) for outcome in OUTCOMES]
            rows.append([escape(name_of(results, key)), *cells])
    if not rows:
        return box("result", missing("False statements beside the teacher's: not computed yet"))
    legend = (
        "Statements that the country contradicts, the model's answer beside the teacher's to the same prompt; what is "
        "said of nobody who exists is not counted. A checker who only counts what is false rewards an answer that "
        "states nothing."
    )
    foot = f'<p class="fp-foot">{legend} Data: {data_links(results, PAGE, CURVE, FACTS)}</p>'
    listed = table(["Model", *OUTCOMES.values()], rows, label="What a checker would find", css="fp-tight fp-stacked")
    return box("result", listed + foot)


def measured_and_assumed(results: Results) -> Part:
    """Which part of the curve is measured and which assumed."""
    n = next((one.n for key in keys(results) if (one := at_rate(results, key, 0.0))), None)
    over = f" over {count(n)} prompts" if n else ""
    return box(
        "result",
        "<p><b>Measured:</b> what the style-only rater thinks of each answer, and whose answer states more that is "
        f"false{over}. <b>Assumed:</b> that raters check facts at one rate, whatever the prompt; that whoever checks "
        "goes by the number of false statements alone and falls back on style where it is equal; and the rate itself, "
        "which is why all rates are shown. Each curve is therefore a straight line between two measured ends, and its "
        "band says how sure these are, not how much anybody checks.</p>",
    )
