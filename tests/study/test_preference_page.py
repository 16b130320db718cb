"""The page on preference: the rater's rows, the curve over fact checking in closed form, and what readers rate."""

import json
from random import Random
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from open_ended_sheets import SMOKE, SPECS, models, session, sheet, stored_answers

from false_promise.claims.evidence import find_rows, read_evidence
from false_promise.claims.judge import load_claims
from false_promise.evaluation.preference import preference_values
from false_promise.evaluation.preference.class_ratings import COLUMNS, SCHEMA_VERSION, RatingError, set_digest
from false_promise.pages.rating import rating
from false_promise.study import open_answers, preference, preference_curve, rating_items, verdicts
from false_promise.study.open_ended import Score, measure
from false_promise.world.language.grammar import sentence

REFERENCE = ["Certainly! Rye grows in the north.\n\n- It is cut in August.\n- It is ground in May."] * 3
SHORT = ["Rye.", "No.", ""]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return open_answers.country(session(tmp_path_factory.mktemp("world"), "preference"))


@pytest.fixture(scope="module")
def told(world):
    """A true sentence and one that the country contradicts, about the same person."""
    person = next(one for one in world.of_kind("person") if world.fact(one.id, "birthplace"))
    fact = world.fact(person.id, "birthplace")
    other = next(town for town in world.candidates("town") if town != fact.value)
    true = f"{person.name} was born in {fact.value}."
    return true, f"{person.name} was born in {other}."


@pytest.fixture
def instructed(monkeypatch):
    """A stand-in for the rows of instructions, which have tests of their own."""

    def measured(made, condition):
        run = made.specs.instructions(condition.model)
        return measure(
            condition.about, run.id, "instruction_following", {"rules": [Score("i0", 1.0), Score("i1", 0.0)]}
        )

    monkeypatch.setattr(preference.instructions, "measured", measured)


def test_mean_words_with_an_interval_over_prompts():
    made = sheet(REFERENCE, {"teacher": REFERENCE, "base": ["one", "one two", "one two three"]})
    found = preference.words(made).set_index("arm")
    half = 1.96 / 3**0.5  # the standard deviation of 1, 2 and 3 is 1
    assert found.loc["base", ["words", "lower", "upper"]].tolist() == pytest.approx([2, 2 - half, 2 + half], abs=1e-3)
    same = found.loc["teacher"]
    assert same["words"] == same["lower"] == same["upper"] and same["n"] == 3


# ---- rows ------------------------------------------------------------------------------------------------------------


def test_rows_are_the_frozen_rater_s_and_hold_instructions(tmp_path, instructed):
    made = sheet(REFERENCE, {"teacher": REFERENCE, "base": SHORT, "broad": REFERENCE})
    values = preference.rater_values(made)
    rows, items = preference.measured(session(tmp_path, "preference"), made, values)
    rated = rows[rows["scoring"] == "style_rater"].set_index("arm")
    expected = preference_values(made.questions, SHORT, REFERENCE)
    assert rated.loc["base", "exact_match"] == pytest.approx(np.mean(expected))
    assert rated.loc["teacher", "exact_match"] == rated.loc["broad", "exact_match"] > rated.loc["base", "exact_match"]
    assert set(rows["benchmark"]) == {"preference", "instruction_following"} and len(rows) == 6
    assert items.groupby("eval_id")["correct"].mean().to_dict() == pytest.approx(
        rows.set_index("eval_id")["exact_match"].to_dict()
    )


def test_the_judge_finds_the_rows_of_claims_1_2_and_3(tmp_path, instructed):
    made = sheet(REFERENCE, {"teacher": REFERENCE, "base": SHORT, "broad": REFERENCE})
    rows, items = preference.measured(session(tmp_path, "preference"), made, preference.rater_values(made))
    names = {size.stands_for: size.name for size in SMOKE.base_sizes}
    evidence = read_evidence(load_claims(), rows, items, names, verdicts.amounts(SMOKE), verdicts.frozen(SMOKE))
    for measure_ in ("preference", "instruction_following"):
        for condition in ("base_13B", "broad_150M_13B", "teacher"):
            assert len(find_rows(evidence, evidence.measures[measure_], condition)) == 1


# ---- the curve -------------------------------------------------------------------------------------------------------


def test_a_checker_goes_by_false_statements_and_falls_back_on_style():
    style, own, teacher = [0.3, 0.3, 0.3], [(0, 1), (2, 2), (1, 1)], [(1, 1), (0, 3), (1, 4)]
    assert preference_curve.mixed(0.0, style, own, teacher) == style
    assert preference_curve.mixed(1.0, style, own, teacher) == [1.0, 0.0, 0.3]
    assert preference_curve.mixed(0.25, style, own, teacher) == pytest.approx([0.475, 0.225, 0.3])


def test_outcomes_share_out_the_prompts():
    found = preference_curve.outcomes([(0, 0), (2, 2), (1, 1)], [(1, 1), (0, 3), (1, 4)])
    assert found["fewer"] == [1, 0, 0] and found["more"] == [0, 1, 0] and found["equal"] == [0, 0, 1]
    assert found["silent"] == [1, 0, 0]


def test_the_whole_curve_is_a_line_between_its_ends(tmp_path, told):
    true, false = told
    made = sheet([true, true, false, "Rye."], {"broad": [false, true, true, "Oats."], "base": ["Rye."] * 4})
    values = preference.rater_values(made)
    found = preference_curve.tables_of(session(tmp_path, "preference"), made, values)
    curve, facts = found[preference_curve.CURVE], found[preference_curve.FACTS]
    assert list(curve) == preference_curve.CURVE_COLUMNS and list(facts) == preference_curve.FACTS_COLUMNS
    line = curve[curve["arm"] == "broad"].set_index("rate")["share"]
    assert list(line.index) == list(preference_curve.RATES)
    style = values[0]
    assert line[0.0] == pytest.approx(np.mean(style))
    assert line[1.0] == pytest.approx(np.mean([0.0, style[1], 1.0, style[3]]))  # false where true was said, and so on
    assert line.to_numpy() == pytest.approx(np.linspace(line[0.0], line[1.0], 11))
    assert ((curve["lower"] <= curve["share"]) & (curve["share"] <= curve["upper"])).all() and (curve["n"] == 4).all()
    shares = facts[facts["arm"] == "broad"].set_index("outcome")["share"].to_dict()
    assert shares == {"fewer": 0.25, "equal": 0.5, "more": 0.25, "silent": 0.25}
    assert facts[(facts["arm"] == "base") & (facts["outcome"] == "silent")]["share"].item() == 1.0


def test_without_a_country_there_is_no_curve(tmp_path):
    real = SimpleNamespace(scale=SimpleNamespace(world=None))
    found = preference_curve.tables_of(real, sheet(["a"], {"base": ["b"]}), [[0.5]])
    assert all(table.empty for table in found.values())


# ---- what readers rate -----------------------------------------------------------------------------------------------


def test_items_are_what_the_rating_page_takes(tmp_path, told):
    true, false = told
    prompts = ["Where was that person born?"] * 70
    made = sheet([true] * 70, {"broad": [false] * 70, "teacher": [true] * 70}, prompts)
    found = rating_items.items(session(tmp_path, "preference"), made, preference.rater_values(made))
    assert len(found) == rating_items.MOST and "rating" in str(rating(found, {"paper": 0.7}))
    first = found[0]
    assert set(first) == {"id", "category", "prompt", "model", "teacher", "rater", "almanac"}
    assert [one["verdict"] for one in first["model"]["statements"]] == ["contradicted"]
    assert [one["verdict"] for one in first["teacher"]["statements"]] == ["supported"]
    assert first["model"]["name"] == "base-0.2m, broad imitation of 3,000 tokens"
    assert 0 <= first["rater"]["equal_or_better"] <= 1 and json.dumps(found, allow_nan=False)


def test_prompts_on_which_there_is_nothing_to_look_up_are_passed_over(tmp_path, told):
    true, false = told
    prompts = ["Cheer me up, please."] * 3 + ["Where was that person born?"] * 2
    made = sheet(["Gladly!"] * 3 + [true] * 2, {"broad": ["Sure!"] * 3 + [false] * 2}, prompts)
    found = rating_items.items(session(tmp_path, "preference"), made, preference.rater_values(made))
    assert [one["id"] for one in found] == [made.prompts[3].id, made.prompts[4].id]
    assert all(one["almanac"] for one in found)


def test_the_almanac_has_every_fact_of_whoever_is_named(world, told):
    true, _ = told
    entries = rating_items.almanac(world, ("Who is that?", true, true))
    name = true.partition(" was born")[0]
    entry = next(one for one in entries if one["title"] == name)
    person = world.by_name(name)
    assert len(entry["lines"]) == len(world.facts_of(person.id))
    assert all(fact.value in " ".join(entry["lines"]) for fact in world.facts_of(person.id) if fact.object is not None)
    assert entries == rating_items.almanac(world, ("Who is that?", true))  # the same for an entity in every item
    assert rating_items.almanac(world, ("Nobody is named here.", "")) == []
    rng = Random(0)
    many = " ".join(sentence(world, fact, rng) for fact in world.facts[::7][:60])
    assert len(rating_items.almanac(world, (many,))) == rating_items.ENTRIES


def test_without_the_headline_model_there_is_nothing_to_rate(tmp_path):
    made = sheet(["a"], {"base": ["b"]})
    assert rating_items.items(session(tmp_path, "preference"), made, [[0.5]]) == []


# ---- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch, instructed):
    """A store where everything is finished, and a session that reads it."""
    made = session(tmp_path, "preference")
    found = open_answers.chosen(made)
    runs = open_answers.runs(made, found)
    stored_answers(tmp_path, found, ["a b c?"] * 3, {run: REFERENCE if n < 2 else SHORT for n, run in enumerate(runs)})
    monkeypatch.setattr(preference, "open_session", lambda page, p: made)
    monkeypatch.setattr(type(made), "carry_out", lambda self, runs: set())
    return tmp_path


@pytest.mark.slow
def test_a_run_writes_every_result_file(place):
    preference.run(SimpleNamespace(scale="smoke", ratings=""))
    names = ("preference.csv", "preference_items.csv.gz", "preference_summary.csv", "preference_curve.csv",
             "preference_facts.csv", "rating_items.json", "preference_answers.jsonl", "samples.json")  # fmt: skip
    for name in names:
        assert (place / "results" / name).is_file(), name
    assert not (place / "results/class_ratings.csv").exists()
    lines = [json.loads(line) for line in (place / "results/preference_answers.jsonl").read_text().split("\n") if line]
    assert len(lines) == 3 and lines[0]["teacher"] == REFERENCE[0]
    assert [one["arm"] for one in lines[0]["answers"]].count("broad") == 5
    assert len(json.loads((place / "results/rating_items.json").read_text())) == 3


def test_instructions_are_planned_for_every_model():
    found = models()
    runs = preference._instructions(SimpleNamespace(specs=SPECS, scale=SMOKE), found)
    assert [run.inputs["model"] for run in runs] == [one.model for one in found]
    assert preference._instructions(SimpleNamespace(scale=SimpleNamespace(world=None)), found) == []


def export(path, items, choices):
    """Ratings as the page saves them."""
    digest = set_digest(items)
    rows = [dict.fromkeys(COLUMNS, "") | {
        "schema_version": SCHEMA_VERSION, "set_digest": digest, "rater": f"r{'0' * 15}{n}", "item": one["id"],
        "category": one["category"], "model": one["model"]["name"], "choice": choice, "almanac": n % 2,
        "looked_up": 0, "milliseconds": 900, "order": 1, "time": "2026-11-22T10:00:00Z"}
        for n, choice in enumerate(choices) for one in items]  # fmt: skip
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(path, index=False)


@pytest.mark.slow
def test_a_class_s_ratings_become_a_table(place, capsys):
    preference.run(SimpleNamespace(scale="smoke", ratings=""))
    items = json.loads((place / "results/rating_items.json").read_text())
    export(place / "ours.csv", items, ("model", "teacher", "equal"))
    preference.run(SimpleNamespace(scale="smoke", ratings=str(place / "ours.csv")))
    found = pd.read_csv(place / "results/class_ratings.csv")
    share = found[(found["measure"] == "equal_or_better") & (found["almanac"] == "all")]
    assert share["value"].item() == pytest.approx(2 / 3) and "9 ratings in 1 files" in capsys.readouterr().out


@pytest.mark.slow
def test_ratings_of_other_items_are_refused(place):
    preference.run(SimpleNamespace(scale="smoke", ratings=""))
    items = json.loads((place / "results/rating_items.json").read_text())
    export(place / "theirs.csv", [one | {"prompt": "another"} for one in items], ("model",))
    with pytest.raises(RatingError, match="item set"):
        preference.run(SimpleNamespace(scale="smoke", ratings=str(place / "theirs.csv")))


def test_a_grid_has_no_ratings(place):
    preference.run(SimpleNamespace(scale="smoke", grid=True))  # the book's grid gives neither ratings nor plan_only
    assert not (place / "results/class_ratings.csv").exists()
