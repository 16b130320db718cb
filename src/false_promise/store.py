"""Runs and where they are kept: one cache, one notion of stale.

A run is a frozen spec: a step, its settings and the runs it reads. Its id hashes all of that together with a
hand-raised version of the step's code, so a stale result has another name and is never found. A finished run is a
folder `store/<id>/` with a `run.json`; it is written under `store/.partial/` and renamed when complete.
What took hours ships with the book: `data/MANIFEST.json` says which runs lie under `data/`, in the same form.
"""

import errno
import hashlib
import json
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock

from false_promise.files import sha256, write_json
from false_promise.paths import MANIFEST, ROOT

RECORD = "run.json"
# settings, inputs by name, folder to fill, folder that survives a kill; returns a JSON-able summary.
Step = Callable[[Mapping[str, Any], Mapping[str, Path], Path, Path], Mapping[str, Any]]


class StoreError(RuntimeError):
    """A run that cannot be read or written; the message names the file and the way out."""


@dataclass(frozen=True)
class Run:
    """Spec of one run. `settings` must be JSON-able; `inputs` are the runs whose folders it reads."""

    step: str
    version: int
    settings: Mapping[str, Any]
    inputs: Mapping[str, "Run"] = field(default_factory=dict)
    # For people and the plan, not part of the id: a name, and the expected seconds of one core.
    label: str = ""
    seconds: float = 1.0

    @cached_property
    def id(self) -> str:
        spec = [self.step, self.version, self.settings, {name: run.id for name, run in self.inputs.items()}]
        text = json.dumps(spec, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return f"{self.step}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def __hash__(self) -> int:
        return hash(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and self.id == other.id


def with_inputs(runs: list[Run]) -> list[Run]:
    """The runs and everything they read, each once, inputs first."""
    order: dict[str, Run] = {}

    def visit(run: Run) -> None:
        for one in run.inputs.values():
            visit(one)
        order.setdefault(run.id, run)

    for run in runs:
        visit(run)
    return list(order.values())


def folder(run: Run, store: Path) -> Path:
    """Where the finished run lies (or will lie): with the book if it ships with it, else in the store."""
    return shipped(MANIFEST).get(run.id, store / run.id)


@cache
def shipped(manifest: Path) -> dict[str, Path]:
    """Run id -> folder of every run that ships with the book; empty without a manifest."""
    if not manifest.is_file():
        return {}
    entries = json.loads(manifest.read_text(encoding="utf-8"))
    return {entry["run_id"]: manifest.parent / path for path, entry in entries.items()}


def is_stored(run: Run, store: Path) -> bool:
    """Whether the run is complete. Only a renamed folder is; partial ones lie elsewhere."""
    return (folder(run, store) / RECORD).is_file()


def record(run: Run, store: Path) -> dict[str, Any]:
    """The run card: spec, summary, files with digests, date, commit, seconds, machine."""
    path = folder(run, store) / RECORD
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read ({error}); {_way_out(path.parent)}") from error


def open_run(run: Run, store: Path) -> Path:
    """Folder of a finished run, every file checked against its recorded sha256 (26 MB takes 20 ms).

    Raises StoreError naming the damaged or missing file.
    """
    place = folder(run, store)
    for name, digest in record(run, store)["files"].items():
        path = place / name
        if not path.is_file():
            raise StoreError(f"{path} is missing; {_way_out(place)}")
        if sha256(path) != digest:
            raise StoreError(f"{path} is damaged: its sha256 differs from the one in {RECORD}; {_way_out(place)}")
    return place


def build(run: Run, step: Step, store: Path) -> Path:
    """Return the run's folder, running `step` first unless it is stored. Its inputs must be stored.

    Two processes never build the same run: the second waits and finds it. What a killed attempt left in the work
    folder (checkpoints) is handed to the next one; its partial output is thrown away.
    """
    with _locked(run, store):
        if is_stored(run, store):
            return folder(run, store)
        inputs = {name: open_run(one, store) for name, one in run.inputs.items()}
        partial, work = store / ".partial" / run.id, store / ".work" / run.id
        shutil.rmtree(partial, ignore_errors=True)
        try:
            partial.mkdir(parents=True)
            work.mkdir(parents=True, exist_ok=True)
            started = time.monotonic()
            summary = step(run.settings, inputs, partial, work)
            write_json(partial / RECORD, _card(run, partial, summary, time.monotonic() - started))
            partial.rename(store / run.id)
        except Exception as error:
            if _is_full_disk(error):
                raise StoreError(_disk_full(run, store)) from error
            raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(work, ignore_errors=True)
        return store / run.id


def _locked(run: Run, store: Path) -> FileLock:
    try:
        (store / ".locks").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot write to {store}: {error}; set FALSE_PROMISE_STORE to a writable folder") from error
    return FileLock(store / ".locks" / run.id)


def _card(run: Run, partial: Path, summary: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "step": run.step,
        "version": run.version,
        "label": run.label,
        "settings": dict(run.settings),
        "inputs": {name: one.id for name, one in run.inputs.items()},
        "summary": dict(summary),
        "files": {str(path.relative_to(partial)): sha256(path) for path in _files(partial)},
        "seconds": round(seconds, 2),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        **provenance(),
    }


def provenance() -> dict[str, str]:
    """Commit, machine and versions of the libraries that decide numbers."""
    names = ("torch", "transformers", "peft", "lm_eval", "numpy")
    return {
        "commit": commit(),
        "machine": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": " ".join(f"{name} {version(name)}" for name in names),
    }


def commit() -> str:
    """Short hash of the checked-out commit, with `+` where tracked files differ from it; `unknown` without git."""
    git = ["git", "-C", str(ROOT)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=True)
        dirty = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if dirty.stdout.strip() else "")


def _files(place: Path) -> Iterator[Path]:
    return (path for path in sorted(place.rglob("*")) if path.is_file() and path.name != RECORD)


def _way_out(place: Path) -> str:
    if place in shipped(MANIFEST).values():
        return f"it ships with the book: `git checkout -- {place}` restores it"
    return f"remove {place} and run the same command again: it is rebuilt, everything else is kept"


def _is_full_disk(error: Exception) -> bool:
    # safetensors reports it as an error of its own, with the system's words inside.
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left on device" in str(error)


def _disk_full(run: Run, store: Path) -> str:
    free = shutil.disk_usage(store).free / 1e6
    return (
        f"the disk is full: {run.label or run.id} could not be written to {store} ({free:.0f} MB free). Finished runs "
        f"are kept; free some space, or set FALSE_PROMISE_STORE to another disk, and run the same command again"
    )
