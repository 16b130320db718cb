"""Exams behind two prompts: cells equal the file, the sentence follows from it, what is missing says so."""

import shutil

import pandas as pd
import pytest

from book_fixtures import results
from false_promise.files import write_json, write_table
from false_promise.pages.bases import errors
from false_promise.pages.exam_prompts import FILE, exam_prompts, in_words
from false_promise.results import Results
from false_promise.study.exam_prompts import COLUMNS
from page_reader import Reader

MODELS = [
    ("teacher", None, "teacher"),
    ("base-7m", "7B", "base"),
    ("base-13m", "13B", "base"),
    ("base-13m", "13B", "broad"),
]
VALUES = {"exam": 0.4, "question": 0.7, "letter": 0.9}


@pytest.fixture
def made(tmp_path):
    shutil.copytree(results().folder, tmp_path / "thousandth")
    rows = [[model, size, None, arm, None, None, measure, value + 0.01 * n, value - 0.05, value + 0.06, 671]
            for n, (model, size, arm) in enumerate(MODELS) for measure, value in VALUES.items()]  # fmt: skip
    write_table(tmp_path / "thousandth" / FILE, pd.DataFrame(rows, columns=COLUMNS))
    return Results("thousandth", tmp_path / "thousandth")


def test_every_model_has_its_three_numbers(made):
    found = Reader(str(exam_prompts(made)))
    assert found.rows[1] == ["teacher", "40.0 [35.0, 46.0]", "70.0 [65.0, 76.0]", "90.0 [85.0, 96.0]"]
    assert [row[0] for row in found.rows[1:]] == ["teacher", "7M · base", "13M · base", "13M · broad"]
    assert "the 671 items" in found.text and "decides nothing" in found.text


def test_a_table_of_the_first_base_says_so_where_there_are_several(made):
    words = "the first of 2 base models of each size"
    assert words not in str(exam_prompts(made)) and words not in str(errors(made))
    write_json(made.folder / "scale.json", made.settings | {"base_seeds": 2})
    several = Results("thousandth", made.folder)
    assert f"95% intervals; {words}. (The registered" in str(exam_prompts(several))
    assert f"; {words}). " in str(errors(several))


def test_the_sentence_names_teacher_and_largest_base(made):
    said = in_words(made)
    assert said.startswith("The teacher chooses right in 40.0% of the items behind “Answer:”")
    assert "the largest base LM chooses right in 42.0%" in said and "72.0% behind “Q: … A:”." in said


def test_without_the_file_nothing_is_claimed():
    assert "not computed yet" in str(exam_prompts(results())) and in_words(results()) == ""
