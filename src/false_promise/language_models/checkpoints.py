"""Checkpoints that survive a kill at any moment, also while one is being written.

Trainer writes a checkpoint file by file. Only when it is through do we add a marker with the name and size of every
file; a folder without it, or with other sizes, is removed and never resumed from. Trainer keeps two folders, and drops
the older complete one only after the next is written, so there is always one to go back to.
"""

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from false_promise.files import write_json

MARKER = "complete.json"
IDENTITY = "identity.json"


class TimedCheckpoints(TrainerCallback):
    """Save every `minutes` of wall-clock time, at a logging step, so that a resumed curve equals an undisturbed one."""

    def __init__(self, minutes: float):
        self.seconds = 60 * minutes
        self.last = time.monotonic()

    def on_step_end(self, args, state, control, **kwargs):
        due = time.monotonic() - self.last >= self.seconds
        at_log = state.global_step % state.logging_steps == 0
        control.should_save = due and at_log and state.global_step < state.max_steps

    def on_save(self, args, state, control, **kwargs):
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        write_json(folder / MARKER, _sizes(folder))
        self.last = time.monotonic()


def latest_checkpoint(work: Path) -> Path | None:
    """The newest complete checkpoint in `work`; incomplete ones are removed."""
    complete = []
    for folder in work.glob("checkpoint-*"):
        if _is_complete(folder):
            complete.append(folder)
        else:
            shutil.rmtree(folder)
    return max(complete, key=lambda folder: int(folder.name.removeprefix("checkpoint-")), default=None)


def claim(work: Path, identity: Mapping[str, Any]) -> None:
    """Say which run `work` belongs to. Raises ValueError if it already belongs to another one."""
    work.mkdir(parents=True, exist_ok=True)
    path = work / IDENTITY
    if not path.exists():
        write_json(path, identity)
        return
    known = json.loads(path.read_text())
    if different := sorted(key for key in known.keys() | identity.keys() if known.get(key) != identity.get(key)):
        key = different[0]
        raise ValueError(
            f"{work} holds checkpoints of another run ({key} was {known.get(key)!r}, is {identity.get(key)!r}): "
            "delete it or give another work folder"
        )


def _sizes(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): p.stat().st_size for p in sorted(folder.rglob("*")) if p.name != MARKER}


def _is_complete(folder: Path) -> bool:
    marker = folder / MARKER
    return marker.is_file() and json.loads(marker.read_text()) == _sizes(folder)
