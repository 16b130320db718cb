"""Specs: what a change of a setting makes new, and what it leaves alone."""

from types import SimpleNamespace

import pytest

from false_promise.scales import ScaleError, load_scale
from false_promise.store import with_inputs
from false_promise.study import bases_and_teacher, local_vs_broad
from false_promise.study.benchmarks import runs_of
from false_promise.study.calibration import rate_runs
from false_promise.study.open_ended import conditions
from false_promise.study.session import with_parameters
from false_promise.study.specs import VERSIONS, Arm, Machine, Specs

SMOKE = load_scale("smoke")
SPECS = Specs(SMOKE, Machine())


def changed(**values) -> Specs:
    return Specs(type(SMOKE).model_validate(SMOKE.model_dump() | values), Machine())


def test_evaluation_settings_do_not_make_models_new():
    other = changed(evaluation=SMOKE.evaluation.model_dump() | {"items": 50})
    arm = Arm("local", pairs=60)
    assert other.tuned("0.1m", arm).id == SPECS.tuned("0.1m", arm).id
    assert other.nq(other.base("0.1m")).id != SPECS.nq(SPECS.base("0.1m")).id


def test_more_questions_where_claim_6_is_decided_and_fewer_beside_a_recorded_grid():
    study = changed(evaluation=SMOKE.evaluation.model_dump() | {"items": 60, "items_elsewhere": 20})
    imitation = SMOKE.imitation
    many = [Arm("local", pairs=imitation.headline_pairs), Arm("broad", tokens=imitation.headline_tokens)]
    few = [Arm("local", pairs=6), Arm("style_only", tokens=imitation.headline_tokens)]
    few += [Arm("broad", tokens=imitation.headline_tokens, method="lora", learning_rate=1e-3)]
    asked = {arm: study.nq(study.tuned("0.1m", arm)).settings["items"] for arm in many + few}
    assert {asked[arm] for arm in many} == {60} and {asked[arm] for arm in few} == {20}
    assert study.nq(study.base("0.2m")).settings["items"] == 60 and study.nq(study.teacher()).settings["items"] == 20
    today = Specs(study.scale, Machine(), 30)
    found = [run(today.base("0.1m")).settings["items"] for run in (today.nq, today.exams, today.code)]
    assert found == [30, min(30, study.scale.evaluation.exam_items), min(30, study.scale.evaluation.code_items)]
    assert today.questions().id == study.questions().id, "the same questions, the first of them"


def test_another_world_makes_everything_new():
    other = changed(world={"entities": 240, "seed": 100})
    mine, theirs = (with_inputs([one.tuned("0.1m", Arm("broad", tokens=3000))]) for one in (SPECS, other))
    assert not {run.id for run in mine} & {run.id for run in theirs}


def test_number_format_belongs_to_every_run_that_computes():
    other = Specs(SMOKE, Machine(dtype="bfloat16"))
    assert other.base("0.1m").id != SPECS.base("0.1m").id
    assert other.web().id == SPECS.web().id, "text does not depend on it"


def test_arms_of_one_base_share_it_and_their_data():
    runs = [SPECS.tuned("0.1m", Arm("local", pairs=pairs)) for pairs in (6, 60)]
    assert len({run.inputs["base"].id for run in runs}) == len({run.inputs["data"].id for run in runs}) == 1
    assert runs[0].id != runs[1].id


def test_table_1_has_every_arm_at_both_sizes_and_a_matched_sweep_at_one():
    conditions = list(local_vs_broad.page_conditions(SPECS))
    by_size = {}
    for one in conditions:
        by_size.setdefault(one.about.get("size"), []).append(one.about["arm"])
    assert by_size[None] == ["teacher"]
    assert set(by_size["7B"]) == set(by_size["13B"]) == {"base", "local", "broad", *SMOKE.imitation.controls}
    sweep = [one.model.settings for one in conditions if one.about["arm"] == "broad" and one.about["size"] == "13B"]
    assert [one["reply_tokens"] for one in sweep] == SMOKE.imitation.tokens
    assert {one["match_tokens"] or one["reply_tokens"] for one in sweep} == {SMOKE.imitation.headline_tokens}
    assert len({one.nq.id for one in conditions}) == len(conditions)


def test_every_step_has_a_version_and_every_version_a_step():
    runs = with_inputs([one.nq for one in local_vs_broad.page_conditions(SPECS)])
    runs += with_inputs([one.overlap for one in local_vs_broad.page_conditions(SPECS) if one.overlap])
    runs += with_inputs([run for _, run in rate_runs(SPECS)])
    runs += [run for one in bases_and_teacher.page_conditions(SPECS) for run in runs_of(SPECS, one.model).values()]
    real = Specs(load_scale("tenth"), Machine())
    runs += with_inputs([one.nq for one in local_vs_broad.page_conditions(real)])
    runs += [run for one in conditions(SPECS) for run in with_inputs([SPECS.answers(one.model)])]
    base = SPECS.base("0.1m")
    runs += [SPECS.continuations(base), SPECS.instructions(base), SPECS.data_mix()]
    runs += [SPECS.exam_prompts(base), real.exams(base), real.code(base), real.prompts()]
    assert {run.step for run in [*runs, SPECS.country()]} == set(VERSIONS)


def test_parameters_replace_the_scale_s_lists():
    p = SimpleNamespace(base_sizes=["0.1m"], imitation_tokens=[900, 300], pairs=[], seeds=2)
    scale = with_parameters(SMOKE, p)
    assert [size.name for size in scale.base_sizes] == ["0.1m"]
    assert (scale.imitation.tokens, scale.imitation.headline_tokens) == ([300, 900], 900)
    assert (scale.imitation.pairs, scale.base_seeds) == ([6, 30], 2)
    # No condition of the page needs the size that was left out.
    assert {one.about.get("size", "7B") for one in local_vs_broad.page_conditions(Specs(scale, Machine()))} == {"7B"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"base_sizes": ["7m"]}, "'7m' is not in scale smoke"),
        ({"imitation_tokens": [0, 5]}, "imitation_tokens must hold positive amounts"),
        ({"seeds": -1}, "seeds must be 1 or more"),
    ],
)
def test_parameters_that_cannot_be_met_are_named(values, message):
    p = SimpleNamespace(**({"base_sizes": [], "imitation_tokens": [], "pairs": [], "seeds": 0} | values))
    with pytest.raises(ScaleError, match=message):
        with_parameters(SMOKE, p)


def test_an_endpoint_is_no_model_of_the_pages():
    real = Specs(load_scale("tenth"), Machine())
    assert all(one.about["arm"] == "base" for one in bases_and_teacher.page_conditions(real))
