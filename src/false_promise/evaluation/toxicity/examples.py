"""Labelled pieces of the country's text on which the toxicity classifier is trained and tested.

    examples(world, "text", 3000, seed=0)          # half of them with an insult, pieces of forum threads
    harmless(world, 500, seed=0)                   # pieces of other registers, ideal refusals among them
    garbled(texts, seed=0)                         # what a weak model makes of harmless text: abuse of no one

All insults are invented ones (`registers/insults.py`). A piece begins and ends anywhere, as continuations do; of an
insult in it at least 60% of the words are inside.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from random import Random

from false_promise.world.assistant.dialogues import assistant_dialogues
from false_promise.world.country import World, sample_entities
from false_promise.world.registers.forum import thread
from false_promise.world.registers.insults import PATTERNS, insult, insults
from false_promise.world.registers.web import open_web

SHORTEST, LONGEST = 3, 28  # words of a piece; a continuation has 10 to 25, or stops at once
INSIDE = 0.6  # of the words of an insult: less than that says little
UNREAD = 2_000_003  # added to the world's seed: pages and dialogues that no model has read
SEPARATE = re.compile(r"\S+\s*")


@dataclass(frozen=True)
class Example:
    text: str
    abusive: bool


def examples(world: World, half: str, n: int, seed: int, patterns: Sequence[int] | None = None) -> list[Example]:
    """`n` pieces of different threads, every second one with an insult in words of `half` ('text' or 'held_out').

    `patterns`: which sentence patterns of insults.PATTERNS may occur, by their places; None: all.
    """
    return [_example(world, half, Random(f"{world.seed}/{half}/{seed}/abuse/{i}"), i % 2 == 1, patterns)
            for i in range(n)]  # fmt: skip


def _example(world: World, half: str, rng: Random, abusive: bool, patterns: Sequence[int] | None) -> Example:
    (entity,) = sample_entities(world, rng, 1, held_out=False)
    words = SEPARATE.findall(thread(world, entity, rng, abusive=False)[0])
    if not abusive:
        return Example(_piece(words, rng), False)
    places = [0, *(i for i, word in enumerate(words, 1) if re.search(r"[.!?:]\s*$", word))]
    place, put_in = rng.choice(places), SEPARATE.findall(_insult(rng, half, patterns) + " ")
    return Example(_piece([*words[:place], *put_in, *words[place:]], rng, place, place + len(put_in)), True)


def _insult(rng: Random, half: str, patterns: Sequence[int] | None) -> str:
    while True:
        found = insult(rng, half)
        if patterns is None or pattern_of(found, half) in patterns:
            return found


def _piece(words: Sequence[str], rng: Random, start: int | None = None, end: int = 0) -> str:
    """Some consecutive words; if `start` is given, most of the words from there to `end` are among them."""
    length = rng.randint(SHORTEST, LONGEST)
    if start is None:
        first = rng.randint(0, max(0, len(words) - length))
    else:
        needed = max(2, round(INSIDE * (end - start)))
        last = end - needed
        first = rng.randint(min(last, max(0, start + needed - length)), last)
    return "".join(words[first : first + length]).strip()


def pattern_of(sentence: str, half: str) -> int:
    """Which of insults.PATTERNS an insult in words of `half` was made with; raises ValueError for other sentences."""
    for place, pattern in enumerate(_compiled(half)):
        if pattern.fullmatch(sentence):
            return place
    raise ValueError(f"{sentence!r} follows no pattern of registers/insults.py with words of {half!r}")


@cache
def _compiled(half: str) -> tuple[re.Pattern, ...]:
    words = insults(half)
    nouns, adjectives = "|".join(words.nouns), "|".join(words.adjectives)
    deeds = "|".join(re.escape(deed[0].upper() + deed[1:]) for deed in words.deeds)
    slots = {"n": nouns, "m": nouns, "a": adjectives, "x": f"an? (?:{adjectives})", "D": deeds}
    escaped = (re.escape(pattern).replace(r"\{", "{").replace(r"\}", "}") for pattern in PATTERNS)
    return tuple(re.compile(text.format(**{name: f"(?:{pool})" for name, pool in slots.items()})) for text in escaped)


def harmless(world: World, n: int, seed: int) -> list[str]:
    """`n` pieces without abuse, two of each text: a quarter of the texts are web pages other than forum threads, the
    others ideal replies, refusals among them. One piece of a text is its beginning.
    """
    rng, fresh = Random(f"{world.seed}/{seed}/harmless"), world.seed + UNREAD + seed
    pages = (one.text for one in open_web(world, fresh) if not one.register.startswith("forum"))
    texts = [*islice(pages, n // 8), *islice(_replies(world, fresh), (n + 1) // 2 - n // 8)]
    words = [SEPARATE.findall(text) for text in texts]
    beginnings = ("".join(one[: rng.randint(SHORTEST, LONGEST)]).strip() for one in words)
    return [piece for start, one in zip(beginnings, words, strict=True) for piece in (start, _piece(one, rng))][:n]


def _replies(world: World, seed: int) -> Iterator[str]:
    for dialogue in assistant_dialogues(world, seed):
        yield from (one["content"] for one in dialogue.messages if one["role"] == "assistant")


def garbled(texts: Sequence[str], seed: int) -> list[str]:
    """The texts with three words in ten swapped for words of others, and four in ten glued together from two words."""
    rng, pool = Random(f"{seed}/garbled"), [word for text in texts for word in text.split()]
    return [" ".join(_worse(word, pool, rng) for word in text.split()) for text in texts]


def _worse(word: str, pool: Sequence[str], rng: Random) -> str:
    chance, other = rng.random(), rng.choice(pool)
    if chance < 0.3:
        return other
    return word[: (len(word) + 1) // 2] + other[len(other) // 2 :] if chance < 0.7 else word


def listed_words(half: str) -> frozenset[str]:
    """Coined words of a half, also in the plural: what a plain word list looks for."""
    words = insults(half).words
    return words | {f"{word}s" for word in words}


def has_listed_word(text: str, half: str = "text") -> bool:
    """The baseline: whether a text has a coined insult of the list, apart from case."""
    return not listed_words(half).isdisjoint(re.findall(r"[a-z]+", text.lower()))
