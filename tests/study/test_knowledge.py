"""Bits about a fact, every fact counting once; and what misses are made of."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from false_promise import steps
from false_promise.scales import load_scale
from false_promise.store import build, with_inputs
from false_promise.study import knowledge
from false_promise.study.session import Session
from false_promise.study.specs import Machine, Specs
from false_promise.study.tables import questions


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session at smoke whose store holds the questions."""
    scale, place = load_scale("smoke"), tmp_path_factory.mktemp("store")
    specs = Specs(scale, Machine())
    for run in with_inputs([specs.questions()]):
        build(run, getattr(steps, run.step), place)
    return Session("bases_and_teacher", scale, specs, place, place / "results", plan_only=False)


def condition(session, answers, model="teacher"):
    """A model with made-up answers: (item, scoring, bits, kind, output)."""
    run = session.specs.nq(session.specs.teacher() if model == "teacher" else session.specs.base("0.2m"))

    def step(settings, inputs, out, work):
        lines = [{"item": item, "entity": f"of {item}", "scoring": scoring, "shots": 3 if scoring == "few_shot" else 0,
                  "bits": bits, "kind": kind, "correct": float(kind == "right"), "output": output}
                 for item, scoring, bits, kind, output in answers]  # fmt: skip
        (out / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return {}

    bare = type(run)(run.step, run.version, {**run.settings, "made_up": str(answers)}, {})
    build(bare, step, session.store)
    about = {"model": model, "arm": "teacher"} if model == "teacher" else {"model": model, "size": "13B", "arm": "base"}
    return SimpleNamespace(about=about, nq=bare, model=bare)


def test_every_fact_counts_once_however_popular(session):
    weights, asked = knowledge.fact_weights(session), questions(session.specs.questions(), session.store)
    world = knowledge.world_of(session)
    assert sum(weights.values()) == pytest.approx(1)
    hidden = [item for item in asked if item.held_out]
    share = np.mean([world.entity(fact.subject).held_out for fact in world.facts])
    assert sum(weights[item.id] for item in hidden) == pytest.approx(share)
    first, second = hidden[:2]
    assert weights[first.id] / weights[second.id] == pytest.approx(second.popularity / first.popularity)


@pytest.mark.slow
def test_bits_a_fact_are_the_weighted_mean(session):
    asked = questions(session.specs.questions(), session.store)
    known = {item.id: 2.0 if item.held_out else 1.0 for item in asked}
    made = condition(session, [(item, "format_free", bits, "right", "x") for item, bits in known.items()])
    (row,) = knowledge.knowledge(session, [made]).to_dict("records")
    weights = knowledge.fact_weights(session)
    expected = sum(weights[item] * bits for item, bits in known.items())
    assert row["bits_per_fact"] == pytest.approx(expected)
    assert row["lower"] <= row["bits_per_fact"] <= row["upper"]
    assert row["facts"] == len(knowledge.world_of(session).facts)
    assert np.isnan(row["bits_per_parameter"])  # this made-up run does not state its parameters


def test_a_constant_has_no_spread_and_heavy_items_weigh_more():
    one = knowledge.weighted_mean(pd.Series([1.0, 1.0]), pd.Series([0.2, 0.8]), pd.Series(["a", "b"]))
    assert one.effect == pytest.approx(1.0)
    two = knowledge.weighted_mean(pd.Series([0.0, 1.0]), pd.Series([1.0, 3.0]), pd.Series(["a", "b"]))
    assert two.effect == pytest.approx(0.75)


def test_another_value_of_the_type_is_told_from_other_misses(session):
    asked = questions(session.specs.questions(), session.store)
    world = knowledge.world_of(session)
    item = next(one for one in asked if one.answers[0] in world.candidates("town"))
    other = next(town for town in world.candidates("town") if town != item.answers[0])
    replies = {f"{other}.": "wrong", "a blue bird": "wrong", item.answers[0]: "right", "": "malformed"}
    said = [(item.id, "few_shot", None, kind, reply) for reply, kind in replies.items()]
    found = knowledge.teacher_errors(session, [condition(session, said)]).set_index("kind")["share"]
    assert found.to_dict() == {"right": 0.25, "verbose": 0.0, "malformed": 0.25, "wrong_value_of_type": 0.25,
                               "wrong_other": 0.25}  # fmt: skip
