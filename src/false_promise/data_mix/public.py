"""Cleans a real sample of ShareGPT and records the counts in data/public/data_mix.json.

    python -m false_promise.data_mix.public        # needs REAL_DATA; about ten seconds

The record holds numbers only, no text. Categories were given to LABELS' queries by one reader of this project; HC3 and
the Discord pairs of the paper have no counterpart here.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from false_promise.data_mix.categories import category
from false_promise.data_mix.cleaning import Cleaned, clean
from false_promise.data_mix.language import FEWEST_LETTERS, is_english, prose
from false_promise.data_mix.mix_measures import (
    Row,
    category_shares,
    clustered_share,
    count_words,
    flow,
    lengths,
    mentions,
    queries,
    rule_accuracy,
    share,
)
from false_promise.data_mix.raw_formats import parse
from false_promise.files import read_measured, sha256, write_json
from false_promise.paths import DATA, REAL_DATA

RECORD, LABELS = DATA / "public" / "data_mix.json", DATA / "public" / "data_mix_labels.json"
SCHEMA = 1
SAMPLE = "sharegpt/sharegpt_506.json"
LONG = 100  # characters of prose from which a turn counts as long


def measure(folder: Path = REAL_DATA) -> dict[str, Any]:
    """The whole record, as written to JSON."""
    path = folder / SAMPLE
    parsed = parse("sharegpt", path.read_bytes())
    cleaned = clean([parsed])
    return {
        "schema_version": SCHEMA,
        "about": "a random sample of ShareGPT_V3, which others had cleaned before: hardly a foreign dialogue is left",
        "sources": [{"file": SAMPLE, "sha256": sha256(path)}],
        "size": share(len(cleaned.records), parsed.total)
        | {"before": parsed.total, "turns": sum(len(queries(record)) for record in cleaned.records)},
        "flow": flow(cleaned),
        "quarantine": dict(sorted(Counter(one["reason"] for one in cleaned.quarantine).items())),
        "mentions": mentions(cleaned.records),
        "lengths": lengths(cleaned.records, "words", count_words),
        "language": _language(path),
        "categories": _categories(cleaned, path),
        "accuracy": rule_accuracy(_labelled(path)),
    }


def _language(path: Path) -> dict[str, Row]:
    """Agreement with the labels that the sample carries, made by an unnamed detector: of turns that can be judged."""
    turns = [(one["id"], turn) for one in _dialogues(path) for turn in one["conversations"]]
    labelled = [(name, turn) for name, turn in turns if turn.get("language") not in (None, "unknown")]
    judged = [_Judged(name, len(prose(turn["value"])), is_english(turn["value"]), turn["language"] == "en")
              for name, turn in labelled]  # fmt: skip
    judged = [one for one in judged if one.found is not None]
    parts = {"all": judged, "long": [one for one in judged if one.letters >= LONG],
             "short": [one for one in judged if one.letters < LONG]}  # fmt: skip
    agreement = {name: clustered_share([one.found == one.label for one in part], [one.dialogue for one in part])
                 for name, part in parts.items()}  # fmt: skip
    return {"turns": len(turns), "too_short": len(labelled) - len(judged), "fewest_letters": FEWEST_LETTERS,
            "long_from": LONG} | agreement  # fmt: skip


class _Judged(NamedTuple):
    """One turn: whose, how long without code and names, and whether detector and label call it English."""

    dialogue: str
    letters: int
    found: bool | None
    label: bool


def _categories(cleaned: Cleaned, path: Path) -> list[Row]:
    """First queries by category: by the reader, by the rules on the same queries, by the rules on all cleaned ones.

    Only dialogues that begin at the beginning count: elsewhere the first query is a follow-up.
    """
    labelled = _labelled(path)
    begun = {one["id"] for one in _dialogues(path) if one["conversations"][0]["from"] == "human"}
    opening = [record["messages"][0]["content"] for record in cleaned.records if record["id"] in begun]
    found = {
        "reader": [label for label, _ in labelled],
        "rules, same queries": [category(query) for _, query in labelled],
        "rules, all queries": [category(query) for query in opening],
    }
    return [{"by": by} | row for by, names in found.items() for row in category_shares(names)]


def _labelled(path: Path) -> list[tuple[str, str]]:
    """(category, first query) of the labelled dialogues. Raises ValueError if the labels are those of another file."""
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    if labels["source"]["sha256"] != sha256(path):
        raise ValueError(f"{LABELS} labels a file of sha256 {labels['source']['sha256']}, {path} is another one")
    first = {one["id"]: one["conversations"][0]["value"] for one in _dialogues(path) if one["conversations"]}
    return [(label, first[name]) for name, label in labels["labels"].items()]


def _dialogues(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))


def available(folder: Path = REAL_DATA) -> bool:
    """Whether the sample is here."""
    return (folder / SAMPLE).is_file()


def load_record(path: Path = RECORD) -> dict[str, Any]:
    """The recorded measurement; errors as `read_measured`."""
    return read_measured(path, "false_promise.data_mix.public", schema_version=SCHEMA)


if __name__ == "__main__":
    write_json(RECORD, measure())
    for row in load_record()["flow"]:
        print(f"{row['source']:9} {row['step']:18} {row['before']:5} -> {row['after']:5}  {row['reasons']}")
