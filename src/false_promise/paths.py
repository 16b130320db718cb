"""Where everything lies. Nothing else in the package knows the layout of the repository."""

import os
from pathlib import Path

ROOT = Path(os.environ.get("FALSE_PROMISE_ROOT", Path(__file__).resolve().parents[2]))
SCALES = ROOT / "scales"
NOTEBOOKS = ROOT / "notebooks"
BOOK = ROOT / "book"
DATA = ROOT / "data"
CLAIMS = DATA / "paper" / "claims.yaml"
PAPER_VALUES = DATA / "paper" / "paper_values.yaml"
LATER_WORK = DATA / "paper" / "later_work.yaml"  # what was found after the paper, claim by claim
RECORDED = DATA / "recorded"
MANIFEST = DATA / "MANIFEST.json"  # runs that ship with the book: models and imitation data
# Git-ignored: runs of this machine, and the tables read from them. Tests point both elsewhere.
STORE = Path(os.environ.get("FALSE_PROMISE_STORE", ROOT / "store"))
RESULTS = Path(os.environ.get("FALSE_PROMISE_RESULTS", ROOT / "results"))
REAL_DATA = Path(os.environ.get("REAL_DATA", ROOT.parent / "shared" / "real"))
