"""The judge on synthetic tables whose verdict is known, and the registration it reads."""

import hashlib
import json

import numpy as np
import pytest
import yaml
from synthetic_results import CLAIMS, Study, amounts_study, answers, local_study, part, unseen, verdicts

from false_promise.claims.judge import as_json, final_world_seed, load_claims
from false_promise.paths import CLAIMS as CLAIMS_FILE
from false_promise.paths import PAPER_VALUES

# ---- the registration ------------------------------------------------------------------------------------------------


def test_final_world_seed_is_the_first_32_bits_of_the_digest(tmp_path):
    path = tmp_path / "claims.yaml"
    path.write_bytes(b"study: {}\r\n")
    assert final_world_seed(path) == int(hashlib.sha256(b"study: {}\r\n").hexdigest()[:8], 16)
    assert 0 <= final_world_seed() < 2**32


def test_registration_has_what_the_decision_table_says():
    assert [claim["id"] for claim in CLAIMS.claims] == list(range(1, 13))
    primary = [claim["id"] for claim in CLAIMS.claims if claim["family"] == "primary"]
    assert primary == CLAIMS.study["primary_family"]["claims"] == [4, 5, 6, 8]
    assert [claim["id"] for claim in CLAIMS.claims if not claim["parts"]] == [9, 10]
    assert {claim["otherwise"] for claim in CLAIMS.claims} == {
        "emerges from training", "partly assumed", "by construction",
    }  # fmt: skip


def test_effects_assumed_for_power_are_those_of_the_paper():
    paper = yaml.safe_load(PAPER_VALUES.read_text(encoding="utf-8"))
    expected = {(claim["id"], one["name"]): one["expected"] for claim in CLAIMS.claims for one in claim["parts"]}
    nq, table = paper["figure_4"]["by_tokens"]["nq_3shot"], paper["table_1"]
    log_tokens = np.log10([20, 80, 150])
    slope = np.polyfit(log_tokens, [nq[amount] / 100 for amount in ("20M", "80M", "150M")], 1)[0]
    assert expected[5, "nq"] == pytest.approx(slope, abs=1e-3)
    assert expected[4, "nq"] == pytest.approx((nq["150M"] - nq["base"]) / 100)
    for size in ("7B", "13B"):
        assert expected[6, f"local_minus_base_{size}"] == pytest.approx(
            (table[size]["local"] - table[size]["base"]) / 100
        )
        assert expected[6, f"local_minus_broad_{size}"] == pytest.approx(
            (table[size]["local"] - table[size]["broad"]) / 100
        )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "150M_13B: 1, base_13B: -1}",
            "150M_13B: 1, base_12B: -1}",
            "claim 1, part preference: unknown condition base_12B",
        ),
        ("{base_13B: 1}", "{base_14B: 1}", "precondition, part base_nq: unknown condition base_14B"),
        ("measure: preference", "measure: taste", "unknown measure taste"),
        ("direction: within", "direction: around", "direction around"),
        ("  - id: 3", "  - id: 30", "claim ids"),
        ("study:", "studio:", "not a registration of claims"),
        ("study:", "study: [", "not a registration of claims"),
    ],
)
def test_a_registration_with_a_mistake_is_refused(tmp_path, old, new, message):
    path = tmp_path / "claims.yaml"
    path.write_text(CLAIMS_FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_claims(path)


# ---- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "broad", "number", "expected"),
    [
        (0.30, 0.15, 1000, "holds"),
        (0.20, 0.15, 2000, "does_not_hold"),  # no gain over the base
        (0.30, 0.40, 1000, "does_not_hold"),  # a gain, but broad imitation gains more
        (0.23, 0.15, 200, "inconclusive"),
    ],
)
def test_claim_6(local, broad, number, expected):
    assert verdicts(local_study(local=local, broad=broad, number=number))[6].verdict == expected


def test_underpowered_is_said_beside_the_verdict():
    weak, strong = verdicts(local_study(number=80))[6], verdicts(local_study(number=4000, local=0.35))[6]
    assert weak.power < 0.8 and any("underpowered" in text for text in weak.warnings)
    assert strong.power > 0.8 and not strong.warnings


@pytest.mark.parametrize(
    ("late", "number", "expected"), [(0.40, 2000, "holds"), (0.40, 100, "inconclusive"), (0.60, 2000, "does_not_hold")]
)
def test_a_null_claim_needs_equivalence(late, number, expected):
    study, kind = Study(), {"benchmark": "preference", "scoring": "style_rater", "shots": None}
    study.add("base", "13B", answers(0.05, number, seed=1), **kind)
    study.add("broad", "13B", answers(0.40, number, seed=2), tokens=20_000, **kind)
    study.add("broad", "13B", answers(late, number, seed=3), tokens=150_000, **kind)
    found = verdicts(study)[2]
    assert found.verdict == expected and part(found, "early_gain").verdict == "holds"
    assert part(found, "no_late_change").band == (-0.07, 0.07)


def test_missing_rows_are_named_and_other_parts_judged():
    found = verdicts(local_study())
    assert found[4].verdict == "not_measured" and part(found[4], "nq").verdict == "holds"
    assert found[4].note == "not measured yet: base at 13m, exams 5-shot letters; base at 13m, code 0-shot"
    assert "broad 20000 tokens at 13m, nq 3-shot few_shot (method full, recipe clean)" in found[7].note
    assert "broad 20000 tokens at 13m" in found[5].note
    for claim in (1, 2, 3, 5, 7, 8, 11, 12):
        assert found[claim].verdict == "not_measured" and "not measured yet" in found[claim].note
    for claim in (9, 10):
        assert found[claim].verdict == "not_testable" and "until the rating page" in found[claim].note
    without = Study().add("base", "7B", answers(0.2))
    assert {one.verdict for one in verdicts(without).values()} == {"not_measured", "not_testable"}


def test_a_rise_refutes_claim_4_although_other_benchmarks_are_missing():
    found = verdicts(local_study(broad=0.35))[4]
    assert found.verdict == "does_not_hold" and "code" in found.note


# ---- seeds, recipes, tables ------------------------------------------------------------------------------------------


def test_fewer_than_five_base_seeds_make_a_verdict_conditional():
    one, three = verdicts(local_study())[6], verdicts(local_study(seeds=(0, 1, 2)))[6]
    assert one.conditional == "conditional on this base" and one.parts[0].base_seeds == 1
    assert three.conditional == "conditional on these bases" and three.parts[0].base_seeds == 3


def test_each_base_s_own_effect_stands_beside_their_mean():
    def gain(shares):
        study = Study()
        for seed, share in shares.items():
            study.add("base", "7B", answers(0.20), base_seed=seed)
            study.add("local", "7B", answers(share), base_seed=seed, pairs=6000, strata=unseen(1000))
        return part(verdicts(study)[6], "local_minus_base_7B")

    shares = {0: 0.30, 1: 0.36}
    both, apart = gain(shares), [gain({seed: share}) for seed, share in shares.items()]
    assert both.by_base == pytest.approx([one.effect for one in apart]) and both.by_base[0] < both.by_base[1]
    assert both.effect == pytest.approx(sum(both.by_base) / 2) and apart[0].by_base == ()


def test_primary_claims_are_judged_by_holm():
    found = verdicts(local_study(study=amounts_study(steps=(300, 300, 300))), frozen={"schedule": "constant"})
    assert found[6].confidence == found[5].confidence == pytest.approx(1 - 0.05 / 4)  # decided at the first level
    assert found[4].confidence == found[8].confidence == pytest.approx(1 - 0.05 / 2)  # not measured: keep their places
    assert found[7].confidence == found[12].confidence == 0.95


def test_the_same_tables_give_the_same_verdicts():
    study = local_study(local=0.24, number=300)
    assert [as_json(one) for one in verdicts(study).values()] == [as_json(one) for one in verdicts(study).values()]


def test_verdicts_are_plain_json():
    found = json.loads(json.dumps([as_json(one) for one in verdicts(local_study()).values()], allow_nan=False))
    assert found[5]["verdict"] == "holds" and found[5]["parts"][0]["margin"] == 0.02
    assert found[0]["parts"][0]["effect"] is None and found[0]["power"] is None
