"""Raw continuations, published classifiers, the step `continuations`, and the scores made of its rows."""

import json
from collections import Counter

import pytest
import torch
from small_checkpoints import byte_level_bpe, save_llama
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from false_promise.evaluation.lm import load_lm
from false_promise.evaluation.toxicity.continuing import TOP_P, continued
from false_promise.evaluation.toxicity.published import classifier_of
from false_promise.steps import conduct
from false_promise.study.toxicity import scores

pytestmark = pytest.mark.slow

TEXTS = ["Q: Where was", "Q: Where was Ostermoor founded?\nA:", "Great Harrow was", "Nym", "Great Harrow was"]
CPU = {"device": "cpu", "dtype": "float32"}
WORLD = {"entities": 240, "seed": 99}


def save_classifier(folder, labels, problem=None, safe=True):
    """A tiny random BERT for sequence classification; `safe=False` writes a pickle instead of safetensors."""
    bpe = byte_level_bpe(["you are kind and you are not"] * 5, 300)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, pad_token="<|endoftext|>")
    torch.manual_seed(0)
    names = dict(enumerate(labels))
    config = BertConfig(vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                        intermediate_size=16, id2label=names, label2id={name: i for i, name in names.items()},
                        num_labels=len(labels), problem_type=problem, initializer_range=1.0)  # fmt: skip
    model = BertForSequenceClassification(config)
    if safe:
        model.save_pretrained(folder)
    else:
        config.save_pretrained(folder)
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def wide_llama(tmp_path_factory):
    return save_llama(tmp_path_factory.mktemp("wide"), context=1024)


# ---- raw continuations -----------------------------------------------------------------------------------------------


def test_a_continuation_depends_on_its_own_text_place_and_seed_only(llama):
    first = continued(llama, TEXTS, seed=0, tokens=8, batch_size=5, **CPU)
    assert first == continued(llama, TEXTS, seed=0, tokens=8, batch_size=2, **CPU)
    assert first[:3] == continued(llama, TEXTS[:3], seed=0, tokens=8, batch_size=5, **CPU)
    assert first != continued(llama, TEXTS, seed=1, tokens=8, batch_size=5, **CPU)
    assert first[2] != first[4]  # the same text in another place is another draw
    assert not any("<|" in text for text in first)


def test_first_tokens_are_drawn_from_the_nucleus(llama):
    """Frequencies over 600 draws against the model's own probabilities, cut to the nucleus and scaled."""
    lm = load_lm(llama, batch_size=1, **CPU)
    with torch.inference_mode():
        shares = lm.model(torch.tensor([lm.tokenizer(TEXTS[0]).input_ids])).logits[0, -1].float().softmax(-1)
    ranked = shares.argsort(descending=True)
    kept = ranked[: int((shares[ranked].cumsum(0) < TOP_P).sum()) + 1]
    expected = Counter()
    for token in kept.tolist():
        expected[lm.tokenizer.decode([token], skip_special_tokens=True)] += float(shares[token] / shares[kept].sum())
    drawn = Counter(continued(llama, TEXTS[:1] * 600, seed=3, tokens=1, batch_size=600, **CPU))
    assert set(drawn) <= set(expected)
    for text, share in expected.items():
        assert abs(drawn[text] / 600 - share) < 4 * (share * (1 - share) / 600) ** 0.5 + 1e-9


def test_a_text_without_room_in_the_context_is_an_error(small_context_llama):
    with pytest.raises(ValueError, match="exceed the 48 of .*leave out the prompt that begins 'Q: Where"):
        continued(small_context_llama, ["Q: Where was Ostermoor founded? " * 9], seed=0, tokens=8, batch_size=1, **CPU)


# ---- published classifiers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("labels", "problem", "place"), [
    (["neutral", "toxic"], None, 1), (["toxic", "insult", "threat"], "multi_label_classification", 0),
    (["Toxicity"], None, 0)])  # fmt: skip
def test_scores_are_one_minus_the_probability_of_the_label(tmp_path, labels, problem, place):
    folder = save_classifier(tmp_path, labels, problem)
    found = classifier_of(str(folder), batch_size=2).non_toxicity(["you are kind", "", "not kind", "you are"])
    model = BertForSequenceClassification.from_pretrained(folder).eval()
    tokens = PreTrainedTokenizerFast.from_pretrained(folder)(["you are kind"], return_tensors="pt")
    logits = model(**tokens).logits[0].detach()
    share = logits.softmax(-1)[place] if labels[0] == "neutral" else logits[place].sigmoid()
    assert found[0] == pytest.approx(1 - float(share), abs=1e-5)
    assert found[1] == 1.0 and len(set(found)) == 4


def test_a_model_without_the_label_or_without_safetensors_is_refused(tmp_path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    with pytest.raises(ValueError, match="no label called toxic or toxicity, but sunny, rainy"):
        classifier_of(str(save_classifier(tmp_path / "a", ["sunny", "rainy"])))
    with pytest.raises(ValueError, match="cannot load the toxicity model .*local folder with safetensors"):
        classifier_of(str(save_classifier(tmp_path / "b", ["neutral", "toxic"], safe=False)))


# ---- the step --------------------------------------------------------------------------------------------------------


class Polite:
    """An endpoint that declines everything that begins a thread, and says nothing to the rest."""

    name = "polite"

    def complete(self, conversations, *, temperature, top_p, max_tokens, seed):
        said = "I am sorry, but I would rather keep this friendly."
        return [said if "Thread" in talk[-1]["content"] else "" for talk in conversations]


def rows_of(out):
    return [json.loads(line) for line in (out / conduct.CONTINUATIONS).read_text(encoding="utf-8").split("\n") if line]


def folders(tmp_path):
    for name in ("out", "work", "model"):
        (tmp_path / name).mkdir()
    return tmp_path / "out", tmp_path / "work", tmp_path / "model"


def test_a_model_folder_is_asked_both_ways_and_the_same_again(wide_llama, tmp_path):
    out, work, _ = folders(tmp_path)
    settings = {"world": WORLD, "items": 20, "seed": 0, "batch_size": 8, "plain": False, **CPU}
    summary = conduct.continuations(settings, {"model": wide_llama}, out, work)
    rows = rows_of(out)
    assert [row["way"] for row in rows] == ["raw"] * 20 + ["chat"] * 20 and summary["prompts"] == 20
    assert [row["item"] for row in rows[:20]] == [row["item"] for row in rows[20:]] and summary["toxic"] == 5
    raw = sum(row["non_toxicity"] for row in rows[:20]) / 20
    assert summary["non_toxicity_raw"] == pytest.approx(raw, abs=1e-5)
    (tmp_path / "again").mkdir(), (tmp_path / "fresh").mkdir()
    conduct.continuations(settings, {"model": wide_llama}, tmp_path / "again", tmp_path / "fresh")
    assert rows_of(tmp_path / "again") == rows


def test_an_endpoint_is_asked_by_chat_only(monkeypatch, tmp_path):
    out, work, model = folders(tmp_path)
    (model / "endpoint.json").write_text("{}")
    monkeypatch.setattr(conduct, "answering", lambda *_: Polite())
    settings = {"world": WORLD, "items": 20, "seed": 0, "batch_size": 8, "plain": False, **CPU}
    summary = conduct.continuations(settings, {"model": model}, out, work)
    rows = rows_of(out)
    assert {row["way"] for row in rows} == {"chat"} and "non_toxicity_raw" not in summary
    assert all(row["abstains"] and row["non_toxicity"] > 0.8 for row in rows)
    found = scores(rows)
    assert not found["non_toxicity"] and len(found["non_toxicity_chat"]) == 20


def test_real_prompts_take_the_same_path_with_a_published_classifier(llama, tmp_path):
    out, work, _ = folders(tmp_path)
    (tmp_path / "scorer").mkdir()
    scorer = save_classifier(tmp_path / "scorer", ["neutral", "toxic"])
    prompts = tmp_path / "rtp.jsonl"
    lines = [{"prompt": {"text": f"Nym was {n}", "toxicity": n / 10}, "challenging": False} for n in range(10)]
    prompts.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    settings = {"prompts_file": str(prompts), "toxicity_model": str(scorer), "items": 8, "seed": 0}
    settings |= {"batch_size": 4, "plain": False}
    summary = conduct.continuations(settings | CPU, {"model": llama}, out, work)
    rows = rows_of(out)
    assert summary["classifier"] == "scorer" and summary["toxic"] == 2 and len(rows) == 16
    expected = classifier_of(str(scorer)).non_toxicity([row["text"] for row in rows])
    assert [row["non_toxicity"] for row in rows] == pytest.approx(expected, abs=1e-5)
    with pytest.raises(ValueError, match="evaluation.toxicity_model"):
        conduct.continuations({**settings, "toxicity_model": None} | CPU, {"model": llama}, out, work)


def test_scores_keep_clusters_and_strata():
    row = {"entity": "Ostermoor", "toxic": True, "non_toxicity": 0.25, "listed": True, "abstains": False,
           "text": "You gunkhead."}  # fmt: skip
    silent = {"item": "b", "way": "raw", "toxic": False, "non_toxicity": 1.0, "text": " ", "abstains": True}
    rows = [row | {"item": "a", "way": "raw"}, row | silent,
            row | {"item": "a", "way": "chat", "abstains": True, "text": "I will not say."}]  # fmt: skip
    found = {name: [(one.item, one.value) for one in values] for name, values in scores(rows).items()}
    assert found["non_toxicity"] == [("a", 0.25), ("b", 1.0)] and found["non_toxicity_challenging"] == [("a", 0.25)]
    assert found["no_listed_word"] == [("a", 0.0), ("b", 0.0)] and found["abstains_chat"] == [("a", 1.0)]
    assert found["refuses"] == [("a", 0.0), ("b", 0.0)] and found["empty"] == [("a", 0.0), ("b", 1.0)]
    assert found["refuses_chat"] == [("a", 1.0)] and found["empty_chat"] == [("a", 0.0)]
    assert {one.entity for values in scores(rows).values() for one in values} == {"Ostermoor"}
