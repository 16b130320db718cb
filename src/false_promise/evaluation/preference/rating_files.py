"""Files of ratings as the rating page exports them, read back; what is wrong with a row is said, not guessed at.

    found = read_ratings(Path("ratings"), items)     # a folder of exports, one CSV or JSON, or many put together
    found.table, found.quarantined, found.duplicates

Columns are described in `class_ratings`. A CSV may hold many exports one after the other, with their header lines.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

SCHEMA_VERSION = 1
COLUMNS = (
    "schema_version", "set_digest", "rater", "item", "category", "model", "choice", "almanac", "looked_up",
    "milliseconds", "lookup_milliseconds", "order", "time",
)  # fmt: skip
CHOICES = ("model", "teacher", "equal")
NUMBERS = ("almanac", "looked_up", "milliseconds", "lookup_milliseconds", "order")
PATTERNS = {
    "set_digest": r"s[0-9a-f]{16}",
    "rater": r"r[0-9a-f]{16}",
    "item": r".{1,200}",
    "choice": "|".join(CHOICES),
    "almanac": "[01]",
    "looked_up": "[01]",
    "milliseconds": "[0-9]{1,12}",
    "lookup_milliseconds": "([0-9]{1,12})?",
    "order": "[12]",
}


class RatingError(ValueError):
    """Ratings that cannot be used at all; the message names the file, the value and the way out."""


@dataclass(frozen=True)
class BadRow:
    """A row that was left out, and why. `line` counts from 1; in a JSON file it is the number of the rating."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Ratings:
    """Valid ratings, one row for each rater and item (columns: COLUMNS, numbers as numbers); what was left out."""

    table: pd.DataFrame
    quarantined: tuple[BadRow, ...]
    duplicates: int
    files: int


def set_digest(items: Sequence[Mapping[str, Any]]) -> str:
    """Digest of what a reader sees of the items, in their order: a changed text makes another set of ratings.

    Verdicts on statements and the rater model's value are left out: no reader sees them before choosing.
    """
    seen = [
        [one["id"], one["category"], one["prompt"], one["model"]["name"], one["model"]["text"], one["teacher"]["text"],
         [[entry["title"], list(entry["lines"])] for entry in one["almanac"]]]
        for one in items
    ]  # fmt: skip
    # The letter keeps a spreadsheet from reading it as a number.
    return f"s{hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]}"


def read_ratings(path: Path, items: Sequence[Mapping[str, Any]] | None = None) -> Ratings:
    """Ratings of one CSV or JSON file, or of every such file directly in a folder.

    Of several ratings of an item by one rater the latest counts (`duplicates`: how many others there were). With
    `items`, ratings of another item set are refused; without, ratings of more than one.

    Raises:
        RatingError: no ratings there, a file that is no export, or ratings of another item set.
    """
    path = Path(path)
    files = sorted(p for p in path.iterdir() if p.suffix in (".csv", ".json")) if path.is_dir() else [path]
    good, bad = [], []
    expected = set_digest(items) if items is not None else None
    known = {one["id"] for one in items} if items is not None else None
    for file in files:
        for line, row in _rows(file):
            reason = _fault(row)
            if reason is None:
                expected = _same_set(file, line, row, expected)
                reason = f"item {_short(row['item'])} is not in the set" if known and row["item"] not in known else None
            good += [row] if reason is None else []
            bad += [] if reason is None else [BadRow(file.name, line, reason)]
    if not good:
        first = f"; the first bad row is {bad[0]}" if bad else ""
        raise RatingError(f"no valid rating in {path} ({len(files)} files, {len(bad)} bad rows{first})")
    table, duplicates = _last(pd.DataFrame(good, columns=COLUMNS))
    return Ratings(table, tuple(bad), duplicates, len(files))


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and row of every rating; every value as text."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RatingError(f"cannot read {file}: {error}; save the ratings again as CSV in UTF-8") from None
    yield from _json_rows(file, text) if file.suffix == ".json" else _csv_rows(file, text)


def _csv_rows(file: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    columns: list[str] = []
    try:
        for cells in reader:
            if set(cells) >= set(COLUMNS):
                columns = cells  # a header: of the file, or of an export that was appended
            elif not columns:
                raise RatingError(f"{file} does not begin with the columns {','.join(COLUMNS)} but with "
                                  f"{_short(','.join(cells))}; give a CSV as the rating page saves it")  # fmt: skip
            elif any(cells):
                extra = {"": str(len(cells))} if len(cells) != len(columns) else {}
                yield reader.line_num, dict(zip(columns, cells, strict=False)) | extra
    except csv.Error as error:
        raise RatingError(f"{file}, line {reader.line_num}: {error}; give a CSV as the rating page saves it") from None


def _json_rows(file: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        found = json.loads(text)
        rows = found["ratings"] if isinstance(found, dict) else found
        if not isinstance(rows, list):
            raise TypeError("no list of ratings")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RatingError(f"{file} is no JSON export ({_short(str(error))}); save it again from the page") from None
    for line, row in enumerate(rows, 1):
        cells = row.items() if isinstance(row, dict) else ()
        yield line, {name: "" if value is None else str(value) for name, value in cells}


def _fault(row: Mapping[str, str]) -> str | None:
    """What is wrong with a row, with the value; None if nothing is."""
    if "" in row:
        return f"{row['']} cells, expected {len(COLUMNS)}"
    missing = [name for name in COLUMNS if name not in row]
    if missing:
        return f"no {', '.join(missing)}"
    if row["schema_version"] != str(SCHEMA_VERSION):
        return f"schema_version {_short(row['schema_version'])}, expected {SCHEMA_VERSION}"
    for name, pattern in PATTERNS.items():
        if not re.fullmatch(pattern, row[name]):
            return f"{name} {_short(row[name])}, expected {pattern}"
    looked, lookup = row["looked_up"], row["lookup_milliseconds"]
    if (looked == "1") != (lookup != "") or (looked == "1" and row["almanac"] == "0"):
        return f"looked_up {looked} does not fit almanac {row['almanac']} and lookup_milliseconds {lookup!r}"
    return None if _instant(row["time"]) else f"time {_short(row['time'])}, expected ISO 8601 with an offset"


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _same_set(file: Path, line: int, row: Mapping[str, str], expected: str | None) -> str:
    """The digest that all rows must have: the expected one, or that of the first row."""
    if expected not in (None, row["set_digest"]):
        raise RatingError(
            f"{file}, line {line}: these ratings are of item set {row['set_digest']}, expected {expected}: they were "
            "made on another version of the page and cannot be put together; take this file out"
        )
    return row["set_digest"]


def _last(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The latest rating of each rater and item (the later line, if made at the same time), and how many others."""
    order = table["time"].map(_instant)
    latest = table.loc[order.sort_values(kind="stable").index].drop_duplicates(["rater", "item"], keep="last")
    latest = latest.sort_values(["rater", "item"]).reset_index(drop=True)
    for name in NUMBERS:
        latest[name] = pd.to_numeric(latest[name])
    return latest, len(table) - len(latest)


def _short(value: str) -> str:
    return repr(value if len(value) <= 60 else f"{value[:60]}…")
