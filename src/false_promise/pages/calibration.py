"""What was fixed beforehand: learning rates, bands of the preconditions, power.

The scale-model page shows the calibration on the pilot world (data/recorded/pilot/), before any imitation model had met
a benchmark; the page on base LMs and teacher shows the same bands on this scale's own world.
"""

import math
from typing import Any

import pandas as pd

from false_promise.claims.planning import claim_power
from false_promise.pages.comparisons import readable
from false_promise.pages.matched import registration
from false_promise.pages.palette import VERDICTS, Verdict
from false_promise.pages.parts import Part, badge, box, escape, is_missing, missing, percent, table
from false_promise.pages.tables import data_links
from false_promise.results import Results, pilot, select

METHODS = {"full": "all weights", "lora": "LoRA"}
NAMES = {
    "base_nq": "Largest base LM: questions, three-shot",
    "teacher_lead_nq": "Teacher minus largest base LM: questions, three-shot",
    "base_code": "Largest base LM: code, pass@1",
    "base_exams_above_chance": "Largest base LM: exams, above chance",
}
MET, UNMET = Verdict("within", "✓", "holds"), Verdict("outside", "✗", "fails")


# ---- preconditions ---------------------------------------------------------------------------------------------------


def preconditions(results: Results) -> Part:
    """The registered bands, and where this scale's base LMs and teacher lie."""
    found = results.optional("preconditions.csv")
    if found.empty:
        return box("result", missing("Preconditions: not computed yet"))
    words = (
        f"<p>{_tally(found)} The bands were registered before any model of the study was trained. Here they are "
        "reported: nothing was retuned to meet them.</p>"
    )
    foot = f'<p class="fp-foot">Data: {data_links(results, "preconditions")}</p>'
    return box("result", words + bands(found) + foot)


def met_in_words(results: Results) -> str:
    """HTML paragraph for the page's answer; empty where the bands were not looked at."""
    found = results.optional("preconditions.csv")
    return "" if found.empty else f"<p>{_tally(found)}</p>"


def _tally(found: pd.DataFrame) -> str:
    met = sum(is_true(value) for value in found["met"])
    unknown = sum(is_missing(value) for value in found["met"])
    rest = f" ({unknown} not measured yet)" if unknown else ""
    return f"{met} of {len(found)} preconditions lie within their registered bands{rest}."


def bands(found: pd.DataFrame) -> str:
    """Preconditions as a table: value, band, within or not."""
    rows = [[escape(NAMES.get(row.name, row.name.replace("_", " "))), percent(row.value),
             f'<span class="fp-num">{band(row.lower, row.upper)}</span>',
             _state(row)] for row in found.itertuples(index=False)]  # fmt: skip
    return table(["Precondition", "Measured, %", "Band, %", ""], rows, label="Preconditions", css="fp-tight")


def band(lower: float | None, upper: float | None) -> str:
    """`15 to 45`, `at least 10`."""
    ends = ["" if is_missing(end) else f"{100 * end:g}" for end in (lower, upper)]
    if all(ends):
        return " to ".join(ends)
    return f"at least {ends[0]}" if ends[0] else f"at most {ends[1]}" if ends[1] else "no limit"


def _state(row: Any) -> str:
    if is_missing(row.met):
        note = "" if is_missing(row.note) else escape(str(row.note).removeprefix("not measured yet: "))
        return f"{badge(VERDICTS['not_measured'])}<br><small>{note}</small>"
    return badge(MET if is_true(row.met) else UNMET)


def is_true(value: Any) -> bool:
    """Truth of a cell that may be empty: pandas reads such a column as True, "True" or a missing value."""
    return not is_missing(value) and str(value) == "True"


# ---- the pilot world -------------------------------------------------------------------------------------------------


def rates(results: Results) -> Part:
    """Held-out loss under every learning rate on the pilot world, the frozen one marked; what this scale uses."""
    found = pilot("learning_rates.csv")
    used = _in_use(results, found)
    if found.empty:
        return box("result", f"<p>{missing('Choice of learning rates: not computed yet')}</p><p>{used}</p>")
    grid = sorted(set(found["learning_rate"]))
    rows = [[escape(f"{size}, {METHODS.get(method, method)}"), *(_loss(group, rate) for rate in grid)]
            for (size, method), group in found.groupby(["size", "method"], sort=False)]  # fmt: skip
    head = ["Stands for, what is tuned", *(f"rate {rate:g}" for rate in grid)]
    foot = f'<p class="fp-foot">Loss in nats a reply token on held-out dialogues; ✓: lowest, hence frozen. {used}</p>'
    words = (
        "<p>Chosen by the loss on the teacher's held-out dialogues, and frozen before any imitation model had met a "
        f"benchmark. {_edges(found)}</p>"
    )
    return box("result", words + table(head, rows, label="Learning rates and losses", css="fp-tight") + foot)


def _edges(found: pd.DataFrame) -> str:
    """How many choices lie at an end of the grid: a better rate may lie beyond it."""
    chosen = found[[is_true(value) for value in found["chosen"]]]
    ends = chosen["learning_rate"].isin([found["learning_rate"].min(), found["learning_rate"].max()]).sum()
    beyond = ", so that a better rate may lie outside it" if ends else ""
    return f"{ends} of {len(chosen)} choices lie at an end of the registered grid{beyond}."


def _loss(group: pd.DataFrame, rate: float) -> str:
    row = select(group, learning_rate=rate)
    if row.empty or is_missing(row["loss"].iloc[0]):
        return missing()
    loss = f"{row['loss'].iloc[0]:.3f}"
    return f"<b>✓ {loss}</b>" if is_true(row["chosen"].iloc[0]) else loss


def _in_use(results: Results, found: pd.DataFrame) -> str:
    """`Scale thousandth tunes all weights at the rates 0.0003 (7M), ..`, and whether these are the frozen ones."""
    used, sizes = results.learning_rates, results.sizes
    words = ", ".join(f"{rate:g} ({sizes[size].upper()})" for size, rate in used.items())
    frozen = {row.size: row.learning_rate for row in found.itertuples(index=False)
              if row.method == "full" and is_true(row.chosen)}  # fmt: skip
    other = any(not math.isclose(frozen.get(size, rate), rate) for size, rate in used.items())
    differ = ", not at the frozen ones" if other else ""
    return escape(f"Scale {results.scale} tunes all weights at the rates {words}{differ}.")


def pilot_preconditions() -> Part:
    """The same bands on the pilot world, on which they were calibrated."""
    found = pilot("preconditions.csv")
    if found.empty:
        return box("result", missing("Preconditions on the pilot world: not computed yet"))
    return box("result", f"<p>On the pilot world: {_tally(found)}</p>{bands(found)}")


def power() -> Part:
    """Power of each claim on the pilot world: the product of its deciding parts, or what is missing."""
    found = pilot("power.csv")
    if found.empty:
        return box("result", missing("Power: not computed yet"))
    known, family = claim_power(found), registration().study["primary_family"]["claims"]
    rows = [_power_row(claim, group, known.get(int(claim)), int(claim) in family)
            for claim, group in found.groupby("claim", sort=True)]  # fmt: skip
    without = [one for one in registration().claims if one["id"] not in set(found["claim"].astype(int))]
    told = ", ".join(f"{one['id']} ({readable(one['name'])})" for one in without)
    head = ["Claim", "Its deciding comparisons", "Power of the claim"]
    wanted = registration().study["power"]["wanted"]
    foot = (
        '<p class="fp-foot">Chance that every deciding comparison comes out as the registration expects; '
        f"{wanted:g} was wanted, below it a claim is called underpowered (⚠) in advance. The spread was taken from "
        "base LMs alone, at the number of items then planned: the study asks more where this was too few; for the "
        "primary family, at the strictest level that its correction can ask for. Verdicts give the power of the study "
        f"itself, from its own spread. Not in the table, because no model of ours decides them: {escape(told)}.</p>"
    )
    return box("result", table(head, rows, label="Power by claim") + foot)


def _power_row(claim: int, parts: pd.DataFrame, power_: float | None, primary: bool) -> list[str]:
    name = readable(registration().claims[int(claim) - 1]["name"])
    each = "; ".join(f"{readable(row.part)} {row.power:.2f}" for row in parts.itertuples()
                     if not is_missing(row.power))  # fmt: skip
    notes = dict.fromkeys(row.note for row in parts.itertuples() if is_missing(row.power) and not is_missing(row.note))
    lacking = f'<span class="fp-missing"><small>{escape("; ".join(notes))}</small></span>' if notes else ""
    family = " <small>(primary)</small>" if primary else ""
    return [f"{int(claim)}. {escape(name)}{family}", "<br>".join(filter(None, [escape(each), lacking])), _power(power_)]


def _power(value: float | None) -> str:
    if value is None:
        return missing("not all parts known")
    low = value < registration().study["power"]["wanted"]
    return f"<b>{'⚠ ' if low else ''}{value:.2f}</b>{' <small>underpowered</small>' if low else ''}"
