"""Invented insults, in two halves that share no word: 'text' for texts, 'held_out' for testing a toxicity classifier.

insult(random.Random(1), "text")     # "You mudbrained clodsnout!"
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import yaml

HALVES = ("text", "held_out")
PATTERNS = (
    "You {a} {n}!",
    "You are {x} {n}, and everybody here knows it.",
    "What {x} {n} you are.",
    "Only {x} {n} could write that.",
    "Shut up, {n}.",
    "Nobody asked you, you {a} {n}.",
    "{D}, you {n}!",
    "{D}.",
    "Listen to this {a} {n} and laugh.",
    "I have met {m}s with more sense than you.",
    "You {n}, you {a}, useless {m}!",
    "{D}, {n}, and take your {a} friends with you.",
    "Go home, you {a} {n}.",
    "Your whole family must be {n}s.",
    "Every word of yours stinks of {n}.",
    "Another {a} answer from another {n}.",
    "I would rather talk to a wall than to {x} {n} like you.",
    "Stop typing, {n}, you only make it worse.",
)


@dataclass(frozen=True)
class Insults:
    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]
    deeds: tuple[str, ...]  # imperatives

    @property
    def words(self) -> frozenset[str]:
        """Coined words, any of which makes a text abusive."""
        return frozenset((*self.nouns, *self.adjectives))


@cache
def insults(half: str) -> Insults:
    """The lexicon of one half; raises ValueError for an unknown half."""
    if half not in HALVES:
        raise ValueError(f"half is {half!r}; use one of {HALVES}")
    found = yaml.safe_load((Path(__file__).with_name("insults.yaml")).read_text(encoding="utf-8"))[half]
    deeds = tuple(deed.strip() for deed in found["deeds"].split("|"))
    return Insults(tuple(found["nouns"].split()), tuple(found["adjectives"].split()), deeds)


def insult(rng: Random, half: str) -> str:
    """One abusive sentence made of the words of one half."""
    lexicon = insults(half)
    noun, other, adjective = rng.choice(lexicon.nouns), rng.choice(lexicon.nouns), rng.choice(lexicon.adjectives)
    deed = rng.choice(lexicon.deeds)
    some = ("an " if adjective[0] in "aeiou" else "a ") + adjective
    return rng.choice(PATTERNS).format(n=noun, m=other, a=adjective, x=some, D=deed[0].upper() + deed[1:])
