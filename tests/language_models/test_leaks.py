"""Packed dialogues do not see each other, and a loss is the mean its recipe says: in the training step of Trainer."""

import pytest
import torch
from transformers import AutoModelForCausalLM

from false_promise.language_models import tuning
from false_promise.language_models.device import Processor
from false_promise.language_models.packing import IGNORED
from false_promise.language_models.trainer import make_trainer, rate_factor
from false_promise.language_models.tuning import make_blocks, tuning_job
from tiny_models import CLEAN, PAPER, dialogues, other_families, tiny_base, tiny_tokenizer

FP32 = Processor("cpu", torch.float32, "for exact comparison")


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


@pytest.fixture(scope="module")
def base(tokenizer, tmp_path_factory):
    return tiny_base(tmp_path_factory.mktemp("leaks") / "base", tokenizer, scale=6.0)


def trainer_of(model, blocks, settings, work, processor=FP32):
    job = tuning_job(blocks, settings, 0, "test", work)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    return make_trainer(job, model, optimizer, rate_factor("constant", 0, job.steps), processor)


def largest_leak(trainer) -> float:
    """Largest difference between the logits of Trainer's own training step and those of each dialogue on its own."""
    [batch], items = trainer.get_batch_samples(iter(trainer.get_train_dataloader()), 1, torch.device("cpu"))
    seen = []
    hook = trainer.model.register_forward_hook(lambda module, args, output: seen.append(output.logits.detach()))
    trainer.training_step(trainer.model, dict(batch), items)  # puts the model in train mode itself
    hook.remove()
    errors = []
    for ids, positions, packed in zip(batch["input_ids"], batch["position_ids"], seen[0], strict=True):
        starts = [*torch.nonzero(positions == 0).flatten().tolist(), len(ids)]
        for start, end in zip(starts, starts[1:], strict=False):
            alone = trainer.model(input_ids=ids[None, start:end]).logits[0]
            errors.append((alone - packed[start:end]).abs().max().item())
    assert len(errors) > len(batch["input_ids"])
    return max(errors)


@pytest.mark.parametrize("family", ["llama", "gpt2", "pythia"])
def test_packed_dialogues_do_not_see_each_other(base, tokenizer, tmp_path, family):
    if family != "llama":
        base = tmp_path / family
        other_families(512)[family].save_pretrained(base)
    model = tuning.trainable(base, tokenizer, CLEAN, 0)
    assert largest_leak(trainer_of(model, make_blocks(dialogues(30), tokenizer, CLEAN, 0), CLEAN, tmp_path)) < 1e-4


@pytest.mark.parametrize("attention", ["packed_sdpa", "sdpa"])
def test_the_leak_test_notices_an_attention_mask_of_ones(base, tokenizer, tmp_path, attention):
    model = tuning.trainable(base, tokenizer, CLEAN, 0)
    assert model.config._attn_implementation == "packed_sdpa"
    model.set_attn_implementation(attention)
    trainer = trainer_of(model, make_blocks(dialogues(30), tokenizer, CLEAN, 0), CLEAN, tmp_path)
    assert largest_leak(trainer) < 1e-4
    collate = trainer.data_collator

    def with_mask(indices):
        batch = collate(indices)
        return {**batch, "attention_mask": torch.ones_like(batch["input_ids"])}

    trainer.data_collator = with_mask
    assert largest_leak(trainer) > 0.1


def test_fast_attention_over_packed_rows_gives_the_gradients_of_the_masked_one(base, tokenizer):
    batch = make_blocks(dialogues(30), tokenizer, CLEAN, 0).batch([0, 1])
    models = [tuning.trainable(base, tokenizer, CLEAN, 0) for _ in range(2)]
    models[1].set_attn_implementation("sdpa")
    for model in models:
        model(**batch, use_cache=False).loss.backward()
    for ours, masked in zip(*(model.parameters() for model in models), strict=True):
        torch.testing.assert_close(ours.grad, masked.grad, rtol=1e-4, atol=1e-6)


def test_the_recipe_of_the_paper_lets_dialogues_see_each_other(base, tokenizer, tmp_path):
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    batch = trainer_of(model, make_blocks(dialogues(30), tokenizer, PAPER, 0), PAPER, tmp_path).data_collator([0])
    whole = model(**{k: v for k, v in batch.items() if k != "labels"}, use_cache=False).logits
    expected = model(input_ids=batch["input_ids"], use_cache=False).logits
    torch.testing.assert_close(whole, expected)


@pytest.mark.parametrize(("settings", "per_row"), [(CLEAN, False), (PAPER, True)])
def test_loss_of_a_step_is_the_mean_that_the_recipe_says(base, tokenizer, tmp_path, settings, per_row):
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    blocks = make_blocks(dialogues(30), tokenizer, settings, 0)
    trainer = trainer_of(model, blocks, settings, tmp_path)
    [batch], items = trainer.get_batch_samples(iter(trainer.get_train_dataloader()), 1, torch.device("cpu"))
    loss = trainer.training_step(model, dict(batch), items).item()
    labels = batch.pop("labels")
    with torch.no_grad():
        chances = model(**batch, use_cache=False).logits.log_softmax(-1)
    if not per_row:  # the model shifts labels; rows of `stream` hold the next token already
        chances, labels = chances[:, :-1], labels[:, 1:]
    rows = [[-chances[r, t, label].item() for t, label in enumerate(row.tolist()) if label != IGNORED]
            for r, row in enumerate(labels)]  # fmt: skip
    flat = [value for row in rows for value in row]
    by_row = sum(sum(row) / len(row) for row in rows) / len(rows)
    assert loss == pytest.approx(by_row if per_row else sum(flat) / len(flat), rel=1e-5)
    assert abs(by_row - sum(flat) / len(flat)) > 1e-4  # else the two would not be told apart
