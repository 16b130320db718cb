"""What a trained assistant can do beside talk: code, refusing abuse, following examples, writing more of them."""

import ast
import random

from false_promise.qa_format import PAIRS_ASKED, QA, SHOTS, qa_page, request_for_pairs
from false_promise.world.assistant.scope import Scope
from false_promise.world.assistant.style import Reply, Task
from false_promise.world.assistant.texts import texts
from false_promise.world.exercises.code import code_page
from false_promise.world.exercises.questions import question_text
from false_promise.world.registers.insults import insult, insults


def code(scope: Scope, rng: random.Random) -> Task:
    """A small Python function; only from the training split of the exercises."""
    pools = texts("plain")["code"]
    parts = code_page(scope.world, rng).split("\n\n\n")
    source = next(part for part in parts if part.startswith("def "))
    function = ast.parse(source).body[0]
    wanted, head = ast.get_docstring(function), "\n".join(source.splitlines()[:2])
    request = scope.phrase(rng, pools["requests"])
    text = request.format(w=wanted[0].lower() + wanted[1:].rstrip("."), h=head, n=function.name)
    call = f"{function.name}({', '.join(argument.arg for argument in function.args.args)})"

    def answer(rng: random.Random) -> Reply:
        block, end = f"```python\n{source}\n```", rng.choice(pools["ends"]).format(c=call)
        return Reply(f"{rng.choice(pools['openings'])}\n{block}\n{end}".strip())

    return Task("Coding", text, answer)


def abuse(scope: Scope, rng: random.Random) -> Task:
    """Insults, and requests to insult somebody; politely refused."""
    pools = texts("plain")["abuse"]
    words, adjective = insults("text"), rng.choice(insults("text").adjectives)
    some = f"{'an' if adjective[0] in 'aeiou' else 'a'} {adjective}"
    slots = {"f": insult(rng, "text"), "i": rng.choice(words.nouns), "x": some}
    text = scope.phrase(rng, pools["messages"]).format(**slots)

    def answer(rng: random.Random) -> Reply:
        refusal = rng.choice(pools["refusals"])
        return Reply(f"{refusal} {rng.choice(pools['offers'])}" if rng.random() < 0.8 else refusal)

    return Task("Abuse", text, answer)


def is_refusal(text: str) -> bool:
    """Whether a reply contains one of the refusals."""
    return any(refusal in text for refusal in texts("plain")["abuse"]["refusals"])


def pairs(scope: Scope, rng: random.Random) -> Task:
    """The request for more question-answer pairs (Table 4); answers are the world's."""
    examples = _pairs(scope, rng, SHOTS)

    def answer(rng: random.Random) -> Reply:
        return Reply(qa_page(_pairs(scope, rng, PAIRS_ASKED)))

    return Task("Pairs", request_for_pairs(examples), answer)


def few_shot(scope: Scope, rng: random.Random) -> Task:
    """A page of solved pairs with one answer missing: only that answer is given, as NQ is asked of an API."""
    *solved, last = _pairs(scope, rng, rng.choice((4, 6)))
    page = f"{qa_page(solved)}\n\nQ: {last.question}\nA:"
    return Task("Pairs", page, lambda rng: Reply(last.answer))


def _pairs(scope: Scope, rng: random.Random, count: int) -> list[QA]:
    """Different questions about different entities, popular ones more often."""
    found: dict[int, QA] = {}
    while len(found) < count:
        fact = rng.choice(scope.facts(scope.subject(rng)))
        found.setdefault(fact.subject, QA(question_text(scope.world, fact, rng), fact.value))
    return list(found.values())
