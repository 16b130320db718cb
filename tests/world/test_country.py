"""The country: one seed gives everything, proportions, no leak of held-out entities, stated mutual information."""

import hashlib
import json
import math
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from false_promise.world.country import RELATIONS, WorldSettings, build_world, sample_entities
from false_promise.world.exercises.code import code_items, code_page
from false_promise.world.exercises.exams import exam_items, exam_page
from false_promise.world.exercises.questions import nq_questions
from false_promise.world.land.geography import HEIGHT, WIDTH, build_geography, neighbours, trace_rivers
from false_promise.world.land.information import blind, guess_accuracy, mutual_information
from false_promise.world.land.relations import KIND_SHARES, KINDS, RELATION, VALUES, relations_of


@pytest.fixture(scope="module")
def world():
    return build_world(WorldSettings(entities=7000), seed=99)


@pytest.fixture(scope="module")
def small():
    return build_world(WorldSettings(entities=240), seed=5)


def digest() -> str:
    """Of everything this part derives from a seed, at a small size."""
    small = build_world(WorldSettings(entities=240), seed=5)
    rng = random.Random(1)
    content = [
        small.entities,
        small.facts,
        small.country,
        sorted(small.positions.items()),
        sorted(small.courses.items()),
        small.geography.region,
        nq_questions(small, 60, 0),
        exam_items(small, 40, 0, "test"),
        code_items(8, 0, "test"),
        [exam_page(small, rng) + code_page(small, rng) for _ in range(5)],
    ]
    return hashlib.sha256(repr(content).encode()).hexdigest()


@pytest.mark.slow
def test_same_seed_gives_the_same_country_in_another_process():
    command = "import sys; sys.path.insert(0, sys.argv[1]); import test_country; print(test_country.digest())"
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    folder = str(Path(__file__).parent)
    run = [sys.executable, "-c", command, folder]
    other = subprocess.run(run, capture_output=True, text=True, check=True, env=environment).stdout.strip()
    assert other == digest()


def test_other_seed_gives_another_country(small):
    other = build_world(WorldSettings(entities=240), seed=6)
    assert other.country.name != small.country.name
    assert not {entity.name for entity in other.entities} & {entity.name for entity in small.entities[:50]}


def test_size_kinds_and_relations(world):
    assert len(world.entities) == 7000 and len(world.facts) >= 20_000
    assert len(KINDS) >= 7 and len(RELATIONS) >= 22
    counts = Counter(entity.kind for entity in world.entities)
    assert all(abs(counts[kind] / 7000 - share) < 0.002 for kind, share in KIND_SHARES.items())


def test_too_small_a_country_is_an_error():
    with pytest.raises(ValueError, match="entities is 50"):
        build_world(WorldSettings(entities=50), seed=1)


def test_names_are_unique_over_all_kinds(world):
    assert len({entity.name.lower() for entity in world.entities}) == 7000
    words = Counter()
    for entity in world.entities:
        if entity.kind != "person":
            words.update([max(entity.name.replace("The ", "").split(), key=len)])
    assert all(world.by_name(entity.name) is entity for entity in world.entities)
    assert world.by_name("Nobody") is None


def test_ids_are_positions_and_every_relation_is_complete(world):
    assert [entity.id for entity in world.entities] == list(range(7000))
    assert [fact.id for fact in world.facts] == list(range(len(world.facts)))
    for entity in world.entities:
        expected = {relation.name for relation in relations_of(entity.kind)}
        found = {fact.relation for fact in world.facts_of(entity.id)}
        assert found == expected or (entity.kind == "person" and found == expected - {"mentor"})


def test_facts_name_their_objects_and_types(world):
    for fact in world.facts:
        relation = RELATION[fact.relation]
        assert fact.group == relation.group and relation.kind == world.entity(fact.subject).kind
        if relation.value_type in KINDS:
            assert world.entity(fact.object).name == fact.value
            assert world.entity(fact.object).kind == relation.value_type
        else:
            assert fact.object is None and fact.value in world.candidates(relation.value_type)


def test_lookups_agree_with_the_facts(world):
    fact = world.facts[1234]
    assert world.fact(fact.subject, fact.relation) is fact
    assert fact in world.facts_of(fact.subject) and fact in world.facts_with(fact.relation)
    about = next(fact for fact in world.facts if fact.object is not None)
    assert about in world.facts_about(about.object)
    assert world.fact(fact.subject, "genre") is None or world.entity(fact.subject).kind == "book"
    with pytest.raises(KeyError, match="unknown value type 'planet'"):
        world.candidates("planet")


def test_popularity_is_zipf_and_sums_to_one(world):
    ranked = sorted((entity.popularity for entity in world.entities), reverse=True)
    assert sum(ranked) == pytest.approx(1.0)
    shift = 7000 / 200
    assert ranked[999] / ranked[9] == pytest.approx((10 + shift) / (1000 + shift))


def test_held_out_entities_lie_across_the_popularity_range(world):
    for kind in KINDS:
        members = sorted(world.of_kind(kind), key=lambda entity: -entity.popularity)
        flags = [entity.held_out for entity in members]
        assert sum(flags) / len(flags) == pytest.approx(0.15, abs=0.01)
        assert not any(flags[:3])
        thirds = [sum(flags[i * len(flags) // 3 : (i + 1) * len(flags) // 3]) for i in range(3)]
        assert min(thirds) > 0.25 * sum(flags)


def test_facts_of_public_entities_never_mention_held_out_ones(world, small):
    for country in (world, small):
        for fact in country.facts:
            if fact.object is not None and country.entity(fact.object).held_out:
                assert country.entity(fact.subject).held_out


def test_the_country_makes_sense(world):
    for person in world.of_kind("person"):
        mentor = world.fact(person.id, "mentor")
        if mentor:
            gap = int(world.fact(person.id, "birth_year").value) - int(world.fact(mentor.object, "birth_year").value)
            assert 12 <= gap <= 45
    for relation, owner in (("published", "author"), ("company_founded", "founder")):
        for fact in world.facts_with(relation):
            born = int(world.fact(world.fact(fact.subject, owner).object, "birth_year").value)
            assert 22 <= int(fact.value) - born <= 50


def test_values_are_too_many_to_guess_and_types_do_not_overlap(world):
    sizes = {value_type: len(world.candidates(value_type)) for value_type in {r.value_type for r in RELATIONS}}
    assert sizes["month"] == 12 and sizes["region"] == 12
    assert min(sizes[t] for t in ("product", "profession")) >= 40
    assert min(sizes[t] for t in ("birth_year", "founding_year", "year", "population", "length")) >= 70
    values = [value for values in VALUES.values() for value in values]
    assert len(values) == len(set(values))


def test_inferable_relations_can_be_guessed(world):
    """Stated in relations.py and settlement.CUSTOMS: a guess gains at least 20 points and half a bit."""
    for relation in RELATIONS:
        if relation.group == "inferable":
            gain = guess_accuracy(world, relation.name) - guess_accuracy(world, relation.name, blind)
            assert gain > 0.2 and mutual_information(world, relation.name) > 0.5, relation.name


def test_mutual_information_of_a_value_with_itself_is_its_entropy_less_the_shuffled(small):
    """Closed form: I(X; X) = H(X); and nothing is shared with a constant."""
    facts = small.facts_with("month")
    counts = Counter(fact.value for fact in facts).values()
    entropy = -sum(n / len(facts) * math.log2(n / len(facts)) for n in counts)
    own = mutual_information(small, "month", key=lambda world, fact: fact.value, shuffles=1)
    assert 0 < own < entropy
    assert mutual_information(small, "colour") == pytest.approx(0.0)
    assert mutual_information(small, "month", key=blind) == pytest.approx(0.0)


def test_memorised_values_cannot_be_guessed_from_the_sound_of_the_name(world):
    for relation in RELATIONS:
        if relation.group == "memorised":
            sound = guess_accuracy(world, relation.name, lambda world, fact: world.entity(fact.subject).name[:3])
            chance = max(guess_accuracy(world, relation.name, blind), 1 / len(world.candidates(relation.value_type)))
            assert sound < chance + 0.03, relation.name


def test_about_thirty_percent_of_relations_are_inferable(world):
    share = sum(relation.group == "inferable" for relation in RELATIONS) / len(RELATIONS)
    assert 0.25 <= share <= 0.35
    assert 0.25 <= sum(fact.group == "inferable" for fact in world.facts) / len(world.facts) <= 0.37


def test_guess_accuracy_against_brute_force(small):
    facts = small.facts_with("month")
    hits = 0
    for fact in facts:
        region = small.regions[fact.subject]
        others = Counter(o.value for o in facts if o is not fact and small.regions[o.subject] == region)
        best = max(others.values(), default=0)
        hits += others[fact.value] == best and list(others.values()).count(best) == 1
    assert guess_accuracy(small, "month") == pytest.approx(hits / len(facts))


def test_sampling_follows_popularity_and_stratum(world):
    rng = random.Random(0)
    drawn = sample_entities(world, rng, 20_000)
    top = {entity.id for entity in sorted(world.entities, key=lambda entity: -entity.popularity)[:700]}
    expected = sum(world.entity(i).popularity for i in top)
    assert sum(entity.id in top for entity in drawn) / 20_000 == pytest.approx(expected, abs=0.015)
    assert all(entity.held_out for entity in sample_entities(world, rng, 200, held_out=True))
    birds = sample_entities(world, rng, 200, held_out=False, kind="bird")
    assert {entity.kind for entity in birds} == {"bird"} and not any(entity.held_out for entity in birds)


def test_water_runs_downhill_to_the_sea():
    geography = build_geography(random.Random(3))
    land = [cell for cell, height in enumerate(geography.height) if height > 0]
    assert 0.3 < len(land) / (WIDTH * HEIGHT) < 0.8
    for cell in land:
        assert geography.downhill[cell] in neighbours(cell)
    sources = random.Random(0).sample(land, 200)
    for cell in sources:
        for _ in range(len(land)):
            cell = geography.downhill[cell]
            if geography.height[cell] <= 0:
                break
        assert geography.height[cell] <= 0


@pytest.mark.slow
def test_rivers_end_in_the_sea_or_in_an_earlier_river():
    geography = build_geography(random.Random(3))
    seen: set[int] = set()
    for course in trace_rivers(geography, 60):
        assert not seen.intersection(course[:-1])
        assert course[-1] in seen or geography.height[geography.downhill[course[-1]]] <= 0
        assert all(b == geography.downhill[a] for a, b in zip(course, course[1:], strict=False))
        seen.update(course)


def test_towns_lie_on_their_rivers_and_mouths_at_the_end(world):
    for town in world.of_kind("town"):
        x, y = world.positions[town.id]
        course = world.courses[world.fact(town.id, "town_river").object]
        assert min((x - a) ** 2 + (y - b) ** 2 for a, b in course) < (2 / WIDTH) ** 2
    for river in world.of_kind("river"):
        mouth = world.positions[world.fact(river.id, "mouth").object]
        ends = world.courses[river.id][-2:]
        assert min((mouth[0] - a) ** 2 + (mouth[1] - b) ** 2 for a, b in ends) < (2 / WIDTH) ** 2


def test_the_capital_is_the_largest_town_and_the_country_is_plain_data(world):
    sizes = {f.subject: int(f.value.replace(",", "")) for f in world.facts_with("population")}
    assert sizes[world.country.capital] == max(sizes.values())
    assert json.loads(json.dumps(world.country.name)) == world.country.name
    assert world.country.demonym == world.country.name + "n" and len(world.country.regions) == 12
