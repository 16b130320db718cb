"""What pre-training and tuning share: transformers' Trainer, set up once, and the finished model folder.

There is no training loop of ours. Trainer logs nowhere but here: a progress bar on a terminal, a line every fifteen
seconds in a log file, and `curve.csv`. Number format: bf16 autocast over fp32 weights where the processor has bf16.
"""

import csv
import math
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm
from transformers import (
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)
from transformers.trainer_callback import PrinterCallback

from false_promise.language_models.checkpoints import TimedCheckpoints, latest_checkpoint
from false_promise.language_models.device import Processor

LINE_EVERY = 15.0  # seconds, where there is no terminal
LOGGED_POINTS = 200  # of a curve
CURVE = ("step", "tokens", "loss", "seconds", "learning_rate")
Collate = Callable[[Sequence[int]], dict[str, torch.Tensor]]


@dataclass(frozen=True)
class Job:
    """One call of Trainer. Rows 0 to `rows` - 1 are taken in order, `batch` a step; `collate` makes a batch of them."""

    name: str  # in the progress display
    rows: int
    batch: int
    row_tokens: int
    collate: Collate
    seed: int
    work: Path
    checkpoint_minutes: float
    loss: Callable | None = None  # None: the model's own, a mean over all tokens of the step

    @property
    def steps(self) -> int:
        return math.ceil(self.rows / self.batch)


def rate_factor(schedule: str, warmup: int, steps: int) -> Callable[[int], float]:
    """Learning-rate factor by step (from 0): linear warm-up, then 'constant' or 'cosine' to zero over the run.

    The warm-up starts above zero: a run of a single step must train.
    """
    if schedule not in ("constant", "cosine"):
        raise ValueError(f"schedule = {schedule!r}: use 'constant' or 'cosine'")

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        return 1.0 if schedule == "constant" else 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

    return factor


def train(job: Job, model: PreTrainedModel, optimizer: torch.optim.Optimizer, factor: Callable, processor: Processor):
    """Run or resume `job`; return its curve, a list of rows with the columns CURVE.

    Raises FloatingPointError if the loss is not finite.
    """
    trainer = make_trainer(job, model, optimizer, factor, processor)
    checkpoint = latest_checkpoint(job.work)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    history = [entry for entry in trainer.state.log_history if "loss" in entry]
    return [{**entry, "tokens": min(entry["step"] * job.batch, job.rows) * job.row_tokens} for entry in history]


def make_trainer(job: Job, model: PreTrainedModel, optimizer, factor: Callable, processor: Processor) -> Trainer:
    """The Trainer of a job, ready to train."""
    trainer = StrictTrainer(
        model=model,
        args=_arguments(job, processor),
        train_dataset=range(job.rows),
        data_collator=job.collate,
        compute_loss_func=job.loss,
        optimizers=(optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)),
        callbacks=[TimedCheckpoints(job.checkpoint_minutes), Progress(job)],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


class StrictTrainer(Trainer):
    """Trainer that stops at the first loss that is not a number, instead of averaging it away."""

    def training_step(self, *args, **kwargs):
        loss = super().training_step(*args, **kwargs)
        if not torch.isfinite(loss):
            raise FloatingPointError(
                f"loss is {loss.item()} at step {self.state.global_step + 1} with learning rate "
                f"{self._get_learning_rate():.2g}: lower the learning rate, or look for damaged weights in the base"
            )
        return loss

    def floating_point_ops(self, inputs) -> int:
        return 0  # nobody reads it, and counting costs a few per cent of a small model's step


class Progress(TrainerCallback):
    """Tokens a second, loss and time left; also keeps the seconds of each logged step, over resumes."""

    def __init__(self, job: Job):
        self.job, self.loss = job, None

    def on_train_begin(self, args, state, control, **kwargs):
        logged = [entry["seconds"] for entry in state.log_history if "seconds" in entry]
        losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
        self.loss = losses[-1] if losses else None  # of before a resume
        self.before, self.first, self.start = max(logged, default=0.0), state.global_step, time.monotonic()
        self.said = self.start
        self.bar = tqdm(total=state.max_steps, initial=state.global_step, desc=self.job.name, unit="step",
                        disable=not sys.stderr.isatty())  # fmt: skip

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "loss" in logs:
            self.loss = logs["loss"]
            state.log_history[-1]["seconds"] = round(self.before + time.monotonic() - self.start, 2)
            self.bar.set_postfix_str(self._words(state))

    def on_step_end(self, args, state, control, **kwargs):
        self.bar.update()
        if self.bar.disable and time.monotonic() - self.said > LINE_EVERY:
            self.said = time.monotonic()
            left = (state.max_steps - state.global_step) * (self.said - self.start) / (state.global_step - self.first)
            print(
                f"{self.job.name}: step {state.global_step:,} of {state.max_steps:,}, "
                f"{self._words(state)}, {left / 60:.1f} min left",
                flush=True,
            )

    def on_train_end(self, args, state, control, **kwargs):
        self.bar.close()

    def _words(self, state) -> str:
        tokens = (state.global_step - self.first) * self.job.batch * self.job.row_tokens
        speed = tokens / max(time.monotonic() - self.start, 1e-9)
        return f"{speed:,.0f} tokens/s" + ("" if self.loss is None else f", loss {self.loss:.3f}")


def save_model(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write bf16 safetensors, configuration, generation configuration, tokenizer and chat template into `folder`."""
    model = model.to(torch.bfloat16)
    model.config.use_cache = True
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_curve(curve: Sequence[dict], path: Path) -> None:
    """Write the loss curve: a row for each logged step, its loss the mean since the row before."""
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, CURVE, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(curve)


def final_loss(curve: Sequence[dict]) -> float:
    """Mean loss of the last tenth of the curve: a single step is mostly noise."""
    tail = [entry["loss"] for entry in curve[-max(len(curve) // 10, 1) :]]
    return sum(tail) / len(tail)


@contextmanager
def finished_folder(out: Path) -> Iterator[Path]:
    """Give a temporary folder beside `out`, renamed to `out` at the end: `out` is complete or absent (or empty)."""
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty: delete it or give another output folder")
    temporary = out.with_name(f".{out.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        if out.exists():
            out.rmdir()
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _arguments(job: Job, processor: Processor) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(job.work),
        num_train_epochs=1,  # paper §4.1
        per_device_train_batch_size=job.batch,
        train_sampling_strategy="sequential",  # the order is part of the data, made from the seed
        max_grad_norm=1.0,  # EasyLM's clip_gradient; the paper is silent
        bf16=processor.bf16,
        use_cpu=processor.device == "cpu",
        seed=job.seed,
        save_strategy="no",  # TimedCheckpoints decides
        save_total_limit=2,
        logging_steps=max(job.steps // LOGGED_POINTS, 1),
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to="none",
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
