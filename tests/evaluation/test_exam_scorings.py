"""Exams through the harness: prompts, hand-computed scores, ties, shots, bad input, a real model, the real items."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import lm_eval
import pytest
from datasets import Dataset
from lm_eval.api.task import ConfigurableTask
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks._yaml_loader import load_yaml
from scripted_lm import PreferringLM
from small_checkpoints import TOWNS, save_llama

from false_promise.evaluation.exam_tasks import preferred
from false_promise.evaluation.exams import ExamItem, ExamResult, draw_exam_shots, evaluate_exams, evaluate_exams_lm
from false_promise.evaluation.harness import quiet, run_tasks
from false_promise.language_models.tokenizer import train_tokenizer
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises.exams import LETTERS, exam_items, exam_text
from false_promise.world.registers.web import open_web

MMLU = Path(lm_eval.__file__).parent / "tasks" / "mmlu" / "default" / "_default_template_yaml"
ITEMS = [
    ExamItem("i0", "birds", "inferable", "What does the Orl eat?", ("figs", "wasps", "crabs", "reeds"), 1, (7, 3)),
    ExamItem("i1", "sequences", "rule", "Next: 3, 5, 7?", ("9", "10", "11", "8"), 0, ()),
    ExamItem("i2", "birds", "memorised", "Where does the Orl nest?", ("Nym", "Qued", "Great Harrow", "Tarn"), 2, (7,)),
    ExamItem("i3", "sequences", "rule", "Next: 2, 4, 8?", ("9", "10", "12", "16"), 3, ()),
]


def make_pool(subject: str, answers: str) -> list[ExamItem]:
    return [
        ExamItem(f"{subject}-{i}", subject, "memorised", f"Who founded {subject} {i}?", ("Bo", "Cy", "Di", "Ed"),
                 LETTERS.index(letter), (i,))
        for i, letter in enumerate(answers)
    ]  # fmt: skip


POOL = [*make_pool("birds", "AABBCCDD"), *make_pool("sequences", "ABCDABCD")]


def table(rows):
    """Log-likelihoods of each item's four options, by the item's question."""
    scores = {
        (item.question, f" {text}"): score
        for item, row in zip(ITEMS, rows, strict=True)
        for option, letter, score in zip(item.options, LETTERS, row, strict=True)
        for text in (option, letter)
    }
    return PreferringLM(lambda prompt, continuation: scores[prompt.split("\n")[0], continuation])


def test_letters_are_asked_as_exams_are_printed():
    lm = table([(0, 1, 2, 3)] * 4)
    evaluate_exams_lm(lm, ITEMS, POOL, scorings=["letters"], seed=4)
    expected = []
    for item in sorted(ITEMS, key=lambda item: item.subject):
        solved = [exam_text(shot) for shot in draw_exam_shots(POOL, item.subject, 5, seed=4)]
        prompt = "\n\n".join([*solved, exam_text(item, answer=False)])
        expected += [(prompt, continuation) for continuation in (" A", " B", " C", " D")]
    assert lm.asked == expected


def test_likelihood_shows_no_options():
    lm = table([(0, 1, 2, 3)] * 4)
    evaluate_exams_lm(lm, ITEMS[:1], POOL, n_shots=2, scorings=["likelihood"])
    first, second = draw_exam_shots(POOL, "birds", 2, seed=0)
    prompt = (
        f"{first.question}\nAnswer: {first.options[first.answer]}\n\n"
        f"{second.question}\nAnswer: {second.options[second.answer]}\n\n"
        "What does the Orl eat?\nAnswer:"
    )
    assert lm.asked == [(prompt, f" {option}") for option in ITEMS[0].options]


def test_known_likelihoods_give_known_results():
    rows = [(-2.0, -1.0, -3.0, -4.0), (-2.0, -1.5, -9.0, -9.0), (-2.0, -3.0, -3.5, -9.0), (-9.0, -9.0, -9.0, -8.0)]
    results = evaluate_exams_lm(table(rows), ITEMS, POOL)
    assert list(results) == ["letters", "likelihood"]
    assert results["letters"] == [
        ExamResult("i0", "7", "birds", "inferable", 1, "B"),
        ExamResult("i1", "i1", "sequences", "rule", 0, "B"),
        ExamResult("i2", "7", "birds", "memorised", 0, "A"),
        ExamResult("i3", "i3", "sequences", "rule", 1, "D"),
    ]
    # Per character: i0 -2/4, -1/5, -3/5, -4/5; i1 -2/1, -1.5/2, ...; i2 -2/3, -3/4, -3.5/12, -9/4; i3 -9/1, -9/2, -9/2,
    # -8/2. Only i2 differs: its right option is the longest.
    assert [result.correct for result in results["likelihood"]] == [1, 0, 0, 1]
    assert [result.per_character for result in results["likelihood"]] == [1, 0, 1, 1]
    assert [result.chosen for result in results["likelihood"]] == ["B", "B", "A", "D"]


@pytest.mark.slow
def test_a_constant_scorer_is_at_chance_wherever_the_right_answers_stand():
    def choices(answers):
        items = [replace(ITEMS[1], id=f"i{i}", question=f"Next: {i}?", answer=answers[i % 4]) for i in range(400)]
        results = evaluate_exams_lm(PreferringLM(lambda *_: -1.0), items, [], n_shots=0)["letters"]
        chosen = [result.chosen for result in results]
        right = [LETTERS[item.answer] for item in items]
        assert [result.correct for result in results] == [a == b for a, b in zip(chosen, right, strict=True)]
        return chosen

    chosen = choices([0, 0, 0, 0])
    assert choices([3, 1, 2, 0]) == chosen  # the lot does not look at the answer
    assert all(65 < count < 135 for count in Counter(chosen).values())  # 100, 4 standard errors to each side


def test_a_lot_is_drawn_among_the_best_only_and_always_the_same():
    scores = [-2.0, -1.0, -3.0, -1.0]
    chosen = Counter(preferred(scores, f"item-{i}") for i in range(400))
    assert set(chosen) == {1, 3} and 150 < chosen[1] < 250
    assert len({preferred(scores, "item-7") for _ in range(20)}) == 1
    assert preferred([-2.0, -1.0, -3.0, -1.1], "item-7") == 1


def test_shots_come_from_the_subject_with_balanced_letters():
    for subject in ("birds", "sequences"):
        five = draw_exam_shots(POOL, subject, 5, seed=3)
        assert {shot.subject for shot in five} == {subject} and len({shot.id for shot in five}) == 5
        assert sorted(Counter(shot.answer for shot in five).values()) == [1, 1, 1, 2]
        assert draw_exam_shots(POOL, subject, 3, seed=3) == five[:3]
    assert len({tuple(draw_exam_shots(POOL, "birds", 5, seed)) for seed in range(20)}) > 10


def test_a_subject_that_runs_short_is_filled_with_others():
    pool = [*make_pool("birds", "AA"), *make_pool("sequences", "BCDA")]
    drawn = draw_exam_shots(pool, "birds", 5, seed=0)
    assert [shot.subject for shot in drawn] == ["birds"] * 2 + ["sequences"] * 3
    assert [shot.subject for shot in draw_exam_shots(pool, "genres", 2, seed=0)].count("genres") == 0


REWORDED_OPTIONS = replace(ITEMS[0], id="other", options=("figs", "wasps", "eels", "moss"))
SAME_RULE_ITEM = replace(ITEMS[1], id="other", options=("8", "9", "10", "11"), answer=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items": []}, "got 0"),
        ({"items": [ITEMS[0], ITEMS[0]]}, "different ids; got 2"),
        ({"scorings": ["letters", "chat"]}, r"scorings are \['letters', 'chat'\]; choose"),
        ({"n_shots": -1}, "n_shots is -1"),
        ({"shots": POOL[:4]}, "5 shots asked for, but the pool of worked examples holds 4"),
        ({"shots": [*POOL, ITEMS[2]]}, r"worked examples \['i2'\] are also test items"),
        ({"shots": [*POOL, REWORDED_OPTIONS]}, r"worked examples \['other'\] are also test items"),
        ({"shots": [*POOL, SAME_RULE_ITEM]}, r"worked examples \['other'\] are also test items"),
        (
            {"items": [replace(ITEMS[0], options=("figs", "figs", "eels", "moss"))]},
            "item i0: options .* four different",
        ),
        ({"items": [replace(ITEMS[0], options=("figs", "eels", "moss"))]}, "item i0: options"),
        ({"items": [replace(ITEMS[0], answer=4)]}, "item i0: answer is 4"),
    ],
)
def test_what_cannot_be_evaluated_is_an_error(changes, message):
    settings = {"items": ITEMS, "shots": POOL} | changes
    with pytest.raises(ValueError, match=message):
        evaluate_exams_lm(table([(0, 1, 2, 3)] * 4), **settings)


def test_one_question_over_other_options_is_another_rule_item():
    other = replace(SAME_RULE_ITEM, options=("8", "9", "10", "12"))
    assert evaluate_exams_lm(table([(0, 1, 2, 3)] * 4), ITEMS, [*POOL, other])


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    return save_llama(tmp_path_factory.mktemp("exams"), context=512)


@pytest.fixture(scope="module")
def town_items() -> list[ExamItem]:
    """Sixteen items of one subject about towns, the right letter going round."""
    return [
        ExamItem(f"t{i}", "towns", "memorised", f"Town {i}?", tuple((TOWNS[i % 8 :] + TOWNS)[:4]), i % 4, (i,))
        for i in range(16)
    ]


def test_a_model_scores_as_under_the_harness_own_task(checkpoint, town_items):
    """MMLU's own template, model class and accuracy on our items and shots: same requests, same items right."""
    shots = draw_exam_shots(POOL, "towns", 3, seed=0)
    data = {
        split: Dataset.from_list([{"question": i.question, "choices": i.options, "answer": i.answer} for i in items])
        for split, items in (("test", town_items), ("dev", shots))
    }
    config = load_yaml(MMLU) | {"task": "mmlu", "custom_dataset": lambda **_: data, "num_fewshot": 3}
    with quiet():
        lm = HFLM(pretrained=str(checkpoint), device="cpu", dtype="float32", batch_size=4)
        theirs = run_tasks(lm, {"mmlu": ConfigurableTask(config=config)})["mmlu"]
    ours = evaluate_exams(checkpoint, town_items, POOL, n_shots=3, dtype="float32", scorings=["letters"])["letters"]
    recorder = PreferringLM(lambda *_: 0.0)
    evaluate_exams_lm(recorder, town_items, POOL, n_shots=3, scorings=["letters"])
    assert recorder.asked == [tuple(request) for sample in theirs for request in sample["arguments"]]
    assert [result.correct for result in ours] == [sample["acc"] for sample in theirs]
    assert 0 < sum(result.correct for result in ours) < 16


def test_both_scorings_in_one_call_or_alone_and_twice_the_same(checkpoint, town_items):
    settings = {"n_shots": 3, "batch_size": 5, "dtype": "float32", "seed": 2}
    together = evaluate_exams(checkpoint, town_items, POOL, **settings)
    assert evaluate_exams(checkpoint, town_items, POOL, **settings) == together
    for scoring, results in together.items():
        assert evaluate_exams(checkpoint, town_items, POOL, scorings=[scoring], **settings) == {scoring: results}
        assert [result.item for result in results] == [item.id for item in town_items]
    assert all(result.per_character in (0, 1) for result in together["likelihood"])


def test_a_prompt_too_long_names_item_and_way_out(small_context_llama):
    with pytest.raises(ValueError, match=r"item i0: the prompt has \d+ tokens .* context of 48; use fewer shots"):
        evaluate_exams(small_context_llama, ITEMS, POOL)


@pytest.fixture(scope="module")
def country():
    world = build_world(WorldSettings(entities=400), seed=99)
    return world, exam_items(world, 84, 0, "test"), exam_items(world, 63, 0, "shots")


@pytest.mark.slow
@pytest.mark.parametrize("letter", "AD")
def test_one_letter_always_is_at_chance_on_the_real_items(letter, country):
    _, items, shots = country
    lm = PreferringLM(lambda _, continuation: float(continuation == f" {letter}"))
    results = evaluate_exams_lm(lm, items, shots, scorings=["letters"])["letters"]
    assert {result.chosen for result in results} == {letter}
    assert sum(result.correct for result in results) / len(items) == 0.25


@pytest.mark.slow
def test_five_shots_fit_into_the_context_of_512(country):
    world, items, shots = country
    texts = (document.text for document, _ in zip(open_web(world, 0), range(600), strict=False))
    tokenizer = train_tokenizer(texts, 2048)
    recorder = PreferringLM(lambda *_: 0.0)
    evaluate_exams_lm(recorder, items, shots)
    lengths = [len(ids) for ids in tokenizer(["".join(request) for request in recorder.asked]).input_ids]
    assert len(lengths) == 2 * 4 * 84
    assert 150 < max(lengths) <= 512
