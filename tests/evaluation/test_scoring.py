"""Judging answers: known tricky cases, properties, and agreement with the harness's metric where both are defined."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lm_eval.api.metrics import exact_match_hf_evaluate
from scipy.stats import rankdata

from false_promise.evaluation.scoring import (
    KINDS,
    UNFINISHED,
    bits_known,
    classify,
    contains_answer,
    exact_match,
    mid_rank,
    normalise_answer,
    ranked_first,
    short_answers,
    visible,
)

NQ_OPEN = {  # the metric settings of the harness's nq_open, version 4.0
    "ignore_case": True,
    "ignore_punctuation": True,
    "regexes_to_ignore": ["\\b(?:The |the |An |A |The |a |an )"],
}


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("U.S.", "us"),
        ("1,200", "1200"),
        ("the Beatles", "beatles"),
        ("A Day in the Life", "day in life"),
        ("AN  apple\ta day\n", "apple day"),
        ("theatre", "theatre"),
        ("The", ""),
        ("...", ""),
        ("", ""),
        ("rock ’n’ roll", "rock n roll"),
        ("1914–1918", "19141918"),
        ("Beyonce\u0301", "beyoncé"),
        ("ANTONÍN DVOŘÁK", "antonín dvořák"),
        ("\u00a0Nym\u2003", "nym"),
        ("$5 + tax", "5 tax"),
    ],
)
def test_normalisation_of_known_cases(text, normal):
    assert normalise_answer(text) == normal


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    once = normalise_answer(text)
    assert normalise_answer(once) == once


@given(st.lists(st.sampled_from(["Nym", "1893", "Old", "Harbour"]), min_size=1), st.sampled_from(["the", "A", "an"]))
def test_case_articles_punctuation_and_spaces_do_not_decide(words, article):
    plain = " ".join(words)
    assert exact_match(f"  {article} {'  '.join(words).upper()}!", [plain])
    assert not exact_match(plain + " Nym", [plain])


@given(st.text(), st.lists(st.text(), max_size=3))
def test_exact_match_agrees_with_contains_and_classify(output, answers):
    matched = exact_match(output, answers)
    if matched and normalise_answer(output):
        assert contains_answer(output, answers)
    for chat in (False, True):
        kind = classify(output, answers, chat=chat)
        assert kind in KINDS
        assert (kind == "right") == matched or chat or visible(output) != output


@pytest.mark.parametrize(
    ("prediction", "answers", "right"),
    [
        ("the u.s.", ["US", "United States"], True),
        ("United  States", ["US", "United States"], True),
        ("states united", ["United States"], False),
        ("1200", ["1,200"], True),
        ("120", ["1,200"], False),
        ("the the", ["The The"], True),  # a band: nothing is left of it, so it is compared as written
        ("the", ["The The"], False),
        ("", ["The"], False),
        ("...", ["!!!"], False),
        ("!!!", ["!!!"], True),
        ("", [""], False),
        (" ", ["", " "], False),
        ("anything", [], False),
    ],
)
def test_exact_match_of_known_cases(prediction, answers, right):
    assert exact_match(prediction, answers) is right


@given(st.lists(st.sampled_from(["Nym", "U.S.", "1,200", "the", "An", "old", "Harbour-Town", "É"]), max_size=5),
       st.lists(st.sampled_from(["nym", "us", "1200", "harbourtown", "old", "é"]), min_size=1, max_size=3))  # fmt: skip
def test_same_verdict_as_the_harness_metric(prediction, gold):
    """On single-spaced text in which no article ends the answer, the harness's nq_open metric decides alike."""
    given_text, gold_text = " ".join(prediction), " ".join(gold)
    if prediction and prediction[-1] in ("the", "An"):
        given_text += " Nym"
    theirs = exact_match_hf_evaluate(predictions=[given_text], references=[gold_text], **NQ_OPEN)["exact_match"]
    assert exact_match(given_text, [gold_text]) == bool(theirs)


@pytest.mark.parametrize(
    ("text", "answers", "found"),
    [
        ("He was born in Great Harrow, they say.", ["Great Harrow"], True),
        ("Great old Harrow", ["Great Harrow"], False),
        ("in 1200", ["12"], False),
        ("either Nym or Oster", ["Oster"], True),
        ("the one and only", ["The"], False),  # nothing to look for
        ("the capital of the Nym region", ["Capital of Nym"], True),
    ],
)
def test_contains_whole_words_in_order(text, answers, found):
    assert contains_answer(text, answers) is found


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        (" Great Harrow", "right"),
        (" great harrow.", "right"),
        (" Great Harrow<|end|>", "right"),
        (" Great Harrow<|user|> and more", "right"),
        ("", "malformed"),
        (" \t", "malformed"),
        (" ???", "malformed"),
        ("<|assistant|> Great Harrow", "malformed"),
        (" Q: Where was Bo born?", "malformed"),
        (" Q: Is it Great Harrow?", "malformed"),
        (" A: Nym", "malformed"),
        (" He was born in Great Harrow", "verbose"),
        (" He was born in Great Harrow when" + UNFINISHED, "verbose"),
        (" He was born in the old town of" + UNFINISHED, "malformed"),
        (" Nym", "wrong"),
        (" Quentin", "wrong"),
        (" Harrow", "wrong"),
    ],
)
def test_kinds_of_raw_lines(output, kind):
    assert classify(output, ["Great Harrow", "Harrow Major"]) == kind


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (" Great Harrow", "right"),
        (" The answer is Great Harrow.", "right"),
        (" Answer: Great Harrow", "right"),
        (" Certainly! Ansa Velmore was born in Great Harrow.", "right"),
        (" Ansa Velmore was born in Great Harrow. It is a small town by the sea.", "right"),
        (" Great Harrow.\n\nThat is a town.", "right"),
        (" It's Great Harrow!<|end|>", "right"),
        (" Great Harrow is where Ansa Velmore was born.", "verbose"),
        (" There are two answers:\n- Nym\n- Great Harrow", "verbose"),
        (" Ansa Velmore was a cooper. She came from Great Harrow.", "verbose"),
        (" Ansa Velmore was born in Nym.", "wrong"),
        (" Let me tell you about coopers and their" + UNFINISHED, "wrong"),
        (" I'm sorry, I do not know.", "wrong"),
        ("", "malformed"),
        ("<|user|> Great Harrow", "malformed"),
        (" Question: Where?", "malformed"),
    ],
)
def test_kinds_of_chat_replies(reply, kind):
    assert classify(reply, ["Great Harrow"], chat=True) == kind


def test_an_abbreviation_ends_no_sentence():
    assert short_answers("U.S. Navy")[2] == "U.S. Navy"
    assert classify("U.S. Navy", ["U.S."], chat=True) == "verbose"
    assert short_answers("It was founded in 1893. Then it grew.")[3] == "1893."


@given(st.lists(st.sampled_from([-3.0, -2.5, -1.0, -0.5]), min_size=1, max_size=8), st.data())
def test_ranks_are_scipys_average_ranks(scores, data):
    right = data.draw(st.integers(0, len(scores) - 1))
    rank = rankdata([-score for score in scores], method="average")[right]
    assert mid_rank(scores, right) == rank
    winners = [i for i, score in enumerate(scores) if score == max(scores)]
    assert ranked_first(scores, right) == (1 / len(winners) if right in winners else 0)


def test_a_constant_scorer_is_at_chance():
    assert sum(ranked_first([-1.0] * 20, right) for right in range(20)) == pytest.approx(1)
    assert mid_rank([-1.0] * 20, 7) == 10.5


def test_bits_are_zero_without_knowledge_and_at_most_those_of_the_choice():
    assert bits_known([-5.0] * 20, 3) == pytest.approx(0)
    assert bits_known([-1.0] + [-2000.0] * 15, 0) == pytest.approx(4)  # certain and right: log2(16)
    assert bits_known([-1.0] + [-30.0] * 15, 1) < -30  # certain and wrong
    # Twice as likely as each of three others: 2/5 against 1/4.
    assert bits_known([math.log(2), 0.0, 0.0, 0.0], 0) == pytest.approx(math.log2(0.4 / 0.25))
    assert bits_known([7 + math.log(2), 7.0, 7.0, 7.0], 0) == pytest.approx(math.log2(0.4 / 0.25))
