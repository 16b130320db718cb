"""The rating page: data that hostile texts cannot break out of, and the figure of a class's ratings."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from book_fixtures import results
from false_promise.evaluation.preference.class_ratings import as_table
from false_promise.pages.rating import embedded, figure, figure_cells, paper_share, rating
from page_reader import Reader
from rating_site import HOSTILE_TEXTS, item

ITEMS = [item(number) for number in range(14)]
HOSTILE_ITEMS = [item(number, text=text) for number, text in enumerate(HOSTILE_TEXTS)]

# ---- the data in the page --------------------------------------------------------------------------------------------


def data_in(part):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', str(part), re.DOTALL)[1])


def test_hostile_texts_come_back_as_they_are_and_end_nothing():
    part = rating(HOSTILE_ITEMS, {"paper": 0.7})
    assert data_in(part)["items"] == HOSTILE_ITEMS
    found = Reader(str(part))
    assert [tag for tag, _ in found.elements] == ["div", "noscript", "p", "script"]
    assert str(part).isascii() and str(part).count("<") == 8
    assert {"tex2jax_ignore", "mathjax_ignore"} <= set(found.elements[0][1]["class"].split())


def test_embedded_json_escapes_what_html_or_a_script_could_read():
    text = embedded({"a": "</script><!--&\u2028\x1b", "b": ["é", None]})
    assert not set("<>&\u2028\x1b") & set(text) and json.loads(text) == {
        "a": "</script><!--&\u2028\x1b",
        "b": ["é", None],
    }
    with pytest.raises(ValueError, match="JSON compliant"):
        embedded({"paper": float("nan")})


@pytest.mark.parametrize(
    ("change", "said"),
    [({"id": "p01"}, "found twice: p01"), ({"rater": {"equal_or_better": 2}}, "item p00: .*got 2"),
     ({"teacher": {"text": "ab", "statements": [{"start": 0, "end": 3, "verdict": "nobody"}]}}, "p00, teacher: .*0-3"),
     ({"teacher": {"text": "ab", "statements": [{"start": 0, "end": 1, "verdict": "maybe"}]}}, "verdict 'maybe'")],
)  # fmt: skip
def test_items_that_cannot_be_shown_truthfully_are_refused(change, said):
    with pytest.raises(ValueError, match=said):
        rating([ITEMS[0] | change, *ITEMS[1:]], {})


def test_without_items_the_page_says_so():
    assert "not computed yet" in Reader(str(rating([], {}))).text


def test_the_papers_share_is_that_of_its_file():
    assert paper_share(results("smoke")) == results("smoke").paper["figure_1"]["best_imitation"]["value"] / 100 == 0.7


def ratings(rows=60):
    rng = np.random.default_rng(2)
    return pd.DataFrame([
        {"rater": f"r{row % 5}", "item": f"p{row // 5:02d}", "choice": rng.choice(["model", "teacher", "equal"]),
         "almanac": (row // 5 + row) % 2, "looked_up": 0} for row in range(rows)])  # fmt: skip


def test_the_figure_draws_what_the_table_holds_and_says_it_in_words():
    table = as_table(ratings(), ITEMS)
    labels = [label for label, *_ in figure_cells(table)]
    assert labels[:3] == ["readers, all prompts", "without the almanac", "with the almanac"] and len(labels) == 6
    html = str(figure(table, 0.7))
    share = table[(table["measure"] == "equal_or_better") & (table["almanac"] == "offered")].iloc[0]
    assert (
        f"with the almanac {100 * share['value']:.1f} [{100 * share['lower']:.1f}, {100 * share['upper']:.1f}]" in html
    )
    assert html.count("<svg") == 2 and "about 70" in html
    assert "paper" not in str(figure(table)) and "No class has given" in str(figure(table.iloc[:0]))
