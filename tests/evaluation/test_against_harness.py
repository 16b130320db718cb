"""Our few-shot task against the harness's own nq_open (4.0): same items, same model, identical scores item by item."""

from pathlib import Path

import lm_eval
import pytest
from datasets import Dataset
from lm_eval.api.task import ConfigurableTask
from lm_eval.tasks._yaml_loader import load_yaml
from scripted_lm import ScriptedLM

from false_promise.evaluation.harness import quiet, run_tasks
from false_promise.evaluation.items import NqItem
from false_promise.evaluation.lm import load_lm
from false_promise.evaluation.nq import evaluate_lm

NQ_OPEN = Path(lm_eval.__file__).parent / "tasks" / "nq_open" / "nq_open.yaml"
ITEMS = [
    NqItem("i0", "who wrote the keys of vorn?", ("Bo Velmore", "B. Velmore"), "i0"),
    NqItem("i1", "when was nym founded?", ("1893",), "i1"),
    NqItem("i2", "what is the band of ansa called?", ("The Old Bells",), "i2"),
    NqItem("i3", "where does the tarn rise?", ("Great Harrow", "Mount Harrow"), "i3"),
    NqItem("i4", "how many people live in qued?", ("1,200",), "i4"),
    NqItem("i5", "which ship sank off nym?", ("U.S.S. Nym",), "i5"),
]


def their_scores(lm, items, **changes):
    """Exact match of each item by the harness's task; only where its data come from is replaced."""
    rows = [{"question": item.question.removesuffix("?"), "answer": list(item.answers)} for item in items]
    config = load_yaml(NQ_OPEN) | {"custom_dataset": lambda **_: {"validation": Dataset.from_list(rows)}}
    config |= {"training_split": None, "num_fewshot": 0} | changes
    with quiet():
        samples = run_tasks(lm, {"nq_open": ConfigurableTask(config=config)})["nq_open"]
    return [sample["exact_match"] for sample in samples]


def scripted(replies):
    return ScriptedLM({item.question: reply for item, reply in zip(ITEMS, replies, strict=True)})


@pytest.mark.parametrize(
    "replies",
    [
        (" Bo Velmore", " 1893", " old bells", " mount harrow", " 1200", " USS Nym"),
        (" B Velmore", " in 1893", " The Old Bells", " a Great Harrow", " 1,200", " uss nym"),
        (" velmore", " 1983", " bells", " Harrow Great", " 120", " nym"),
        ("", " ", " the", " q", " A", " ?"),
    ],
)
def test_same_scores_for_the_same_replies(replies):
    ours = evaluate_lm(scripted(replies), ITEMS, [], [("few_shot", 0)])["few_shot", 0]
    assert [result.correct for result in ours] == their_scores(scripted(replies), ITEMS)


def test_same_prompts_and_scores_from_a_real_model(neox):
    """Without its instruction the harness asks 0-shot exactly what we ask; it then cuts at "." and ",".

    The answers are chosen such that about half are right: what the model itself says first.
    """
    lm = load_lm(neox, device="cpu", dtype="float32", batch_size=4)
    replies = evaluate_lm(lm, ITEMS, [], [("few_shot", 0)])["few_shot", 0]
    said = [result.output for result in replies]
    items = [
        NqItem(item.id, item.question, (said[i] if i % 2 and said[i] else item.answers[0],), item.id)
        for i, item in enumerate(ITEMS)
    ]
    stop = {"until": ["\n"], "do_sample": False, "max_gen_toks": 16}
    ours = evaluate_lm(lm, items, [], [("few_shot", 0)])["few_shot", 0]
    theirs = their_scores(_Unmarked(lm), items, description="", generation_kwargs=stop)
    assert [result.correct for result in ours] == theirs
    assert 0 < sum(theirs) < len(theirs)


class _Unmarked(ScriptedLM):
    """Passes requests on and removes our mark of unfinished replies, which only our scoring knows."""

    def __init__(self, lm):
        super().__init__()
        self.lm = lm

    def generate_until(self, requests):
        return [reply.rstrip("\ue0ff") for reply in self.lm.generate_until(requests)]


def test_the_documented_difference_answers_with_stops_and_commas():
    """The harness's stop strings cut what it should have scored; ours are scored whole."""
    whole = (" Bo Velmore", " 1893", " Old Bells", " Great Harrow", " 1,200", " U.S.S. Nym")
    cut = tuple(reply.replace(",", ".").split(".")[0] for reply in whole)  # what `until` leaves
    ours = evaluate_lm(scripted(whole), ITEMS, [], [("few_shot", 0)])["few_shot", 0]
    assert [result.correct for result in ours] == [1.0] * 6
    assert their_scores(scripted(cut), ITEMS) == [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    assert load_yaml(NQ_OPEN)["generation_kwargs"]["until"] == ["\n", ".", ","]
