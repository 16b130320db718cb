"""What pages share: result files of several pages side by side, and the recorded grid."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from book_fixtures import write_results
from false_promise.results import SCHEMA_VERSION, load_results
from false_promise.scales import ScaleError, load_scale
from false_promise.store import with_inputs
from false_promise.study import local_vs_broad, session, verdicts
from false_promise.study.session import Session, load_recorded, record_results, this_machine
from false_promise.study.specs import Machine, Specs

SMOKE = load_scale("smoke")
ITEMS = "local_vs_broad_items.csv.gz"


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Results of made-up runs, and an empty place for recorded ones."""
    monkeypatch.setattr(session, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(session, "RECORDED", tmp_path / "recorded")
    write_results(tmp_path / "results", "smoke")
    return tmp_path


def test_recorded_results_come_back_marked_as_recorded(places):
    target = record_results(SMOKE)
    fresh = places / "fresh" / "smoke"
    fresh.mkdir(parents=True)
    for name in ("style_agreement.csv", "class_ratings.csv"):
        (fresh / name).write_text("within\nTrue\n")
    when = load_recorded(SMOKE, fresh)
    assert target == places / "recorded" / "smoke" and "at commit" in when
    left = {path.name for path in fresh.glob("*.csv")}
    assert "style_agreement.csv" not in left, "today's scores are gone, so is how they agree"
    assert "class_ratings.csv" in left, "what the user gave stays"
    before = load_results("smoke", places / "results").table("local_vs_broad")
    after = pd.read_csv(fresh / "local_vs_broad.csv")
    assert set(after["source"]) == {"recorded"} and len(after) > 0
    assert list(load_results("smoke", places / "fresh").table("local_vs_broad")) == list(before)
    cards = json.loads((fresh / "runs.json").read_text())
    assert {card["source"] for page in cards.values() for card in page} == {"recorded"}


def test_a_grid_records_items_but_not_today_s_agreement(places):
    results = places / "results" / "smoke"
    (results / "local_vs_broad_agreement.csv").write_text("within\nTrue\n")
    (results / ".half").write_text("")
    target = record_results(SMOKE)
    assert not list(target.glob("*_agreement.csv")) and not (target / ".half").exists()
    assert (target / ITEMS).read_bytes() == (results / ITEMS).read_bytes()


def test_gathering_takes_the_runs_and_does_nothing(places, capsys):
    specs, gathered = Specs(SMOKE, Machine()), []
    one = Session("one", SMOKE, specs, places / "store", places / "results" / "smoke", False, gathered=gathered)
    runs = [specs.country(), specs.tokenizer()]
    assert one.carry_out(runs) is None and gathered == runs
    assert not (places / "store").exists() and not capsys.readouterr().out


def test_a_scale_is_judged_as_its_file_states_it(places):
    """Asked for one size or other amounts, a page still holds the frozen rates and amounts of all."""
    asked = SimpleNamespace(scale="smoke", base_sizes=["0.1m"], imitation_tokens=[100, 200], pairs=[], seeds=0)
    opened = session.open_session("style", asked)
    assert [size.name for size in opened.scale.base_sizes] == ["0.1m"] and opened.scale.imitation.headline_tokens == 200
    assert verdicts.as_written(opened) == SMOKE
    assert set(verdicts.frozen(verdicts.as_written(opened))["learning_rate"]) == {"1.5B", "7B", "13B"}


def test_other_sizes_or_amounts_are_tried_on_the_base_that_ships():
    two = SMOKE.model_copy(update={"base_seeds": 2})
    asked = {"base_sizes": [], "imitation_tokens": [], "pairs": [], "seeds": 0}
    size = {"base_sizes": ["0.1m"]}
    for given, seeds in (({}, 2), ({"pairs": two.imitation.pairs}, 2), ({"pairs": [3]}, 1), (size, 1),
                         (size | {"seeds": 2}, 2), ({"seeds": 3}, 3)):  # fmt: skip
        assert session.with_parameters(two, SimpleNamespace(**asked | given)).base_seeds == seeds


def test_arms_that_are_asked_for_train_no_base_that_does_not_ship(places, monkeypatch, capsys):
    monkeypatch.setattr(session, "STORE", places)
    (places / "machine.json").write_text('{"device": "cpu", "dtype": "float32"}')
    monkeypatch.setattr(session, "load_scale", lambda name: SMOKE.model_copy(update={"base_seeds": 2}))
    asked = SimpleNamespace(scale="smoke", base_sizes=[], imitation_tokens=[], pairs=[], seeds=0, arms=["base", "gold"])
    for recorded, seeds in ((None, {0, 1}), (places, {0})):
        monkeypatch.setattr(session, "grid_of", lambda scale, found=recorded: found)
        asked.gathered = runs = []
        local_vs_broad.run(asked)
        assert {run.settings["seed"] for run in with_inputs(runs) if run.step == "base"} == seeds


def test_nothing_recorded_is_said_with_the_way_out(places):
    with pytest.raises(ScaleError, match="nothing is recorded for scale smoke in .*make grid SCALE=smoke"):
        load_recorded(SMOKE, places / "fresh")


def test_pages_keep_each_other_s_entries(tmp_path):
    for page in ("one", "two", "one"):
        made = Session(page, SMOKE, Specs(SMOKE, Machine()), tmp_path, tmp_path / "smoke", plan_only=False)
        made.write({f"{page}.csv": pd.DataFrame({"a": [1]})}, runs=[{"page": page}])
    kept = json.loads((tmp_path / "smoke" / "runs.json").read_text())
    assert kept == {"one": [{"page": "one"}], "two": [{"page": "two"}]}
    assert (tmp_path / "smoke" / "schema_version").read_text() == f"{SCHEMA_VERSION}\n"


def test_the_machine_is_chosen_once_and_kept(tmp_path):
    (tmp_path / "machine.json").write_text('{"device": "cpu", "dtype": "float32"}')
    assert this_machine(tmp_path) == Machine("cpu", "float32")
