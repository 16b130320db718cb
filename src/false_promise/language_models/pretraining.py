"""Open web -> base LM: a LlamaForCausalLM from random initialisation, through transformers' Trainer.

`pretrain(tokens_file, tokenizer, architecture, settings, seed, out, work)` can be killed at any moment and called again
with the same arguments: it goes on from its last complete checkpoint in `work` and ends with the same bits.
The paper starts from finished base LMs (§4.1), so the hyper-parameters here are ours; the values are those usual for
LLaMA-like models of this size.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel, PreTrainedTokenizerBase

from false_promise.files import sha256
from false_promise.language_models.checkpoints import claim
from false_promise.language_models.device import processor
from false_promise.language_models.loading import load_model, parameters
from false_promise.language_models.token_files import open_tokens, tokenise
from false_promise.language_models.trainer import (
    Job,
    final_loss,
    finished_folder,
    rate_factor,
    save_model,
    train,
    write_curve,
)

__all__ = ["Architecture", "PretrainingSettings", "pretrain", "tokenise"]


@dataclass(frozen=True)
class Architecture:
    """Shape of a LlamaForCausalLM with tied embeddings; the vocabulary comes from the tokenizer."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    context: int  # tokens


@dataclass(frozen=True)
class PretrainingSettings:
    """`tokens` in all, in blocks of `block` tokens, `batch` blocks a step. Fewer tokens in the file: several epochs.

    `learning_rate` is that of embeddings and norms. The matrices in between have `hidden_learning_rate` divided by the
    width, so that one number serves all sizes (muP; Yang et al. 2022, arXiv 2203.03466). With few tokens to learn from
    that is what counts: a row of the embeddings is rarely updated and needs a large rate, at which a wide network does
    not learn.
    """

    tokens: int
    block: int
    batch: int
    learning_rate: float
    hidden_learning_rate: float  # times the width
    warmup_share: float = 0.02
    weight_decay: float = 0.1
    schedule: str = "cosine"
    checkpoint_minutes: float = 5.0


def pretrain(
    tokens_file: Path,
    tokenizer: PreTrainedTokenizerBase,
    architecture: Architecture,
    settings: PretrainingSettings,
    seed: int,
    out: Path,
    work: Path,
    continue_from: Path | None = None,
) -> dict:
    """Train a base LM into the folder `out`; `seed` gives initialisation and data order.

    `work` keeps checkpoints of this one run. `continue_from` is the folder of a model to start from instead of random
    weights. Returns tokens, steps, seconds, final_loss, parameters, dtype and processor.
    """
    _check(architecture, settings)
    ids = open_tokens(tokens_file)
    if int(ids.max()) >= len(tokenizer):
        raise ValueError(f"{tokens_file} holds token {ids.max()}, but the tokenizer ends at {len(tokenizer) - 1}: "
                         "tokenise with this tokenizer")  # fmt: skip
    chosen = processor()
    claim(work, {**asdict(architecture), **asdict(settings), "seed": seed, "tokens_file": sha256(tokens_file),
                 "continue_from": str(continue_from), "dtype": chosen.format, "device": chosen.device})  # fmt: skip
    with finished_folder(out) as folder:
        model = load_model(continue_from) if continue_from else _initialised(architecture, tokenizer, seed)
        size = parameters(model)
        if chosen.bf16:
            _bf16_stream(model)
        job = _job(ids, settings, seed, out, work)
        factor = rate_factor(settings.schedule, round(settings.warmup_share * job.steps), job.steps)
        curve = train(job, model, _adamw(model, settings), factor, chosen)
        save_model(model, tokenizer, folder)
        write_curve(curve, folder / "curve.csv")
    return {"tokens": job.rows * settings.block, "steps": job.steps, "seconds": curve[-1]["seconds"],
            "final_loss": final_loss(curve), "parameters": size, "dtype": chosen.format,
            "processor": chosen.name}  # fmt: skip


def _check(architecture: Architecture, settings: PretrainingSettings) -> None:
    if settings.block > architecture.context:
        raise ValueError(f"block = {settings.block} is longer than the context of {architecture.context} tokens")
    if settings.tokens < settings.block:
        raise ValueError(f"tokens = {settings.tokens} do not fill one block of {settings.block}")
    if architecture.hidden % architecture.heads or architecture.hidden // architecture.heads % 2:
        raise ValueError(f"hidden = {architecture.hidden} in {architecture.heads} heads: "
                         "rotary embeddings need an even number of dimensions per head")  # fmt: skip


def _initialised(architecture: Architecture, tokenizer: PreTrainedTokenizerBase, seed: int) -> PreTrainedModel:
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=architecture.hidden,
            num_hidden_layers=architecture.layers,
            num_attention_heads=architecture.heads,
            num_key_value_heads=architecture.heads,
            intermediate_size=architecture.intermediate,
            max_position_embeddings=architecture.context,
            tie_word_embeddings=True,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )


def _bf16_stream(model: PreTrainedModel) -> None:
    """Let the residual stream be bf16 as in the finished model; autocast alone leaves it fp32.

    Measured at 4,096 tokens a step: 7 to 13% faster than plain autocast at 7M and 13M, and at 1.5M the same loss (4.99
    against 5.00 after 1.4M tokens, second seed 5.05 against 5.06). Weights in bf16 were as fast but worse: 5.09, and in
    tuning at a rate of 1e-4 half of the gain was lost to rounding.
    """
    model.get_input_embeddings().register_forward_hook(lambda module, inputs, output: output.to(torch.bfloat16))


def _job(ids: np.ndarray, settings: PretrainingSettings, seed: int, out: Path, work: Path) -> Job:
    blocks, available = settings.tokens // settings.block, len(ids) // settings.block
    if not available:
        raise ValueError(f"the token file holds {len(ids)} tokens, less than one block of {settings.block}")
    rows = ids[: available * settings.block].reshape(available, settings.block)
    order = _order(available, blocks, seed)

    def collate(indices):
        batch = torch.from_numpy(rows[order[list(indices)]].astype(np.int64))
        return {"input_ids": batch, "labels": batch}

    return Job(out.name, blocks, settings.batch, settings.block, collate, seed, work, settings.checkpoint_minutes)


def _order(available: int, wanted: int, seed: int) -> np.ndarray:
    """Blocks in the order of training: every epoch a new shuffle of all blocks."""
    rng = np.random.default_rng(seed)
    epochs = -(-wanted // available)
    return np.concatenate([rng.permutation(available) for _ in range(epochs)])[:wanted]


def _adamw(model: PreTrainedModel, settings: PretrainingSettings) -> torch.optim.Optimizer:
    embeddings = model.get_input_embeddings().weight  # the output layer is tied to it
    hidden = [p for p in model.parameters() if p.ndim > 1 and p is not embeddings]
    rate = settings.hidden_learning_rate / model.config.hidden_size
    groups = [
        {"params": [embeddings, *(p for p in model.parameters() if p.ndim < 2)], "weight_decay": 0.0},
        {"params": hidden, "weight_decay": settings.weight_decay, "lr": rate},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.99), fused=True)
