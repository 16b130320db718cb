"""Frozen specs of the runs that make something, built from a scale. Light: plans nothing, imports no torch.

world -> tokenizer -> web -> base; proprietary web -> teacher -> imitation data; base and data -> tuned. What is
measured on them stands in `study/specs.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from false_promise.claims.judge import final_world_seed
from false_promise.files import sha256
from false_promise.paths import CLAIMS
from false_promise.scales import BaseSize, Scale, resolve
from false_promise.store import Run

# Version of each step's code. Raise it when the step's output changes for the same settings: every run that depends
# on it gets a new id. tests/test_stale_code.py fails when an output changes while its version does not.
VERSIONS = {
    "country": 3,
    "tokenizer": 1,
    "web": 3,
    "base": 2,
    "checkpoint": 1,
    "proprietary": 2,
    "teacher": 2,
    "endpoint": 1,
    "questions": 1,
    "real_questions": 1,
    "nq_synthetic": 1,
    "broad": 1,
    "records": 1,
    "control": 1,
    "tuned": 1,
    "rate_dialogues": 1,
    "rate_loss": 1,
    "overlap": 1,
    "nq": 2,
    "exams": 1,
    "exam_prompts": 1,
    "code": 1,
    "real_exams": 1,
    "real_code": 1,
    "prompts": 1,
    "real_prompts": 1,
    "answers": 2,
    "continuations": 2,
    "instructions": 2,
    "data_mix": 1,
}
CONTROLS = ("style_only", "gold", "continued_web", "no_abuse")


@dataclass(frozen=True)
class Machine:
    """What decides bits besides the spec: belongs to the id of every run that computes with floats."""

    device: str = "cpu"
    dtype: str = "float32"

    @property
    def settings(self) -> dict[str, str]:
        return {"device": self.device, "dtype": self.dtype}


@dataclass(frozen=True)
class Arm:
    """What a base LM is tuned on, and how. `pairs` or `tokens` is the amount, None for the other."""

    name: str  # local, broad or a control
    pairs: int | None = None
    tokens: int | None = None
    method: str = "full"
    recipe: str = "clean"
    learning_rate: float | None = None  # None: the frozen one of the scale
    schedule: str | None = None
    match_tokens: int | None = None  # repeat the data until the steps equal those of this many tokens
    seed: int = 0

    @property
    def label(self) -> str:
        amount = f"{self.pairs:,} pairs" if self.pairs is not None else f"{self.tokens:,} tokens"
        return f"{self.name} {amount}" + (" (repeated)" if self.match_tokens else "")


def run_of(step: str, settings: Mapping[str, Any], inputs: Mapping[str, Run], label: str, seconds: float) -> Run:
    return Run(step, VERSIONS[step], settings, inputs, label, seconds)


@dataclass(frozen=True)
class Models:
    """Specs of everything that is made at one scale on one machine, from the tokenizer to imitation models."""

    scale: Scale
    machine: Machine

    @property
    def maker(self) -> Machine:
        """What base LMs, teacher and imitation data are made on: stated by the scale if they ship with the book."""
        made_on = self.scale.made_on
        return Machine(made_on.device, made_on.dtype) if made_on else self.machine

    @property
    def world(self) -> dict[str, int]:
        """Settings of the country: entities and seed."""
        world = self.scale.world
        seed = final_world_seed(CLAIMS) if world.seed == "final" else world.seed
        return {"entities": world.entities, "seed": seed}

    def tokenizer(self) -> Run:
        settings = {"world": self.world, "vocabulary": self.scale.vocabulary, "context": self.scale.context}
        return run_of("tokenizer", settings, {}, "tokenizer", 10)

    def web(self) -> Run:
        settings = {"world": self.world, "tokens": self.scale.pretraining.tokens}
        return run_of("web", settings, {"tokenizer": self.tokenizer()}, "open web", settings["tokens"] / 60_000)

    def base(self, name: str, seed: int = 0) -> Run:
        """A base LM: pre-trained here, or a public checkpoint by path or hub name."""
        size = self.scale.base(name)
        if size.checkpoint:
            return self._checkpoint(size)
        pretraining = self.scale.pretraining.model_dump()
        settings = {
            "shape": size.shape.model_dump(),
            "context": self.scale.context,
            "seed": seed,
            "pretraining": pretraining,
            **self.maker.settings,
        }
        inputs = {"tokenizer": self.tokenizer(), "tokens": self.web()}
        seconds = pretraining["tokens"] * _parameters(size.shape.model_dump(), self.scale.vocabulary) / 2.0e10
        return run_of("base", settings, inputs, f"base-{name} seed {seed}", 3 + seconds)

    def _checkpoint(self, size: BaseSize) -> Run:
        place = resolve(size.checkpoint)
        # A local folder counts by its weights, not by its name: replaced weights are another model.
        digests = {path.name: sha256(path) for path in sorted(place.glob("*.safetensors"))} if place.is_dir() else {}
        settings = {"checkpoint": str(place) if place.is_dir() else size.checkpoint, "digests": digests}
        return run_of("checkpoint", settings, {}, f"base-{size.name}", 1)

    def proprietary(self) -> Run:
        settings = {"world": self.world, "tokens": self.scale.teacher.tokens}
        inputs = {"tokenizer": self.tokenizer()}
        return run_of("proprietary", settings, inputs, "proprietary web", settings["tokens"] / 60_000)

    def teacher(self) -> Run:
        """The black box: trained here, or the settings of an endpoint."""
        teacher = self.scale.teacher
        if teacher.base_url:
            settings = teacher.model_dump(include={"base_url", "model", "key_variable"})
            return run_of("endpoint", settings, {}, teacher.name, 1)
        pretraining = self.scale.pretraining.model_dump() | {"tokens": teacher.tokens}
        if teacher.learning_rate:
            pretraining["learning_rate"] = teacher.learning_rate
        settings = {
            "shape": teacher.shape.model_dump(),
            "context": self.scale.context,
            "seed": 0,
            "pretraining": pretraining,
            **self.maker.settings,
        }
        inputs = {"tokenizer": self.tokenizer(), "tokens": self.proprietary()}
        seconds = teacher.tokens * _parameters(teacher.shape.model_dump(), self.scale.vocabulary) / 2.0e10
        return run_of("teacher", settings, inputs, "teacher", 3 + seconds)

    def data(self, arm: Arm) -> Run:
        """All records of the arm's kind; `tuned` takes its amount and seed from them, so subsets are nested."""
        imitation = self.scale.imitation
        if arm.name == "local":
            return self._local()
        if arm.name == "broad":
            return self._broad(max(imitation.tokens))
        settings = {"world": self.world, "arm": arm.name, "seed": 0}
        if arm.name == "gold":
            return run_of("control", settings, {"local": self._local()}, "gold data", 5)
        settings |= {"reply_tokens": max(imitation.tokens), **self.maker.settings}
        inputs = {"tokenizer": self.tokenizer()}
        if arm.name != "continued_web":
            inputs["teacher"] = self.teacher()
        return run_of("control", settings, inputs, f"{arm.name} data", 10 + settings["reply_tokens"] / 500)

    def _local(self) -> Run:
        pairs = max(self.scale.imitation.pairs)
        settings = {"pairs": pairs, "seed": 0, **self.maker.settings}
        if self.scale.world:
            settings["world"] = self.world
        elif self.scale.teacher.seed_questions:
            seeds = resolve(self.scale.teacher.seed_questions)
            settings["seed_questions"] = {"path": str(seeds), "sha256": sha256(seeds) if seeds.is_file() else ""}
        label = f"NQ-synthetic, {pairs:,} pairs"
        return run_of("nq_synthetic", settings, {"teacher": self.teacher()}, label, 10 + pairs / 20)

    def _broad(self, tokens: int) -> Run:
        if self.scale.imitation.broad_file:
            path = resolve(self.scale.imitation.broad_file)
            settings = {"path": str(path), "sha256": sha256(path) if path.is_file() else ""}
            return run_of("records", settings, {}, f"records of {path.name}", 1)
        settings = {"world": self.world, "reply_tokens": tokens, "seed": 0, **self.maker.settings}
        inputs = {"teacher": self.teacher(), "tokenizer": self.tokenizer()}
        return run_of("broad", settings, inputs, f"broad dialogues, {tokens:,} tokens", 10 + tokens / 500)

    def tuned(self, size: str, arm: Arm, base_seed: int = 0) -> Run:
        """An imitation model: a base LM tuned on an amount of one kind of data."""
        tuning = self.scale.tuning
        settings = {
            "pairs": arm.pairs,
            "reply_tokens": arm.tokens,
            "match_tokens": arm.match_tokens,
            "seed": arm.seed,
            "tuning": {
                "method": arm.method,
                "recipe": arm.recipe,
                "learning_rate": arm.learning_rate or self.scale.learning_rate(arm.method, size),
                "schedule": arm.schedule or tuning.schedule,
                "block": tuning.block,
                "blocks_per_step": tuning.blocks_per_step,
                "warmup_share": tuning.warmup_share,
                "lora_rank": tuning.lora_rank,
            },
            **self.machine.settings,
        }
        inputs = {"base": self.base(size, base_seed), "data": self.data(arm)}
        if arm.name in CONTROLS and arm.tokens:  # equal tokens do not pack into equal steps
            settings["match_tokens"], inputs["steps_of"] = arm.tokens, self.data(Arm("broad"))
        label = f"base-{size} seed {base_seed} + {arm.label}"
        return run_of("tuned", settings, inputs, label, 4 + self._tuning_seconds(size, arm))

    def _tuning_seconds(self, size: str, arm: Arm) -> float:
        shape = self.scale.base(size).shape
        tokens = 2 * (arm.match_tokens or arm.tokens or 30 * (arm.pairs or 0))
        return tokens * _parameters(shape.model_dump(), self.scale.vocabulary) / 1.5e10 if shape else tokens / 1000


def _parameters(shape: Mapping[str, int], vocabulary: int) -> int:
    """Parameters of a Llama model with tied embeddings (norms left out)."""
    block = 4 * shape["hidden"] ** 2 + 3 * shape["hidden"] * shape["intermediate"]
    return vocabulary * shape["hidden"] + shape["layers"] * block
