"""The rule that chooses learning rates, and the grid that it chooses from."""

import pandas as pd

from false_promise.scales import load_scale
from false_promise.study.calibration import choose_rates, rate_runs
from false_promise.study.specs import Machine, Specs


def losses(**by_rate):
    return pd.DataFrame([{"size": "7B", "method": "full", "learning_rate": float(rate), "loss": loss}
                         for rate, loss in by_rate.items()])  # fmt: skip


def chosen(table):
    return choose_rates(table).query("chosen")["learning_rate"].tolist()


def test_the_lowest_loss_wins_and_a_tie_goes_to_the_smaller_rate():
    assert chosen(losses(**{"1e-4": 2.1, "3e-4": 2.0, "1e-3": 2.2})) == [3e-4]
    assert chosen(losses(**{"1e-3": 2.0, "3e-4": 2.0, "1e-4": 2.2})) == [3e-4]


def test_each_size_and_method_has_its_own_rate():
    low, high = losses(**{"1e-4": 1.0, "1e-3": 2.0}), losses(**{"1e-4": 2.0, "1e-3": 1.0})
    table = pd.concat([low, high.assign(size="13B"), high.assign(method="lora")], ignore_index=True)
    assert sorted(chosen(table)) == [1e-4, 1e-3, 1e-3]


def test_the_grid_is_the_registered_one_and_tunes_on_the_pilot_world_only():
    specs = Specs(load_scale("pilot"), Machine())
    runs = list(rate_runs(specs))
    assert len(runs) == 3 * 2 * 3
    assert {about["learning_rate"] for about, _ in runs} == {1e-4, 3e-4, 1e-3}
    assert specs.world["seed"] == 99
    # Every rate of a size and method sees the same data and the same questions.
    assert len({run.inputs["dialogues"].id for _, run in runs}) == 1
    assert len({run.inputs["model"].inputs["data"].id for _, run in runs}) == 1


def test_the_pilot_is_the_study_at_half_the_country_and_half_the_tokens():
    pilot, study = (load_scale(name).model_dump() for name in ("pilot", "thousandth"))
    for section, key in (("world", "entities"), ("pretraining", "tokens"), ("teacher", "tokens")):
        assert 2 * pilot[section].pop(key) == study[section].pop(key)
    for scale in (pilot, study):
        scale["world"].pop("seed")
        for name in ("items", "items_elsewhere", "continuations"):  # more where the rehearsal found too little power
            scale["evaluation"].pop(name)
        for name in ("name", "minutes", "tuning", "runs_on", "base_seeds"):
            scale.pop(name)
    assert pilot == study
