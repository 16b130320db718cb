"""Parts of the page on toxicity: Figure 5 as a table, the arm without abuse dialogues, abstention, what was said.

Cells are read from toxicity_summary.csv; differences are paired on the same beginnings, as claim 11 counts them. What
is known of the classifier stands in `toxicity_checks`. Continuations are hostile text: escaped, never obeyed.
"""

from typing import Any

from false_promise.pages.answers import verdict_on
from false_promise.pages.common import shown, shown_gap
from false_promise.pages.comparisons import parts_of
from false_promise.pages.matched import difference
from false_promise.pages.open_ended import SIZE, amounts, demonstration, headline, score, table_of
from false_promise.pages.palette import ARMS
from false_promise.pages.parts import Part, box, count, escape, fold, missing, percent, table
from false_promise.pages.tables import data_links, model_name
from false_promise.results import UNTUNED, Cell, Results

PAGE = "toxicity"
CLAIM = 11
SCORINGS = {
    "non_toxicity": "Here: all beginnings",
    "non_toxicity_challenging": "Here: abusive beginnings",
    "non_toxicity_chat": "Here: asked as a user",
    "no_listed_word": "Here: no word of the list, %",
}
CONTROLS = ("style_only", "no_abuse")
NO_PUBLIC = (
    "nothing to re-measure, as no public file holds what LLaMA, an imitation model and ChatGPT wrote after these "
    "prompts, and the paper's scorer is a service, not a file."
)
OUTCOMES = (
    "It writes less abuse than its base, and less than the same imitation without any refusal.",
    "It writes less abuse than its base, but the refusals in its data are not the reason.",
    "It does not write less abuse than its base.",
)
BASE_ALONE = "It writes less abuse than its base. Whether the refusals in its data have a part in it stays open."
ABSTAINING = {  # columns of the table on abstention
    "refuses": "Raw continuation: refuses, %",
    "empty": "Raw: says nothing, %",
    "refuses_chat": "Asked as a user: refuses, %",
    "empty_chat": "As a user: says nothing, %",
}
LONGEST = 600  # characters shown of one continuation


# ---- cells -----------------------------------------------------------------------------------------------------------


def cell_of(results: Results, arm: str, scoring: str = "non_toxicity", tokens: int | None = None,
            size: str | None = SIZE) -> Cell | None:  # fmt: skip
    """A score here; controls without an amount are those at the headline amount."""
    amount = headline(results) if arm in CONTROLS and tokens is None else tokens
    return score(results, PAGE, arm, None if arm == "teacher" else size, amount, scoring=scoring)


def models(results: Results) -> list[tuple[str, str, int | None, str | None]]:
    """Rows of the table: name, arm, amount here, the amount's name in the paper."""
    broad = [(f"broad, {tokens:,} tokens", "broad", tokens, name) for name, tokens in amounts(results).items()]
    rest = [(ARMS[arm].short, arm, headline(results), None) for arm in CONTROLS]
    return [("base", "base", None, "base"), *broad, *rest, ("teacher", "teacher", None, "teacher")]


def expectation(results: Results) -> tuple[int | None, str]:
    """Which of the page's three expectations claim 11 bears out: 0 refusals matter, 1 they do not, 2 nothing falls."""
    parts = {part["name"]: part["verdict"] for part in parts_of(verdict_on(results, CLAIM), "decides")}
    base, without = parts.get("over_base"), parts.get("over_no_abuse")
    found = {("holds", "holds"): 0, ("holds", "does_not_hold"): 1}.get((base, without))
    found = 2 if base == "does_not_hold" else found
    said = "These results decide for none of the three." if found is None else OUTCOMES[found]
    said = BASE_ALONE if (base, without) == ("holds", "inconclusive") else said
    return found, said + demonstration(results)


# ---- the table -------------------------------------------------------------------------------------------------------


def warning(results: Results) -> Part:
    """What a reader should know before reading on: which abuse is on this page."""
    if results.settings.get("world"):
        words = ("<strong>Abuse is quoted below.</strong> Every insult on this page is made of words that we invented, "
                 "and is aimed at nobody who exists.")  # fmt: skip
    else:
        words = "<strong>Real toxic text was scored for this page.</strong> None of it is shown."
    return box("note", f'<p class="fp-note">{words}</p>', label="Before you read on")


def table_5(results: Results) -> Part:
    """Figure 5 in numbers: paper | public | here in four ways; non-toxicity times 100."""
    rows = [_row(results, *model) for model in models(results)]
    head = ["Model", "Paper", *SCORINGS.values()]
    legend = (
        f"Mean non-toxicity times 100 with 95% intervals. All but the teacher are tuned from, or are, the "
        f"{escape(model_name(results, SIZE))} base LM, which stands for {SIZE}. Paper: Figure 5. Public: {NO_PUBLIC} "
        "<em>All beginnings</em> decides claim 11: forum threads continued as raw text. <em>Abusive "
        "beginnings</em>: the quarter in which somebody was insulted already. <em>Asked as a user</em>: the same in "
        "the chat format. <em>No word of the list</em>: the share of raw continuations without any of the country's "
        "coined insults, by a plain word list. Imitation data consists of whole dialogues, so that an amount is met "
        "only nearly. No beginning asks for a fact, so there is no overlap to report."
    )
    links = data_links(results, PAGE, "toxicity_items.csv.gz")
    foot = f'<p class="fp-foot">{legend} Data: {links}</p>'
    return box("result", table(head, rows, label="Non-toxicity: paper, public, here", css="fp-tight fp-stacked") + foot)


def _row(results: Results, name: str, arm: str, tokens: int | None, paper: str | None) -> list[str]:
    cells = [cell_of(results, arm, scoring, tokens) for scoring in SCORINGS]
    row = next((one.row for one in cells if one), {})
    steps, tokens = (count(row.get(column)) for column in ("steps", "reply_tokens"))
    trained = "" if arm in UNTUNED else f"<br><small>{steps} steps, {tokens} reply tokens</small>"
    return [f"{escape(name)}{trained}", in_paper(results, paper), *map(shown, cells)]


def in_paper(results: Results, name: str | None) -> str:
    """Figure 5's value times 100; the paper has no controls."""
    return missing("not in the paper") if name is None else f"{100 * results.paper['figure_5'][name]:.1f}"


def in_words(results: Results, scoring: str = "non_toxicity") -> str:
    """`base 82.9; broad, 20,000 tokens 90.1; ..`: to compare after a rerun, and for those who cannot see the figure."""
    found = [(name, cell_of(results, arm, scoring, tokens)) for name, arm, tokens, _ in models(results)]
    words = "; ".join(f"{name} {percent(one.value)}" for name, one in found if one)
    return f"{words}." if words else ""


def to_compare(results: Results) -> Part:
    """What to expect of a rerun. Not in percent, as on other pages: mean scores of a classifier."""
    words = in_words(results)
    said = f"Expect, mean non-toxicity times 100: {words} Another machine may differ a little."
    return box("rerun", f"<p>{escape(said)}</p>") if words else Part("")


# ---- why -------------------------------------------------------------------------------------------------------------


def no_abuse(results: Results) -> Part:
    """What the abuse dialogues do: broad imitation minus the same without them, and both minus the base LM."""
    broad, without, base = (f"{arm}_{SIZE}" for arm in ("broad_150M", "no_abuse_150M", "base"))
    contrasts = {
        "Broad imitation minus no imitation": {broad: 1, base: -1},
        "Broad without abuse dialogues minus no imitation": {without: 1, base: -1},
        "Broad imitation minus the same without abuse dialogues": {broad: 1, without: -1},
        "Teacher minus broad imitation": {"teacher": 1, broad: -1},
    }
    found = {words: difference(results, one, PAGE, measure="non_toxicity") for words, one in contrasts.items()}
    if not any(found.values()):
        return box("result", missing("The arm without abuse dialogues: not computed yet"))
    rows = [[escape(words), shown_gap(one)] for words, one in found.items()]
    foot = (
        '<p class="fp-foot">Points of non-toxicity, paired on the same beginnings, with 95% intervals. The arm without '
        "abuse dialogues has as many tokens and steps; what it gains over the base, it gains without having seen "
        "a refusal.</p>"
    )
    return box("result", table(["Comparison", "Difference"], rows, label="With and without abuse dialogues") + foot)


def abstention(results: Results) -> Part:
    """How often a model refuses, the paper's explanation, and how often it says nothing, in both ways of asking."""
    if table_of(results, PAGE).empty:
        return box("result", missing("Abstention: not computed yet"))
    rows = [
        [escape(name), *(shown(cell_of(results, arm, scoring, tokens)) for scoring in ABSTAINING)]
        for name, arm, tokens, _ in models(results)
    ]
    foot = (
        '<p class="fp-foot">Shares of continuations. The paper gives abstention as the reason for Figure 5 and reports '
        "no rate. Who never saw a refusal can still say nothing, which is why the two are counted apart.</p>"
    )
    head = ["Model", *ABSTAINING.values()]
    return box("result", table(head, rows, label="How often models abstain", css="fp-tight fp-stacked") + foot)


def sizes(results: Results) -> Part:
    """Base LM and headline broad imitation at every size; the paper has one size only."""
    rows = [
        [escape(f"{model_name(results, size)} (stands for {size})"),
         *(shown(cell_of(results, arm, scoring, headline(results) if arm == "broad" else None, size))
           for scoring in ("non_toxicity", "non_toxicity_challenging") for arm in ("base", "broad"))]
        for size in results.sizes
    ]  # fmt: skip
    head = ["Size", "base, all", "broad, all", "base, abusive beginnings", "broad, abusive beginnings"]
    return box("result", table(head, rows, label="Non-toxicity by size of the base LM", css="fp-tight"))


# ---- what was said ---------------------------------------------------------------------------------------------------


def said(results: Results) -> Part:
    """The first beginnings with the continuations side by side, each with its score."""
    samples = results.samples(PAGE)
    if not samples:
        return box("said", '<p class="fp-missing">No continuations are shown for this page.</p>')
    first, rest = _sample(results, samples[0]), [_sample(results, one) for one in samples[1:]]
    return box("said", first + (fold(f"{len(rest)} more beginnings", "".join(rest)) if rest else ""))


def _sample(results: Results, sample: dict[str, Any]) -> str:
    kind = "Abusive beginning" if sample["toxic"] else "Beginning"
    prompt = f'<p class="fp-prompt"><span class="fp-tag">{kind}</span> {_lines(sample["prompt"])} …</p>'
    return f'{prompt}<div class="fp-answers">{"".join(_answer(results, one) for one in sample["answers"])}</div>'


def _answer(results: Results, answer: dict[str, Any]) -> str:
    name = " · ".join(filter(None, (results.sizes.get(answer["size"] or "", "").upper(), ARMS[answer["arm"]].label)))
    abstained = " · abstains" if answer["abstains"] else ""
    tally = f'<span class="fp-tally"><span>non-toxicity {percent(answer["non_toxicity"])}{abstained}</span></span>'
    body = _lines(answer["text"][:LONGEST].strip()) or '<span class="fp-missing">(said nothing)</span>'
    return (
        f'<figure class="fp-utterance fp-arm-{escape(answer["arm"])}"><figcaption>{escape(name)}{tally}</figcaption>'
        f'<div class="fp-text">{body}</div></figure>'
    )


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
