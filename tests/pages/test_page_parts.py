"""Escaping, numbers and tables of `page_parts`, and answers of models in `page_samples`."""

import pytest

from book_fixtures import results
from book_texts import HOSTILE
from false_promise.pages.parts import Part, count, escape, percent, points, table
from false_promise.pages.samples import LONGEST, coloured, said
from page_reader import Reader

ATTACKS = [
    HOSTILE,
    "</mark></div></body><script src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "<!-- --><style>*{display:none}</style>",
    "\\[x\\] \\(y\\) $$z$$ ```{raw} html\n<b>```",
    "\x1b]8;;evil\x07link\x1b]8;;\x07\r\b\x00",
    "right\u202eto left\u2066",
    "&lt;b&gt; &amp;amp;",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_escaped_text_is_text(attack):
    found = Reader(f'<p title="{escape(attack)}">{escape(attack)}</p>')
    assert found.elements == [("p", {"title": found.text})] and not found.comments
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in found.text)
    printable = "".join(letter for letter in attack if letter.isprintable() and letter.isascii())
    assert [letter for letter in printable if letter not in found.text] == []


def test_control_characters_and_direction_marks_are_shown():
    assert escape("\x1b[31m") == "␛[31m"
    assert escape("a\u202eb") == "a⟨U+202E⟩b"
    assert escape("one\ntwo") == "one\ntwo"


def test_numbers_as_the_pages_print_them():
    assert (percent(0.2034), percent(0.5, 0), points(-0.031), points(0.02)) == ("20.3", "50", "−3.1", "+2.0")
    assert (count(150000.0), count(25.5), count(17)) == ("150,000", "25.5", "17")
    for empty in (None, float("nan"), ""):
        assert "not computed yet" in percent(empty) and "not computed yet" in count(empty)


def test_table_scrolls_in_its_own_named_frame_and_names_its_rows():
    found = Reader(table(["A", "B"], [["one", "<td rowspan='2'>two</td>"], ["three"]], label='a "name"'))
    assert found.elements[0] == (
        "div",
        {"class": "fp-scroll", "role": "region", "tabindex": "0", "aria-label": 'a "name"'},
    )
    assert found.rows == [["A", "B"], ["one", "two"], ["three"]]


def test_part_reads_as_plain_text_in_a_terminal():
    assert repr(Part("<p>1 &lt; 2 <b>yes</b></p>")) == "1 < 2 yes"


def test_answers_show_their_text_unchanged_and_statements_with_sign_and_word():
    text = "Ansa <b>lived</b>.\nShe died."
    html = coloured(text, [{"start": 5, "end": 17, "verdict": "contradicted", "relation": "home_town"}])
    found = Reader(html)
    assert found.text == "Ansa ✗<b>lived</b> (false in the country) .She died."
    assert found.elements[0] == ("mark", {"class": "fp-st-contradicted", "title": "home town: false in the country"})
    assert ("br", {}) in found.elements


@pytest.mark.parametrize("spans", [[(0, 4), (3, 6)], [(2, 2)], [(4, 99)], [(-1, 2)]])
def test_statements_that_overlap_or_leave_the_text_are_an_error(spans):
    statements = [{"start": start, "end": end, "verdict": "supported"} for start, end in spans]
    with pytest.raises(ValueError, match="overlaps or leaves the text"):
        coloured("some text", statements)


def test_hostile_answers_and_prompts_appear_as_text():
    found = Reader(str(said(results(hostile=True), "local_vs_broad")))
    assert not {"script", "style", "img"} & found.tags() and not found.comments
    assert found.text.count("<script>alert(1)</script></div></td> **bold** $x^2$ ␛[31mred␛[0m `code` {{ jinja }}") >= 2
    assert all(not name.startswith("on") for _, attributes in found.elements for name in attributes)


def test_side_by_side_answers_have_a_legend_and_a_tally():
    found = Reader(str(said(results(), "local_vs_broad")))
    for word in ("true in the country", "false in the country", "about nobody who exists", "Teacher", "13M · Local"):
        assert word in found.text
    assert "✓ 1✗ 2? 1" in found.text  # the broad model's statements


def test_many_line_breaks_are_counted_instead_of_shown():
    found = Reader(coloured("a\n\nb" + 9 * "\n" + "c", []))
    assert found.text == "ab[9 line breaks]c" and found.elements.count(("br", {})) == 4


def test_a_page_without_answers_says_so():
    assert "No answers were recorded" in str(said(results(), "scale_model"))


def test_a_long_answer_is_folded_and_complete():
    long = {"prompt": "?", "answers": [{"arm": "teacher", "text": "x" * LONGEST + "END", "statements": []}]}
    made = results()
    object.__setattr__(made, "samples", lambda page: [long])
    try:
        assert "3 more characters" in str(said(made, "any")) and "END" in str(said(made, "any"))
    finally:
        object.__delattr__(made, "samples")
