"""A model folder as the language model of lm-evaluation-harness, with the checks the harness leaves to its user.

Beyond the harness's HFLM: prompts are never truncated and begin with exactly one `<|bos|>` (else an error); decoding
is plain greedy whatever the folder's generation config says; the output layer computes in float32, because bfloat16
logits, spaced 0.06 apart, tie. Faster, with the same results: candidates that continue one context are scored in one
pass (`shared_context`), and the worked examples that prompts share are read once (`shared_prefix`).
"""

import copy
from pathlib import Path

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from lm_eval.models.utils import has_bos_prefix
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, PreTrainedModel

from false_promise.evaluation.scoring import UNFINISHED
from false_promise.evaluation.shared_context import score_continuations
from false_promise.evaluation.shared_prefix import move_padding, prefix_cache, shared_length


class FolderLM(HFLM):
    """HFLM that refuses to truncate. Build it with `load_lm`."""

    def __init__(self, model: PreTrainedModel, tokenizer, batch_size: int):
        super().__init__(pretrained=model, tokenizer=tokenizer, batch_size=batch_size, softmax_dtype="float32")
        _use_float32_output_layer(self.model)
        _set_plain_greedy(self.model, self.tokenizer)
        self._bos_added = self.tokenizer("a").input_ids.count(self.tokenizer.bos_token_id)

    def tok_decode(self, tokens, skip_special_tokens: bool = False) -> str:
        """Keep the markers: skipping them would glue a reply to whatever the model wrote after `<|end|>`.

        A reply that no stop string cuts keeps the mark UNFINISHED at its end.
        """
        text = super().tok_decode(tokens, skip_special_tokens=skip_special_tokens)
        return text + UNFINISHED if isinstance(tokens, list) else text

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = True) -> list[str]:
        for request in requests:
            prompt, settings = request.args
            self._check(request, self.tok_encode(prompt), settings["max_gen_toks"])
        return super().generate_until(requests, disable_tqdm=disable_tqdm)

    def _model_generate(self, context, max_length, stop, attention_mask, **settings) -> torch.Tensor:
        shared = shared_length(context, attention_mask)
        if shared:
            context, attention_mask = move_padding(context, attention_mask, shared)
            settings["past_key_values"] = prefix_cache(self.model, context[:1, :shared], copies=len(context))
        # The harness's own criterion lets a batch go on until all its rows meet the same stop string.
        settings |= {"stop_strings": stop, "tokenizer": self.tokenizer} if stop else {}
        return super()._model_generate(context, max_length, [], attention_mask=attention_mask, **settings)

    def loglikelihood(self, requests: list[Instance], disable_tqdm: bool = True) -> list[tuple[float, bool]]:
        pairs = self._encode_pairs([request.args for request in requests])
        for request, (context, continuation) in zip(requests, pairs, strict=True):
            # The last token is predicted, never read.
            self._check(request, context, len(continuation) - 1)
        return score_continuations(self.model, pairs, self.batch_size)

    def _encode_pairs(self, texts: list[tuple[str, str]]) -> list[tuple[list[int], list[int]]]:
        """Context and continuation tokens, split as the harness does, each context encoded once, all in one batch."""
        contexts = list(dict.fromkeys(context.rstrip() for context, _ in texts))
        lengths = {c: len(ids) for c, ids in zip(contexts, self._encode_batch(contexts), strict=True)}
        whole = self._encode_batch([context + continuation for context, continuation in texts])
        cuts = [lengths[context.rstrip()] for context, _ in texts]
        return [(ids[:cut], ids[cut:]) for ids, cut in zip(whole, cuts, strict=True)]

    def _encode_batch(self, texts: list[str]) -> list[list[int]]:
        templated = has_bos_prefix(texts[0], self.tokenizer.bos_token)
        return self.tokenizer(texts, add_special_tokens=not templated).input_ids

    def _check(self, request: Instance, prompt: list[int], more: int) -> None:
        name = request.doc.get("id", request.doc_id)
        if len(prompt) + more > self.max_length:
            raise ValueError(
                f"item {name}: the prompt has {len(prompt)} tokens and its continuation {more}, more than the model's "
                f"context of {self.max_length}; use fewer shots, a model with a longer context, or drop the item"
            )
        found = prompt.count(self.tokenizer.bos_token_id)
        if not self._bos_added <= found <= 1:
            raise ValueError(
                f"item {name}: the prompt begins with {found} begin-of-text tokens instead of one; "
                f"check the tokenizer's post-processor and chat template: {request.args[0][:80]!r}"
            )


def load_lm(folder: Path, *, device: str, dtype: str | torch.dtype, batch_size: int) -> FolderLM:
    """Load a Hugging Face model folder (safetensors only, no network, no code from the folder)."""
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"{folder} is no model folder: it has no config.json")
    dtype = getattr(torch, str(dtype).removeprefix("torch."), None)
    if not isinstance(dtype, torch.dtype):
        raise ValueError("dtype must be 'float32', 'bfloat16' or another of torch's names")
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, local_files_only=True, use_safetensors=True, attn_implementation="sdpa"
    )
    for name, weights in model.named_parameters():
        if not torch.isfinite(weights).all():
            raise ValueError(f"{folder}: weights {name} are not finite; the training run diverged")
    return FolderLM(model.to(device).eval(), tokenizer, batch_size)


def _use_float32_output_layer(model: PreTrainedModel) -> None:
    layer = copy.deepcopy(model.get_output_embeddings()).float()  # a copy: it may be tied to the input embeddings
    layer.register_forward_pre_hook(lambda _layer, inputs: (inputs[0].float(),))
    model.set_output_embeddings(layer)


def _set_plain_greedy(model: PreTrainedModel, tokenizer) -> None:
    # A folder may ask for sampling or a repetition penalty, and generate() would obey.
    model.generation_config = GenerationConfig(
        do_sample=False, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
