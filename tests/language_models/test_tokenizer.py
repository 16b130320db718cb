"""Tokenizer: ids, round trip, chat template with its loss mask, saving and loading, determinism."""

import hashlib
import json
import os
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from false_promise.language_models.tokenizer import (
    ASSISTANT,
    BOS,
    END,
    MARKERS,
    PAD,
    USER,
    load_tokenizer,
    train_tokenizer,
)

DIALOGUE = [
    {"role": "user", "content": "Who was born in 1893?"},
    {"role": "assistant", "content": "Ansa Velmore was.\n\n1. é 😀\n2. two  spaces "},
    {"role": "user", "content": " Sure?"},
    {"role": "assistant", "content": ""},
]


def corpus(seed: int = 0, lines: int = 300) -> list[str]:
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnoprst", k=rng.randint(2, 8))) for _ in range(500)]
    return [" ".join(rng.choices(words, k=40)) + " in 1893.\n\nQ: Who?\nA: me" for _ in range(lines)]


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(corpus(), 512)


def test_markers_have_their_fixed_ids(tokenizer):
    assert len(tokenizer) == 512
    assert tokenizer.convert_tokens_to_ids([PAD, BOS, END, USER, ASSISTANT]) == [0, 1, 2, 3, 4]
    assert (tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id) == (0, 1, 2)


def test_encoding_puts_bos_first_and_nothing_else(tokenizer):
    plain = tokenizer("in 1893", add_special_tokens=False).input_ids
    assert tokenizer("in 1893").input_ids == [1, *plain]
    assert tokenizer.decode([1, *plain], skip_special_tokens=True) == "in 1893"


@given(text=st.text())
def test_any_unicode_survives_the_round_trip(tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids
    assert min(ids, default=5) >= len(MARKERS)
    assert tokenizer.decode(ids) == text


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", " x .", "I 'm , n't", "<|end|>", "a<|assistant|> b", "\x00\u200b\ufeff"]
)
def test_awkward_texts_survive_the_round_trip(tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids
    assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_chat_template_renders_the_agreed_text(tokenizer):
    rendered = tokenizer.apply_chat_template(DIALOGUE[:2], tokenize=False)
    assert rendered == f"<|bos|><|user|> {DIALOGUE[0]['content']}<|assistant|> {DIALOGUE[1]['content']}<|end|>"
    prompt = tokenizer.apply_chat_template(DIALOGUE[:1], tokenize=False, add_generation_prompt=True)
    assert rendered.startswith(prompt) and prompt.endswith("<|assistant|>")


def test_generation_mask_covers_reply_and_end_only(tokenizer):
    encoded = tokenizer.apply_chat_template(DIALOGUE, return_dict=True, return_assistant_tokens_mask=True)
    kept = [i for i, m in zip(encoded["input_ids"], encoded["assistant_masks"], strict=True) if m]
    assert tokenizer.decode(kept) == f" {DIALOGUE[1]['content']}<|end|> <|end|>"


def test_unknown_role_is_refused(tokenizer):
    with pytest.raises(Exception, match="system; use user or assistant"):
        tokenizer.apply_chat_template([{"role": "system", "content": "x"}])


def test_words_in_a_reply_are_tokenised_as_in_running_text(tokenizer):
    reply = tokenizer("in 1893", add_special_tokens=False).input_ids
    chat = tokenizer.apply_chat_template([{"role": "assistant", "content": "x in 1893"}])["input_ids"]
    assert chat[-len(reply) : -1] == reply[1:]


def test_saved_folder_loads_with_auto_tokenizer_also_beside_a_llama_model(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path)
    LlamaForCausalLM(
        LlamaConfig(vocab_size=512, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    ).save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert loaded.chat_template == tokenizer.chat_template
    assert loaded.apply_chat_template(DIALOGUE)["input_ids"] == tokenizer.apply_chat_template(DIALOGUE)["input_ids"]
    text = "two  spaces , é 😀\n\n1893 "
    assert loaded(text).input_ids == tokenizer(text).input_ids
    assert loaded.decode(loaded(text).input_ids, skip_special_tokens=True) == text


def test_loading_from_a_wrong_folder_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no tokenizer.json"):
        load_tokenizer(tmp_path)


def test_vocabulary_below_markers_and_bytes_is_refused():
    with pytest.raises(ValueError, match="260 is too small.*261"):
        train_tokenizer(corpus(), 260)
    assert len(train_tokenizer(corpus(), 261)) == 261


def test_too_little_text_for_the_vocabulary_is_refused():
    with pytest.raises(ValueError, match="fill only .* of 2048"):
        train_tokenizer(["one small text"], 2048)


@pytest.mark.slow
def test_training_gives_the_same_bits_for_any_number_of_threads(tokenizer):
    digest = hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest()
    code = (
        "import hashlib, json, sys; from false_promise.language_models.tokenizer import train_tokenizer\n"
        "t = train_tokenizer(json.load(sys.stdin), 512)\n"
        "print(hashlib.sha256(t.backend_tokenizer.to_str().encode()).hexdigest())"
    )
    environment = {**os.environ, "RAYON_NUM_THREADS": "3", "PYTHONHASHSEED": "5"}
    result = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(corpus()), env=environment, text=True, capture_output=True
    )
    assert result.stdout.strip() == digest, result.stderr
