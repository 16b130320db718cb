"""Rows, counts and known facts of the factuality page, from answers whose statements are known."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from false_promise import steps
from false_promise.scales import load_scale
from false_promise.store import build, folder, with_inputs
from false_promise.study import checked_answers, factuality, factuality_samples, known_facts, tables
from false_promise.study.checked_answers import ASKING, Answer, by_model, popularity_quarters
from false_promise.study.open_ended import Condition, conditions
from false_promise.study.samples import statements_of
from false_promise.study.session import Session
from false_promise.study.specs import Machine, Specs
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises.questions import nq_questions

WORLD = build_world(WorldSettings(entities=240), seed=99)
PEOPLE = WORLD.of_kind("person")
BY_POPULARITY = sorted(PEOPLE, key=lambda one: one.popularity)
RARE, FAMOUS = BY_POPULARITY[0], BY_POPULARITY[-1]
NOBODY = "Ansa Velmore was born in 1893."


def born(person, right=True):
    year = WORLD.fact(person.id, "birth_year").value
    return f"{person.name} was born in {year if right else int(year) + 1}."


def answer(prompt, text, asked="Tell me something."):
    return Answer(prompt, text, tuple(statements_of(asked, text, WORLD)))


ANSWERS = [
    answer("a", born(FAMOUS)),  # one true
    answer("b", f"{born(FAMOUS)} {born(RARE, right=False)}"),  # one true, one false
    answer("c", f"{NOBODY} {born(RARE, right=False)}"),  # one about nobody, one false
    answer("d", "I see."),  # nothing
]


def condition(arm="base", seed=0, **about):
    data = {"tokens": 400, "pairs": None, "imitation_seed": 0} if arm != "base" else {}
    known = {"model": "base-0.2m", "size": "13B", "arm": arm, "base_seed": seed} | data | about
    return Condition(known, SimpleNamespace(id=f"{arm}-{seed}"), data=None)


# ---- scores ----------------------------------------------------------------------------------------------------------


def test_shares_are_means_over_answers_that_state_something():
    found = {name: {one.item: one.value for one in values} for name, values in factuality.scores(ANSWERS).items()}
    assert found["supported"] == {"a": 1.0, "b": 0.5, "c": 0.0}
    assert found["contradicted"] == {"a": 0.0, "b": 0.5, "c": 0.5}
    assert found["nobody"] == {"a": 0.0, "b": 0.0, "c": 0.5}
    assert found["any_error"] == {"a": 0.0, "b": 1.0, "c": 1.0, "d": 0.0}
    assert found["checkable"] == {"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.0}


def test_a_silent_model_has_no_share_of_true_statements():
    found = factuality.scores([answer("a", ""), answer("b", "Certainly!")])
    assert found["supported"] == [] and [one.value for one in found["checkable"]] == [0.0, 0.0]


def test_quarters_of_popularity_hold_about_equally_much_of_it():
    quarters = popularity_quarters(WORLD)
    assert set(quarters) == {one.id for one in WORLD.entities}
    mass = pd.Series({one.id: one.popularity for one in WORLD.entities}).groupby(quarters).sum()
    assert list(mass.index) == [1, 2, 3, 4] and mass.between(0.15, 0.35).all()
    by_popularity = [quarters[one.id] for one in sorted(WORLD.entities, key=lambda entity: entity.popularity)]
    assert by_popularity == sorted(by_popularity)


def test_statements_about_a_quarter_are_those_about_its_subjects():
    quarters = {FAMOUS.id: 4, RARE.id: 1}
    famous = {one.item: one.value for one in factuality.about_quarter(ANSWERS, quarters, 4)}
    rare = {one.item: one.value for one in factuality.about_quarter(ANSWERS, quarters, 1)}
    assert famous == {"a": 1.0, "b": 1.0} and rare == {"b": 0.0, "c": 0.0}
    assert factuality.about_quarter(ANSWERS, quarters, 2) == []


def test_rows_of_a_quarter_are_pooled_from_its_own_items():
    session = SimpleNamespace(
        scale=SimpleNamespace(name="smoke"), store=None,
        specs=SimpleNamespace(answers=lambda model, sample: SimpleNamespace(id=f"answers-{model.id}")),
    )  # fmt: skip
    said = [(condition(seed=seed), ANSWERS) for seed in (0, 1)]
    rows, items = factuality.measure(session, said, {FAMOUS.id: 4, RARE.id: 1})
    assert set(rows["stratum"]) == {"all", "popularity_1", "popularity_4"} and (rows["benchmark"] == "factuality").all()
    pooled = tables.pooled(rows, items).set_index(["scoring", "stratum"])
    assert pooled.loc[("supported", "all"), "exact_match"] == pytest.approx(0.5)
    assert pooled.loc[("supported", "popularity_4"), "exact_match"] == 1.0
    assert pooled.loc[("supported", "popularity_1"), ["exact_match", "n", "base_seeds"]].tolist() == [0.0, 2, 2]
    assert (pooled["lower"] <= pooled["exact_match"]).all() and (pooled["exact_match"] <= pooled["upper"]).all()
    whole = items[items["eval_id"].str.endswith("answers-base-0/checkable")]
    assert whole["item"].tolist() == whole["entity"].tolist() == ["a", "b", "c", "d"]  # clusters are prompts


# ---- counts and density ----------------------------------------------------------------------------------------------


def test_every_statement_is_counted_once_by_verdict_and_quarter():
    found = factuality.counts([(condition(), ANSWERS)], WORLD)
    quarters = popularity_quarters(WORLD)
    wanted = {(quarters[FAMOUS.id], "supported"): 2, (quarters[RARE.id], "contradicted"): 2, (0, "nobody"): 1}
    counted = {(row.quarter, row.verdict): row.count_ for row in found.rename(columns={"count": "count_"}).itertuples()}
    assert {cell: number for cell, number in counted.items() if number} == wanted and len(counted) == 9
    assert set(found["answers"]) == {4} and set(found["words"]) == {sum(len(one.text.split()) for one in ANSWERS)}


def test_base_seeds_are_put_together_and_models_apart():
    said = [(condition(seed=0), ANSWERS), (condition("broad"), ANSWERS[:1]), (condition(seed=1), ANSWERS)]
    found = [(about["arm"], about["tokens"], len(answers)) for about, answers in by_model(said)]
    assert found == [("base", None, 8), ("broad", 400, 1)]


def test_density_is_statements_per_hundred_words_of_all_answers():
    found = factuality.density([(condition(), ANSWERS)]).set_index("measure")
    words = sum(len(one.text.split()) for one in ANSWERS)
    assert found.loc["statements_per_100_words", "value"] == pytest.approx(100 * 5 / words, abs=1e-6)
    assert found.loc["errors_per_100_words", "value"] == pytest.approx(100 * 3 / words, abs=1e-6)
    assert found.loc["words_per_answer", "value"] == pytest.approx(words / 4)
    assert (found["lower"] <= found["value"]).all() and (found["value"] <= found["upper"]).all()


def test_a_model_that_states_nothing_may_still_state_something_in_one_of_so_many_answers():
    silent = [answer(str(number), "I see you well.") for number in range(10)]
    found = factuality.density([(condition(), silent)]).set_index("measure").loc["statements_per_100_words"]
    bound = 1 - 0.05 ** (1 / 10)  # share of answers with a statement, one in four words each
    assert found[["value", "lower"]].tolist() == [0, 0] and found["upper"] == pytest.approx(100 * bound / 4, abs=1e-6)


def test_a_model_without_words_has_no_density():
    found = factuality.density([(condition(), [answer("a", ""), answer("b", "")])])
    assert found["measure"].tolist() == ["words_per_answer"] and found["value"].item() == 0


# ---- a store with made-up answers ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session at smoke; its store holds questions, prompts and, for four models, answers, NQ and overlap."""
    scale, place = load_scale("smoke"), tmp_path_factory.mktemp("store")
    specs = Specs(scale, Machine())
    for run in with_inputs([specs.questions()]):
        build(run, getattr(steps, run.step), place)
    found = Session("factuality", scale, specs, place, place / "results", plan_only=False)
    asked, _ = nq_questions(WORLD, scale.evaluation.items, 99)
    put(found, specs.prompts(), "prompts.jsonl", [
        {"id": "p0", "category": "General QA", "text": "How do I boil rice?", "nearest": 0.0},
        {"id": "p1", "category": "Coding", "text": f"Print {FAMOUS.name}", "nearest": 0.0},
        {"id": "p2", "category": "Generation", "text": f"Write about {FAMOUS.name}.", "nearest": 0.0},
    ])  # fmt: skip
    for one in models(found):
        _fill(found, one, asked)
    return found


def models(session):
    return [one for one in conditions(session.specs, controls=("style_only",), local=True)
            if one.about.get("size") == "13B" and one.about["arm"] != "local"]  # fmt: skip


def put(session, run, name, rows):
    """Store made-up output under a real run's id."""
    place = folder(run, session.store)
    place.mkdir(parents=True)
    (place / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (place / "run.json").write_text(json.dumps({"run_id": run.id, "files": {}, "summary": {"steps": 3}, "seconds": 0}))


def _fill(session, one, asked):
    """Of the first ten questions the base LM knows five (0-4), and answers 0-3 right; broad errs on 0 as well."""
    specs, arm = session.specs, one.about["arm"]
    right = {"base": range(4), "style_only": range(4)}.get(arm, range(1, 4))
    rows = []
    for number, question in enumerate(asked[:10]):
        about = {"item": question.id, "entity": question.entity_name, "output": "x", "kind": "wrong"}
        rows.append(about | {"scoring": "few_shot", "shots": 3, "correct": float(number in right)})
        kind = "right" if number < 5 else "wrong"
        rows.append(about | {"scoring": "format_free", "shots": 0, "correct": 0.5, "kind": kind})
    put(session, specs.nq(one.model), "answers.jsonl", rows)
    fact = WORLD.facts[asked[0].fact]
    said = {"p0": "Certainly!", "p1": born(RARE), "p2": f"Q: {asked[0].text}\nA: {fact.value}"}
    if arm == "broad":
        said["p2"] = NOBODY + " <script>alert(1)</script>"
    put(session, specs.answers(one.model), "replies.jsonl", [{"item": key, "text": text} for key, text in said.items()])
    if one.data and not folder(specs.overlap(known_facts._arm(one)), session.store).exists():
        seen = pd.DataFrame({"item": [question.id for question in asked], "entity_seen": True, "fact_seen": False})
        seen.loc[:1, "fact_seen"] = arm == "broad"
        put(session, specs.overlap(known_facts._arm(one)), "unused.jsonl", [])
        seen.to_csv(folder(specs.overlap(known_facts._arm(one)), session.store) / "overlap.csv", index=False)


def test_only_prompts_that_ask_about_something_count(session):
    said = checked_answers.answered(session, models(session))
    assert [one.prompt for one in said[0][1]] == ["p0", "p2"] and "Coding" not in ASKING
    base, broad = said[0][1], next(answers for one, answers in said if one.about["arm"] == "broad")
    assert [one.count("supported") for one in base] == [0, 1]
    assert [one.count(*checked_answers.WRONG) for one in broad] == [0, 1]


def test_known_and_unknown_facts_and_what_broad_imitation_did_to_them(session):
    said = checked_answers.answered(session, models(session))
    found = known_facts.table(session, said)
    assert list(found.columns) == known_facts.COLUMNS
    value = {(row.arm, row.tokens, row.known_to_base, row.measure): (row.value, row.n)
             for row in found.fillna({"tokens": 0}).itertuples()}  # fmt: skip
    nothing = 0.0  # tokens of imitation data that a base LM has read
    assert value["base", nothing, 1, "share"] == (0.5, 10) and value["base", nothing, 0, "share"] == (0.5, 10)
    assert value["base", nothing, 1, "wrong"] == (0.2, 5)
    for tokens in (400.0, 1600.0, 3000.0):
        assert value["broad", tokens, 1, "wrong"] == (0.4, 5)
        assert value["broad", tokens, 1, "wrong_minus_base"] == (pytest.approx(0.2), 5)
        assert value["broad", tokens, 1, "wrong_minus_control"] == (pytest.approx(0.2), 5)
        assert value["broad", tokens, 0, "wrong_minus_base"] == (0.0, 5)
        assert value["broad", tokens, 1, "stated"] == (0.4, 5)  # questions 0 and 1
        assert value["broad", tokens, 1, "wrong_unstated_minus_base"] == (0.0, 3)  # its error is about question 0
    assert value["style_only", 3000.0, 1, "wrong_minus_base"] == (0.0, 5)
    assert not any(key[0] == "style_only" and key[3] == "wrong_minus_control" for key in value)
    assert value["base", nothing, 1, "statements_wrong"] == (0.0, 1)
    assert ("broad", 400.0, 1, "statements_wrong") not in value  # it said nothing about these facts
    assert (found["lower"] <= found["value"]).all() and (found["value"] <= found["upper"]).all()


def test_the_first_prompts_that_name_something_are_shown_whatever_was_answered(session):
    said = checked_answers.answered(session, models(session))
    (shown,) = factuality_samples.samples(session, said, WORLD)
    assert shown["prompt"] == f"Write about {FAMOUS.name}."
    assert [(one["arm"], one["tokens"]) for one in shown["answers"]] == [
        ("base", None), ("broad", 400), ("broad", 1600), ("broad", 3000)]  # fmt: skip
    hostile = shown["answers"][1]
    assert hostile["text"].endswith("<script>alert(1)</script>")
    assert [one["verdict"] for one in hostile["statements"]] == ["nobody"]


def test_without_a_country_the_tables_are_empty_and_readable(tmp_path, capsys):
    scale = load_scale("tenth")
    session = Session("factuality", scale, Specs(scale, Machine()), tmp_path, tmp_path / "results", plan_only=False)
    factuality.nothing_to_check(session)
    assert "without an invented country" in capsys.readouterr().out
    for name in ("factuality.csv", "factuality_items.csv.gz", "factuality_statements.csv"):
        assert pd.read_csv(tmp_path / "results" / name).empty
    status = json.loads((tmp_path / "results" / "status.json").read_text())["factuality"]
    assert status["state"] == "never run"


def test_without_labels_the_extractor_s_table_is_empty(monkeypatch, tmp_path):
    monkeypatch.setattr(factuality.extractor_labels, "read_labels", lambda: [])
    assert factuality.extractor(WORLD).empty
    label = factuality.extractor_labels.Label("output-0", 240, 99, born(FAMOUS), 0, len(born(FAMOUS)), (
        (FAMOUS.name, "birth_year", WORLD.fact(FAMOUS.id, "birth_year").value),), "a reader")  # fmt: skip
    monkeypatch.setattr(factuality.extractor_labels, "read_labels", lambda: [label])
    found = factuality.extractor(WORLD).set_index("measure")
    assert found["value"].to_dict() == {"precision": 1.0, "recall": 1.0} and not found["passed"].any()
    assert factuality.extractor(build_world(WorldSettings(entities=240), seed=98)).empty
