"""Exams behind two prompts: what is asked, what counts as right, and agreement with the registered scoring."""

import math

import pytest
from scripted_lm import PreferringLM
from small_checkpoints import TOWNS, save_llama

from false_promise.evaluation import exam_prompts
from false_promise.evaluation.exam_prompts import Asked, ask
from false_promise.evaluation.exams import evaluate_exams
from false_promise.world.exercises.exams import LETTERS, ExamItem

ITEM = ExamItem("i0", "birds", "inferable", "What does the Orl eat?", ("figs", "wasps", "crabs", "reeds"), 1, (7, 3))
MACHINE = {"batch_size": 8, "device": "cpu", "dtype": "float32"}


def test_each_prompt_has_its_own_choice_and_letters_add_up(monkeypatch):
    def score(prompt, text):
        if text.strip() in LETTERS:
            return math.log({"A": 0.5, "B": 0.25, "C": 0.1, "D": 0.05}[text.strip()])
        liked = " wasps" if prompt.startswith("Q: ") else " crabs"
        return -1.0 if text == liked else -2.0

    lm = PreferringLM(score)
    monkeypatch.setattr(exam_prompts, "load_lm", lambda *args, **named: lm)
    (found,) = ask("nowhere", [ITEM], **MACHINE)
    assert found == Asked("i0", "7", "inferable", exam=0, question=1, letter=pytest.approx(0.9))
    assert {context for context, _ in lm.asked} == {
        "What does the Orl eat?\nAnswer:", "Q: What does the Orl eat?\nA:"}  # fmt: skip
    assert len(lm.asked) == 12 and all(text.startswith(" ") for _, text in lm.asked)


@pytest.mark.slow
def test_behind_the_exam_s_prompt_a_model_chooses_as_the_registered_scoring_without_examples(tmp_path):
    folder = save_llama(tmp_path, context=512)
    items = [ExamItem(f"t{i}", "towns", "memorised", f"Town {i}?", tuple((TOWNS[i % 8 :] + TOWNS)[:4]), i % 4, (i,))
             for i in range(16)]  # fmt: skip
    registered = evaluate_exams(folder, items, [], n_shots=0, scorings=["likelihood"], **MACHINE)["likelihood"]
    found = ask(folder, items, **MACHINE)
    assert [one.exam for one in found] == [one.correct for one in registered]
    assert all(0 <= one.letter <= 1 for one in found) and [one.item for one in found] == [item.id for item in items]
