"""Sentences, badges and cautions for every kind of verdict."""

import copy

import pytest

from book_fixtures import results
from false_promise.pages.answers import answer, claims_strip, headline, verdict_on
from false_promise.pages.comparisons import part_words
from false_promise.pages.palette import VERDICTS
from page_reader import Reader


def changed(made, claim, **values):
    """The same results with other values in one claim's verdict."""
    other = copy.copy(made)
    object.__setattr__(other, "__dict__", dict(made.__dict__))
    verdicts = copy.deepcopy(made.verdicts)
    verdicts[claim] = verdicts.get(claim, {"id": claim}) | values
    other.__dict__["verdicts"] = verdicts
    return other


@pytest.mark.parametrize(
    ("outcome", "opening"),
    [("holds", "Yes, at this scale: local imitation improved"),
     ("does_not_hold", "No, not at this scale: on questions whose fact"),
     ("inconclusive", "Undecided at this scale: whether local imitation")],
)  # fmt: skip
def test_sentence_says_what_the_decision_means_with_the_effects_of_the_file(outcome, opening):
    made = results(outcome=outcome)
    text = Reader(str(answer(made, 6))).text
    assert opening in text
    effect = made.verdicts[6]["parts"][0]["effect"]
    shown = f"{100 * effect:+.1f}".replace("-", "−")
    assert f"local minus base {shown} at 7M and {shown} at 13M" in text
    assert VERDICTS[outcome].label in text and "emerges from training" in text


@pytest.mark.parametrize("state", ["not_measured", "not_eligible", "not_testable"])
def test_without_a_decision_the_sentence_says_why_and_claims_nothing(state):
    text = Reader(str(answer(changed(results(), 6, verdict=state, parts=[], note="rows are missing"), 6))).text
    assert text.startswith(VERDICTS[state].sign) and "Not answered" in text and "rows are missing" in text
    assert "Yes, at" not in text and "points" not in text


def test_a_comparison_that_is_left_out_says_why_and_what_was_measured_besides():
    note = "the teacher leads by only 1.7 points in nq_3shot, exams"
    part = results().verdicts[6]["parts"][0] | {"effect": None, "verdict": "not_eligible", "note": note}
    made = changed(results(), 6, verdict="not_eligible", parts=[part], note=note)
    text = Reader(str(answer(made, 6, measured="Lists: <b> rose."))).text
    assert "left out: the teacher leads by only 1.7 points in NQ 3-shot, exams" in text
    assert "Lists: <b> rose." in text and text.count("1.7 points") == 1


def test_every_verdict_of_the_judge_has_words():
    assert set(VERDICTS) == {"holds", "does_not_hold", "inconclusive", "not_eligible", "not_measured", "not_testable"}
    assert len({look.sign + look.label for look in VERDICTS.values()}) == len(VERDICTS)


def test_each_comparison_has_its_interval_level_and_margin():
    made = results()
    part = made.verdicts[6]["parts"][0]
    text = Reader(str(answer(made, 6))).text
    assert f"[{100 * part['lower']:+.1f}, {100 * part['upper']:+.1f}] 98.75% needs > +2.0" in text
    assert "each base" not in text
    several = changed(made, 6, parts=[part | {"by_base": [0.059, -0.004]}])
    assert "needs > +2.0; each base alone +5.9, −0.4" in Reader(str(answer(several, 6))).text
    band = changed(made, 6, parts=[part | {"band": [-0.07, 0.07], "margin": None}])
    assert "needs −7.0 to +7.0" in Reader(str(answer(band, 6))).text


def test_reported_comparisons_stand_apart_from_the_sentence():
    sentence, _, folded = Reader(str(answer(results(), 6))).text.partition("Also measured, deciding nothing")
    assert "+55.5" in folded and "all items, 7M" in folded and "+55.5" not in sentence


def test_a_comparison_without_interval_or_effect_says_so():
    part = results().verdicts[6]["parts"][0]
    text = Reader(str(answer(changed(results(), 6, parts=[part | {"lower": None, "upper": None}]), 6))).text
    assert "interval not computed yet" in text
    text = Reader(str(answer(changed(results(), 6, parts=[part | {"effect": None}]), 6))).text
    assert "– not computed yet" in text


def test_warnings_of_the_judge_and_of_the_runs_stand_beside_the_sentence():
    made = changed(results(), 6, warnings=["depends on <scoring>"])
    made.__dict__["status"] = lambda page: {"warnings": [f"{page}: outside the recorded interval"]}
    for part in (answer(made, 6), headline(made)):
        text = Reader(str(part)).text
        assert "⚠ Depends on <scoring>." in text and "⚠ Local_vs_broad: outside the recorded interval." in text
    assert "⚠" not in str(answer(results(), 6))


def test_stand_ins_never_say_yes_nor_wear_the_colour_of_a_decision():
    text = str(answer(results("smoke"), 6)) + str(headline(results("smoke"))) + str(claims_strip(results("smoke")))
    assert "fp-holds" not in text and "Yes, at this scale" not in text
    assert "With stand-in models, which prove nothing" in text and "Stand-ins only" in text


def test_front_page_shows_every_claim_and_counts_only_decided_ones():
    text = Reader(str(headline(results(broad="inconclusive")))).text
    assert "1 of 12 decided; 1 of these could have come out either way" in text
    chips = str(claims_strip(results()))
    assert chips.count("<li ") == 12 and "raters miss errors: not measured yet" in chips


def test_sizes_are_named_as_the_scale_names_them():
    assert part_words(results(), {"name": "local_minus_base_13B"}) == ("local minus base", "13M")
    assert part_words(results("smoke"), {"name": "local_minus_base_7B"}) == ("local minus base", "0.1M")
    assert part_words(results(), {"name": "early_gain"}) == ("smallest amount minus base", "")


def test_a_claim_that_nobody_judged_is_not_measured():
    assert verdict_on(results(), 99)["verdict"] == "not_measured"


def test_notes_of_the_judge_are_escaped():
    assert "<img" not in str(answer(changed(results(), 6, note="<img src=x onerror=1>"), 6))
