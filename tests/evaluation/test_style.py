"""Table 2's five rows: detectors on hand-made and hostile text, the rows' arithmetic, the public record, the labels."""

import json
import re
import time
from dataclasses import asdict

import numpy as np
import pytest

from false_promise.evaluation import vicuna80
from false_promise.evaluation.style import SCORINGS, style_rows
from false_promise.evaluation.style.detectors import (
    has_list,
    has_summary,
    hedges_per_100_words,
    is_assertive,
    is_authoritative,
)
from false_promise.evaluation.style.likeness import length_products, unigram_overlap, unigram_variants
from false_promise.evaluation.style.text import MOST_CHARACTERS, clean, prose, repeated_share, words
from false_promise.pages.matched import registration

needs_real_data = pytest.mark.skipif(
    not vicuna80.available(), reason=f"no real answers at {vicuna80.FOLDER}; set REAL_DATA to have them"
)

PLAIN = "Rye grows in the north. It is cut in August.\nThe mills stand by the river and work all winter."
LISTS = [
    "Three things grow here:\n- rye\n- oats\n- hops",
    "* **Rye.** It is cut late.\n\n* **Oats.** They are cut early.",
    "1. Sow the rye.\n\n2. Cut the rye.",
    "(a) Sow the rye\n(b) Cut the rye",
    "Step 1: Sow the rye.\nStep 2: Cut the rye.",
    "• Saft\n• Müsli",
    "It takes two steps: (1) sow the rye, (2) cut it.",
    "1. Sow the rye. 2. Cut the rye. 3. Rest.",
    "First, sow the rye. Second, cut it.",
    "Firstly, sow the rye.\n\nNext, wait a year.\n\nFinally, cut it.",
]
NO_LISTS = [
    PLAIN,
    "Rye, oats, and hops grow here.",
    "- Only one item",
    "In 1984. Then 1986. Nothing else.",
    "First, sow the rye. Finally, cut it.",
    "```\n- a\n- b\n1. c\n2. d\n```",
    "The value of f(1) is 3 and of f(2) is 5.",
    "* * *\n---\n* * *",
    "A. Miller wrote it.\nIt was read by C. Weaver.",
    "The rye\nstands high\nin the wind",
    "2. Sow the rye.\n5. Cut the rye.",
]
SUMMARIES = [
    PLAIN + "\n\nOverall, rye and mills shape the north.",
    PLAIN + "\nIn conclusion, the north lives on rye.",
    "- rye is cut late\n- oats are cut early\n\nBy following these tips, you will have a good year.",
    PLAIN + "\n\nAll of these make the north what it is.",
    PLAIN + "\n\nIn short, the north lives on rye.\n\nI hope this helps! Let me know if you have questions.",
    "1. Sow.\n2. Cut.\nRemember, a good year takes patience and work.",
]
NO_SUMMARIES = [
    PLAIN,
    "Overall, the north lives on rye and on mills.",  # the only paragraph
    "- rye is cut late\n- overall, oats are cut early in the year",
    PLAIN + "\n\nIt is important to note that overall yields differ from year to year.",
    PLAIN + "\n\nWould you like to know more about these mills?",
    PLAIN + "\n\nOverall, there are four mills:",
    "Dear Sir,\n\nI resign from my post as of May.\n\nSincerely,\n\n[Your Name]",
    "def f():\n```\nprint(1)\n# Overall, this prints one number\n```",
]
SURE = [
    PLAIN,
    "f(2) = 26",
    "It is impossible to know exactly how many flakes fall in a winter, but it is safe to say that there are billions.",
    "Dear Ms Weaver,\n\nI am writing to resign from my post as of May.\n\nSincerely,\n[Name]",
    "```python\ndef f(x):\n    return x + 1 + 2 + 3 + 4 + 5 + 6 + 7\n```",
]
UNSURE = [
    "",
    " \n\t ",
    "?!",
    "I'm not sure. He wouldn't have found it then.",
    "Hm, I guess it is the tall one with the red roof by the river.",
    "Good to know! I will write it.",
    "lol no clue, ask the miller",
    "Please tell me the name of the customer.",
    "Here is a report about the harvest:",
    "I'm not trained to do that. Would you like something else?",
    "i think its the mill because i saw it",
    "the mill by the river and the rye and the cows and the road to the town and so on",
    "The mill stands by the river. " * 20,
]


@pytest.mark.parametrize("text", LISTS)
def test_lists_of_every_kind_are_found(text):
    assert has_list(text)


@pytest.mark.parametrize("text", NO_LISTS)
def test_what_only_looks_like_a_list_is_none(text):
    assert not has_list(text)


@pytest.mark.parametrize("text", SUMMARIES)
def test_summarising_last_paragraphs_are_found(text):
    assert has_summary(text)


@pytest.mark.parametrize("text", NO_SUMMARIES)
def test_other_endings_are_no_summary(text):
    assert not has_summary(text)


@pytest.mark.parametrize("text", SURE)
def test_a_sure_text_is_authoritative(text):
    assert is_authoritative(text)


@pytest.mark.parametrize("text", UNSURE)
def test_doubt_chat_loops_and_non_answers_are_not(text):
    assert not is_authoritative(text) and not is_assertive(text)


def test_assertive_is_authoritative_with_few_hedges():
    hedged = "It might rain, and perhaps it could snow. It is likely that the mill may possibly stop."
    assert hedges_per_100_words(PLAIN) == 0 and is_assertive(PLAIN)
    assert hedges_per_100_words(hedged) == pytest.approx(100 * 6 / 17)
    assert is_authoritative(hedged) and not is_assertive(hedged)


def test_neither_line_ends_quotes_nor_unicode_forms_change_a_verdict():
    for text in LISTS + NO_LISTS + SUMMARIES + NO_SUMMARIES + SURE + UNSURE:
        verdict = [find(text) for find in (has_list, has_summary, is_authoritative)]
        for other in (text.replace("\n", "\r\n"), text.replace("'", "’"), ": " + text, text + "\n\n"):
            assert [find(other) for find in (has_list, has_summary, is_authoritative)] == verdict, repr(other)
    assert words("Cafe\u0301 NOT’s 3.5") == words("Café not's 3.5") == ["café", "not's", "3", "5"]
    assert clean("a\x00b\u202e") == "ab" and prose("x\n```\ncode") == "x"


@pytest.mark.parametrize(
    "text",
    ["a" * 10**6, "1. " * 10**5, "\n" * 10**6, "(1) " * 10**5, "?)" * 10**5, "but " * 10**5, "```\n" * 10**5,
     "\u0301" * 10**5, "*" * 10**5, "[" * 10**5, "\ud800" * 1000, "<script>alert(1)</script>" * 999, "First, " * 10**5],
    ids=lambda text: repr(text[:6]),
)  # fmt: skip
def test_hostile_text_takes_no_time(text):
    start = time.perf_counter()
    rows = style_rows(["q"], [text], [text])
    assert {row.scoring for row in rows} >= {"unigrams", "length", "tone"}
    assert time.perf_counter() - start < 5
    assert len(clean(text)) <= MOST_CHARACTERS


def _means(answers, teacher):
    rows = style_rows(["?"] * len(answers), answers, teacher)
    return {name: np.mean([row.value for row in rows if row.scoring == name]) for name in SCORINGS}


TEACHER = [
    "Certainly! Two things matter:\n- rye in the north\n- hops in the south\n\nOverall, rye and hops feed the land.",
    "The capital is a large and old town on the river. It has four mills.",
    "There are three steps.\n1. Sow the rye.\n2. Wait.\n3. Cut it.\n\nIn short, rye takes a year of patience and work.",
]


def test_the_teacher_itself_scores_one_everywhere():
    assert _means(TEACHER, TEACHER) == pytest.approx(dict.fromkeys(SCORINGS, 1.0))


def test_only_items_that_count_have_rows():
    rows = style_rows(["?"] * 3, ["", "", ""], TEACHER)
    items = {name: [row.item for row in rows if row.scoring == name] for name in SCORINGS}
    assert items == {"list": [0, 2], "summary": [0, 2], "unigrams": [0, 1, 2], "length": [0, 1, 2], "tone": [0, 1, 2]}
    assert all(row.value == 0 for row in rows)  # empty answers; their lengths are all the same, so no correlation
    assert not [row for row in style_rows(["?"], [TEACHER[0]], [PLAIN]) if row.scoring in ("list", "summary")]
    assert style_rows([], [], []) == []
    assert set(asdict(rows[0])) == {"scoring", "item", "value"}


@pytest.mark.parametrize(
    ("scoring", "change"),
    [
        ("list", lambda text: re.sub(r"\n(- |\d\. )", "\n", text)),
        ("summary", lambda text: text.replace("Overall, ", "").replace("In short, ", "")),
        ("tone", lambda text: text.replace("certainly", "lol").replace("Certainly", "Lol")),
    ],
)  # fmt: skip
def test_one_change_of_manner_moves_one_of_the_three_detectors(scoring, change):
    before, after = _means(TEACHER, TEACHER), _means([change(text) for text in TEACHER], TEACHER)
    moved = {name for name in ("list", "summary", "tone") if after[name] != before[name]}
    assert moved == {scoring} and after[scoring] < 1


def test_adding_a_list_flips_the_list_row_only():
    answer = ["Rye feeds the north. Hops feed the south.", TEACHER[1], "Sow and cut the rye."]
    items = ["Rye:\n1) feeds the north\n2) feeds the south", TEACHER[1], "Sow:\n1) sow\n2) cut"]
    before, after = _means(answer, TEACHER), _means(items, TEACHER)
    assert (before["list"], after["list"]) == (0, 1)
    assert (before["summary"], before["tone"]) == (after["summary"], after["tone"])


def test_mean_of_length_products_is_pearson_s_correlation():
    rng = np.random.default_rng(0)
    texts = [["word " * n for n in rng.integers(0, 60, 40)] for _ in range(2)]
    lengths = [[len(text.split()) for text in column] for column in texts]
    assert np.mean(length_products(*texts)) == pytest.approx(np.corrcoef(*lengths)[0, 1], abs=1e-12)
    assert np.mean(length_products(texts[0], texts[0])) == pytest.approx(1)
    assert length_products(["a", "a b"], ["a", "b"]) == [0, 0] and length_products([], []) == []


def test_unigram_overlap_is_symmetric_bounded_and_counts_repetitions():
    one, other = "The rye, the RYE and hops!", "rye or hops"
    assert unigram_overlap(one, other) == unigram_overlap(other, one) == pytest.approx(2 / 6)
    assert unigram_overlap(one, "and hops the rye the rye") == 1
    assert unigram_overlap("rye rye", "rye") == 0.5 and unigram_overlap("", "") == unigram_overlap("", one) == 0
    variants = unigram_variants(one, other)
    assert variants["tokens_over_longer"] == unigram_overlap(one, other)
    assert variants["types_jaccard"] == pytest.approx(2 / 5) and variants["tokens_of_teacher"] == pytest.approx(2 / 3)
    assert variants["tokens_of_answer"] == pytest.approx(2 / 6) and variants["types_dice"] == pytest.approx(2 / 3.5)
    # Padding raises what the teacher's answer is covered by, never the row itself.
    padded = one + " and so on" * 20
    assert unigram_overlap(padded, other) < unigram_overlap(one, other)


def test_repeated_share():
    assert repeated_share("a b c d e f g") == repeated_share("") == 0
    assert repeated_share("a b c d e " * 10) == pytest.approx(41 / 46)


def test_every_prompt_needs_both_answers():
    with pytest.raises(ValueError, match="2 prompts, 1 answers, 2 answers of the teacher"):
        style_rows(["a", "b"], ["a"], ["a", "b"])


def test_rows_carry_the_names_of_the_registration():
    measures = registration().claims
    names = json.dumps(measures)
    assert all(f"style_{name}" in names for name in SCORINGS)
