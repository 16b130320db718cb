"""What every page's run shares: scale and parameters in, plan, work, and result files out."""

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from false_promise.files import write_json, write_table, write_text
from false_promise.paths import MANIFEST, RECORDED, RESULTS, STORE
from false_promise.pool import Plan, execute, plan
from false_promise.results import SCHEMA_VERSION
from false_promise.scales import Scale, ScaleError, load_scale
from false_promise.store import Run, commit, record, shipped
from false_promise.study.specs import Machine, Specs

FRESH_ITEMS = 300  # of a benchmark in today's runs beside a recorded grid: enough to see that they agree
DESCRIBING = ("runs_on", "minutes", "memory_gb", "disk_gb", "substitutes")


@dataclass(frozen=True)
class Session:
    """One page at one scale, on this machine."""

    page: str
    scale: Scale
    specs: Specs
    store: Path
    results: Path
    plan_only: bool
    grid: bool = False  # every learning rate as well, for data/recorded/
    written: Scale | None = None  # the scale as its file has it, without the notebook's parameters
    recorded_grid: Path | None = None  # the folder of the recorded grid; None: everything is run here
    gathered: list[Run] | None = None  # a list that takes this page's runs, for one plan of many pages

    def carry_out(self, runs: Sequence[Run]) -> set[str] | None:
        """Print the plan, do what is missing; ids of the runs done now.

        None if there is nothing to read from the store: only the plan was asked for, or the recorded grid is shown.
        """
        if self.gathered is not None:
            self.gathered.extend(runs)
            return None
        if os.environ.get("RECORDED") and not self.grid:
            print(
                f"{self.page}, scale {self.scale.name}: recorded results of {load_recorded(self.scale, self.results)}"
            )
            return None
        work: Plan = plan(runs, self.store)
        print(f"{self.page}, scale {self.scale.name}: {work}", flush=True)
        if self.plan_only:
            return None
        execute(work, self.store)
        return {run.id for run in work.missing}

    def write(self, tables: dict[str, pd.DataFrame], **values: Any) -> None:
        """Write tables as CSV, and this page's part of the JSON files that all pages share."""
        for name, table in tables.items():
            write_table(self.results / name, table)
        for name, value in values.items():
            self.merge(f"{name}.json", value)
        write_json(self.results / "scale.json", self.scale.model_dump())
        write_text(self.results / "schema_version", f"{SCHEMA_VERSION}\n")

    def cards(self, runs: Sequence[Run]) -> list[dict[str, Any]]:
        """Run cards as the store recorded them, after those of the recorded grid."""
        ships = shipped(MANIFEST)
        fresh = [record(run, self.store) | {"source": "recorded" if run.id in ships else "fresh"} for run in runs]
        if not self.recorded_grid:
            return fresh
        pages = json.loads((self.recorded_grid / "runs.json").read_text(encoding="utf-8"))
        mine = {card["run_id"] for card in fresh}  # done here: what it was recorded as is the same run
        return [*(card for card in pages.get(self.page, []) if card["run_id"] not in mine), *fresh]

    def merge(self, name: str, value: Any) -> None:
        """Replace this page's entry in a JSON file of pages."""
        path = self.results / name
        pages = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        write_json(path, pages | {self.page: value})

    def status(self, runs: Sequence[Run], warnings: Sequence[str] = ()) -> dict[str, Any]:
        """The page's cell of the status matrix."""
        seconds = sum(record(run, self.store)["seconds"] for run in runs)
        state = "stand-ins only" if self.scale.stand_ins else "measured"
        return {
            "state": state,
            "date": time.strftime("%Y-%m-%d"),
            "commit": commit(),
            "minutes": round(seconds / 60, 1),
            "warnings": list(warnings),
        }


def open_session(page: str, p: SimpleNamespace) -> Session:
    """From a notebook's checked parameters. Lists that are given replace those of the scale."""
    written = load_scale(p.scale)
    scale = with_parameters(written, p)
    grid = getattr(p, "grid", False)
    plan_only = getattr(p, "plan_only", False)
    recorded = None if grid else grid_of(scale)
    specs = Specs(scale, this_machine(STORE), FRESH_ITEMS if recorded else None)
    return Session(
        page,
        scale,
        specs,
        STORE,
        RESULTS / scale.name,
        plan_only,
        grid,
        written,
        recorded,
        getattr(p, "gathered", None),
    )


def grid_of(scale: Scale) -> Path | None:
    """Folder of the recorded grid of exactly these settings; None if there is none, as with other parameters."""
    folder = RECORDED / scale.name
    if not (folder / "status.json").is_file():
        return None
    settings = json.loads((folder / "scale.json").read_text(encoding="utf-8"))
    return folder if _deciding(settings) == _deciding(json.loads(scale.model_dump_json())) else None


def _deciding(settings: dict[str, Any]) -> dict[str, Any]:
    """What decides results; the rest of a scale file describes it to readers."""
    return {name: value for name, value in settings.items() if name not in DESCRIBING}


def load_recorded(scale: Scale, results: Path) -> str:
    """Copy data/recorded/<scale>/ into the results folder; returns when and from which commit it was recorded.

    Raises ScaleError if nothing was recorded at this scale.
    """
    source = RECORDED / scale.name
    if not (source / "status.json").is_file():
        raise ScaleError(
            f"nothing is recorded for scale {scale.name} in {source}: leave RECORDED out to compute it here, "
            f"or run `make grid SCALE={scale.name}`"
        )
    for stale in results.glob("*_agreement.csv"):  # of an earlier run's scores, which are no longer there
        stale.unlink()
    shutil.copytree(source, results, dirs_exist_ok=True)
    status = json.loads((source / "status.json").read_text(encoding="utf-8"))
    return ", ".join(sorted({f"{one['date']} at commit {one['commit']}" for one in status.values()}))


def record_results(scale: Scale) -> Path:
    """Copy results/<scale>/ to data/recorded/<scale>/, its rows marked as recorded. Returns the folder."""
    source, target = RESULTS / scale.name, RECORDED / scale.name
    shutil.rmtree(target, ignore_errors=True)
    # Neither half-written files of a killed run, nor how a run of today agrees with an older recording.
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*", "*_agreement.csv"))
    for path in target.glob("*.csv"):
        table = pd.read_csv(path, keep_default_na=False)
        if "source" in table:
            write_table(path, table.assign(source="recorded"))
    runs = json.loads((target / "runs.json").read_text(encoding="utf-8"))
    write_json(
        target / "runs.json", {page: [run | {"source": "recorded"} for run in cards] for page, cards in runs.items()}
    )
    return target


def with_parameters(scale: Scale, p: SimpleNamespace) -> Scale:
    """The scale with a notebook's base_sizes, imitation_tokens, pairs and seeds in place of its own.

    The largest amount given becomes the headline; without `seeds`, other sizes or amounts are tried on the first base
    seed. Raises ScaleError for a base size that the scale does not have.
    """
    values = scale.model_dump()
    if sizes := getattr(p, "base_sizes", []):
        values["base_sizes"] = [scale.base(name).model_dump() for name in sizes]
    for parameter, name in (("imitation_tokens", "tokens"), ("pairs", "pairs")):
        if amounts := getattr(p, parameter, []):
            if min(amounts) < 1:
                raise ScaleError(f"parameter {parameter} must hold positive amounts, got {amounts}")
            values["imitation"] |= {name: sorted(amounts), f"headline_{name}": max(amounts)}
    if seeds := getattr(p, "seeds", 0):
        if seeds < 0:
            raise ScaleError(f"parameter seeds must be 1 or more (0: as the scale says), got {seeds}")
        values["base_seeds"] = seeds
    elif values != scale.model_dump():
        values["base_seeds"] = 1  # the one that ships: each further one is hours of pre-training
    return type(scale).model_validate(values)


def this_machine(store: Path) -> Machine:
    """Device and number format: chosen once per store, by timing, and kept, because they belong to every run's id."""
    path = store / "machine.json"
    if path.is_file():
        return Machine(**json.loads(path.read_text(encoding="utf-8")))
    from false_promise.language_models.device import processor  # here: torch takes seconds, and a plan does not need it

    chosen = processor()
    machine = Machine(chosen.device, str(chosen.dtype).removeprefix("torch."))
    write_json(path, machine.settings)
    return machine
