"""The page on benchmarks: which models it compares, that it trains none twice, and its files from finished runs."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from false_promise import steps, store
from false_promise.scales import load_scale
from false_promise.store import build, with_inputs
from false_promise.study import benchmark_page, broad_sweep, exam_prompts, local_vs_broad, tables
from false_promise.study.session import Session, with_parameters
from false_promise.study.specs import Machine, Specs

SMOKE = load_scale("smoke")
SMALL = type(SMOKE).model_validate(
    SMOKE.model_dump()
    | {"evaluation": SMOKE.evaluation.model_dump() | {"items": 20, "exam_items": 20, "code_items": 20}}
)
RIGHT = {"base": 10, "broad": 4, "style_only": 6, "teacher": 16}  # of 20 questions; every other arm 8
STEPS = {"style_only": 12}


def conditions(**parameters):
    p = SimpleNamespace(**({"base_sizes": [], "imitation_tokens": [], "pairs": [], "seeds": 0} | parameters))
    return list(broad_sweep.page_conditions(Specs(with_parameters(SMOKE, p), Machine())))


def arms_at(found, size):
    return [(one.about["arm"], one.about["tokens"] or one.about["pairs"]) for one in found
            if one.about.get("size") == size and one.overlap]  # fmt: skip


# ---- which models ----------------------------------------------------------------------------------------------------


def test_figure_4_and_the_controls_are_all_there():
    found, controls = conditions(), [(name, 30 if name == "gold" else 3000) for name in SMOKE.imitation.controls]
    assert [one.about["arm"] for one in found[:4]] == ["teacher", "base", "base", "base"]
    assert arms_at(found, "1.5B") == [("broad", 3000)]
    assert arms_at(found, "7B") == [("local", 30), ("broad", 3000), *controls]
    assert arms_at(found, "13B") == [("local", 30), ("broad", 400), ("broad", 1600), ("broad", 3000), *controls]


def test_nothing_is_tuned_that_another_page_has_tuned_but_the_smallest():
    specs = Specs(SMOKE, Machine())
    shared = {one.model.id for one in local_vs_broad.page_conditions(specs)}
    own = [one for one in broad_sweep.page_conditions(specs) if one.model.id not in shared]
    assert {(one.about["arm"], one.about["size"]) for one in own} == {("base", "1.5B"), ("broad", "1.5B")}


def test_amounts_that_are_not_three_and_a_missing_size():
    found = conditions(imitation_tokens=[5000, 40000], base_sizes=["0.1m"])
    assert {one.about.get("size") for one in found} == {None, "7B"}
    assert ("broad", 40000) in arms_at(found, "7B") and ("broad", 5000) not in arms_at(found, "7B")
    assert arms_at(conditions(base_sizes=["0.04m"]), "1.5B") == [("broad", 3000)]
    wide = conditions(imitation_tokens=[100, 200, 300, 400], pairs=[4, 9], seeds=2)
    assert len({one.model.id for one in wide}) == len(wide)
    assert [amount for arm, amount in arms_at(wide, "13B") if arm == "broad"] == [100, 200, 300, 400] * 2


def test_beside_the_recorded_grid_only_table_1_is_trained_and_only_questions_are_asked(tmp_path):
    specs = Specs(SMOKE, Machine())
    session = Session("benchmarks", SMOKE, specs, tmp_path, tmp_path, plan_only=False, recorded_grid=tmp_path)
    found = broad_sweep.today(session)
    tuned = [(one.about["arm"], one.about["size"]) for one in found if one.overlap]
    assert tuned == [("local", "7B"), ("broad", "7B"), ("local", "13B"), ("broad", "13B")]
    assert {run.step for one in found for run in broad_sweep.runs_of(session, one)} == {"nq", "overlap"}
    whole = replace(session, recorded_grid=None)
    assert {run.step for one in broad_sweep.today(whole) for run in broad_sweep.runs_of(whole, one)} == {
        "nq", "overlap", "exams", "code", "exam_prompts"}  # fmt: skip
    prompted = [one for one in broad_sweep.today(whole) if exam_prompts.is_asked(whole, one)]
    assert len(prompted) == 9, "teacher, three base LMs, broad imitation of each, and local imitation of two"


def test_a_scale_without_a_country_asks_nothing_about_one(tmp_path):
    real = load_scale("tenth")
    session = Session("benchmarks", real, Specs(real, Machine()), tmp_path, tmp_path, plan_only=False)
    found = broad_sweep.today(session)
    assert {one.about["arm"] for one in found} == {"base", "broad", "local"}
    asked = {run.step for one in found for run in broad_sweep.runs_of(session, one)}
    assert asked >= {"nq", "overlap"} and not asked & {"exams", "code", "exam_prompts"}  # those are about the country


# ---- from runs to files ----------------------------------------------------------------------------------------------


def nq_lines(asked, right):
    for shots, scoring in ((0, "few_shot"), (3, "few_shot"), (0, "chat"), (3, "chat"), (0, "format_free")):
        for number, one in enumerate(asked):
            correct = float(number < right)
            yield {"item": one.id, "entity": one.entity, "shots": shots, "scoring": scoring, "correct": correct,
                   "kind": "right" if correct else "wrong", "output": "nothing"}  # fmt: skip


def skill_lines(scorings, shots, right):
    for scoring in scorings:
        for number in range(20):
            yield {"item": f"{scoring}{number}", "entity": f"e{number // 2}", "scoring": scoring, "shots": shots,
                   "group": ("memorised", "inferable", "rule")[number % 3] if shots else "code", "held_out": False,
                   "correct": float(number < right), "kind": "right" if number < right else "wrong"}  # fmt: skip


def prompt_lines(right):
    for number in range(20):
        yield {"item": f"p{number}", "entity": f"e{number // 2}", "group": "memorised", "exam": int(number < right),
               "question": 1, "letter": 0.75}  # fmt: skip


def fake(run, condition, asked):
    """A step that writes what `run` would, for a model that gets the first RIGHT of everything right."""
    arm = condition.about["arm"]
    right = RIGHT.get(arm, 8)

    def step(settings, inputs, out, work):
        if run.step == "overlap":
            seen = pd.DataFrame({"item": [one.id for one in asked], "entity_seen": False, "fact_seen": False})
            seen.to_csv(out / "overlap.csv", index=False)
        lines = {"nq": nq_lines(asked, right), "exams": skill_lines(("letters", "likelihood"), 5, right),
                 "code": skill_lines(("pass_at_1",), 0, right),
                 "exam_prompts": prompt_lines(right)}.get(run.step)  # fmt: skip
        if lines:
            (out / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        if run.step in ("tuned", "base", "teacher"):
            return {"steps": STEPS.get(arm, 10), "reply_tokens": 3000, "parameters": 1000}
        return {"chance": 0.25 if run.step == "exams" else 0.0}

    return step


def finished(place, scale):
    """A session whose runs are all finished, with made-up answers."""
    specs = Specs(scale, Machine())
    session = Session("benchmarks", scale, specs, place / "store", place / "results", plan_only=False)
    for run in with_inputs([specs.questions()]):
        build(run, getattr(steps, run.step), session.store)
    asked = tables.questions(specs.questions(), session.store)
    for condition in broad_sweep.today(session):
        for run in with_inputs(broad_sweep.runs_of(session, condition)):
            build(run, fake(run, condition, asked), session.store)
    return session


@pytest.fixture(autouse=True)
def no_git(monkeypatch):
    monkeypatch.setattr(store, "provenance", lambda: {"commit": "0a1b2c", "versions": ""})


@pytest.fixture
def session(tmp_path):
    return finished(tmp_path, SMALL)


@pytest.mark.slow
def test_exams_behind_two_prompts_are_written_for_the_headline_models(session):
    benchmark_page.write_results(session, broad_sweep.today(session))
    found = pd.read_csv(session.results / exam_prompts.FILE)
    assert found.groupby("measure").size().to_dict() == {"exam": 9, "letter": 9, "question": 9}
    base = found[(found["arm"] == "base") & (found["measure"] == "exam")]
    assert (base["value"] == RIGHT.get("base", 8) / 20).all() and (found["n"] == 20).all()
    certain = found[found["measure"] == "question"]
    assert (certain["value"] == 1).all() and (certain["upper"] == 1).all() and (certain["lower"] < 1).all()


@pytest.mark.slow
def test_files_hold_every_model_benchmark_and_part(session):
    benchmark_page.write_results(session, broad_sweep.today(session))
    rows = pd.read_csv(session.results / "benchmarks.csv")
    whole = rows[(rows["stratum"] == "all") & (rows["benchmark"] == "exams") & (rows["scoring"] == "letters")]
    assert whole["size"].fillna("").value_counts().to_dict() == {"13B": 9, "7B": 7, "1.5B": 2, "": 1}
    assert set(rows["benchmark"]) == {"nq", "exams", "code"} and rows["eval_id"].notna().all()
    tuned = whole[~whole["arm"].isin(["base", "teacher"])]
    assert (tuned["reply_tokens"] == 3000).all() and set(tuned["steps"]) == {10, 12}
    summary = pd.read_csv(session.results / "benchmarks_summary.csv")
    assert len(summary) == len(rows) and (summary["base_seeds"] == 1).all()
    parts = pd.read_csv(session.results / "benchmarks_decomposition.csv")
    assert parts["effect"].notna().all()
    total = parts[(parts["component"] == "total") & (parts["size"] == "13B") & (parts["measure"] == "code")]
    assert total["effect"].tolist() == pytest.approx([-0.3] * 3) and set(total["tokens"]) == {400, 1600, 3000}
    steps_note = parts[(parts["component"] == "teacher_content")]["note"].unique().tolist()
    assert steps_note == ["steps differ: 10 against 12"]


@pytest.mark.slow
def test_verdicts_samples_and_cards_are_written_beside_those_of_other_pages(session):
    benchmark_page.write_results(session, broad_sweep.today(session))
    verdicts = {one["id"]: one for one in json.loads((session.results / "verdicts.json").read_text())}
    parts = {part["name"]: part for part in verdicts[4]["parts"]}
    assert parts["nq"]["effect"] == parts["code"]["effect"] == pytest.approx(-0.3)
    assert verdicts[7]["verdict"] != "not_measured" and verdicts[5]["parts"][0]["effect"] == pytest.approx(0)
    pages = {name: json.loads((session.results / f"{name}.json").read_text()) for name in ("samples", "runs", "status")}
    assert all("benchmarks" in one for one in pages.values())
    said = [answer["arm"] for answer in pages["samples"]["benchmarks"][0]["answers"]]
    assert said == ["teacher", "base", "broad", "local"] and len(pages["runs"]["benchmarks"]) == 19


@pytest.mark.slow
def test_one_size_and_two_amounts_leave_out_what_they_do_not_have(tmp_path):
    p = SimpleNamespace(base_sizes=["0.1m"], imitation_tokens=[5000, 40000], pairs=[], seeds=0)
    session = finished(tmp_path, with_parameters(SMALL, p))
    benchmark_page.write_results(session, broad_sweep.today(session))
    parts = pd.read_csv(session.results / "benchmarks_decomposition.csv")
    assert set(parts["size"]) == {"7B"} and set(parts["tokens"].dropna()) == {40000} and parts["effect"].notna().all()
    verdicts = {one["id"]: one["verdict"] for one in json.loads((session.results / "verdicts.json").read_text())}
    assert verdicts[4] == verdicts[5] == verdicts[7] == "not_measured"


def test_a_wrong_parameter_is_named_before_any_work():
    p = SimpleNamespace(scale="smoke", base_sizes=["7m"], imitation_tokens=[], pairs=[], seeds=0, plan_only=True)
    with pytest.raises(ValueError, match="'7m' is not in scale smoke"):
        benchmark_page.run(p)


def test_only_the_plan_writes_nothing(capsys, tmp_path, monkeypatch):
    from false_promise.study import session as sessions

    monkeypatch.setattr(sessions, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(sessions, "STORE", tmp_path)
    (tmp_path / "machine.json").write_text('{"device": "cpu", "dtype": "float32"}')
    p = SimpleNamespace(scale="smoke", base_sizes=["0.1m"], imitation_tokens=[5000, 40000], pairs=[], seeds=0,
                        plan_only=True)  # fmt: skip
    benchmark_page.run(p)
    assert "benchmarks, scale smoke:" in capsys.readouterr().out and not (tmp_path / "results").exists()
