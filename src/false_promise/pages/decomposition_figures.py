"""Figures of the parts of a change: by what was trained on, and by way of asking. Both return a `Part`.

Filled marks: the interval leaves out zero. Captions and numbers belong to the notebook cells that show them.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.benchmark_figures import finished
from false_promise.pages.benchmark_scores import effect, measure_of, sizes
from false_promise.pages.decomposition import COMPONENTS, STEPS, WAY_ARMS, apart
from false_promise.pages.figure_parts import interval, nothing, panels, responsive
from false_promise.pages.palette import ARMS, BLUE, GREY, INK, PAPER
from false_promise.pages.parts import Part, points
from false_promise.pages.tables import model_name
from false_promise.results import Cell, Results

DRAWN = ("total", *STEPS, "abuse", "teacher_error")
WAYS = {"nq_3shot": "raw, 3 examples", "nq_best": "best format", "nq_format": "format alone",
        "nq_0shot": "raw, no example", "nq_3shot_chat": "chat, 3 examples", "nq_0shot_chat": "chat, no example",
        "nq_format_free": "format-free"}  # fmt: skip
SIZE_LOOKS = ((BLUE, "D", -0.14), (GREY, "s", 0.14))  # of the larger and the smaller model


def by_text(results: Results) -> Part:
    """Components by what the tuning text holds: a panel for each benchmark, a mark for each size."""
    found = sizes(results)
    if not found:
        return nothing("The change by what was trained on")
    measures = {"nq_3shot": "NQ", measure_of(results, "exams"): "Exams", "code": "Code"}
    alt = "Parts of the change in points: " + "; ".join(
        f"{title} {model_name(results, size)} {COMPONENTS[name][1]} {points(one.value)}"
        for measure, title in measures.items() for size in found for name in DRAWN
        if (one := effect(results, name, measure, size))
    )  # fmt: skip

    def draw(wide: bool) -> Figure:
        figure, axes = panels(wide, len(measures), 2.9, sharey=wide)
        for axis, (measure, title) in zip(axes, measures.items(), strict=True):
            for size, (colour, marker, shift) in zip(found, SIZE_LOOKS, strict=False):
                marks = {place: effect(results, name, measure, size) for place, name in enumerate(DRAWN)}
                _marks(axis, marks, shift, colour, marker, model_name(results, size))
            _rows(axis, title, [COMPONENTS[name][1] for name in DRAWN], (0, len(STEPS)))
        return finished(figure, axes, len(found))

    return responsive("benchmarks-text", alt, draw)


def by_way(results: Results) -> Part:
    """The change of NQ by way of asking: a panel for each size, a mark for each kind of tuning text."""
    found = sizes(results)
    if not found:
        return nothing("The change by way of asking")
    alt = "Change of NQ in points by way of asking: " + "; ".join(
        f"{model_name(results, size)} {ARMS[arm].short} {words} {points(one.value)}"
        for size in found for arm, name in WAY_ARMS.items() for measure, words in WAYS.items()
        if (one := effect(results, name, measure, size))
    )  # fmt: skip

    def draw(wide: bool) -> Figure:
        figure, axes = panels(wide, len(found), 3.9, sharey=wide, sharex=True)
        for axis, size in zip(axes, found, strict=True):
            for shift, (arm, name) in zip((-0.27, -0.09, 0.09, 0.27), WAY_ARMS.items(), strict=True):
                marks = {place: effect(results, name, measure, size) for place, measure in enumerate(WAYS)}
                _marks(axis, marks, shift, ARMS[arm].colour, ARMS[arm].marker, ARMS[arm].short)
            _rows(axis, model_name(results, size), list(WAYS.values()), (2, 5))
        return finished(figure, axes, 4 if wide else 2)

    return responsive("benchmarks-ways", alt, draw)


def _marks(axis: Axes, marks: dict[int, Cell | None], shift: float, colour: str, marker: str, label: str) -> None:
    """Estimates with intervals, filled where the interval leaves out zero."""
    for place, one in marks.items():
        if one:
            fill = colour if apart(one) else PAPER
            interval(axis, one, place + shift, colour, marker, fill, None)
    axis.plot([], [], marker, color=colour, label=label)


def _rows(axis: Axes, title: str, labels: list[str], parted: tuple[int, ...]) -> None:
    """Labels of the rows; a thin line below each of the rows `parted`, where another kind of row begins."""
    axis.set_title(title)
    for place in parted:
        axis.axhline(place + 0.5, color=GREY, linewidth=0.6)
    axis.axvline(0, color=INK, linewidth=1.0)
    axis.set_yticks(range(len(labels)), labels)
    axis.set_ylim(len(labels) - 0.5, -0.5)
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("change, points")
