"""Has anything changed since the pages were last executed? If not, `make book` keeps them and only builds the HTML.

    if not unchanged(scale, pages): ...execute every notebook...; remember(scale, pages)

All or nothing: a page may show what another one measured. What counts is content, not dates: code, notebooks, scales
and data on one side, pages and result files on the other, and whether the store still holds the models, undamaged.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from false_promise.files import sha256, write_json
from false_promise.paths import BOOK, DATA, MANIFEST, NOTEBOOKS, RECORDED, RESULTS, ROOT, SCALES, STORE
from false_promise.store import RECORD, shipped

CODE = ("*.py", "*.yaml", "*.json", "*.jinja")


def remember(scale: str, pages: Sequence[str]) -> None:
    """Write down what the pages were made from and what came out."""
    write_json(_stamp(scale), {"inputs": _inputs(scale), "outputs": _outputs(scale, pages)})


def unchanged(scale: str, pages: Sequence[str]) -> bool:
    """Whether executing the pages again would give what is there."""
    stamp = _stamp(scale)
    if not stamp.is_file():
        return False
    then = json.loads(stamp.read_text(encoding="utf-8"))
    now = {"inputs": _inputs(scale), "outputs": _outputs(scale, pages)}
    return now == then and _models_are_sound(scale)


def _stamp(scale: str) -> Path:
    return ROOT / "_build" / f"pages_{scale}.json"


def _inputs(scale: str) -> str:
    code = [path for kind in CODE for path in Path(__file__).parent.rglob(kind)]
    texts = [*NOTEBOOKS.glob("*.ipynb"), *SCALES.glob("*.yaml")]
    texts += [path for room in ("paper", "public") for path in (DATA / room).glob("*")]
    recorded = [path for path in (RECORDED / scale, RECORDED / "pilot") for path in path.rglob("*")]
    settings = [f"{name}={os.environ.get(name, '')}" for name in ("RECORDED", "DEVICE")]
    return _digest([*code, *texts, *recorded, MANIFEST, STORE / "machine.json"], settings)


def _outputs(scale: str, pages: Iterable[str]) -> str:
    return _digest([*(RESULTS / scale).rglob("*"), *(BOOK / f"{page}.ipynb" for page in pages)], [])


def _digest(paths: Iterable[Path], settings: Iterable[str]) -> str:
    found = hashlib.sha256("\n".join(settings).encode())
    for path in sorted(set(paths)):
        if path.is_file() and not path.name.startswith(".") and "__pycache__" not in path.parts:
            found.update(f"{path.name} {sha256(path)}\n".encode())
        elif path.suffix == ".ipynb":
            found.update(f"{path.name} is missing\n".encode())
    return found.hexdigest()


def _models_are_sound(scale: str) -> bool:
    """Models that were trained here are still stored, byte for byte; recorded and shipped ones are not looked at."""
    cards = json.loads((RESULTS / scale / "runs.json").read_text(encoding="utf-8"))
    ships = shipped(MANIFEST)
    fresh = {card["run_id"] for page in cards.values() for card in page if card.get("source", "fresh") == "fresh"}
    return all(_is_sound(STORE / run) for run in fresh - set(ships))


def _is_sound(folder: Path) -> bool:
    if not (folder / RECORD).is_file():
        return False
    files = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
    return all((folder / name).is_file() and sha256(folder / name) == digest for name, digest in files.items())
