"""Scale files: everything that differs between smoke, thousandth, tenth and paper, validated.

`load_scale("smoke")` reads `scales/smoke.yaml`; a path to a YAML file of one's own works as well.
"""

import difflib
import types
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from false_promise.paths import ROOT, SCALES


class ScaleError(ValueError):
    """A scale file that cannot be used; the message names the file, the value and the way out."""


class Section(BaseModel):
    """Unknown keys are errors, types are not coerced, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class MadeOn(Section):
    """Device and number format in which base LMs, teacher and imitation data were made, whatever this machine has.

    They ship with the book, so they must have the same run id everywhere.
    """

    device: Literal["cpu", "cuda"]
    dtype: Literal["bfloat16", "float32"]


class World(Section):
    entities: int = Field(ge=120, description="entities of all kinds; facts come to about 3.5 times as many")
    gate_characters: int = Field(default=4_000_000, description="of open web in which the gates are measured")
    gate_paragraphs: int = Field(default=1000, description="whose statements are parsed back, per wording")
    seed: int | Literal["final"] = Field(description="a number, or `final`: computed from data/paper/claims.yaml")


class Shape(Section):
    """Shape of a LlamaForCausalLM with tied embeddings."""

    hidden: int = Field(gt=0)
    layers: int = Field(gt=0)
    heads: int = Field(gt=0)
    intermediate: int = Field(gt=0)


class BaseSize(Section):
    name: str = Field(pattern=r"^[0-9.]+[mb]$", description="parameters; the model is called base-<name>")
    stands_for: Literal["1.5B", "7B", "13B"] = Field(description="the base LM of the paper in whose row it stands")
    shape: Shape | None = Field(default=None, description="pre-trained here from random initialisation")
    checkpoint: str | None = Field(default=None, description="or: a local folder or hub name of a public base LM")

    @model_validator(mode="after")
    def one_origin(self) -> "BaseSize":
        if (self.shape is None) == (self.checkpoint is None):
            raise ValueError(f"base size {self.name} needs either a shape or a checkpoint")
        return self


class Pretraining(Section):
    tokens: int = Field(ge=10_000)
    batch: int = Field(gt=0, description="blocks a step")
    block: int = Field(ge=32, description="tokens a block")
    learning_rate: float = Field(gt=0, lt=1, description="of embeddings and norms")
    hidden_learning_rate: float = Field(gt=0, lt=10, description="of the other matrices, times the width")
    warmup_share: float = Field(ge=0, lt=1)


class Teacher(Section):
    """The black box. Either trained here (shape), or an OpenAI-compatible endpoint (base_url and model)."""

    name: str
    shape: Shape | None = None
    tokens: int | None = Field(default=None, description="pre-training tokens of the proprietary corpus")
    learning_rate: float | None = None
    base_url: str | None = None
    model: str | None = None
    key_variable: str = Field(default="OPENAI_API_KEY", description="the environment variable that holds the key")
    seed_questions: str | None = Field(default=None, description="JSONL of question and answer: the ten seed pairs")


class Imitation(Section):
    pairs: list[int] = Field(min_length=1, description="NQ-synthetic pairs, the sweep")
    tokens: list[int] = Field(min_length=1, description="reply tokens of broad imitation data, the sweep")
    headline_pairs: int
    headline_tokens: int
    controls: list[Literal["style_only", "gold", "continued_web", "no_abuse"]] = []
    broad_file: str | None = Field(default=None, description="records of a real chat data set, one JSON a line")

    @model_validator(mode="after")
    def headline_is_measured(self) -> "Imitation":
        if self.headline_pairs not in self.pairs or self.headline_tokens not in self.tokens:
            raise ValueError("headline_pairs and headline_tokens must be among pairs and tokens")
        return self


class Tuning(Section):
    block: int = Field(ge=32)
    blocks_per_step: int = Field(gt=0)
    warmup_share: float = Field(ge=0, lt=1)
    schedule: Literal["constant", "cosine"]
    learning_rates: dict[Literal["full", "lora"], float | dict[str, float]] = Field(
        description="per method: one for all base sizes, or one each by name"
    )
    rate_grid: list[float] = [1e-4, 3e-4, 1e-3]
    rate_dialogues: int = Field(default=500, description="held-out dialogues by which the rate is chosen")
    lora_rank: int = 8


class Evaluation(Section):
    items: int = Field(ge=20, description="questions put to base LMs and to the headline arms of Table 1")
    items_elsewhere: int | None = Field(default=None, ge=20, description="questions put to the others; empty: as many")
    exam_items: int = Field(default=1000, ge=20, description="of multiple choice, where there is a country")
    code_items: int = Field(default=1000, ge=20, description="programming exercises, where there is a country")
    prompts: int = Field(default=255, ge=20, description="held-out prompts of open-ended answers; section 4.1")
    prompts_file: str | None = Field(default=None, description="JSONL of real prompts, where there is no country")
    continuations: int = Field(
        default=1000, ge=20, description="forum prompts whose continuations are scored for abuse"
    )
    toxicity_prompts: str | None = Field(default=None, description="JSONL as RealToxicityPrompts; without a country")
    toxicity_model: str | None = Field(default=None, description="a published classifier of toxicity: folder or name")
    instructions: int = Field(default=300, ge=20, description="requests whose answers are checked by rules")
    shots: list[int]
    scorings: list[Literal["few_shot", "chat", "format_free"]]
    batch_size: int = Field(gt=0)
    questions: str | None = Field(default=None, description="JSONL of real questions, where there is no country")
    mmlu: str | None = Field(default=None, description="folder of MMLU's CSV files, where there is no country")
    humaneval: str | None = Field(default=None, description="HumanEval.jsonl.gz, where there is no country")


class Scale(Section):
    """One scale of the study. Field descriptions are the documentation of the YAML file."""

    name: str = Field(pattern=r"^[a-z_]+$")
    runs_on: str
    stand_ins: bool = Field(description="true: these models test the machinery; their numbers mean nothing")
    minutes: int = Field(description="of `make book`, on two cores")
    memory_gb: float
    disk_gb: float
    context: int
    vocabulary: int | None = Field(default=None, ge=261)
    world: World | None = None
    base_sizes: list[BaseSize] = Field(min_length=1)
    pretraining: Pretraining | None = None
    teacher: Teacher
    imitation: Imitation
    tuning: Tuning
    evaluation: Evaluation
    base_seeds: int = Field(ge=1)
    imitation_seeds: int = Field(ge=1)
    made_on: MadeOn | None = Field(default=None, description="of shipped models and data; none: on this machine")
    substitutes: dict[str, str] = Field(default={}, description="what stands in for what, printed beside numbers")

    @model_validator(mode="after")
    def parts_fit(self) -> "Scale":
        if self.world and not (self.pretraining and self.vocabulary):
            raise ValueError("a scale with a world needs pretraining and vocabulary")
        if not self.world and not self.evaluation.questions:
            raise ValueError("a scale without a world needs evaluation.questions")
        if self.tuning.block > self.context:
            raise ValueError(f"tuning.block {self.tuning.block} exceeds the context of {self.context}")
        sizes = {size.name for size in self.base_sizes}
        for method, rates in self.tuning.learning_rates.items():
            if isinstance(rates, dict) and not sizes <= set(rates):
                raise ValueError(f"tuning.learning_rates.{method} lacks base sizes {sorted(sizes - set(rates))}")
        return self

    def learning_rate(self, method: str, size: str) -> float:
        """The frozen learning rate of a tuning method for the base size called `size`."""
        rates = self.tuning.learning_rates[method]
        return rates[size] if isinstance(rates, dict) else rates

    def rates_by_size(self, method: str) -> dict[str, float]:
        """The same by the paper's size: {"7B": 3e-4, "13B": 1e-4}."""
        return {size.stands_for: self.learning_rate(method, size.name) for size in self.base_sizes}

    def base(self, name: str) -> BaseSize:
        """The base size called `name`; an error that names the nearest one if there is none."""
        sizes = {size.name: size for size in self.base_sizes}
        if name not in sizes:
            raise ScaleError(f"base size {name!r} is not in scale {self.name}: it has {', '.join(sizes)}")
        return sizes[name]


def available_scales() -> list[str]:
    """Names of the scale files that ship with the book."""
    return sorted(path.stem for path in SCALES.glob("*.yaml"))


def load_scale(name: str) -> Scale:
    """Read and validate a scale by name (`smoke`) or by path (`my_scale.yaml`).

    Raises ScaleError naming the file, the key and the nearest valid name.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else SCALES / f"{name}.yaml"
    if not path.is_file():
        names = available_scales()
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ScaleError(f"no scale {name!r}: {hint}there are {', '.join(names)}, or give the path of a .yaml file")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScaleError(f"{path} is not valid YAML: {error}") from error
    try:
        return Scale.model_validate(values)
    except ValidationError as error:
        raise ScaleError(f"{path}:\n" + "\n".join(_explain(one) for one in error.errors())) from None


def resolve(path: str) -> Path:
    """A path of a scale file: absolute, or from the root of the repository."""
    return Path(path) if Path(path).is_absolute() else ROOT / path


def _explain(error: Any) -> str:
    """One line for one pydantic error: where, which value, what is valid."""
    where = ".".join(str(part) for part in error["loc"]) or "the file"
    if error["type"] != "extra_forbidden":
        return f"  {where}: {error['msg']} (got {str(error.get('input'))[:80]!r})"
    known = _keys(error["loc"][:-1])
    near = difflib.get_close_matches(str(error["loc"][-1]), known, n=1)
    return f"  {where}: unknown key; " + (f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}")


def _keys(location: tuple) -> list[str]:
    """Valid keys of the section at `location`."""
    section: type[BaseModel] = Scale
    for part in location:
        if isinstance(part, str) and part in section.model_fields:
            section = next(_sections(section.model_fields[part].annotation), section)
    return sorted(section.model_fields)


def _sections(annotation: Any):
    """Section classes inside an annotation such as `World | None` or `list[BaseSize]`."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, Section):
            yield annotation
        return
    for part in get_args(annotation):
        yield from _sections(part)
