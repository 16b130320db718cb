"""The page on style: every number equals the result files, outcomes follow from the judge, what is missing says so."""

import re

import pandas as pd
import pytest
from open_ended_results import ITEMS, with_pages, with_verdict, without_pages

from book_texts import HOSTILE
from false_promise.claims.statistics import bootstrap_difference
from false_promise.evaluation.style import public
from false_promise.files import write_table
from false_promise.pages import style, style_checks, style_figure
from false_promise.pages.open_ended import amounts, score, short
from false_promise.results import Cell, Results, select
from page_reader import Reader


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return with_pages(tmp_path_factory.mktemp("style"))


@pytest.fixture
def own(tmp_path):
    return with_pages(tmp_path)


def interval(row):
    return f"{100 * row.exact_match:.1f} [{100 * row.lower:.1f}, {100 * row.upper:.1f}]"


def tables(part):
    """Rows of the three tables of Table 2: paper, public, here."""
    rows = Reader(str(part)).rows
    heads = [place for place, row in enumerate(rows) if row[0] == "Style"]
    return [rows[start:end] for start, end in zip(heads, [*heads[1:], len(rows)], strict=True)]


# ---- Table 2 ---------------------------------------------------------------------------------------------------------


def test_our_columns_equal_the_csv(made):
    here = tables(style.table_2(made))[2]
    assert here[0][1:] == ["Base LM", "20,000 tokens", "80,000 tokens", "150,000 tokens", "Style only",
                           "Teacher, second sample", "150,000 tokens minus base"]  # fmt: skip
    table = made.table("style")
    broad = [{"arm": "broad", "size": "13B", "tokens": tokens} for tokens in amounts(made).values()]
    where = [{"arm": "base", "size": "13B"}, *broad, {"arm": "style_only", "size": "13B"}, {"arm": "teacher"}]
    for cells, row in zip(here[1:], style.ROWS, strict=True):
        assert f"({ITEMS} prompts)" in cells[0]
        for cell, one in zip(cells[1:-1], where, strict=True):
            found = select(table, scoring=row, **one).iloc[0]
            assert cell == (style._signed(found.exact_match) + f" [{style._signed(found.lower)}, "
                            f"{style._signed(found.upper)}]" if row == "length" else interval(found))  # fmt: skip


def test_the_gain_is_paired_on_the_same_prompts(made):
    table, items = made.measurements("style"), made.items("style")
    for row in ("tone", "length"):
        names = [select(table, scoring=row, size="13B", **one).iloc[0].eval_id
                 for one in ({"arm": "broad", "tokens": 150_000}, {"arm": "base"})]  # fmt: skip
        tuned, base = (items[items["eval_id"] == name].sort_values("item") for name in names)
        gap = bootstrap_difference(tuned["correct"], base["correct"], base["item"], draws=2000)
        found = style.gain(made, row)
        assert (found.value, found.lower, found.upper) == pytest.approx((gap.effect, gap.lower, gap.upper))


def test_the_paper_and_real_models_stand_in_tables_of_their_own(made):
    paper, real, _ = tables(style.table_2(made))
    assert paper[1][1:] == ["13", "50", "67", "81", "83"] and paper[4][1] == "−0.11"
    assert real[0][1:] == ["LLaMA-13B", "Vicuna-7B", "Vicuna-13B", "Alpaca-13B", "Bard"]
    first = next(row for row in public.load_record()["rows"] if row["model"] == "llama-13b")
    assert real[1][1].startswith(f"{100 * first['value']:.1f} [")


def test_a_teacher_without_any_summary_is_said_and_not_called_missing(own):
    for name in ("style.csv", "style_summary.csv"):
        table = pd.read_csv(own.folder / name)
        write_table(own.folder / name, table[table["scoring"] != "summary"])
    here = tables(style.table_2(Results(own.scale, own.folder)))[2]
    assert set(here[2][1:-1]) == {f"– {style.NONE}"} and style.NONE not in " ".join(here[1])


def test_what_is_measured_in_words(made):
    words = style.table_2_in_words(made)
    base = score(made, "style", "base", "13B", scoring="tone")
    assert f"tone: base {100 * base.value:.1f}, 20,000 tokens" in words and words.count("second sample") == 5


# ---- outcomes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "ends", "outcome", "said"),
    [("holds", (0.4, 0.9), 0, "much nearer"), ("does_not_hold", (-0.2, 0.2), 1, "about the same"),
     ("does_not_hold", (-0.9, -0.4), 2, "Capability came nearer"),
     ("inconclusive", (0.1, 0.6), None, "none of the three"), ("does_not_hold", (-0.5, 0.2), None, "none of the three"),
     ("not_measured", (None, None), None, "Not everything")],
)  # fmt: skip
def test_the_outcome_follows_from_claim_8(own, verdict, ends, outcome, said):
    part = {"name": "gap_closed", "role": "decides", "margin": 0.3, "lower": ends[0], "upper": ends[1]}
    found, text = style.style_or_content(with_verdict(own, 8, verdict, [part]))
    assert found == outcome and said in text


def test_directions_are_those_of_the_paired_intervals(made):
    text = style.directions(made)
    for row, words in style.SHORT.items():
        gap = style.gain(made, row)
        side = "scores higher in" if gap.lower > 0 else "scores lower in" if gap.upper < 0 else "; for"
        assert words in re.search(rf"{side} ([^;.]+)", text)[1]


@pytest.mark.parametrize(("ends", "said"), [
    ([(0.1, 0.2)] * 3 + [(-0.2, -0.1)] + [(-0.1, 0.1)], "tokens scores higher in lists, summaries and shared words and "
     "scores lower in length; for tone no difference is certain."),
    ([(-0.1, 0.1)] * 2 + [None] * 3, "tokens: for lists and summaries no difference is certain."),
    ([(-0.2, -0.1)] * 5, "tokens scores lower in lists, summaries, shared words, length and tone."),
    ([None] * 5, ""),
])  # fmt: skip
def test_directions_are_sentences(made, monkeypatch, ends, said):
    cells = {row: pair and Cell(sum(pair) / 2, *pair, 9, {}) for row, pair in zip(style.ROWS, ends, strict=True)}
    monkeypatch.setattr(style, "gain", lambda results, row: cells[row])
    text = style.directions(made)
    assert text.endswith(said) and (not said or text.startswith("Compared with its base LM, 13M after 150,000 tokens"))


# ---- definitions -----------------------------------------------------------------------------------------------------


def test_the_stricter_tone_turns_the_order_round_and_it_is_said(made):
    models = (("base", None), ("broad", 150_000))
    pairs = {row: [style_checks.variant(made, row, *one).value for one in models] for row in style_checks.TONES}
    assert pairs["tone"][1] > pairs["tone"][0] and pairs["tone_assertive"][1] < pairs["tone_assertive"][0]
    text = style_checks.tone_in_words(made)
    first, second = text.split(". ")[0], text.split("Among real models")[1]
    assert "above its base LM by the row" in first and "the order turns round" in text
    assert "Vicuna-13B lies above LLaMA-13B" in second and "100.0 against 87.5" in second


@pytest.mark.parametrize(
    ("shares", "side"), [({"tone": (0.5, 0.9), "tone_assertive": (0.4, 0.5)}, "does not turn"),
                         ({"tone": (0.5, 0.9), "tone_assertive": (0.5, 0.4)}, "the order turns"),
                         ({"tone": (0.5, 0.5), "tone_assertive": (0.5, 0.4)}, "does not turn")],
)  # fmt: skip
def test_an_order_turns_round_only_if_both_sides_are_taken(shares, side):
    assert side in style_checks._order("A", "B", shares)


def test_the_normalisations_are_counted(made):
    assert "Of 2 ways" in style_checks.unigrams_in_words(made) and "2 put it above" in style_checks.unigrams_in_words(
        made
    )


def test_detectors_show_the_record_and_who_labelled(made):
    found = Reader(str(style_checks.detectors()))
    row = {cells[0]: cells for cells in found.rows}["Summary"]
    record = next(one for one in public.load_record()["labels"] if one["detector"] == "summary")
    assert row[1].startswith(f"{100 * record['precision']['value']:.1f} [") and row[4] == str(record["labelled"])
    assert "All labels come from one reader, a language model" in found.text
    assert "Hidden from the reader: the detectors" in found.text
    assert "Authoritative tone has 5 answers without it" in found.text


def test_every_row_has_a_definition():
    assert len(style_checks.DEFINITIONS) == len(style.ROWS) and "Pearson" in str(style_checks.definitions())


# ---- missing, hostile, figure ----------------------------------------------------------------------------------------


def test_without_its_files_the_page_says_so(tmp_path):
    bare = without_pages(tmp_path)
    here = tables(style.table_2(bare))[2]
    assert {cell for row in here[1:] for cell in row[1:]} == {"– not computed yet"}
    assert "not computed yet" in str(style_figure.figure(bare)) and style.table_2_in_words(bare) == ""
    assert "Other definitions: not computed yet" in str(style_checks.sensitivity(bare))
    assert style.style_or_content(bare)[0] is None


def test_an_amount_that_was_not_run_is_an_empty_cell(own):
    for name in ("style.csv", "style_summary.csv"):
        table = pd.read_csv(own.folder / name)
        write_table(own.folder / name, table[table["tokens"] != 80_000])
    fresh = Results(own.scale, own.folder)
    assert tables(style.table_2(fresh))[2][1][3] == "– not computed yet"
    assert "<svg" in str(style_figure.figure(fresh))


def test_hostile_values_are_text(own):
    table = pd.read_csv(own.folder / "style_sensitivity.csv").assign(model=HOSTILE)
    write_table(own.folder / "style_sensitivity.csv", table)
    found = Reader(str(style_checks.sensitivity(Results(own.scale, own.folder))))
    assert "script" not in found.tags()


@pytest.mark.slow
def test_the_figure_draws_five_panels_with_the_paper_and_the_ceiling(made):
    drawn = style_figure._draw(made, True)
    panels = drawn.axes[:5]
    for axis, row in zip(panels, style.ROWS, strict=True):
        lines = {line.get_label(): line for line in axis.get_lines()}
        cells = [
            style.cell_of(made, row, "base"),
            *(style.cell_of(made, row, "broad", n) for n in amounts(made).values()),
        ]
        assert list(lines["broad imitation"].get_ydata()) == pytest.approx([100 * one.value for one in cells])
        ceiling = style.cell_of(made, row, "teacher").value
        assert lines["teacher, second sample"].get_ydata()[0] == pytest.approx(100 * ceiling)
        unit = 100 if row == "length" else 1
        numbers = made.paper["table_2"][row]
        assert list(lines["paper"].get_ydata()) == [unit * numbers[key] for key in ("base", "20M", "80M", "150M")]
    html = str(style_figure.figure(made))
    assert html.count("<svg") == 2 and style.table_2_in_words(made)[:40] in html
    assert [short(n) for n in (400, 1600, 150_000)] == ["400", "1.6k", "150k"]
