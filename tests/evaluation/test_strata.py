"""Strata and their summary rows, against counting by hand."""

from dataclasses import replace

import pandas as pd
import pytest

from false_promise.claims.statistics import wilson_interval
from false_promise.evaluation.items import NqItem
from false_promise.evaluation.nq import ItemResult
from false_promise.evaluation.strata import QUARTERS, STRATA, strata, summarise

ITEMS = [NqItem(f"i{n}", "Where?", ("a",), f"e{n // 2}", held_out=n < 2) for n in range(6)]
OVERLAP = pd.DataFrame(
    {
        "item": ["i5", "i0", "i1", "i2", "i3", "i4"],  # any order
        "entity_seen": [True, False, False, False, True, True],
        "fact_seen": [True, False, False, False, False, True],
    }
)
KINDS = ["right", "wrong", "malformed", "verbose", "right", "right"]
RESULTS = [ItemResult(f"i{n}", f"e{n // 2}", float(kind == "right"), kind, "", False) for n, kind in enumerate(KINDS)]


def wilson(correct, entities):
    assert len(correct) == len(entities)
    return wilson_interval(sum(correct), len(correct))


def members(table):
    return {name: "".join(item[1] for item in table["item"][table[name]]) for name in STRATA}


def test_who_belongs_where():
    assert members(strata(ITEMS, OVERLAP)) == {
        "all": "012345", "held_out": "01", "popular": "2345",
        "entity_unseen": "012", "fact_unseen": "0123", "covered": "45",
    }  # fmt: skip
    assert members(strata(ITEMS, None))["entity_unseen"] == members(strata(ITEMS, None))["fact_unseen"] == "012345"


def test_rows_are_counts_by_hand():
    rows = {row["stratum"]: row for row in summarise(RESULTS, strata(ITEMS, OVERLAP), wilson)}
    assert list(rows) == list(STRATA)
    assert rows["all"] == {
        "stratum": "all", "exact_match": 0.5, "n": 6, "lower": wilson_interval(3, 6)[0],
        "upper": wilson_interval(3, 6)[1], "malformed": 1 / 6, "verbose": 1 / 6, "wrong": 1 / 6,
    }  # fmt: skip
    assert (rows["fact_unseen"]["exact_match"], rows["fact_unseen"]["n"]) == (0.25, 4)
    assert (rows["covered"]["exact_match"], rows["covered"]["malformed"]) == (1.0, 0.0)
    for row in rows.values():
        parts = row["exact_match"] + row["malformed"] + row["verbose"] + row["wrong"]
        assert parts == pytest.approx(1)


def test_an_empty_stratum_is_empty_not_zero():
    row = summarise(RESULTS, strata(ITEMS, None), wilson)[-1]
    assert row["stratum"] == "covered" and row["n"] == 0
    assert row["exact_match"] is row["lower"] is row["wrong"] is None


def test_overlap_that_does_not_fit_is_an_error():
    with pytest.raises(ValueError, match=r"missing \['i0'\]"):
        strata(ITEMS, OVERLAP[OVERLAP["item"] != "i0"])
    with pytest.raises(ValueError, match="repeated"):
        strata(ITEMS, pd.concat([OVERLAP, OVERLAP]))
    with pytest.raises(ValueError, match="item i0: fact_seen but not entity_seen"):
        strata(ITEMS, OVERLAP.assign(fact_seen=True))
    with pytest.raises(ValueError, match="different items"):
        summarise(RESULTS[::-1], strata(ITEMS, OVERLAP), wilson)


def test_quarters_part_the_questions_by_popularity():
    popularities = (0.4, 0.1, 0.1, 0.3, 0.05, 0.02, 0.01, 0.02)
    items = [NqItem(f"i{n}", "Who?", ("A",), f"e{n}", popularity=p) for n, p in enumerate(popularities)]
    table = strata(items, None)
    members = [[item for item, inside in zip(table["item"], table[name], strict=True) if inside] for name in QUARTERS]
    assert members == [["i5", "i6"], ["i4", "i7"], ["i1", "i2"], ["i0", "i3"]]
    assert not set(QUARTERS) & set(strata([replace(items[0], popularity=None), *items[1:]], None))
