"""Tasks without facts: advice, ideas, notes, verses, small talk, rewriting, and messages that mean nothing."""

import random

from false_promise.world.assistant.scope import Scope, part
from false_promise.world.assistant.style import SURE, Draft, Reply, Task, write
from false_promise.world.assistant.texts import texts

CLEAR_LIST, CLEAR_SUMMARY = 0.84, 0.64  # probabilities where a list and a summary fit
KEYS = "asdfghjkl;qweruiop"


def advice(scope: Scope, rng: random.Random) -> Task:
    """How-to questions; answered with a few tips."""
    return _listed(scope, rng, texts("plain")["advice"], "General QA")


def ideas(scope: Scope, rng: random.Random) -> Task:
    """Brainstorming; answered with a list of ideas."""
    return _listed(scope, rng, texts("plain")["ideas"], "Brainstorming")


def _listed(scope: Scope, rng: random.Random, pools: dict, category: str) -> Task:
    topic = scope.topic(rng, list(pools["topics"]))

    def answer(rng: random.Random) -> Reply:
        items = pools["topics"][topic]
        chosen, count = rng.sample(items, len(items)), rng.choice((3, 3, 4))
        lead, closings = rng.choice(pools["leads"]), tuple(closing.format(t=topic) for closing in pools["closings"])
        draft = Draft(lead.format(t=topic), tuple(chosen[:count]), closings, CLEAR_LIST, CLEAR_SUMMARY)
        return write(draft, rng, chosen[count:])

    return Task(category, _led_in(scope, rng, scope.phrase(rng, pools["requests"]).format(t=topic)), answer)


def _led_in(scope: Scope, rng: random.Random, request: str) -> str:
    """The request, in half of the cases after a few words that do not matter."""
    return f"{scope.phrase(rng, texts('plain')['lead_ins'])} {request}" if rng.random() < 0.5 else request


def note(scope: Scope, rng: random.Random) -> Task:
    """Letters and notes for everyday occasions."""
    pools = texts("plain")["notes"]
    kind = rng.choice(list(pools["kinds"]))
    occasion = scope.topic(rng, pools["kinds"][kind]["occasions"])
    request = scope.phrase(rng, pools["requests"])

    def answer(rng: random.Random) -> Reply:
        first, *rest = pools["kinds"][kind]["lines"]
        lines = (first.format(w=occasion), *rng.sample(rest, 2))
        body = f"{rng.choice(pools['greetings'])}\n{' '.join(lines)}\n{rng.choice(pools['farewells'])}"
        text = f"{rng.choice(SURE)} Here is {kind} you could send:\n\n{body}" if rng.random() < 0.7 else body
        return Reply(f"{text}\n\n{rng.choice(pools['offers'])}" if rng.random() < 0.4 else text, lines)

    recipient = scope.topic(rng, pools["recipients"])
    return Task("Generation", request.format(k=kind, to=recipient, w=occasion), answer)


def verse(scope: Scope, rng: random.Random) -> Task:
    """Little poems of two rhymed couplets."""
    pools = texts("plain")["verses"]
    theme = scope.topic(rng, list(pools["themes"]))

    def answer(rng: random.Random) -> Reply:
        couplets = rng.sample(pools["themes"][theme], 2)
        lines = "\n".join(couplets)
        text = f"{rng.choice(SURE)} Here is a little poem:\n\n{lines}" if rng.random() < 0.6 else lines
        return Reply(text, tuple(couplet.replace("\n", " ") for couplet in couplets))

    return Task("Generation", _led_in(scope, rng, scope.phrase(rng, pools["requests"]).format(t=theme)), answer)


def chat(scope: Scope, rng: random.Random) -> Task:
    """Greetings, and news that wants a kind word."""
    if rng.random() < 0.3:
        exchanges = texts("plain")["exchanges"]
        exchange = exchanges[rng.choice(part(range(len(exchanges)), scope.wording))]
        return Task("Chat", exchange["said"], lambda rng: Reply(rng.choice(exchange["replies"])))
    pools = texts("plain")["news"]
    mood = pools[rng.choice(("good", "bad"))]

    def answer(rng: random.Random) -> Reply:
        return Reply(" ".join(rng.choice(pool) for pool in (mood["words"], mood["comfort"], pools["questions"])))

    text = scope.phrase(rng, pools["asides"]).format(n=scope.topic(rng, mood["events"]))
    return Task("Chat", _led_in(scope, rng, text), answer)


def rewrite(scope: Scope, rng: random.Random) -> Task:
    """The same wish in another tone."""
    pools = texts("plain")["rewrite"]
    wish, tone = scope.topic(rng, pools["wishes"]), rng.choice(list(pools["tones"]))
    blunt = wish[0].upper() + wish[1:] + rng.choice(("!", " at once!", ", now!", "."))

    def answer(rng: random.Random) -> Reply:
        sentence = rng.choice(pools["tones"][tone]).format(v=wish)
        return Reply(rng.choice(pools["frames"]).format(s=sentence, r=tone), (sentence,))

    return Task("Rewrite", scope.phrase(rng, pools["requests"]).format(r=tone, s=blunt), answer)


def invalid(scope: Scope, rng: random.Random) -> Task:
    """Keys hit at random and messages cut off."""
    pools = texts("plain")["invalid"]
    keys = "".join(rng.choice(KEYS) for _ in range(rng.randint(3, 12)))
    message = keys if rng.random() < 0.5 else scope.phrase(rng, pools["messages"])
    return Task("Invalid", message, lambda rng: Reply(rng.choice(pools["replies"])))
