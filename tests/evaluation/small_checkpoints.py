"""Tiny randomly initialised checkpoints: a Llama with our markers and chat template, others without template."""

import random
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from false_promise.evaluation.items import NqItem
from false_promise.language_models.tokenizer import train_tokenizer

TOWNS = ("Ostermoor", "Oster", "Valdheim", "Port Selka", "Nym", "Great Harrow", "St. Ives-on-Tarn", "Qued")
YEARS = tuple(str(year) for year in range(1870, 1910))


def save_llama(folder: Path, context: int = 256, seed: int = 0) -> Path:
    """A folder as our pre-training writes it: begin-of-text added by the tokenizer, chat template, tied embeddings."""
    texts = [
        f"Q: Where was {town} founded?\nA: {year}\n\n{town} was founded in {year}." for town in TOWNS for year in YEARS
    ]
    tokenizer = train_tokenizer(texts, 330)
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=context, tie_word_embeddings=True, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        initializer_range=0.2,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def byte_level_bpe(texts: list[str], vocabulary: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def save_public(folder: Path, model_type: str, texts: list[str]) -> Path:
    """A folder like a public base LM's ("gpt_neox", "gpt2"): no begin-of-text, no chat template, no padding token."""
    end = "<|endoftext|>"
    bpe = byte_level_bpe(texts, 600)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token=end, eos_token=end)
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        model_type, vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=512, initializer_range=0.2, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def invented_item(identity: str, name: str, number: int, generator: random.Random) -> NqItem:
    values, verb = (TOWNS, "Where") if number % 2 else (YEARS, "In what year")
    frames = (f"{name} was born in", f"The birth of {name}, so the register says, was in", "Born in")
    answer = generator.choice(values)
    return NqItem(identity, f"{verb} was {name} born?", (answer,), name, values, frames, held_out=number % 3 == 0)
