"""Specification curves and preconditions on tables whose outcome is known."""

import numpy as np
import pytest
from synthetic_results import CLAIMS, SIZES, Study, amounts_study, answers, unseen

from false_promise.claims.evidence import read_evidence
from false_promise.claims.judge import judge
from false_promise.claims.specification import depends_on, preconditions, specification_curve

CLAIM_6, RATES = CLAIMS.claims[5], (1e-4, 3e-4, 1e-3)


def rate_study(local):
    """Claim 6's rows with one share of right answers of `local` per learning rate, 3-shot and 0-shot."""
    study = Study()
    for size in ("7B", "13B"):
        for shots in (3, 0):
            study.add("base", size, answers(0.2), shots=shots)
            for rate, share in zip(RATES, local, strict=True):
                columns = {"learning_rate": rate, "shots": shots}
                study.add("local", size, answers(share), pairs=6000, strata=unseen(1000), **columns)
                study.add("broad", size, answers(0.05), tokens=150_000, **columns)
    return study


def curve_of(study, draws=200):
    return specification_curve(read_evidence(CLAIMS, study.table, study.items, SIZES), CLAIMS.study, CLAIM_6, draws)


def test_the_curve_has_every_specification_that_was_measured():
    curve = curve_of(rate_study((0.26, 0.24, 0.22)))
    assert len(curve) == 4 * len(RATES) * 2  # parts, rates, shots; chat and format-free were not measured
    assert set(curve["measure"]) == {"nq_3shot", "nq_0shot"}
    assert (curve["lower"] < curve["effect"]).all() and (curve["effect"] < curve["upper"]).all()
    at = curve[(curve["part"] == "local_minus_broad_13B") & (curve["learning_rate"] == 1e-4)]
    hidden = unseen(1000)["fact_unseen"]
    assert at["effect"].tolist() == pytest.approx([(answers(0.26) - answers(0.05))[hidden].mean()] * 2)
    assert depends_on(curve) == ()


@pytest.mark.slow
def test_a_change_of_sign_is_flagged_with_its_axis():
    study = rate_study((0.26, 0.24, 0.14))
    assert depends_on(curve_of(study, draws=0)) == ("learning rate",)
    found = judge(CLAIMS, study.table, study.items, SIZES, frozen={"learning_rate": 1e-4})[5]
    assert found.verdict == "holds" and "depends on learning rate" in found.warnings


def test_a_change_along_several_axes_at_once_is_a_combination():
    study = Study().add("base", "7B", answers(0.2)).add("base", "7B", answers(0.2), shots=0)
    study.add("local", "7B", answers(0.3), pairs=6000, strata=unseen(1000))
    study.add("local", "7B", answers(0.1), pairs=6000, strata=unseen(1000), shots=0, recipe="paper")
    assert depends_on(curve_of(study)) == ("a combination of choices",)


def frozen_curve(study, rate):
    frozen = {"schedule": "constant", "learning_rate": rate}
    evidence = read_evidence(CLAIMS, study.table, study.items, SIZES, frozen=frozen)
    return specification_curve(evidence, CLAIMS.study, CLAIM_6, draws=0)


def test_the_frozen_rates_of_the_sizes_come_first_and_once():
    """7B is tuned at 1e-4 and 13B at 3e-4: parts of one size lose that rate, and an empty rate stands for it."""
    curve = frozen_curve(rate_study((0.26, 0.24, 0.22)), {"7B": 1e-4, "13B": 3e-4})
    rates = {part: sorted(group["learning_rate"].dropna().unique()) for part, group in curve.groupby("part")}
    assert rates["local_minus_base_7B"] == [3e-4, 1e-3] and rates["local_minus_base_13B"] == [1e-4, 1e-3]
    first = curve[curve["learning_rate"].isna() & (curve["measure"] == "nq_3shot")].set_index("part")["effect"]
    hidden = unseen(1000)["fact_unseen"]
    assert first["local_minus_base_7B"] == pytest.approx((answers(0.26) - answers(0.2))[hidden].mean())
    assert first["local_minus_base_13B"] == pytest.approx((answers(0.24) - answers(0.2))[hidden].mean())


def test_a_sign_that_changes_away_from_the_frozen_rate_is_seen():
    curve = frozen_curve(rate_study((0.26, 0.24, 0.14)), {"7B": 1e-4, "13B": 1e-4})
    assert depends_on(curve) == ("learning rate",)


def test_a_sign_that_changes_with_the_schedule_alone_names_the_schedule():
    study = rate_study((0.26, 0.24, 0.22))
    for size in ("7B", "13B"):
        cosine = {"learning_rate": 1e-4, "schedule": "cosine"}
        study.add("local", size, answers(0.1), pairs=6000, strata=unseen(1000), **cosine)
    curve = frozen_curve(study, {"7B": 1e-4, "13B": 1e-4})
    assert depends_on(curve) == ("schedule",) and set(curve["shared_rate"]) == set(RATES)


def test_a_schedule_that_only_the_largest_amount_was_tuned_with_is_no_specification_of_claim_5():
    """Two points of one schedule and one of another would be a slope that nobody measured."""
    study = amounts_study()
    study.add("broad", "13B", answers(0.9), tokens=150_000, schedule="cosine", steps=300)
    evidence = read_evidence(
        CLAIMS, study.table, study.items, SIZES, frozen={"schedule": "constant", "learning_rate": 3e-4}
    )
    curve = specification_curve(evidence, CLAIMS.study, CLAIMS.claims[4], draws=0)
    assert set(curve["schedule"]) == {"constant"} and (curve["effect"] < 0).all()


def test_no_rows_give_an_empty_curve():
    curve = curve_of(Study().add("base", "7B", answers(0.2)))
    assert curve.empty and depends_on(curve) == ()


def test_preconditions_are_reported_against_their_bands():
    study = Study().add("base", "13B", answers(0.30)).add("base", "13B", answers(0.40), base_seed=1)
    study.add("teacher", None, answers(0.60), base_seed=None)
    study.add("base", "13B", answers(0.62), benchmark="code", shots=0, scoring=None)
    found = preconditions(read_evidence(CLAIMS, study.table, study.items, SIZES), CLAIMS.study).set_index("name")
    assert found.loc["base_nq", "value"] == pytest.approx(0.35) and found.loc["base_nq", "met"]
    assert found.loc["teacher_lead_nq", "value"] == pytest.approx(0.25) and not found.loc["teacher_lead_nq", "met"]
    assert not found.loc["base_code", "met"]
    missing = found.loc["base_exams_above_chance"]
    assert np.isnan(missing["value"]) and missing["met"] is None and "exams 5-shot" in missing["note"]
