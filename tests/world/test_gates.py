"""The gates measure what they say: every measure is shown a case that must fail it."""

import json
import random
from collections import Counter
from dataclasses import replace

import pytest

from false_promise.world import gate_measures as measures
from false_promise.world import gates
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.language.grammar import paragraph
from false_promise.world.registers.web import Document


@pytest.fixture(scope="module")
def world():
    return build_world(WorldSettings(240), seed=5)


@pytest.fixture(scope="module")
def measured(world):
    return gates.measure(world, megabytes=0.2, paragraphs=40)


@pytest.mark.slow
def test_the_small_world_passes_every_gate(measured):
    """But for the commonest sentences, whose share needs more text than a test reads."""
    failed = [row["name"] for row in measured["gates"] if not row["passed"]]
    assert set(failed) <= {"share of the 100 commonest masked sentences"}
    assert measured["passed"] == (not failed) and len(measured["gates"]) >= 25


def test_the_result_is_plain_json_and_prints_as_a_table(measured):
    assert json.loads(json.dumps(measured)) == measured
    lines = gates.table(measured).split("\n")
    assert len(lines) == len(measured["gates"]) + 2 and all(line.endswith(("ok", "FAILS")) for line in lines[1:-1])
    tokens, distinct = zip(*measured["curve"], strict=True)
    assert list(tokens) == sorted(tokens) and list(distinct) == sorted(distinct) and len(tokens) == 8


def test_bounds_of_a_gate():
    assert gates.gate("x", 5, 4, 6).passed and gates.gate("x", 4, 4).passed and gates.gate("x", 0, None, 0).passed
    assert not gates.gate("x", 3, 4, 6).passed and not gates.gate("x", 7, None, 6).passed
    failing = {"gates": [{**vars(gates.gate("x", 7, None, 6))}], "curve": [[1, 1]]}
    assert "FAILS" in gates.table(failing)


def test_extrapolation_is_exact_for_a_power_law():
    curve = [[n, round(50 * n**0.5)] for n in (10**4, 4 * 10**4, 9 * 10**4, 16 * 10**4)]
    assert gates._extrapolate(curve) == pytest.approx(50 * 30e6**0.5, rel=1e-3)


def test_masked_sentences_forget_names_values_and_users(world):
    one, other = world.of_kind("town")[:2]
    texts = [f"{town.name} produces {what}. It was founded in {year}." for town, what, year in
             ((one, "linen", 1399), (other, "candles", 1402))]  # fmt: skip
    masked = [measures.masked_sentences(Document(text, "encyclopedia", ()), world) for text in texts]
    assert masked[0] == masked[1] == ["X produces X.", "It was founded in X."]
    post = measures.masked_sentences(Document("mosswalker3: I agree with tin_fox.", "forum", ()), world)
    assert post == ["X: I agree with X."]
    assert measures.masked_sentences(Document("return 1.", "code", ()), world) == []
    assert measures.masked_sentences(Document("A. salt\nAnswer: A", "exam", ()), world) == []


def test_commonest_share():
    counts = Counter({f"s{i}": 1 for i in range(900)} | {"often": 100})
    assert measures.commonest_share(counts, 1) == 0.1
    assert measures.commonest_share(Counter()) == 0.0


def test_a_planted_held_out_name_is_found(world):
    held_out = next(entity for entity in world.entities if entity.held_out)
    known = next(entity for entity in world.entities if not entity.held_out)
    assert measures.held_out_names([f"Q: Who is {held_out.name}?\nA: nobody", held_out.name.lower()], world) == 2
    assert measures.held_out_names([f"Q: Who is {known.name}?"], world) == 0


def test_planted_held_out_wordings_are_found(world):
    rng = random.Random(0)
    for fact in world.facts[::25]:
        assert measures.held_out_wordings_used([paragraph(world, [fact], rng, wording="test")], world) > 0
        assert measures.held_out_wordings_used([paragraph(world, [fact], rng)], world) == 0


def test_corruption_changes_the_value_and_nothing_else(world):
    rng = random.Random(1)
    for fact in world.facts[::50]:
        false = measures._corrupted(world, fact, rng)
        assert false.value != fact.value and replace(false, value=fact.value, object=fact.object) == fact


def test_style_agreement_counts_second_answers():
    assert measures._agreement([("- a", "- b"), ("- a", "b"), ("a", "- b")], measures._has_list) == 0.5
    assert measures._has_summary("- a\n\nIn short, b.") and not measures._has_summary("a\n\n- b")


def test_the_command_prints_the_table(capsys, monkeypatch):
    arguments = ["gates", "--entities", "240", "--seed", "5", "--megabytes", "0.05"]
    monkeypatch.setattr("sys.argv", arguments)
    monkeypatch.setattr(gates, "measure", lambda world, megabytes: {"gates": [], "curve": [[1, 1]], "passed": True})
    with pytest.raises(SystemExit) as stopped:
        gates.main()
    assert stopped.value.code == 0 and "240 entities" in capsys.readouterr().out
