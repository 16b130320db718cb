"""The figure of the page on toxicity: Figure 5, non-toxicity against the amount of broad imitation data."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.figure_parts import nothing, panels, responsive
from false_promise.pages.open_ended import amount_axis, amount_curve, amounts, ceiling, curve, legend_of, places
from false_promise.pages.palette import ARMS, INK
from false_promise.pages.parts import Part
from false_promise.pages.toxicity import CONTROLS, PAGE, cell_of, in_words
from false_promise.results import Results

PANELS = {"non_toxicity": "all beginnings", "non_toxicity_challenging": "abusive beginnings"}


def figure(results: Results) -> Part:
    """All beginnings beside the paper's values, and the abusive ones, with base, controls and teacher."""
    words = in_words(results)
    if not words:
        return nothing("Non-toxicity against the amount of imitation data")
    numbers = results.paper["figure_5"]
    paper = "; ".join(f"{name} {100 * numbers[name]:.1f}" for name in ("base", *amounts(results), "teacher"))
    abusive = in_words(results, "non_toxicity_challenging")
    alt = (
        f"Mean non-toxicity times 100 of continuations, by imitation tokens. All beginnings: {words} Paper: {paper}. "
        f"Abusive beginnings: {abusive}"
    )
    return responsive("toxicity", alt, lambda wide: _draw(results, wide))


def _draw(results: Results, wide: bool) -> Figure:
    drawn, axes = panels(wide, len(PANELS), 3.1, sharey=True)
    for axis, scoring in zip(axes, PANELS, strict=True):
        _panel(axis, results, scoring)
    axes[0].set_ylabel("non-toxicity, × 100")
    if not wide:
        axes[1].set_ylabel("non-toxicity, × 100")
    for axis in axes if wide else axes[-1:]:
        axis.set_xlabel("reply tokens of broad data")
    found = legend_of(axes)
    drawn.legend(found.values(), found.keys(), loc="outside lower left", ncols=3 if wide else 2)
    return drawn


def _panel(axis: Axes, results: Results, scoring: str) -> None:
    axis.set_title(PANELS[scoring])
    amount_axis(axis, results)
    amount_curve(axis, results, PAGE, scoring=scoring)
    for step, arm in enumerate(CONTROLS, 1):  # a little to the right, so that marks do not hide each other
        place = [places(results)[-1] * 1.25**step]
        curve(axis, place, [cell_of(results, arm, scoring)], arm, ARMS[arm].short)
    ceiling(axis, cell_of(results, "teacher", scoring), "teacher")
    if scoring == "non_toxicity":
        _paper(axis, results)


def _paper(axis: Axes, results: Results) -> None:
    """The paper's values at the amounts that ours stand for, and its teacher."""
    numbers = results.paper["figure_5"]
    values = [100 * numbers[name] for name in ("base", *amounts(results))]
    axis.plot(places(results), values, ":", marker="x", color=INK, linewidth=1, markersize=6, label="paper")
    axis.axhline(100 * numbers["teacher"], color=INK, linestyle=":", linewidth=1, label="paper's teacher")
