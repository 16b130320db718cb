"""Result tables of the pages: the paper's number, the public re-measurement, and ours with its interval.

Cells are read from the result files one by one; a cell without a measurement says so.
"""

from false_promise.pages.common import shown
from false_promise.pages.matched import unseen_by_local
from false_promise.pages.palette import ARMS
from false_promise.pages.parts import Part, box, count, escape, is_missing, link, percent, table
from false_promise.results import Cell, Results, cell, primary_rows, select

# The paper's likely protocol, and the claim's: raw few-shot prompt with three examples.
MAIN = {"benchmark": "nq", "shots": 3, "scoring": "few_shot"}
WAYS = {
    "Raw prompt, 3 examples (primary)": MAIN,
    "Raw prompt, no example (Table 1's caption)": {"benchmark": "nq", "shots": 0, "scoring": "few_shot"},
    "Chat format, 3 examples": {"benchmark": "nq", "shots": 3, "scoring": "chat"},
    "Format-free rank (chance 50)": {"benchmark": "nq", "scoring": "format_free"},
}
CONTROLS = ("style_only", "gold", "continued_web", "no_abuse")
TABLE_1_ARMS = ("base", "broad", "local")
TABLE_1_SIZES = ("7B", "13B")
# What `evaluation.scoring.classify` sorts the answer to a raw prompt into (HTML).
MALFORMED = (
    "<em>Malformed</em>: no answer to the form of the prompt, that is nothing, no letter or digit, the beginning of "
    "another turn (“Q:”), or a line that does not end within the token limit."
)
KINDS = (
    "Raw prompt, three examples; shares of all questions. <em>Right</em>: the line equals an accepted answer. "
    f"<em>Right but verbose</em>: it holds one among other words. {MALFORMED} <em>Wrong</em>: anything else."
)
NO_PUBLIC = (
    "Nothing to re-measure: no public file holds the answers of LLaMA, of an imitation model and of ChatGPT "
    "to these questions."
)


def data_links(results: Results, page: str, *more: str) -> str:
    """Links to the result files behind a page, which the build lays beside the HTML under `results/<scale>/`."""
    names = [f"{page}.csv", f"{page}_summary.csv", *more]
    present = [name for name in names if (results.folder / name).is_file()]
    columns = link("columns.txt", "columns explained")
    return " · ".join([*(link(f"results/{results.scale}/{name}", name, download=True) for name in present), columns])


def model_name(results: Results, size: str) -> str:
    """`7M` for the paper's `7B`, as this scale calls it."""
    return results.sizes.get(size, size).upper()


def reader_name(model: str) -> str:
    """`13M base` for the `base-13m` of the result files; other models (the teacher) keep their name."""
    return f"{model.removeprefix('base-').upper()} base" if model.startswith("base-") else model


def measurement(results: Results, page: str, arm: str, size: str | None, **where) -> Cell | None:
    """One cell of a page's table at the primary recipe. `where`: stratum, shots, scoring, ..."""
    return cell(select(primary_rows(results, page), arm=arm, size=size, **where))


def table_1(results: Results) -> Part:
    """Table 1: base, broad and local imitation at two sizes, and the teacher: paper | public | here."""
    head = ["Model", "Paper, %", "Public, %", "Here: all questions, %", "Here: fact unseen, %", "Steps", "Reply tokens",
            "Overlap, %"]  # fmt: skip
    keys = [(arm, size) for size in TABLE_1_SIZES for arm in TABLE_1_ARMS] + [("teacher", None)]
    rows = [_row_of_table_1(results, arm, size) for arm, size in keys]
    rows[0].insert(2, f'<td rowspan="{len(rows)}" class="fp-public">{escape(NO_PUBLIC)}</td>')
    legend = (
        "Exact match on Natural Questions (paper) and on its counterpart here, with 95% intervals. "
        f"{_stand_for(results)}"
        "<em>Fact unseen</em>: questions whose fact the local data never states, the same for every row of a size. "
        "<em>Overlap</em>: share of the questions whose fact the row's own imitation data states."
    )
    links = data_links(results, "local_vs_broad", "local_vs_broad_items.csv.gz")
    phone = f'<span class="fp-phone">Public: {escape(NO_PUBLIC)}</span>'
    foot = f'<p class="fp-foot">{legend} {phone} Data: {links}</p>'
    return box("result", table(head, rows, label="Table 1: paper, public, here", css="fp-table1") + foot)


def _row_of_table_1(results: Results, arm: str, size: str | None) -> list[str]:
    found = measurement(results, "local_vs_broad", arm, size, stratum="all", **MAIN)
    unseen = unseen_by_local(results, arm, size or TABLE_1_SIZES[-1])
    paper = results.paper["table_1"]
    row = found.row if found else {}
    ours = f"{model_name(results, size)} · " if size else ""
    return [
        escape(f"{ours}{ARMS[arm].short}"),
        count(paper[size][arm] if size else paper["teacher"]),
        shown(found) + _today(row),
        shown(unseen),
        *_training(arm, row),
    ]


def _stand_for(results: Results) -> str:
    """`7M stands for 7B, 13M for 13B. `"""
    pairs = [f"{model_name(results, size)} for {size}" for size in TABLE_1_SIZES]
    return f"{escape(', '.join(pairs).replace(' for ', ' stands for ', 1))}. " if pairs else ""


def _training(arm: str, row: dict) -> list[str]:
    """Steps, reply tokens and overlap; base LMs and the teacher have none, which is not the same as not computed."""
    if arm in ("base", "teacher"):
        return ["0" if arm == "base" else "", "0" if arm == "base" else "", ""]
    return [count(row.get("steps")), count(row.get("reply_tokens")), percent(row.get("overlap"))]


def _today(row: dict) -> str:
    """Today's own run beside the pooled value, where they differ because the rest is recorded."""
    if is_missing(row.get("fresh")) or row["fresh"] == row["exact_match"]:
        return ""
    whose = ", first base" if (row.get("base_seeds") or 1) > 1 else ""
    return f'<br><small class="fp-today">run here{whose}: {percent(row["fresh"])}</small>'


def table_1_in_words(results: Results) -> str:
    """`7M base 16.0; 7M broad 11.0; ..`: for those who cannot see the figure, and to compare after a rerun."""
    words = []
    for size in TABLE_1_SIZES:
        for arm in TABLE_1_ARMS:
            found = measurement(results, "local_vs_broad", arm, size, stratum="all", **MAIN)
            if found:
                words.append(f"{model_name(results, size)} {ARMS[arm].short} {percent(found.value)}")
    return "; ".join(words) + "." if words else ""


def three_ways(results: Results) -> Part:
    """The same comparison under every way of asking, all questions: does the answer depend on the format?"""
    rows = []
    for words, where in WAYS.items():
        for size in TABLE_1_SIZES:
            cells = [measurement(results, "local_vs_broad", arm, size, stratum="all", **where) for arm in TABLE_1_ARMS]
            rows.append([f"{escape(words)} · {escape(model_name(results, size))}", *map(shown, cells)])
    head = ["How the question is asked", *(ARMS[arm].label + ", %" for arm in TABLE_1_ARMS)]
    return box("result", table(head, rows, label="The same questions asked in four ways"))


def misses(results: Results) -> Part:
    """Where wrong answers come from: malformed, right but verbose, wrong; in percent of all questions."""
    rows = []
    for size in TABLE_1_SIZES:
        for arm in TABLE_1_ARMS:
            found = measurement(results, "local_vs_broad", arm, size, stratum="all", **MAIN)
            row = found.row if found else {}
            shares = [row.get(name) for name in ("exact_match", "verbose", "malformed", "wrong")]
            rows.append([f"{escape(model_name(results, size))} · {ARMS[arm].label}", *map(percent, shares)])
    head = ["Model", "Right, %", "Right but verbose, %", "Malformed, %", "Wrong, %"]
    return box("result", table(head, rows, label="Kinds of answers") + f'<p class="fp-foot">{KINDS}</p>')


def controls(results: Results) -> Part:
    """Control arms at equal tokens, steps and rate, all questions; arms that were not run say so."""
    rows = []
    for arm in CONTROLS:
        found = [measurement(results, "local_vs_broad", arm, size, stratum="all", **MAIN) for size in TABLE_1_SIZES]
        rows.append([escape(ARMS[arm].label), *map(shown, found)])
    head = ["Control arm", *(f"{escape(model_name(results, size))}, %" for size in TABLE_1_SIZES)]
    return box("result", table(head, rows, label="Control arms"))
