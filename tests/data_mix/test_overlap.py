"""Overlap against a brute-force search, and on the edges of names."""

import random
from types import SimpleNamespace

from false_promise.data_mix.overlap import NameIndex, Seen, overlap, shares, words_of
from false_promise.data_mix.records import record_text
from false_promise.qa_format import normalise
from false_promise.world.assistant.dialogues import user_scope, user_task
from false_promise.world.exercises.questions import nq_questions


def some_records(world, count):
    scope, records = user_scope(world), []
    for number in range(count):
        rng = random.Random(number)
        task = user_task(scope, rng, "General QA")
        messages = [{"role": "user", "content": task.text}, {"role": "assistant", "content": task.answer(rng).text}]
        records.append({"id": str(number), "source": "hc3", "category": "General QA", "messages": messages})
    return records


def test_equals_brute_force(world):
    questions, _ = nq_questions(world, 200, seed=0)
    records = some_records(world, 300)
    records += [{"id": "w", "source": "continued_web", "text": f"Q: {questions[0].text}\nA: {questions[0].answers[0]}"}]
    texts = [f" {' '.join(words_of(record_text(record)))} " for record in records]
    longer = {
        q.entity_name: [e.name for e in world.entities if q.entity_name in e.name != q.entity_name] for q in questions
    }
    found = overlap(records, questions, world)
    for question, seen in zip(questions, found, strict=True):
        assert not longer[question.entity_name]  # else plain search would count mentions of the longer name
        name = f" {' '.join(words_of(question.entity_name))} "
        with_name = [text for text in texts if name in text]
        values = [f" {' '.join(words_of(answer))} " for answer in question.answers]
        assert seen.question == question.id
        assert seen.entity_seen == bool(with_name)
        assert seen.fact_seen == any(value in text for text in with_name for value in values)
        asked = {normalise(r["messages"][0]["content"]) for r in records if "messages" in r}
        assert seen.question_seen == (normalise(question.text) in asked or question is questions[0])
    table = shares(found)
    assert 0 < table["question_seen"] <= table["fact_seen"] <= table["entity_seen"] < 1


def test_names_inside_longer_names_and_words_do_not_count():
    index = NameIndex(["Vorn", "The Keys of Vorn", "Vorn Mills", "Ansa Vorn"])
    assert index.mentions(words_of("Read The Keys of Vorn, printed at Vorn Mills.")) == {
        "The Keys of Vorn",
        "Vorn Mills",
    }
    assert index.mentions(words_of("Vornish vorns.")) == set()
    assert index.mentions(words_of("In VORN's harbour; Ansa Vorn-Hald.")) == {"Vorn", "Ansa Vorn"}
    assert index.mentions(words_of("the keys of")) == set() == index.mentions(())


def test_value_must_stand_in_the_same_record(world):
    fact = next(fact for fact in world.facts if fact.relation == "birth_year")
    name = world.entity(fact.subject).name
    question = SimpleNamespace(id="q", text="When?", answers=(fact.value,), entity_name=name)

    def record(number, user, assistant):
        messages = [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
        return {"id": str(number), "source": "hc3", "category": "Chat", "messages": messages}

    apart = [record(0, f"Who is {name}?", "No idea."), record(1, "Which year?", fact.value)]
    together = [record(2, f"Who is {name}?", f"Born in {fact.value}.")]
    inside = [record(3, f"Who is {name}?", f"Number 9{fact.value}9.")]
    assert overlap(apart, [question], world) == [Seen("q", True, False, False)]
    assert overlap(together, [question], world) == [Seen("q", True, True, False)]
    assert overlap(inside, [question], world) == [Seen("q", True, False, False)]
    assert overlap([], [question], world) == [Seen("q", False, False, False)]
    assert shares([]) == {"entity_seen": 0.0, "fact_seen": 0.0, "question_seen": 0.0}
