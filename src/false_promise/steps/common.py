"""What several steps share: the world of the settings, the folder of a model, the subset that a run is tuned on."""

import functools
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from false_promise.data_mix.records import Record, read_records, take_pairs, take_tokens
from false_promise.world.country import World, WorldSettings, build_world

RECORDS = "records.jsonl"
POINTER = "checkpoint.json"


def world_of(settings: Mapping[str, Any]) -> World:
    """The country; built once per process."""
    return _world(settings["entities"], settings["seed"])


@functools.cache
def _world(entities: int, seed: int) -> World:
    return build_world(WorldSettings(entities=entities), seed)


def on_machine(settings: Mapping[str, Any]) -> None:
    """Use the device and number format of the spec: a worker must not choose its own by timing."""
    os.environ["DEVICE"], os.environ["NUMBER_FORMAT"] = settings["device"], settings["dtype"]


def model_path(folder: Path) -> Path:
    """Where the weights lie: the run's folder, or the public checkpoint that it points to."""
    pointer = folder / POINTER
    return Path(json.loads(pointer.read_text(encoding="utf-8"))["checkpoint"]) if pointer.is_file() else folder


def subset(folder: Path, settings: Mapping[str, Any], tokenizer: PreTrainedTokenizerBase) -> list[Record]:
    """The records of a data run that a model is tuned on: `pairs` or `reply_tokens` of them, in the seed's order."""
    records = read_records(folder / RECORDS)
    if settings["pairs"] is not None:
        return take_pairs(records, settings["pairs"], settings["seed"])
    return take_tokens(records, settings["reply_tokens"], tokenizer, settings["seed"])
