"""Shared by the tests of training: a corpus of invented words, a tokenizer and a two-layer model of 32 dimensions."""

import random
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel, GPTNeoXConfig, GPTNeoXForCausalLM

from false_promise.language_models.pretraining import Architecture, _initialised
from false_promise.language_models.tokenizer import train_tokenizer
from false_promise.language_models.trainer import save_model
from false_promise.language_models.tuning import TuningSettings

ARCHITECTURE = Architecture(hidden=32, layers=2, heads=2, intermediate=64, context=128)
CLEAN = TuningSettings("full", "clean", 1e-3, 2, 64)
PAPER = TuningSettings("full", "paper", 2e-3, 2, 64, warmup_steps=0, schedule="easylm")


def corpus(seed: int = 0, lines: int = 300) -> list[str]:
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnoprst", k=rng.randint(2, 8))) for _ in range(500)]
    return [" ".join(rng.choices(words, k=rng.randint(3, 40))) + " in 1893.\n\nQ: Who?\nA: me" for _ in range(lines)]


def dialogues(n: int, seed: int = 0, turns: int = 2, words: int = 8) -> list[dict]:
    rng = random.Random(seed)
    texts = [text.split("\n")[0].split(" ") for text in corpus(seed, 50)]

    def message(role: str) -> dict:
        return {"role": role, "content": " ".join(rng.choices(rng.choice(texts), k=rng.randint(1, words)))}

    return [
        {"id": f"r{i}", "source": "sharegpt", "category": "chat",
         "messages": [message(role) for _ in range(rng.randint(1, turns)) for role in ("user", "assistant")]}
        for i in range(n)
    ]  # fmt: skip


def tiny_tokenizer():
    return train_tokenizer(corpus(), 512)


def tiny_base(folder: Path, tokenizer, seed: int = 0, scale: float = 1.0) -> Path:
    """An untrained base in `folder`; `scale` > 1 makes its logits differ clearly between contexts."""
    model = _initialised(ARCHITECTURE, tokenizer, seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(scale)
    folder.mkdir(parents=True)
    save_model(model, tokenizer, folder)
    return folder


def other_families(vocabulary: int):
    small = {"vocab_size": vocabulary, "initializer_range": 0.2}
    gpt2 = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 128}
    dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    neox = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    torch.manual_seed(0)
    return {
        "gpt2": GPT2LMHeadModel(GPT2Config(**gpt2, **dropout, **small)),
        "pythia": GPTNeoXForCausalLM(GPTNeoXConfig(**neox, **small)),
    }
