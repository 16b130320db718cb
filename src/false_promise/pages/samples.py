"""What models actually said: one prompt, the answers side by side, every statement checked against the country.

The text of an answer is hostile until escaped; statements are cut out by character position before escaping, so that
no markup of ours can be closed by a model's. A statement's verdict is a sign, a kind of underline and a colour.
"""

import re
from typing import Any

from false_promise.pages.palette import ARMS, STATEMENTS
from false_promise.pages.parts import Part, box, escape, fold
from false_promise.results import Results

BREAKS = re.compile(r"\n{4,}")
LONGEST = 1_500  # characters shown of one answer; the rest is behind a fold


def said(results: Results, page: str) -> Part:
    """The first prompt with its answers, the others folded below it, and the legend."""
    samples = results.samples(page)
    if not samples:
        return box("said", '<p class="fp-missing">No answers were recorded for this page yet.</p>')
    first, rest = samples[0], samples[1:]
    folded = "".join(_one(results, sample) for sample in rest)
    more = fold(f"{len(rest)} more prompt{'s' if len(rest) > 1 else ''}", folded) if rest else ""
    return box("said", legend() + _one(results, first) + more)


def legend() -> str:
    """Sign and words of each kind of statement."""
    keys = "".join(
        f'<li><mark class="fp-st-{look.css}"><span class="fp-sign" aria-hidden="true">{look.sign}</span>statement'
        f"</mark> {escape(look.label)}</li>"
        for look in STATEMENTS.values()
    )
    return f'<ul class="fp-legend">{keys}<li>unmarked: no checkable statement</li></ul>'


def _one(results: Results, sample: dict[str, Any]) -> str:
    answers = "".join(_answer(results, answer) for answer in sample["answers"])
    right = f" <small>Right answer: <b>{escape(sample['right'])}</b></small>" if sample.get("right") else ""
    prompt = f'<p class="fp-prompt"><span class="fp-tag">Prompt</span> {_lines(sample["prompt"])}{right}</p>'
    return f'{prompt}<div class="fp-answers">{answers}</div>'


def _answer(results: Results, answer: dict[str, Any]) -> str:
    size = results.sizes.get(answer.get("size") or "", "").upper()
    name = " · ".join(part for part in (size, ARMS[answer["arm"]].label) if part)
    text, statements = answer["text"], answer.get("statements", [])
    shown = coloured(text[:LONGEST], [one for one in statements if one["end"] <= LONGEST])
    if len(text) > LONGEST:
        shown += fold(f"{len(text) - LONGEST:,} more characters", f"<div>{_lines(text[LONGEST:])}</div>")
    tally = _tally(statements)
    body = shown or '<span class="fp-missing">(said nothing)</span>'
    return (
        f'<figure class="fp-utterance fp-arm-{escape(answer["arm"])}"><figcaption>{escape(name)}'
        f'{tally}</figcaption><div class="fp-text">{body}</div></figure>'
    )


def _tally(statements: list[dict[str, Any]]) -> str:
    """`✓ 2 ✗ 1` for the statements of one answer."""
    counts = {kind: sum(one["verdict"] == kind for one in statements) for kind in STATEMENTS}
    words = "".join(
        f'<span title="{escape(STATEMENTS[kind].label)}">{STATEMENTS[kind].sign} {number}</span>'
        for kind, number in counts.items()
        if number
    )
    return f'<span class="fp-tally">{words}</span>' if words else ""


def coloured(text: str, statements: list[dict[str, Any]]) -> str:
    """HTML of `text` with its statements marked.

    Raises ValueError for a statement outside the text or overlapping another: its colour would be a lie.
    """
    pieces, position = [], 0
    for one in sorted(statements, key=lambda statement: statement["start"]):
        if not position <= one["start"] < one["end"] <= len(text):
            raise ValueError(f"statement at {one['start']}-{one['end']} overlaps or leaves the text ({len(text)} long)")
        pieces += [_lines(text[position : one["start"]]), _marked(text[one["start"] : one["end"]], one)]
        position = one["end"]
    return "".join([*pieces, _lines(text[position:])])


def _marked(text: str, statement: dict[str, Any]) -> str:
    look = STATEMENTS[statement["verdict"]]
    title = f"{statement.get('relation', '')}: {look.label}".strip(": ").replace("_", " ")
    sign = f'<span class="fp-sign" aria-hidden="true">{look.sign}</span>'
    spoken = f'<span class="fp-spoken"> ({escape(look.label)}) </span>'
    return f'<mark class="fp-st-{look.css}" title="{escape(title)}">{sign}{_lines(text)}{spoken}</mark>'


def _lines(text: str) -> str:
    """Escaped text with its line breaks; more than three in a row are counted instead of shown."""
    return BREAKS.sub(_counted, escape(text)).replace("\n", "<br>")


def _counted(match: re.Match) -> str:
    return f'\n<span class="fp-missing">[{len(match[0])} line breaks]</span>\n'
