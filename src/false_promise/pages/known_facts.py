"""Facts that the base LM knew and facts that it did not: what imitation did to each (factuality_known.csv).

Known: the base LM ranks the right value first in prose, whatever the format of questions. A change of the error rate is
paired with the base LM on the same questions; the fair comparison is with the control without facts.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from false_promise.pages.common import shown, shown_gap
from false_promise.pages.figure_parts import nothing, panels, responsive
from false_promise.pages.palette import ARMS, MUTED, PAPER
from false_promise.pages.parts import Part, box, count, escape, missing, percent, table
from false_promise.pages.tables import data_links, model_name
from false_promise.results import Cell, Results, select

FILE = "factuality_known.csv"
ARMS_SHOWN = ("style_only", "broad", "local")
KNOWN = {1: "known to the base LM", 0: "unknown to the base LM"}
CHANGE, CONTROL = "wrong_minus_base", "wrong_minus_control"
# What an interval says about a change of the error rate: above zero, below zero, neither.
SAID = ("more came out wrong", "fewer came out wrong", "no change can be told")


def rows(results: Results) -> pd.DataFrame:
    """The table of known and unknown facts; empty where it was not measured."""
    return results.optional(FILE)


def measured(found: pd.DataFrame, key: tuple, known: int, measure: str) -> Cell | None:
    """One measurement of the model `key` (arm, tokens)."""
    arm, tokens = key
    row = select(found, arm=arm, tokens=tokens, known_to_base=known, measure=measure)
    if row.empty:
        return None
    one = row.iloc[0]
    return Cell(float(one["value"]), float(one["lower"]), float(one["upper"]), int(one["n"]), {})


def models(found: pd.DataFrame) -> list[tuple[str, float | None]]:
    """(arm, tokens) of the imitation models in the order in which they are shown."""
    pairs = found[found["arm"].isin(ARMS_SHOWN)][["arm", "tokens"]].drop_duplicates().itertuples(index=False)
    keys = [(one.arm, None if pd.isna(one.tokens) else one.tokens) for one in pairs]
    return sorted(keys, key=lambda key: (ARMS_SHOWN.index(key[0]), key[1] or 0))


def label(key: tuple[str, float | None]) -> str:
    """`broad, 20,000 tokens`."""
    return ARMS[key[0]].short + (f", {count(key[1])} tokens" if key[0] == "broad" and key[1] else "")


# ---- words and table -------------------------------------------------------------------------------------------------


def in_words(results: Results) -> Part:
    """How much the base LM knows, and what the largest amount of broad imitation did to known and unknown facts."""
    found = rows(results)
    broad = [key for key in models(found) if key[0] == "broad"] if len(found) else []
    if not broad:
        return box("result", missing("Known and unknown facts: not computed yet"))
    share = measured(found, ("base", None), 1, "share")
    size = model_name(results, list(results.sizes)[-1])
    opening = f"The {escape(size)} base LM knows {shown(share)} percent of the facts that the questions ask for."
    told = " ".join(_sentence(found, broad[-1], known) for known in KNOWN)
    caution = "Stand-in models, which prove nothing. " if results.stand_ins else ""
    return box(
        "result",
        f"<p>{caution}{opening} Next, the same questions after the largest amount of broad imitation. {told}</p>",
    )


def _sentence(found: pd.DataFrame, key: tuple, known: int) -> str:
    change, control = (measured(found, key, known, measure) for measure in (CHANGE, CONTROL))
    if change is None:
        return f"Facts {KNOWN[known]}: {missing()}."
    against = f"; against the control without facts {shown_gap(control)}: {said(control)}" if control else ""
    return f"Of the {count(change.n)} facts {KNOWN[known]}, {said(change)} ({shown_gap(change)} points{against})."


def said(change: Cell) -> str:
    """What the interval of a change of the error rate says."""
    return SAID[0 if change.lower > 0 else 1 if change.upper < 0 else 2]


def known_table(results: Results) -> Part:
    """One row per imitation model and class of facts: what the data states, and how the error rate changed."""
    found = rows(results)
    if found.empty:
        return box("result", missing("Known and unknown facts: not computed yet"))
    keys = [("base", None), *models(found)]
    lines = [[escape(f"{label(key)}: {KNOWN[known]}"), *_cells(found, key, known)] for known in KNOWN for key in keys]
    head = ["Imitation data: facts", "Questions", "Stated by the data, %", "Answered wrongly, %", "Change, points",
            "Change where not stated, points", "Against style only, points", "Wrong in open answers, %"]  # fmt: skip
    foot = (
        '<p class="fp-foot">Answered wrongly: three-shot questions. Change: minus the base LM on the same questions; '
        "<em>where not stated</em>: on the facts that the data does not state. Wrong in open answers: statements about "
        f"these facts that are not supported. Data: {data_links(results, 'factuality', FILE)}</p>"
    )
    return box("result", table(head, lines, label="Known and unknown facts", css="fp-tight fp-stacked") + foot)


def _cells(found: pd.DataFrame, key: tuple, known: int) -> list[str]:
    wrong, spoken = (measured(found, key, known, name) for name in ("wrong", "statements_wrong"))
    if key[0] == "base":
        changes = [""] * 3
    else:
        names = (CHANGE, "wrong_unstated_minus_base", CONTROL)
        changes = [shown_gap(measured(found, key, known, name)) for name in names]
        changes[2] = "" if key[0] == "style_only" else changes[2]
    stated = measured(found, key, known, "stated")
    share = "" if key[0] == "base" else percent(stated.value if stated else None)
    said_ = f"{shown(spoken)} <small>of {count(spoken.n)}</small>" if spoken else missing("none said")
    return [count(wrong.n) if wrong else "0", share, shown(wrong), *changes, said_]


# ---- figure ----------------------------------------------------------------------------------------------------------


def figure(results: Results) -> Part:
    """Change of the error rate by imitation data, facts known (filled) and unknown (open) to the base LM."""
    found = rows(results)
    keys = [key for key in models(found) if measured(found, key, 1, CHANGE)] if len(found) else []
    if not keys:
        return nothing("Known and unknown facts")
    words = "; ".join(f"{label(key)}, {KNOWN[known]} {100 * cell.value:+.1f}" for key in keys for known in KNOWN
                      if (cell := measured(found, key, known, CHANGE)))  # fmt: skip
    alt = f"Change of the error rate in points against the base LM on the same questions: {words}."
    return responsive("factuality-known", alt, lambda wide: _draw(found, keys, wide))


def _draw(found: pd.DataFrame, keys: list[tuple], wide: bool) -> Figure:
    drawn, axes = panels(wide, 1, 1.2 + 0.42 * len(keys))
    axis = axes[0]
    axis.axvline(0, color=MUTED, linewidth=0.9)
    for row, key in enumerate(keys):
        for known, shift in ((1, -0.14), (0, 0.14)):
            if cell := measured(found, key, known, CHANGE):
                _mark(axis, cell, row + shift, ARMS[key[0]], known)
    axis.set_yticks(range(len(keys)), [label(key).replace(", ", "\n").removesuffix(" tokens") for key in keys])
    axis.set_ylim(len(keys) - 0.5, -0.5)
    axis.set_xlabel("change of the error rate, points (right: more errors)")
    axis.grid(axis="y", visible=False)
    for known in KNOWN:
        axis.plot([], [], "o", color=ARMS["base"].colour, markerfacecolor=ARMS["base"].colour if known else PAPER,
                  label=KNOWN[known])  # fmt: skip
    drawn.legend(loc="outside lower left", ncols=2 if wide else 1, handletextpad=0.3)
    return drawn


def _mark(axis: Axes, cell: Cell, y: float, look, known: int) -> None:
    axis.plot([100 * cell.lower, 100 * cell.upper], [y, y], color=look.colour, linewidth=1.6, solid_capstyle="butt")
    fill = look.colour if known else PAPER
    axis.plot(100 * cell.value, y, look.marker, color=look.colour, markerfacecolor=fill, markeredgewidth=1.4)
