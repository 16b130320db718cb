"""Base LMs and teacher: every number equals the result files; what is missing says so."""

import ast
import re
from types import SimpleNamespace

import pandas as pd
import pytest
from variants import with_file

from book_fixtures import TEACHER, results
from book_texts import HOSTILE
from false_promise.claims.statistics import bootstrap_difference
from false_promise.pages import bases
from false_promise.pages.bases import (
    ERRORS,
    SCORINGS,
    bases_in_words,
    bases_table,
    errors,
    exam_scoring,
    lead,
    skills_table,
    teacher_and_size,
)
from false_promise.pages.calibration import band, is_true, preconditions
from false_promise.pages.knowledge import MOST, VALUES, figure, in_words, rows
from false_promise.paths import ROOT
from false_promise.results import Cell, select
from page_reader import Reader

PAGE = "bases_and_teacher"
SIZES = ["1.5B", "7B", "13B", None]


def interval(row):
    return f"{100 * row.exact_match:.1f} [{100 * row.lower:.1f}, {100 * row.upper:.1f}]"


def signed(value):
    return f"{100 * value:+.1f}".replace("-", "−")


def lead_by_hand(benchmark, scoring, shots, stratum="all"):
    """Teacher minus 13M base over the items file, read without the code under test."""
    table, items = results().measurements(PAGE), results().items(PAGE)
    where = {"benchmark": benchmark, "scoring": scoring, "shots": shots, "stratum": stratum}
    names = [select(table, size=size, **where).iloc[0].eval_id for size in (None, "13B")]
    teacher, base = (items[items["eval_id"] == name].sort_values("item") for name in names)
    return bootstrap_difference(teacher["correct"], base["correct"], base["entity"], draws=2000)


# ---- questions -------------------------------------------------------------------------------------------------------


def test_bases_table_and_lead_equal_the_csv():
    made = results()
    table = select(made.measurements(PAGE), benchmark="nq")
    found = Reader(str(bases_table(made))).rows[1:]
    assert [row[0] for row in found] == ["1.5M base", "7M base", "13M base", "teacher",
                                         "lead, points"]  # fmt: skip
    for cells, size in zip(found, SIZES, strict=False):
        for column, stratum in ((2, "all"), (3, "popular"), (4, "held_out")):
            assert cells[column] == interval(select(table, size=size, stratum=stratum, shots=3).iloc[0])
        assert cells[6] == interval(select(table, size=size, stratum="all", shots=0).iloc[0])
    assert [row[1] for row in found] == ["– not given", "– not given", "25.5", "31", ""]
    assert [row[5] for row in found] == ["– not given", "17", "20", "31", ""]
    teacher = select(table, size=None, stratum="all", shots=3).iloc[0].exact_match
    assert abs(teacher - TEACHER) < 0.005 and f"{100 * teacher:.1f}%" in str(lead(made))
    assert teacher_and_size(made)[0] == 0 and teacher_and_size(made)[1].startswith("On questions the teacher is ahead")
    assert bases_in_words(made).endswith(f"teacher {100 * teacher:.1f}.")


def test_the_lead_is_paired_on_the_same_questions():
    gap = lead_by_hand("nq", "few_shot", 3)
    expected = f"{signed(gap.effect)} [{signed(gap.lower)}, {signed(gap.upper)}]"
    assert Reader(str(bases_table(results()))).rows[-1][2] == expected
    assert (
        f"{100 * gap.effect:.1f} points [{signed(gap.lower)}, {signed(gap.upper)}]" in Reader(str(lead(results()))).text
    )


@pytest.mark.parametrize(
    ("lead", "grown", "outcome", "said"),
    [((0.02, 0.06), (0.1, 0.2), 0, "the largest base scores higher"), ((0.02, 0.06), (-0.03, 0.04), 1, "about as high"),
     ((0.02, 0.06), (-0.2, 0.3), None, "what size does"), ((-0.01, 0.06), (0.1, 0.2), None, "stays open"),
     ((-0.09, -0.01), (0.1, 0.2), 2, "lies behind")],
)  # fmt: skip
def test_ahead_and_larger_are_said_only_where_the_interval_says_so(monkeypatch, lead, grown, outcome, said):
    cells = {name: Cell(sum(ends) / 2, *ends, 100, {}) for name, ends in (("lead", lead), ("grown", grown))}
    monkeypatch.setattr(bases, "_lead", lambda *args, **named: cells["lead"])
    monkeypatch.setattr(bases, "_growth", lambda *args: cells["grown"])
    found, text = teacher_and_size(results())
    assert found == outcome and said in text


def test_one_base_lm_has_no_sizes_to_compare(monkeypatch):
    one = SimpleNamespace(sizes={"7B": "7m"})
    monkeypatch.setattr(bases, "_lead", lambda *args, **named: Cell(0.05, 0.02, 0.08, 100, {}))
    monkeypatch.setattr(bases, "_base", lambda *args, **named: Cell(0.3, 0.2, 0.4, 100, {}))
    assert teacher_and_size(one)[0] is None and "with one base LM" in teacher_and_size(one)[1]


def test_without_items_there_is_a_lead_but_no_interval(tmp_path):
    made = with_file(tmp_path, f"{PAGE}_items.csv.gz")
    assert "lead of 11.0 points." in Reader(str(lead(made))).text
    assert Reader(str(bases_table(made))).rows[-1][2] == "– not computed yet"
    assert "Exams and code: not computed yet" in str(skills_table(made))


# ---- exams and code --------------------------------------------------------------------------------------------------


def test_exams_use_the_scoring_that_the_registration_asks_for():
    assert exam_scoring(results()) == "likelihood"  # letters of the made-up 13M base are 5 points above chance
    assert "the likelihood of the option" in str(skills_table(results())) and set(SCORINGS) == {"letters", "likelihood"}


@pytest.mark.parametrize(("scoring", "end"), [("letters", "Here it does."), ("likelihood", "Here it does not.")])
def test_the_rule_for_the_scoring_of_exams_says_which_case_applies(monkeypatch, scoring, end):
    monkeypatch.setattr(bases, "exam_scoring", lambda results: scoring)
    text = Reader(str(skills_table(results()))).text
    assert f"Registered: by the letter if the largest base LM then beats chance by 10 points; otherwise by the " \
           f"likelihood of the option's text. {end}" in text  # fmt: skip
    assert "Registered" not in Reader(str(skills_table(results(), registered=False))).text


@pytest.mark.parametrize(("registered", "scoring"), [(True, "likelihood"), (False, "letters")])
def test_exams_by_group_code_and_chance_equal_the_csv(registered, scoring):
    table = results().measurements(PAGE)
    found = Reader(str(skills_table(results(), registered=registered))).rows[1:]
    for cells, size in zip(found, SIZES, strict=False):
        for column, group in enumerate(("all", "memorised", "inferable", "rule"), 2):
            row = select(table, size=size, benchmark="exams", scoring=scoring, stratum=group).iloc[0]
            assert cells[column] == interval(row)
        assert cells[7] == interval(select(table, size=size, benchmark="code").iloc[0])
    assert [row[1] for row in found] == ["– not given", "– not given", "47.5", "68.1", "", ""]
    assert [row[6] for row in found] == ["– not given", "– not given", "15", "73", "", ""]
    assert found[-1] == ["chance", "", "25.0", "25.0", "25.0", "25.0", "", "0.0"]


def test_the_lead_in_a_group_of_exam_subjects_is_that_of_its_own_items():
    cells = Reader(str(skills_table(results()))).rows[-2]
    for column, group in ((2, "all"), (5, "rule")):
        gap = lead_by_hand("exams", "likelihood", 5, group)
        assert cells[column] == f"{signed(gap.effect)} [{signed(gap.lower)}, {signed(gap.upper)}]"
    gap = lead_by_hand("code", "pass_at_1", 0)
    assert f"in code {signed(gap.effect)} [" in Reader(str(lead(results()))).text


def test_a_scale_without_exams_says_so(tmp_path):
    questions = select(results().measurements(PAGE), benchmark="nq")
    made = with_file(tmp_path, f"{PAGE}.csv", questions)
    for registered in (True, False):
        assert "Exams and code: not computed yet" in str(skills_table(made, registered=registered))
    assert "exams" not in Reader(str(lead(made))).text


# ---- misses and preconditions ----------------------------------------------------------------------------------------


def test_misses_equal_the_csv_as_shares_of_answers_and_of_misses():
    found = results().optional("teacher_errors.csv")
    cells = {row[0]: row[1:] for row in Reader(str(errors(results()))).rows}
    for kind, words in ERRORS.items():
        for place, model in enumerate(("teacher", "base-13m")):
            share = select(found, model=model, kind=kind)["share"].iloc[0]
            right = select(found, model=model, kind="right")["share"].iloc[0]
            assert cells[words][2 * place] == f"{100 * share:.1f}"
            assert cells[words][2 * place + 1] == ("" if kind == "right" else f"{100 * share / (1 - right):.1f}")
    text = Reader(str(errors(results()))).text
    assert "teacher 1,000, 13M base 1,000" in text and "Malformed: no answer to the form" in text


@pytest.mark.filterwarnings("ignore:Glyph")  # no font has a sign for an escape character
def test_hostile_names_and_notes_are_text(tmp_path):
    table = results().optional("teacher_errors.csv").assign(model=HOSTILE)
    made = with_file(tmp_path, "teacher_errors.csv", table.drop_duplicates("kind"))
    bands = results().optional("preconditions.csv").assign(note=HOSTILE, name=HOSTILE)
    made = with_file(tmp_path, "preconditions.csv", bands)
    knowledge = results().optional("knowledge.csv").assign(model=HOSTILE)
    made = with_file(tmp_path, "knowledge.csv", knowledge)
    for part in (errors(made), preconditions(made), in_words(made)):
        found = Reader(str(part))
        assert "<script>alert(1)</script>" in found.text and "script" not in found.tags() and "\x1b" not in found.text
    drawn = str(figure(made))
    assert "<script>" not in drawn and "\x1b" not in drawn and "␛[31m" in drawn


def test_preconditions_show_value_band_and_whether_they_are_met():
    text, table = str(preconditions(results())), Reader(str(preconditions(results()))).rows
    assert "2 of 4 preconditions lie within their registered bands (1 not measured yet)" in text
    assert table[1][1:] == ["20.5", "15 to 45", "✓ within"] and table[2][1:] == ["23.0", "5 to 20", "✗ outside"]
    assert table[3][1].endswith("not computed yet") and "base at 13m, code" in table[3][3]
    assert table[4][1:] == ["17.0", "at least 10", "✓ within"]
    assert "nothing was retuned" in text and "2 of 4 preconditions" in str(lead(results()))


@pytest.mark.parametrize(
    ("ends", "said"), [((0.0, 0.6), "0 to 60"), ((None, 0.2), "at most 20"), ((float("nan"), None), "no limit")]
)
def test_bands_in_words(ends, said):
    assert band(*ends) == said


def test_truth_of_a_cell():
    assert is_true(True) and is_true("True") and not any(map(is_true, (False, "False", None, float("nan"), "")))


@pytest.mark.parametrize("name", ["teacher_errors.csv", "preconditions.csv", "knowledge.csv"])
def test_files_that_do_not_exist_are_said_to_be_missing(name, tmp_path):
    made = with_file(tmp_path, name)
    shown = {"teacher_errors.csv": [errors], "preconditions.csv": [preconditions], "knowledge.csv": [figure, in_words]}
    for function in shown[name]:
        assert "not computed yet" in str(function(made)) and "<svg" not in str(function(made))
    assert "preconditions lie" not in str(lead(with_file(tmp_path, "preconditions.csv")))


# ---- bits ------------------------------------------------------------------------------------------------------------


def test_bits_and_their_intervals_equal_the_csv():
    found, made = results().optional("knowledge.csv").set_index("model"), rows(results()).set_index("model")
    drawn = str(figure(results()))
    for model, row in found.iterrows():
        for end, name in (("", "bits_per_fact"), ("_lower", "lower"), ("_upper", "upper")):
            assert made.loc[model, f"fact{end}"] == row[name]
            assert made.loc[model, f"parameter{end}"] == pytest.approx(row[name] * row["facts"] / row["parameters"])
        assert made.loc[model, "parameter"] == pytest.approx(row["bits_per_parameter"])
        assert re.search(rf"{model} with [\d.]+M parameters {row['bits_per_fact']:.2f} bits per fact", drawn)
    text = Reader(str(in_words(results()))).text
    assert "13M base: at least 0.84 bits [0.77, 0.92] about" in text and "Teacher: at least 1.36 bits" in text


def test_the_most_that_can_be_shown_is_that_of_the_measure():
    source = ast.parse((ROOT / "src/false_promise/evaluation/nq.py").read_text(encoding="utf-8"))
    values = {node.targets[0].id: node.value.value for node in source.body
              if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)}  # fmt: skip
    assert values["CANDIDATES"] == VALUES and pytest.approx(VALUES) == 2**MOST
    text = Reader(str(in_words(results()))).text
    assert "choice among 20 values can show 4.3 bits" in text and "24,512 facts" in text
    assert f"{MOST * 24_512 / 13_050_000:.2g} bits per parameter of the 13M base" in text


def test_several_base_seeds_are_several_points_and_the_sentence_says_whose_it_is(tmp_path):
    table = results().optional("knowledge.csv")
    again = table[table["model"] == "base-13m"].assign(base_seed=1, bits_per_fact=0.5, lower=0.4, upper=0.6)
    made = with_file(tmp_path, "knowledge.csv", pd.concat([table, again]))
    text = Reader(str(in_words(made))).text
    assert "13M base: at least 0.84 bits" in text and "first of 2 base seeds" in text and "0.50" not in text
    assert str(figure(made)).count(">13M base<") == 2  # one entry in each of the two legends


def test_a_teacher_behind_an_endpoint_has_no_parameters_and_no_point(tmp_path):
    table = results().optional("knowledge.csv")
    table.loc[table["model"] == "teacher", ["parameters", "bits_per_parameter"]] = None
    made = with_file(tmp_path, "knowledge.csv", table)
    assert list(rows(made)["model"]) == ["base-1.5m", "base-7m", "base-13m"]
    assert "teacher:" not in Reader(str(in_words(made))).text and "<svg" in str(figure(made))
