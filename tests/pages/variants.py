"""Result files with one of them changed or taken away."""

import shutil
from pathlib import Path

import pandas as pd

from book_fixtures import results
from false_promise.files import write_table
from false_promise.results import Results


def with_file(place: Path, name: str, table: pd.DataFrame | None = None, scale: str = "thousandth") -> Results:
    """A copy of the made-up results under `place` in which `name` holds `table`, or does not exist (None)."""
    folder = place / scale
    if not folder.exists():
        shutil.copytree(results(scale).folder, folder)
    (folder / name).unlink(missing_ok=True)
    if table is not None:
        write_table(folder / name, table)
    return Results(scale, folder)
