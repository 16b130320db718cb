"""What ships with the book: models and imitation data that took hours, as run folders under `data/`, and a manifest.

    python -m false_promise.shipping thousandth     # copies finished runs from the store to data/, writes MANIFEST.json

The store finds a shipped run by its id: a page that needs base-7m loads `data/models/base-7m` instead of training it.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from false_promise.files import write_json
from false_promise.paths import MANIFEST, STORE
from false_promise.scales import load_scale
from false_promise.store import RECORD, Run, is_stored, open_run, record
from false_promise.study.session import this_machine
from false_promise.study.specs import Arm, Specs

CARD = ("run_id", "step", "label", "date", "commit", "machine", "seconds", "versions", "summary", "settings", "files")


def shipped_runs(specs: Specs) -> Iterator[tuple[str, Run]]:
    """(path under data/, run) of everything of a scale that ships: weights of base seed 0, what the teacher wrote."""
    yield "models/tokenizer", specs.tokenizer()
    for size in specs.scale.base_sizes:
        yield f"models/base-{size.name}", specs.base(size.name)
    yield "models/teacher", specs.teacher()
    yield "imitation/nq_synthetic", specs.data(Arm("local"))
    yield "imitation/broad", specs.data(Arm("broad"))
    for control in specs.scale.imitation.controls:
        yield f"imitation/{control}", specs.data(Arm(control))


def ship(specs: Specs, store: Path, manifest: Path) -> dict[str, Any]:
    """Copy every finished run to its place beside `manifest`, and write the manifest: path -> run card.

    A run that is not finished is left out and named on the terminal. Returns the manifest.
    """
    entries = {}
    for path, run in shipped_runs(specs):
        if not is_stored(run, store):
            print(f"not finished, left out: {path} ({run.label})")
            continue
        _copy(open_run(run, store), manifest.parent / path)
        entries[path] = {name: value for name, value in record(run, store).items() if name in CARD}
    write_json(manifest, entries)
    return entries


def _copy(source: Path, target: Path) -> None:
    """Replace `target` by a copy of the run's folder, whole or not at all."""
    if source == target:
        return
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, partial)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scale")
    scale = load_scale(parser.parse_args().scale)
    if scale.made_on is None:
        sys.exit(f"error: scale {scale.name} does not say on what its models are made (made_on), so nothing can ship")
    entries = ship(Specs(scale, this_machine(STORE)), STORE, MANIFEST)
    size = sum(path.stat().st_size for name in entries for path in (MANIFEST.parent / name).rglob("*")) / 1e6
    print(f"{len(entries)} runs in {MANIFEST.parent}, {size:.1f} MB; every folder holds its {RECORD}")


if __name__ == "__main__":
    main()
