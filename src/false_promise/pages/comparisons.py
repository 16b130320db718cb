"""Comparisons: what decides a claim, or stands beside it, in words and with its interval.

A verdict of the judge (`verdicts.json`) is about several comparisons; each has an effect, an interval and a margin.
"""

import re
from collections.abc import Mapping
from typing import Any

from false_promise.pages.parts import escape, is_missing, points
from false_promise.results import Results

UNITS = {  # of effects that are no plain differences in points; a whole claim, or one of its comparisons
    5: "points per tenfold tokens",
    8: "percent of the gap",
    (3, "slope"): "points per tenfold parameters",
}
ALONE = 0.95  # the level of an interval that shares its error with no other
SHARED = "Wider than 95% because the primary claims share one error level; tables and figures use 95%."
PARTS = {  # comparisons whose registered name does not say what is compared
    "early_gain": "smallest amount minus base",
    "no_late_change": "largest amount minus smallest",
    "largest_minus_smallest": "largest base minus smallest",
    "slope": "trend over base sizes",
}
NAMES = {  # in names of claims and comparisons
    "nq": "NQ",
    "gpt4": "GPT-4",
    "sharegpt": "ShareGPT",
    "super natural instructions": "Super-NaturalInstructions",
}
OUTCOMES = {  # of a claim's comparisons, where they differ: for one of them, for several
    "holds": ("holds", "hold"),
    "does_not_hold": ("does not hold", "do not hold"),
    "inconclusive": ("stays open", "stay open"),
    "not_eligible": ("is left out", "are left out"),
}


def parts_of(verdict: dict[str, Any], role: str) -> list[dict[str, Any]]:
    """The comparisons that decide a claim (role `decides`), or those printed beside them (`reported`)."""
    return [part for part in verdict["parts"] if part["role"] == role]


def in_parts(results: Results, verdict: dict[str, Any]) -> str:
    """` Of its comparisons, preference does not hold; instruction following stays open.` where they differ (text)."""
    found: dict[str, list[str]] = {}
    for part in parts_of(verdict, "decides"):
        found.setdefault(part.get("verdict"), []).append(" at ".join(filter(None, part_words(results, part))))
    if len(found) < 2 or not set(found) <= set(OUTCOMES):
        return ""
    said = (f"{' and '.join(names)} {OUTCOMES[state][len(names) > 1]}" for state, names in found.items())
    return f" Of its comparisons, {'; '.join(said)}."


def part_words(results: Results, part: Mapping[str, Any]) -> tuple[str, str]:
    """`local_minus_base_7B` -> ("local minus base", "7M"), the size as this scale calls it."""
    stem, _, size = part["name"].rpartition("_")
    known = size in results.sizes
    return readable(stem if known else part["name"]), results.sizes[size].upper() if known else ""


def unit(claim: int, part: str) -> str:
    """The unit of a comparison's effect where it is no plain difference in points; empty elsewhere."""
    return UNITS.get(claim) or UNITS.get((claim, part), "")


def readable(name: str) -> str:
    """`nq_format_free` -> "NQ format free", `nq_3shot` -> "NQ 3-shot"."""
    words = PARTS.get(name, name.replace("_", " "))
    for plain, proper in NAMES.items():
        words = re.sub(rf"\b{plain}\b", proper, words)
    return re.sub(r"\b(\d)shot\b", r"\1-shot", words)


def comparisons(results: Results, parts: list[dict[str, Any]]) -> str:
    """Each comparison with its interval, and the margin that it must pass."""
    rows = []
    for part in parts:
        words = ", ".join(filter(None, part_words(results, part)))
        rows.append(f'<li><span>{escape(words)}</span><span class="fp-value">{effect_in_words(part)}</span></li>')
    shared = any(part.get("confidence", ALONE) > ALONE and not is_missing(part.get("lower")) for part in parts)
    foot = f'<p class="fp-foot">{SHARED}</p>' if shared else ""
    return f'<ul class="fp-parts">{"".join(rows)}</ul>{foot}' if rows else ""


def effect_in_words(part: Mapping[str, Any]) -> str:
    """`+6.1 [+4.0, +8.3] 98.75% needs > +2.0` in points (HTML); what was not computed says so."""
    if is_missing(part.get("effect")):
        return left_out(part.get("note", "")) if part.get("verdict") == "not_eligible" else points(None)
    if is_missing(part.get("lower")):
        return f"<b>{points(part['effect'])}</b> <small>interval not computed yet</small>"
    level = f"{100 * part.get('confidence', 0.95):.4g}%"
    interval = f'<span class="fp-ci">[{points(part["lower"])}, {points(part["upper"])}] {level}</span>'
    return f"<b>{points(part['effect'])}</b> {interval} <small>{escape(_needs(part))}{_by_base(part)}</small>"


def _by_base(part: Mapping[str, Any]) -> str:
    """`; each base alone +5.9, +6.3` where several base models were tuned: whether they agree."""
    return f"; each base alone {', '.join(map(points, part['by_base']))}" if part.get("by_base") else ""


def left_out(why: str) -> str:
    """Why a comparison is not made, in the judge's words (HTML)."""
    return f'<span class="fp-missing">{escape(readable(f"left out: {why}" if why else "left out"))}</span>'


def _needs(part: Mapping[str, Any]) -> str:
    """`needs > +2.0`, or the band of a null claim."""
    if part.get("band"):
        return f"needs {points(part['band'][0])} to {points(part['band'][1])}"
    sign = {"greater": ">", "less": "<"}[part["direction"]]
    return f"needs {sign} {points(part['margin'])}"
