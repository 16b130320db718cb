"""What base LMs and teacher know: bits about a fact, bits a parameter, and what the teacher's misses are made of.

The bits are those of `evaluation.scoring.bits_known`: a lower bound, from a choice among at most twenty values.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from false_promise.claims.statistics import cluster_weights, percentile_interval
from false_promise.qa_format import normalise
from false_promise.store import record
from false_promise.study import tables
from false_promise.study.session import Session
from false_promise.world.country import World, WorldSettings, build_world
from false_promise.world.land.relations import RELATIONS

COLUMNS = ["scale", "model", "size", "base_seed", "parameters", "tokens", "facts", "bits_per_fact", "lower", "upper",
           "bits_per_parameter", "source", "run_id"]  # fmt: skip
ERRORS = ["model", "kind", "share", "n"]


def knowledge(session: Session, conditions: Sequence[Any]) -> pd.DataFrame:
    """One row per model, columns COLUMNS; empty where nothing is known about the world's facts."""
    if not session.scale.world:
        return pd.DataFrame(columns=COLUMNS)
    facts = len(world_of(session).facts)
    weights = fact_weights(session)
    return pd.DataFrame([_row(session, one, weights, facts) for one in conditions], columns=COLUMNS)


def world_of(session: Session) -> World:
    """The country of this scale."""
    settings = session.specs.world
    return build_world(WorldSettings(settings["entities"]), settings["seed"])


def fact_weights(session: Session) -> dict[str, float]:
    """Item -> weight, so that every fact of the country counts equally although popular ones are asked more often.

    Within each half of the questions (held out or not) by the inverse of the entity's popularity; the halves by how
    many facts they stand for.
    """
    world, asked = world_of(session), tables.questions(session.specs.questions(), session.store)
    held_out = sum(world.entity(fact.subject).held_out for fact in world.facts)
    weights: dict[str, float] = {}
    for side, share in ((True, held_out / len(world.facts)), (False, 1 - held_out / len(world.facts))):
        inverse = {item.id: 1 / item.popularity for item in asked if item.held_out == side}
        total = sum(inverse.values())
        weights |= {name: share * value / total for name, value in inverse.items()}
    return weights


def _row(session: Session, condition: Any, weights: Mapping[str, float], facts: int) -> dict[str, Any]:
    answers = tables.answers(condition.nq, session.store)
    answers = answers[answers["scoring"] == "format_free"]
    found = weighted_mean(answers["bits"], answers["item"].map(weights), answers["entity"])
    about, summary = condition.about, record(condition.model, session.store)["summary"]
    return {"scale": session.scale.name, "model": about["model"], "size": about.get("size"),
            "base_seed": about.get("base_seed"), "parameters": summary.get("parameters"),
            "tokens": summary.get("tokens"), "facts": facts, "bits_per_fact": found.effect, "lower": found.lower,
            "upper": found.upper, "bits_per_parameter": _each(found.effect * facts, summary.get("parameters")),
            "source": "fresh", "run_id": condition.model.id}  # fmt: skip


def _each(total: float, parameters: int | None) -> float:
    return total / parameters if parameters else np.nan


def weighted_mean(values: pd.Series, weights: pd.Series, entities: pd.Series):
    """Weighted mean with its 95% interval, an entity-cluster bootstrap."""
    names, codes = np.unique(entities.astype(str), return_inverse=True)
    sums, totals = (np.bincount(codes, column, len(names)) for column in (values * weights, weights))
    drawn = cluster_weights(len(names), tables.DRAWS, seed=0)
    return percentile_interval((drawn @ sums) / (drawn @ totals), 0.95, len(names))


def teacher_errors(session: Session, conditions: Sequence[Any]) -> pd.DataFrame:
    """Shares of the kinds of 3-shot replies of the teacher and the largest base LM, columns ERRORS.

    A wrong reply that is a value of the right type (another town for a town) is told from other wrong ones.
    """
    largest = session.scale.base_sizes[-1].stands_for
    chosen = [one for one in conditions if one.about["arm"] == "teacher" or one.about.get("size") == largest]
    chosen = [one for one in chosen if not one.about.get("base_seed")]
    choices = _values_of_type(session)
    rows = []
    for condition in chosen:
        found = tables.answers(condition.nq, session.store)
        found = found[(found["scoring"] == "few_shot") & (found["shots"] == 3)]
        kinds = pd.Series([_kind(answer, choices) for answer in found.itertuples()], dtype=str)
        shares = kinds.value_counts(normalize=True)
        rows += [[condition.about["model"], kind, float(shares.get(kind, 0.0)), len(kinds)] for kind in KINDS]
    return pd.DataFrame(rows, columns=ERRORS)


KINDS = ("right", "verbose", "malformed", "wrong_value_of_type", "wrong_other")


def _values_of_type(session: Session) -> dict[str, frozenset[str]]:
    """Item -> every value of the type that it asks for, normalised."""
    if not session.scale.world:
        return {}
    world = world_of(session)
    kinds = {relation.value_type for relation in RELATIONS}
    values = {kind: frozenset(map(normalise, world.candidates(kind))) for kind in sorted(kinds)}
    asked = tables.questions(session.specs.questions(), session.store)
    return {item.id: next((kind for kind in values.values() if normalise(item.answers[0]) in kind), frozenset())
            for item in asked}  # fmt: skip


def _kind(answer: Any, choices: Mapping[str, frozenset[str]]) -> str:
    if answer.kind != "wrong":
        return answer.kind
    known = normalise(answer.output) in choices.get(answer.item, frozenset())
    return "wrong_value_of_type" if known else "wrong_other"
