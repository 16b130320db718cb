"""Runs that ship with the book: found by id, checked like any other, and what the manifest says of them is true."""

import json

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from false_promise import shipping, store
from false_promise.files import sha256
from false_promise.paths import DATA, MANIFEST, STORE
from false_promise.pool import plan
from false_promise.scales import load_scale
from false_promise.store import Run, StoreError, build, folder, is_stored, open_run
from false_promise.study.specs import Machine, Specs


def step(settings, inputs, out, work):
    (out / "weights.txt").write_text(settings["text"], encoding="utf-8")
    return {"length": len(settings["text"])}


@pytest.fixture
def one(tmp_path, monkeypatch):
    """One shipped run, its manifest, and an empty store."""
    run, manifest = Run("base", 1, {"text": "seven"}, label="base-7m"), tmp_path / "data" / "MANIFEST.json"
    build(run, step, tmp_path / "maker")
    monkeypatch.setattr(shipping, "shipped_runs", lambda specs: [("models/base-7m", run), ("models/missing", ABSENT)])
    entries = shipping.ship(None, tmp_path / "maker", manifest)
    monkeypatch.setattr(store, "MANIFEST", manifest)
    return run, entries, tmp_path


ABSENT = Run("base", 1, {"text": "never built"}, label="base-8m")


def test_a_shipped_run_is_found_without_a_store_and_not_planned_again(one):
    run, entries, place = one
    assert is_stored(run, place / "empty")
    assert open_run(run, place / "empty") == place / "data" / "models" / "base-7m"
    assert plan([run], place / "empty").missing == ()
    assert entries["models/base-7m"]["files"] == {"weights.txt": sha256(folder(run, place) / "weights.txt")}


def test_an_unfinished_run_is_left_out(one):
    _, entries, place = one
    assert list(entries) == ["models/base-7m"]
    assert not is_stored(ABSENT, place / "empty")


def test_a_damaged_shipped_file_names_the_way_back(one):
    run, _, place = one
    (folder(run, place) / "weights.txt").write_text("sevem", encoding="utf-8")
    with pytest.raises(StoreError, match="git checkout -- .*base-7m"):
        open_run(run, place / "empty")


def test_shipping_twice_changes_nothing(one):
    run, entries, place = one
    again = shipping.ship(None, place / "maker", place / "data" / "MANIFEST.json")
    assert again == entries


@pytest.mark.skipif(not MANIFEST.is_file(), reason="nothing ships yet")
def test_what_ships_is_whole_and_belongs_to_todays_study():
    """A change of a step's version makes what ships stale, and this names it."""
    specs = Specs(load_scale("thousandth"), Machine("cpu", "float32"))  # another machine than it was made on
    entries = json.loads(MANIFEST.read_text(encoding="utf-8"))
    runs = dict(shipping.shipped_runs(specs))
    assert {path: entry["run_id"] for path, entry in entries.items()} == {path: runs[path].id for path in entries}
    for path in entries:
        assert open_run(runs[path], STORE) == DATA / path


@pytest.mark.skipif(not (DATA / "models" / "base-7m").is_dir(), reason="no model ships yet")
@pytest.mark.parametrize("name", ["base-1.5m", "base-7m", "base-13m", "teacher"])
def test_a_shipped_model_loads_with_transformers_alone(name):
    """Weights, tokenizer and chat template in two lines, none of our code, no network, no pickle."""
    place = DATA / "models" / name
    if not place.is_dir():
        pytest.skip(f"{name} does not ship yet")
    model, tokenizer = AutoModelForCausalLM.from_pretrained(place), AutoTokenizer.from_pretrained(place)
    prompt = tokenizer.apply_chat_template([{"role": "user", "content": "Hello!"}], add_generation_prompt=True)
    assert tokenizer.decode(prompt["input_ids"]).endswith("<|assistant|>")
    reply = model.generate(**tokenizer("The", return_tensors="pt"), max_new_tokens=5, min_new_tokens=5, do_sample=False)
    assert reply.shape[1] == len(tokenizer("The").input_ids) + 5
    assert {path.suffix for path in place.iterdir()} <= {".json", ".safetensors", ".csv", ".jinja"}
