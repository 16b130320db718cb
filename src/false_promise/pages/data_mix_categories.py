"""Table 5: categories of ShareGPT queries in the paper, in a real sample and here, and how often rules find them."""

from collections.abc import Mapping, Sequence
from typing import Any

from false_promise.claims.statistics import wilson_interval
from false_promise.pages.data_mix import PAGE, mixed, public, shown_share
from false_promise.pages.parts import Part, box, count, escape, missing, table
from false_promise.pages.tables import data_links
from false_promise.results import Results

TABLE_5 = {"Generation": "generation", "General QA": "general_qa", "Coding": "coding", "Brainstorming": "brainstorming",
           "Chat": "chat", "Summarization": "summarization", "Rewrite": "rewrite", "Non-English": "non_english",
           "Invalid": "invalid"}  # fmt: skip
SORTED_BY = {"label": "Here: as asked", "label, cleaned": "Here: after cleaning", "rules, cleaned": "Here: by rules"}
PUBLIC_BY = {"reader": "Public: by a reader", "rules, same queries": "Public: by rules"}
ASKED = {"records": "here, phrasings known when the rules were written", "held_out": "here, phrasings kept apart"}


def categories(results: Results) -> Part:
    """Table 5: the paper's shares, the real sample's, and ours, of ShareGPT queries."""
    found = mixed(results)
    own = _by_category(found["mix"]["categories"]) if found else {}
    real = _by_category(public()["categories"])
    paper = results.paper["table_5"]
    rows = []
    for name, key in TABLE_5.items():
        cells = [shown_share(real.get((by, name)), "") for by in PUBLIC_BY]
        cells += [shown_share(own[by, name], "") if (by, name) in own else missing() for by in SORTED_BY]
        rows.append([escape(name), _of_fifty(paper[key], paper["queries"]["value"]), *cells])
    columns = {"Paper": paper["queries"]["value"], **{name: _number(real, by) for by, name in PUBLIC_BY.items()},
               **{name: _number(own, by) for by, name in SORTED_BY.items()}}  # fmt: skip
    head = ["Category", *(f"{escape(name)}, %<br>{_of(n)}" for name, n in columns.items())]
    legend = (
        "Shares of ShareGPT queries with 95% intervals. The paper gives no intervals; we computed them (Wilson) for "
        f"its {paper['queries']['value']} queries. Its shares add up to {paper['sum']['value']}, so one is off. "
        "Abuse, a category of ours, is left out. Our users were built to ask in the paper's shares, and draw what they "
        "ask by chance; how the filters change these shares is measured."
    )
    return box("result", table(head, rows, label="Table 5: categories of queries", css="fp-stacked")
               + f'<p class="fp-foot">{legend} Data: {data_links(results, PAGE)}</p>')  # fmt: skip


def _by_category(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(row["by"], row["category"]): row for row in rows}


def _number(rows: Mapping[tuple[str, str], Mapping[str, Any]], by: str) -> int | None:
    return next((row["n"] for (one, _), row in rows.items() if one == by), None)


def _of(n: int | None) -> str:
    return "" if n is None else f"<small>{n:,} queries</small>"


def _of_fifty(share: float, n: int) -> str:
    lower, upper = wilson_interval(share / 100 * n, n)
    interval = f'<span class="fp-ci">[{100 * lower:.0f}, {100 * upper:.0f}]</span>'
    return f'<span class="fp-num"><b>{share:g}</b> {interval}</span>'


def accuracy(results: Results) -> Part:
    """How often the rules give a query the category that a label gives it, on three kinds of queries."""
    found = mixed(results)
    rows = [[escape(ASKED[name]), count(row["n"]), shown_share(row, "")]
            for name, row in (found["mix"]["accuracy"] if found else {}).items()]  # fmt: skip
    real = public()["accuracy"]
    rows.append(["real queries, labelled by a reader", count(real["n"]), shown_share(real, "")])
    head = ["Queries", "Number", "Same category, %"]
    too_narrow = "" if len(rows) < 3 else (
        "Queries in one phrasing are right or wrong together, and the phrasings kept apart are few: the interval of "
        "that row is too narrow."
    )  # fmt: skip
    return box("result", table(head, rows, label="How often the rules are right")
               + f'<p class="fp-foot">{too_narrow}</p>')  # fmt: skip
