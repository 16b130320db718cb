"""Speed of pre-training for several shapes and block lengths, taking turns in one run.

    python benchmarks/pretraining.py [--shapes 256x8x4x688 320x5x5x832] [--tokens 4096] [--repeats 5]

A shape is hidden x layers x heads x intermediate, by default those of scale `thousandth`; the vocabulary has 2,048
entries. Each step goes through the package's own Trainer. Read the ratios to the first line: the tokens a second of a
shared machine drift. About two minutes.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from transformers import PreTrainedModel

from false_promise.language_models.device import processor
from false_promise.language_models.loading import parameters
from false_promise.language_models.pretraining import Architecture, _bf16_stream, _initialised
from false_promise.language_models.trainer import Job, make_trainer, rate_factor
from false_promise.scales import load_scale

STEPS = 2  # a turn


class Vocabulary:
    """What initialisation asks of a tokenizer: its length and marker ids."""

    pad_token_id, bos_token_id, eos_token_id = 0, 1, 2

    def __len__(self) -> int:
        return 2048


def default_shapes() -> list[str]:
    shapes = [size.shape for size in load_scale("thousandth").base_sizes]
    return [f"{shape.hidden}x{shape.layers}x{shape.heads}x{shape.intermediate}" for shape in shapes]


def model_of(shape: str) -> PreTrainedModel:
    hidden, layers, heads, intermediate = map(int, shape.split("x"))
    architecture = Architecture(hidden, layers, heads, intermediate, context=512)
    model = _initialised(architecture, Vocabulary(), seed=0)
    if processor().bf16:
        _bf16_stream(model)
    return model


def tokens_a_second(model: PreTrainedModel, block: int, tokens: int, work: Path) -> float:
    rows = np.random.default_rng(0).integers(5, 2048, (STEPS * tokens // block, block))

    def collate(indices):
        batch = torch.from_numpy(rows[list(indices)])
        return {"input_ids": batch, "labels": batch}

    job = Job("benchmark", len(rows), tokens // block, block, collate, 0, work, checkpoint_minutes=60)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    trainer = make_trainer(job, model, optimizer, rate_factor("constant", 0, 1), processor())
    start = time.perf_counter()
    trainer.train()
    return STEPS * tokens / (time.perf_counter() - start)


def measure(shapes: list[str], tokens: int, repeats: int, work: Path) -> None:
    models = {shape: model_of(shape) for shape in shapes}
    speeds = {(shape, block): [] for block in (512, 256) for shape in shapes}
    for _ in range(repeats + 1):
        for shape, block in speeds:
            speeds[shape, block].append(tokens_a_second(models[shape], block, tokens, work))
    first = next(iter(speeds.values()))
    for (shape, block), found in speeds.items():
        ratio = statistics.median(a / b for a, b in zip(found[1:], first[1:], strict=True))  # the first turn warms up
        print(f"{shape}: {parameters(models[shape]):,} parameters, blocks of {block}: "
              f"{statistics.median(found[1:]):,.0f} tokens/s, {ratio:.2f} of the first line")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", nargs="+", default=default_shapes())
    parser.add_argument("--tokens", type=int, default=4096, help="a step")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(options.shapes, options.tokens, options.repeats, Path(folder))
