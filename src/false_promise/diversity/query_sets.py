"""Public sets of real queries, in the formats in which their projects publish them. No text is kept or printed.

The paper does not say what a "query" is, so each set says what it takes for one. Files are looked for in REAL_DATA.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from false_promise.paths import REAL_DATA

Texts = tuple[list[str], list[str]]  # queries, and the cluster (dialogue, task) of each
SHAREGPT = "a random sample of 506 pieces of dialogues, some from the middle; the paper has about 50,000 dialogues"
TASKS = "125 English tasks with at most 100 inputs each, 57 of them exam subjects; the paper's sample is not known"
KOALA = "filtered by its makers to at most 20% BLEU against their training data; small"
DOLLY = "a quality-filtered part; written by the staff of one company for a few given kinds of task"


@dataclass(frozen=True)
class QuerySet:
    """A set of queries as the page names it; `read(folder)` gives its texts and their clusters."""

    name: str
    label: str
    query: str  # what counts as a query
    caveat: str
    read: Callable[[Path], Texts]


def _lines(folder: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in _content(folder, name).splitlines()]


def _content(folder: Path, name: str) -> str:
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(f"no real queries at {path}; set REAL_DATA to a folder that has {name}")
    return path.read_text(encoding="utf-8")


def sharegpt(folder: Path, first: bool, english: bool) -> Texts:
    """User turns of ShareGPT, the first of each dialogue or all; `english` by the language noted in the file."""
    dialogues = json.loads(_content(folder, "sharegpt/sharegpt_506.json"))
    turns = [[turn for turn in one["conversations"] if turn["from"] == "human"] for one in dialogues]
    chosen = [(turn, n) for n, own in enumerate(turns) for turn in (own[:1] if first else own)]
    chosen = [(turn["value"], str(n)) for turn, n in chosen if not english or turn.get("language") == "en"]
    return [text for text, _ in chosen], [dialogue for _, dialogue in chosen]


def super_natural_instructions(folder: Path, layout: str) -> Texts:
    """Inputs of Super-NaturalInstructions; `layout` says where {definition} and {input} go."""
    rows = _lines(folder, "superni/superni_100pertask.jsonl")
    return [layout.format(**row) for row in rows], [row["task"] for row in rows]


def koala(folder: Path) -> Texts:
    """Prompts of the Koala test set, each its own cluster."""
    rows = _lines(folder, "koala/koala_test_set.jsonl")
    return [row["prompt"] for row in rows], [str(row["id"]) for row in rows]


def dolly(folder: Path) -> Texts:
    """Instructions of Dolly, each its own cluster."""
    rows = json.loads(_content(folder, "dolly/dolly_3k.json"))
    return [row["instruction"] for row in rows], [str(n) for n in range(len(rows))]


def _sharegpt(first: bool, english: bool) -> QuerySet:
    name = f"sharegpt_{'first' if first else 'all'}_turns" + ("" if english else "_any_language")
    label = f"ShareGPT, {'first' if first else 'all'} turns" + ("" if english else ", any language")
    query = f"{'the first' if first else 'every'} user turn" + (" in English" if english else "")
    return QuerySet(name, label, query, SHAREGPT, lambda folder: sharegpt(folder, first, english))


def _tasks(name: str, label: str, query: str, layout: str) -> QuerySet:
    return QuerySet(name, label, query, TASKS, lambda folder: super_natural_instructions(folder, layout))


QUERY_SETS = {
    one.name: one
    for one in (
        _sharegpt(first=True, english=True),
        _sharegpt(first=True, english=False),
        _sharegpt(first=False, english=True),
        _sharegpt(first=False, english=False),
        _tasks(
            "superni", "Super-NaturalInstructions", "the task's definition, then the input", "{definition}\n{input}"
        ),
        _tasks("superni_input", "Super-NaturalInstructions, inputs", "the input without the definition", "{input}"),
        QuerySet("koala", "Koala test set", "the prompt", KOALA, koala),
        QuerySet("dolly", "Dolly", "the instruction", DOLLY, dolly),
    )
}


def read_queries(name: str, folder: Path = REAL_DATA) -> Texts:
    """Queries and clusters of the set called `name`; FileNotFoundError names a missing file and the way out."""
    return QUERY_SETS[name].read(folder)
