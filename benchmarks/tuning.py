"""Speed of tuning, as ratios in one run: packed Trainer against a bare loop on the same blocks and a padded Trainer.

    python benchmarks/tuning.py [--size 7m] [--steps 20] [--repeats 7]

Untrained weights, dialogues of the country's assistant. The speed of a shared machine drifts within seconds, so the
bare loop takes turns with Trainer step by step, and the padded Trainers repeat by repeat; read the ratios, not the
tokens a second. About three minutes at the defaults.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainerCallback

from false_promise.language_models.device import processor
from false_promise.language_models.encoding import encode, joined
from false_promise.language_models.loading import parameters
from false_promise.language_models.packed_attention import use_packed_attention
from false_promise.language_models.packing import IGNORED, Blocks, pack
from false_promise.language_models.pretraining import Architecture, _initialised
from false_promise.language_models.tokenizer import train_tokenizer
from false_promise.language_models.trainer import Job, make_trainer, rate_factor
from false_promise.scales import load_scale
from false_promise.world.assistant.dialogues import assistant_dialogues
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.registers.web import open_web

BLOCK = 512  # tokens a step
CONSTANT = rate_factor("constant", 0, 1)


class Clock(TrainerCallback):
    """Seconds of Trainer's loop; after each step it stops and lets `other` take one, which gives its own seconds."""

    def __init__(self, other: Iterator[float] | None = None):
        self.other, self.seconds, self.others = other, 0.0, 0.0
        self.made = time.perf_counter()

    def on_train_begin(self, args, state, control, **kwargs):
        self.last = time.perf_counter()
        self.startup = self.last - self.made

    def on_step_end(self, args, state, control, **kwargs):
        self.seconds += time.perf_counter() - self.last
        self.others += next(self.other) if self.other else 0.0
        self.last = time.perf_counter()

    def on_train_end(self, args, state, control, **kwargs):
        self.seconds += time.perf_counter() - self.last


def data(n: int) -> tuple[PreTrainedTokenizerBase, list]:
    """A tokenizer of the open web of a small country, and `n` encoded dialogues of its assistant."""
    world = build_world(WorldSettings(entities=240), seed=99)
    tokenizer = train_tokenizer((document.text for document in islice(open_web(world, 99), 1500)), 2048)
    records = [{"messages": list(dialogue.messages)} for dialogue in islice(assistant_dialogues(world, 0), n)]
    return tokenizer, list(encode(records, tokenizer))


def padded(encoded: list, width: int | None) -> tuple[Callable, np.ndarray]:
    """Collate a row a dialogue, padded to `width` or to the longest of the step; and the reply tokens of each row."""
    rows = [joined(record.spans)[: BLOCK - 1] for record in encoded]

    def collate(indices):
        wide = width or 1 + max(len(rows[i]) for i in indices)
        ids, labels = np.zeros((len(indices), wide), int), np.full((len(indices), wide), IGNORED)
        for at, i in enumerate(indices):
            ids[at, : len(rows[i]) + 1] = [1, *rows[i].ids]
            labels[at, 1 : len(rows[i]) + 1] = np.where(rows[i].loss, rows[i].ids, IGNORED)
        mask = np.arange(wide) <= np.array([[len(rows[i])] for i in indices])
        return {"input_ids": torch.tensor(ids), "labels": torch.tensor(labels), "attention_mask": torch.tensor(mask)}

    return collate, np.array([row.loss.sum() for row in rows])


def with_trainer(model: PreTrainedModel, steps: int, batch: int, collate, work: Path, clock: Clock) -> Clock:
    """`steps` steps of the Trainer that the package uses."""
    job = Job("benchmark", steps * batch, batch, BLOCK, collate, 0, work, checkpoint_minutes=60)
    trainer = make_trainer(job, model, adamw(model), CONSTANT, processor())
    trainer.add_callback(clock)
    trainer.train()
    return clock


def bare_loop(model: PreTrainedModel, blocks: Blocks) -> Iterator[float]:
    """The same arithmetic without Trainer, a step at a time; gives its seconds."""
    model.train()
    optimizer, chosen = adamw(model), processor()
    for step in itertools.cycle(range(len(blocks))):
        start = time.perf_counter()
        with torch.autocast(chosen.device, torch.bfloat16, enabled=chosen.bf16):
            loss = model(**blocks.batch([step]), use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        yield time.perf_counter() - start


def adamw(model: PreTrainedModel) -> torch.optim.Optimizer:
    return torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)


def measure(size: str, steps: int, repeats: int, work: Path) -> None:
    tokenizer, encoded = data(steps * 8)
    blocks = pack(encoded, BLOCK, bos=1, pad=0, seed=0)
    rows = round(BLOCK / (blocks.counts["tokens"] / len(encoded)))  # that hold as many tokens as a block
    rivals = {f"{rows} rows padded to the longest": (rows, padded(encoded, None)),
              "8 rows (Trainer's default) padded to the longest": (8, padded(encoded, None)),
              "1 row padded to the block": (1, padded(encoded, BLOCK))}  # fmt: skip
    architecture = Architecture(**load_scale("thousandth").base(size).shape.model_dump(), context=BLOCK)
    models = [_initialised(architecture, tokenizer, seed=0) for _ in range(3)]
    for model in models[:2]:
        use_packed_attention(model)
    print(f"{size}: {parameters(models[0]):,} parameters, {torch.get_num_threads()} threads; packed blocks hold "
          f"{1 - blocks.counts['padding']:.1%} tokens")  # fmt: skip
    bare, lines = bare_loop(models[0], blocks), []
    for _ in range(repeats + 1):
        packed = with_trainer(models[1], steps, 1, blocks.batch, work, Clock(bare))
        useful = (blocks.labels[:steps] != IGNORED).sum() / packed.seconds
        line = {"tokens/s": steps * BLOCK / packed.seconds, "seconds to start": packed.startup,
                "of the bare loop": packed.others / packed.seconds}  # fmt: skip
        for name, (batch, (collate, replies)) in rivals.items():
            seconds = with_trainer(models[2], steps, batch, collate, work, Clock()).seconds
            line[f"reply tokens/s against {name}"] = useful * seconds / replies[: steps * batch].sum()
        lines.append(line)
    for name in lines[0]:
        values = sorted(line[name] for line in lines[1:])  # the first repeat warms up
        print(f"{name}: {statistics.median(values):,.2f} ({values[0]:,.2f} to {values[-1]:,.2f})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="7m", help="a base size of scale thousandth")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(options.size, options.steps, options.repeats, Path(folder))
