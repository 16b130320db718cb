"""Files are complete or absent, and equal content gives equal bytes."""

import errno
import time

import pandas as pd
import pytest

from false_promise.files import read_jsonl, read_table, replacing, write_json, write_jsonl, write_table

TABLE = pd.DataFrame({"a": [1, 2], "b": ["x,y", "é"]})


@pytest.mark.slow
def test_equal_tables_are_equal_files_whenever_and_by_whom_they_are_written(tmp_path):
    for name in ("one.csv.gz", "two.csv.gz"):
        write_table(tmp_path / name, TABLE)
        time.sleep(1.1)  # gzip would store seconds
    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()
    assert pd.read_csv(tmp_path / "one.csv.gz").equals(TABLE)
    write_table(tmp_path / "three.csv", TABLE)
    assert (tmp_path / "three.csv").read_bytes() == 'a,b\n1,"x,y"\n2,é\n'.encode()


def test_an_error_keeps_the_old_file_and_leaves_no_temporary_one(tmp_path):
    path = tmp_path / "value.json"
    write_json(path, {"old": 1})

    def fill(file) -> None:
        with replacing(file) as temporary:
            temporary.write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fill(path)
    assert [one.name for one in tmp_path.iterdir()] == ["value.json"]
    assert "old" in path.read_text()


def test_a_number_that_json_does_not_know_is_refused(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant|Out of range"):
        write_json(tmp_path / "value.json", {"x": float("nan")})
    assert not list(tmp_path.iterdir())


def test_an_answer_may_hold_a_line_separator_and_say_na(tmp_path):
    """JSON lines end at line feeds alone, and only an empty cell of a table is missing."""
    rows = [{"text": "one\u2028two\u0085three"}, {"text": "\n"}]
    write_jsonl(tmp_path / "answers.jsonl", rows)
    assert read_jsonl(tmp_path / "answers.jsonl") == rows
    write_table(
        tmp_path / "a.csv", pd.DataFrame({"item": ["007", "8"], "answer": ["NA", "null"], "score": [0.5, None]})
    )
    found = read_table(tmp_path / "a.csv")
    assert found["item"].tolist() == ["007", "8"] and found["answer"].tolist() == ["NA", "null"]
    assert found["score"].isna().tolist() == [False, True]


@pytest.mark.slow
def test_a_column_that_is_empty_for_many_rows_has_one_type(tmp_path):
    """Read in blocks, the first block would be numbers (all missing) and a later one text."""
    many = 300_000
    write_table(tmp_path / "a.csv", pd.DataFrame({"x": [""] * many + ["7", "seven"], "y": range(many + 2)}))
    values = read_table(tmp_path / "a.csv")["x"].dropna().tolist()
    assert values == ["7", "seven"]
