"""Tuning through Trainer: both recipes, LoRA, seeds, resuming, foreign bases, clear errors. Leaks: test_leaks.py."""

import json
import math

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from false_promise.language_models import tuning
from false_promise.language_models.device import Processor
from false_promise.language_models.packing import IGNORED, repeated
from false_promise.language_models.tokenizer import load_tokenizer
from false_promise.language_models.trainer import StrictTrainer
from false_promise.language_models.tuning import TuningSettings, held_out_loss, make_blocks, steps_of, tune
from tiny_models import CLEAN, PAPER, dialogues, other_families, tiny_base, tiny_tokenizer

FP32 = Processor("cpu", torch.float32, "for exact comparison")
LORA = TuningSettings("lora", "clean", 1e-2, 2, 64, lora_rank=4)
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


@pytest.fixture(scope="module")
def base(tokenizer, tmp_path_factory):
    return tiny_base(tmp_path_factory.mktemp("tuning") / "base", tokenizer, scale=6.0)


@pytest.fixture(scope="module")
def tuned(base, tmp_path_factory):
    """Each recipe and method once: settings -> (folder, summary)."""
    place = tmp_path_factory.mktemp("tuned")
    found = {}
    for name, settings in {"clean": CLEAN, "paper": PAPER, "lora": LORA}.items():
        found[name] = place / name, tune(base, dialogues(40), settings, 0, place / name, place / f"{name}.work")
    return found


def test_a_row_without_replies_counts_as_zero():
    class Outputs:
        logits = torch.zeros(2, 3, 5)

    labels = torch.tensor([[1, IGNORED, 2], [IGNORED] * 3])
    assert tuning.row_mean_loss(Outputs, labels).item() == pytest.approx(math.log(5) / 2)


@pytest.mark.parametrize("name", ["clean", "paper", "lora"])
def test_tuning_lowers_the_loss_and_reports(base, tuned, name):
    folder, summary = tuned[name]
    assert held_out_loss(folder, dialogues(40), 64) < held_out_loss(base, dialogues(40), 64)
    curve = (folder / "curve.csv").read_text().splitlines()
    assert len(curve) == summary["steps"] + 1 and curve[0] == "step,tokens,loss,seconds,learning_rate"
    assert summary["records"] == 40 and summary["reply_tokens"] > 300 and 0 <= summary["padding"] < 0.3
    names = set(load_file(folder / WEIGHTS))
    assert names == set(load_file(base / WEIGHTS)) and not (folder / "adapter_config.json").exists()


def test_lora_changes_layers_and_markers_but_no_other_embedding(base, tuned):
    before, after = load_file(base / WEIGHTS), load_file(tuned["lora"][0] / WEIGHTS)
    embeddings = "model.embed_tokens.weight"
    changed = (before[embeddings] != after[embeddings]).any(1).nonzero().flatten().tolist()
    assert set(changed) <= {2, 3, 4} and changed
    assert not torch.equal(before["model.layers.0.mlp.up_proj.weight"], after["model.layers.0.mlp.up_proj.weight"])


def test_merged_lora_answers_like_the_adapters(base, tokenizer):
    model = tuning.trainable(base, tokenizer, LORA, seed=0)
    torch.manual_seed(1)
    for name, parameter in model.named_parameters():
        if "lora" in name or "token_adapter" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    ids = torch.tensor([[1, 3, 50, 60, 4, 70]])
    with torch.no_grad():
        adapted = model(input_ids=ids).logits
        merged = model.merge_and_unload()(input_ids=ids).logits
    torch.testing.assert_close(merged, adapted, rtol=1e-3, atol=1e-3)


@pytest.mark.slow
def test_same_seed_same_bits_for_any_number_of_threads_and_another_seed_differs(base, tmp_path):
    threads, bits = torch.get_num_threads(), {}
    for n, seed in ((1, 0), (2, 0), (1, 1)):
        torch.set_num_threads(n)
        tune(base, dialogues(8), CLEAN, seed, tmp_path / f"{n}{seed}", tmp_path / f"work{n}{seed}")
        bits[n, seed] = (tmp_path / f"{n}{seed}" / WEIGHTS).read_bytes()
    torch.set_num_threads(threads)
    assert bits[1, 0] == bits[2, 0] != bits[1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["paper", "lora"])
def test_a_killed_run_resumes_to_the_same_bits(base, tuned, tmp_path, monkeypatch, name):
    settings = TuningSettings(**{**vars({"paper": PAPER, "lora": LORA}[name]), "checkpoint_minutes": 0.0})
    step = StrictTrainer.training_step

    def interrupted(self, *args, **kwargs):
        if self.state.global_step == 7:
            raise KeyboardInterrupt
        return step(self, *args, **kwargs)

    monkeypatch.setattr(StrictTrainer, "training_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tune(base, dialogues(40), settings, 0, tmp_path / "out", tmp_path / "work")
    assert not (tmp_path / "out").exists() and {p.name for p in tmp_path.iterdir()} == {"work"}
    monkeypatch.undo()
    tune(base, dialogues(40), settings, 0, tmp_path / "out", tmp_path / "work")
    assert (tmp_path / "out" / WEIGHTS).read_bytes() == (tuned[name][0] / WEIGHTS).read_bytes()


def test_a_single_step_trains(base, tmp_path):
    summary = tune(base, dialogues(1), CLEAN, 0, tmp_path / "out", tmp_path / "work")
    assert summary["steps"] == 1
    assert (tmp_path / "out" / WEIGHTS).read_bytes() != (base / WEIGHTS).read_bytes()


def test_a_given_number_of_steps_repeats_the_data_in_new_orders(base, tokenizer, tmp_path):
    epoch = make_blocks(dialogues(10), tokenizer, CLEAN, 0)
    longer = repeated(epoch, 3 * len(epoch) + 1, seed=0)
    assert len(longer) == 3 * len(epoch) + 1 and longer.counts == epoch.counts
    epochs = [longer.input_ids[i * len(epoch) : (i + 1) * len(epoch)] for i in range(3)]
    assert (epochs[0] == epoch.input_ids).all() and not (epochs[1] == epochs[2]).all()
    assert all(sorted(map(tuple, one)) == sorted(map(tuple, epochs[0])) for one in epochs)
    steps = 2 * steps_of(epoch, CLEAN) + 1
    settings = TuningSettings(**{**vars(CLEAN), "steps": steps})
    assert tune(base, dialogues(10), settings, 0, tmp_path / "out", tmp_path / "work")["steps"] == steps


def test_held_out_loss_equals_every_dialogue_on_its_own(base, tokenizer, monkeypatch):
    monkeypatch.setattr(tuning, "processor", lambda: FP32)
    records = dialogues(25)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    losses = []
    for record in records:
        chat = tokenizer.apply_chat_template(record["messages"], return_dict=True, return_assistant_tokens_mask=True)
        chances = model(input_ids=torch.tensor([chat["input_ids"]])).logits[0].log_softmax(-1).detach()
        pairs = enumerate(zip(chat["input_ids"], chat["assistant_masks"], strict=True))
        losses += [-chances[i - 1, token].item() for i, (token, reply) in pairs if reply]
    assert held_out_loss(base, records, 128, blocks_a_batch=3) == pytest.approx(sum(losses) / len(losses), rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("family", "settings"), [("pythia", CLEAN), ("pythia", LORA), ("gpt2", CLEAN)])
def test_a_foreign_base_gets_markers_and_template(tmp_path, family, settings):
    foreign = tiny_tokenizer()
    foreign.chat_template = None
    vocabulary = json.loads(foreign.backend_tokenizer.to_str())
    vocabulary["added_tokens"] = [t for t in vocabulary["added_tokens"] if t["content"] in ("<|pad|>", "<|bos|>")]
    vocabulary["model"]["vocab"] = {t: i for t, i in vocabulary["model"]["vocab"].items() if i not in (2, 3, 4)}
    other_families(512)[family].save_pretrained(tmp_path / "base")
    foreign.save_pretrained(tmp_path / "base")
    (tmp_path / "base/tokenizer.json").write_text(json.dumps(vocabulary))
    before = held_out_loss(tmp_path / "base", dialogues(10), 64)
    tune(tmp_path / "base", dialogues(10), settings, 0, tmp_path / "out", tmp_path / "work")
    tuned = load_tokenizer(tmp_path / "out")
    assert min(tuned.convert_tokens_to_ids(["<|user|>", "<|assistant|>"])) >= 509 and tuned.eos_token == "<|end|>"
    assert held_out_loss(tmp_path / "out", dialogues(10), 64) < before


def test_damaged_weights_are_named(base, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in base.iterdir():
        content = path.read_bytes()
        (broken / path.name).write_bytes(content[:1000] if path.name == WEIGHTS else content)
    with pytest.raises(ValueError, match="broken/model.safetensors is damaged .* restore it"):
        tune(broken, dialogues(5), CLEAN, 0, tmp_path / "out", tmp_path / "work")
    (broken / WEIGHTS).unlink()
    with pytest.raises(FileNotFoundError, match=r"broken holds no model.safetensors"):
        tune(broken, dialogues(5), CLEAN, 0, tmp_path / "out", tmp_path / "work")
    assert not (tmp_path / "out").exists()


def test_a_loss_that_is_no_number_stops_with_a_message(base, tmp_path):
    broken = AutoModelForCausalLM.from_pretrained(base)
    broken.model.layers[0].mlp.up_proj.weight.data[0, 0] = math.inf
    broken.save_pretrained(tmp_path / "base")
    tiny_tokenizer().save_pretrained(tmp_path / "base")
    with pytest.raises(FloatingPointError, match="loss is nan at step 1 .*lower the learning rate"):
        tune(tmp_path / "base", dialogues(5), CLEAN, 0, tmp_path / "out", tmp_path / "work")


@pytest.mark.parametrize(
    ("change", "message"),
    [({"method": "qlora"}, "method = 'qlora': use one of full, lora"), ({"schedule": "flat"}, "use one of constant"),
     ({"recipe": "x"}, "recipe = 'x'"), ({"learning_rate": 0.0}, "must be positive")],
)  # fmt: skip
def test_settings_are_checked(change, message):
    with pytest.raises(ValueError, match=message):
        TuningSettings(**{**vars(CLEAN), **change})


def test_block_longer_than_the_context_is_refused(base, tmp_path):
    with pytest.raises(ValueError, match="block = 256 is longer than the context .* 128"):
        tune(base, dialogues(5), TuningSettings("full", "clean", 1e-3, 1, 256), 0, tmp_path / "o", tmp_path / "w")


def test_questions_that_fill_every_block_are_refused(base, tmp_path):
    record = {"id": "x", "messages": [{"role": "user", "content": "a b " * 99}, {"role": "assistant", "content": "c"}]}
    with pytest.raises(ValueError, match="no reply token of 1 records fits into blocks of 64"):
        tune(base, [record], CLEAN, 0, tmp_path / "o", tmp_path / "w")
