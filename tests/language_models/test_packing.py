"""Records to tokens, loss mask and blocks: against the chat template, by counting, and against a reference stream."""

from collections import Counter

import numpy as np
import pytest

from false_promise.language_models.encoding import encode, joined
from false_promise.language_models.packing import IGNORED, _best_fit, pack, stream
from false_promise.language_models.tokenizer import END
from tiny_models import dialogues, tiny_tokenizer

BOS, PAD = 1, 0


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


def chat(*contents: str) -> dict:
    roles = ("user", "assistant") * len(contents)
    return {"id": "x", "messages": [{"role": r, "content": c} for r, c in zip(roles, contents, strict=False)]}


def parts_of(blocks) -> list[tuple[tuple, tuple]]:
    """Every packed part as (ids, labels), found by its positions starting again at 0; padding left out."""
    found = []
    for ids, labels, positions in zip(blocks.input_ids, blocks.labels, blocks.position_ids, strict=True):
        starts = [*np.flatnonzero(positions == 0), len(ids)]
        cuts = [slice(a, b) for a, b in zip(starts, starts[1:], strict=False)]
        found += [(tuple(ids[cut]), tuple(labels[cut])) for cut in cuts if ids[cut][0] != PAD]
    return found


def test_ids_and_mask_equal_the_chat_template(tokenizer):
    records = [*dialogues(30, turns=4), chat("é 😀 <b>", " two  spaces \n"), chat("", ""), chat("a", "b")]
    for record, encoded in zip(records, encode(records, tokenizer), strict=True):
        expected = tokenizer.apply_chat_template(
            record["messages"], return_dict=True, return_assistant_tokens_mask=True
        )
        whole = joined(encoded.spans)
        assert [BOS, *whole.ids] == expected["input_ids"]
        assert [0, *whole.loss] == expected["assistant_masks"]


def test_markers_written_by_a_user_or_model_stay_text(tokenizer):
    [encoded] = encode([chat("hi<|end|><|assistant|> yes", "no<|end|><|user|> more")], tokenizer)
    markers = [int(i) for i in joined(encoded.spans).ids if i < 5]
    assert tokenizer.convert_ids_to_tokens(markers) == ["<|user|>", "<|assistant|>", END]
    assert "<|end|><|assistant|> yes" in tokenizer.decode(joined(encoded.spans).ids)


def test_all_of_a_plain_text_carries_loss(tokenizer):
    [encoded] = encode([{"id": "t", "source": "continued_web", "text": "Ansa was born."}], tokenizer)
    assert tokenizer.decode(encoded.spans[0].ids) == "Ansa was born.<|end|>" and encoded.spans[0].loss.all()


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"id": "q7", "messages": [{"role": "user", "content": "hi"}]}, "'q7' has no assistant message"),
        ({"messages": []}, "record 1 has no assistant message"),
        ({"id": "s", "messages": [{"role": "system", "content": "hi"}]}, "'s' has a message with role 'system'"),
    ],
)
def test_records_without_anything_to_imitate_are_named(tokenizer, record, message):
    with pytest.raises(ValueError, match=message):
        list(encode([chat("a", "b"), record], tokenizer))


def test_no_records_at_all(tokenizer):
    with pytest.raises(ValueError, match="no imitation records"):
        list(encode([], tokenizer))


def test_packing_keeps_every_dialogue_whole_exactly_once(tokenizer):
    encoded = list(encode(dialogues(200), tokenizer))
    blocks = pack(encoded, 64, BOS, PAD, seed=0)
    whole = [joined(record.spans) for record in encoded]
    expected = Counter(((BOS, *w.ids), (IGNORED, *np.where(w.loss, w.ids, IGNORED))) for w in whole if len(w) < 64)
    assert len(expected) > 150 and not expected - Counter(parts_of(blocks))
    assert blocks.counts["tokens"] == sum(len(ids) for ids, _ in parts_of(blocks)) == (blocks.input_ids != PAD).sum()
    assert blocks.counts["reply_tokens"] == (blocks.labels != IGNORED).sum()
    assert blocks.counts["padding"] == 1 - blocks.counts["tokens"] / blocks.input_ids.size < 0.2


def test_no_token_is_predicted_from_another_dialogue(tokenizer):
    blocks = pack(encode([*dialogues(50), {"text": "Born in 1893. " * 30}], tokenizer), 64, BOS, PAD, seed=0)
    assert (blocks.labels[blocks.position_ids == 0] == IGNORED).all()


def test_padding_is_apart_and_without_loss(tokenizer):
    blocks = pack(encode([chat("a", "b")], tokenizer), 64, BOS, PAD, seed=0)
    used = blocks.counts["tokens"]
    assert blocks.input_ids.shape == (1, 64) and (blocks.input_ids[0, used:] == PAD).all()
    assert list(blocks.position_ids[0, used:]) == list(range(64 - used)) and (blocks.labels[0, used:] == IGNORED).all()


def test_long_dialogues_are_split_between_exchanges(tokenizer):
    exchanges = ["where was Ansa born", "in 1893"] * 12
    [encoded] = encode([chat(*exchanges)], tokenizer)
    blocks = pack([encoded], 64, BOS, PAD, seed=0)
    assert blocks.counts["split"] == 1 and blocks.counts["truncated"] == blocks.counts["dropped"] == 0
    assert len(parts_of(blocks)) > 1 and all(ids[:2] == (BOS, 3) for ids, _ in parts_of(blocks))
    assert blocks.counts["reply_tokens"] == joined(encoded.spans).loss.sum()
    assert blocks.counts["tokens"] == len(joined(encoded.spans)) + len(parts_of(blocks))


def test_a_too_long_exchange_is_truncated_and_counted(tokenizer):
    [encoded] = encode([chat("hi", "1893 " * 100, "and", "so")], tokenizer)
    blocks = pack([encoded], 64, BOS, PAD, seed=0)
    assert blocks.counts["truncated"] == 1 and blocks.counts["truncated_tokens"] == len(encoded.spans[0]) - 63
    assert sorted(len(ids) for ids, _ in parts_of(blocks)) == [1 + len(encoded.spans[1]), 64]


def test_a_question_that_fills_the_block_is_dropped_and_counted(tokenizer):
    blocks = pack(encode([chat("1893 " * 100, "yes"), chat("a", "b")], tokenizer), 64, BOS, PAD, seed=0)
    assert (blocks.counts["dropped"], len(parts_of(blocks))) == (1, 1)


def test_a_long_text_is_split_without_losing_a_token(tokenizer):
    [encoded] = encode([{"text": "Ansa was born in 1893. " * 40}], tokenizer)
    blocks = pack([encoded], 64, BOS, PAD, seed=0)
    assert blocks.counts["reply_tokens"] == len(encoded.spans[0]) and blocks.counts["truncated"] == 0
    assert Counter(blocks.labels[blocks.labels != IGNORED]) == Counter(encoded.spans[0].ids)


def test_order_follows_the_seed(tokenizer):
    encoded = list(encode(dialogues(100), tokenizer))
    for put in (pack, stream):
        one, same, other = (put(encoded, 64, BOS, PAD, seed) for seed in (0, 0, 1))
        assert one.digest() == same.digest() != other.digest()


@pytest.mark.parametrize("lengths", [[5], [10, 10], [6, 5, 4, 5], [1] * 25, [7, 3, 3, 7, 10, 1]])
def test_best_fit_never_overfills_and_loses_nothing(lengths):
    bins = _best_fit(lengths, 10)
    assert sorted(i for b in bins for i in b) == list(range(len(lengths)))
    assert all(sum(lengths[i] for i in b) <= 10 for b in bins)


def test_best_fit_takes_the_fullest_bin_with_room():
    assert _best_fit([6, 8, 2, 4], 10) == [[0, 3], [1, 2]]


def test_stream_equals_the_trainer_of_the_paper(tokenizer):
    """EasyLM data.py: one buffer, rows of fixed length, targets are the next tokens, loss mask shifted with them."""
    encoded = list(encode(dialogues(40), tokenizer))
    blocks = stream(encoded, 64, BOS, PAD, seed=3)
    tokens, loss = [], []
    for i in np.random.default_rng(3).permutation(len(encoded)):
        whole = joined(encoded[i].spans)
        tokens += [BOS, *whole.ids]
        loss += [False, *whole.loss]
    for row in range(len(tokens) // 64):
        here, following = slice(64 * row, 64 * row + 64), slice(64 * row + 1, 64 * row + 65)
        assert list(blocks.input_ids[row]) == tokens[here]
        targets = [t if m else IGNORED for t, m in zip(tokens[following], loss[following], strict=True)]
        assert list(blocks.labels[row])[: len(targets)] == targets
    assert len(blocks) == -(-len(tokens) // 64) and (blocks.position_ids == np.arange(64)).all()
    assert blocks.counts["reply_tokens"] == sum(loss) and blocks.counts["tokens"] == len(tokens)


def test_a_batch_has_no_attention_mask(tokenizer):
    batch = pack(encode(dialogues(20), tokenizer), 64, BOS, PAD, seed=0).batch([1, 0])
    assert set(batch) == {"input_ids", "labels", "position_ids"}
    assert all(tensor.shape == (2, 64) and tensor.dtype.itemsize == 8 for tensor in batch.values())
