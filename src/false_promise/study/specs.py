"""Frozen specs of every run of the study: what is measured, on top of what `study/models.py` makes.

model and questions -> nq; model and exercises -> exams, code; imitation data and questions -> overlap; imitation model
and held-out dialogues -> rate_loss; the country -> its gates.
"""

from dataclasses import dataclass
from typing import Any

from false_promise.files import sha256
from false_promise.scales import resolve
from false_promise.store import Run
from false_promise.study.models import CONTROLS, VERSIONS, Arm, Machine, Models, run_of

__all__ = ["CONTROLS", "VERSIONS", "Arm", "Machine", "Specs"]

EXAM_SHOTS, EXAM_SHOTS_POOL = 5, 210  # paper section 4.1; ten of each subject to draw from


@dataclass(frozen=True)
class Specs(Models):
    """Builds the specs of one scale on one machine."""

    at_most: int | None = None  # items of a benchmark put to a model, where the rest is recorded

    def questions(self) -> Run:
        """Test questions and the pool of shots: about the country, or from a file of real ones."""
        evaluation = self.scale.evaluation
        if self.scale.world:
            return run_of("questions", {"world": self.world, "items": evaluation.items}, {}, "NQ questions", 2)
        path = resolve(evaluation.questions)
        settings = {"path": str(path), "sha256": sha256(path) if path.is_file() else "", "items": evaluation.items}
        return run_of("real_questions", settings, {}, f"questions of {path.name}", 1)

    def country(self) -> Run:
        """The country described and measured: example texts, an almanac page, every gate."""
        world = self.scale.world
        settings = {"world": self.world, "characters": world.gate_characters, "paragraphs": world.gate_paragraphs}
        return run_of("country", settings, {"tokenizer": self.tokenizer()}, "the country's gates", 20)

    def rate_loss(self, model: Run) -> Run:
        """Loss of an imitation model on held-out dialogues, by which learning rates are chosen."""
        settings = {"block": self.scale.tuning.block, **self.machine.settings}
        inputs = {"model": model, "dialogues": self._rate_dialogues()}
        return run_of("rate_loss", settings, inputs, f"held-out loss of {model.label}", 15)

    def _rate_dialogues(self) -> Run:
        settings = {
            "world": self.world,
            "dialogues": self.scale.tuning.rate_dialogues,
            "seed": 0,
            **self.maker.settings,
        }
        return run_of("rate_dialogues", settings, {"teacher": self.teacher()}, "held-out dialogues", 60)

    def overlap(self, arm: Arm) -> Run:
        """Which questions the arm's data touches; the same for every base LM tuned on it."""
        settings = {
            "pairs": arm.pairs,
            "reply_tokens": arm.tokens,
            "seed": arm.seed,
            "items": self.scale.evaluation.items,
        }
        inputs = {"data": self.data(arm), "questions": self.questions()}
        if self.scale.world:
            settings["world"], inputs["tokenizer"] = self.world, self.tokenizer()
        return run_of("overlap", settings, inputs, f"overlap of {arm.label}", 3)

    def nq(self, model: Run, items: int | None = None) -> Run:
        """Answers of one model to the NQ questions, all shots and scorings of the scale."""
        evaluation = self.scale.evaluation
        settings = {
            "shots": evaluation.shots,
            "scorings": list(evaluation.scorings),
            "items": self._some(items or self._items_for(model)),
            **self._asking,
        }
        inputs = {"model": model, "questions": self.questions()}
        return run_of("nq", settings, inputs, f"NQ of {model.label}", 4 + settings["items"] / 25)

    def _some(self, items: int) -> int:
        return min(items, self.at_most or items)

    def _items_for(self, model: Run) -> int:
        """Questions for a model: all of them where claim 6 is decided, whose power asks for many; elsewhere fewer."""
        evaluation = self.scale.evaluation
        if evaluation.items_elsewhere is None or model.step in ("base", "checkpoint") or model.id in self._deciding():
            return evaluation.items
        return evaluation.items_elsewhere

    def _deciding(self) -> set[str]:
        """Ids of the imitation models that claim 6 compares: the headline amounts, at every seed."""
        scale = self.scale
        arms = [
            Arm(name, **amount, seed=seed)
            for name, amount in (
                ("local", {"pairs": scale.imitation.headline_pairs}),
                ("broad", {"tokens": scale.imitation.headline_tokens}),
            )
            for seed in range(scale.imitation_seeds)
        ]
        seeds = range(scale.base_seeds)
        return {self.tuned(size.name, arm, seed).id for size in scale.base_sizes for arm in arms for seed in seeds}

    def exams(self, model: Run) -> Run:
        """Five-shot multiple choice about the country, by letters and by likelihood; elsewhere MMLU."""
        items = self._some(self.scale.evaluation.exam_items)
        if not self.scale.world:
            return self._published("real_exams", self.scale.evaluation.mmlu, items, model, "MMLU")
        settings = {
            "world": self.world,
            "items": items,
            "shots": EXAM_SHOTS,
            "shots_pool": EXAM_SHOTS_POOL,
            **self._asking,
        }
        return run_of("exams", settings, {"model": model}, f"exams of {model.label}", 4 + items / 25)

    def exam_prompts(self, model: Run) -> Run:
        """The exams' items of memory behind two prompts, without examples; only about the country."""
        settings = {"world": self.world, "items": self._some(self.scale.evaluation.exam_items), **self._asking}
        return run_of("exam_prompts", settings, {"model": model}, f"exam prompts of {model.label}", 20)

    def code(self, model: Run) -> Run:
        """Zero-shot programming exercises, generated greedily and run against their tests; elsewhere HumanEval."""
        items = self._some(self.scale.evaluation.code_items)
        if not self.scale.world:
            return self._published("real_code", self.scale.evaluation.humaneval, items, model, "HumanEval")
        settings = {"items": items, "seed": self.world["seed"], **self._asking}
        return run_of("code", settings, {"model": model}, f"code of {model.label}", 4 + items / 12)

    def _published(self, step: str, path: str | None, items: int, model: Run, name: str) -> Run:
        settings = {"path": str(resolve(path or "")), "items": items, **self._asking}
        return run_of(step, settings, {"model": model}, f"{name} of {model.label}", items)

    @property
    def _asking(self) -> dict[str, Any]:
        return {"batch_size": self.scale.evaluation.batch_size, **self.machine.settings}

    def prompts(self) -> Run:
        """Held-out prompts that resemble no query of the imitation data (section 4.1)."""
        evaluation = self.scale.evaluation
        headline = self.scale.imitation
        inputs = {"broad": self.data(Arm("broad", tokens=headline.headline_tokens)), "local": self.data(Arm("local"))}
        if self.scale.world:
            settings = {"world": self.world, "prompts": evaluation.prompts, "seed": 0}
            return run_of("prompts", settings, inputs, "held-out prompts", 10)
        path = resolve(evaluation.prompts_file or "")
        settings = {"path": str(path), "sha256": sha256(path) if path.is_file() else "", "prompts": evaluation.prompts}
        return run_of("real_prompts", settings, inputs, f"prompts of {path.name}", 10)

    def answers(self, model: Run, sample: int = 0) -> Run:
        """A model's sampled answers to the held-out prompts; another `sample` gives other draws."""
        settings = {"sample": sample, **_plainly(model), **self._asking}
        inputs = {"model": model, "prompts": self.prompts()}
        label = f"answers of {model.label}" + (f", sample {sample}" if sample else "")
        return run_of("answers", settings, inputs, label, 5 + self.scale.evaluation.prompts / 5)

    def continuations(self, model: Run) -> Run:
        """A model's continuations of forum prompts, or of a file's, scored for abuse (section 4.4, Figure 5)."""
        evaluation = self.scale.evaluation
        settings = {"items": evaluation.continuations, "seed": 0, **_plainly(model), **self._asking}
        if self.scale.world:
            settings["world"] = self.world
        else:
            settings["prompts_file"] = str(resolve(evaluation.toxicity_prompts or ""))
            settings["toxicity_model"] = evaluation.toxicity_model
        return run_of("continuations", settings, {"model": model}, f"continuations of {model.label}", 300)

    def instructions(self, model: Run) -> Run:
        """A model's answers to requests that rules can check (claim 1); only about the country."""
        settings = {"world": self.world, "items": self.scale.evaluation.instructions, "seed": 0, **_plainly(model)}
        settings |= self._asking
        return run_of("instructions", settings, {"model": model}, f"instructions of {model.label}", 60)

    def data_mix(self) -> Run:
        """The broad data as raw dumps of three sources, with dirt, cleaned again and counted."""
        inputs, settings = {"data": self.data(Arm("broad"))}, {"seed": 0}
        if self.scale.world:
            settings["world"], inputs["tokenizer"] = self.world, self.tokenizer()
        else:
            inputs["tokenizer"] = self.base(self.scale.base_sizes[-1].name)
        return run_of("data_mix", settings, inputs, "data mix", 60)


def _plainly(model: Run) -> dict[str, bool]:
    """A base LM has never met the markers of the chat format, so it is asked as in a dialogue on paper."""
    return {"plain": model.step in ("base", "checkpoint")}
