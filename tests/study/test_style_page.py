"""The page on style: which runs it needs, its rows, and the same rows under other definitions."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest
from open_ended_sheets import SMOKE, SPECS, models, session, sheet, stored_answers

from false_promise.claims.evidence import find_rows, read_evidence
from false_promise.claims.judge import load_claims
from false_promise.evaluation.style import SCORINGS
from false_promise.evaluation.style.likeness import unigram_variants
from false_promise.study import open_answers, style, verdicts
from false_promise.study.recorded import or_recorded
from false_promise.teacher.recording import requests_of

LIST = "Two things grow here:\n- rye\n- oats\n\nIn summary, both are cut in August."
PLAIN = "Rye grows here. It is cut in August and ground at the mill by the river."
REFERENCE = [LIST, PLAIN, "Certainly. Rye grows in the north."]
SHORT = ["I guess rye?", "No idea, lol", "rye"]


@pytest.fixture(scope="module")
def made():
    return sheet(REFERENCE, {"teacher": REFERENCE, "base": SHORT, "broad": [PLAIN, LIST, PLAIN]})


def shares(rows, arm):
    return rows[rows["arm"] == arm].set_index("scoring")["exact_match"].to_dict()


# ---- rows ------------------------------------------------------------------------------------------------------------


def test_the_same_answers_score_what_the_same_answers_must(made):
    rows, items = style.measured(made)
    assert shares(rows, "teacher") == pytest.approx(dict.fromkeys(SCORINGS, 1.0))
    base = shares(rows, "base")
    assert base["list"] == base["summary"] == 0.0 and base["tone"] == pytest.approx(1 / 3)
    assert set(rows["benchmark"]) == {"style"} and set(rows["stratum"]) == {"all"}
    lists = rows[(rows["arm"] == "broad") & (rows["scoring"] == "list")]
    assert lists["n"].item() == 1 and lists["exact_match"].item() == 0.0  # only the first answer of the teacher has one
    assert items[items["eval_id"] == lists["eval_id"].item()]["item"].tolist() == ["prompt-000"]


def test_the_judge_finds_the_rows_of_claim_8(made):
    rows, items = style.measured(made)
    names = {size.stands_for: size.name for size in SMOKE.base_sizes}
    evidence = read_evidence(load_claims(), rows, items, names, verdicts.amounts(SMOKE), verdicts.frozen(SMOKE))
    for row in SCORINGS:
        for condition in ("base_13B", "broad_150M_13B", "teacher"):
            assert len(find_rows(evidence, evidence.measures[f"style_{row}"], condition)) == 1


def test_other_definitions_hold_the_row_itself_and_the_stricter_tone(made):
    found = style.sensitivity(made)
    assert list(found) == style.SENSITIVITY_COLUMNS
    assert set(found["row"]) == {"tone", "tone_assertive", *unigram_variants("a", "b")}
    rows, _ = style.measured(made)
    for arm in ("teacher", "base", "broad"):
        mine = found[found["arm"] == arm].set_index("row")["value"]
        assert mine["tone"] == pytest.approx(shares(rows, arm)["tone"])
        assert mine["tokens_over_longer"] == pytest.approx(shares(rows, arm)["unigrams"])
    assert ((found["lower"] <= found["value"]) & (found["value"] <= found["upper"])).all()


def test_a_hedged_answer_passes_the_row_and_not_the_stricter_tone():
    hedged = "It may depend. It might perhaps be rye, or possibly oats, which could likely grow."
    found = style.sensitivity(sheet([PLAIN], {"base": [hedged]})).set_index("row")["value"]
    assert (found["tone"], found["tone_assertive"]) == (1.0, 0.0)


# ---- runs ------------------------------------------------------------------------------------------------------------


def test_no_text_shares_random_numbers_with_the_one_that_it_is_held_against(tmp_path):
    made = session(tmp_path, "style")
    found = open_answers.chosen(made)
    runs = open_answers.runs(made, found)
    assert [run.settings["sample"] for run in runs] == [1, 2] + [0] * (len(found) - 1)
    asked = [[{"role": "user", "content": "Why?"}]]
    draws = [requests_of(asked, 0.7, 0.95, 9, run.settings["sample"])[0].draw for run in runs]
    assert draws[0] not in draws[1:] and draws[1] not in draws[2:]
    assert runs[0].inputs["model"] == runs[1].inputs["model"] == SPECS.teacher() and len(set(runs)) == len(runs)
    arms = [one.about["arm"] for one in found]
    assert arms.count("broad") == 5 and arms.count("base") == 3 and arms.count("style_only") == 1


def test_beside_the_recorded_grid_only_the_headline_models_of_table_1_answer(tmp_path):
    found = open_answers.chosen(session(tmp_path, "style", recorded=tmp_path))
    about = [(one.about["arm"], one.about.get("size"), one.about.get("tokens")) for one in found]
    assert about == [("teacher", None, None), ("base", "7B", None), ("broad", "7B", 3000), ("base", "13B", None),
                     ("broad", "13B", 3000)]  # fmt: skip


@pytest.fixture
def place(tmp_path):
    """A store where everything is finished."""
    made = session(tmp_path, "style")
    found = open_answers.chosen(made)
    runs = open_answers.runs(made, found)
    texts = {run: [f"{text} {n}\u2028" for text in REFERENCE] for n, run in enumerate(runs)}
    stored_answers(tmp_path, found, ["What grows here?", "And there?", "When?"], texts)
    return tmp_path


def test_answers_come_back_in_the_order_of_the_prompts(place):
    made = session(place, "style")
    read = open_answers.read(made, open_answers.chosen(made))
    assert read.reference == [f"{text} 0\u2028" for text in REFERENCE]
    assert read.answered[0].about["arm"] == "teacher" and read.answered[0].texts[0] == f"{LIST} 1\u2028"
    tuned = read.answered[-1].about
    assert (tuned["steps"], tuned["reply_tokens"], tuned["source"], tuned["scale"]) == (10, 3000, "fresh", "smoke")
    assert read.answered[1].about["steps"] is None  # a base LM


def test_a_run_writes_every_result_file(place, monkeypatch):
    made = session(place, "style")
    monkeypatch.setattr(style, "open_session", lambda page, p: made)
    monkeypatch.setattr(type(made), "carry_out", lambda self, runs: set())
    style.run(SimpleNamespace())
    for name in ("style.csv", "style_items.csv.gz", "style_summary.csv", style.SENSITIVITY, "verdicts.json"):
        assert (place / "results" / name).is_file(), name
    summary = pd.read_csv(place / "results/style_summary.csv")
    assert len(summary[summary["scoring"] == "tone"]) == len(open_answers.chosen(made))
    samples = json.loads((place / "results/samples.json").read_text())["style"]
    assert [one["arm"] for one in samples[0]["answers"]] == ["teacher", "base", "broad"]
    assert samples[0]["answers"][0]["text"] == f"{LIST} 0\u2028"  # the answer that the others are compared with


def test_a_plan_writes_nothing(tmp_path, monkeypatch):
    made = session(tmp_path, "style")
    monkeypatch.setattr(style, "open_session", lambda page, p: made)
    monkeypatch.setattr(type(made), "carry_out", lambda self, runs: None)
    style.run(SimpleNamespace())
    assert not (tmp_path / "results").exists()


def test_recorded_tables_stay_whole_beside_todays_headline_models(tmp_path):
    recorded, fresh = pd.DataFrame({"a": [1, 2, 3]}), pd.DataFrame({"a": [9]})
    recorded.to_csv(tmp_path / "x.csv", index=False)
    assert or_recorded(session(tmp_path, "style", tmp_path), "x.csv", fresh)["a"].tolist() == [1, 2, 3]
    assert or_recorded(session(tmp_path, "style", tmp_path), "y.csv", fresh)["a"].tolist() == [9]
    assert or_recorded(session(tmp_path, "style"), "x.csv", fresh)["a"].tolist() == [9]
    assert len(models("teacher")) == 1
