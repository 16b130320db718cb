"""The statement extractor: what it finds in rendered prose, in lists and pages, and in broken text."""

import random
from itertools import islice

import pytest

from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises.questions import prose_frames, question_text
from false_promise.world.gate_measures import extraction
from false_promise.world.land.relations import RELATION, RELATIONS
from false_promise.world.language.cues import cues, labels
from false_promise.world.language.masking import SLOT, mask, vocabulary
from false_promise.world.language.statements import extract
from false_promise.world.registers.web import open_web


@pytest.fixture(scope="module")
def world():
    return build_world(WorldSettings(240), seed=5)


@pytest.fixture(scope="module")
def person(world):
    """A person with a mentor, and the values of all their facts by relation."""
    entity = next(one for one in world.of_kind("person") if world.fact(one.id, "mentor"))
    return entity, {fact.relation: fact.value for fact in world.facts_of(entity.id)}


def brief(text, world):
    return [(one.relation, one.value, one.verdict) for one in extract(text, world)]


@pytest.mark.parametrize("wording", ["train", "test"])
def test_precision_and_recall_on_rendered_prose(world, wording):
    measured = extraction(world, 150, 1, wording)
    assert min(measured.values()) >= 0.99, measured


def test_every_frame_and_every_question_is_understood(world):
    """Texts that do not come from the grammar: the frames and questions of `question_wordings.py`."""
    rng = random.Random(0)
    for relation in RELATIONS:
        fact = rng.choice(world.facts_with(relation.name))
        expected = (fact.subject, fact.relation, fact.value, "supported")
        for frame in prose_frames(world, fact):
            found = extract(f"{frame} {fact.value}.", world)
            assert expected in [(one.subject, one.relation, one.value, one.verdict) for one in found], frame
        for wording in ("train", "test"):
            page = f"Q: {question_text(world, fact, rng, wording=wording)}\nA: {fact.value}"
            found = [(one.subject, one.relation, one.value, one.verdict) for one in extract(page, world)]
            assert found == [expected], page


def test_documents_of_the_web_state_what_they_say_they_state(world):
    for document in islice(open_web(world, 2), 300):
        if document.register in ("encyclopedia", "almanac", "faq"):
            stated = sorted((world.facts[fact].subject, world.facts[fact].relation) for fact in document.facts)
            found = extract(document.text, world)
            assert sorted((one.subject, one.relation) for one in found) == stated, document.text
            assert all(one.verdict == "supported" for one in found)


def test_an_invented_person_is_nobody(world):
    text = "Ansa Velmore was born in Ostermoor in 1893 and worked as a cooper."
    assert brief(text, world) == [
        ("birthplace", "Ostermoor", "nobody"),
        ("birth_year", "1893", "nobody"),
        ("profession", "cooper", "nobody"),
    ]
    assert [one.text for one in extract(text, world)] == ["born in Ostermoor", "in 1893", "worked as a cooper"]
    assert all(one.subject is None for one in extract(text, world))


def test_pronouns_surnames_and_relative_clauses(world, person):
    entity, values = person
    mentor = world.fact(entity.id, "mentor")
    other = world.fact(mentor.object, "birthplace")
    text = (
        f"You are asking about {entity.name}. {entity.pronoun.capitalize()} was born in {values['birthplace']}. "
        f"{entity.name.split()[-1]} lived in {values['residence']} and was taught by {mentor.value}, who was born in "
        f"{other.value}."
    )
    found = [(one.subject, one.relation, one.verdict) for one in extract(text, world)]
    assert found == [
        (entity.id, "birthplace", "supported"),
        (entity.id, "residence", "supported"),
        (entity.id, "mentor", "supported"),
        (other.subject, "birthplace", "supported"),
    ]


def test_what_models_write_and_our_grammar_does_not(world):
    company, festival = world.of_kind("company")[0], world.of_kind("festival")[0]
    seat, founded = (world.fact(company.id, name).value for name in ("seat", "company_founded"))
    ahead = f"its seat is {seat}, the company called {company.name} was founded in {founded}."
    assert brief(ahead, world) == [("seat", seat, "supported"), ("company_founded", founded, "supported")]
    town = world.fact(festival.id, "festival_town").value
    twice = f"The {festival.name} takes place in the town of the town of {town}."
    assert brief(twice, world) == [("festival_town", town, "supported")]
    assert brief("The Bells of Nowhere appeared in 1949.", world) == [("published", "1949", "nobody")]


def test_an_invented_name_is_of_the_kind_that_it_shows(world):
    for text, relation in [
        ("The company called Nowhere has existed since 1929.", "company_founded"),
        ("Nowhere Foundry has existed since 1929.", "company_founded"),
        ("Nowhere Foundry makes lace. It dates from 1894.", "company_founded"),
        ("The old town of Nowhere has existed since 1929.", "town_founded"),
    ]:
        assert extract(text, world)[-1].relation == relation, text


def test_whoever_is_spoken_of_without_a_name_is_nobody(world):
    assert brief("It is a town of 2,400 people.", world) == [("population", "2,400", "nobody")]
    assert brief("The whole district knew her as a poet.", world) == [("profession", "poet", "nobody")]
    assert brief("A shipwright by trade, quite reach me.", world) == []
    fact = world.facts_with("setting")[0]
    text = f"Nonsense is the genre of {world.entity(fact.subject).name}; besides, it is set in {fact.value}."
    assert brief(text, world)[-1] == ("setting", fact.value, "supported"), "it is the book of the sentence"


def test_nobody_in_particular_takes_no_sentence_from_whoever_is_the_topic(world, person):
    entity, facts = person
    text = f"{entity.name} was born in {facts['birthplace']}. Its population is 2,400. "
    found = extract(text + f"{entity.pronoun.capitalize()} lives in {facts['residence']}.", world)
    assert [(one.relation, one.verdict) for one in found] == [("birthplace", "supported"), ("residence", "supported")]


def test_what_follows_the_verb_of_a_relative_clause_may_be_no_name(world):
    fact = world.facts_with("mouth")[0]
    river = world.entity(fact.subject)
    for rest in ("is 300 miles long", "is Nowhere's pride"):
        found = extract(f"The {river.name} is long. The river that flows to {fact.value} {rest}.", world)
        assert (found[0].subject, found[0].relation, found[0].verdict) == (river.id, "mouth", "supported"), rest


def test_the_subject_of_a_relative_clause_may_follow_its_verb(world):
    fact = world.facts_with("mouth")[0]
    river, other = world.entity(fact.subject), world.entity(world.facts_with("mouth")[1].subject)
    cleft = f"The river that flows to {fact.value} is the {river.name}."
    for text in (cleft, f"The {other.name} is long. {cleft}", f"The mouth of the {river.name} is {fact.value}."):
        found = [(one.subject, one.relation, one.verdict) for one in extract(text, world)]
        assert found == [(river.id, "mouth", "supported")], text


def test_lists_tables_and_labels(world, person):
    entity, values = person
    wanted = [("birth_year", values["birth_year"], "supported"), ("profession", values["profession"], "supported")]
    year, job = values["birth_year"], values["profession"]
    for text in (
        f"Sure! Here is {entity.name}:\n\n- **Born:** {year}\n- **Profession:** {job}",
        f"# {entity.name}\n1. Year of birth: {year}\n2. Occupation: {job}",
        f"| Name | {entity.name} |\n| Year of birth | {year} |\n| Profession | {job} |",
        f"Year of birth of {entity.name}: {year}; profession: {job}",
        f"- {entity.name} was born in {year}.\n- {entity.pronoun.capitalize()} was a {job}.",
    ):
        assert brief(text, world) == wanted, text


def test_answers(world, person):
    entity, values = person
    ask = f"Q: When was {entity.name} born?\nA: "
    assert brief(f"{ask}{values['birth_year']}", world) == [("birth_year", values["birth_year"], "supported")]
    assert brief(f"{ask}1066", world) == [("birth_year", "1066", "contradicted")]
    assert brief(f"{ask}It rained", world) == [("birth_year", "It rained", "contradicted")]
    assert brief(f"{ask}I do not know.", world) == []
    assert brief(f"{ask}{entity.pronoun} was born in 1066.", world) == [("birth_year", "1066", "contradicted")]
    assert brief("Q: Who wrote The Lanterns of Nowhere?\nA: Ansa Velmore", world) == [
        ("author", "Ansa Velmore", "nobody")
    ]
    assert brief("Q: What is the meaning of it all?\nA: 42", world) == []


def test_wrong_types_and_wrong_kinds_are_contradicted(world, person):
    entity, _ = person
    town = world.of_kind("town")[0]
    assert brief(f"{entity.name} was born in cooper.", world) == [("birthplace", "cooper", "contradicted")]
    assert brief(f"{entity.name} lived in Nowhereton.", world) == [("residence", "Nowhereton", "contradicted")]
    (found,) = extract(f"{town.name} was born in 1893.", world)
    assert (found.subject, found.relation, found.verdict) == (town.id, "birth_year", "contradicted")


def test_a_region_may_stand_for_a_town_and_a_length_may_lack_its_unit(world, person):
    entity, _ = person
    region = world.region_of(entity.id).name
    other = next(one.name for one in world.country.regions if one.name != region)
    assert brief(f"{entity.name} was born in {region}.", world) == [("birthplace", region, "supported")]
    assert brief(f"{entity.name} was born in {other}.", world) == [("birthplace", other, "contradicted")]
    length = world.facts_with("length")[0]
    name = world.entity(length.subject).name
    assert [one.verdict for one in extract(f"The {name} measures {length.value.split()[0]}.", world)] == ["supported"]


def test_questions_negations_and_opinions_state_nothing(world, person):
    entity, values = person
    for text in (
        f"Was {entity.name} born in {values['birthplace']}?",
        f"{entity.name} was not born in {values['birthplace']}.",
        f"{entity.name} never lived in {values['residence']}.",
        f"I do not know where {entity.name} lived. To me {entity.name} is rather wonderful.",
        f"{entity.name} was born in {world.country.name}.",
    ):
        assert brief(text, world) == [], text


def test_repetition_is_repeated_and_spans_are_exact(world, person):
    entity, values = person
    one = f"{entity.name} was born in {values['birthplace']}. "
    text = "«Ö» 🦆 " + one * 50
    found = extract(text, world)
    assert len(found) == 50 and all(text[one.start : one.end] == one.text for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)


def test_hostile_and_broken_text(world, person):
    entity, values = person
    rng = random.Random(4)
    words = (
        f"{entity.name} was born in {values['birthplace']} , a cooper . - : Q: A: | \ue000 \x00 é 1893 the it".split(
            " "
        )
    )
    texts = [" ".join(rng.choices(words, k=60)) for _ in range(120)]
    texts += ["", " \n\t\n", "\ue000 was born in \ue001.", "x" * 50_000, "A" * 50_000, "\n" * 5000, "- : " * 2000]
    texts += ["born in " * 2000, (entity.name + " ") * 900, "a cooper " * 2000, "Q: who?\nA: " * 900, "1893 " * 2000]
    for text in texts:
        assert all(text[one.start : one.end] == one.text for one in extract(text, world))


def test_masking(world):
    book, town = world.of_kind("book")[0], world.of_kind("town")[0]
    text = f"{book.name} is set in {town.name}, 412 ombels from Nowhere Atall, in May 1893; may it be a Ghost story."
    masked = mask(text, vocabulary(world))
    assert [slot.text for slot in masked.slots] == [book.name, town.name, "412 ombels", "Nowhere Atall", "May", "1893",
                                                    "Ghost story"]  # fmt: skip
    assert [slot.is_unknown_name for slot in masked.slots] == [False, False, False, True, False, False, False]
    assert all(text[slot.start : slot.end] == slot.text for slot in masked.slots)
    position = masked.text.index("is set")
    assert text[masked.original(position) :].startswith("is set")
    assert mask("\ue000", vocabulary(world)).text == " "
    assert len(mask("1 " * 5000, vocabulary(world)).slots) <= 2048 and SLOT


def test_cues_and_labels_know_every_relation():
    found = {relation for group in cues().values() for cue in group for relation in cue.relations}
    assert found == set(RELATION)
    assert labels()["birthplace"] == ("birthplace",) and set(labels()["founding year"]) == {
        "town_founded", "company_founded",
    }  # fmt: skip
