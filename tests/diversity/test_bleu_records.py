"""The recorded measurement of public data, its figures, and the trace behind the picture of the method."""

import json
import re

import numpy as np
import pytest

from false_promise.diversity import mean_interval, nearest
from false_promise.diversity.artificial import artificial_queries
from false_promise.diversity.figures import LOOKS, method_picture, sampling_figure
from false_promise.diversity.public_data import RECORD, SHAREGPT, TEMPLATED, load_record
from false_promise.diversity.query_sets import QUERY_SETS, read_queries
from false_promise.diversity.trace import trace
from false_promise.paths import REAL_DATA

pytestmark = pytest.mark.slow  # numba compiles the search first

needs_real_data = pytest.mark.skipif(
    not (REAL_DATA / "sharegpt/sharegpt_506.json").is_file(), reason=f"no real queries in {REAL_DATA}; set REAL_DATA"
)


@pytest.fixture(scope="module")
def record():
    return load_record()


def test_the_record_has_every_set_with_interval_caveat_and_curve(record):
    assert set(record["sets"]) == set(record["curves"]) == set(QUERY_SETS)
    for name, row in record["sets"].items():
        assert row["lower"] < row["mean"] < row["upper"] and row["caveat"] and row["query"]
        assert row["quartiles"][0] <= row["median"] <= row["quartiles"][1]
        sizes = [point["size"] for point in record["curves"][name]]
        assert sizes == sorted(sizes) and sizes[-1] == row["queries"]


def test_the_record_quotes_no_text(record):
    allowed = {"label", "query", "caveat", "set", "variant", "query_as", "note", "prompts", "training"}

    def strings(value, key=""):
        if isinstance(value, dict):
            return [one for name, inner in value.items() for one in strings(inner, name)]
        if isinstance(value, list):
            return [one for inner in value for one in strings(inner, key)]
        return [(key, value)] if isinstance(value, str) else []

    for key, value in strings(record):
        assert key in allowed | {"definition", "sacrebleu"} or (key == "clusters" and re.fullmatch(r"[\w.-]+", value))


def test_claim_12_has_equally_many_items_of_both_sets(record):
    one, other = record["claim_12"][SHAREGPT], record["claim_12"][TEMPLATED]
    assert len(one["scores"]) == len(other["scores"]) == record["sets"][SHAREGPT]["queries"]
    assert len(one["clusters"]) == len(one["scores"]) and len(set(other["clusters"])) > 50
    assert np.mean(one["scores"]) == pytest.approx(record["sets"][SHAREGPT]["mean"], abs=0.01)


@needs_real_data
@pytest.mark.parametrize("name", ["sharegpt_first_turns", "koala", "dolly"])
@pytest.mark.slow
def test_the_record_is_what_the_data_give_today(record, name):
    texts, clusters = read_queries(name)
    found = mean_interval(nearest(texts).score, clusters)
    row = record["sets"][name]
    assert (row["queries"], row["mean"], row["lower"]) == (len(texts), round(found.effect, 2), round(found.lower, 2))


def test_a_missing_file_is_named_with_the_way_out(tmp_path):
    with pytest.raises(FileNotFoundError, match="no real queries at .*koala_test_set.jsonl; set REAL_DATA"):
        read_queries("koala", tmp_path)
    with pytest.raises(FileNotFoundError, match="run `python -m false_promise.diversity.public_data`"):
        load_record(tmp_path / "none.json")
    (tmp_path / "old.json").write_text(json.dumps({"schema_version": 0}), encoding="utf-8")
    with pytest.raises(ValueError, match="has schema_version 0, this code has 1"):
        load_record(tmp_path / "old.json")


def test_the_trace_ends_where_no_unmet_text_can_win():
    queries = artificial_queries(1_500)
    found = nearest(queries)
    for q in (3, 18, 24):
        followed = trace(queries, q)
        assert followed.best[-1] <= found.score[q] + 1e-9
        assert followed.bounds[-1] < max(followed.best[-1], 1e-9) or followed.stop == len(followed.spreads)
        assert (np.diff(followed.bounds) <= 1e-9).all() and (np.diff(followed.best) >= 0).all()
        assert (np.diff(followed.spreads) >= 0).all() and followed.scored <= followed.met
    with pytest.raises(ValueError, match="query 1 is empty or occurs twice"):
        trace(["a b", "", "a c"], 1)


@pytest.mark.slow
def test_figures_have_words_for_those_who_cannot_see_them(record):
    picture, sampling = method_picture(), sampling_figure(record, {"ShareGPT-Mix": 8, "Super-NaturalInstructions": 61})
    assert 'aria-label="The search for one query among' in picture.html and "never read" in picture.html
    assert "paper, ShareGPT-Mix: 8%" in sampling.html
    for name in LOOKS:
        assert record["sets"][name]["label"] in sampling.html
    for part in (picture, sampling):
        assert part.html.count("<svg") == 2 and "mathdefault" not in re.sub(r"<style.*?</style>", "", part.html)


def test_the_record_lies_where_pages_look_for_it():
    assert RECORD.parts[-3:] == ("data", "public", "diversity.json") and RECORD.stat().st_size < 200_000
