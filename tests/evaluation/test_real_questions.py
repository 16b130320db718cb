"""Real NQ-open questions through the whole path, on a small public-style checkpoint (GPT-NeoX, no chat template)."""

import pytest
from small_checkpoints import save_public

from false_promise.evaluation.items import load_nq_open
from false_promise.evaluation.nq import evaluate_many
from false_promise.paths import REAL_DATA

PATH = REAL_DATA / "nq_open" / "dev_first_half.jsonl"


@pytest.mark.skipif(not PATH.exists(), reason=f"no real NQ-open questions at {PATH}; set REAL_DATA to have them")
def test_real_questions_on_a_gpt_neox_checkpoint(tmp_path):
    items = load_nq_open(PATH)
    folder = save_public(
        tmp_path / "neox", "gpt_neox", [f"Q: {item.question}\nA: {item.answers[0]}\n\n" for item in items[:600]]
    )
    test, pool = items[:40], items[-10:]
    results = evaluate_many(folder, test, pool, [("few_shot", 0), ("few_shot", 3)], dtype="float32", batch_size=16)
    for (_, n_shots), rows in results.items():
        assert [row.item for row in rows] == [item.id for item in test]
        assert all(row.kind in ("malformed", "wrong", "right", "verbose") for row in rows)
        assert all(row.correct == (row.kind == "right") for row in rows)
        assert sum(row.correct for row in rows) <= 2, f"random weights answer {n_shots}-shot questions"
    zero, three = ([row.output for row in rows] for rows in results.values())
    assert zero != three  # the worked examples reach the model
