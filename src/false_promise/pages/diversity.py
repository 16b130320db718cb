"""Parts of the page on diversity: what was expected, the answer, and the table paper | public | here.

Public numbers come from data/public/diversity.json, the paper's from data/paper/paper_values.yaml, those of this scale
from results/<scale>/diversity.csv. What stands behind them is shown by `page_bleu`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from false_promise.claims.real_text import item_means, recorded_verdict
from false_promise.diversity.public_data import SHAREGPT, TEMPLATED, load_record
from false_promise.pages.answers import cautions
from false_promise.pages.comparisons import comparisons, parts_of
from false_promise.pages.palette import VERDICTS
from false_promise.pages.parts import Part, badge, box, count, escape, missing, table
from false_promise.pages.tables import data_links
from false_promise.results import ResultError, Results

PAGE = "diversity"
# Groups of the table: the paper's value, then public set | set of this scale in each row.
GROUPS = {
    "Broad imitation data": ("sharegpt_mix", {
        "sharegpt_first_turns": "first_turns",
        "sharegpt_first_turns_any_language": None,
        "sharegpt_all_turns": "all_turns",
        "sharegpt_all_turns_any_language": None,
    }),
    "Templated instructions": ("super_natural_instructions", {
        "superni": "definition_with_question",
        "superni_input": "question",
    }),
}  # fmt: skip
PART_NAME = "Super-NaturalInstructions minus ShareGPT"
OTHERS = "Other sets of prompts"
OPENING = {
    "holds": "Yes, on real text:",
    "does_not_hold": "No, not on real text:",
    "inconclusive": "Undecided on real text:",
    "not_measured": "Not measured yet.",
}

public = cache(load_record)


def banner(results: Results) -> Part:
    """What of this page rests on stand-in models: nothing that decides."""
    if not results.stand_ins:
        return Part("")
    return box(
        "banner",
        "<strong>Stand-in models, real text.</strong> This page was built at scale "
        f"<code>{escape(results.scale)}</code>. Only the last column of its table changes with the scale; the public "
        "sets are real, and no model decides anything here.",
        label="Warning",
    )


def expectation() -> tuple[int | None, str]:
    """Which expectation the public record bears out: 0 diverse however read, 1 depends on the reading, 2 no."""
    verdict = recorded_verdict()
    if verdict["verdict"] == "does_not_hold":
        return 2, "Real chats are not more diverse by the margin that was registered."
    if verdict["verdict"] != "holds":
        return None, "These results decide for none of the three."
    broad, templated = (sets for _, sets in GROUPS.values())
    part, gaps = verdict["parts"][0], {(one, other): gap(public(), one, other) for one in broad for other in templated}
    gaps[SHAREGPT, TEMPLATED] = 100 * part["effect"]  # as registered: all first turns, not a subset of the curve
    least, most = (choose(gaps, key=gaps.get) for choose in (min, max))
    always = gaps[least] > 100 * part["margin"]
    said = "Real chats are more diverse" + ("" if always else ", by an amount that depends on the reading")
    ends = " to ".join(f"{gaps[pair]:.1f} points ({_reading(pair)})" for pair in (least, most))
    return int(not always), f"{said}: from {ends}, each at equal numbers of queries."


def _reading(pair: tuple[str, str]) -> str:
    """Which two sets are compared, and whether they are the registered ones."""
    one, other = (public()["sets"][name]["label"] for name in pair)
    return f"“{other}” minus “{one}”{', as registered' if pair == (SHAREGPT, TEMPLATED) else ''}"


def gap(record: Mapping[str, Any], broad: str, templated: str) -> float:
    """Mean of the templated set minus that of the broad one, at the largest number of queries measured in both."""
    first, second = ({point["size"]: point["mean"] for point in record["curves"][name]} for name in (templated, broad))
    size = max(set(first) & set(second))
    return first[size] - second[size]


# ---- answer ----------------------------------------------------------------------------------------------------------


def answer(results: Results) -> Part:
    """Claim 12 on real text: its verdict, the sentence, and whether it could have come out otherwise."""
    verdict = recorded_verdict()
    state = verdict["verdict"]
    where = " on real text" if state in ("holds", "does_not_hold", "inconclusive") else ""
    deciding = [part | {"name": PART_NAME} for part in parts_of(verdict, "decides")]
    body = (
        f'<p class="fp-verdict">{badge(VERDICTS[state], where)}</p><p class="fp-sentence">{sentence(verdict)}</p>'
        f"{comparisons(results, deciding)}{cautions(results, verdict, PAGE)}"
        f"<p>{here_in_words(results)}</p>"
        f'<p class="fp-otherwise"><strong>Could it have come out otherwise?</strong> '
        f"{escape(verdict['otherwise_why'])} Not counted in the headline ({escape(verdict['otherwise'])}).</p>"
    )
    return box("answer", body, label="Answer")


def sentence(verdict: Mapping[str, Any]) -> str:
    """The decision in one sentence of HTML, with the means that it compares."""
    opening, means = f"<strong>{escape(OPENING[verdict['verdict']])}</strong>", item_means(public())
    if not means:
        return f"{opening} {escape(verdict['note'])}"
    n = verdict["parts"][0]["n"]
    return (
        f"{opening} the most similar other query scores {means['sharegpt']:.1f}% BLEU for the first message to "
        f"ChatGPT in a piece of a dialogue, and {means['super_natural_instructions']:.1f}% for a query of "
        f"Super-NaturalInstructions (means over {n:,} queries of each)."
    )


def here_in_words(results: Results) -> str:
    """This scale's two numbers, which decide nothing."""
    broad, templated = (own_rows(results).get(name) for name in ("first_turns", "definition_with_question"))
    if broad is None or templated is None:
        return f"At this scale: {missing()}"
    return (
        f"At this scale, by construction and deciding nothing: {broad['mean_bleu']:.1f}% in our broad data, "
        f"{templated['mean_bleu']:.1f}% in our templates ({broad['queries']:,} and {templated['queries']:,} queries)."
    )


# ---- the table -------------------------------------------------------------------------------------------------------


def own_rows(results: Results) -> dict[str, dict[str, Any]]:
    """This scale's rows by set; empty if nothing was measured."""
    try:
        rows = results.measurements(PAGE)
    except ResultError:
        return {}
    return {row["set"]: row for row in rows.to_dict("records")}


def three_columns(results: Results) -> Part:
    """Paper | re-measured on public sets | this scale, one row for each reading of "query"."""
    record, rows, notes = public(), [], _samples(public())
    named = {name for _, sets in GROUPS.values() for name in sets}
    others = dict.fromkeys(name for name in record["sets"] if name not in named)
    for title, (paper, sets) in {**GROUPS, OTHERS: (None, others)}.items():
        sets = {name: own for name, own in sets.items() if name in record["sets"]}
        rows.append([f'<th scope="rowgroup" colspan="4"><b>{escape(title)}</b></th>'])
        for place, (name, own) in enumerate(sets.items()):
            rows.append([_label(record, name, notes), "" if place else _paper(results, paper),
                         _public_cell(record["sets"][name]), _here_cell(results, own)])  # fmt: skip
    head = ["What counts as a query", "Paper, %", "Public text, re-measured, %", f"Here ({escape(results.scale)}), %"]
    return box("result", table(head, rows, label="Nearest-neighbour BLEU: paper, public, here") + _foot(results, notes))


def _samples(record: Mapping[str, Any]) -> dict[str, int]:
    """Number of the footnote for each caveat, in order of appearance."""
    return {caveat: n for n, caveat in enumerate(dict.fromkeys(one["caveat"] for one in record["sets"].values()), 1)}


def _label(record: Mapping[str, Any], name: str, notes: Mapping[str, int]) -> str:
    one = record["sets"][name]
    query = f'<small class="fp-stands">{escape(one["query"])}</small>'
    return f"{breakable(one['label'])}<sup>{notes[one['caveat']]}</sup><br>{query}"


def breakable(text: str) -> str:
    """Escaped text whose longest word may be broken on a narrow screen."""
    return escape(text).replace("NaturalInstructions", "Natural\u200bInstructions")  # a place to break the line


def _paper(results: Results, name: str | None) -> str:
    """The paper's number, beside the first of the readings that it may have had in mind."""
    value = results.paper["diversity"].get(name) if name else None
    value = value["value"] if isinstance(value, Mapping) else value
    said = "<small>which of these, it does not say</small>"
    return missing("not in the paper") if value is None else f"<b>{count(value)}</b><br>{said}"


def _public_cell(one: Mapping[str, Any]) -> str:
    return _cell(one["mean"], one["lower"], one["upper"], one["median"], one["queries"])


def _here_cell(results: Results, name: str | None) -> str:
    if name is None:
        return ""
    row = own_rows(results).get(name)
    if row is None:
        return missing()
    shown = _cell(*(row[key] for key in ("mean_bleu", "lower", "upper", "median_bleu", "queries")))
    return f'{shown}<br><small class="fp-stands">{escape(row["query"])}</small>'


def _cell(mean: float, lower: float, upper: float, median: float, n: int) -> str:
    interval = f'<span class="fp-ci">[{lower:.1f}, {upper:.1f}]</span>'
    return (
        f'<span class="fp-num"><b>{mean:.1f}</b> {interval}</span><br>'
        f'<small class="fp-stands">median {median:.1f} · {n:,} queries</small>'
    )


def _foot(results: Results, notes: Mapping[str, int]) -> str:
    samples = " ".join(f"<sup>{n}</sup> {escape(caveat[:1].upper() + caveat[1:])}." for caveat, n in notes.items())
    legend = (
        "Mean over queries of the highest BLEU with any other query of the set, 95% intervals over dialogues or tasks. "
        "Here: users' messages of the broad imitation data, and questions about the country's facts in one wording a "
        "relation, similar by construction. "
    )
    links = data_links(results, PAGE, "diversity_public.json")
    return f'<p class="fp-foot">{legend}{samples} Data: {links}</p>'


def in_words(results: Results) -> str:
    """`Broad data, first turns 34.0; ..`: to compare after a rerun."""
    rows = own_rows(results).values()
    return "; ".join(f"{row['label']} {row['mean_bleu']:.1f}" for row in rows) + "." if rows else ""


def paper_lines(results: Results) -> dict[str, float]:
    """The paper's two numbers, for the figure."""
    paper = results.paper["diversity"]
    return {
        "ShareGPT-Mix": paper["sharegpt_mix"],
        "Super-NaturalInstructions": paper["super_natural_instructions"]["value"],
    }
