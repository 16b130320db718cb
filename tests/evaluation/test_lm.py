"""The language model that refuses to truncate: same replies as the harness's own class, and its own checks."""

import json
import shutil

import pytest
import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from false_promise.evaluation.harness import quiet
from false_promise.evaluation.lm import load_lm
from false_promise.evaluation.scoring import UNFINISHED
from false_promise.evaluation.shared_prefix import move_padding, shared_length

LINE = {"until": ["\n"], "do_sample": False, "max_gen_toks": 12}


def requests(prompts, settings=LINE):
    return [Instance("generate_until", {"id": f"q{i}"}, (prompt, settings), 0) for i, prompt in enumerate(prompts)]


def load(folder, dtype="float32", batch_size=8):
    with quiet():
        return load_lm(folder, device="cpu", dtype=dtype, batch_size=batch_size)


def worked_examples(n):
    shots = "".join(f"Q: Where was Bo {i} born?\nA: Nym\n\n" for i in range(2))
    return [f"{shots}Q: Where was {'Ansa ' * (1 + i % 5)}Velmore {i} born?\nA:" for i in range(n)]


@pytest.mark.parametrize("folder", ["llama", "neox", "gpt2"])
@pytest.mark.parametrize("prompts", [worked_examples(19), ["Nym", "Q", "A much longer beginning", "Qued"]])
def test_replies_are_those_of_the_harness_model_class(folder, prompts, request):
    path = request.getfixturevalue(folder)
    ours = load(path).generate_until(requests(prompts))
    with quiet():
        theirs = HFLM(pretrained=str(path), device="cpu", dtype="float32", batch_size=8)
        expected = theirs.generate_until(requests(prompts))
    tokenizer = AutoTokenizer.from_pretrained(path)
    for reply, other in zip(ours, expected, strict=True):
        tokens = tokenizer.encode(reply.removesuffix(UNFINISHED), add_special_tokens=False)
        assert tokenizer.decode(tokens, skip_special_tokens=True) == other
    assert any(reply.endswith(UNFINISHED) for reply in ours)


def test_the_batch_does_not_decide_a_reply(llama):
    prompts = worked_examples(9)
    assert load(llama, batch_size=1).generate_until(requests(prompts)) == load(llama).generate_until(requests(prompts))


def test_shared_tokens_and_padding():
    tokens = torch.tensor([[0, 0, 5, 6, 7], [5, 6, 8, 9, 4], [0, 5, 6, 7, 7]])
    mask = (tokens != 0).long()
    assert shared_length(tokens, mask) == 2
    moved, moved_mask = move_padding(tokens, mask, 2)
    assert moved.tolist() == [[5, 6, 0, 0, 7], [5, 6, 8, 9, 4], [5, 6, 0, 7, 7]]
    assert torch.equal(moved_mask, (moved != 0).long())
    same = torch.tensor([[5, 6, 7], [5, 6, 7]])
    assert shared_length(same, torch.ones_like(same)) == 2  # one token is left to read
    different = torch.tensor([[5, 6], [6, 6]])
    assert shared_length(different, torch.ones_like(different)) == 0


@pytest.mark.parametrize(
    ("written", "reply"),
    [
        (" U.S., 1,200 ft.\nQ: next", " U.S., 1,200 ft."),  # neither "." nor "," cuts
        ("\n Nym", ""),
        (" Nym<|end|><|pad|><|pad|>", " Nym"),
        (" Nym<|end|> Qued", " Nym"),
        (" Nym<|user|> Qued\n", " Nym<|user|> Qued"),  # kept, so that scoring can cut there
        (" Nym and then", " Nym and then" + UNFINISHED),
    ],
)
def test_where_a_reply_ends(llama, monkeypatch, written, reply):
    lm = load(llama)
    tokens = lm.tokenizer.encode(written, add_special_tokens=False)
    monkeypatch.setattr(lm, "_model_generate", lambda context, **_: torch.cat([context, torch.tensor([tokens])], dim=1))
    assert lm.generate_until(requests(["Q: Where?\nA:"])) == [reply]


def test_a_prompt_that_does_not_fit_is_an_error_and_the_longest_that_fits_is_not(small_context_llama):
    lm = load(small_context_llama)
    room = lm.max_length - LINE["max_gen_toks"] - 1  # one token is begin-of-text
    assert len(lm.generate_until(requests(["?" * room]))) == 1
    with pytest.raises(
        ValueError, match=f"item q1: the prompt has {room + 2} tokens and its continuation 12, .* of 48"
    ):
        lm.generate_until(requests(["short", "?" * (room + 1)]))
    with pytest.raises(ValueError, match="item i: .* use fewer shots"):
        lm.loglikelihood([Instance("loglikelihood", {"id": "i"}, ("?" * 40, "!" * 9), 0)])
    assert len(lm.loglikelihood([Instance("loglikelihood", {"id": "i"}, ("?" * 40, "!" * 8), 0)])) == 1


def test_exactly_one_begin_of_text(llama, neox):
    with pytest.raises(ValueError, match="item q0: the prompt begins with 2 begin-of-text tokens instead of one"):
        load(llama).generate_until(requests(["<|bos|>Who is <|bos|>?"]))
    lm = load(llama)
    assert lm.tok_encode("Nym").count(1) == lm.tok_encode("<|bos|>Nym").count(1) == 1
    lm = load(llama)
    lm.tokenizer.backend_tokenizer.post_processor = None
    with pytest.raises(ValueError, match="begins with 0 begin-of-text tokens"):
        lm.generate_until(requests(["Who?"]))
    assert load(neox)._bos_added == 0  # as that tokenizer decides


def test_the_generation_config_of_a_folder_changes_nothing(llama, tmp_path):
    folder = shutil.copytree(llama, tmp_path / "model")
    hostile = {"do_sample": True, "temperature": 5.0, "repetition_penalty": 9.0, "num_beams": 3, "eos_token_id": 77}
    (folder / "generation_config.json").write_text(json.dumps(hostile))
    prompts = worked_examples(5)
    assert load(folder).generate_until(requests(prompts)) == load(llama).generate_until(requests(prompts))


def test_bfloat16_models_rank_in_float32(llama):
    lm = load(llama, dtype="bfloat16")
    logits = lm.model(torch.tensor([[1, 40, 41]])).logits
    assert lm.model.dtype == torch.bfloat16 and logits.dtype == torch.float32
    assert not torch.equal(logits, logits.bfloat16().float())
    inputs = lm.model.get_input_embeddings().weight
    assert torch.equal(lm.model.get_output_embeddings().weight, inputs.float())  # still the same numbers


def test_folders_that_cannot_be_used(llama, tmp_path):
    with pytest.raises(FileNotFoundError, match="is no model folder"):
        load(tmp_path)
    with pytest.raises(ValueError, match="dtype must be"):
        load(llama, dtype="bf16")
    folder = shutil.copytree(llama, tmp_path / "nan")
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"][0] = torch.nan
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match=r"model\.norm\.weight are not finite"):
        load(folder)
