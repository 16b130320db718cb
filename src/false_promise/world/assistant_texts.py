"""Loads the text pools of the assistant register: `assistant_plain.yaml` and `assistant_facts.yaml`."""

from functools import cache
from pathlib import Path

import yaml


@cache
def texts(name: str) -> dict:
    """The pools of `assistant_{name}.yaml`, by section."""
    return yaml.safe_load(Path(__file__).with_name(f"assistant_{name}.yaml").read_text(encoding="utf-8"))
