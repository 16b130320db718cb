"""Why benchmarks change: every part against scores that were written down, and what is missing."""

import numpy as np
import pytest
from benchmark_results import RATE, TRUTH, WAYS, benchmark_study, evidence, scale

from false_promise.claims.judge import load_claims
from false_promise.claims.statistics import bootstrap_difference, t_interval
from false_promise.study import decomposition
from false_promise.study.decomposition import CONTRASTS, DRAWS, effects

SCALE = scale()
STUDY = benchmark_study()
ORDER = [*WAYS, "exams_letters", "exams_likelihood", "code"]


@pytest.fixture(scope="module")
def found():
    return effects(evidence(STUDY, SCALE), SCALE)


def one(table, component, measure, size="13B", tokens=150_000):
    rows = table[(table["component"] == component) & (table["measure"] == measure) & (table["size"] == size)]
    rows = rows[rows["tokens"].isna() | (rows["tokens"] == tokens)]
    assert len(rows) == 1, (component, measure, size, len(rows))
    return rows.iloc[0]


def correct(arm, way, size="13B", tokens=None):
    """Item values and entities of one evaluation."""
    shots, scoring = WAYS[way]
    rows = STUDY.table[(STUDY.table["arm"] == arm) & (STUDY.table["size"] == size) & (STUDY.table["shots"] == shots)]
    rows = rows[(rows["scoring"] == scoring) & (rows["benchmark"] == "nq")]
    rows = rows[rows["tokens"] == (tokens or 150_000)] if arm == "broad" else rows
    items = STUDY.items[STUDY.items["eval_id"] == rows.iloc[0]["eval_id"]]
    return items["correct"].to_numpy(), items["entity"].to_numpy()


@pytest.mark.parametrize("contrast", CONTRASTS, ids=lambda one: one.component)
@pytest.mark.parametrize("place", range(len(ORDER)))
def test_an_effect_is_the_difference_of_the_two_scores(found, contrast, place):
    name = decomposition.NAMED.get((contrast.component, ORDER[place]), contrast.component)
    row = one(found, name, ORDER[place])
    assert row["effect"] == pytest.approx(TRUTH[contrast.plus][place] - TRUTH[contrast.minus][place])
    assert row["lower"] <= row["effect"] <= row["upper"] and row["n"] == 400 and row["base_seeds"] == 1


@pytest.mark.slow
def test_format_is_what_the_best_prompt_format_does_not_lose():
    """By hand: broad 15 raw and 25 in the chat, base 30 raw at best; so -15 is -5 of substance and -10 of format."""
    table = effects(evidence(STUDY, SCALE), SCALE)
    parts = {name: one(table, name, measure) for name, measure in
             (("total", "nq_3shot"), ("best_way", "nq_best"), ("format", "nq_format"))}  # fmt: skip
    assert {name: row["effect"] for name, row in parts.items()} == pytest.approx(
        {"total": -0.15, "best_way": -0.05, "format": -0.10}
    )
    assert parts["format"]["contrast"] == (
        "broad minus base; best asked: broad in chat format, 3 examples, base in raw prompt, 3 examples"
    )
    (raw, entity), (chat, _) = correct("broad", "nq_3shot"), correct("broad", "nq_3shot_chat")
    base, _ = correct("base", "nq_3shot")
    for name, expected in (("total", (raw, base)), ("best_way", (chat, base)), ("format", (raw, chat))):
        interval = bootstrap_difference(*expected, entity, draws=DRAWS)
        ends = (parts[name]["lower"], parts[name]["upper"])
        assert ends == pytest.approx((interval.lower, interval.upper), abs=1e-6)


def test_both_cuts_add_up_to_the_whole_change(found):
    for size in ("7B", "13B"):
        for measure in decomposition.MEASURES:
            whole = one(found, decomposition.NAMED.get(("total", measure), "total"), measure, size)["effect"]
            steps = [one(found, name, measure, size)["effect"]
                     for name in ("continued_training", "chat_beyond_training", "teacher_content")]  # fmt: skip
            assert sum(steps) == pytest.approx(whole, abs=3e-6)
        for contrast in CONTRASTS:
            name = [decomposition.NAMED.get((contrast.component, measure), contrast.component)
                    for measure in ("nq_3shot", "nq_best", "nq_format")]  # fmt: skip
            raw, best, form = (one(found, *pair, size)["effect"]
                               for pair in zip(name, ("nq_3shot", "nq_best", "nq_format"), strict=True))  # fmt: skip
            assert best + form == pytest.approx(raw, abs=3e-6)


def test_a_tie_of_prompt_formats_goes_to_the_raw_one(found):
    row = one(found, "continued_training", "nq_format")
    assert row["effect"] == 0 and "continued web in raw prompt, 3 examples" in row["contrast"]


def test_unequal_steps_are_noted_and_equal_ones_are_not(found):
    assert one(found, "teacher_content", "code")["note"] == "steps differ: 300 against 320"
    assert one(found, "chat_beyond_training", "nq_best")["note"] == "steps differ: 320 against 300"
    assert one(found, "teacher_error", "nq_3shot")["note"] == one(found, "total", "nq_3shot")["note"] == ""


def test_every_amount_at_one_size_and_the_whole_change_at_every_size(found):
    assert one(found, "total", "nq_3shot", tokens=20_000)["effect"] == pytest.approx(0.19 - 0.30)
    assert one(found, "forgetting", "nq_format_free", tokens=80_000)["effect"] == pytest.approx(0.67 - 0.70)
    small = found[found["size"] == "1.5B"]
    assert set(small["component"]) == {"total", "best_way", "format", "forgetting"} and set(small["tokens"]) == {
        150_000
    }
    assert set(found.columns) == set(decomposition.COLUMNS)


def test_arms_that_were_not_run_are_empty_and_named():
    table = effects(evidence(benchmark_study(without=("style_only", "gold")), SCALE), SCALE)
    for name in ("chat_style", "teacher_content", "teacher_error"):
        row = one(table, name, "nq_3shot")
        assert np.isnan(row["effect"]) and np.isnan(row["upper"]) and row["note"].startswith("not measured yet: ")
    assert "style_only 150000 tokens at 13m, nq 3-shot few_shot" in one(table, "chat_style", "nq_3shot")["note"]
    assert one(table, "total", "nq_3shot")["effect"] == pytest.approx(-0.15)


def test_benchmarks_that_were_not_asked_are_empty():
    study = benchmark_study()
    keep = study.table["benchmark"] == "nq"
    study.rows = [row for row, kept in zip(study.rows, keep, strict=True) if kept]
    table = effects(evidence(study, SCALE), SCALE)
    assert table[table["benchmark"] != "nq"]["effect"].isna().all()
    assert one(table, "format", "nq_format")["effect"] == pytest.approx(-0.10)


def test_two_amounts_a_single_size_and_a_scale_without_controls():
    two = scale(sizes=("7B",), tokens=(5_000, 150_000), controls=[])
    table = effects(evidence(benchmark_study(sizes=("7B",)), two), two)
    assert set(table["component"]) == {"total", "best_way", "format", "forgetting", "local"}
    assert one(table, "total", "nq_3shot", "7B")["effect"] == pytest.approx(0.8 * -0.15)
    none = scale(sizes=("1.5B",), tokens=(5_000, 40_000))
    assert effects(evidence(benchmark_study(sizes=("1.5B",)), none), none)["effect"].isna().all()


@pytest.mark.slow
def test_five_base_seeds_give_the_wider_interval():
    shifts = (0.0, 0.05, 0.10, 0.02, 0.08)
    study, settings = benchmark_study(sizes=("13B",), seeds=shifts), load_claims().study
    found = decomposition.at_size(evidence(study, SCALE), "13B", 150_000)
    effect = decomposition.effect(found, [(1.0, "broad", "nq_3shot"), (-1.0, "base", "nq_3shot")], settings, 200)
    assert effect.base_seeds == 5 and list(effect.per_seed[:, 0]) == pytest.approx([one - 0.15 for one in shifts])
    row = one(effects(evidence(study, SCALE), SCALE, draws=200), "total", "nq_3shot")
    expected = t_interval([shift - 0.15 for shift in shifts])
    assert (row["lower"], row["upper"]) == pytest.approx((expected.lower, expected.upper), abs=1e-5)
    assert row["base_seeds"] == 5


def test_only_the_frozen_rate_counts():
    study = benchmark_study(sizes=("13B",))
    study.rows = [row | ({"learning_rate": 10 * RATE} if row["arm"] == "broad" else {}) for row in study.rows]
    table = effects(evidence(study, SCALE), SCALE)
    assert np.isnan(one(table, "total", "nq_3shot")["effect"]) and one(table, "local", "nq_3shot")["effect"] > 0
