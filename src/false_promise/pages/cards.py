"""The end of every page: how to rerun it, the run card, how to cite it, where to report an error."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from false_promise.pages.common import PAGES
from false_promise.pages.parts import (
    Part,
    box,
    code,
    count,
    definition_list,
    escape,
    fold,
    is_missing,
    link,
    percent,
    table,
)
from false_promise.pages.tables import data_links
from false_promise.paths import ROOT
from false_promise.results import Results

BOOK = "The False Promise, Rerun"
AUTHOR = "The False Promise, Rerun: contributors"


def rerun(results: Results, page: str, example: Mapping[str, Any] | None = None, expected: str = "") -> Part:
    """The exact lines: this page as it is, and one variation (`example`: parameter -> value); `expected` numbers."""
    base = f".venv/bin/papermill notebooks/{page}.ipynb out.ipynb"
    lines = [f"make book SCALE={results.scale}", f"{base} -p scale {results.scale}"]
    if example:
        lines.append(f"{lines[-1]} {' '.join(f'-p {name} {_argument(value)}' for name, value in example.items())}")
    took = _took(results.runs(page))
    numbers = f" Expect, in percent: {expected} {_what_may_differ(results)}" if expected else ""
    varied = ", the third this page with other parameters" if example else ""
    return box(
        "rerun",
        f"<p>Run these from the repository's root. The first line builds the whole book, the second runs only this "
        f"page{varied}. The executed page is out.ipynb, its tables go to results/{escape(results.scale)}/. Add "
        f"<code>-p plan_only True</code> to see what would run, or ask <code>.venv/bin/papermill --help-notebook "
        f"notebooks/{escape(page)}.ipynb</code> for all parameters.</p>{code(chr(10).join(lines))}<p>{escape(took)} "
        f"Models that ship, and runs that are stored, are not repeated.{escape(numbers)}</p>",
    )


def _what_may_differ(results: Results) -> str:
    seeds = results.settings["base_seeds"]
    means = f"These are means over {seeds} base models; with other parameters the first alone is tuned. "
    return f"{means if seeds > 1 else ''}Another machine may differ a little."


def _took(runs: Sequence[Mapping[str, Any]]) -> str:
    """How long the page's runs took: those of this machine, and those that nobody repeats."""
    seconds = {source: sum(run.get("seconds", 0) for run in runs if run.get("source", "fresh") == source)
               for source in ("fresh", "recorded")}  # fmt: skip
    here = f"making what was made here took {duration(seconds['fresh'])}" if seconds["fresh"] else ""
    before = f"what ships or was recorded took {duration(seconds['recorded'])}" if seconds["recorded"] else ""
    words = "; ".join(filter(None, (here, before)))
    return (
        f"{words[:1].upper()}{words[1:]}, examinations not counted." if words else "Nothing is trained for this page."
    )


def duration(seconds: float) -> str:
    """`2.7 minutes`, or `4.4 hours` from two hours on."""
    return f"{seconds / 3600:.1f} hours" if seconds >= 7200 else f"{seconds / 60:.1f} minutes"


def _argument(value: Any) -> str:
    return f'"{value}"' if isinstance(value, list) else str(value)


def run_card(results: Results, page: str) -> Part:
    """Which numbers of this page were made here, when, from which commit, on what; every run behind a fold."""
    runs, status, seeds = results.runs(page), results.status(page), results.settings["base_seeds"]
    kinds = Counter(run.get("source", "fresh") for run in runs)
    made = f"{kinds['fresh']} made here, {kinds['recorded']} shipped or recorded; examinations are not counted"
    substitutes = results.settings.get("substitutes", {})
    seconds = sum(run.get("seconds", 0) for run in runs if run.get("source", "fresh") == "fresh")
    several = [("Base models", f"{seeds} of each size, scores are their means; the first ships")] if seeds > 1 else []
    pairs = [
        ("Scale", f"<code>{escape(results.scale)}</code>"),
        ("Runs", escape(made) if runs else "none"),
        *several,
        ("Date", escape(status.get("date") or "not recorded")),
        ("Commit", f"<code>{escape(status.get('commit') or 'unknown')}</code>"),
        ("Work done here", duration(seconds)),
        ("Processor", escape(_several(runs, "processor"))),
        ("Number format", escape(_several(runs, "dtype"))),
        ("Versions", escape(_one_of(runs, "versions"))),
        ("Substitutes", escape("; ".join(f"{k}: {v}" for k, v in substitutes.items()) or "none")),
    ]
    pairs = pairs if runs else [pair for pair in pairs if pair[0] in ("Scale", "Runs", "Date", "Commit", "Substitutes")]
    return box("card", f'<p class="fp-title">Run card</p>{definition_list(pairs)}{_run_list(runs)}', label="Run card")


def _run_list(runs: list[dict[str, Any]]) -> str:
    if not runs:
        return ""
    rows = [
        [f"<code>{escape(run['run_id'])}</code>", escape(run.get("label", "")), escape(run.get("source", "fresh")),
         count(round(run.get("seconds", 0), 1)), escape(run.get("date", ""))[:10],
         f"<code>{escape(run.get('commit', ''))}</code>", f"<small>{escape(json.dumps(run['settings']))}</small>"]
        for run in runs
    ]  # fmt: skip
    head = ["Run", "What", "Source", "Seconds", "Date", "Commit", "Settings"]
    title = f"All {len(runs)} runs and their settings" if len(runs) > 1 else "The run and its settings"
    return fold(title, table(head, rows, label="Runs behind this page"))


def _several(runs: list[dict[str, Any]], name: str) -> str:
    """Every distinct value of a summary field, as a fresh run on another processor must not hide among others."""
    values = {str(run["summary"][name]) for run in runs if name in run.get("summary", {})}
    return ", ".join(sorted(values)) or "not recorded"


def _one_of(runs: list[dict[str, Any]], name: str) -> str:
    return ", ".join(sorted({run[name] for run in runs if run.get(name)})) or "not recorded"


def agreement(results: Results, page: str) -> Part:
    """How many scores of today's run lie within the recorded prediction interval; nothing where none is recorded."""
    found = results.optional(f"{page}_agreement.csv")
    if found.empty:
        return Part("")
    outside = found[found["within"].astype(str) != "True"]
    words = (
        f"{len(found) - len(outside)} of {len(found)} scores of today's run lie within the recorded prediction interval"
    )
    if outside.empty:
        return box("agreement", f'<p class="fp-foot">✓ {words}.</p>')
    rows = [[escape(_score_name(row)), *map(percent, (row.fresh, row.recorded)), _range(row)]
            for row in outside.itertuples()]  # fmt: skip
    head = ["Outside", "Today, %", "Recorded, %", "Prediction interval, %"]
    listed = table(head, rows, label="Scores outside the recorded prediction interval", css="fp-tight")
    return box("agreement", f'<p class="fp-warning">⚠ {words}; outside:</p>{listed}')


def _score_name(row: Any) -> str:
    shots = "" if is_missing(row.shots) else f" {row.shots:.0f}-shot"
    return f"{row.model} {row.arm}, {row.benchmark} {row.scoring}{shots}"


def _range(row: Any) -> str:
    return f'<span class="fp-ci">[{percent(row.lower)}, {percent(row.upper)}]</span>'


def cite(results: Results, page: str) -> Part:
    """A citation of this page at its commit, as text and as BibTeX."""
    status = results.status(page)
    year = (status.get("date") or "n.d.")[:4]
    commit, title = status.get("commit") or "unknown", PAGES[page]
    text = f'{AUTHOR}. "{title}". In: {BOOK}, scale {results.scale}, commit {commit}, {year}.'
    bibtex = (
        f"@misc{{false_promise_rerun_{page},\n  title = {{{title}}},\n  author = {{{{{AUTHOR}}}}},\n"
        f"  year = {{{year}}},\n  howpublished = {{In: {BOOK}}},\n"
        f"  note = {{scale {results.scale}, commit {commit}}}\n}}"
    )
    return box("cite", f'<p class="fp-title">Cite this page</p><p>{escape(text)}</p>{fold("BibTeX", code(bibtex))}')


def report(results: Results, page: str) -> Part:
    """Where to report an error, and the line that lets someone else find it again."""
    status = results.status(page)
    line = f"page {page}, scale {results.scale}, commit {status.get('commit') or 'unknown'}"
    address = repository()
    where = f"at {link(f'{address}/issues/new', address)}" if address else "in the repository"
    return box(
        "report",
        '<p class="fp-title">Report an error</p><p>A number that you cannot reproduce is the most welcome report: open '
        f"an issue {where} with what you saw, what you expected, and this line.</p>{code(line)}",
    )


def sources(results: Results, page: str, *tables: str) -> Part:
    """Under a figure: its data, and the notebook that drew it at its commit."""
    commit, address = results.status(page).get("commit") or "unknown", repository()
    notebook = f"notebooks/{page}.ipynb"
    here = link(f"_sources/{page}.ipynb", notebook, download=True)
    known = address and commit != "unknown"
    at = link(f"{address}/blob/{commit.rstrip('+')}/{notebook}", commit) if known else f"<code>{escape(commit)}</code>"
    return box("sources", f"Data: {data_links(results, page, *tables)} · Notebook: {here} at commit {at}")


def repository() -> str:
    """Address of the public repository from `_config.yml`, without a final slash; empty if it has none yet."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return str((config.get("repository") or {}).get("url") or "").rstrip("/")


def endmatter(results: Results, page: str) -> Part:
    """Run card, citation and error report, as every page ends."""
    return run_card(results, page) + cite(results, page) + report(results, page)
