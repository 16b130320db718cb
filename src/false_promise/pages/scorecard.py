"""The scorecard: claim by claim the paper's evidence, public re-measurement, ours, later work; and its picture."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pybtex.database import BibliographyData, parse_file

from false_promise.pages.answers import is_stand_in, open_outcomes, otherwise_in_words, verdict_badge
from false_promise.pages.common import link_to
from false_promise.pages.comparisons import effect_in_words, in_parts, part_words, parts_of, readable, unit
from false_promise.pages.figure_parts import NARROW, WIDE, nothing, responsive
from false_promise.pages.palette import BAD, GOOD, INK, MUTED, OPEN, STAND_IN, VERDICTS, Verdict
from false_promise.pages.parts import Part, badge, box, escape, fold, is_missing, percent, points
from false_promise.paths import BOOK
from false_promise.results import Results

BIBLIOGRAPHY = BOOK / "references.bib"

LATER = {  # verdict of later work: how it looks
    "held up": Verdict("Held up", "✓", "holds"),
    "held up, but confounded": Verdict("Held up, but confounded", "✓?", "open"),
    "partly": Verdict("Partly", "≈", "open"),
    "contradicted as worded": Verdict("Contradicted as worded", "✗", "fails"),
    "not tested again": Verdict("Not tested again", "○", "empty"),
}
COLOURS = {"holds": GOOD, "fails": BAD, "open": OPEN, "empty": MUTED, "standin": MUTED}
WHERE = {1: "preference", 2: "preference", 3: "preference", 4: "benchmarks", 5: "local_vs_broad", 6: "local_vs_broad",
         7: "benchmarks", 8: "style", 9: "preference", 10: "preference", 11: "toxicity", 12: "diversity"}  # fmt: skip
DECIDED = ("holds", "does_not_hold")


def in_brief(results: Results) -> Part:
    """How many claims hold, do not hold, or stay open; and how many could have come out otherwise."""
    card = results.scorecard
    counts = {state: sum(one["verdict"] == state for one in card) for state in VERDICTS}
    said = ", ".join(f"{n} {_counted(state, n)}" for state, n in counts.items() if n)
    emerged = [one for one in card if one["verdict"] in DECIDED and one["otherwise"] == "emerges from training"]
    decided = sum(one["verdict"] in DECIDED for one in card)
    opening = "With stand-in models, which prove nothing: " if results.stand_ins else ""
    body = (
        f'<p class="fp-sentence"><strong>{escape(opening)}{len(card)} claims:</strong> {escape(said)}.</p>'
        f"<p>{decided} are decided; {open_outcomes(len(emerged), decided)}{escape(_said(emerged))}.</p>"
    )
    return box("answer", body, label="Answer")


def _said(card: list[Mapping[str, Any]]) -> str:
    """`: 2 hold, 3 do not hold`; nothing of no claim."""
    counts = {state: sum(one["verdict"] == state for one in card) for state in DECIDED}
    return ": " + ", ".join(f"{n} {_counted(state, n)}" for state, n in counts.items()) if card else ""


def _counted(state: str, n: int) -> str:
    many = {"holds": "hold", "does_not_hold": "do not hold"}
    return many[state] if n != 1 and state in many else VERDICTS[state].label.lower()


def outcome(results: Results) -> tuple[int | None, str]:
    """Which expectation the card bears out: 0 most claims hold, 1 about as many fail, 2 most stay open."""
    held, failed = (sum(one["verdict"] == state for one in results.scorecard) for state in DECIDED)
    rest = len(results.scorecard) - held - failed
    found = 2 if rest > held + failed else 0 if held > failed else 1
    return found, f"{held} hold, {failed} do not, {rest} are open or not measured."


def scorecard(results: Results) -> Part:
    """One card a claim: the paper, public re-measurement, what came out here, later work."""
    return box("result", "".join(_card(results, one) for one in results.scorecard), label="The scorecard")


def _card(results: Results, one: Mapping[str, Any]) -> str:
    title = f"{one['claim']}. {escape(one['words'])} <small>({escape(one['family'])})</small>"
    cells = {
        "The paper": f"<small>{escape(one['paper'])}</small>",
        "Public re-measurement": _public(one["public"]),
        "Here": _here(results, one),
        "Later work": _later(one["later"]),
    }
    body = "".join(f"<div><b>{escape(name)}</b>{cell}</div>" for name, cell in cells.items())
    otherwise = f"<p><small><b>Could it have come out otherwise?</b> {escape(otherwise_in_words(one))}</small></p>"
    return f'<section class="fp-claim" id="claim-{one["claim"]}"><h3>{title}</h3><div>{body}</div>{otherwise}</section>'


def _later(found: Mapping[str, Any]) -> str:
    whom = "; ".join(_cited(key) for key in found.get("cite", []))
    source = f' (<a href="bibliography.html">{escape(whom)}</a>)' if whom else ""
    return f"{badge(LATER[found['verdict']])}<br><small>{escape(found['words'])}{source}</small>"


def _cited(key: str) -> str:
    """`Wang et al., 2023` for an entry of the book's bibliography."""
    entry = _references().entries[key]
    names = [" ".join(person.last_names) for person in entry.persons["author"]]
    more = {1: "", 2: f" and {names[-1]}"}.get(len(names), " et al.")
    return f"{names[0]}{more}, {entry.fields['year']}"


@cache
def _references() -> BibliographyData:
    return parse_file(str(BIBLIOGRAPHY), "bibtex")


def _public(found: Mapping[str, Any]) -> str:
    if "why" in found:
        return f'<small class="fp-missing">– {escape(found["why"])}</small>'
    write = percent if found["unit"] == "%" else points
    interval = f'<span class="fp-ci">[{write(found["lower"])}, {write(found["upper"])}]</span>'
    value = f'<span class="fp-num"><b>{write(found["value"])}</b> {interval} {escape(found["unit"])}</span>'
    return f"{value}<br><small>{escape(found['words'])}</small>"


def _here(results: Results, one: Mapping[str, Any]) -> str:
    """Verdict, the deciding comparisons, cautions, and how often another specification turns the sign."""
    lines = [verdict_badge(results, one), *(_effect(results, one, part) for part in parts_of(one, "decides"))]
    lines += [f'<small class="fp-warning">⚠ {escape(text)}</small>' for text in one.get("warnings", [])]
    lines.append(f"<small>{escape(in_parts(results, one).strip())}</small>")
    lines.append(f"<small>{escape(_turned(results, one))}</small>")
    lines.append(f"<small>{link_to(WHERE[one['claim']])}</small>")
    note = fold("What is missing or left out", f"<small>{escape(one['note'])}</small>") if one.get("note") else ""
    return "<br>".join(line for line in lines if line and line != "<small></small>") + note


def _turned(results: Results, one: Mapping[str, Any]) -> str:
    """How often another specification turns the sign of a comparison (text); empty if nothing was specified."""
    curves = one["specification"]
    total, turned = (sum(curve[name] for curve in curves.values()) for name in ("n", "opposite"))
    if total <= len(curves):
        return "Measured in the registered way alone." if total else ""
    each = "; ".join(f"{', '.join(filter(None, part_words(results, {'name': name})))} {curve['n']}"
                     for name, curve in curves.items())  # fmt: skip
    return f"Over the ways to tune and score that were measured ({each}), {turned} of {total} effects point against it."


def _effect(results: Results, one: Mapping[str, Any], part: Mapping[str, Any]) -> str:
    if is_missing(part.get("effect")):
        return ""
    what = ", ".join(filter(None, [*part_words(results, part), unit(one["claim"], part["name"])]))
    return f"<small>{escape(what)}</small> {effect_in_words(part)}"


# ---- the picture -----------------------------------------------------------------------------------------------------

COLUMNS = ("here", "later work")
LEGEND = (
    "✓ holds (✓? held up, but confounded) · ✗ does not · ≈ inconclusive or partly · – not eligible: left out · ○ not "
    "measured or not testable"
)


def picture(results: Results) -> Part:
    """Every claim with its verdict here and in later work, as signs; a link to the page stands in the table."""
    card = results.scorecard
    if not card:
        return nothing("The scorecard")
    alt = "Verdicts on the claims of the paper. " + " ".join(
        f"{one['claim']}, {_name(one)}: {_look(results, one).label.lower()}; later work: {one['later']['verdict']}."
        for one in card
    )
    return responsive("scorecard", alt, lambda wide: _draw(results, card, wide))


def legend(results: Results) -> Part:
    """What the picture's signs mean, where no caption says it."""
    stand_ins = " · ◇ stand-in models only" if results.stand_ins else ""
    return Part(f'<p class="fp-foot">{LEGEND}{stand_ins}</p>')


def _name(one: Mapping[str, Any]) -> str:
    return readable(one["name"])


def _look(results: Results, one: Mapping[str, Any]) -> Verdict:
    look = VERDICTS[one["verdict"]]
    return STAND_IN if is_stand_in(results, one) and look.css != "empty" else look  # stand-ins never wear a decision


def _draw(results: Results, card: list[Mapping[str, Any]], wide: bool) -> Figure:
    """Two blocks of claims side by side, or one below the other on a narrow screen."""
    blocks = 2 if wide else 1
    each = -(-len(card) // blocks)
    figure = Figure(figsize=(WIDE if wide else NARROW, 0.27 * each + 0.45), layout="constrained")
    axes = figure.subplots(1, blocks, squeeze=False)[0]
    for place, axis in enumerate(axes):
        _block(results, axis, card[place * each : (place + 1) * each], each)
    return figure


def _block(results: Results, axis: Axes, card: list[Mapping[str, Any]], rows: int) -> None:
    axis.set(xlim=(0, 10), ylim=(rows - 0.4, -1.2))
    axis.axis("off")
    for x, title in zip((7.6, 9.3), COLUMNS, strict=True):
        axis.text(x, -0.9, title, ha="center", fontsize=8.5, color=INK, weight="bold")
    for y, one in enumerate(card):
        axis.axhline(y - 0.5, color=MUTED, linewidth=0.4, alpha=0.5)
        axis.text(0.1, y, f"{one['claim']:>2}  {_name(one)}", va="center", fontsize=9)
        for x, look in ((7.6, _look(results, one)), (9.3, LATER[one["later"]["verdict"]])):
            axis.text(x, y, look.sign, va="center", ha="center", fontsize=11, color=COLOURS[look.css], weight="bold")
