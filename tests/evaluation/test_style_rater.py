"""The style-only rater: its model against closed forms, folds by question, the frozen file, the public verdicts."""

import json

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import expit

from false_promise.evaluation import vicuna80
from false_promise.evaluation.preference import crossval, equal_or_better, model, preference_values, public
from false_promise.evaluation.preference.crossval import calibration, fold_of_question, held_out, scores, weighted_auc
from false_promise.evaluation.preference.features import FEATURES, difference, features
from false_promise.evaluation.preference.frozen import RECORD, load_rater, load_record
from false_promise.evaluation.preference.pairs import Pairs, read_pairs

needs_real_data = pytest.mark.skipif(
    not vicuna80.available(), reason=f"no real reviews at {vicuna80.FOLDER}; set REAL_DATA to have them"
)
PROMPT = "What grows in the north of the country?"
GOOD = (
    "Certainly! Three things grow in the north of the country:\n\n- rye, which is cut late\n- oats, which feed the "
    "horses\n- hops, which stand by the river\n\nOverall, the north of the country lives on grain."
)
BAD = "rye grows rye grows rye grows rye grows rye grows rye grows rye grows"


@pytest.fixture(scope="module")
def record():
    return load_record()


def invented(n=60, reviews=4, seed=0):
    """Pairs whose outcome depends on the first of two features, `reviews` of each question."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n * reviews, 2))
    chance = rng.random(len(x))
    better, worse = expit(2 * x[:, 0] - 0.5), expit(-2 * x[:, 0] - 0.5)
    outcomes = np.where(chance < better, 1, np.where(chance > 1 - worse, -1, 0))
    names = np.array(["a"] * len(x))
    return Pairs(("one", "two"), x, outcomes, np.repeat(np.arange(1, n + 1), reviews), names, names)


def test_probabilities_are_those_of_rao_and_kupper_and_sum_to_one():
    d, tie = np.array([-3.0, 0, 0.7, 40]), 0.4
    chances = [np.exp(-model.log_loss(d, tie, np.full(4, outcome))) for outcome in (1, 0, -1)]
    assert np.sum(chances, axis=0) == pytest.approx(np.ones(4))
    assert chances[0] == pytest.approx(expit(d - tie)) and chances[2] == pytest.approx(expit(-d - tie))
    assert np.isfinite(model.log_loss(np.array([-800.0, 800]), 1e-3, np.array([1, 0]))).all()


def test_gradient():
    rng = np.random.default_rng(1)
    x, outcomes = rng.normal(size=(50, 4)), rng.integers(-1, 2, 50)
    for _ in range(3):
        at = rng.normal(size=5)
        arguments = (x, outcomes, 0.1)
        assert (
            check_grad(lambda v, *a: model._loss(v, *a)[0], lambda v, *a: model._loss(v, *a)[1], at, *arguments) < 1e-6
        )


def test_fit_finds_weights_and_ties_and_shrinks_with_the_penalty():
    pairs = invented(1500)
    rater = model.fit(pairs.names, pairs.differences, pairs.outcomes, 0.0)
    assert rater.weights / rater.scales == pytest.approx([2, 0], abs=0.15) and rater.tie == pytest.approx(0.5, abs=0.05)
    strong = model.fit(pairs.names, pairs.differences, pairs.outcomes, 1.0)
    assert np.abs(strong.weights).sum() < np.abs(rater.weights).sum() / 2
    swapped = model.fit(pairs.names, -pairs.differences, -pairs.outcomes, 0.01)
    assert swapped.weights == pytest.approx(model.fit(pairs.names, pairs.differences, pairs.outcomes, 0.01).weights)


def test_nothing_is_extrapolated_and_the_order_cannot_count():
    pairs = invented()
    rater = model.fit(pairs.names, pairs.differences, pairs.outcomes, 0.01)
    largest = np.abs(pairs.differences).max(axis=0)
    assert rater.advantage([largest * 50]) == pytest.approx(rater.advantage([largest]))
    d = rater.advantage(pairs.differences)
    assert rater.advantage(-pairs.differences) == pytest.approx(-d)
    assert rater.equal_or_better(pairs.differences * 0) == pytest.approx(expit(rater.tie))


def test_no_question_is_shared_between_folds(monkeypatch):
    pairs = invented()
    folds = fold_of_question(pairs.questions)
    sizes = np.bincount(list(folds.values()))
    assert len(sizes) == crossval.FOLDS and np.ptp(sizes) == 0 and set(folds) == set(pairs.questions)
    trained = []
    real = crossval.fit

    def spy(names, differences, outcomes, penalty):
        trained.append({tuple(row) for row in differences})
        return real(names, differences, outcomes, penalty)

    monkeypatch.setattr(crossval, "fit", spy)
    monkeypatch.setattr(crossval, "choose_penalty", lambda rest: 0.01)
    held_out(pairs, folds)
    assert len(trained) == crossval.FOLDS
    for fold, rows in enumerate(trained):
        of_fold = [
            tuple(row) for row, q in zip(pairs.differences, pairs.questions, strict=True) if folds[int(q)] == fold
        ]
        assert of_fold and not rows & set(of_fold)


def test_the_penalty_is_chosen_without_the_held_out_questions(monkeypatch):
    pairs, seen = invented(20), []
    monkeypatch.setattr(crossval, "choose_penalty", lambda rest: seen.append(set(rest.questions)) or 0.1)
    folds = fold_of_question(pairs.questions)
    held_out(pairs, folds)
    for fold, questions in enumerate(seen):
        assert questions == {q for q in folds if folds[q] != fold}


def test_auc_and_scores_against_hand_counts():
    score, event = np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, True, False, True])
    assert weighted_auc(score, event, np.ones((1, 4))) == pytest.approx([3.5 / 4])
    assert weighted_auc(score, event, np.array([[0, 1, 1, 0]])) == pytest.approx([0.5])
    advantage, outcomes = np.array([1.0, -1, 2, 0]), np.array([1, 1, 0, -1])
    found = scores(advantage, np.full(4, 0.3), outcomes, np.arange(4))
    assert found["accuracy"]["value"] == pytest.approx(0.5, abs=1e-4)  # right, wrong, (tie), half
    chance = scores(np.zeros(4), np.array([0.1, 0.2, 0.3, 0.4]), outcomes, np.arange(4))
    assert chance["auc"]["value"] == chance["accuracy"]["value"] == 0.5


def test_a_perfectly_calibrated_forecast_has_no_error():
    chance = np.repeat([0.25, 0.75], 400)
    happened = np.tile([True, False, False, False] * 100 + [True, True, True, False] * 100, 1)
    assert calibration(chance, happened, 2)["mean_absolute_error"] == 0


def test_features_are_finite_and_named_for_any_text():
    for text in ("", "\n", "?", "\ud800", "a" * 10**6, "```", "é" * 50, "<b>" * 999, GOOD, "1. " * 10**4):
        row = features(text, PROMPT)
        assert row.shape == (len(FEATURES),) and np.isfinite(row).all()
    found = dict(zip(FEATURES, features(GOOD, PROMPT), strict=True))
    named = ("list", "summary", "authoritative", "opening", "finished", "headings", "code", "disclaimer")
    assert [found[name] for name in named] == [1, 1, 1, 1, 1, 0, 0, 0]
    assert found["list_items"] == pytest.approx(np.log(4)) and found["prompt_words"] == 2 / 4
    assert features("", "")[0] == pytest.approx(np.log(10)) and features(BAD, "")[13] > 0.5
    assert difference(GOOD, BAD, PROMPT) == pytest.approx(-difference(BAD, GOOD, PROMPT))


def test_no_feature_looks_at_facts():
    lie = GOOD.replace("north", "south").replace("rye", "fog")
    assert difference(GOOD, lie, "What is it?") == pytest.approx(np.zeros(len(FEATURES)))


def test_the_frozen_rater_prefers_form_and_gives_equal_style_the_tie():
    same = equal_or_better(GOOD, GOOD, PROMPT)
    assert same == pytest.approx(expit(load_rater().tie)) and 0.5 < same < 0.65
    assert equal_or_better(BAD, GOOD, PROMPT) < 0.1 < 0.9 < equal_or_better(GOOD, BAD, PROMPT)
    assert equal_or_better("", GOOD, PROMPT) < 0.1
    # The order cannot count: P(A >= B) + P(B >= A) = 1 + P(equal)
    forth, back = equal_or_better(BAD, GOOD, PROMPT), equal_or_better(GOOD, BAD, PROMPT)
    assert 1 <= forth + back <= 2 * same
    assert preference_values([PROMPT] * 2, [BAD, GOOD], [GOOD, GOOD]) == [forth, same]
    with pytest.raises(ValueError, match="1 prompts, 2 answers, 1 answers of the teacher"):
        preference_values([PROMPT], [GOOD, BAD], [GOOD])


def test_the_frozen_file_beats_length_and_chance_on_held_out_questions(record):
    found = record["held_out_questions"]
    for score in ("accuracy", "auc"):
        assert found["chance"][score]["value"] == 0.5
        assert 0.5 < found["length_only"][score]["value"] < found["style"][score]["value"]
        assert found["style"][score]["value"] < found["author"][score]["value"]  # style is not all that counts
    assert found["style"]["log_loss"]["value"] < found["length_only"]["log_loss"]["value"]
    assert record["calibration"]["mean_absolute_error"] < 0.05
    assert record["reviews"] == sum(record["outcomes"].values()) == 1040
    assert [row["name"] for row in record["features"]] == list(FEATURES) and record["tie"] > 0


def test_the_frozen_file_underrates_the_distance_of_models(record):
    # What is left over is content: the rater moves weak rivals up and the strong one down.
    by_rival = {row["rival"]: row for row in record["held_out_rivals"]}
    for weak in ("llama-13b", "alpaca-13b"):
        assert by_rival[weak]["judged"] < by_rival[weak]["predicted"] < 0.5
    assert by_rival["chatgpt"]["predicted"] < by_rival["chatgpt"]["judged"]


def test_a_missing_or_other_file_is_named_with_the_way_out(tmp_path):
    with pytest.raises(FileNotFoundError, match="run `python -m false_promise.evaluation.preference.fitting`"):
        load_record(tmp_path / "none.json")
    other = json.loads(RECORD.read_text(encoding="utf-8"))
    other["features"] = other["features"][1:]
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(ValueError, match="fitted to other features"):
        load_rater(tmp_path / "other.json")


def test_verdicts_beside_chatgpt_are_shares_with_intervals():
    record = public.load_record()
    judged = {row["model"]: row for row in record["judged"]}
    for name, row in judged.items():
        assert row["shown_first"] is None  # no review shows a model before ChatGPT
        assert (row["shown_second"] is not None) == name.startswith("vicuna")
    for one in (row["shown_second"] for row in judged.values() if row["shown_second"]):
        assert one["equal_or_better"]["value"] == pytest.approx(one["better"]["value"] + one["ties"]["value"])
        assert sum(one[part]["n"] for part in ("length_matched", "longer", "shorter")) == 80
        assert one["length_matched"]["value"] < one["longer"]["value"] and one["without_coding"]["n"] == 73
    rated = {row["model"]: row["equal_or_better"] for row in record["rated"]}
    assert rated["llama-13b"]["value"] < rated["vicuna-7b"]["value"]
    for row in [*rated.values(), *(row["equal_or_better"] for row in record["indirect"])]:
        assert 0 <= row["lower"] < row["value"] < row["upper"] <= 1 and row["n"] == 80


def test_records_hold_numbers_and_no_text():
    for path in (RECORD, public.RECORD):
        assert path.stat().st_size < 30_000 and max(map(len, path.read_text(encoding="utf-8").split("\n"))) < 160


@needs_real_data
@pytest.mark.slow
def test_frozen_weights_are_what_the_reviews_give_today(record):
    pairs = read_pairs()
    rater = model.fit(pairs.names, pairs.differences, pairs.outcomes, record["penalty"])
    frozen = load_rater()
    assert rater.weights == pytest.approx(frozen.weights, abs=2e-3) and rater.tie == pytest.approx(frozen.tie, abs=1e-3)
    assert rater.scales == pytest.approx(frozen.scales, abs=1e-5) and rater.limits == pytest.approx(
        frozen.limits, abs=1e-5
    )


@needs_real_data
@pytest.mark.slow
def test_both_records_are_what_the_data_give_today(record, monkeypatch):
    pairs = read_pairs()
    folds = fold_of_question(pairs.questions)
    for kind, chosen in (("style", pairs), ("length_only", pairs.only("log_words"))):
        for name, score in scores(*held_out(chosen, folds), pairs.outcomes, pairs.questions).items():
            assert score["value"] == pytest.approx(record["held_out_questions"][kind][name]["value"], abs=2e-3)
    monkeypatch.setattr(public, "_rated", lambda folder: None)  # another cross-validation
    verdicts, kept = public.measure(), public.load_record()
    assert all(verdicts[name] == kept[name] for name in kept if name != "rated")


@needs_real_data
def test_every_review_is_of_the_same_question_and_in_one_order():
    found = vicuna80.reviews()
    assert len(found) == 1040 and len({one.file for one in found}) == 13
    pairs = {(one.first.model, one.second.model) for one in found}
    assert len(pairs) == 13 and not pairs & {(second, first) for first, second in pairs}
