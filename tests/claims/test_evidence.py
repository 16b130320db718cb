"""Which rows and items count, and tables that cannot be believed."""

import pandas as pd
import pytest
from synthetic_results import FAST, SIZES, Study, amounts_study, answers, local_study, part, unseen, verdicts

from false_promise.claims.contrasts import part_effect
from false_promise.claims.evidence import read_evidence
from false_promise.claims.judge import as_json, judge


def test_an_evaluation_with_more_items_counts_then_the_recorded_one():
    study = local_study()
    study.add("local", "13B", answers(0.9, 300), pairs=6000, strata=unseen(300), source="fresh")
    study.add("local", "7B", answers(0.9), pairs=6000, strata=unseen(1000), source="fresh")
    found = verdicts(study)[6]
    assert part(found, "all_items_13B").effect == part(found, "all_items_7B").effect == pytest.approx(0.1)


def test_several_recipes_need_a_frozen_one():
    study = local_study().add("local", "13B", answers(0.1), pairs=6000, strata=unseen(1000), learning_rate=1e-3)
    with pytest.raises(ValueError, match=r"local 6000 pairs at 13m.*learning_rate \(0.0003, 0.001\).*frozen"):
        verdicts(study)
    frozen = {"learning_rate": {"7B": 3e-4, "13B": 1e-3}}
    assert part(verdicts(study, frozen=frozen)[6], "all_items_13B").effect == pytest.approx(-0.1)
    steps = local_study().add("local", "13B", answers(0.1), pairs=6000, strata=unseen(1000), steps=900)
    with pytest.raises(ValueError, match="same run with different steps"):
        verdicts(steps)


def test_tables_that_contradict_each_other_are_refused():
    study = local_study()
    study.rows[4]["exact_match"] = 0.31
    with pytest.raises(ValueError, match="evaluation eval4: the table says 0.3100 of 1000 items, the items say 0.3000"):
        verdicts(study)
    whole = local_study()
    with pytest.raises(ValueError, match="lacks the columns arm, entity"):
        judge(FAST, whole.table.drop(columns="arm"), whole.items.drop(columns="entity"), SIZES)
    some = whole.items[whole.items["eval_id"] != "eval3"]
    found = {one.id: one for one in judge(FAST, whole.table, some, SIZES)}
    assert "the items of evaluation eval3 (base, nq)" in found[6].note


def test_tables_read_back_from_csv_give_the_same_verdicts(tmp_path):
    study = local_study(seeds=(0, 1), study=amounts_study(steps=(300, 300, 300)))
    study.table.to_csv(tmp_path / "table.csv", index=False)
    study.items.to_csv(tmp_path / "items.csv.gz", index=False)
    table, items = (
        pd.read_csv(tmp_path / name, keep_default_na=False, na_values=[""]) for name in ("table.csv", "items.csv.gz")
    )
    assert items["fact_unseen"].dtype == object  # empty for bases: what a boolean column becomes on the way
    frozen = {"schedule": "constant", "learning_rate": 3e-4}
    again = judge(FAST, table, items, SIZES, frozen=frozen)
    assert [as_json(one) for one in again] == [as_json(one) for one in verdicts(study, frozen=frozen).values()]
    assert again[5].verdict == "holds"


def test_a_quarter_of_the_questions_counts_those_that_both_models_were_asked():
    base = answers(0.4)
    study = Study().add("base", "13B", base, strata={"quarter": [1 + n % 4 for n in range(1000)]})
    study.add("teacher", None, answers(0.6, 200), strata={"quarter": [1 + n % 4 for n in range(200)]}, base_seed=None)
    evidence = read_evidence(FAST, study.table, study.items, SIZES)
    wanted = {"measure": "nq_3shot", "stratum": "popularity_3", "contrast": {"base_13B": 1.0, "teacher": 0.0}}
    found = part_effect(evidence, wanted, FAST.study, draws=10)
    assert found.value == pytest.approx(base[2:200:4].mean()) and found.items == 50
