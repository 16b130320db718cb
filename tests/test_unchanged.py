"""Pages are executed again if anything changed that they could depend on, and only then."""

import json

import pytest

from false_promise import unchanged as module
from false_promise.files import sha256
from false_promise.unchanged import remember, unchanged

PAGES = ["one"]


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A small book: one page, its results, one model in the store."""
    rooms = {name: name.lower() for name in ("BOOK", "DATA", "NOTEBOOKS", "RESULTS", "SCALES", "STORE")}
    rooms |= {"RECORDED": "data/recorded", "MANIFEST": "data/MANIFEST.json", "ROOT": ""}
    for name, place in rooms.items():
        monkeypatch.setattr(module, name, tmp_path / place)
    for path in ("book/one.ipynb", "notebooks/one.ipynb", "scales/smoke.yaml", "results/smoke/one.csv",
                 "data/paper/claims.yaml", "store/base-1/model.safetensors"):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    card = {"run_id": "base-1", "source": "fresh"}
    (tmp_path / "results/smoke/runs.json").write_text(json.dumps({"one": [card]}))
    weights = tmp_path / "store/base-1/model.safetensors"
    (tmp_path / "store/base-1/run.json").write_text(json.dumps({"files": {weights.name: sha256(weights)}}))
    remember("smoke", PAGES)
    return tmp_path


def test_the_same_again_is_unchanged_whatever_its_date(tree):
    assert unchanged("smoke", PAGES)
    (tree / "book/one.ipynb").write_text("book/one.ipynb")
    assert unchanged("smoke", PAGES)


@pytest.mark.parametrize(
    "path",
    ["book/one.ipynb", "notebooks/one.ipynb", "scales/smoke.yaml", "results/smoke/one.csv", "data/paper/claims.yaml",
     "store/base-1/model.safetensors", "data/recorded/smoke/one.csv"],
)  # fmt: skip
def test_another_content_anywhere_is_a_change(tree, path):
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text("other")
    assert not unchanged("smoke", PAGES)


@pytest.mark.parametrize("path", ["book/one.ipynb", "results/smoke/one.csv", "store/base-1/model.safetensors"])
def test_what_is_gone_is_a_change(tree, path):
    (tree / path).unlink()
    assert not unchanged("smoke", PAGES)


def test_another_setting_or_page_is_a_change(tree, monkeypatch):
    assert not unchanged("smoke", ["one", "two"]) and not unchanged("tenth", PAGES)
    monkeypatch.setenv("RECORDED", "1")
    assert not unchanged("smoke", PAGES)
