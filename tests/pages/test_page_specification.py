"""Specification curves, strata on the same questions, what else is decided, and agreement with the record."""

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from variants import with_file

from book_fixtures import results
from book_texts import HOSTILE
from false_promise.claims.statistics import bootstrap_difference
from false_promise.pages import cards as page_cards
from false_promise.pages import specification
from false_promise.pages.coverage import STRATA, strata
from false_promise.pages.decisions import also_decided
from false_promise.pages.palette import VERDICTS
from false_promise.pages.tables import MAIN, measurement
from false_promise.results import select
from page_reader import Reader

pytestmark = pytest.mark.slow  # seconds each, so not among the unit tests

FILE = "specification_curve.csv"


def signed(value):
    return f"{100 * value:+.1f}".replace("-", "−")


# ---- the curve -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wide", [True, False])
def test_every_effect_is_drawn_sorted_with_its_interval(wide):
    table = select(results().optional(FILE), claim=6)
    figure = specification._draw(specification.rows(results(), 6), wide)
    above = [axis for axis in figure.axes if axis.get_title()]
    assert [axis.get_title() for axis in above] == ["Local minus base", "Local minus broad"]
    for axis, other in zip(above, ("base", "broad"), strict=True):
        rows = table[table["part"].str.startswith(f"local_minus_{other}_")].sort_values("effect")
        bars = [line.get_ydata() for line in axis.lines if line.get_gid() == "interval"]
        assert len(bars) == len(rows) == 30
        for bar, low, high in zip(bars, rows["lower"], rows["upper"], strict=True):
            assert list(bar) == pytest.approx([100 * low, 100 * high])
        drawn = [line.get_ydata()[0] for line in axis.lines if len(line.get_xdata()) == 1]
        assert drawn == sorted(drawn) and drawn == pytest.approx(list(100 * rows["effect"]))
        assert any(list(line.get_ydata()) == pytest.approx([2.0, 2.0]) for line in axis.lines) == (other == "base")
    plt.close(figure)


def test_every_effect_has_one_dot_on_each_axis_of_choice():
    figure = specification._draw(specification.rows(results(), 6), True)
    below = next(axis for axis in figure.axes if not axis.get_title())
    labels = [label.get_text() for label in below.get_yticklabels()]
    assert labels == ["7M", "13M", "chosen rate", "rate 0.0001", "rate 0.001", "3-shot", "zero-shot", "chat, 3-shot",
                      "chat, zero-shot", "format-free"]  # fmt: skip
    dots = [len(one.get_offsets()) for one in below.collections]
    assert [sum(dots[:2]), sum(dots[2:5]), sum(dots[5:])] == [30, 30, 30]
    plt.close(figure)


def test_the_registered_specification_is_the_frozen_rate_and_the_registered_measure():
    found = specification.rows(results(), 6)
    primary = found[found["primary"]]
    assert len(primary) == 4 and set(primary["measure"]) == {"nq_3shot"} and set(primary["rate"]) == {"chosen rate"}
    assert set(found["margin"]) == {0.02, 0.0}


def test_words_count_what_the_file_holds():
    table = select(results().optional(FILE), claim=4)
    text = repr(specification.in_words(results(), 4))
    beyond, whole = (table["effect"] < 0.02).sum(), (table["upper"] < 0.02).sum()
    assert f"NQ: {beyond} of {len(table)} estimates lie beyond the margin of +2.0 points, {whole} with" in text
    assert f"{(table['effect'] > 0).sum()} have the opposite sign" in text
    primary = table[table["learning_rate"].isna() & (table["measure"] == "nq_3shot")].iloc[0]
    assert f"as registered {signed(primary.effect)}" in text and "schedule constant, recipe clean, method full" in text


@pytest.mark.parametrize("claim", [4, 5, 6, 7])
def test_curves_are_two_inline_svgs_with_words(claim):
    html = str(specification.curve(results(), claim))
    found = Reader(re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL))
    images = [attributes for tag, attributes in found.elements if tag == "svg"]
    assert len(images) == 2 and all(f"claim {claim}" in one["aria-label"] for one in images)
    assert "estimates lie beyond" in images[0]["aria-label"] and ("per tenfold" in html) == (claim == 5)


def test_a_specification_without_an_interval_and_other_recipes_are_drawn(tmp_path):
    table = select(results().optional(FILE), claim=6)
    other = table.assign(method="lora", recipe="paper", learning_rate=2e-3, lower=float("-inf"), upper=float("inf"))
    made = with_file(tmp_path, FILE, pd.concat([table, other]))
    assert "method lora" in str(specification.curve(made, 6)) and "rate 0.002" in str(specification.curve(made, 6))


def test_no_curve_no_words(tmp_path):
    for made in (with_file(tmp_path, FILE), with_file(tmp_path, FILE, results().optional(FILE).head(0))):
        assert "not computed yet" in str(specification.curve(made, 6)) and str(specification.in_words(made, 6)) == ""


@pytest.mark.filterwarnings("ignore:Glyph")
def test_hostile_names_in_the_file_are_text(tmp_path):
    made = with_file(tmp_path, FILE, results().optional(FILE).assign(schedule=HOSTILE))
    assert "<script>" not in str(specification.in_words(made, 6)) + str(specification.curve(made, 6))


# ---- strata ----------------------------------------------------------------------------------------------------------


def by_hand(size, stratum):
    """Items of base, broad and local in a stratum of the local run, read without the code under test."""
    items = results().items("local_vs_broad")
    found = {}
    for arm in ("base", "broad", "local"):
        name = measurement(results(), "local_vs_broad", arm, size, stratum="all", **MAIN).row
        table = select(results().measurements("local_vs_broad"), arm=arm, size=size, stratum="all", **MAIN,
                       tokens=name["tokens"], pairs=name["pairs"])  # fmt: skip
        found[arm] = items[items["eval_id"] == table.iloc[0].eval_id].set_index("item")
    local = found["local"]
    inside = {"all": local["correct"] >= 0, "popular": ~local["held_out"]}.get(stratum)
    keep = local.index[local[stratum] if inside is None else inside]
    return {arm: one.loc[keep] for arm, one in found.items()}


@pytest.mark.parametrize("stratum", STRATA)
def test_every_model_of_a_stratum_answers_the_same_questions(stratum):
    cells = {row[0]: row[1:] for row in Reader(str(strata(results()))).rows}
    for size, name in (("7B", "7M"), ("13B", "13M")):
        found = by_hand(size, stratum)
        row = cells[f"{STRATA[stratum]} · {name}"]
        assert row[0] == f"{len(found['local'])}"
        assert row[1:4] == [f"{100 * found[arm]['correct'].mean():.1f}" for arm in ("base", "broad", "local")]
        for cell, other in zip(row[4:], ("base", "broad"), strict=True):
            local = found["local"]
            gap = bootstrap_difference(local["correct"], found[other]["correct"], local["entity"], draws=2000)
            assert cell == f"{signed(gap.effect)} [{signed(gap.lower)}, {signed(gap.upper)}]"


def test_strata_without_local_runs_say_so(tmp_path):
    table = results().measurements("local_vs_broad")
    made = with_file(tmp_path, "local_vs_broad.csv", table[(table["arm"] != "local") | (table["size"] == "13B")])
    rows = Reader(str(strata(made))).rows
    assert rows[1][1:] == ["– not computed yet"] * 6 and rows[2][1] == "200"
    made = with_file(tmp_path, "local_vs_broad.csv", table[table["arm"] != "local"])
    assert "Strata: not computed yet" in str(strata(made))


# ---- what else is decided --------------------------------------------------------------------------------------------


def test_a_decided_comparison_is_shown_while_its_claim_stays_open():
    rows = Reader(str(also_decided(results(), [5, 4, 7]))).rows[1:]
    assert [row[0].split(".")[0] for row in rows if row[0][0].isdigit()] == ["5", "4", "7"] and len(rows) == 10
    parts = {claim: results().verdicts[claim]["parts"] for claim in (4, 5, 7)}
    for place, claim in ((1, 5), (3, 4), (7, 7)):
        part, row = parts[claim][0], rows[place]
        assert row[1].startswith(f"{signed(part['effect'])} [{signed(part['lower'])}, {signed(part['upper'])}]")
        assert VERDICTS[part["verdict"]].label in row[2] and "conditional on this base" in row[2]
    assert rows[1][0] == "NQ, points per tenfold tokens" and "needs < +2.0" in rows[3][1]
    assert rows[4] == ["exams", "– not computed yet", ""]
    assert rows[2][1] == "○ Not measured yetbroad, exams; broad, code"


def test_claims_that_nobody_judged_have_empty_cells_for_every_comparison():
    made = results()
    other = type(made)(made.scale, made.folder)
    other.__dict__["verdicts"] = {}
    rows = Reader(str(also_decided(other, [7]))).rows[1:]
    assert [row[1] for row in rows] == ["○ Not measured yet"] + ["– not computed yet"] * 3


def test_stand_ins_decide_nothing_and_notes_are_escaped():
    html = str(also_decided(results("smoke"), [5, 4, 7]))
    assert "fp-holds" not in html and "fp-fails" not in html and "Stand-ins only" in html
    made = results()
    other = type(made)(made.scale, made.folder)
    other.__dict__["verdicts"] = {4: made.verdicts[4] | {"note": HOSTILE, "warnings": [HOSTILE]}}
    found = Reader(str(also_decided(other, [4])))
    assert found.text.count("<script>alert(1)</script>") == 2 and "script" not in found.tags()


# ---- agreement -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["local_vs_broad", "bases_and_teacher"])
def test_agreement_is_counted_and_a_score_outside_is_a_warning(page, tmp_path):
    html = str(page_cards.agreement(results(), page))
    assert "3 of 3 scores of today&#x27;s run" in html or "3 of 3 scores of today's run" in html
    assert "fp-warning" not in html
    table = results().optional(f"{page}_agreement.csv")
    table.loc[1, ["within", "fresh", "model", "shots"]] = [False, 0.31, HOSTILE, None]
    found = Reader(str(page_cards.agreement(with_file(tmp_path, f"{page}_agreement.csv", table), page)))
    assert "⚠ 2 of 3 scores" in found.text and ("p", {"class": "fp-warning"}) in found.elements
    assert found.rows[1][1:] == ["31.0", "21.0", "[17.0, 25.0]"] and found.rows[1][0].endswith("base, nq chat")
    assert "script" not in found.tags()
    assert str(page_cards.agreement(with_file(tmp_path, f"{page}_agreement.csv"), page)) == ""
