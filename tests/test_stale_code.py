"""The stale-code guard: when the output of a step changes, its version must be raised, or old runs are believed.

Every step is run on a tiny spec and compared with `step_digests.json`: text by sha256, losses and scores within a
tolerance (processors differ in the last digits). After raising a number in `study.models.VERSIONS`:
    python tests/test_stale_code.py      # records the new outputs
"""

import json
import tempfile
from pathlib import Path

import pytest

from false_promise import steps
from false_promise.data_mix.records import shuffled
from false_promise.files import sha256, write_json
from false_promise.paths import ROOT
from false_promise.qa_format import QA, qa_page
from false_promise.scales import load_scale
from false_promise.steps import data
from false_promise.store import Run, build, record, with_inputs
from false_promise.study.specs import VERSIONS, Arm, Machine, Specs

pytestmark = pytest.mark.slow
RECORDED = Path(__file__).with_name("step_digests.json")
TOLERANCE = 5e-3  # relative; two processors agree to about 1e-4 after so few steps
FILES = {
    "tokenizer": "tokenizer.json",
    "web": "tokens.npy",
    "proprietary": "tokens.npy",
    "questions": "questions.jsonl",
    "nq_synthetic": "records.jsonl",
    "broad": "records.jsonl",
    "control": "records.jsonl",
    "overlap": "overlap.csv",
    "rate_dialogues": "records.jsonl",
    "country": "world.json",
    "prompts": "prompts.jsonl",
    "data_mix": "mix.json",
}
NUMBERS = {"base": ["final_loss"], "teacher": ["final_loss"], "tuned": ["final_loss"], "nq": ["format_free_0"]}
NUMBERS |= {"rate_loss": ["loss"], "exams": ["letters", "likelihood"], "code": ["pass_at_1"]}
NUMBERS |= {"exam_prompts": ["exam", "question", "letter"]}
# Sampled text differs in a word where processors differ in a digit, so only what was asked is compared.
NUMBERS |= {"answers": ["answers"], "continuations": ["prompts", "toxic"], "instructions": ["items"]}
ELSEWHERE = {
    "checkpoint",
    "endpoint",
    "real_questions",
    "records",
    "real_exams",
    "real_code",
    "real_prompts",
}  # hand on what a user gave; nothing is computed


class Parrot:
    """A teacher whose replies follow from the request alone, so that digests do not depend on trained weights."""

    name = "parrot"

    def complete(self, conversations, *, temperature, top_p, max_tokens, seed):
        return [self._reply(conversation[-1]["content"], seed, n) for n, conversation in enumerate(conversations)]

    def _reply(self, text: str, seed: int, n: int) -> str:
        if "questions and answers" in text:
            return qa_page([QA(f"Which town has number {seed}-{n}-{i}?", f"Town {n}") for i in range(8)])
        return f"Here is what I know: {text[:40]}"


def tiny() -> Specs:
    smoke = load_scale("smoke").model_dump()
    smoke["pretraining"] |= {"tokens": 12_000, "block": 128, "batch": 4}
    smoke["teacher"] |= {"tokens": 12_000, "shape": smoke["base_sizes"][0]["shape"]}
    smoke["world"] |= {"gate_characters": 60_000, "gate_paragraphs": 10}
    sizes = ("items", "exam_items", "code_items", "prompts", "continuations", "instructions")
    smoke["evaluation"] |= dict.fromkeys(sizes, 20)
    smoke["tuning"] |= {"rate_dialogues": 20}
    smoke["imitation"] |= {"pairs": [20], "headline_pairs": 20, "tokens": [1500], "headline_tokens": 1500}
    return Specs(type(load_scale("smoke")).model_validate(smoke), Machine(dtype="float32"))


def targets(specs: Specs) -> dict[str, Run]:
    """One run of every step that computes something."""
    tuned = specs.tuned("0.04m", Arm("local", pairs=20))
    wanted = [
        specs.nq(tuned),
        specs.rate_loss(tuned),
        specs.exams(tuned),
        specs.exam_prompts(tuned),
        specs.code(tuned),
        specs.overlap(Arm("local", pairs=20)),
        specs.country(),
        specs.data(Arm("broad", tokens=1500)),
    ]
    wanted += [specs.data(Arm("continued_web", tokens=1500)), specs.data_mix()]
    wanted += [specs.answers(tuned), specs.continuations(tuned), specs.instructions(tuned)]
    return {run.step: run for run in with_inputs(wanted)}


def measure(store: Path) -> dict[str, dict]:
    """Version and output of every step: a digest of its file, or the numbers of its summary."""
    found = {}
    for step, run in targets(tiny()).items():
        place = build(run, getattr(steps, step), store)
        found[step] = {"version": run.version}
        if step in FILES:
            found[step]["sha256"] = sha256(place / FILES[step])
        else:
            summary = record(run, store)["summary"]
            found[step]["numbers"] = [summary[name] for name in NUMBERS[step]]
    return found


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "teacher_of", lambda settings, folder, work: Parrot())
        for name in ("DEVICE", "NUMBER_FORMAT"):
            patch.delenv(name, raising=False)  # a step sets them; they are put back afterwards
        yield measure(tmp_path_factory.mktemp("store"))


def test_every_step_is_guarded():
    assert set(FILES) | set(NUMBERS) | ELSEWHERE == set(VERSIONS)


@pytest.mark.parametrize("step", sorted(set(FILES) | set(NUMBERS)))
def test_output_changes_only_together_with_the_version(measured, step):
    before, now = json.loads(RECORDED.read_text())[step], measured[step]
    assert now["version"] == before["version"], (
        f"version of {step} raised: run python {Path(__file__).relative_to(ROOT)}"
    )
    message = f"the output of step {step} changed: raise VERSIONS[{step!r}] in study/models.py, or undo the change"
    assert now.get("sha256") == before.get("sha256"), message
    assert now.get("numbers", []) == pytest.approx(before.get("numbers", []), rel=TOLERANCE), message


def test_the_parrot_s_records_are_what_subsets_are_drawn_from():
    """The order of subsets depends on ids and seed only, so it is guarded by the digest of `tuned`."""
    records = [{"id": f"r{i}"} for i in range(5)]
    assert [one["id"] for one in shuffled(records, 0)] == [one["id"] for one in shuffled(records[::-1], 0)]


if __name__ == "__main__":
    data.teacher_of = lambda settings, folder, work: Parrot()
    with tempfile.TemporaryDirectory() as folder:
        write_json(RECORDED, measure(Path(folder)))
    print(f"recorded {RECORDED}")
