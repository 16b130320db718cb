"""Why benchmarks change, on the page: parts equal the file, words follow from intervals, what is missing says so."""

import pytest
from benchmark_pages import made, rows_of, signed
from benchmark_results import TRUTH, benchmark_study

from book_texts import HOSTILE
from false_promise.files import write_table
from false_promise.pages import benchmark_scores, decomposition, decomposition_figures
from false_promise.results import Results
from page_reader import Reader

pytestmark = pytest.mark.slow  # seconds each, so not among the unit tests

NOT_YET = "not computed yet"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return made(tmp_path_factory.mktemp("page"))


# ---- parts of the change ---------------------------------------------------------------------------------------------


def test_parts_in_every_benchmark_are_those_of_the_file(results):
    rows = rows_of(decomposition.by_text(results))
    whole = next(row for name, row in rows.items() if name.startswith("Broad imitation, the whole change"))
    assert [cell.split(" ")[0] for cell in whole] == [signed(one) for one in (-0.15, -0.05, -0.10, -0.05, -0.06, -0.03)]
    assert len(rows) == 1 + len(decomposition.COMPONENTS)
    smaller = rows_of(decomposition.by_text(results, "7B"))
    assert next(iter(smaller)) == "7M, points"
    text = Reader(str(decomposition.by_text(results))).text
    assert "not equal steps: style − more web 320 against 300 steps; broad − style 300 against 320 steps" in text


def test_every_way_of_asking_for_every_arm(results):
    rows = rows_of(decomposition.by_way(results))
    columns = [arm for arm in decomposition.WAY_ARMS]
    assert columns == ["broad", "style_only", "continued_web", "local"]
    for words, place in (
        ("Raw prompt, 3 examples", 0),
        ("Chat format, no example", 3),
        ("Format-free, points of rank", 4),
    ):
        assert [cell.split(" ")[0] for cell in rows[words]] == [
            signed(round(TRUTH[arm][place] - TRUTH["base"][place], 6)) for arm in columns
        ]
    assert "broad in chat format, 3 examples, base in raw prompt, 3 examples" in Reader(
        str(decomposition.by_way(results))).text  # fmt: skip


def test_words_follow_from_the_intervals(results):
    text = Reader(str(decomposition.in_words(results))).text
    assert "At 13M, broad imitation changed NQ with raw examples by −15.0 [" in text
    assert "Each asked in its best prompt format, it is −5.0 [" in text and "−10.0 [" in text
    assert "The format-free score falls as well: the model forgets (−5.0 [" in text
    assert "The largest step whose interval leaves out zero: chat style." in text
    assert "what its errors cost" in text and "cannot be told from no change" not in text


@pytest.mark.parametrize(
    ("free", "said"),
    [(0.80, "The format-free score rises: the facts are not forgotten"),
     (0.70, "does not fall beyond its interval: nothing here shows forgetting")],
)  # fmt: skip
def test_forgetting_is_said_only_where_the_format_free_score_falls(tmp_path, monkeypatch, free, said):
    monkeypatch.setitem(TRUTH, "broad", (*TRUTH["broad"][:4], free, *TRUTH["broad"][5:]))
    text = Reader(str(decomposition.in_words(made(tmp_path)))).text
    assert said in text and "the model forgets" not in text


def test_nothing_changed_is_not_explained_away(tmp_path, monkeypatch):
    for arm in TRUTH:
        monkeypatch.setitem(TRUTH, arm, TRUTH["base"])
    text = Reader(str(decomposition.in_words(made(tmp_path)))).text
    assert "which cannot be told from no change" in text and "No step's interval leaves out zero" in text
    assert "which cannot be told from no difference" in text and "forgets" not in text


def test_without_the_format_free_score_nothing_is_said_about_forgetting(tmp_path):
    study = benchmark_study()
    study.rows = [row for row in study.rows if row["scoring"] != "format_free"]
    text = Reader(str(decomposition.in_words(made(tmp_path, study)))).text
    assert "without it nothing can be said about forgetting" in text and "the model forgets" not in text


def test_benchmarks_near_chance_are_named(tmp_path, monkeypatch):
    monkeypatch.setitem(TRUTH, "base", (*TRUTH["base"][:7], 0.04))
    text = Reader(str(decomposition.in_words(made(tmp_path)))).text
    assert "Not eligible: code: the base beats chance by only 4.0 points" in text


def test_parts_whose_interval_leaves_out_zero_are_filled(results):
    assert decomposition.apart(benchmark_scores.effect(results, "total", "nq_3shot", "13B"))
    assert not decomposition.apart(benchmark_scores.effect(results, "continued_training", "nq_format", "13B"))
    html = str(decomposition_figures.by_text(results))
    assert "NQ 13M whole change −15.0" in html and "Exams 7M 2 chat style" in html


# ---- what is missing -------------------------------------------------------------------------------------------------


def test_control_arms_that_were_not_run_are_empty(tmp_path):
    one = made(tmp_path, benchmark_study(without=("style_only", "gold")))
    rows = rows_of(decomposition.by_text(one))
    assert [row[0] for name, row in rows.items() if name.startswith(("Step 3", "The teacher"))] == [f"– {NOT_YET}"] * 2
    text = Reader(str(decomposition.in_words(one))).text
    assert "Step by step" not in text and "Teacher's errors" not in text and "−15.0" in text


@pytest.mark.filterwarnings("ignore:Glyph")
def test_hostile_words_in_the_files_are_text(tmp_path):
    one = made(tmp_path)
    path = one.folder / "benchmarks_decomposition.csv"
    table = one.optional(path.name)
    hostile = table["contrast"] + "; best asked: " + HOSTILE
    write_table(path, table.assign(contrast=hostile, note="steps differ: " + HOSTILE))
    one = Results(one.scale, one.folder)
    for show in (decomposition.by_text, decomposition.by_way, decomposition.in_words):
        found = Reader(str(show(one)))
        assert "script" not in found.tags() and "\x1b" not in found.text and "<script>alert(1)</script>" in found.text
