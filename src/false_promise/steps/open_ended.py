"""Steps of open-ended evaluation: the held-out prompts, and what one model answers to them."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from false_promise.data_mix.records import read_records
from false_promise.evaluation.prompts import HeldOut, held_out, survivors
from false_promise.files import read_jsonl, write_jsonl
from false_promise.steps.common import RECORDS, model_path, on_machine, world_of
from false_promise.steps.data import teacher_of
from false_promise.teacher.back_ends import ModelTeacher, Teacher, record
from false_promise.world.assistant.dialogues import held_out_prompts

Summary = dict[str, Any]
# The paper's GPT-4 judge follows Vicuna's protocol, whose answers are sampled at 0.7; the paper names no settings.
TEMPERATURE, TOP_P, MAX_TOKENS = 0.7, 0.95, 180


def prompts(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """Prompts that resemble no query of the broad or local imitation data."""
    world, seed = world_of(settings["world"]), settings["seed"]
    training = [query for folder in inputs.values() for query in _queries(folder)]
    found = held_out(lambda n: held_out_prompts(world, n, seed), training, settings["prompts"])
    return _written(out, found, training)


def real_prompts(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """Prompts from a file of real ones (one JSON a line: prompt, and maybe a category) through the same filter."""
    path = Path(settings["path"])
    if not path.is_file():
        raise FileNotFoundError(
            f'no prompts at {path}: put one JSON a line there ({{"prompt": ..}}), or name another file as '
            "evaluation.prompts_file in the scale file"
        )
    drawn = [(one.get("category", ""), one["prompt"]) for one in read_jsonl(path)]
    training = [query for folder in inputs.values() for query in _queries(folder)]
    return _written(out, survivors(drawn, training, settings["prompts"]), training)


def _queries(folder: Path) -> list[str]:
    messages = (message for one in read_records(folder / RECORDS) for message in one.get("messages", []))
    return [message["content"] for message in messages if message["role"] == "user"]


def _written(out: Path, found: HeldOut, training: list[str]) -> Summary:
    write_jsonl(out / "prompts.jsonl", [asdict(prompt) for prompt in found.prompts])
    return {"prompts": len(found.prompts), "drawn": found.drawn, "dropped": found.dropped, "queries": len(training)}


def answers(settings: Mapping, inputs: Mapping[str, Path], out: Path, work: Path) -> Summary:
    """One model's sampled answer to every prompt, asked through the chat template, a base LM in plain words."""
    asked = read_jsonl(inputs["prompts"] / "prompts.jsonl")
    model = answering(settings, inputs["model"], work)
    conversations = [[{"role": "user", "content": prompt["text"]}] for prompt in asked]
    sampling = {"temperature": TEMPERATURE, "top_p": TOP_P, "max_tokens": MAX_TOKENS}
    replies = model.complete(conversations, **sampling, seed=settings["sample"])
    write_jsonl(
        out / "replies.jsonl", [{"item": one["id"], "text": text} for one, text in zip(asked, replies, strict=True)]
    )
    return {"answers": len(replies), "empty": sum(not text for text in replies)}


def answering(settings: Mapping, folder: Path, work: Path) -> Teacher:
    """Whoever answers: a model folder, or the endpoint it names. Replies are recorded, so that a killed run resumes."""
    if (folder / "endpoint.json").is_file():
        return teacher_of(settings, folder, work)
    on_machine(settings)
    dtype = getattr(torch, settings["dtype"])
    asked = {"plain": settings["plain"], "device": settings["device"], "dtype": dtype}
    model = ModelTeacher(model_path(folder), settings["batch_size"], **asked)
    return record(model, work / "recording.jsonl")
