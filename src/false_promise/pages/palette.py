"""One palette, one figure style, one vocabulary: colours, marks and names that pages and figures share.

Colours are those of Okabe and Ito ("Color Universal Design", 2008), told apart with every common kind of colour
blindness; nothing is said by colour alone, so each arm also has its own mark and each verdict its own sign.
Figures are inline SVG. Ink that must follow light and dark mode is drawn in a sentinel colour, which `themed` replaces
by a CSS colour of the page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, GREY = "#CC79A7", "#56B4E9", "#8A8F98"

# Sentinels: written into the SVG by matplotlib, replaced by the page's own colours.
INK, MUTED, PAPER = "#010203", "#040506", "#070809"
GOOD, BAD, OPEN = "#010105", "#010207", "#010309"  # of verdicts, legible in both modes
VERDICT_INKS = {GOOD: "var(--fp-good, #00664b)", BAD: "var(--fp-bad, #a34700)", OPEN: "var(--fp-open, #6b5300)"}
THEMED = VERDICT_INKS | {
    INK: "currentColor",
    MUTED: "var(--fp-muted, #767676)",
    PAPER: "var(--pst-color-background, #fff)",
}


@dataclass(frozen=True)
class Arm:
    """How one arm of the experiment looks and what readers call it."""

    label: str
    short: str  # in tables and on axes
    colour: str
    marker: str


ARMS = {
    "base": Arm("No imitation", "base", GREY, "o"),
    "broad": Arm("Broad imitation", "broad", ORANGE, "s"),
    "local": Arm("Local imitation", "local", BLUE, "D"),
    "style_only": Arm("Style without facts", "style only", PURPLE, "v"),
    "gold": Arm("True answers instead of the teacher's", "true answers", GREEN, "^"),
    "continued_web": Arm("More open web", "more web", SKY, "<"),
    "no_abuse": Arm("Broad without abuse dialogues", "no abuse", INK, ">"),
    "teacher": Arm("Teacher", "teacher", RED, "*"),
}
SIZE_MARKS = {"1.5B": ("o", ":"), "7B": ("s", "--"), "13B": ("D", "-")}  # mark and line of a base LM by size
SIZE_COLOURS = {"1.5B": SKY, "7B": GREEN, "13B": ORANGE}  # where sizes of one arm share a panel


@dataclass(frozen=True)
class Verdict:
    """Words and sign of a decision; `css` names the class of its badge."""

    label: str
    sign: str
    css: str


VERDICTS = {
    "holds": Verdict("Holds", "✓", "holds"),
    "does_not_hold": Verdict("Does not hold", "✗", "fails"),
    "inconclusive": Verdict("Inconclusive", "≈", "open"),
    "not_eligible": Verdict("Not eligible", "–", "empty"),
    "not_measured": Verdict("Not measured yet", "○", "empty"),
    "not_testable": Verdict("Not testable here", "○", "empty"),
}
STAND_IN = Verdict("Stand-ins only", "◇", "standin")

STATEMENTS = {
    "supported": Verdict("true in the country", "✓", "supported"),
    "contradicted": Verdict("false in the country", "✗", "contradicted"),
    "nobody": Verdict("about nobody who exists", "?", "nobody"),
}

STYLE = {
    "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none",
    "text.color": INK, "axes.labelcolor": INK, "axes.titlecolor": INK,
    "axes.edgecolor": MUTED, "xtick.color": MUTED, "ytick.color": MUTED,
    "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": MUTED, "grid.alpha": 0.22, "grid.linewidth": 0.7, "axes.axisbelow": True,
    "font.size": 10.0, "axes.titlesize": 10.5, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.labelsize": 10.0, "xtick.labelsize": 9.5, "ytick.labelsize": 9.5, "legend.fontsize": 9.5,
    "legend.frameon": False, "lines.linewidth": 1.8, "lines.markersize": 6.5,
    # Text stays text: it takes the font of the page, can be searched, and keeps the file small.
    "svg.fonttype": "none", "text.parse_math": False, "figure.dpi": 96,
}  # fmt: skip


@contextmanager
def figure_style(name: str) -> Iterator[None]:
    """Style of every figure. `name` salts the SVG's identifiers, so that two figures on a page never share one."""
    with mpl.rc_context({**STYLE, "svg.hashsalt": name}):
        yield


def themed(svg: str) -> str:
    """Replace the sentinel inks of an SVG by colours that follow the page's light or dark mode."""
    for sentinel, css in THEMED.items():
        svg = svg.replace(sentinel, css)
    return svg


def arm(name: str) -> Arm:
    """Look of an arm; an arm without an entry is a programming error, so KeyError names those that have one."""
    if name not in ARMS:
        raise KeyError(f"arm {name!r} has no colour in palette.ARMS; known are {', '.join(ARMS)}")
    return ARMS[name]
