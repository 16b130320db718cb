"""The labels and the public record of Table 2: what they hold, and that the data give the same today."""

import json
from pathlib import Path

import numpy as np
import pytest

from false_promise.evaluation import vicuna80
from false_promise.evaluation.style import SCORINGS, VERSION, public
from false_promise.evaluation.style.labels import LABELS, agreement, kappa, read_labels
from false_promise.evaluation.style.public import BASE, FROZEN, IMITATION, RECORD, STUDENTS, load_record, measure
from false_promise.files import sha256

needs_real_data = pytest.mark.skipif(
    not vicuna80.available(), reason=f"no real answers at {vicuna80.FOLDER}; set REAL_DATA to have them"
)


@pytest.fixture(scope="module")
def record():
    return load_record()


def values(record, model):
    return {row["scoring"]: row for row in record["rows"] if row["model"] == model}


def test_the_record_has_five_rows_a_model_inside_their_intervals(record):
    assert [(row["model"], row["scoring"]) for row in record["rows"]] == [(m, s) for m in STUDENTS for s in SCORINGS]
    for row in record["rows"]:
        assert -1 <= row["lower"] <= row["value"] <= row["upper"] <= 1 and row["lower"] < row["upper"]
        assert row["n"] == 80 or (row["scoring"] in ("list", "summary") and row["n"] >= 20)


def test_every_row_orders_base_below_imitation_as_table_2_does(record):
    base, imitation = values(record, BASE), values(record, IMITATION)
    assert all(base[name]["value"] < imitation[name]["value"] for name in SCORINGS)
    assert [row["scoring"] for row in record["imitation_minus_base"]["rows"]] == list(SCORINGS)
    for row in record["imitation_minus_base"]["rows"]:
        expected = imitation[row["scoring"]]["value"] - base[row["scoring"]]["value"]
        assert row["value"] == pytest.approx(expected, abs=2e-4) and row["above_zero"] == (row["lower"] > 0)


def test_the_stricter_tone_does_not_order_them_so(record):
    # Base LMs hedge no more than imitations: what the tone row rests on is chat, loops and non-answers.
    assert record["tone"][BASE]["tone_assertive"]["value"] >= record["tone"][IMITATION]["tone_assertive"]["value"]


def test_the_chosen_overlap_is_the_reading_nearest_to_table_2(record):
    paper = {BASE: 0.195, IMITATION: 0.425}
    distance = {
        name: sum(abs(record["unigram_variants"][model][name] - value) for model, value in paper.items())
        for name in record["unigram_variants"][BASE]
    }
    assert min(distance, key=distance.get) == "tokens_over_longer"
    assert record["unigram_variants"][BASE]["tokens_over_longer"] == values(record, BASE)["unigrams"]["value"]


def test_detectors_are_those_that_were_frozen(record):
    today = {name: sha256(Path(public.__file__).with_name(name)) for name in FROZEN}
    assert record["detector_version"] == VERSION
    assert record["frozen"] == today, "detectors changed: raise VERSION and measure the record again"


def test_labels_hold_no_text_and_only_questions_kept_from_development():
    labels = read_labels()
    assert len(labels) >= 60 and len({one.answer for one in labels}) == len(labels)
    assert all(one.question % 2 == 0 for one in labels)
    assert all(len(one.answer) == 22 and " " not in one.answer for one in labels)
    assert sum(one.list for one in labels) >= 20 and sum(one.summary for one in labels) >= 20


def test_agreement_of_the_record(record):
    found = {row["detector"]: row for row in record["labels"]}
    assert {row["answers"] for row in record["labels"]} == {len(read_labels())}
    for name, kappa_at_least in (("list", 0.9), ("summary", 0.7), ("tone", 0.6), ("tone_assertive", 0.6)):
        row = found[name]
        assert row["kappa"]["value"] >= kappa_at_least and row["agreement"]["value"] >= 0.85
        for score in ("precision", "recall", "agreement", "kappa"):
            assert row[score]["lower"] <= row[score]["value"] <= row[score]["upper"]


def test_known_groups_differ(record):
    users, chatgpt = record["known_groups"]["users"], record["known_groups"]["chatgpt"]
    assert all(users[name] < chatgpt[name] for name in ("list", "summary", "tone", "tone_assertive"))


def test_kappa_by_hand():
    # 40 both, 30 neither, 20 only the first, 10 only the second: agreement 0.7, by chance 0.6 * 0.5 + 0.4 * 0.5
    assert kappa(np.array(0.4), np.array(0.6), np.array(0.5)) == pytest.approx(0.4)
    assert np.isnan(kappa(np.array(1.0), np.array(1.0), np.array(1.0)))


def test_a_label_that_the_rubric_does_not_know_is_refused(tmp_path):
    content = json.loads(LABELS.read_text(encoding="utf-8"))
    content["labels"][0]["tone"] = "loud"
    (tmp_path / "labels.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match="loud.* has a value that its rubric does not know"):
        read_labels(tmp_path / "labels.json")
    (tmp_path / "old.json").write_text('{"schema_version": 0}', encoding="utf-8")
    with pytest.raises(ValueError, match="has schema 0, this code reads 1"):
        read_labels(tmp_path / "old.json")


def test_a_missing_or_old_record_is_named_with_the_way_out(tmp_path):
    with pytest.raises(FileNotFoundError, match="run `python -m false_promise.evaluation.style.public`"):
        load_record(tmp_path / "none.json")
    old = json.loads(RECORD.read_text(encoding="utf-8")) | {"detector_version": 0}
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    with pytest.raises(ValueError, match="detector_version 0, this code has 1"):
        load_record(tmp_path / "old.json")


def test_missing_answers_are_named_with_the_way_out(tmp_path):
    with pytest.raises(FileNotFoundError, match="no real answers at .*answer_gpt35.jsonl; set REAL_DATA"):
        vicuna80.answers("chatgpt", tmp_path)
    with pytest.raises(FileNotFoundError, match="no real answers at"):
        vicuna80.review_files(tmp_path)


@needs_real_data
def test_the_files_are_those_that_were_measured(record):
    paths = [vicuna80.FOLDER / one["file"] for one in record["sources"]]
    assert vicuna80.sources(paths) == record["sources"] and len(paths) == 8


@needs_real_data
@pytest.mark.slow
def test_the_record_is_what_the_data_give_today(record):
    assert json.loads(json.dumps(measure())) == record


@needs_real_data
def test_agreement_is_what_the_labels_give_today(record):
    texts = {one.id: one.text for name in vicuna80.MODELS for one in vicuna80.answers(name)}
    assert agreement(read_labels(), texts) == record["labels"]
    questions = {one.id: one.question for name in vicuna80.MODELS for one in vicuna80.answers(name)}
    assert all(questions[one.answer] == one.question for one in read_labels())
