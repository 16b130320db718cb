"""What pages share: result files of several pages side by side, and the recorded grid."""

import json

import pandas as pd
import pytest

from book_fixtures import write_results
from false_promise.results import load_results
from false_promise.scales import ScaleError, load_scale
from false_promise.study import session
from false_promise.study.session import Session, load_recorded, record_results, this_machine
from false_promise.study.specs import Machine, Specs

SMOKE = load_scale("smoke")


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
    when = load_recorded(SMOKE, fresh)
    assert target == places / "recorded" / "smoke" and "at commit" in when
    before = load_results("smoke", places / "results").table("local_vs_broad")
    after = pd.read_csv(fresh / "local_vs_broad.csv")
    assert set(after["source"]) == {"recorded"} and len(after) > 0
    assert list(load_results("smoke", places / "fresh").table("local_vs_broad")) == list(before)
    cards = json.loads((fresh / "runs.json").read_text())
    assert {card["source"] for page in cards.values() for card in page} == {"recorded"}


def test_nothing_recorded_is_said_with_the_way_out(places):
    with pytest.raises(ScaleError, match="nothing is recorded for scale smoke in .*make grid SCALE=smoke"):
        load_recorded(SMOKE, places / "fresh")


def test_pages_keep_each_other_s_entries(tmp_path):
    for page in ("one", "two", "one"):
        made = Session(page, SMOKE, Specs(SMOKE, Machine()), tmp_path, tmp_path / "smoke", plan_only=False)
        made.write({f"{page}.csv": pd.DataFrame({"a": [1]})}, runs=[{"page": page}])
    kept = json.loads((tmp_path / "smoke" / "runs.json").read_text())
    assert kept == {"one": [{"page": "one"}], "two": [{"page": "two"}]}
    assert (tmp_path / "smoke" / "schema_version").read_text() == "1\n"


def test_the_machine_is_chosen_once_and_kept(tmp_path):
    (tmp_path / "machine.json").write_text('{"device": "cpu", "dtype": "float32"}')
    assert this_machine(tmp_path) == Machine("cpu", "float32")
