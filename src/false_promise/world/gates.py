"""Can the world say no? Measures every gate of a world and prints the table.

    python -m false_promise.world.gates --entities 7000 --seed 99 --megabytes 4

A world in which imitation could not possibly add knowledge, or whose prose were a list of templates, would prove
nothing. Targets for counts are in proportion to the text read: 100,000 distinct masked sentences belong to 30 million
tokens.
"""

import argparse
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice

from false_promise.world import gate_measures as measures
from false_promise.world.country import RELATIONS, World, WorldSettings, build_world
from false_promise.world.exercises.exams import SUBJECTS, group_of
from false_promise.world.registers.web import HELD_OUT_REGISTERS, Document, open_web, proprietary_web

CHARACTERS_PER_TOKEN = 3.5
FULL_TOKENS, FULL_SENTENCES = 30e6, 100_000
STYLE_TASKS = 600
QA_REGISTERS = ("faq", "exam")


@dataclass(frozen=True)
class Gate:
    """One row: the measured value lies between `low` and `high` (None: no bound)."""

    name: str
    value: float
    low: float | None
    high: float | None
    passed: bool


def gate(name: str, value: float, low: float | None = None, high: float | None = None) -> Gate:
    passed = (low is None or value >= low) and (high is None or value <= high)
    return Gate(name, round(value, 5), low, high, passed)


def estimated_tokens(text: str) -> float:
    """3.5 characters a token, near what a vocabulary of 2,048 reaches on these texts."""
    return len(text) / CHARACTERS_PER_TOKEN


def measure(
    world: World,
    *,
    megabytes: float = 4.0,
    paragraphs: int = 1000,
    seed: int = 0,
    count_tokens: Callable[[str], float] = estimated_tokens,
) -> dict:
    """Every gate: {"gates": rows, "curve": [tokens, distinct sentences] pairs, "tokens": read, "passed": all of them}.

    `megabytes` of the open web are read, a quarter as much of the proprietary web; `paragraphs` are rendered to test
    the statement extractor; `count_tokens` maps a text to its number of tokens. On less than a million tokens the
    share of the 100 commonest sentences is biased upwards: of few sentences any 100 are many.
    """
    documents = _read(open_web(world, seed), megabytes)
    proprietary = _read(proprietary_web(world, seed), megabytes / 4)
    tokens = [count_tokens(document.text) for document in documents]
    rows, curve = _web_gates(world, documents, tokens)
    rows += _world_gates(world)
    rows += _leak_gates(world, documents, proprietary, seed)
    for wording in ("train", "test"):
        rows += _extraction_gates(world, paragraphs, seed, wording)
    rows += _style_gates(world, STYLE_TASKS, seed)
    return {
        "world": {"seed": world.seed, "entities": len(world.entities), "facts": len(world.facts)},
        "tokens": round(sum(tokens)),
        "gates": [asdict(row) for row in rows],
        "curve": curve,
        "passed": all(row.passed for row in rows),
    }


def _read(stream: Iterator[Document], megabytes: float) -> list[Document]:
    documents, characters = [], 0
    while characters < megabytes * 1e6:
        documents.append(next(stream))
        characters += len(documents[-1].text)
    return documents


def _web_gates(world: World, documents: list[Document], tokens: list[float]) -> tuple[list[Gate], list[list[int]]]:
    counts: Counter[str] = Counter()
    curve: list[list[int]] = []
    total, read, step = sum(tokens), 0.0, 1
    for document, length in zip(documents, tokens, strict=True):
        counts.update(measures.masked_sentences(document, world))
        read += length
        if read >= total * step / 8:
            curve.append([round(read), len(counts)])
            step += 1
    questions = sum(n for document, n in zip(documents, tokens, strict=True) if document.register in QA_REGISTERS)
    rows = [
        gate("question pages, share of tokens", questions / total, 0.005, 0.02),
        gate("distinct masked sentences", len(counts), FULL_SENTENCES * total / FULL_TOKENS),
        gate("distinct masked sentences in 30M tokens, extrapolated", _extrapolate(curve), FULL_SENTENCES),
        gate("share of the 100 commonest masked sentences", measures.commonest_share(counts), None, 0.10),
    ]
    return rows, curve


def _extrapolate(curve: list[list[int]]) -> float:
    """Heaps' law through the middle and the end of the curve: distinct = a * tokens ** b."""
    (x1, y1), (x2, y2) = curve[len(curve) // 2 - 1], curve[-1]
    slope = math.log(y2 / y1) / math.log(x2 / x1)
    return round(y2 * (FULL_TOKENS / x2) ** slope)


def _world_gates(world: World) -> list[Gate]:
    inferable = sum(relation.group == "inferable" for relation in RELATIONS) / len(RELATIONS)
    kinds = len({entity.kind for entity in world.entities})
    held_out = sum(entity.held_out for entity in world.entities) / len(world.entities)
    full = 20_000 * len(world.entities) / 7000
    share, least, most = measures.wordings_held_out()
    shared, fewest = measures.code_overlap(100, world.seed)
    return [
        gate("facts (20,000 at 7,000 entities)", len(world.facts), full),
        gate("entity kinds", kinds, 6),
        gate("relations", len(RELATIONS), 12),
        gate("inferable relations, share", inferable, 0.25, 0.35),
        gate("held-out entities, share", held_out, 0.10, 0.20),
        gate("exam subjects solvable by rule", sum(group_of(subject) == "rule" for subject in SUBJECTS), 4),
        gate("wordings held out, share", share, 0.18, 0.22),
        gate("wordings held out, least of a relation", least, 0.15),
        gate("wordings held out, most of a relation", most, None, 0.25),
        gate("code: syntax trees shared by test and training", shared, None, 0),
        gate("code: fewest tests of an item", fewest, 5),
    ]


def _leak_gates(world: World, documents: list[Document], proprietary: list[Document], seed: int) -> list[Gate]:
    """Held-out entities outside the encyclopedia, and held-out wordings anywhere in training text."""

    def outside(texts: list[Document]) -> list[str]:
        return [document.text for document in texts if document.register not in HELD_OUT_REGISTERS]

    dialogues = measures.assistant_texts(world, 300, seed)
    every = [document.text for document in (*documents, *proprietary)]
    return [
        gate("held-out names outside prose, open web", measures.held_out_names(outside(documents), world), None, 0),
        gate(
            "held-out names outside prose, proprietary", measures.held_out_names(outside(proprietary), world), None, 0
        ),
        gate("held-out names in assistant dialogues", measures.held_out_names(dialogues, world), None, 0),
        gate("held-out wordings in web texts", measures.held_out_wordings_used(islice(every, 4000), world), None, 0),
        gate("held-out wordings in assistant dialogues", measures.held_out_wordings_used(dialogues, world), None, 0),
    ]


def _extraction_gates(world: World, paragraphs: int, seed: int, wording: str) -> list[Gate]:
    found = measures.extraction(world, paragraphs, seed, wording)
    return [gate(f"statements, {wording} wordings: {name}", value, 0.99) for name, value in found.items()]


def _style_gates(world: World, n: int, seed: int) -> list[Gate]:
    lists, summaries = measures.style_agreement(world, n, seed)
    return [
        gate("second ideal answer agrees on lists", lists, 0.70, 0.95),
        gate("second ideal answer agrees on summaries", summaries, 0.40, 0.80),
    ]


def table(measured: dict) -> str:
    """The gates as text, one a line."""
    lines = [f"{'gate':58} {'measured':>12} {'target':>18}"]
    for row in measured["gates"]:
        low, high = (f"{bound:,.4g}" if bound is not None else "" for bound in (row["low"], row["high"]))
        target = f"{low} .. {high}" if low and high else f">= {low}" if low else f"<= {high}"
        lines.append(f"{row['name']:58} {row['value']:>12,.5g} {target:>18}  {'ok' if row['passed'] else 'FAILS'}")
    curve = ", ".join(f"{tokens / 1e6:.2f}M: {distinct:,}" for tokens, distinct in measured["curve"])
    return "\n".join([*lines, f"distinct masked sentences by tokens read: {curve}"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the gates of a world.")
    parser.add_argument("--entities", type=int, default=7000)
    parser.add_argument("--seed", type=int, default=99, help="of the world")
    parser.add_argument("--megabytes", type=float, default=4.0, help="of the open web to read")
    options = parser.parse_args()
    world = build_world(WorldSettings(options.entities), options.seed)
    measured = measure(world, megabytes=options.megabytes)
    print(world)
    print(table(measured))
    raise SystemExit(0 if measured["passed"] else 1)


if __name__ == "__main__":
    main()
