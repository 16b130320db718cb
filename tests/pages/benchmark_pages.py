"""Result files of the page on benchmarks from scores that were written down, and how a cell shows a number."""

import shutil

from benchmark_results import benchmark_study, evidence, scale
from synthetic_results import FAST

from book_fixtures import results as book_results
from false_promise.claims.judge import as_json, judge
from false_promise.files import write_json, write_table
from false_promise.item_tables import write_items
from false_promise.results import COLUMNS, Results
from false_promise.study import verdicts
from false_promise.study.decomposition import effects
from false_promise.study.tables import pooled
from page_reader import Reader


def made(place, study=None, scales=None, draws=200) -> Results:
    """The page's result files from scores that were written down."""
    study, scales = study or benchmark_study(), scales or scale()
    folder = place / scales.name
    folder.mkdir(parents=True)
    misses = {"malformed": 0.1, "verbose": 0.05, "wrong": 0.5, "reply_tokens": 150_000, "overlap": 0.11}
    table = study.table.assign(scale=scales.name, run_id="tuned", **misses).reindex(columns=list(COLUMNS))
    items = study.items.assign(quarter=0)
    write_table(folder / "benchmarks.csv", table)
    write_items(folder / "benchmarks_items.csv.gz", items)
    write_table(folder / "benchmarks_summary.csv", pooled(table, items))
    write_table(folder / "benchmarks_decomposition.csv", effects(evidence(study, scales), scales, draws))
    names = {size.stands_for: size.name for size in scales.base_sizes}
    how = {"amounts": verdicts.amounts(scales), "frozen": verdicts.frozen(scales)}
    write_json(folder / "verdicts.json", [as_json(one) for one in judge(FAST, table, study.items, names, **how)])
    write_json(folder / "scale.json", scales.model_dump(mode="json") | {"stand_ins": False})
    for name in ("status.json", "runs.json", "samples.json", "schema_version"):
        shutil.copy(book_results().folder / name, folder / name)
    return Results(scales.name, folder)


def shares(*values):
    return [f"{100 * value:.1f}" for value in values]


def signed(value):
    return f"{100 * value:+.1f}".replace("-", "−")


def rows_of(part):
    return {row[0]: row[1:] for row in Reader(str(part)).rows}
