"""Files that a killed process, a full disk or Ctrl-C leaves complete or absent, and reading what was measured."""

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; rename it to `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        with temporary.open("rb") as handle:
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON atomically; NaN is refused, because JSON has none."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a CSV (gzip by suffix) atomically. The same table gives the same bytes."""
    content = table.to_csv(index=False, lineterminator="\n").encode()
    with replacing(path) as temporary:
        # Without a name and a time in its header, which gzip would add: equal tables then are equal files.
        temporary.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def read_table(path: Path) -> pd.DataFrame:
    """A CSV that `write_table` wrote. Only an empty cell is missing: a model may well answer "NA" or "null"."""
    names = {"item": str, "entity": str}  # some look like numbers
    # In one piece: read in blocks, a column that is empty for some benchmarks would get several types.
    return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=names, low_memory=False)


def read_measured(path: Path, module: str, **versions: int) -> dict[str, Any]:
    """A JSON file that `python -m module` wrote.

    FileNotFoundError, and ValueError if an entry is not what `versions` says, name the file and how to make it again.
    """
    again = f"run `python -m {module}` to measure it"
    if not path.is_file():
        raise FileNotFoundError(f"no {path}; {again}")
    record = json.loads(path.read_text(encoding="utf-8"))
    for name, wanted in versions.items():
        if record.get(name) != wanted:
            raise ValueError(f"{path} has {name} {record.get(name)!r}, this code has {wanted}; {again}")
    return record


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Objects of a file of JSON lines that this project wrote."""
    # Not splitlines(): it would also cut at U+2028, which JSON strings may hold.
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write one JSON object a line, atomically."""
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
