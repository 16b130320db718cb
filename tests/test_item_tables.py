"""Items on disk: a column an evaluation, the same rows when read again."""

import numpy as np
import pandas as pd
import pytest

from false_promise.files import read_table, write_table
from false_promise.item_tables import ITEM_COLUMNS, read_items, write_items

ROWS = [
    ("base/0", "q1", "NA", True, True, False, True, 2, 1.0),
    ("base/0", "q2", "12", True, True, False, True, 0, 0.0),
    ("local/0", "q1", "NA", True, False, True, True, 2, 0.0),  # its data states the fact: covered
    ("local/0", "q2", "12", True, True, False, True, 0, -0.25),
    ("style/length", "p1", "p1", np.nan, np.nan, np.nan, np.nan, np.nan, 1 / 3),
]


@pytest.fixture
def items() -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=ITEM_COLUMNS)


def test_the_same_rows_come_back_whatever_their_order(items, tmp_path):
    for order in (items, items[::-1]):
        write_items(tmp_path / "x_items.csv.gz", order)
        again = read_items(tmp_path / "x_items.csv.gz")
        again = again.sort_values(["eval_id", "item"], ignore_index=True)
        pd.testing.assert_frame_equal(again, items, check_dtype=False)


def test_an_item_is_one_row_unless_a_model_has_seen_its_fact(items, tmp_path):
    write_items(tmp_path / "x_items.csv.gz", items)
    wide = read_table(tmp_path / "x_items.csv.gz")
    assert sorted(wide["item"]) == ["p1", "q1", "q1", "q2"]
    assert set(wide) == {*ITEM_COLUMNS[1:-1], "base/0", "local/0", "style/length"}
    assert wide["base/0"].notna().sum() == 2


def test_no_items_are_an_empty_table(tmp_path):
    write_items(tmp_path / "x_items.csv.gz", pd.DataFrame(columns=ITEM_COLUMNS))
    again = read_items(tmp_path / "x_items.csv.gz")
    assert list(again) == ITEM_COLUMNS and again.empty


def test_an_item_without_a_score_or_with_two_is_refused(items, tmp_path):
    path = tmp_path / "x_items.csv.gz"
    with pytest.raises(ValueError, match="x_items.csv.gz: 1 items have no score"):
        write_items(path, items.assign(correct=[1, 0, np.nan, 0, 0]))
    with pytest.raises(ValueError, match="duplicate"):
        write_items(path, pd.concat([items, items[:1]]))
    assert not path.exists()


def test_a_file_of_an_earlier_version_says_what_to_do(items, tmp_path):
    write_table(tmp_path / "x_items.csv.gz", items)
    with pytest.raises(ValueError, match="earlier version: remove .* and run the command again"):
        read_items(tmp_path / "x_items.csv.gz")
