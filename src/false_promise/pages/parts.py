"""HTML that every page is made of: escaped text, badges, boxes, tables that scroll in their own frame.

Whatever comes from a model or a file goes through `escape`. Parts are `Part` objects: a notebook cell shows one by
having it as its last line, and `str(part)` is the HTML. Layout lives in `book/_static/book.css`.
"""

import html
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from false_promise.pages.palette import Verdict

# C0 and C1 controls (ANSI escapes begin with one), and the marks that reorder text: shown, never obeyed.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
MISSING = "not computed yet"
MANY = 7  # columns that need smaller cells


@dataclass(frozen=True)
class Part:
    """A piece of HTML that Jupyter and the book display as it is."""

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", self.html))).strip()

    def __str__(self) -> str:
        return self.html

    def __add__(self, other: "Part") -> "Part":
        return Part(self.html + str(other))


def escape(text: Any) -> str:
    """Text as text: markup, quotes and control characters are shown instead of acted upon."""
    return html.escape(visible(str(text)), quote=True)


def visible(text: str) -> str:
    """Control characters and marks that reorder text, shown instead of acted upon; markup stays."""
    return UNSEEN.sub(_visible, text)


def _visible(match: re.Match) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def is_missing(value: Any) -> bool:
    """None, NaN and the empty string all mean that there is no value."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def missing(why: str = MISSING) -> str:
    """An empty cell that says so."""
    return f'<span class="fp-missing" title="{escape(why)}">– <small>{escape(why)}</small></span>'


def percent(share: float | None, digits: int = 1) -> str:
    """0.2034 -> 20.3 (no sign; the column says %)."""
    return missing() if is_missing(share) else f"{100 * share:.{digits}f}"


def points(effect: float | None, digits: int = 1) -> str:
    """0.041 -> +4.1, with a real minus sign, and none before zero."""
    if is_missing(effect):
        return missing()
    return f"{round(100 * effect, digits) + 0.0:+.{digits}f}".replace("-", "−")


def count(value: float | None) -> str:
    """12345 -> 12,345; a fraction keeps three significant digits."""
    if is_missing(value):
        return missing()
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}"


def badge(verdict: Verdict, suffix: str = "") -> str:
    """A verdict as sign and words; the colour only repeats them."""
    words = escape(f"{verdict.label}{suffix}")
    return f'<span class="fp-badge fp-{verdict.css}"><span aria-hidden="true">{verdict.sign}</span> {words}</span>'


def box(kind: str, body: str, *, label: str | None = None) -> Part:
    """A block of class `fp-<kind>`, a landmark with a name if `label` is given."""
    named = f' role="region" aria-label="{escape(label)}"' if label else ""
    return Part(f'<div class="fp fp-{kind}"{named}>{body}</div>')


def fold(summary: str, body: str, *, opened: bool = False) -> str:
    """A native disclosure: works by mouse, keyboard and without JavaScript."""
    return f'<details class="fp-fold"{" open" if opened else ""}><summary>{escape(summary)}</summary>{body}</details>'


def link(address: str, text: str, *, download: bool = False) -> str:
    """A link; `download` saves the file instead of showing it."""
    return f'<a href="{escape(address)}"{" download" if download else ""}>{escape(text)}</a>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, label: str, css: str = "") -> str:
    """A table in a frame of its own that scrolls sideways by touch, mouse and keyboard.

    `head` and the cells are HTML; the first cell of a row is its header. A row may be shorter where a cell above
    spans it; a cell that is a full `<td ...>` is taken as it is. On a phone, where more than two columns do not fit,
    a row becomes a block of lines that each name their column; not if cells span rows, but for one of class fp-public,
    which is hidden there. The roles say that it is a table even where its elements are not laid out as one.
    """
    rows = list(rows)
    columns = "".join(f'<th scope="col" role="columnheader">{cell}</th>' for cell in head)
    spanning = [place for place, cell in enumerate(rows[0] if rows else ()) if cell.startswith("<td")]
    below = [name for place, name in enumerate(head) if place not in spanning]  # of rows that a cell spans
    body = "".join(_row(row, head if len(row) == len(head) else below) for row in rows)
    spans = any(cell.startswith("<td") and "fp-public" not in cell for row in rows for cell in row)
    blocks = "" if len(head) <= 2 or spans or css == "fp-decisions" else " fp-cards"
    blocks += " fp-many" if len(head) >= MANY else ""
    return (
        f'<div class="fp-scroll" role="region" tabindex="0" aria-label="{escape(label)}">'
        f'<table class="fp-table {css}{blocks}" role="table"><thead role="rowgroup"><tr role="row">{columns}</tr>'
        f'</thead><tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _row(row: Sequence[str], head: Sequence[str]) -> str:
    first = row[0] if row[0].startswith("<th") else f'<th scope="row" role="rowheader">{row[0]}</th>'
    cells = (
        cell if cell.startswith("<td") else f'<td role="cell" data-head="{_plain(name)}">{cell}</td>'
        for name, cell in zip(head[1:], row[1:], strict=False)  # a heading that spans columns has no cells
    )
    return f"<tr role='row'>{first}{''.join(cells)}</tr>"


def _plain(name: str) -> str:
    """A heading without its markup, as the value of an attribute."""
    return re.sub(r"<[^>]*>", " ", name).replace('"', "&quot;").strip()


def definition_list(pairs: Iterable[tuple[str, str]]) -> str:
    """Names (plain text) and their values (HTML), as in a run card."""
    return f'<dl class="fp-dl">{"".join(f"<div><dt>{escape(k)}</dt><dd>{v}</dd></div>" for k, v in pairs)}</dl>'


def code(text: str) -> str:
    """A line to copy; the book's copy button finds it."""
    return f'<div class="highlight"><pre>{escape(text)}</pre></div>'
