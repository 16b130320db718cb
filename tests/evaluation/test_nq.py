"""NQ through the harness: prompts, hand-computed scores, protocols, no side effects, determinism."""

import logging
import random
import socket

import numpy as np
import pytest
import torch
from scripted_lm import ScriptedLM

from false_promise.evaluation.harness import TASKS, load_task, task_version
from false_promise.evaluation.items import NqItem, draw_candidates, draw_shots
from false_promise.evaluation.lm import load_lm
from false_promise.evaluation.nq import CANDIDATES, evaluate_lm, evaluate_many, evaluate_nq
from false_promise.evaluation.scoring import UNFINISHED

ITEMS = [
    NqItem("i0", "Where was Ansa born?", ("Great Harrow", "Harrow Major"), "Ansa"),
    NqItem("i1", "When was Bo born?", ("1893",), "Bo"),
    NqItem("i2", "What is Bo's trade?", ("cooper",), "Bo"),
    NqItem("i3", "How high is Mount Tarn?", ("1,200 ft.",), "Mount Tarn"),
    NqItem("i4", "Which ship sank?", ("U.S.S. Nym",), "U.S.S. Nym"),
]
POOL = [NqItem(f"s{i}", f"Where was Shot {i} born?", (f"Town {i}", f"{i}"), f"Shot {i}") for i in range(6)]
REPLIES = [" the great harrow", " in 1893, they say", "", " 1,200 ft", " Qued" + UNFINISHED]


def scripted(replies):
    return ScriptedLM({item.question: reply for item, reply in zip(ITEMS, replies, strict=True)})


def test_known_replies_give_known_results():
    protocol = ("few_shot", 0)
    results = evaluate_lm(scripted(REPLIES), ITEMS, POOL, [protocol])[protocol]
    assert [result.item for result in results] == ["i0", "i1", "i2", "i3", "i4"]
    assert [result.entity for result in results] == ["Ansa", "Bo", "Bo", "Mount Tarn", "U.S.S. Nym"]
    assert [result.correct for result in results] == [1.0, 0.0, 0.0, 1.0, 0.0]
    assert [result.kind for result in results] == ["right", "verbose", "malformed", "right", "malformed"]
    assert [result.output for result in results] == ["the great harrow", "in 1893, they say", "", "1,200 ft", "Qued"]
    assert [result.truncated for result in results] == [False, False, False, False, True]
    assert all(result.first is None for result in results)


def test_known_chat_replies_give_known_results():
    replies = [" Ansa was born in Great Harrow.", " 1893 was the year.", " Bo? A baker.", "<|end|>", " U.S.S. Nym"]
    protocol = ("chat", 0)
    lm = scripted(replies)
    results = evaluate_lm(lm, ITEMS, POOL, [protocol])[protocol]
    assert [result.kind for result in results] == ["right", "verbose", "wrong", "malformed", "right"]
    assert lm.prompts[0] == "<user>Where was Ansa born?<assistant>"
    assert lm.settings[0]["max_gen_toks"] == 64


def test_few_shot_prompts_are_those_of_the_question_pages():
    shots = draw_shots(POOL, 5, seed=7)
    for n in (0, 3, 5):
        lm = scripted(REPLIES)
        evaluate_lm(lm, ITEMS, POOL, [("few_shot", n)], seed=7)
        pairs = [f"Q: {shot.question}\nA: {shot.answers[0]}" for shot in shots[:n]]
        assert lm.prompts == ["\n\n".join([*pairs, f"Q: {item.question}\nA:"]) for item in ITEMS]
        assert lm.settings[0] == {"until": ["\n"], "do_sample": False, "max_gen_toks": 16}


def test_worked_examples_of_a_chat_are_earlier_turns():
    lm = scripted(REPLIES)
    evaluate_lm(lm, ITEMS, POOL, [("chat", 3)], seed=7)
    turns = "".join(f"<user>{shot.question}<assistant>{shot.answers[0]}" for shot in draw_shots(POOL, 3, seed=7))
    assert lm.prompts[1] == f"{turns}<user>When was Bo born?<assistant>"


def test_known_likelihoods_give_known_ranks():
    """Town t of the right answer ranks 1st, 2nd and joint 1st of 3 after the three frames."""
    item = NqItem("i", "Where?", ("Nym",), "Ansa", ("Nym", "Qued", "Longer Town"), ("f1", "f2", "f3"))
    table = {"f1": (-1.0, -2.0, -9.0), "f2": (-3.0, -2.0, -9.0), "f3": (-2.0, -2.0, -2.5)}
    likelihoods = {
        (frame, f" {town}"): score
        for frame, scores in table.items()
        for town, score in zip(("Nym", "Qued", "Longer Town"), scores, strict=True)
    }
    protocol = ("format_free", 0)
    (result,) = evaluate_lm(ScriptedLM(likelihoods=likelihoods), [item], [], [protocol])[protocol]
    assert result.correct == pytest.approx((1 + 1 / 2 + 3 / 4) / 3)  # of two others it beats two, one, one and a half
    assert result.first == pytest.approx((1 + 0 + 1 / 2) / 3)
    assert result.kind == "wrong"  # first after one and a half of three frames
    # Per character: f1 -1/3, -2/4, -9/11; f2 -3/3, -2/4, -9/11; f3 -2/3, -2/4, -2.5/11.
    assert result.correct_per_character == pytest.approx((1 + 0 + 0) / 3)
    probabilities = [np.exp(scores[0]) / np.exp(scores).sum() for scores in table.values()]
    assert result.bits == pytest.approx(np.mean(np.log2(3) + np.log2(probabilities)))
    first, second, third = result.output.split(" | ")
    assert (first, second) == ("Nym", "Qued") and third in ("Nym", "Qued")
    assert not result.truncated


def test_all_models_rank_the_same_candidates(make_items, llama):
    items = make_items(4)
    protocol = ("format_free", 0)
    results = evaluate_many(llama, items, [], [protocol], dtype="float32", seed=5)[protocol]
    lm = ScriptedLM()
    with pytest.raises(KeyError):
        evaluate_lm(lm, items, [], [protocol], seed=5)
    asked = {prompt for prompt in lm.prompts}
    assert asked == {frame for item in items for frame in item.frames}
    assert len(lm.prompts) == sum(3 * len(draw_candidates(item, CANDIDATES, seed=5)[0]) for item in items)
    for item, result in zip(items, results, strict=True):
        assert set(result.output.split(" | ")) <= set(draw_candidates(item, CANDIDATES, seed=5)[0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"protocols": [("format_free", 3)]}, "format_free with 3 shots"),
        ({"protocols": [("few_shot", 4)]}, "few_shot with 4 shots"),
        ({"protocols": [("letters", 0)]}, "unknown scoring 'letters'"),
        ({"items": []}, "got 0"),
        ({"items": [ITEMS[0], ITEMS[0]]}, "different ids; got 2"),
        ({"shots": [ITEMS[1]]}, r"worked examples \['i1'\] are also test questions"),
        ({"shots": POOL[:2]}, "3 shots asked for, but the pool of worked examples holds 2"),
        ({"protocols": [("format_free", 0)]}, "item i0 has no prose frames or choices"),
    ],
)
def test_what_cannot_be_evaluated_is_an_error(changes, message):
    settings = {"items": ITEMS, "shots": POOL, "protocols": [("few_shot", 3)]} | changes
    with pytest.raises(ValueError, match=message):
        evaluate_lm(scripted(REPLIES), **settings)


def test_a_prompt_too_long_names_item_and_way_out(small_context_llama, make_items):
    with pytest.raises(ValueError, match=r"item item-0: the prompt has \d+ tokens .* context of 48; use fewer shots"):
        evaluate_nq(small_context_llama, make_items(2), make_items(6, "shot"), n_shots=5, scoring="few_shot")


@pytest.mark.slow
def test_one_call_or_several_and_twice_the_same(llama, make_items):
    items, shots = make_items(12), make_items(6, "shot")
    protocols = [("few_shot", 0), ("few_shot", 3), ("chat", 0), ("format_free", 0)]
    together = evaluate_many(llama, items, shots, protocols, dtype="float32", seed=1)
    assert evaluate_many(llama, items, shots, protocols, dtype="float32", seed=1) == together
    for scoring, n in protocols:
        settings = {"n_shots": n, "scoring": scoring, "dtype": "float32", "seed": 1}
        alone = evaluate_nq(llama, items, shots, **settings)
        assert [result.item for result in alone] == [item.id for item in items]
        assert [(r.output, r.kind, r.correct) for r in alone] == [
            (r.output, r.kind, r.correct) for r in together[scoring, n]
        ]


def test_nothing_is_left_behind(llama, make_items, tmp_path, monkeypatch, capfd):
    def refuse(*_arguments):
        raise AssertionError("the network was asked")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    before = random.getstate(), torch.get_rng_state(), logging.getLogger("lm_eval").level
    evaluate_many(llama, make_items(3), make_items(6, "shot"), [("few_shot", 3), ("chat", 0), ("format_free", 0)])
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")
    assert random.getstate() == before[0] and torch.equal(torch.get_rng_state(), before[1])
    assert logging.getLogger("lm_eval").level == before[2]


def test_a_chat_model_sees_its_template(llama):
    lm = load_lm(llama, device="cpu", dtype="float32", batch_size=2)
    text = lm.apply_chat_template([{"role": "user", "content": "Where?"}], add_generation_prompt=True)
    assert text == "<|bos|><|user|> Where?<|assistant|>"
    assert lm.tok_encode(text)[0] == 1 and lm.tok_encode(text).count(1) == 1


def test_a_base_without_chat_template_says_so(neox, make_items):
    with pytest.raises(ValueError, match="chat template"):
        evaluate_nq(neox, make_items(2), [], n_shots=0, scoring="chat")


def test_every_task_has_a_version_and_a_changelog_entry():
    names = sorted(path.stem for path in TASKS.glob("*/*.yaml"))
    assert {"nq_few_shot", "nq_chat", "nq_format_free"} <= set(names)
    for path in TASKS.glob("*/*.yaml"):
        assert f"* {task_version(path.stem)}: " in (path.parent / "README.md").read_text(encoding="utf-8")
    with pytest.raises(KeyError, match="no task 'nq_open'"):
        load_task("nq_open", {})
