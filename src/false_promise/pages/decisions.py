"""What else the runs of a page decide: other claims, comparison by comparison, with what is still missing.

A claim is a conjunction, so it may stay open while a comparison of it is already decided; both are shown.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from false_promise.pages.answers import verdict_badge, verdict_on
from false_promise.pages.comparisons import effect_in_words, part_words, parts_of, unit
from false_promise.pages.matched import registration
from false_promise.pages.parts import Part, box, escape, missing, table
from false_promise.results import Results


def also_decided(results: Results, claims: Sequence[int]) -> Part:
    """One block per claim: its deciding comparisons with effect, interval and verdict, and the verdict on the whole."""
    rows = [row for claim in claims for row in _rows(results, claim)]
    head = ["Claim and its comparisons", "Effect, points", "Decision"]
    foot = (
        '<p class="fp-foot">A claim needs every comparison that decides it, so it may stay open while one of them is '
        "already decided.</p>"
    )
    return box("result", table(head, rows, label="What else these runs decide", css="fp-decisions") + foot)


def _rows(results: Results, claim: int) -> list[list[str]]:
    verdict, registered = verdict_on(results, claim), registration().claims[claim - 1]
    # The badge says that something is missing, the note what.
    note = escape(str(verdict.get("note") or "").removeprefix("not measured yet: "))
    words = f"<b>{claim}. {escape(registered['claim'].strip())}</b> <small>({escape(registered['family'])})</small>"
    decision = f"{verdict_badge(results, verdict)}{_warnings(verdict)}<br><small>{note}</small>"
    whole = [f'<th scope="rowgroup" colspan="2">{words}</th>', decision]
    parts = {part["name"]: part for part in parts_of(verdict, "decides")}
    named = [part for part in registered["parts"] if part["role"] == "decides"]
    return [whole, *(_part_row(results, claim, part, parts.get(part["name"]), verdict) for part in named)]


def _warnings(verdict: Mapping[str, Any]) -> str:
    return "".join(f'<br><small class="fp-warning">⚠ {escape(text)}</small>' for text in verdict.get("warnings", []))


def _part_row(results: Results, claim: int, registered: Mapping, part: Mapping | None, verdict: Mapping) -> list[str]:
    """A comparison of a claim; `part` is what the judge found, None if it did not look."""
    words = [*part_words(results, registered), unit(claim, registered["name"])]
    name = f"<small>{escape(', '.join(filter(None, words)))}</small>"
    if part is None or part["verdict"] == "not_measured":
        return [name, missing(), ""]
    state = {**part, "conditional": verdict.get("conditional")}
    return [name, effect_in_words(part), verdict_badge(results, state)]
