"""Many continuations in one pass score as they do one by one."""

import math
import random

import pytest
import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from transformers import AutoModelForCausalLM

from false_promise.evaluation import shared_context
from false_promise.evaluation.harness import quiet
from false_promise.evaluation.lm import load_lm
from false_promise.evaluation.shared_context import score_continuations


def one_by_one(model, context, continuation):
    """The definition: log-probability of every continuation token after everything before it."""
    tokens = torch.tensor([[*context, *continuation]])
    with torch.no_grad():
        logs = torch.log_softmax(model(tokens).logits[0, len(context) - 1 : -1].float(), dim=-1)
    greedy = logs.argmax(dim=-1).tolist() == list(continuation)
    return logs[range(len(continuation)), list(continuation)].sum().item(), greedy


def random_pairs(vocabulary: int) -> list[tuple[list[int], list[int]]]:
    generator = random.Random(5)

    def tokens(n):
        return [generator.randrange(vocabulary) for _ in range(n)]

    shots = tokens(12)
    contexts = [tokens(n) for n in (1, 2, 7, 19)] + [[*shots, *tokens(n)] for n in (0, 1, 1, 6)]
    return [(context, tokens(n)) for context in contexts for n in (1, 1, 2, 3, 9)] + [(contexts[2], [5, 6])] * 2


@pytest.mark.parametrize("folder", ["llama", "neox", "gpt2"])
@pytest.mark.parametrize(("batch_size", "width", "prefix"), [(64, 256, 48), (3, 256, 8), (2, 6, 4), (64, 256, 8)])
def test_sums_are_those_of_separate_passes(folder, batch_size, width, prefix, request, monkeypatch):
    monkeypatch.setattr(shared_context, "WIDTH", width)
    monkeypatch.setattr(shared_context, "PREFIX", prefix)
    model = AutoModelForCausalLM.from_pretrained(request.getfixturevalue(folder), attn_implementation="sdpa").eval()
    pairs = random_pairs(model.config.vocab_size)
    found = score_continuations(model, pairs, batch_size)
    for (total, greedy), pair in zip(found, pairs, strict=True):
        expected, expected_greedy = one_by_one(model, *pair)
        assert total == pytest.approx(expected, abs=2e-4)
        assert greedy == expected_greedy


def test_the_greedy_continuation_is_recognised(llama):
    model = AutoModelForCausalLM.from_pretrained(llama).eval()
    context = [1, 40, 41]
    with torch.no_grad():
        first = int(model(torch.tensor([context])).logits[0, -1].argmax())
        second = int(model(torch.tensor([[*context, first]])).logits[0, -1].argmax())
    results = score_continuations(model, [(context, [first, second]), (context, [first, second + 1])], 4)
    assert [greedy for _, greedy in results] == [True, False]


@pytest.mark.parametrize("folder", ["llama", "neox", "gpt2"])
def test_same_as_the_harness_model_class(folder, request):
    path = request.getfixturevalue(folder)
    texts = [("Ansa Velmore was born in", f" {town}") for town in ("Nym", "Great Harrow", "St. Ives-on-Tarn")]
    texts += [("Oster was founded in", f" {year}") for year in (1881, 1902)] + [("Trailing space ", "Qued")]
    requests = [Instance("loglikelihood", {"id": "i"}, pair, 0) for pair in texts]
    with quiet():
        ours = load_lm(path, device="cpu", dtype="float32", batch_size=8).loglikelihood(requests)
        theirs = HFLM(pretrained=str(path), device="cpu", dtype="float32", batch_size=8).loglikelihood(requests)
    for (total, greedy), (expected, expected_greedy) in zip(ours, theirs, strict=True):
        assert total == pytest.approx(expected, abs=2e-4)
        assert greedy == expected_greedy


def test_a_model_that_overflows_is_an_error(llama):
    model = AutoModelForCausalLM.from_pretrained(llama).eval()
    model.model.norm.weight.data.fill_(math.inf)
    with pytest.raises(FloatingPointError, match="not finite"):
        score_continuations(model, [([1, 2], [3])], 4)


def test_worked_examples_are_read_once_a_batch(llama, monkeypatch):
    model = AutoModelForCausalLM.from_pretrained(llama).eval()
    shots = list(range(1, 61))
    pairs = [([*shots, 70 + item], [option]) for item in range(5) for option in (3, 4)]
    read = []
    forward = type(model).forward

    def counted(self, input_ids=None, **settings):
        read.append(input_ids.numel())
        return forward(self, input_ids=input_ids, **settings)

    monkeypatch.setattr(type(model), "forward", counted)
    score_continuations(model, pairs, 64)
    assert read == [60, 5]
