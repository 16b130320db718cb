"""NQ-synthetic: the paper's procedure with a scripted teacher, on a real world's questions."""

import random

import pytest
from scripted import Scripted

from false_promise.data_mix.answers import Accuracy, AnswerKey, answer_accuracy
from false_promise.data_mix.nq_synthetic import NotEnoughPairs, curate_seeds, generate, parse_pairs
from false_promise.data_mix.records import fault, replies
from false_promise.qa_format import QA, normalise, qa_page
from false_promise.teacher.back_ends import RecordedTeacher, record
from false_promise.world.exercises.questions import nq_questions, question_text

SEEDS = [QA(f"Who found place {n}?", f"Finder {n}") for n in range(10)]


def eight(seed, place):
    return [QA(f"What is thing {seed} {place} {n}?", f"answer {n}") for n in range(8)]


def test_five_random_seed_pairs_a_prompt_at_temperature_one():
    prompts = []

    def reply(messages, seed, place):
        prompts.append(messages)
        return qa_page(eight(seed, place))

    teacher = Scripted(reply)
    records = generate(teacher, SEEDS, 200, seed=0, batch=10).records
    assert len(records) == 200 and not any(fault(record) for record in records)
    assert {(call["temperature"], call["top_p"]) for call in teacher.calls} == {(1.0, 1.0)}
    shown = [
        frozenset(pair.question for pair in SEEDS if pair.question in messages[0]["content"]) for messages in prompts
    ]
    assert {len(examples) for examples in shown} == {5} and len(set(shown)) > 10
    assert all(messages[0]["content"].count("Q: ") == 5 for messages in prompts)
    assert records == generate(Scripted(reply), SEEDS, 200, seed=0, batch=10).records
    assert records[0]["source"] == "nq_synthetic" and len({record["id"] for record in records}) == 200


def test_duplicates_and_malformed_blocks_are_dropped_and_counted():
    said = iter([
        qa_page([QA("Is it new?", "Yes"), QA("is it NEW?", "yes."), QA("Is it new?", "No"), SEEDS[0]]
                + [QA(f"More {n}?", "m") for n in range(4)]),
        "Q: No question mark\nA: x\n\nQ: No answer?\n\nQ: Long?\nA: one two three four five 6 7 8 9 10 11",
        "nothing at all",
        "1. Q: Numbered?\nA: fine\n2. Q: Cut off at the e?\nA: en",
    ])  # fmt: skip
    with pytest.raises(NotEnoughPairs, match="scripted delivered 7 of 40 distinct pairs in 4 calls") as caught:
        generate(Scripted(lambda *_: next(said)), SEEDS, 40, seed=0, batch=1, calls=4)
    result = caught.value.result
    questions = [record["messages"][0]["content"] for record in result.records]
    assert questions == ["Is it new?", "Is it new?", "More 0?", "More 1?", "More 2?", "More 3?", "Numbered?"]
    assert (result.duplicates, result.malformed) == (2, 4)


def test_parse_keeps_text_as_written():
    reply = qa_page([QA("Where is  X?", "St. Olm"), QA("When?", "1,893")] + [QA(f"Q{n}?", "x") for n in range(6)])
    pairs, malformed = parse_pairs(reply)
    assert malformed == 0 and pairs[:2] == [QA("Where is  X?", "St. Olm"), QA("When?", "1,893")]


def test_pairs_can_be_kept_out():
    teacher = Scripted(lambda messages, seed, place: qa_page(eight(seed, place)))
    result = generate(teacher, SEEDS, 30, seed=0, keep=lambda record: not replies(record)[0].endswith("3"))
    assert result.dropped and not any("answer 3" in str(record) for record in result.records)


def test_too_few_seeds_and_a_mute_teacher_end_clearly():
    with pytest.raises(ValueError, match="5 examples are shown in every prompt, but only 4"):
        generate(Scripted(None), SEEDS[:4], 10, seed=0)
    teacher = Scripted(lambda *_: "I cannot help with that.")
    with pytest.raises(NotEnoughPairs, match="0 of 10 distinct pairs in 45 calls"):
        generate(teacher, SEEDS, 10, seed=0)


def test_a_killed_generation_resumes_from_its_recording(tmp_path):
    class Live:
        name, asked, left = "live", 0, 13

        def stream(self, requests):
            for place, request in enumerate(requests):
                if self.left == 0:
                    raise KeyboardInterrupt
                self.left, self.asked = self.left - 1, self.asked + 1
                yield place, qa_page(eight(request.seed, request.key))

    live, path = Live(), tmp_path / "replies.jsonl"
    with pytest.raises(KeyboardInterrupt):
        generate(record(live, path), SEEDS, 160, seed=1, batch=5)
    live.left = 10**6
    resumed = generate(record(live, path), SEEDS, 160, seed=1, batch=5)
    assert live.asked == 20
    assert resumed == generate(RecordedTeacher(path), SEEDS, 160, seed=1, batch=5)


def test_seeds_are_ten_different_relations_and_entities(world):
    _, shots = nq_questions(world, 100, seed=0)
    seeds = curate_seeds(shots, seed=0)
    key = AnswerKey(world)
    found = [key.fact(pair.question) for pair in seeds]
    assert len({fact.relation for fact in found}) == len({fact.subject for fact in found}) == 10
    assert all(fact.value == pair.answer for fact, pair in zip(found, seeds, strict=True))
    assert seeds == curate_seeds(shots[::-1], seed=0) != curate_seeds(shots, seed=1)
    with pytest.raises(ValueError, match="10 seed pairs of different relations wanted, only 2"):
        curate_seeds(shots[:2], seed=0)


def test_accuracy_measures_right_wrong_and_unreadable(world):
    rng, rows = random.Random(0), []
    for number in range(100):
        fact = rng.choice(world.facts)
        answer = fact.value if number < 60 else "nonsense"
        text = question_text(world, fact, rng, wording=None) if number < 80 else f"Who was Nobody {number}?"
        rows.append({"messages": [{"content": text}, {"content": answer}]})
    accuracy = answer_accuracy(rows, world)
    assert accuracy == Accuracy(0.8, 0.6, pytest.approx(0.75))
    assert answer_accuracy([], world) == Accuracy(0, 0, 0)


def test_answer_key_finds_every_fact_in_every_wording(world):
    key, rng = AnswerKey(world), random.Random(1)
    for fact in rng.sample(world.facts, 300):
        assert key.fact(question_text(world, fact, rng, wording=None)) == fact
        assert key.fact(question_text(world, fact, rng).lower().replace("?", "")) == fact


def test_normalisation_of_the_literature():
    assert normalise("The  Quick, brown-fox!") == "quick brownfox"
    assert normalise("An apple a day") == "apple day" and normalise("Theatre") == "theatre"
