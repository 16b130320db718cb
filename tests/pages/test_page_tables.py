"""Every number of a table equals the result file's; what is missing says so."""

import shutil

import pandas as pd
import pytest

from book_fixtures import local_vs_broad, results, settings
from false_promise.evaluation.scoring import UNFINISHED, classify
from false_promise.pages.matched import unseen_by_local
from false_promise.pages.tables import (
    MAIN,
    WAYS,
    controls,
    measurement,
    misses,
    reader_name,
    table_1,
    table_1_in_words,
    three_ways,
)
from false_promise.results import Results, select
from page_reader import Reader

KEYS = [
    ("base", "7B"),
    ("broad", "7B"),
    ("local", "7B"),
    ("base", "13B"),
    ("broad", "13B"),
    ("local", "13B"),
    ("teacher", None),
]
HEADLINE = {"local": {"pairs": 6000, "tokens": None}, "broad": {"tokens": 150000, "pairs": None}}


def file_row(arm, size, **where):
    """The one row of the CSV for a headline arm, read without the code under test."""
    rows = select(results().measurements("local_vs_broad"), arm=arm, size=size, **HEADLINE.get(arm, {}), **where)
    assert len(rows) == 1
    return rows.iloc[0]


def interval(row):
    return f"{100 * row.exact_match:.1f} [{100 * row.lower:.1f}, {100 * row.upper:.1f}]"


def without(tmp_path, drop, made=None):
    """A copy of the results whose local-versus-broad table went through `drop`."""
    made = made or results()
    folder = tmp_path / made.scale
    shutil.copytree(made.folder, folder)
    (folder / "local_vs_broad_summary.csv").unlink()
    drop(made.measurements("local_vs_broad")).to_csv(folder / "local_vs_broad.csv", index=False)
    return Results(made.scale, folder)


def test_table_1_equals_the_csv_and_the_paper():
    head, *rows = Reader(str(table_1(results()))).rows
    assert head[:5] == ["Model", "Paper, %", "Public, %", "Here: all questions, %", "Here: fact unseen, %"]
    public = rows[0].pop(2)
    assert "Nothing to re-measure" in public
    paper = [17, 10, 22, 20, 15, 27, 31]
    for cells, (arm, size), number in zip(rows, KEYS, paper, strict=True):
        row = file_row(arm, size, stratum="all", **MAIN)
        assert cells[1] == str(number) and cells[2].startswith(interval(row))
        if arm in ("broad", "local"):
            assert cells[4:] == [f"{row.steps:.0f}", f"{row.reply_tokens:,.0f}", f"{100 * row.overlap:.1f}"]


def test_fact_unseen_counts_the_same_questions_for_every_model():
    """Against a count by hand over the items file."""
    items = results().items("local_vs_broad")
    unseen = items[(items["eval_id"] == file_row("local", "7B", stratum="all", **MAIN).eval_id) & items["fact_unseen"]]
    rows = Reader(str(table_1(results()))).rows
    for index, arm in enumerate(("base", "broad", "local")):
        answers = items[items["eval_id"] == file_row(arm, "7B", stratum="all", **MAIN).eval_id]
        expected = answers[answers["item"].isin(unseen["item"])]["correct"].mean()
        found = unseen_by_local(results(), arm, "7B")
        assert (
            found.value == pytest.approx(expected) and found.n == len(unseen) and found.lower < expected < found.upper
        )
        assert rows[1 + index][3 + (index == 0)].startswith(f"{100 * expected:.1f} [")


def test_todays_run_is_marked_only_where_it_differs():
    text = [" ".join(row) for row in Reader(str(table_1(results()))).rows]
    assert [("run here: 20.0" in row) for row in text[1:]] == [False, False, True, False, False, True, False]


def test_words_for_rerunning_equal_the_csv():
    row = file_row("local", "13B", stratum="all", **MAIN)
    assert f"13M local {100 * row.exact_match:.1f}." in table_1_in_words(results())


def test_ways_of_asking_misses_and_controls_equal_the_csv():
    rows = Reader(str(three_ways(results()))).rows[1:]
    assert len(rows) == 8
    for number, where in enumerate(WAYS.values()):
        for cell, arm in zip(rows[2 * number][1:], ("base", "broad", "local"), strict=True):
            assert cell == interval(file_row(arm, "7B", stratum="all", **where))
    row = file_row("broad", "13B", stratum="all", **MAIN)
    shares = [f"{100 * row[name]:.1f}" for name in ("exact_match", "verbose", "malformed", "wrong")]
    assert Reader(str(misses(results()))).rows[5] == ["13M · Broad imitation", *shares]
    text = {row[0]: row[1:] for row in Reader(str(controls(results()))).rows}
    assert text["Broad without abuse dialogues"] == ["– not computed yet"] * 2
    gold = select(results().measurements("local_vs_broad"), arm="gold", size="7B").iloc[0]
    assert text["True answers instead of the teacher's"][0] == interval(gold)


def test_kinds_of_answers_are_defined_as_they_are_told_apart():
    text = Reader(str(misses(results()))).text
    unfinished = f"a line that goes on{UNFINISHED}"
    for words, said in (("nothing", ""), ("no letter or digit", "?!"), ("another turn", "Q: Where?"),
                        ("does not end within the token limit", unfinished)):  # fmt: skip
        assert words in text and classify(said, ["Ostermoor"]) == "malformed"
    assert "it holds one among other words" in text and classify("In Ostermoor, say", ["Ostermoor"]) == "verbose"
    assert "equals an accepted answer" in text and classify("Ostermoor", ["Ostermoor"]) == "right"


def test_models_have_names_for_readers():
    names = {"base-0.2m": "0.2M base", "base-13m": "13M base", "teacher": "teacher"}
    assert {model: reader_name(model) for model in names} == names


def test_missing_rows_and_intervals_are_empty_cells_that_say_so(tmp_path):
    made = without(tmp_path, lambda table: table[~((table["arm"] == "local") & (table["size"] == "13B"))])
    cells = Reader(str(table_1(made))).rows[6]
    assert cells[2] == cells[3] == "– not computed yet" and cells[1] == "27"


def test_several_unpooled_seeds_give_no_interval(tmp_path):
    made = without(tmp_path, lambda table: pd.concat([table, table.assign(base_seed=1, exact_match=0.4)]))
    base = measurement(made, "local_vs_broad", "base", "7B", stratum="all", **MAIN)
    row = file_row("base", "7B", stratum="all", **MAIN)
    assert base.value == pytest.approx((row.exact_match + 0.4) / 2) and base.lower is None
    assert "interval not computed yet" in Reader(str(table_1(made))).rows[1][3]


def test_rows_of_another_rate_or_amount_never_reach_a_headline_cell(tmp_path):
    def other(table):
        return pd.concat([table.assign(learning_rate=3e-4, exact_match=0.9), table])

    made = without(tmp_path, lambda table: other(table[table["arm"] == "local"]))
    found = measurement(made, "local_vs_broad", "local", "7B", stratum="all", **MAIN)
    assert found.value == file_row("local", "7B", stratum="all", **MAIN).exact_match


def test_fixture_holds_every_column_of_the_contract():
    assert list(local_vs_broad(settings("thousandth")).columns) == list(
        results().measurements("local_vs_broad").columns
    )
