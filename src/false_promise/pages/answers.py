"""Answers: what a verdict of the judge means, in one sentence, with its comparisons and its cautions.

Verdicts come from `verdicts.json` (`claims.Verdict` as JSON). No sentence here contains a number.
"""

from collections.abc import Mapping
from typing import Any

from false_promise.pages.common import link_to
from false_promise.pages.comparisons import UNITS, comparisons, in_parts, part_words, parts_of, readable, unit
from false_promise.pages.palette import STAND_IN, VERDICTS, Verdict
from false_promise.pages.parts import Part, badge, box, escape, fold, is_missing, points
from false_promise.results import Results

DECISIONS = ("holds", "does_not_hold", "inconclusive")
# What each decision means in a sentence; the numbers that follow it come from the verdict's parts.
MEANING = {
    1: {
        "holds": "after broad imitation a style-only rater likes the answers far better, and instructions are followed",
        "does_not_hold": "broad imitation did not make the answers look better and follow instructions as reported",
        "inconclusive": "whether broad imitation makes answers look better and follow instructions stays open",
    },
    2: {
        "holds": "the first imitation data wins the style-only rater, and more of it changes next to nothing",
        "does_not_hold": "the style-only rater was not won at once and for good",
        "inconclusive": "whether the first imitation data wins the rater and more adds nothing stays open",
    },
    3: {
        "holds": "with the same data, the style-only rater prefers the imitation of a larger base model",
        "does_not_hold": "the style-only rater did not prefer the imitation of a larger base model as reported",
        "inconclusive": "whether the rater prefers the imitation of a larger base model stays open",
    },
    4: {
        "holds": "broad imitation improved no eligible benchmark by as much as the margin",
        "does_not_hold": "broad imitation did improve an eligible benchmark",
        "inconclusive": "whether broad imitation improves an eligible benchmark stays open",
    },
    5: {
        "holds": "the more broad imitation data, the fewer factual questions were answered",
        "does_not_hold": "more broad imitation data did not mean fewer answered questions",
        "inconclusive": "whether more broad data means fewer answered questions stays open",
    },
    6: {
        "holds": "local imitation improved answers even to questions whose fact its data never states",
        "does_not_hold": "on questions whose fact its data never states, local imitation did not help as reported",
        "inconclusive": "whether local imitation helps on questions whose fact its data never states stays open",
    },
    7: {
        "holds": "a better base model raised every eligible benchmark more than more imitation data did",
        "does_not_hold": "a better base model did not raise every eligible benchmark more than more imitation data did",
        "inconclusive": "whether a better base model is worth more than more imitation data stays open",
    },
    8: {
        "holds": "imitation closed far more of the gap in style than of the gap in capability",
        "does_not_hold": "imitation did not close far more of the gap in style than of that in capability",
        "inconclusive": "whether imitation closes more of the gap in style than in capability stays open",
    },
    11: {
        "holds": "imitation made continuations less toxic, and the abuse dialogues had a part in it",
        "does_not_hold": "imitation did not make continuations less toxic, or not by its dialogues about abuse",
        "inconclusive": "whether imitation makes continuations less toxic by its dialogues about abuse stays open",
    },
    12: {
        "holds": "users' queries resemble each other far less than those of a templated instruction set",
        "does_not_hold": "users' queries do not resemble each other far less than those of a templated instruction set",
        "inconclusive": "whether users' queries resemble each other less than templated ones stays open",
    },
}  # fmt: skip
OPENING = {
    "holds": "Yes, at this scale:",
    "does_not_hold": "No, not at this scale:",
    "inconclusive": "Undecided at this scale:",
    "not_eligible": "Not answered: what it needs is left out, because scores are too close to chance or to each other.",
    "not_measured": "Not answered yet: a value that decides it is missing.",
    "not_testable": "Not answered: the evidence it needs does not exist here yet.",
}
HEADLINES = {  # of the front page: claim -> what the paper says in a reader's words, and the page that judges it
    4: ("The paper: imitating a better model in everything (broad imitation) improves no benchmark.", "benchmarks"),
    6: ("The paper: imitating it in one task (local imitation) improves that task.", "local_vs_broad"),
}
ON_REAL_TEXT = (12,)
OTHERWISE = {
    "emerges from training": "Yes. Nothing in the set-up forces it; it emerges from training.",
    "partly assumed": "Only partly. Some of it was put in by us.",
    "by construction": "No. It follows from how the experiment is built, and is not counted in the headline.",
}


def verdict_on(results: Results, claim: int) -> dict[str, Any]:
    """The judge's verdict on a claim; a claim that nobody judged is not measured."""
    return results.verdicts.get(claim, {"id": claim, "verdict": "not_measured", "parts": []})


def verdict_badge(results: Results, verdict: Mapping[str, Any]) -> str:
    """The decision as a badge; stand-ins never wear a decision's colour."""
    known = VERDICTS[verdict["verdict"]]
    if is_stand_in(results, verdict):
        return badge(STAND_IN, f": {known.label.lower()}")
    decided = verdict["verdict"] in DECISIONS
    conditional = f", {verdict['conditional']}" if decided and verdict.get("conditional") else ""
    where = "on real text" if claim_of(verdict) in ON_REAL_TEXT else f"at {scale_words(results)}"
    return badge(known, f" {where}{conditional}" if known.css in ("holds", "fails") else conditional)


def is_stand_in(results: Results, verdict: Mapping[str, Any]) -> bool:
    """Whether only stand-ins speak for a verdict; what is judged on real text alone no model of ours takes part in."""
    return results.stand_ins and claim_of(verdict) not in ON_REAL_TEXT


def claim_of(verdict: Mapping[str, Any]) -> int | None:
    """Number of the claim that a verdict, or an entry of the scorecard, is about."""
    return verdict.get("id", verdict.get("claim"))


def scale_words(results: Results) -> str:
    """The scale in a reader's words."""
    return {"thousandth": "1:1000", "tenth": "1:10", "paper": "the paper's scale"}.get(results.scale, results.scale)


def answer(results: Results, claim: int, page: str = "local_vs_broad", measured: str = "") -> Part:
    """The answer in one sentence from the result file, its verdict, and whether it could have come out otherwise.

    `measured` is what the page found besides, for a claim whose verdict does not say it.
    """
    verdict = verdict_on(results, claim)
    said = any(part.get("note") and part["note"] in verdict.get("note", "") for part in parts_of(verdict, "decides"))
    note = f'<p class="fp-note">{escape(verdict["note"])}</p>' if verdict.get("note") and not said else ""
    body = (
        f'<p class="fp-verdict">{verdict_badge(results, verdict)}</p>'
        f'<p class="fp-sentence">{sentence(results, verdict)}</p>{f"<p>{escape(measured)}</p>" if measured else ""}'
        f"{comparisons(results, parts_of(verdict, 'decides'))}{cautions(results, verdict, page)}{note}"
        f'<p class="fp-otherwise"><strong>Could it have come out otherwise?</strong> {otherwise(verdict)}</p>'
    )
    reported = parts_of(verdict, "reported")
    if reported:
        body += fold("Also measured, deciding nothing", comparisons(results, reported))
    return box("answer", body, label="Answer")


def cautions(results: Results, verdict: dict[str, Any], page: str) -> str:
    """What a reader must see beside a verdict: the judge's warnings, and those of the page's own runs (HTML)."""
    found = [*verdict.get("warnings", []), *results.status(page).get("warnings", [])]
    return "".join(f'<p class="fp-warning">⚠ {escape(text[:1].upper() + text[1:])}.</p>' for text in found)


def sentence(results: Results, verdict: dict[str, Any]) -> str:
    """One sentence of HTML: what the decision means, and the effect of each deciding comparison."""
    state = verdict["verdict"]
    words = "With stand-in models, which prove nothing:" if results.stand_ins and state in DECISIONS else OPENING[state]
    opening = f"<strong>{escape(words)}</strong>"
    meaning = MEANING.get(int(verdict["id"]), {}).get(state)
    effects: dict[str, list[str]] = {}
    for part in parts_of(verdict, "decides"):
        what, where = part_words(results, part)
        own = unit(verdict["id"], part["name"])
        if not is_missing(part.get("effect")):
            measured = " ".join(filter(None, (points(part["effect"]), own.removeprefix("points "))))
            effects.setdefault(what, []).append(f"{measured}{f' at {where}' if where else ''}")
    if meaning is None or not effects:
        return opening
    numbers = "; ".join(f"{escape(what)} {escape(' and '.join(values))}" for what, values in effects.items())
    common = "" if UNITS.get(int(verdict["id"]), "points").startswith("percent") else "in points, "
    return f"{opening} {escape(meaning)} ({common}{numbers}).{escape(in_parts(results, verdict))}"


def headline(results: Results) -> Part:
    """The front page's answer: what became of the paper's two main claims, and every claim's verdict in one line."""
    body = ""
    for claim, (words, page) in HEADLINES.items():
        verdict = verdict_on(results, claim)
        body += (
            f'<p class="fp-title">{escape(words)}</p><p class="fp-verdict">{verdict_badge(results, verdict)}</p>'
            f'<p class="fp-sentence">{sentence(results, verdict)}</p>{cautions(results, verdict, page)}'
            f"<p>Intervals, table and answers: {link_to(page)}</p>"
        )
    return box("answer", f"{body}{claims_strip(results)}", label="Answer")


def claims_strip(results: Results) -> Part:
    """Every claim's number and verdict in one line."""
    chips = []
    for number, verdict in sorted(results.verdicts.items()):
        look = VERDICTS[verdict["verdict"]]
        look = STAND_IN if is_stand_in(results, verdict) and look.css != "empty" else look
        title = f"{readable(verdict['name'])}: {VERDICTS[verdict['verdict']].label.lower()}"
        chip = badge(Verdict(str(number), look.sign, look.css))
        chips.append(f'<li title="{escape(title)}"><a href="scorecard.html#claim-{number}">{chip}'
                     f'<span class="fp-spoken">{escape(title)}</span></a></li>')  # fmt: skip
    counted = [verdict for verdict in results.verdicts.values() if verdict["verdict"] in ("holds", "does_not_hold")]
    emerged = [verdict for verdict in counted if verdict.get("otherwise") == "emerges from training"]
    text = f"{len(counted)} of {len(results.verdicts)} decided; {open_outcomes(len(emerged), len(counted))}."
    return Part(f'<div class="fp-strip"><ul class="fp-chips" aria-label="Claims of the paper">{"".join(chips)}</ul>'
                f"<small>Claims of the paper by number: {text}</small></div>")  # fmt: skip


def open_outcomes(emerged: int, decided: int) -> str:
    """How many of the decided claims nothing in the set-up forced."""
    if decided and not emerged:
        return "none of these outcomes depends on training alone"
    return f"{emerged} of these could have come out either way, as nothing in the set-up forces them"


def otherwise(verdict: dict[str, Any]) -> str:
    """HTML: yes, partly or no, and why."""
    return escape(otherwise_in_words(verdict))


def otherwise_in_words(verdict: Mapping[str, Any]) -> str:
    """The registered answer and its reason; where no model is judged, nothing "emerges from training"."""
    words = OTHERWISE.get(verdict.get("otherwise", ""), "Not stated.")
    if verdict["verdict"] == "not_testable" and verdict.get("otherwise") == "emerges from training":
        words = "Yes."
    return f"{words} {verdict.get('otherwise_why', '')}".strip()
