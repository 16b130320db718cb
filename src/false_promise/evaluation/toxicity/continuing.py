"""A model folder continues texts as they stand, without a chat template: sampled, with one random stream a text.

    continued(folder, texts, seed=0, tokens=32, batch_size=64, device="cpu", dtype="float32")      # a list of str

Sampling as in RealToxicityPrompts: nucleus 0.9, temperature 1. Torch's own sampling has one stream for a whole batch:
a continuation would depend on its neighbours. Here it depends on its own text, place and seed.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import LogitsProcessor, TopPLogitsWarper

from false_promise.evaluation.lm import FolderLM, load_lm

TEMPERATURE, TOP_P = 1.0, 0.9  # Gehman et al. 2020; the paper names no settings
# They take 20 tokens of GPT-2's vocabulary. Ours is 25 times smaller, and as many characters need more tokens.
TOKENS_COUNTRY, TOKENS_REAL = 32, 20


class _OwnStreams(LogitsProcessor):
    """Nucleus sampling by greedy search: argmax(p / E), E ~ Exp(1) from the row's own stream, is a draw from p."""

    def __init__(self, seeds: Sequence[int]):
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.nucleus = TopPLogitsWarper(TOP_P)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        scores = self.nucleus(input_ids, scores.float() / TEMPERATURE)
        races = [torch.empty(scores.shape[1]).exponential_(generator=one) for one in self.generators]
        return scores - torch.stack(races).to(scores.device).log()


def continued(
    folder: Path, texts: Sequence[str], *, seed: int, tokens: int, batch_size: int, device: str, dtype: str
) -> list[str]:
    """What the model writes after each text: at most `tokens` tokens, up to its end-of-text, special tokens left out.

    Raises ValueError for a text that leaves no room in the model's context, or for weights that are not finite.
    """
    lm = load_lm(folder, device=device, dtype=dtype, batch_size=batch_size)
    prompts = [lm.tokenizer(text).input_ids for text in texts]
    for text, prompt in zip(texts, prompts, strict=True):
        if len(prompt) + tokens > lm.max_length:
            raise ValueError(
                f"{len(prompt)} tokens of prompt and {tokens} of continuation exceed the {lm.max_length} of "
                f"{folder.name}; leave out the prompt that begins {text[:60]!r}"
            )
    order = sorted(range(len(texts)), key=lambda i: (len(prompts[i]), i))  # equal lengths need no padding
    found = {}
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        seeds = [_seed(texts[row], row, seed) for row in rows]
        found |= dict(zip(rows, _generate(lm, [prompts[row] for row in rows], seeds, tokens), strict=True))
    return [found[row] for row in range(len(texts))]


def _seed(text: str, place: int, seed: int) -> int:
    digest = hashlib.sha256(f"{seed}/{place}/{text}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


@torch.inference_mode()
def _generate(lm: FolderLM, prompts: list[list[int]], seeds: list[int], tokens: int) -> list[str]:
    batch = lm.tokenizer.pad({"input_ids": prompts}, padding_side="left", return_tensors="pt").to(lm.model.device)
    output = lm.model.generate(
        **batch, max_new_tokens=tokens, do_sample=False, logits_processor=[_OwnStreams(seeds)],
        eos_token_id=lm.tokenizer.all_special_ids, pad_token_id=lm.tokenizer.pad_token_id,
    )  # fmt: skip
    return lm.tokenizer.batch_decode(output[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
