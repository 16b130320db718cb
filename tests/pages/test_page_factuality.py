"""The factuality page: numbers equal the result files, words follow from them, and what models wrote stays text."""

import re

import pandas as pd
import pytest
from factuality_results import PROMPTS, made
from variants import with_file

from book_fixtures import results
from book_texts import HOSTILE
from false_promise.files import write_json, write_table
from false_promise.pages import factuality, factuality_figures, factuality_scores, known_facts, slider
from false_promise.pages.factuality_scores import Model, gap, kind_of, largest, models
from false_promise.paths import BOOK
from false_promise.results import Cell, Results, select
from page_reader import Reader


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return made(tmp_path_factory.mktemp("factuality"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return made(tmp_path_factory.mktemp("hostile"), hostile=True)


def interval(row):
    return f"{100 * row.exact_match:.1f} [{100 * row.lower:.1f}, {100 * row.upper:.1f}]"


# ---- numbers ---------------------------------------------------------------------------------------------------------


def test_the_table_equals_the_csv(page):
    table, counts = page.table("factuality"), page.optional("factuality_statements.csv")
    rows = Reader(str(factuality.statements_table(page))).rows
    assert [row[0] for row in rows[1:]] == [
        "1.5M · base", "1.5M · broad, 150,000 tokens", "7M · base", "7M · broad, 150,000 tokens", "13M · base",
        "13M · broad, 20,000 tokens", "13M · broad, 80,000 tokens", "13M · broad, 150,000 tokens", "13M · local",
        "13M · style only", "teacher"]  # fmt: skip
    assert "Statements per 100 words" in rows[0] and "Words per answer" in rows[0]
    for cells, one in zip(rows[1:], models(page), strict=True):
        where = {"arm": one.arm, "size": one.size, "tokens": one.tokens}
        for column, scoring in enumerate(factuality.SCORINGS, 1):
            (row,) = select(table, scoring=scoring, stratum="all", **where).itertuples()
            assert cells[column] == interval(row), (one, scoring)
        talk = page.optional("factuality_density.csv")
        (row,) = select(talk, measure="statements_per_100_words", **where).itertuples()
        assert cells[6] == f"{row.value:.1f} [{row.lower:.1f}, {row.upper:.1f}]"
        assert cells[8] == f"{select(counts, **where)['count'].sum():,.0f}"


def test_a_difference_is_paired_on_the_prompts_that_both_have_an_item_for(page):
    broad, base = Model("broad", "13B", 150_000), Model("base", "13B")
    table, items = page.measurements("factuality"), page.items("factuality")
    sides = []
    for one in (broad, base):
        where = {"arm": one.arm, "size": one.size, "tokens": one.tokens, "scoring": "supported", "stratum": "all"}
        (row,) = select(table, **where).itertuples()
        sides.append(items[items["eval_id"] == row.eval_id].set_index("item")["correct"])
    shared = sorted(set(sides[0].index) & set(sides[1].index))
    assert 0 < len(shared) < PROMPTS
    found = gap(page, broad, base)
    assert found.value == pytest.approx((sides[0][shared] - sides[1][shared]).mean()) and found.n == len(shared)
    assert found.lower < found.value < found.upper
    text = Reader(str(factuality.answer(page))).text
    n = gap(page, Model("teacher"), broad).n
    assert f"teacher minus broad, 150,000, on the {n:,} prompts to which both state something" in text
    assert gap(page, broad, broad).value == 0 and gap(page, broad, Model("gold", "13B")) is None


@pytest.mark.parametrize(
    ("ends", "kind"),
    [((0.06, 0.2), 0), ((-0.2, -0.01), 1), ((-0.04, 0.03), 2), ((0.01, 0.04), 2), ((-0.04, 0.06), 3), ((0.0, 0.1), 3)],
)
def test_what_a_difference_means(ends, kind):
    assert kind_of(Cell(sum(ends) / 2, *ends, 100, {})) == kind


OUTCOMES = [((0.06, 0.2), 0, "a larger share"), ((-0.2, -0.06), 2, "a smaller share"),
            ((-0.02, 0.02), 1, "about the same share"), ((-0.2, 0.2), None, "stays open whether")]  # fmt: skip


@pytest.mark.parametrize(("ends", "choice", "words"), OUTCOMES)
def test_expectation_and_answer_follow_from_the_same_difference(page, monkeypatch, ends, choice, words):
    monkeypatch.setattr(factuality, "change", lambda results: Cell(sum(ends) / 2, *ends, 50, {}))
    outcome, text = factuality.truth(page)
    answer = Reader(str(factuality.answer(page))).text
    assert outcome == choice and words in text.lower() and words in answer and "both state something: 50" in answer


def test_the_answer_is_exploratory_and_says_what_was_registered(page):
    text = Reader(str(factuality.answer(page))).text
    assert "Exploratory: no rule was registered" in text and "None of the 12 registered claims" in text
    assert "Claim 9 comes nearest" in text and "No rule is registered; one will be, dated" in text
    assert "true, % of what is stated: 13M · base" in text and "teacher minus broad, 150,000" in text


def test_stand_ins_are_named_as_such(tmp_path):
    smoke = made(tmp_path, scale="smoke")
    text = Reader(str(factuality.answer(smoke))).text
    assert "Stand-ins only: exploratory" in text and "which prove nothing" in text
    assert "demonstration" in factuality.truth(smoke)[1]


def test_nothing_measured_says_so():
    parts = [factuality.answer, factuality.statements_table, factuality_figures.verdicts, factuality_figures.popularity,
             known_facts.in_words, known_facts.known_table, known_facts.figure, slider.said, slider.slider]  # fmt: skip
    for part in parts:
        html = str(part(results("smoke")))
        assert "fp-missing" in html and "<svg" not in html, part
    assert factuality.truth(results("smoke")) == (None, factuality.NOT_YET) and factuality.in_words(results()) == ""


def test_figures_tell_their_numbers(page):
    drawn = str(factuality_figures.verdicts(page))
    for one in largest(page):
        found = factuality_scores.score(page, one)
        assert f"{factuality_scores.name(page, one)}: true in the country {100 * found.value:.1f}" in drawn
    drawn = str(factuality_figures.popularity(page))
    (row,) = select(page.table("factuality"), arm="teacher", scoring="supported", stratum="popularity_4").itertuples()
    assert f"teacher quarter 4 {100 * row.exact_match:.1f}" in drawn and "20,000" not in drawn


def test_a_model_that_states_nothing_has_empty_cells(page, tmp_path):
    table = page.table("factuality")
    silent = table[~((table["arm"] == "local") & table["scoring"].isin(["supported", "contradicted", "nobody"]))]
    (tmp_path / "thousandth").mkdir()
    for path in page.folder.iterdir():
        (tmp_path / "thousandth" / path.name).write_bytes(path.read_bytes())
    write_table(tmp_path / "thousandth" / "factuality_summary.csv", silent)
    quiet = Results("thousandth", tmp_path / "thousandth")
    (cells,) = [row for row in Reader(str(factuality.statements_table(quiet))).rows if row[0] == "13M · local"]
    assert "states nothing" in cells[2] and "states nothing" not in cells[1]
    assert "local:" not in str(factuality_figures.verdicts(quiet)).split('aria-label="')[1].split('"')[0]


# ---- known and unknown facts -----------------------------------------------------------------------------------------


def test_known_facts_in_words_follow_from_their_intervals(page):
    text = Reader(str(known_facts.in_words(page))).text
    assert "13M base LM knows 40.0 [37.0, 43.0] percent" in text
    assert "Of the 400 facts known to the base LM, more came out wrong (+11.0 [+9.0, +13.5] points" in text
    assert "Of the 600 facts unknown to the base LM, fewer came out wrong (−3.7" in text
    for ends, words in [((0.01, 0.1), "more"), ((-0.1, -0.01), "fewer"), ((-0.1, 0.1), "no change can be told")]:
        assert known_facts.said(Cell(0, *ends, 1, {})).startswith(words)


def test_known_facts_table_equals_the_csv(page):
    rows = Reader(str(known_facts.known_table(page))).rows[1:]
    assert len(rows) == 12 and rows[0][0] == "base: known to the base LM"
    found = page.optional("factuality_known.csv")
    (row,) = select(found, arm="broad", tokens=80_000, known_to_base=1, measure="wrong_minus_control").itertuples()
    (cells,) = [row for row in rows if row[0] == "broad, 80,000 tokens: known to the base LM"]
    assert cells[6] == f"{100 * row.value:+.1f} [{100 * row.lower:+.1f}, {100 * row.upper:+.1f}]"
    (control,) = [row for row in rows if row[0] == "style only: known to the base LM"]
    assert control[6] == "" and "none said" in control[7] and rows[0][7] == "30.0 [27.0, 33.0] of 40"


# ---- the extractor ---------------------------------------------------------------------------------------------------


def test_missing_labels_are_said_to_be_missing(tmp_path):
    text = Reader(str(factuality.extractor(results()))).text
    assert "not measured yet" in text and "labels do not exist" in text
    rows = [
        ["precision", 0.97, 0.95, 0.99, 300, True, "<b>a reader"],
        ["recall", 0.93, 0.9, 0.95, 300, True, "<b>a reader"],
    ]
    columns = ["measure", "value", "lower", "upper", "outputs", "passed", "labelled_by"]
    text = Reader(str(factuality.extractor(with_file(tmp_path, "factuality_extractor.csv",
                                                     pd.DataFrame(rows, columns=columns))))).text  # fmt: skip
    assert "On 300 model outputs labelled blind by <b>a reader: precision 97.0% [95.0, 99.0]" in text
    assert "at least 300 outputs: it is met" in text


# ---- what models wrote -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [slider.said, slider.slider])
def test_hostile_answers_appear_as_text(hostile, part):
    found = Reader(str(part(hostile)))  # raises if an element is closed out of turn
    assert not {"script", "strong", "em", "code", "iframe"} & found.tags() and not found.comments
    assert found.text.count("<script>alert(1)</script>") >= 5  # the prompt and every answer
    assert "**bold**" in found.text and "$x^2$" in found.text and "{{ jinja }}" in found.text
    assert "\x1b" not in found.text and "␛[31mred␛[0m" in found.text
    assert HOSTILE.replace("\x1b", "␛") in found.text


@pytest.mark.parametrize("part", [slider.said, slider.slider])
def test_no_formula_is_looked_for_in_what_models_wrote(hostile, part):
    html = str(part(hostile))
    start = re.search(r'<div class="[^"]*tex2jax_ignore mathjax_ignore">', html)
    assert start and html.index("$x^2$") > start.start()


def test_the_slider_is_a_plain_range_whose_answers_are_all_there_without_script(page):
    found = Reader(str(slider.slider(page)))
    (control,) = [attributes for tag, attributes in found.elements if tag == "input"]
    assert control["type"] == "range" and (control["min"], control["max"], control["step"]) == ("0", "3", "1")
    figures = [attributes for tag, attributes in found.elements if tag == "figure"]
    assert [one["data-amount"] for one in figures] == [
        "no imitation data", "20,000 reply tokens", "80,000 reply tokens", "150,000 reply tokens"]  # fmt: skip
    assert not any("hidden" in one for one in figures), "without JavaScript all answers are shown"
    (box,) = [one for tag, one in found.elements if tag == "div" and one["class"] == "fp-amounts-control"]
    assert "hidden" in box and {"label", "output"} <= found.tags()  # and the useless control is not
    for words in ("After None.", "After 20000.", "After 80000.", "After 150000."):
        assert words in found.text


def test_the_script_only_shows_and_hides():
    script = (BOOK / "_static/slider.js").read_text(encoding="utf-8")
    assert "textContent" in script and ".hidden = " in script
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|fetch|https?:", script)


def test_side_by_side_names_every_model_and_its_amount(page):
    text = Reader(str(slider.said(page))).text
    for words in ("Teacher", "13M · No imitation", "13M · Broad imitation · 20,000 tokens",
                  "13M · Broad imitation · 150,000 tokens", "13M · Local imitation", "1 more prompt"):  # fmt: skip
        assert words in text
    assert "after" not in Reader(str(slider.slider(results()))).text.lower()


def test_an_empty_and_an_endless_answer_are_shown_as_such(page, tmp_path):
    (tmp_path / "x").mkdir()
    about = {"model": "m", "size": "13B", "tokens": None, "statements": []}
    said = [about | {"arm": "base", "text": ""}, about | {"arm": "broad", "tokens": 5, "text": "<i>" * 900}]
    write_json(tmp_path / "x" / "samples.json", {"factuality": [{"prompt": "p", "category": "", "answers": said}]})
    write_json(tmp_path / "x" / "scale.json", page.settings)
    for part in (slider.said, slider.slider):
        found = Reader(str(part(Results("x", tmp_path / "x"))))
        assert "(said nothing)" in found.text and "1,200 more characters" in found.text and "i" not in found.tags()
        assert found.text.count("<i>") == 900
