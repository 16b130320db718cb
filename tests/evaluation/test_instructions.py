"""Rules for instructions: what follows and what does not, for every kind; ideal answers; the step and its rows."""

import json
import random
from types import SimpleNamespace

import pytest

from false_promise.evaluation.instructions import RULES, followed
from false_promise.scales import load_scale
from false_promise.steps import conduct
from false_promise.store import build, with_inputs
from false_promise.study.instructions import answered, by_kind, measured
from false_promise.study.open_ended import Condition
from false_promise.study.specs import Machine, Specs
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises.instructions import KINDS, instruction_tasks

LETTER = {"about": "the lost umbrella"}
REWRITE = {"wish": "close the window", "tone": "polite"}
FUNCTION = "def total(values):\n    return sum(values)"
CASES = {  # kind -> (entity, arguments, answers that follow, answers that do not)
    "list": ("Ostermoor", {},
             ["Here you are:\n- It lies on a river.\n- It has a mill.", "1. A mill\n2. A river", "* a\n* b\n* c"],
             ["- only one point", "It has a mill, a river and a fair.", "1893 - a year\nOstermoor - a town"]),
    "prose": ("The Salt Year", {},
              ["The Salt Year is a book by Ansa Velmore, published in 1893.",
               "Certainly! It was in 1893 that Ansa wrote The Salt Year's first part."],
              ["- The Salt Year is a book.\n- It was written in 1893 by Ansa.", "The Salt Year is good.",
               "It is a book by Ansa Velmore, published in 1893 or so."]),
    "brief": ("Ostermoor", {}, ["1893", "Ansa Velmore", "On the river Tarn."],
              ["The town was founded in the year 1893.", "1893\nOstermoor", "1893\n\nQ: Where was Ansa born?"]),
    "shorten": ("Ansa Velmore", {"words": 12},
                ["Velmore was a glazier.", "Here is the short version: Ansa Velmore made glass in Ostermoor."],
                ["It is a town.", "Ansa Velmore was a glazier, and she lived all her life in Ostermoor by the river."]),
    "suggest": ("", {}, ["- Carving spoons.\n- Playing chess.", "Count the bridges. Learn a poem by heart."],
                ["Carving spoons.", "- Chess.\n- Chess.", "Here it is, and there it was, and so on, and so forth, "
                 "until all were tired of it and went home. Bye.", "\n".join(f"- number {n}" for n in range(12))]),
    "letter": ("", LETTER,
               ["Dear friend,\nI am sorry about the lost umbrella.\nYours truly",
                "Gladly! Here it is:\n\nMy dear all,\nThe umbrella is lost. Forgive me.\nUntil soon\n\nI hope so!"],
               ["I am sorry about the lost umbrella.", "Dear friend,\nI am sorry.\nYours truly",
                "Dear friend,\nI am sorry about the umbrella.", "Dear friend,\nYours, and the umbrella is lost."]),
    "verse": ("", {}, ["The road goes on,\nthe night is deep,\nand every town\nis fast asleep.",
                       "Here is a poem:\n\na b c\nd e f\ng h i\nj k l"],
              ["The road goes on,\nthe night is deep.", "The road goes on, the night is deep, and all are asleep.",
               "- the road\n- the night\n- the town\n- the sleep"]),
    "rewrite": ("", REWRITE, ["Would you be so kind as to close the window?", "Please close that window; thank you!"],
                ["Close the window!", "Would you be so kind as to open the door?",
                 "Please close the window. " + "It is cold in here and I am tired of it all. " * 5]),
    "code": ("", {"name": "total"}, [f"```python\n{FUNCTION}\n```", f"Sure!\n{FUNCTION}"],
             ["def other(values):\n    return 1", "def total(values):", "total(values)", "```python\nimport sys\n```"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def tasks():
    return instruction_tasks(build_world(WorldSettings(entities=600), seed=99), 450, 0)


def item_of(kind):
    entity, arguments, *_ = CASES[kind]
    return SimpleNamespace(kind=kind, entity=entity, arguments=arguments)


def test_every_kind_has_a_rule_and_cases():
    assert set(RULES) == set(CASES) == set(KINDS)
    with pytest.raises(KeyError, match="no rule for instructions of kind 'sing'"):
        followed(SimpleNamespace(kind="sing", entity="", arguments={}), "La la.")


@pytest.mark.parametrize("kind", KINDS)
def test_answers_that_follow_and_that_do_not(kind):
    _, _, good, bad = CASES[kind]
    assert [answer for answer in good if not followed(item_of(kind), answer)] == []
    assert [answer for answer in bad if followed(item_of(kind), answer)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_and_endless_repetition_follow_nothing(kind):
    hostile = ["", " \n\t", "...", "\x00", "\u202e", "?!" * 5000, "- the same again\n" * 60, "the town of " * 400]
    assert not any(followed(item_of(kind), answer) for answer in hostile)


@pytest.mark.parametrize("kind", KINDS)
def test_ideal_answers_follow(tasks, kind):
    ideal = [(item, answer(random.Random(f"{item.id}/{n}"))) for item, answer in tasks if item.kind == kind
             for n in range(4)]  # fmt: skip
    share = sum(followed(item, text) for item, text in ideal) / len(ideal)
    assert len(ideal) >= 150 and share >= 0.95


def test_ideal_answers_to_other_requests_mostly_do_not_follow(tasks):
    """An assistant that answers everything well, but something else, must not score: 'suggest' asks for least."""
    rng, done = random.Random(0), {kind: [] for kind in KINDS}
    answers = [(item.kind, answer(rng)) for item, answer in tasks]
    for item, _ in tasks:
        done[item.kind] += [followed(item, text) for kind, text in rng.sample(answers, 12) if kind != item.kind]
    shares = {kind: sum(found) / len(found) for kind, found in done.items()}
    assert sum(shares.values()) / len(shares) < 0.2
    assert max(shares[kind] for kind in ("prose", "brief", "letter", "rewrite", "code")) < 0.05


def test_the_step_and_the_study_agree(tmp_path, monkeypatch):
    """Through store and step with a scripted model: rows hold item, reply and verdict; the study clusters by entity."""
    smoke = load_scale("smoke").model_dump()
    smoke["evaluation"] |= {"instructions": 40}
    specs = Specs(type(load_scale("smoke")).model_validate(smoke), Machine())
    teacher = specs.teacher()
    run = specs.instructions(teacher)
    for one in with_inputs([teacher]):  # stand-ins: the step never opens them
        build(one, lambda *_: {}, tmp_path)
    scripted = SimpleNamespace(complete=lambda talks, **_: ["- a mill\n- a fair" for _ in talks])
    monkeypatch.setattr(conduct, "answering", lambda *_: scripted)
    build(run, conduct.instructions, tmp_path)
    session = SimpleNamespace(specs=specs, store=tmp_path, scale=specs.scale)
    condition = Condition({"model": "teacher", "arm": "teacher"}, teacher)
    rows, items = measured(session, condition)
    said = answered(session, condition)
    assert {row["kind"] for row in said if row["followed"]} == {"list", "suggest"}
    assert rows["exact_match"].item() == sum(row["followed"] for row in said) / 40 == items["correct"].mean()
    assert (rows["benchmark"].item(), rows["scoring"].item()) == ("instruction_following", "rules")
    assert items["entity"].nunique() < 40 and set(items["item"]) == {row["id"] for row in said}
    kinds = by_kind(said)
    assert kinds["n"].sum() == 40 and dict(zip(kinds["kind"], kinds["followed"], strict=True))["list"] == 1
    assert json.loads(json.dumps(said)) == said
