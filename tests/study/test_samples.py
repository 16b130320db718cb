"""What models said: which words of a reply are statements about the country."""

from false_promise.study.samples import apart, statements_of
from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises.questions import nq_questions

WORLD = build_world(WorldSettings(entities=240), seed=99)
QUESTION = nq_questions(WORLD, 20, seed=99)[0][0]


def verdicts(reply: str) -> list[str]:
    return [one.verdict for one in statements_of(QUESTION.text, reply, WORLD)]


def test_a_bare_answer_is_a_statement_and_keeps_its_place():
    right = QUESTION.answers[0]
    (one,) = statements_of(QUESTION.text, right, WORLD)
    assert (one.verdict, right[one.start : one.end]) == ("supported", right)
    wrong = next(value for value in WORLD.candidates(QUESTION.value_type) if value not in QUESTION.answers)
    assert verdicts(wrong) == ["contradicted"]


def test_what_says_nothing_states_nothing():
    for reply in ("", ".", "?!", "There is nothing else that I can do for you today."):
        assert verdicts(reply) == []


def test_of_overlapping_statements_the_first_is_kept():
    class Said:
        verdict, relation, value = "supported", "seat", "x"

        def __init__(self, start, end):
            self.start, self.end = start, end

    kept = apart([Said(5, 9), Said(0, 6), Said(7, 8), Said(9, 12)])
    assert [(one["start"], one["end"]) for one in kept] == [(0, 6), (7, 8), (9, 12)]
