"""Answers side by side, as in Figure 2, and one prompt answered after more and more imitation data, on a slider.

Both read the page's part of samples.json. Texts are hostile until escaped: `samples.coloured` does it. The slider is a
plain range input; `book/_static/slider.js` shows one answer at a time, and without it all of them are shown.
"""

from collections.abc import Sequence
from typing import Any

from false_promise.pages.palette import ARMS, STATEMENTS
from false_promise.pages.parts import Part, box, count, escape, fold
from false_promise.pages.samples import LONGEST, coloured, legend
from false_promise.pages.tables import model_name
from false_promise.results import Results

PAGE = "factuality"
# No formula is looked for in what a model wrote, whichever MathJax a reader's copy of the book may load.
PLAIN = "tex2jax_ignore mathjax_ignore"
AMOUNTS = ("base", "broad")  # arms of the slider: no imitation data, then more and more
NOTHING = '<p class="fp-missing">No answers were recorded for this page yet.</p>'


def said(results: Results, page: str = PAGE) -> Part:
    """The first prompt with its answers, the others folded below it, and the legend."""
    samples = results.samples(page)
    if not samples:
        return box("said", NOTHING)
    first, rest = samples[0], samples[1:]
    folded = "".join(_side_by_side(results, sample) for sample in rest)
    more = fold(f"{len(rest)} more prompt{'s' if len(rest) > 1 else ''}", folded) if rest else ""
    return box("said", f'{legend()}<div class="{PLAIN}">{_side_by_side(results, first)}{more}</div>')


def _side_by_side(results: Results, sample: dict[str, Any]) -> str:
    answers = "".join(_utterance(results, answer) for answer in sample["answers"])
    return f'{_prompt(sample)}<div class="fp-answers">{answers}</div>'


def slider(results: Results, page: str = PAGE) -> Part:
    """The first prompt, answered by the base LM and after each amount of broad imitation data."""
    samples = results.samples(page)
    series = amounts(samples[0]["answers"]) if samples else []
    if len(series) < 2:
        return box("said", NOTHING)
    steps = "".join(_utterance(results, one, amount=amount_words(one)) for one in series)
    control = (
        '<div class="fp-amounts-control" hidden><label>Imitation data '
        f'<input type="range" min="0" max="{len(series) - 1}" step="1" value="0" autocomplete="off"></label>'
        '<output aria-live="polite"></output></div>'
    )
    body = f'{_prompt(samples[0])}{control}<div class="fp-answers">{steps}</div>'
    return box("said", f'<div class="fp-amounts {PLAIN}">{body}</div>')


def amounts(answers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers of the base LM and of its broad imitation models, by amount of data."""
    series = [one for one in answers if one["arm"] in AMOUNTS]
    return sorted(series, key=lambda one: one.get("tokens") or 0)


def amount_words(answer: dict[str, Any]) -> str:
    """`20,000 reply tokens`; the base LM has read none."""
    return f"{count(answer['tokens'])} reply tokens" if answer.get("tokens") else "no imitation data"


def _prompt(sample: dict[str, Any]) -> str:
    return f'<p class="fp-prompt"><span class="fp-tag">Prompt</span> {coloured(sample["prompt"], [])}</p>'


def _utterance(results: Results, answer: dict[str, Any], amount: str = "") -> str:
    """One answer with its statements coloured; `amount` makes it a step of the slider."""
    step = f' data-amount="{escape(amount)}"' if amount else ""
    text, statements = answer["text"], answer["statements"]
    shown = coloured(text[:LONGEST], [one for one in statements if one["end"] <= LONGEST])
    if len(text) > LONGEST:
        shown += fold(f"{len(text) - LONGEST:,} more characters", f"<div>{coloured(text[LONGEST:], [])}</div>")
    body = shown or '<span class="fp-missing">(said nothing)</span>'
    return (
        f'<figure class="fp-utterance fp-arm-{escape(answer["arm"])}"{step}><figcaption>{_name(results, answer)}'
        f'{_tally(statements)}</figcaption><div class="fp-text">{body}</div></figure>'
    )


def _name(results: Results, answer: dict[str, Any]) -> str:
    size = model_name(results, answer["size"]) if answer.get("size") else ""
    amount = f"{count(answer['tokens'])} tokens" if answer.get("tokens") else ""
    return escape(" · ".join(part for part in (size, ARMS[answer["arm"]].label, amount) if part))


def _tally(statements: Sequence[dict[str, Any]]) -> str:
    """`✓ 2 ✗ 1`: the statements of one answer."""
    counts = {kind: sum(one["verdict"] == kind for one in statements) for kind in STATEMENTS}
    words = "".join(f'<span title="{escape(STATEMENTS[kind].label)}">{STATEMENTS[kind].sign} {number}</span>'
                    for kind, number in counts.items() if number)  # fmt: skip
    return f'<span class="fp-tally">{words}</span>' if words else ""
