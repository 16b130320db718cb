"""Diversity of the imitation data (section 3): nearest-neighbour BLEU of this scale's own queries.

from false_promise.study import diversity
diversity.run(p)       # p: the notebook's checked parameters

Written into results/<scale>/, BLEU from 0 to 100:
    diversity.csv             one set of queries a row: set, label, query, queries, clusters, variant, mean_bleu, lower,
                              upper, median_bleu, exact_duplicates (share), mean_of_distinct, pairs, pairs_scored,
                              seconds, source, run_id
    diversity_neighbours.csv  queries at the quartiles of a set with their nearest other one: set, quantile, query,
                              neighbour, bleu
    diversity_public.json     the recorded measurement of public sets, as data/public/diversity.json has it
"""

import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from false_promise.data_mix.records import Record, read_records
from false_promise.diversity import Nearest, Variant, mean_interval, nearest
from false_promise.diversity.public_data import load_record
from false_promise.files import write_json
from false_promise.store import Run, open_run
from false_promise.study.session import Session, open_session
from false_promise.study.specs import Arm
from false_promise.world.country import World, WorldSettings, build_world
from false_promise.world.exercises.question_wordings import QUESTIONS
from false_promise.world.land.relations import RELATION

PAGE = "diversity"
SEED = 0
QUANTILES = (0.25, 0.5, 0.75)
SHOWN = ("first_turns", "question")  # sets whose neighbours the page shows


@dataclass(frozen=True)
class QuerySet:
    """Queries of one kind with the cluster (dialogue, relation) of each; `query` says what counts as one."""

    name: str
    label: str
    query: str
    texts: list[str]
    clusters: list[str]


def run(p: SimpleNamespace) -> None:
    """Plan, collect the broad data if it is missing, measure, write. Stops after the plan if plan_only."""
    variant = Variant(getattr(p, "smoothing", "exp"), lowercase=getattr(p, "lowercase", False))
    session = open_session(PAGE, p)
    data = session.specs.data(Arm("broad", tokens=session.scale.imitation.headline_tokens))
    if session.carry_out([data]) is not None:
        write_results(session, data, variant)


def write_results(session: Session, data: Run, variant: Variant) -> None:
    """Tables of this scale, a copy of the public record to link to, run card and status."""
    records = read_records(open_run(data, session.store) / "records.jsonl")
    sets = broad_sets(records) + (templated_sets(world_of(session), len(records)) if session.scale.world else [])
    nearest(["one two three", "one two four"])  # loads the compiled search, which is not part of any time below
    rows, neighbours = [], []
    for one in sets:
        row, found = measure(one, variant)
        rows.append(row | {"source": "fresh", "run_id": data.id})
        neighbours += neighbours_of(one, found) if one.name in SHOWN else []
    write_json(session.results / "diversity_public.json", load_record())
    session.write(
        {f"{PAGE}.csv": pd.DataFrame(rows), f"{PAGE}_neighbours.csv": pd.DataFrame(neighbours)},
        runs=session.cards([data]),
        status=session.status([data]),
    )


def world_of(session: Session) -> World:
    """The country of this scale."""
    world = session.specs.world
    return build_world(WorldSettings(world["entities"]), world["seed"])


def broad_sets(records: list[Record]) -> list[QuerySet]:
    """What users say in the broad data: the first turn of each dialogue, and every turn."""
    turns = [
        (record["id"], [message["content"] for message in record["messages"] if message["role"] == "user"])
        for record in records
        if "messages" in record
    ]
    every = [(text, name) for name, texts in turns for text in texts]
    return [
        QuerySet("first_turns", "Broad data, first turns", "the first user turn",
                 [texts[0] for _, texts in turns], [name for name, _ in turns]),
        QuerySet("all_turns", "Broad data, all turns", "every user turn",
                 [text for text, _ in every], [name for _, name in every]),
    ]  # fmt: skip


def templated_sets(world: World, most: int) -> list[QuerySet]:
    """`most` instructions about facts of the country, one wording a relation, without and with a task's definition.

    Fewer where the country has fewer facts. The counterpart of Super-NaturalInstructions: similar by construction.
    """
    chosen = np.random.default_rng(SEED).permutation(len(world.facts))[:most]
    facts = [world.facts[index] for index in sorted(chosen)]
    questions = [QUESTIONS[fact.relation][0].format(s=world.entity(fact.subject).name) for fact in facts]
    tasks = [fact.relation for fact in facts]
    defined = [f"{definition(task)}\n{question}" for task, question in zip(tasks, questions, strict=True)]
    return [
        QuerySet("definition_with_question", "Templates, with definition", "the definition, then the question",
                 defined, tasks),
        QuerySet("question", "Templates", "the question without the definition", questions, tasks),
    ]  # fmt: skip


def definition(relation: str) -> str:
    """What an annotator would be told about the task of one relation."""
    about = RELATION[relation]
    return (
        f"In this task, you are given a question about a {about.kind} of the country. Answer it with the {about.noun} "
        f"and nothing else."
    )


def measure(queries: QuerySet, variant: Variant) -> tuple[dict[str, Any], Nearest]:
    """One row of diversity.csv, and the neighbours behind it."""
    start = time.perf_counter()
    found = nearest(queries.texts, None, variant)
    seconds = time.perf_counter() - start
    interval = mean_interval(found.score, queries.clusters)
    distinct = list(dict.fromkeys(queries.texts))
    return {
        "set": queries.name,
        "label": queries.label,
        "query": queries.query,
        "queries": len(queries.texts),
        "clusters": len(set(queries.clusters)),
        "variant": variant.signature,
        "mean_bleu": round(interval.effect, 2),
        "lower": round(max(0.0, interval.lower), 2),
        "upper": round(min(100.0, interval.upper), 2),
        "median_bleu": round(float(np.median(found.score)), 2),
        "exact_duplicates": round(float((found.score == 100).mean()), 4),
        "mean_of_distinct": round(float(nearest(distinct, None, variant).score.mean()), 2),
        "pairs": found.pairs,
        "pairs_scored": found.scored,
        "seconds": round(seconds, 4),
    }, found


def neighbours_of(queries: QuerySet, found: Nearest) -> list[dict[str, Any]]:
    """The queries whose scores lie at the quartiles (not chosen by hand), each with its nearest other query."""
    order = np.argsort(found.score, kind="stable")
    rows = []
    for quantile in QUANTILES:
        place = int(order[round(quantile * (len(order) - 1))])
        pair = {"query": queries.texts[place], "neighbour": queries.texts[found.index[place]]}
        rows.append({"set": queries.name, "quantile": quantile, **pair, "bleu": round(float(found.score[place]), 2)})
    return rows
