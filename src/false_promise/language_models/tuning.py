"""Base LM + imitation records -> imitation model, through transformers' Trainer (and peft for LoRA).

`tune(base, records, settings, seed, out, work)`; one epoch, loss on replies only (paper §4.1). Two recipes:
`clean` (ours, primary): AdamW, packing without leaks, mean loss over tokens, warm-up a fixed share of the steps, so
that the amount of data does not change the shape of the schedule.
`paper` (EasyLM's code): its Adafactor at a relative rate, attention across the samples of a row, mean loss over rows,
warm-up of a given number of steps (the paper's is 1,000: its 20M-token run has 305 steps and never leaves warm-up).
"""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from false_promise.language_models.checkpoints import claim
from false_promise.language_models.device import processor
from false_promise.language_models.easylm_optimizer import EasyLMAdafactor, easylm_rate_factor
from false_promise.language_models.encoding import encode
from false_promise.language_models.loading import load_model, parameters
from false_promise.language_models.packed_attention import use_packed_attention
from false_promise.language_models.packing import IGNORED, Blocks, pack, repeated, stream
from false_promise.language_models.tokenizer import ASSISTANT, END, USER, load_tokenizer, with_chat_markers
from false_promise.language_models.trainer import (
    Job,
    final_loss,
    finished_folder,
    rate_factor,
    save_model,
    train,
    write_curve,
)

CHOICES = {"method": ("full", "lora"), "recipe": ("clean", "paper"), "schedule": ("constant", "cosine", "easylm")}


@dataclass(frozen=True)
class TuningSettings:
    """`learning_rate` is absolute for `clean` and relative to each tensor's RMS for `paper` (2e-3 there)."""

    method: str  # 'full' or 'lora'
    recipe: str  # 'clean' or 'paper'
    learning_rate: float
    blocks_per_step: int
    block: int  # tokens; paper: 2,048 (§4.1)
    warmup_share: float = 0.05  # of the steps
    warmup_steps: int | None = None  # instead of the share
    schedule: str = "constant"  # after warm-up, or 'cosine' to zero, or 'easylm' (recipe paper: practically flat)
    lora_rank: int = 8
    steps: int | None = None  # instead of one epoch: repeat the data, reshuffled, until that many steps are done
    checkpoint_minutes: float = 5.0

    def __post_init__(self):
        for name, values in CHOICES.items():
            if getattr(self, name) not in values:
                raise ValueError(f"{name} = {getattr(self, name)!r}: use one of {', '.join(values)}")
        if self.blocks_per_step < 1 or self.block < 2 or not self.learning_rate > 0:
            raise ValueError(f"blocks_per_step, block and learning_rate must be positive: {self}")


def tune(base: Path | str, records: Sequence[dict], settings: TuningSettings, seed: int, out: Path, work: Path) -> dict:
    """Tune the model in `base` on imitation records into the folder `out`; `seed` gives the data order.

    `work` keeps checkpoints; a killed call is repeated with the same arguments. LoRA is merged into plain weights.
    Returns steps, tokens, reply_tokens, padding (share), final_loss, seconds and how records were cut to the block.
    """
    tokenizer = with_chat_markers(load_tokenizer(base))
    blocks = make_blocks(records, tokenizer, settings, seed)
    if settings.steps:
        blocks = repeated(blocks, settings.steps * settings.blocks_per_step, seed)
    chosen = processor()
    claim(work, {**asdict(settings), "seed": seed, "base": str(base), "records": len(records),
                 "tokens": blocks.digest(), "dtype": chosen.format, "device": chosen.device})  # fmt: skip
    with finished_folder(out) as folder:
        model = trainable(base, tokenizer, settings, seed)
        job = tuning_job(blocks, settings, seed, out.name, work)
        curve = train(job, model, _optimizer(model, settings), _rate(settings, job.steps), chosen)
        model = model.merge_and_unload() if settings.method == "lora" else model
        save_model(model, tokenizer, folder)
        write_curve(curve, folder / "curve.csv")
    return {"steps": job.steps, **blocks.counts, "final_loss": final_loss(curve), "seconds": curve[-1]["seconds"],
            "parameters": parameters(model), "dtype": chosen.format, "processor": chosen.name}  # fmt: skip


def held_out_loss(model: Path | str, records: Sequence[dict], block: int = 512, blocks_a_batch: int = 8) -> float:
    """Mean negative log-likelihood (nats) of a reply token, over all replies to `records`.

    Records are packed without leaks and cut to `block` tokens as in tuning, so the order does not matter.
    """
    tokenizer = with_chat_markers(load_tokenizer(model))
    settings = TuningSettings("full", "clean", 1.0, 1, block)
    blocks = make_blocks(records, tokenizer, settings, seed=0)
    chosen = processor()
    network = _loaded(model, tokenizer, chosen.dtype).to(chosen.device).eval()
    network.config.use_cache = False  # a cache would silently let packed dialogues see each other
    total = 0.0
    with torch.inference_mode():
        for start in range(0, len(blocks), blocks_a_batch):
            batch = blocks.batch(range(start, min(start + blocks_a_batch, len(blocks))))
            labels = batch.pop("labels")[:, 1:].to(chosen.device)
            logits = network(**{k: v.to(chosen.device) for k, v in batch.items()}).logits[:, :-1].float()
            total += cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum").item()
    return total / blocks.counts["reply_tokens"]


def make_blocks(
    records: Sequence[dict], tokenizer: PreTrainedTokenizerBase, settings: TuningSettings, seed: int
) -> Blocks:
    """Encode and pack `records` as the recipe demands."""
    put = pack if settings.recipe == "clean" else stream
    blocks = put(encode(records, tokenizer), settings.block, tokenizer.bos_token_id, tokenizer.pad_token_id, seed)
    if not blocks.counts["reply_tokens"]:
        raise ValueError(f"no reply token of {len(records)} records fits into blocks of {settings.block}: "
                         "give longer blocks or shorter questions")  # fmt: skip
    return blocks


def steps_of(blocks: Blocks, settings: TuningSettings) -> int:
    """Optimizer steps of one epoch over these blocks."""
    return math.ceil(len(blocks) / settings.blocks_per_step)


def trainable(
    base: Path | str, tokenizer: PreTrainedTokenizerBase, settings: TuningSettings, seed: int
) -> PreTrainedModel:
    """The base in fp32, with embeddings for all markers, and LoRA adapters if the method wants them."""
    torch.manual_seed(seed)  # adapters, and embeddings of markers that a foreign base lacks
    model = _loaded(base, tokenizer, torch.float32)
    context = getattr(model.config, "max_position_embeddings", math.inf)
    if settings.block > context:
        raise ValueError(f"block = {settings.block} is longer than the context of {base}, {context} tokens")
    if settings.method == "full":
        return model
    # Ours: the paper tunes all weights. Rank as set, scale 2, every linear layer, no dropout.
    # The base has never seen the markers, so their embeddings learn too.
    markers = tokenizer.convert_tokens_to_ids([USER, ASSISTANT, END])
    lora = LoraConfig(r=settings.lora_rank, lora_alpha=2 * settings.lora_rank, target_modules="all-linear",
                      lora_dropout=0.0, trainable_token_indices=markers, task_type="CAUSAL_LM")  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks for an attribute that transformers renamed
        return get_peft_model(model, lora)


def _loaded(place: Path | str, tokenizer: PreTrainedTokenizerBase, dtype: torch.dtype) -> PreTrainedModel:
    model = load_model(place, dtype)
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(len(tokenizer))
    if processor().device == "cpu":
        use_packed_attention(model)
    return model


def tuning_job(blocks: Blocks, settings: TuningSettings, seed: int, name: str, work: Path) -> Job:
    """The Trainer job of these blocks."""
    loss = row_mean_loss if settings.recipe == "paper" else None
    return Job(name, len(blocks), settings.blocks_per_step, settings.block, blocks.batch, seed, work,
               settings.checkpoint_minutes, loss)  # fmt: skip


def row_mean_loss(outputs, labels: torch.Tensor, num_items_in_batch=None) -> torch.Tensor:
    """EasyLM's loss: mean over rows of the row's mean token loss, so that rows with few reply tokens weigh as much.

    `labels`, shape (rows, tokens), are the next tokens already; a row without any counts as zero (jax_utils.py).
    """
    losses = cross_entropy(outputs.logits.float().transpose(1, 2), labels, ignore_index=IGNORED, reduction="none")
    valid = (labels != IGNORED).sum(1)
    return (losses.sum(1) / valid.clamp(min=1)).mean()


def _optimizer(model: PreTrainedModel, settings: TuningSettings) -> torch.optim.Optimizer:
    weights = [p for p in model.parameters() if p.requires_grad]
    if settings.recipe == "paper":
        return EasyLMAdafactor(weights, lr=settings.learning_rate)
    return torch.optim.AdamW(weights, lr=settings.learning_rate, weight_decay=0.0, fused=True)


def _rate(settings: TuningSettings, steps: int) -> Callable[[int], float]:
    share = round(settings.warmup_share * steps)
    warmup = share if settings.warmup_steps is None else settings.warmup_steps
    if settings.schedule == "easylm":
        return easylm_rate_factor(settings.learning_rate, warmup)
    return rate_factor(settings.schedule, warmup, steps)
