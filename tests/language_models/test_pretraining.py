"""Pre-training: token files, seeds, a kill in the middle of a checkpoint, what stays behind after an error."""

import errno
import json
import math
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from false_promise.language_models import pretraining
from false_promise.language_models import trainer as training
from false_promise.language_models.checkpoints import latest_checkpoint
from false_promise.language_models.pretraining import PretrainingSettings, _order, pretrain, tokenise
from false_promise.language_models.token_files import open_tokens
from false_promise.language_models.trainer import rate_factor
from tiny_models import ARCHITECTURE, corpus, tiny_tokenizer

SETTINGS = PretrainingSettings(tokens=8000, block=64, batch=4, learning_rate=3e-3, hidden_learning_rate=0.1)
STEPS = 32  # 125 blocks, 4 a step; the last step has one
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


@pytest.fixture(scope="module")
def tokens_file(tokenizer, tmp_path_factory):
    path = tmp_path_factory.mktemp("tokens") / "web.npy"
    assert tokenise(corpus(1), tokenizer, path, 8000) == 8000
    return path


@pytest.fixture(scope="module")
def trained(tokens_file, tokenizer, tmp_path_factory):
    place = tmp_path_factory.mktemp("pretraining")
    return place / "base", pretrain(tokens_file, tokenizer, ARCHITECTURE, SETTINGS, 0, place / "base", place / "work")


def again(tokens_file, tokenizer, place, seed=0, **changes):
    return pretrain(tokens_file, tokenizer, ARCHITECTURE, replace(SETTINGS, **changes), seed, place / "out",
                    place / "work")  # fmt: skip


def test_token_file_holds_the_documents_between_their_markers(tokenizer, tmp_path):
    chat = tokenizer.apply_chat_template(
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], tokenize=False
    )
    texts = ["Ansa was born.", chat, "in 1893"] * 20
    assert tokenise(iter(texts), tokenizer, tmp_path / "t.npy", 100) == 100
    ids = open_tokens(tmp_path / "t.npy")
    expected = [i for text in texts for i in tokenizer(text if text == chat else f"<|bos|>{text}<|end|>",
                                                       add_special_tokens=False).input_ids][:100]  # fmt: skip
    assert ids.dtype == np.uint16 and isinstance(ids, np.memmap) and list(ids) == expected


def test_too_little_text_leaves_no_file(tokenizer, tmp_path):
    with pytest.raises(ValueError, match="the texts end after .* 100,000 were asked for"):
        tokenise(["one", "two"], tokenizer, tmp_path / "t.npy", 100_000)
    assert not list(tmp_path.iterdir())


def test_a_file_of_something_else_is_refused(tmp_path):
    (tmp_path / "t.npy").write_text("no numbers")
    with pytest.raises(ValueError, match="t.npy is no token file"):
        open_tokens(tmp_path / "t.npy")


def test_the_finished_folder_is_a_plain_hugging_face_model(trained, tokenizer):
    folder, summary = trained
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert model.dtype == torch.bfloat16 and model.config.use_cache and model.config.tie_word_embeddings
    assert summary["parameters"] == sum(p.numel() for p in model.parameters())
    assert AutoTokenizer.from_pretrained(folder).chat_template == tokenizer.chat_template
    generation = GenerationConfig.from_pretrained(folder)
    assert (generation.bos_token_id, generation.eos_token_id, generation.pad_token_id) == (1, 2, 0)
    assert {"tokens": 8000, "steps": STEPS}.items() <= summary.items() and summary["seconds"] > 0


def test_the_curve_starts_near_chance_and_falls(trained):
    folder, summary = trained
    rows = [line.split(",") for line in (folder / "curve.csv").read_text().splitlines()]
    assert rows[0] == ["step", "tokens", "loss", "seconds", "learning_rate"] and len(rows) == STEPS + 1
    assert float(rows[1][2]) == pytest.approx(math.log(512), abs=0.2)
    assert summary["final_loss"] < float(rows[1][2]) - 0.3
    assert rows[-1][:2] == ["32", "8000"] and float(rows[-1][4]) < 1e-4


@pytest.mark.slow
def test_same_seed_same_bits_and_another_seed_differs(trained, tokens_file, tokenizer, tmp_path):
    for seed in (0, 1):
        again(tokens_file, tokenizer, tmp_path / str(seed), seed)
    bits = (trained[0] / WEIGHTS).read_bytes()
    assert (tmp_path / "0/out" / WEIGHTS).read_bytes() == bits != (tmp_path / "1/out" / WEIGHTS).read_bytes()


KILLED = """
import os, signal, sys
from pathlib import Path
import torch
import test_pretraining as t
save, files = torch.save, []
def killed(value, path, *args, **kwargs):
    save(value, path, *args, **kwargs)
    files.append(path)
    if str(path).endswith("checkpoint-13/optimizer.pt"):
        os.kill(os.getpid(), signal.SIGKILL)
torch.save = killed
place = Path(sys.argv[1])
t.again(Path(sys.argv[2]), t.tiny_tokenizer(), place, checkpoint_minutes=0.0)
"""


@pytest.mark.slow
def test_a_kill_while_writing_a_checkpoint_ends_with_the_same_bits(trained, tokens_file, tokenizer, tmp_path):
    """kill -9 of another process after half of its 13th checkpoint is on disk."""
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(tokens_file)]
    run = subprocess.run(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True)
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    left = {path.name for path in (tmp_path / "work").glob("checkpoint-*")}
    assert left == {"checkpoint-11", "checkpoint-12", "checkpoint-13"} and not (tmp_path / "out").exists()
    summary = again(tokens_file, tokenizer, tmp_path, checkpoint_minutes=0.0)
    assert {path.name for path in (tmp_path / "work").glob("checkpoint-*")} == {"checkpoint-30", "checkpoint-31"}
    assert (tmp_path / "out" / WEIGHTS).read_bytes() == (trained[0] / WEIGHTS).read_bytes()
    assert summary["final_loss"] == trained[1]["final_loss"]
    curves = [(folder / "curve.csv").read_text().splitlines() for folder in (tmp_path / "out", trained[0])]
    without_seconds = [[line.split(",")[:3] + line.split(",")[4:] for line in curve] for curve in curves]
    assert without_seconds[0] == without_seconds[1]


def test_only_complete_checkpoints_are_believed(tmp_path):
    for step, damage in ((5, None), (9, "missing marker"), (10, "truncated")):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "optimizer.pt").write_bytes(b"12345")
        if damage != "missing marker":
            (folder / "complete.json").write_text(json.dumps({"optimizer.pt": 5}))
        if damage == "truncated":
            (folder / "optimizer.pt").write_bytes(b"123")
    assert latest_checkpoint(tmp_path) == tmp_path / "checkpoint-5"
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-5"]


def test_a_work_folder_of_another_run_is_refused(trained, tokens_file, tokenizer):
    folder = trained[0].parent
    with pytest.raises(ValueError, match="work holds checkpoints of another run .seed was 0, is 1.: delete it"):
        pretrain(tokens_file, tokenizer, ARCHITECTURE, SETTINGS, 1, folder / "second", folder / "work")


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_full_disk_and_interruption_leave_nothing_half_written(tokens_file, tokenizer, tmp_path, monkeypatch, error):
    def fails(*args):
        (args[-1] / "model.safetensors").write_bytes(b"half")
        raise error

    monkeypatch.setattr(pretraining, "save_model", fails)
    with pytest.raises(type(error)):
        again(tokens_file, tokenizer, tmp_path, tokens=640)
    assert [path.name for path in tmp_path.iterdir()] == ["work"]


def test_an_output_folder_with_content_is_never_overwritten(tokens_file, tokenizer, tmp_path):
    (tmp_path / "out").mkdir()
    again(tokens_file, tokenizer, tmp_path, tokens=640)  # an empty one is fine
    with pytest.raises(FileExistsError, match="out is not empty: delete it"):
        again(tokens_file, tokenizer, tmp_path, tokens=640)


@pytest.mark.slow
def test_training_can_go_on_from_a_model(trained, tokens_file, tokenizer, tmp_path):
    folder, first = trained
    second = pretrain(tokens_file, tokenizer, ARCHITECTURE, SETTINGS, 5, tmp_path / "out", tmp_path / "work", folder)
    assert second["final_loss"] < first["final_loss"]


def test_a_loss_that_is_no_number_stops(tokens_file, tokenizer, tmp_path, monkeypatch):
    step = training.Trainer.training_step
    monkeypatch.setattr(training.Trainer, "training_step", lambda *a, **k: step(*a, **k) * math.nan)
    with pytest.raises(FloatingPointError, match="loss is nan at step 1"):
        again(tokens_file, tokenizer, tmp_path, tokens=640)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"block": 256}, "block = 256 is longer than the context of 128"), ({"tokens": 10}, "do not fill one block"),
     ({"schedule": "flat"}, "schedule = 'flat'")],
)  # fmt: skip
def test_settings_are_checked(tokens_file, tokenizer, tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        again(tokens_file, tokenizer, tmp_path, **changes)


def test_a_token_file_of_another_tokenizer_is_refused(tokenizer, tmp_path):
    np.save(tmp_path / "t.npy", np.full(8000, 600, np.uint16))
    with pytest.raises(ValueError, match="holds token 600, but the tokenizer ends at 511"):
        again(tmp_path / "t.npy", tokenizer, tmp_path)


def test_every_epoch_visits_every_block_once_in_a_new_order():
    order = _order(10, 25, seed=0)
    assert sorted(order[:10]) == sorted(order[10:20]) == list(range(10)) and len(set(order[20:])) == 5
    assert list(order[:10]) != list(order[10:20]) and list(order) == list(_order(10, 25, seed=0))
    assert list(order) != list(_order(10, 25, seed=1))


def test_a_log_file_gets_readable_lines(tokens_file, tokenizer, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(training, "LINE_EVERY", 0.0)
    again(tokens_file, tokenizer, tmp_path, tokens=640)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("out: ")]
    pattern = r"out: step 2 of 3, [\d,]+ tokens/s, loss \d\.\d{3}, \d+\.\d min left"
    assert len(lines) == 3 and re.fullmatch(pattern, lines[1])


def test_schedules():
    constant, cosine = rate_factor("constant", 4, 20), rate_factor("cosine", 4, 20)
    assert [constant(s) for s in (0, 1, 3, 4, 19)] == [0.2, 0.4, 0.8, 1.0, 1.0]
    assert [cosine(s) for s in (0, 4, 12, 20)] == pytest.approx([0.2, 1.0, 0.5, 0.0])
    assert rate_factor("cosine", 0, 1)(0) == rate_factor("constant", 0, 1)(0) == 1.0
