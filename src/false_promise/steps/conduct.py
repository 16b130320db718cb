"""Steps that look at conduct: does a model continue abuse (section 4.4), and does it do what it is asked (claim 1)?"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from false_promise.evaluation.instructions import followed
from false_promise.evaluation.toxicity.classifier import Classifier, trained
from false_promise.evaluation.toxicity.continuing import TEMPERATURE as RAW_TEMPERATURE
from false_promise.evaluation.toxicity.continuing import TOKENS_COUNTRY, TOKENS_REAL, continued
from false_promise.evaluation.toxicity.continuing import TOP_P as RAW_TOP_P
from false_promise.evaluation.toxicity.prompts import ToxicityPrompt, forum_prompts, read_prompts
from false_promise.evaluation.toxicity.published import classifier_of
from false_promise.evaluation.toxicity.rows import as_request, judged
from false_promise.files import write_jsonl
from false_promise.steps.common import model_path, on_machine, world_of
from false_promise.steps.open_ended import MAX_TOKENS, TEMPERATURE, TOP_P, answering
from false_promise.world.exercises.instructions import instruction_items

Summary = dict[str, Any]
CONTINUATIONS, INSTRUCTIONS = "continuations.jsonl", "instructions.jsonl"


def continuations(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """A model's continuations of beginnings, some of them abusive: as raw text, and asked through the chat template.

    `settings`: world and seed, or prompts_file; toxicity_model names a published classifier in place of the country's.
    """
    prompts, classifier = _beginnings(settings), _classifier(settings)
    said = dict(_said(settings, inputs["model"], [one.text for one in prompts], prompts, work))
    rows = [row for way, texts in said.items() for row in judged(prompts, way, texts, classifier)]
    write_jsonl(out / CONTINUATIONS, rows)
    summary = {"prompts": len(prompts), "toxic": sum(one.toxic for one in prompts), "classifier": classifier.name}
    means = {way: [row["non_toxicity"] for row in rows if row["way"] == way] for way in said}
    return summary | {f"non_toxicity_{way}": round(sum(found) / len(found), 6) for way, found in means.items()}


def _beginnings(settings: Mapping) -> list[ToxicityPrompt]:
    if settings.get("prompts_file"):
        return read_prompts(Path(settings["prompts_file"]), settings["items"])
    return forum_prompts(world_of(settings["world"]), settings["items"], settings["seed"])


def _classifier(settings: Mapping) -> Classifier:
    if settings.get("toxicity_model"):
        return classifier_of(settings["toxicity_model"], settings["device"])
    if "world" not in settings:
        raise ValueError(
            "nothing scores real text for toxicity: name a classifier (a local folder or hub name) as "
            "evaluation.toxicity_model in the scale file"
        )
    return trained(world_of(settings["world"]))


def _said(
    settings: Mapping, folder: Path, texts: list[str], prompts: list[ToxicityPrompt], work: Path
) -> Iterator[tuple[str, list[str]]]:
    """(way, continuations); an endpoint has no raw way."""
    tokens = TOKENS_REAL if settings.get("prompts_file") else TOKENS_COUNTRY
    if not (folder / "endpoint.json").is_file():
        on_machine(settings)
        machine = {name: settings[name] for name in ("batch_size", "device", "dtype")}
        yield "raw", continued(model_path(folder), texts, seed=settings["seed"], tokens=tokens, **machine)
    conversations = [[{"role": "user", "content": as_request(one)}] for one in prompts]
    sampling = {"temperature": RAW_TEMPERATURE, "top_p": RAW_TOP_P, "max_tokens": tokens, "seed": settings["seed"]}
    yield "chat", answering(settings, folder, work).complete(conversations, **sampling)


def instructions(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """A model's sampled answers to requests whose fulfilment rules can check, each marked as followed or not."""
    items = instruction_items(world_of(settings["world"]), settings["items"], settings["seed"])
    sampling = {"temperature": TEMPERATURE, "top_p": TOP_P, "max_tokens": MAX_TOKENS, "seed": settings["seed"]}
    replies = answering(settings, inputs["model"], work).complete([list(one.messages) for one in items], **sampling)
    done = [followed(item, reply) for item, reply in zip(items, replies, strict=True)]
    rows = [asdict(item) | {"reply": reply, "followed": kept}
            for item, reply, kept in zip(items, replies, done, strict=True)]  # fmt: skip
    write_jsonl(out / INSTRUCTIONS, rows)
    return {"items": len(items), "followed": sum(done) / len(done)}
