"""The page on preference: numbers equal the files, outcomes follow from the judge, what is assumed is said."""

import pandas as pd
import pytest
from open_ended_results import ITEMS, with_pages, with_verdict, without_pages

from book_texts import HOSTILE
from false_promise.evaluation.preference import frozen, public
from false_promise.evaluation.preference.class_ratings import TABLE
from false_promise.evaluation.preference.judge_rates import COLUMNS as JUDGED
from false_promise.files import write_json, write_table
from false_promise.pages import preference, preference_curve, raters
from false_promise.results import Results, select
from page_reader import Reader

BROAD, BASE, TEACHER = ("broad", "13B", 150_000), ("base", "13B", None), ("teacher", None, None)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return with_pages(tmp_path_factory.mktemp("preference"))


@pytest.fixture
def own(tmp_path):
    return with_pages(tmp_path)


def interval(row):
    return f"{100 * row.exact_match:.1f} [{100 * row.lower:.1f}, {100 * row.upper:.1f}]"


# ---- table -----------------------------------------------------------------------------------------------------------


def test_the_table_equals_the_csv_and_the_paper(made):
    rows = {row[0]: row[1:] for row in Reader(str(preference.shares(made))).rows[1:]}
    assert list(rows)[:5] == ["13M · base", "13M · broad, 20,000 tokens", "13M · broad, 80,000 tokens",
                              "13M · broad, 150,000 tokens", "13M · style only, 150,000 tokens"]  # fmt: skip
    assert list(rows)[-1] == "teacher, second sample" and len(rows) == 10
    table = made.table("preference")
    for name, key in (
        ("13M · base", BASE),
        ("13M · broad, 150,000 tokens", BROAD),
        ("teacher, second sample", TEACHER),
    ):
        arm, size, tokens = key
        for column, scoring in ((3, "style_rater"), (4, "rules")):
            found = select(table, arm=arm, size=size, tokens=tokens, scoring=scoring).iloc[0]
            assert rows[name][column] == interval(found)
    assert rows["13M · base"][:3] == ["– not readable", "1.6", ""]
    assert rows["13M · broad, 20,000 tokens"][:3] == ["– not readable", "42.9 [40, 45.6]", ""]
    assert rows["13M · broad, 150,000 tokens"][:2] == ["approximately 70", "40.4 [37.4, 43.2]"]
    assert rows["1.5M · broad, 150,000 tokens"][:3] == ["– not readable", "6.1 [5, 7.6]", ""]
    assert rows["7M · base"][:3] == ["", "", ""]  # the paper rated no base LM of that size


def test_base_lms_that_are_rated_above_the_teacher_are_warned_of_and_only_they(made, own):
    assert preference.above_the_teacher(made) == "", "here the teacher leads"
    for name in ("preference.csv", "preference_summary.csv"):
        table = pd.read_csv(own.folder / name)
        lifted = (table["arm"] == "base") & (table["size"] == "7B") & (table["scoring"] == "style_rater")
        write_table(own.folder / name, table.assign(exact_match=table["exact_match"].mask(lifted, 0.9)))
    text = Reader(preference.above_the_teacher(own)).text
    assert "7M · base." in text and "13M" not in text and "1.5M" not in text


def test_gpt_4_on_the_vicunas_stands_beside_the_models_of_their_size(made):
    rows = {row[0]: row[3] for row in Reader(str(preference.shares(made))).rows[1:]}
    known = {row["model"]: row["shown_second"]["equal_or_better"] for row in public.load_record()["judged"]
             if row["shown_second"]}  # fmt: skip
    for name, model in (("13M · broad, 150,000 tokens", "vicuna-13b"), ("7M · broad, 150,000 tokens", "vicuna-7b")):
        assert rows[name].startswith(f"{100 * known[model]['value']:.1f} [")
    assert [name for name, cell in rows.items() if cell] == [
        "13M · broad, 150,000 tokens",
        "7M · broad, 150,000 tokens",
    ]


# ---- outcomes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("early", "late", "outcome", "said"),
    [("holds", ("holds", 0.01), 0, "won most"), ("holds", ("does_not_hold", 0.15), 1, "went on rising"),
     ("does_not_hold", ("holds", 0.0), 2, "did not win the 10 points that were asked for, and the largest is rated ab"),
     ("does_not_hold", ("does_not_hold", -0.2), 2, "rated lower still"),
     ("does_not_hold", ("inconclusive", 0.05), 2, "whether the largest is rated otherwise stays open"),
     ("does_not_hold", ("does_not_hold", 0.2), 1, "went on rising"),
     ("holds", ("inconclusive", 0.05), None, "none of the three"), ("holds", ("does_not_hold", -0.2), None, "none of"),
     ("inconclusive", ("holds", 0.0), None, "none of the three")],
)  # fmt: skip
def test_the_outcome_follows_from_claim_2(own, early, late, outcome, said):
    parts = [
        {"name": "early_gain", "role": "decides", "verdict": early, "effect": 0.02, "upper": 0.05, "margin": 0.1},
        {"name": "no_late_change", "role": "decides", "verdict": late[0], "effect": late[1], "band": [-0.07, 0.07]},
    ]
    found, text = preference.saturates(with_verdict(own, 2, "holds", parts))
    assert found == outcome and said in text and "13M · base" in text


def test_a_loss_is_said_only_where_it_is_certain(own):
    early = {"name": "early_gain", "role": "decides", "verdict": "does_not_hold", "effect": -0.048, "margin": 0.1}
    late = {"name": "no_late_change", "role": "decides", "verdict": "holds", "effect": 0.0, "band": [-0.07, 0.07]}
    for upper, said in ((-0.018, "lost 4.8 points"), (0.012, "did not win the 10 points")):
        _, text = preference.saturates(with_verdict(own, 2, "does_not_hold", [early | {"upper": upper}, late]))
        assert said in text


def test_nothing_decided_is_said(made):
    assert preference.saturates(made)[0] is None and "Not everything" in preference.saturates(made)[1]


def test_three_claims_are_answered_and_two_wait(made):
    text = Reader(str(preference.answers(made))).text
    assert text.count("Could it have come out otherwise?") == 3
    waiting = Reader(str(preference.not_testable(made))).rows
    assert [row[0].split(".")[0] for row in waiting[1:]] == ["9", "10"] and "almanac" in waiting[1][2]


# ---- figure ----------------------------------------------------------------------------------------------------------


def test_the_figure_draws_ours_the_paper_s_and_the_real_models(made):
    by_amount, by_size = preference._draw(made, True).axes[:2]
    lines = {line.get_label(): line for line in by_amount.get_lines()}
    cells = [preference.rated(made, key) for key in preference.keys(made)[:4]]
    assert list(lines["broad imitation"].get_ydata()) == pytest.approx([100 * one.value for one in cells])
    assert lines["paper: crowd, best models"].get_ydata()[0] == 70
    crosses = [line.get_ydata()[0] for line in by_amount.get_lines() if line.get_label() == "paper: GPT-4"]
    assert crosses == [1.6, 42.9, 36.3, 40.4]
    crosses = [line.get_ydata()[0] for line in by_size.get_lines() if line.get_label() == "paper: GPT-4"]
    assert crosses == [6.1, 33.7, 40.4]
    vicunas = [line.get_ydata()[0] for line in by_size.get_lines() if "Vicuna" in str(line.get_label())]
    assert vicunas == pytest.approx([100 * preference.judged(size).value for size in ("7B", "13B")])
    bases = next(line for line in by_size.get_lines() if line.get_label() == "base LM")
    assert list(bases.get_ydata()) == pytest.approx(
        [100 * preference.rated(made, ("base", size, None)).value for size in ("1.5B", "7B", "13B")]
    )
    html = str(preference.figure(made))
    assert html.count("<svg") == 2 and "13M · base" in html


# ---- the curve -------------------------------------------------------------------------------------------------------


def test_curves_hold_every_rate_and_their_ends_are_said(made):
    left, right = preference_curve._draw(made, True).axes[:2]
    lines = {line.get_label(): line for line in left.get_lines()}
    assert set(lines) == {"no imitation", "style without facts", "broad imitation", "teacher, second sample"}
    table = pd.read_csv(made.folder / "preference_curve.csv")
    broad = select(table, model="base-13m", arm="broad", tokens=150_000)
    assert list(lines["broad imitation"].get_ydata()) == pytest.approx(list(100 * broad["share"]))
    assert len(right.get_lines()) == 3
    ends = [100 * broad["share"].iloc[0], 100 * broad["share"].iloc[-1]]
    assert f"13M · broad, 150,000 tokens from {ends[0]:.1f} to {ends[1]:.1f}" in preference_curve.in_words(made)


def test_where_the_lines_cross_is_computed(made):
    base = [preference_curve.at_rate(made, BASE, rate).value for rate in (0.0, 1.0)]
    tuned = [preference_curve.at_rate(made, BROAD, rate).value for rate in (0.0, 1.0)]
    rate = preference_curve.crossing_rate(tuned[0] - base[0], tuned[1] - base[1])
    assert tuned[0] + rate * (tuned[1] - tuned[0]) == pytest.approx(base[0] + rate * (base[1] - base[0]))
    assert f"The lines cross where {100 * rate:.0f}% are checked" in Reader(str(preference_curve.crossing(made))).text


@pytest.mark.parametrize(("without", "always"), [(0.1, 0.2), (-0.1, -0.2), (0.0, 0.3), (0.2, 0.0)])
def test_lines_that_do_not_cross(without, always):
    assert preference_curve.crossing_rate(without, always) is None


def test_what_is_measured_and_what_assumed_is_said(made):
    text = Reader(str(preference_curve.measured_and_assumed(made))).text
    assert text.startswith("Measured:") and "Assumed:" in text and f"over {ITEMS} prompts" in text
    rows = {row[0]: row[1:] for row in Reader(str(preference_curve.facts(made))).rows[1:]}
    assert rows["13M · base"] == ["10.0 [6.0, 14.0]", "60.0 [56.0, 64.0]", "30.0 [26.0, 34.0]", "25.0 [21.0, 29.0]"]


# ---- raters ----------------------------------------------------------------------------------------------------------


def test_the_rater_s_record_is_told_with_its_doubts():
    record = frozen.load_record()
    found = Reader(str(raters.style_rater()))
    rows = {row[0]: row[1:] for row in found.rows}
    auc = record["held_out_questions"]["length_only"]["auc"]
    assert rows["Length alone"][1] == f"{auc['value']:.2f} [{auc['lower']:.2f}, {auc['upper']:.2f}]"
    assert rows["The rater"][2] == f"{record['within_pairs_auc']['style']:.2f}"
    kindest = max(record["held_out_rivals"], key=lambda one: one["predicted"] - one["judged"])
    assert kindest["rival"] == "llama-13b" and "in favour of LLaMA-13B" in found.text
    assert f"{100 * kindest['judged']:.1f}% by GPT-4" in found.text


def test_real_models_show_verdicts_and_the_order_that_nobody_saw():
    found = Reader(str(raters.real_models()))
    rows = {row[0]: row[1:] for row in found.rows}
    judged = next(row for row in public.load_record()["judged"] if row["model"] == "vicuna-7b")["shown_second"]
    assert rows["Vicuna-7B"][0].startswith(f"{100 * judged['equal_or_better']['value']:.1f} [")
    assert len(rows["LLaMA-13B"]) == 2 and "nobody looked at the other order" in found.text


def test_how_far_to_trust_the_rater_stands_outside_the_fold():
    text, record = Reader(str(raters.real_models())).text, public.load_record()
    within = frozen.load_record()["within_pairs_auc"]
    assert f"{within['style'] - within['length_only']:.2f}" == "0.00"
    assert "GPT-4's verdicts no better than length alone (AUC +0.00)" in text
    assert "predicts it no better than length alone (AUC +0.00)" in Reader(str(raters.style_rater())).text
    rated = {row["model"]: row["equal_or_better"]["value"] for row in record["rated"]}
    judged = next(row for row in record["judged"] if row["model"] == "vicuna-13b")["shown_second"]["equal_or_better"]
    base = next(row for row in record["indirect"] if row["model"] == "llama-13b")["equal_or_better"]
    gains = judged["value"] - base["value"], rated["vicuna-13b"] - rated["llama-13b"]
    assert f"Vicuna-13B minus LLaMA-13B is {100 * gains[0]:.1f} points by GPT-4 and {100 * gains[1]:.1f} by" in text
    assert rated["llama-13b"] > base["value"] and "kinder than GPT-4 to both" in text


@pytest.mark.parametrize(("style", "said"), [(0.70, "better than length alone (AUC +0.02)"), (0.679, "no better than"),
                                             (0.60, "worse than length alone (AUC −0.08)")])  # fmt: skip
def test_the_rater_beside_length_alone(monkeypatch, style, said):
    monkeypatch.setattr(frozen, "load_record", lambda: {"within_pairs_auc": {"style": style, "length_only": 0.68}})
    assert raters.against_length().startswith(said)


def test_columns_by_length_and_the_detour_are_explained():
    text, (low, high) = Reader(str(raters.real_models())).text, public.LENGTH_MATCHED
    assert f"have {low:g} to {high:g} times as many words as ChatGPT's" in text
    assert "Vicuna-13B (new-hp): LLaMA tuned on ShareGPT, other settings" in text
    shares = [one["indirect"] for one in public.load_record()["indirect_check"]["by_vicuna"].values()]
    assert f"gives LLaMA-13B a share of {100 * min(shares):.0f} to {100 * max(shares):.0f}% where" in text


def test_a_judge_is_shown_where_there_is_one(own):
    assert "No judge was asked" in str(raters.judge(own)) and "--base-url URL" in str(raters.judge(own))
    rows = [[HOSTILE, "base-13m", "13B", "broad", 150_000, measure, 0.4, 0.3, 0.5, 80] for measure in raters.JUDGE]
    rows[-2][6:] = [None, None, None, 0]  # no pair of matched length
    write_table(own.folder / raters.JUDGED, pd.DataFrame(rows, columns=JUDGED))
    found = Reader(str(raters.judge(Results(own.scale, own.folder))))
    assert "script" not in found.tags() and "<script>alert(1)</script>" in found.text
    cells = found.rows[1]
    assert cells[0] == "13M · broad, 150,000 tokens" and cells[1] == "40.0 [30.0, 50.0]"
    assert cells[-2] == "– no such pair"


def test_readers_rate_this_scale_s_answers(own):
    assert "not computed yet" in str(raters.be_the_rater(own))
    item = {"id": "p", "category": "Chat", "prompt": HOSTILE, "model": {"name": "m", "text": HOSTILE, "statements": []},
            "teacher": {"text": "b", "statements": []}, "rater": {"equal_or_better": 0.4}, "almanac": []}  # fmt: skip
    write_json(own.folder / raters.ITEMS, [item])
    html = str(raters.be_the_rater(own))
    assert '"paper": 0.7' in html and "<script>alert" not in html


def test_a_class_s_figure_needs_its_ratings(own):
    assert "No class has given its ratings" in str(raters.class_ratings(own))
    row = ["equal_or_better", "all", 0.6, 0.5, 0.7, 10, 5]
    write_table(own.folder / raters.CLASS, pd.DataFrame([row], columns=TABLE))
    assert "readers, all prompts 60.0 [50.0, 70.0]" in str(raters.class_ratings(Results(own.scale, own.folder)))


# ---- missing ---------------------------------------------------------------------------------------------------------


def test_without_its_files_the_page_says_so(tmp_path):
    bare = without_pages(tmp_path)
    rows = Reader(str(preference.shares(bare))).rows[1:]
    assert {cell for row in rows for cell in row[4:]} == {"– not computed yet"} and preference.in_words(bare) == ""
    for part in (preference.figure(bare), preference_curve.figure(bare), preference_curve.crossing(bare),
                 preference_curve.facts(bare)):  # fmt: skip
        assert "not computed yet" in str(part) and "<svg" not in str(part)
    assert preference_curve.at_rate(bare, BROAD, 0.0) is None
    assert "states more that is false." in Reader(str(preference_curve.measured_and_assumed(bare))).text
