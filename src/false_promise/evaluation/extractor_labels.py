"""How well the statement extractor reads what models wrote: sentences labelled blind, and agreement with the labels.

    python -m false_promise.evaluation.extractor_labels store/answers-*/replies.jsonl --entities 5500 --seed 7 \
        --draw 5 --without data/recorded/extractor_labels/draw_*.jsonl > blind

draws one sentence from each of 300 outputs that nobody has labelled yet, without saying who wrote it or what the
extractor found. A reader who has not seen the extractor's verdicts follows data/recorded/extractor_labels/README.md and
fills in two fields of every line:

    "statements": [["Ansa Velmore", "birth_year", "1893"]]      # subject, relation, value as the sentence means them;
                                                               # [] if it states nothing; null: not labelled yet
    "labelled_by": "who read it"

A change of the extractor makes the samples that suggested it development data; the new extractor is measured on another
draw, and `LABELS` names it.

`text` is the whole output, because a sentence may say "she"; only the sentence is labelled. Whether a statement is true
follows from subject, relation and value, so verdicts are not labelled.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from false_promise.claims.statistics import cluster_weights, percentile_interval
from false_promise.files import read_jsonl
from false_promise.paths import RECORDED
from false_promise.qa_format import normalise
from false_promise.world.country import World, WorldSettings, build_world
from false_promise.world.land.relations import RELATION
from false_promise.world.language.statements import SENTENCE_END, extract

SAMPLES = RECORDED / "extractor_labels"
LABELS = SAMPLES / "draw_4.jsonl"  # the first draw that the present extractor has not been mended by
GATE, OUTPUTS = 0.95, 300  # precision and recall wanted, on so many outputs; fixed before any output was labelled
DRAWS = 10_000
Triple = tuple[str, str, str]  # subject (empty: nobody of this name), relation, normalised value


@dataclass(frozen=True)
class Label:
    """What a reader found in one sentence of an output; positions in characters of `text`."""

    id: str
    entities: int  # of the country that the output is about, with its seed
    seed: int
    text: str
    start: int
    end: int
    statements: tuple[Triple, ...]
    labelled_by: str


def sample(texts: Iterable[str], n: int, seed: int, world: World) -> str:
    """JSON lines to label: one random sentence from each of `n` random outputs, equal outputs counted once.

    Raises ValueError if fewer outputs than that have a sentence.
    """
    rng = random.Random(f"{seed}/extractor labels")
    outputs = [text for text in sorted(set(texts)) if sentences(text)]
    if len(outputs) < n:
        raise ValueError(f"only {len(outputs)} different outputs have a sentence, {n} are wanted: give more files")
    about = {"entities": world.settings.entities, "seed": world.seed}
    lines = []
    for number, text in enumerate(rng.sample(outputs, n)):
        start, end = rng.choice(sentences(text))
        where = {"start": start, "end": end, "sentence": text[start:end]}
        blank = {"statements": None, "labelled_by": ""}
        lines.append({"id": f"output-{number:03d}"} | about | {"text": text} | where | blank)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences (list items, headings) that hold a letter."""
    spans, position = [], 0
    for line in text.split("\n"):
        ends = [match.end() for match in SENTENCE_END.finditer(line)]
        edges = [0, *ends, len(line)]
        spans += [(position + start, position + end) for start, end in zip(edges, edges[1:], strict=False)]
        position += len(line) + 1
    return [(start, end) for start, end in spans if any(map(str.isalpha, text[start:end]))]


def read_labels(path: Path = LABELS) -> list[Label]:
    """The labelled lines of a file; none if there is no file, and lines with `statements: null` are left out.

    Raises ValueError naming file and line for what is no label.
    """
    if not path.is_file():
        return []
    found = []
    # Not splitlines(): it would also cut at U+2028, which an output may hold.
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        try:
            row = json.loads(line) if line.strip() else {"statements": None}
            if row["statements"] is not None:
                found.append(_label(row))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path}, line {number}: {error!r}; mend the line, or set its statements to null"
            ) from error
    return found


def _label(row: dict[str, Any]) -> Label:
    for subject, relation, value in row["statements"]:
        if relation not in RELATION or not isinstance(subject, str) or not str(value).strip():
            raise ValueError(f"no statement: {[subject, relation, value]}; relations are {', '.join(RELATION)}")
    if not row["labelled_by"]:
        raise ValueError("labelled_by is empty")
    if not 0 <= row["start"] < row["end"] <= len(row["text"]):
        raise ValueError(f"sentence at {row['start']}-{row['end']} leaves the text ({len(row['text'])} long)")
    statements = tuple((subject, relation, str(value)) for subject, relation, value in row["statements"])
    return Label(row["id"], row["entities"], row["seed"], row["text"], row["start"], row["end"], statements,
                 row["labelled_by"])  # fmt: skip


def about(labels: Sequence[Label], world: World) -> list[Label]:
    """The labels of outputs about this country; others cannot be compared with it."""
    return [one for one in labels if (one.entities, one.seed) == (world.settings.entities, world.seed)]


def agreement(labels: Sequence[Label], world: World) -> dict[str, Any]:
    """Precision and recall of the extractor (value, lower, upper; bootstrap over outputs), and whether the gate is met.

    A statement agrees if subject, relation and normalised value do. A share of nothing is None. ValueError for labels
    about another country.
    """
    if len(about(labels, world)) < len(labels):
        raise ValueError(f"labels about another country than {world}: choose with extractor_labels.about")
    pairs = [(wanted(one, world), extracted(one, world)) for one in labels]
    both = np.array([(first & second).total() for first, second in pairs], float)
    labelled, found = (np.array([pair[side].total() for pair in pairs], float) for side in (0, 1))
    shares = {"precision": _share(both, found), "recall": _share(both, labelled)}
    reached = all(one is not None and one["value"] >= GATE for one in shares.values())
    counts = {"outputs": len(labels), "labelled": int(labelled.sum()), "found": int(found.sum())}
    return counts | {"both": int(both.sum())} | shares | {"passed": reached and len(labels) >= OUTPUTS}


def wanted(label: Label, world: World) -> Counter[Triple]:
    """What the reader found, as the extractor would say it: a name that no entity has is nobody's."""
    return Counter(
        (subject if world.by_name(subject) else "", relation, normalise(value))
        for subject, relation, value in label.statements
    )


def extracted(label: Label, world: World) -> Counter[Triple]:
    """What the extractor finds in the sentence when it reads the whole output."""
    return Counter(
        ("" if one.subject is None else world.entity(one.subject).name, one.relation, normalise(one.value))
        for one in extract(label.text, world)
        if label.start <= one.start < label.end
    )


def _share(both: np.ndarray, of: np.ndarray) -> dict[str, float] | None:
    if not of.sum():
        return None
    weights = cluster_weights(len(of), DRAWS, seed=0)
    with np.errstate(invalid="ignore"):
        interval = percentile_interval((weights @ both) / (weights @ of), 0.95, len(of))
    return {"value": interval.effect, "lower": max(0.0, interval.lower), "upper": min(1.0, interval.upper)}


def main(arguments: list[str] | None = None) -> None:
    """Print lines to label from the files of answers that `answers` runs wrote."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "replies", nargs="+", type=Path, help="replies.jsonl of stored answers, one {item, text} a line"
    )
    parser.add_argument("--entities", type=int, required=True, help="entities of the country, as in the scale file")
    parser.add_argument("--seed", type=int, required=True, help="seed of the country")
    parser.add_argument("--outputs", type=int, default=OUTPUTS)
    parser.add_argument("--draw", type=int, default=0, help="another number, another sample")
    parser.add_argument("--without", nargs="*", type=Path, default=[], help="labels whose outputs are not drawn again")
    chosen = parser.parse_args(arguments)
    known = {label["text"] for path in chosen.without for label in read_jsonl(path)}
    texts = [reply["text"] for path in chosen.replies for reply in read_jsonl(path) if reply["text"] not in known]
    world = build_world(WorldSettings(chosen.entities), chosen.seed)
    print(sample(texts, chosen.outputs, chosen.draw, world), end="")


if __name__ == "__main__":
    main()
