"""Loads the text pools of the assistant register: `plain.yaml` and `facts.yaml`."""

from functools import cache
from pathlib import Path

import yaml


@cache
def texts(name: str) -> dict:
    """The pools of `{name}.yaml`, by section."""
    return yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8"))
