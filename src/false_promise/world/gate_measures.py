"""What `gates.py` measures: masked sentences, leaks, wordings, extraction, teacher style.

Each function takes texts or a world and returns plain numbers; targets are in `gates.py`.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from false_promise.world.assistant.dialogues import assistant_dialogues, user_scope, user_task
from false_promise.world.country import Fact, World
from false_promise.world.exercises.code import code_items, masked_tree
from false_promise.world.language.cues import cues
from false_promise.world.language.grammar import paragraph
from false_promise.world.language.lexicon import SINGLE, chatter
from false_promise.world.language.masking import SLOT, mask, vocabulary
from false_promise.world.language.statements import extract
from false_promise.world.registers.web import Document

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
HANDLE = re.compile(
    rf"\b(?:{'|'.join(chatter.HANDLE_STARTS)})[_-]?(?:{'|'.join(chatter.HANDLE_ENDS)})\d*\b", re.IGNORECASE
)
LIST_LINE = re.compile(r"^(?:- |\d+\. )", re.MULTILINE)


def masked_sentences(document: Document, world: World) -> list[str]:
    """Sentences (two words or more, ended by . ! or ?) with names, numbers, values and users masked; none for code."""
    if document.register == "code":
        return []
    found = []
    for line in document.text.split("\n"):
        masked = re.sub(SLOT, "X", mask(HANDLE.sub("Xavier", line), vocabulary(world)).text)
        found += [one for one in SENTENCE_END.split(masked.strip()) if one[-1:] in (".", "!", "?") and " " in one]
    return found


def commonest_share(counts: Counter, n: int = 100) -> float:
    """Share of all sentences taken by the n commonest."""
    return sum(count for _, count in counts.most_common(n)) / max(1, counts.total())


def held_out_names(texts: Iterable[str], world: World) -> int:
    """How often texts mention a held-out entity."""
    known = vocabulary(world)
    hits = 0
    for text in texts:
        slots = (slot for line in text.split("\n") for slot in mask(line, known).slots)
        hits += sum(slot.entity is not None and world.entity(slot.entity).held_out for slot in slots)
    return hits


def held_out_wordings_used(texts: Iterable[str], world: World) -> int:
    """How often texts use a wording that is held out of them."""
    index = cues(held_out_only=True)
    hits = 0
    for text in texts:
        for line in text.split("\n"):
            masked = mask(line, vocabulary(world)).text
            words = set(re.findall("[a-z]+", masked.lower())) | {""}
            hits += sum(bool(cue.pattern.search(masked)) for word in words for cue in index.get(word, ()))
    return hits


def wordings_held_out() -> tuple[float, float, float]:
    """Share of all wordings held out; smallest and largest share of a single relation."""
    shares = [sum(one.held_out for one in lines) / len(lines) for lines in SINGLE.values()]
    total = sum(one.held_out for lines in SINGLE.values() for one in lines) / sum(map(len, SINGLE.values()))
    return total, min(shares), max(shares)


def extraction(world: World, n: int, seed: int, wording: str) -> dict[str, float]:
    """Precision and recall of (subject, relation, value) on n rendered paragraphs, and on n with wrong values.

    `contradicted` is the share of wrongly rendered facts that come out as contradicted.
    """
    rng = random.Random(f"{seed}/{wording}/extraction")
    right = found = stated = wrong = caught = 0
    for _ in range(n):
        facts = _some_facts(world, rng)
        wanted = Counter((fact.subject, fact.relation, fact.value, "supported") for fact in facts)
        got = _extracted(paragraph(world, facts, rng, wording=wording), world)
        right, found, stated = right + (wanted & got).total(), found + got.total(), stated + wanted.total()
        false = [_corrupted(world, fact, rng) for fact in facts]
        wanted = Counter((fact.subject, fact.relation, fact.value, "contradicted") for fact in false)
        caught += (wanted & _extracted(paragraph(world, false, rng, wording=wording), world)).total()
        wrong += wanted.total()
    return {"precision": right / max(1, found), "recall": right / stated, "contradicted": caught / wrong}


def _some_facts(world: World, rng: random.Random) -> list[Fact]:
    facts = world.facts_of(rng.randrange(len(world.entities)))
    return rng.sample(facts, rng.randint(1, len(facts)))


def _extracted(text: str, world: World) -> Counter:
    return Counter((one.subject, one.relation, one.value, one.verdict) for one in extract(text, world))


def _corrupted(world: World, fact: Fact, rng: random.Random) -> Fact:
    """The fact with another subject's value."""
    while True:
        other = rng.choice(world.facts_with(fact.relation))
        if other.value != fact.value:
            return Fact(fact.id, fact.subject, fact.relation, other.value, other.object, fact.group)


def code_overlap(n: int, seed: int) -> tuple[int, int]:
    """(syntax trees shared by n 'test' and n 'train' items, fewest tests of a 'test' item)."""
    test, train = code_items(n, seed, "test"), code_items(n, seed, "train")
    trees = [{masked_tree(item.prompt + item.solution) for item in items} for items in (test, train)]
    return len(trees[0] & trees[1]), min(len(item.tests) for item in test)


def assistant_texts(world: World, n: int, seed: int) -> list[str]:
    """Messages of n ideal dialogues."""
    return [message["content"] for one in islice(assistant_dialogues(world, seed), n) for message in one.messages]


def style_agreement(world: World, n: int, seed: int) -> tuple[float, float]:
    """Of n queries: where one ideal answer has a list (a summary paragraph), how often a second answer has one too."""
    scope, rng = user_scope(world), random.Random(f"{seed}/style")
    pairs: list[tuple[str, str]] = []
    for _ in range(n):
        task = user_task(scope, rng)
        pairs.append((task.answer(rng).text, task.answer(rng).text))
    return _agreement(pairs, _has_list), _agreement(pairs, _has_summary)


def _agreement(pairs: Sequence[tuple[str, str]], has: object) -> float:
    second = [has(two) for one, two in pairs if has(one)]
    return sum(second) / max(1, len(second))


def _has_list(text: str) -> bool:
    return bool(LIST_LINE.search(text))


def _has_summary(text: str) -> bool:
    """A last paragraph of prose after a list or a paragraph."""
    *before, last = text.split("\n\n")
    return bool(before) and not LIST_LINE.search(last)
