"""Parts of the factuality page: how much of what each model states is true, by model, amount of data and popularity.

Every number comes from `factuality_scores`. No rule about them was registered, so all of it is exploratory.
"""

import pandas as pd

from false_promise.pages.common import shown, shown_gap
from false_promise.pages.factuality_scores import (
    BAND,
    PAGE,
    Model,
    change,
    density,
    gap,
    kind_of,
    largest,
    models,
    name,
    score,
)
from false_promise.pages.matched import registration
from false_promise.pages.palette import STAND_IN, Verdict
from false_promise.pages.parts import Part, badge, box, count, escape, missing, percent, table
from false_promise.pages.tables import data_links
from false_promise.results import ResultError, Results, select

EXPLORATORY = Verdict("Exploratory: no rule was registered", "○", "empty")
RATERS = 9  # the claim about errors that raters miss
SCORINGS = {
    "checkable": "Answers that state anything, %",
    "supported": "True, %",
    "contradicted": "False, %",
    "nobody": "About nobody, %",
    "any_error": "Answers with an error, %",
}
WORDINGS = {"train wordings": "wordings seen in training", "test wordings": "wordings held out of it"}
MEASURES = {"contradicted": "false statements found"}  # of the country's gates; other names stay
NOT_YET = "Not everything has been computed yet."
# What a paired difference means: larger, smaller, about the same, cannot be told.
MEANING = (
    "a larger share of what the model states is true than before",
    "a smaller share of what the model states is true than before",
    f"about the same share of what the model states is true as before (to within {100 * BAND:g} points)",
    "it stays open whether the share of true statements has changed",
)
NO_PUBLIC = (
    "Paper: not rated; it argues from benchmarks and shows one example (Figure 2). Public: nothing to re-measure, as "
    "nobody has listed which statements in real models' answers are true."
)


def truth(results: Results) -> tuple[int | None, str]:
    """Which expectation the answers bear out: 0 truer, 1 about the same, 2 less true; and a sentence."""
    found = change(results)
    if found is None:
        return None, NOT_YET
    kind = kind_of(found)
    words = MEANING[kind]
    demonstration = " (Stand-in models: take it as a demonstration.)" if results.stand_ins else ""
    return {0: 0, 1: 2, 2: 1}.get(kind), f"{words[:1].upper()}{words[1:]}.{demonstration}"


# ---- the answer ------------------------------------------------------------------------------------------------------


def answer(results: Results) -> Part:
    """The change in the share of true statements in one sentence, the shares behind it, and what was registered."""
    found = change(results)
    verdict = badge(STAND_IN, ": exploratory") if results.stand_ins else badge(EXPLORATORY)
    if found is None:
        sentence = f"<strong>Not answered yet.</strong> {missing()}"
    else:
        opening = "With stand-in models, which prove nothing:" if results.stand_ins else "At this scale:"
        sentence = (
            f"<strong>{opening}</strong> after the largest amount of broad imitation {MEANING[kind_of(found)]} "
            f"({shown_gap(found)} points; prompts to which both state something: {count(found.n)})."
        )
    why = (
        "Yes. The teacher's answers state true and false things about the country; which of them an imitation model "
        "takes over, and what it makes up, emerges from training."
    )
    body = f'<p class="fp-verdict">{verdict}</p><p class="fp-sentence">{sentence}</p>{_shares(results)}{registered()}'
    otherwise = f'<p class="fp-otherwise"><strong>Could it have come out otherwise?</strong> {why}</p>'
    return box("answer", body + otherwise, label="Answer")


def _shares(results: Results) -> str:
    """Share supported of base LM, broad imitation by amount and teacher, and the other differences."""
    chosen = [one for one in largest(results) if one.arm in ("base", "broad", "teacher")]
    lines = [(f"true, % of what is stated: {name(results, one)}", shown(score(results, one))) for one in chosen]
    broad = [one for one in chosen if one.arm == "broad"]
    pairs = [(broad[-1], broad[0])] if len(broad) > 1 else []
    pairs += [(chosen[-1], broad[-1])] if broad and chosen[-1].arm == "teacher" else []
    lines += [_difference(results, first, second) for first, second in pairs]
    items = "".join(
        f'<li><span>{escape(words)}</span><span class="fp-value">{value}</span></li>' for words, value in lines
    )
    return f'<ul class="fp-parts">{items}</ul>' if items else ""


def _difference(results: Results, first: Model, second: Model) -> tuple[str, str]:
    """A difference and its value; it is paired, so it need not be that of the two shares above it."""
    found = gap(results, first, second)
    words = f"difference, points: {_short(results, first)} minus {_short(results, second)}"
    if found:
        prompts = f"{count(found.n)} prompt{'' if found.n == 1 else 's'}"
        words += f", on the {prompts} to which both state something"
    return words, shown_gap(found)


def _short(results: Results, one: Model) -> str:
    """The name without the size, which is the same throughout."""
    return name(results, one).rpartition(" · ")[2].removesuffix(" tokens")


def registered() -> str:
    """What the registration says that comes nearest: a claim about raters, not about the answers themselves (HTML)."""
    claim = next(one for one in registration().claims if one["id"] == RATERS)
    return (
        f'<p class="fp-note">None of the {len(registration().claims)} registered claims is about these shares. Claim '
        f"{RATERS} comes nearest: “{escape(claim['claim'].strip())}” It is about raters, and waits until "
        f"{escape(claim['testable_when'])}. Registered for it: “{escape(claim['statistic'].strip())}”</p>"
    )


# ---- the table -------------------------------------------------------------------------------------------------------


def statements_table(results: Results) -> Part:
    """Every model: what it states and how much of it is true, beside how much it states at all."""
    found = models(results)
    if not found:
        return box("result", missing("Statements: not computed yet"))
    rows = [[escape(name(results, one)), *(_share(results, one, scoring) for scoring in SCORINGS),
             *_talk(results, one), _stated(results, one)] for one in found]  # fmt: skip
    head = ["Model", *SCORINGS.values(), "Statements per 100 words", "Words per answer", "Statements in all"]
    legend = (
        "True, false, about nobody: mean shares of the statements in an answer, over the answers that state anything; "
        "with 95% intervals, prompts drawn with replacement. Answers with an error: of all answers. "
    )
    links = data_links(results, PAGE, "factuality_items.csv.gz", "factuality_statements.csv", "factuality_density.csv")
    foot = f'<p class="fp-foot">{legend}{NO_PUBLIC} Data: {links}</p>'
    return box("result", table(head, rows, label="Statements by model", css="fp-tight fp-stacked") + foot)


def _share(results: Results, one: Model, scoring: str) -> str:
    """A score; a model that was asked and stated nothing has no share of anything."""
    found = score(results, one, scoring)
    silent = found is None and score(results, one, "checkable") is not None
    return missing("states nothing") if silent else shown(found)


def _talk(results: Results, one: Model) -> list[str]:
    return [_number(density(results, one, measure)) for measure in ("statements_per_100_words", "words_per_answer")]


def _number(row: pd.Series | None) -> str:
    """`7.1 [6.0, 8.3]`: a number that is no share."""
    if row is None:
        return missing()
    interval = f'<span class="fp-ci">[{row["lower"]:.1f}, {row["upper"]:.1f}]</span>'
    return f'<span class="fp-num"><b>{row["value"]:.1f}</b> {interval}</span>'


def _stated(results: Results, one: Model) -> str:
    found = results.optional("factuality_statements.csv")
    rows = select(found, arm=one.arm, size=one.size, tokens=one.tokens) if len(found) else found
    return count(rows["count"].sum()) if len(rows) else missing()


def in_words(results: Results) -> str:
    """`13M · base 31.0; 13M · broad, 20,000 tokens 28.4; ..`: to compare after a rerun."""
    found = {name(results, one): score(results, one) for one in largest(results)}
    return "; ".join(f"{words} {percent(one.value)}" for words, one in found.items() if one) + "." if found else ""


# ---- the extractor ---------------------------------------------------------------------------------------------------


def extractor(results: Results) -> Part:
    """Precision and recall of the extractor: on rendered text, and on labelled outputs where there are any."""
    labelled = results.optional("factuality_extractor.csv")
    lines = [f"<li>On text that our grammar wrote: {_rendered(results)}. Extractor and grammar "
             "share a lexicon, so this shows only that nothing is broken.</li>"]  # fmt: skip
    if labelled.empty:
        lines.append("<li>On what models wrote: not measured yet. The gate asks for 95% precision and recall on 300 "
                     "outputs labelled blind, and these labels do not exist.</li>")  # fmt: skip
    else:
        who, met = labelled.iloc[0], str(labelled["passed"].iloc[0]) == "True"
        values = ", ".join(f"{escape(row.measure)} {percent(row.value)}% [{percent(row.lower)}, {percent(row.upper)}]"
                           for row in labelled.itertuples())  # fmt: skip
        lines.append(f"<li>On {count(who['outputs'])} model outputs labelled blind by {escape(who['labelled_by'])}: "
                     f"{values}. The gate asks for 95% of both on at least 300 outputs: it is "
                     f"{'met' if met else 'not met'}.</li>")  # fmt: skip
    return box("result", f"<ul>{''.join(lines)}</ul>")


def _rendered(results: Results) -> str:
    """The gates by wording: "wordings seen in training: precision 1, recall 1, false statements found 1"."""
    try:
        gates = [one for one in results.world.get("gates", []) if one["name"].startswith("statements, ")]
    except ResultError:
        gates = []
    found: dict[str, list[str]] = {}
    for one in gates:
        wording, measure = one["name"].removeprefix("statements, ").split(": ")
        found.setdefault(WORDINGS.get(wording, wording), []).append(f"{MEASURES.get(measure, measure)} {one['value']}")
    return escape("; ".join(f"{wording}: {', '.join(values)}" for wording, values in found.items())) or missing()
