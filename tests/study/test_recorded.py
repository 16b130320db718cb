"""The recorded grid beside today's runs: what is joined, and when a fresh score is out of line."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from book_fixtures import write_results
from false_promise.claims.evidence import find_rows, read_evidence
from false_promise.claims.judge import load_claims
from false_promise.files import write_json
from false_promise.results import load_results
from false_promise.scales import load_scale
from false_promise.study import local_vs_broad, session
from false_promise.study.recorded import agreement, in_words, joined, prediction_interval
from false_promise.study.session import grid_of, record_results
from false_promise.study.specs import Machine, Specs

SMOKE = load_scale("smoke")


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A recorded grid and today's results, both made up and equal."""
    monkeypatch.setattr(session, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(session, "RECORDED", tmp_path / "recorded")
    write_results(tmp_path / "results", "smoke")
    write_json(tmp_path / "results" / "smoke" / "scale.json", SMOKE.model_dump())
    return tmp_path, record_results(SMOKE)


def rows(values, source="recorded", half=0.02, n=1000):
    """One score a base seed, with an interval of this half-width."""
    return pd.DataFrame([{"exact_match": value, "n": n, "lower": value - half, "upper": value + half, "base_seed": seed,
                          "source": source, "stratum": "all", "model": "base-7m", "size": "7B", "arm": "base",
                          "pairs": None, "tokens": None, "method": None, "recipe": None, "learning_rate": None,
                          "schedule": None, "benchmark": "nq", "shots": 3, "scoring": "few_shot"}
                         for seed, value in enumerate(values)])  # fmt: skip


def test_one_base_is_judged_by_its_items():
    assert prediction_interval(rows([0.2]), 1000) == pytest.approx((0.2 - 0.02 * np.sqrt(2), 0.2 + 0.02 * np.sqrt(2)))


def test_a_run_with_fewer_items_may_lie_farther_away():
    """Variances of the two means add up; 300 items of 1,200 have four times the variance of the recorded mean."""
    assert prediction_interval(rows([0.2], n=1200), 300) == pytest.approx((0.2 - 0.02 * 5**0.5, 0.2 + 0.02 * 5**0.5))


def test_five_bases_are_judged_by_their_spread_where_it_is_wider():
    values = [0.1, 0.15, 0.2, 0.25, 0.3]
    reach = stats.t.ppf(0.975, 4) * np.std(values, ddof=1) * np.sqrt(1 + 1 / 5)
    assert prediction_interval(rows(values), 1000) == pytest.approx((max(0, 0.2 - reach), 0.2 + reach))
    assert prediction_interval(rows([0.2] * 5), 1000) == pytest.approx(prediction_interval(rows([0.2]), 1000))


def test_a_score_out_of_line_is_named_with_both_numbers():
    table = pd.concat([rows([0.2]), rows([0.31], "fresh")])
    found = agreement("local_vs_broad", table)
    assert not found["within"].item()
    first, warning = in_words(found)
    assert first.startswith("0 of 1 scores")
    assert warning == "base-7m base, nq few_shot 3-shot: 31.0% today, recorded 20.0% [17.2, 22.8]"
    assert agreement("local_vs_broad", pd.concat([rows([0.2]), rows([0.21], "fresh")]))["within"].item()


def test_few_bases_are_compared_each_with_itself_and_many_all_together():
    """Two bases may lie apart by more than their items let one expect; from five on the spread is known."""
    fresh = rows([0.3], "fresh")
    apart = agreement("benchmarks", pd.concat([rows([0.3, 0.2]), fresh]))
    assert apart["within"].item() and apart["recorded"].item() == 0.3
    other = agreement("benchmarks", pd.concat([rows([0.3, 0.2])[1:], fresh]))  # its own was not recorded
    assert not other["within"].item() and other["recorded"].item() == 0.2
    five = agreement("benchmarks", pd.concat([rows([0.3, 0.2, 0.2, 0.2, 0.2]), fresh]))
    assert five["recorded"].item() == pytest.approx(0.22)
    teacher = [one.assign(base_seed=np.nan) for one in (rows([0.4]), rows([0.41], "fresh"))]
    assert agreement("benchmarks", pd.concat(teacher))["recorded"].item() == 0.4


def test_what_nothing_recorded_is_compared_with_nothing():
    assert agreement("local_vs_broad", rows([0.2], "fresh")).empty


def test_joined_tables_keep_both_runs_apart_and_the_judge_reads_the_recorded_one(places):
    place, folder = places
    fresh = load_results("smoke", place / "results")
    mine, behind = fresh.measurements("local_vs_broad"), fresh.items("local_vs_broad")
    both, items = joined("local_vs_broad", mine, behind, folder)
    assert both["source"].value_counts().to_dict() == {"recorded": len(mine), "fresh": len(mine)}
    assert list(both) == list(mine)
    assert both["eval_id"].is_unique and set(both["eval_id"]) == set(items["eval_id"])
    evidence = read_evidence(load_claims(), both, items, fresh.sizes)
    (row,) = find_rows(evidence, evidence.measures["nq_3shot"], "base_13B")
    assert row.source == "recorded"


def test_the_grid_counts_only_for_the_settings_that_it_was_made_with(places):
    _, folder = places
    assert grid_of(SMOKE) == folder
    other = type(SMOKE).model_validate(SMOKE.model_dump() | {"base_seeds": 2})
    assert grid_of(other) is None
    (folder / "status.json").unlink()
    assert grid_of(SMOKE) is None


def test_a_book_beside_the_grid_trains_table_1_of_the_first_seeds_alone():
    specs = Specs(type(SMOKE).model_validate(SMOKE.model_dump() | {"base_seeds": 2, "imitation_seeds": 2}), Machine())
    chosen = [
        one.about for one in local_vs_broad.page_conditions(specs) if local_vs_broad.is_headline(specs.scale, one)
    ]
    assert [(one["arm"], one.get("size")) for one in chosen] == [
        ("teacher", None), ("base", "7B"), ("local", "7B"), ("broad", "7B"),
        ("base", "13B"), ("local", "13B"), ("broad", "13B"),
    ]  # fmt: skip
    assert {one.get("pairs") for one in chosen} == {None, SMOKE.imitation.headline_pairs}
