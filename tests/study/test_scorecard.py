"""The scorecard: complete for every claim, its numbers from files, its counts from the curves."""

import pandas as pd
import pytest

from false_promise.claims.judge import load_claims
from false_promise.study import scorecard

VERDICTS = [
    {"id": claim["id"], "name": claim["name"], "family": claim["family"], "verdict": "holds", "conditional": "",
     "warnings": [], "note": "", "parts": [], "otherwise": claim["otherwise"], "otherwise_why": claim["otherwise_why"]}
    for claim in load_claims().claims
]  # fmt: skip
CURVES = pd.DataFrame(
    [(4, "nq", "less", -0.1), (4, "nq", "less", 0.1), (6, "a", "greater", -0.2), (6, "a", "greater", 0.3)],
    columns=["claim", "part", "direction", "effect"],
)


@pytest.fixture(scope="module")
def card():
    return {one["claim"]: one for one in scorecard.entries(VERDICTS, CURVES)}


def test_every_claim_has_every_cell(card):
    assert sorted(card) == list(range(1, 13))
    for one in card.values():
        assert one["words"] and one["paper"] and one["later"]["verdict"] and one["later"]["words"]
        assert {"value", "lower", "upper", "unit"} <= set(one["public"]) or one["public"]["why"]


def test_turned_signs_are_counted_by_direction(card):
    assert card[4]["specification"] == {"nq": {"n": 2, "opposite": 1}}
    assert card[6]["specification"] == {"a": {"n": 2, "opposite": 1}}
    assert card[5]["specification"] == {}


def test_numbers_of_later_work_are_those_of_the_paper_values(card):
    assert "47.0 to 52.1 (Vicuna), 42.3 to 49.3 (Tülu)" in " ".join(card[4]["later"]["words"].split())
    assert "5.95 against 6.0 of 10" in card[2]["later"]["words"]  # keys that hold dots
    assert all("{" not in one["later"]["words"] for one in card.values())


def test_an_unknown_key_is_named():
    with pytest.raises(KeyError, match="has no 'nowhere'"):
        scorecard._filled("{later.nowhere}", {"later": {"x": 1}})


def test_public_values_lie_in_their_intervals(card):
    found = [one["public"] for one in card.values() if "value" in one["public"]]
    assert len(found) == 3
    assert all(one["lower"] < one["value"] < one["upper"] for one in found)


def test_the_terminal_lists_all_and_counts_the_decided(card):
    lines = scorecard.in_words(list(card.values())).split("\n")
    assert len(lines) == 14 and lines[-1] == "12 of 12 decided"
