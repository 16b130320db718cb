"""What every page shares: the banner, the expectation, the answer, the status matrix. Notebook cells show the parts.

    results = pages.load_results("smoke")
    page_answers.answer(results, 6)

Parts of one kind have their own modules, imported as `page_answers`, `page_tables`, `page_cards` and so on; `figures`,
`page_knowledge` and `page_specification` draw. The result files that all of them read are described in `results`.
Every number on a page comes from those files, from the calibration in data/recorded/pilot/, or, for the paper's column,
from data/paper/paper_values.yaml.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from false_promise.pages.palette import Verdict
from false_promise.pages.parts import Part, badge, box, escape, fold, is_missing, percent, points, table
from false_promise.results import Cell, ResultError, Results, load_results

PAGES = {
    "scale_model": "The scale model",
    "bases_and_teacher": "Base LMs and teacher",
    "data_mix": "The data mix (section 3)",
    "diversity": "Diversity of the imitation data (section 3)",
    "preference": "Preference: it looks right (Figures 1, 3)",
    "local_vs_broad": "Local versus broad imitation (Table 1)",
    "benchmarks": "Benchmarks (Figure 4)",
    "style": "Style (Table 2)",
    "factuality": "Factuality (Figure 2)",
    "toxicity": "Toxicity (Figure 5)",
    "scorecard": "The scorecard",
}
SCALES = ("smoke", "thousandth", "tenth", "paper")
STATES = {
    "measured": Verdict("measured", "●", "holds"),
    "stand-ins only": Verdict("stand-ins only", "◇", "standin"),
    "never run": Verdict("never run", "○", "empty"),
}


def banner(results: Results) -> Part:
    """A visible warning on pages whose models are stand-ins; nothing elsewhere."""
    if not results.stand_ins:
        return Part("")
    return box(
        "banner",
        f"<strong>Stand-in models.</strong> This page was built at scale <code>{escape(results.scale)}</code>: models "
        "trained for seconds, to test that everything runs. Its numbers prove nothing about the paper.",
        label="Warning",
    )


def expect(choices: Sequence[str], outcome: int | None, reveal: str) -> Part:
    """Three choices and a reveal. Works as plain radio buttons and a disclosure without JavaScript.

    `outcome` is the index of the choice that the results bear out, None if they bear out none; `reveal` is text.
    """
    options = "".join(
        f'<label class="fp-choice"><input type="radio" name="fp-expect" value="{index}"><span>{escape(choice)}</span>'
        "</label>"
        for index, choice in enumerate(choices)
    )
    came = -1 if outcome is None else outcome
    return box(
        "expect",
        f'<fieldset data-outcome="{came}"><legend>What do you expect?</legend><div class="fp-choices">{options}</div>'
        f'</fieldset><details class="fp-reveal"><summary>Show what happened</summary>'
        f'<p aria-live="polite"><span class="fp-yours"></span> {escape(reveal)}</p></details>',
    )


def folds(parts: Mapping[str, Part]) -> Part:
    """Parts that stand behind a page, each folded under its name."""
    return Part("".join(f'<div class="fp">{fold(name, str(part))}</div>' for name, part in parts.items()))


def local_or_broad(results: Results) -> tuple[int | None, str]:
    """Which expectation claims 6 and 4 (its NQ part) bear out: 0 both help, 1 only local does, 2 neither does."""
    local = results.verdicts.get(6, {}).get("verdict")
    parts = [part for part in results.verdicts.get(4, {"parts": []})["parts"] if part["name"] == "nq"]
    broad = parts[0].get("verdict", "not_measured") if parts else "not_measured"
    # Claim 4 says that broad imitation does NOT help.
    found = {("holds", "does_not_hold"): 0, ("holds", "holds"): 1, ("does_not_hold", "holds"): 2}.get((local, broad))
    said = ("Both kinds helped.", "Local imitation helped, broad imitation did not.", "Neither helped.")
    text = "These results decide for none of the three." if found is None else said[found]
    return found, text + (" (Stand-in models: take it as a demonstration.)" if results.stand_ins else "")


def status_matrix(root: Path | None = None) -> Part:
    """Page x scale: measured (date, commit), stand-ins only, or never run."""
    head = ["Page", *(f"<code>{scale}</code>" for scale in SCALES)]
    rows = [[link_to(page), *(_status(scale, page, root) for scale in SCALES)] for page in PAGES]
    return box("matrix", table(head, rows, label="Which page was measured at which scale"))


def link_to(page: str) -> str:
    """A link to a page of the book by its file name."""
    return f'<a href="{page}.html">{escape(PAGES[page])}</a>'


def _status(scale: str, page: str, root: Path | None) -> str:
    try:
        status = load_results(scale, root).status(page)
    except ResultError:
        status = {"state": "never run"}
    words = badge(STATES[status["state"]])
    when = " · ".join(escape(status[key]) for key in ("date", "commit") if status.get(key))
    return f'{words}<br><small class="fp-when">{when}</small>' if when else words


def first_base(results: Results) -> str:
    """`; the first of 2 base models of each size` for a table that is not their mean (text); empty if there is one."""
    seeds = results.settings["base_seeds"]
    return f"; the first of {seeds} base models of each size" if seeds > 1 else ""


def shown(value: Cell | None) -> str:
    """`20.3 [17.9, 22.8]` in percent; an empty cell, or an interval that is not there, says so."""
    if value is None:
        return percent(None)
    if is_missing(value.lower):
        return f"<b>{percent(value.value)}</b> <small>interval not computed yet</small>"
    interval = f'<span class="fp-ci">[{percent(value.lower)}, {percent(value.upper)}]</span>'
    return f'<span class="fp-num"><b>{percent(value.value)}</b> {interval}</span>'


def shown_gap(value: Cell | None) -> str:
    """`+4.1 [+1.9, +6.2]`: a difference of two scores in points."""
    if value is None:
        return points(None)
    interval = f'<span class="fp-ci">[{points(value.lower)}, {points(value.upper)}]</span>'
    return f'<span class="fp-num"><b>{points(value.value)}</b> {interval}</span>'
