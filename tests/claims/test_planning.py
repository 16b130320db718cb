"""Power before the study, against the closed form and against what the judge reports after it."""

import numpy as np
import pytest
from scipy.stats import norm
from synthetic_results import CLAIMS, SIZES, Study, answers

from false_promise.claims.evidence import read_evidence
from false_promise.claims.planning import claim_power, power_table

CLAIM = {claim["id"]: claim for claim in CLAIMS.claims}


def bases(number=1000):
    """Two base LMs that disagree on a tenth of the items: 20% against 30% right, each item its own entity."""
    entities = [f"e{i}" for i in range(number)]
    study = Study().add("base", "7B", answers(0.2, number), entities=entities)
    return study.add("base", "13B", answers(0.3, number), entities=entities)


def planned(study, claims, unseen=1.0, **items):
    evidence = read_evidence(CLAIMS, study.table, study.items, SIZES)
    chosen = [CLAIM[number] for number in claims]
    return power_table(evidence, CLAIMS.study, chosen, unseen, items).set_index(["claim", "part"])


def test_the_standard_error_is_that_of_the_paired_difference():
    found = planned(bases(), [6]).loc[(6, "local_minus_base_13B")]
    assert found["standard_error"] == pytest.approx(np.sqrt(0.1 * 0.9 / 1000), rel=0.03)
    strict = norm.ppf(1 - 0.05 / 4 / 2)
    expected = norm.cdf((0.07 - 0.02) / found["standard_error"] - strict)
    assert found["power"] == pytest.approx(expected, abs=0.02)


def test_fewer_unseen_questions_mean_a_larger_error():
    whole, half = (planned(bases(), [6], unseen).loc[(6, "local_minus_base_7B")] for unseen in (1.0, 0.5))
    assert half["n"] == whole["n"] / 2
    assert half["standard_error"] == pytest.approx(whole["standard_error"] * np.sqrt(2), rel=1e-6)
    assert half["power"] < whole["power"]


def test_more_questions_in_the_study_count_for_claim_6_alone():
    before, after = (planned(bases(), [5, 6], 0.5, fact_unseen=n) for n in (1000, 4000))
    part = (6, "local_minus_base_7B")
    assert after.loc[part, "n"] == 2000 and before.loc[part, "n"] == 500
    assert after.loc[part, "standard_error"] == pytest.approx(before.loc[part, "standard_error"] / 2)
    assert after.loc[(5, "nq"), "standard_error"] == before.loc[(5, "nq"), "standard_error"]


def test_a_slope_over_three_amounts_has_the_closed_form_error():
    table = planned(bases(), [5, 6])
    one = table.loc[(6, "local_minus_base_13B"), "standard_error"]
    x = np.log10([20_000, 80_000, 150_000])
    # Each condition carries half of the variance of a difference: var(slope) = (se^2 / 2) / sum of squares of x.
    expected = one / np.sqrt(2 * np.sum((x - x.mean()) ** 2))
    assert table.loc[(5, "nq"), "standard_error"] == pytest.approx(expected, rel=1e-6)


def test_what_no_base_has_answered_is_named_and_not_guessed():
    table = planned(bases(), [4, 8])
    assert np.isnan(table.loc[(4, "code"), "power"])
    assert "code" in table.loc[(4, "code"), "note"]
    assert "ratio" in table.loc[(8, "gap_closed"), "note"]
    assert claim_power(table.reset_index()) == {}


def test_a_claim_about_text_needs_no_base_lm():
    assert "no model" in planned(bases(), [12])["note"].item()


def test_a_claim_has_the_product_of_its_parts():
    table = planned(bases(), [6])
    assert claim_power(table.reset_index())[6] == pytest.approx(table["power"].prod())
