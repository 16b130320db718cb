"""Local imitation apart by what its data covers: scores and differences on the same questions for every model.

Covered questions are the popular ones, so a row is never to be compared with another row, only within itself.
"""

from false_promise.pages.common import shown_gap
from false_promise.pages.matched import comparison, difference, score
from false_promise.pages.parts import Part, box, count, escape, missing, percent, table
from false_promise.pages.tables import TABLE_1_ARMS, TABLE_1_SIZES, data_links, model_name
from false_promise.results import Results

STRATA = {
    "all": "All questions",
    "fact_unseen": "Fact unseen",
    "entity_unseen": "Entity unseen",
    "covered": "Covered: fact stated",
    "held_out": "Held-out entities",
    "popular": "Entities not held out",
}


def strata(results: Results) -> Part:
    """Base, broad and local on the same questions of each stratum, and the paired differences, at both sizes."""
    rows = [_row(results, stratum, size) for stratum in STRATA for size in TABLE_1_SIZES]
    if not any(rows):
        return box("result", missing("Strata: not computed yet"))
    head = ["Questions", "Number", *(f"{arm}, %" for arm in TABLE_1_ARMS), "local minus base, points",
            "local minus broad, points"]  # fmt: skip
    legend = (
        "Three-shot. Strata go by the data of the local run of the row's size, and every model of a row answers the "
        "same questions. Differences are paired, with 95% intervals. Covered questions are the popular ones: rows are "
        "not to be compared with each other."
    )
    links = data_links(results, "local_vs_broad", "local_vs_broad_items.csv.gz")
    foot = f'<p class="fp-foot">{legend} Data: {links}</p>'
    named = [[escape(f"{words} · {model_name(results, size)}")] for words in STRATA.values() for size in TABLE_1_SIZES]
    cells = [name + (row or [missing()] * 6) for name, row in zip(named, rows, strict=True)]
    return box("result", table(head, cells, label="Local imitation by coverage", css="fp-tight") + foot)


def _row(results: Results, stratum: str, size: str) -> list[str]:
    """Cells of one stratum at one size; empty if nothing of it is measured."""
    scores = [score(results, arm, size, stratum) for arm in TABLE_1_ARMS]
    gaps = [difference(results, comparison({"local": 1, other: -1}, size), stratum=stratum)
            for other in ("base", "broad")]  # fmt: skip
    n = next((one.n for one in scores if one), None)
    shares = [percent(one.value if one else None) for one in scores]
    return [count(n), *shares, *map(shown_gap, gaps)] if n else []
