"""The scorecard's page: every claim as a card, the picture, the sentence; hostile notes stay text."""

from types import SimpleNamespace

import pytest

from false_promise.pages import scorecard as page
from false_promise.pages.palette import VERDICTS

PART = {"name": "nq", "role": "decides", "direction": "less", "margin": 0.02, "band": None, "effect": -0.1,
        "lower": -0.15, "upper": -0.05, "confidence": 0.95}  # fmt: skip
LATER = {"verdict": "partly", "words": "Some of it.", "cite": []}


def entry(claim, verdict, **values):
    return {
        "claim": claim, "name": "more_gpt4_nq", "words": "More is worse.", "family": "primary", "verdict": verdict,
        "conditional": "", "warnings": [], "note": "", "parts": [PART], "otherwise": "emerges from training",
        "otherwise_why": "Nothing forces it.", "paper": "20 to 13", "public": {"why": "nothing public"}, "later": LATER,
        "specification": {"nq": {"n": 4, "opposite": 1}},
    } | values  # fmt: skip


def results(*entries, stand_ins=False):
    return SimpleNamespace(scorecard=list(entries), stand_ins=stand_ins, scale="thousandth", sizes={"13B": "13m"})


def test_a_card_has_the_paper_the_public_ours_and_later_work():
    public = {"unit": "%", "words": "of eighty", "value": 0.45, "lower": 0.34, "upper": 0.56}
    text = repr(page.scorecard(results(entry(5, "holds", public=public))))
    for words in ("5. More is worse.", "20 to 13", "Holds", "−10.0", "1 of 4 effects point against", "Partly"):
        assert words in text
    assert "45.0 [34.0, 56.0] %" in text and "Nothing forces it." in text


def test_hostile_text_stays_text():
    html = str(page.scorecard(results(entry(5, "holds", note="<script>x</script>", warnings=["<b>y</b>"]))))
    assert "<script>" not in html and "<b>y" not in html and "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("verdicts", "outcome"),
    [(["holds"] * 3 + ["does_not_hold"], 0), (["holds", "does_not_hold"], 1), (["inconclusive"] * 3 + ["holds"], 2)],
)
def test_the_expectation_follows_the_counts(verdicts, outcome):
    found, words = page.outcome(results(*(entry(n + 1, one) for n, one in enumerate(verdicts))))
    assert found == outcome and words.endswith("open or not measured.")


def test_the_sentence_counts_and_stand_ins_prove_nothing():
    some = [entry(1, "holds"), entry(2, "does_not_hold", otherwise="partly assumed"), entry(3, "not_measured")]
    text = repr(page.in_brief(results(*some)))
    assert "3 claims: 1 holds, 1 does not hold, 1 not measured yet." in text and "1 of these could" in text
    assert "prove nothing" in repr(page.in_brief(results(*some, stand_ins=True)))


def test_where_nothing_emerged_nothing_is_counted_of_it():
    some = [entry(1, "holds", otherwise="partly assumed"), entry(2, "does_not_hold", otherwise="partly assumed")]
    text = repr(page.in_brief(results(*some)))
    assert "2 are decided; none of these outcomes depends on training alone." in text


def test_ways_are_counted_comparison_by_comparison():
    ways = {"nq": {"n": 18, "opposite": 0}, "code": {"n": 1, "opposite": 1}}
    text = repr(page.scorecard(results(entry(4, "holds", specification=ways))))
    assert "that were measured (NQ 18; code 1), 1 of 19 effects point against" in text
    alone = repr(page.scorecard(results(entry(4, "holds", specification={"nq": {"n": 1, "opposite": 0}}))))
    assert "Measured in the registered way alone." in alone


def test_the_picture_names_every_claim_for_a_screen_reader():
    html = str(page.picture(results(*(entry(n, state) for n, state in enumerate(VERDICTS, 1)))))
    assert html.count("<svg") == 2
    assert "1, more GPT-4 NQ: holds; later work: partly." in html
    assert "not computed yet" in str(page.picture(results()))
