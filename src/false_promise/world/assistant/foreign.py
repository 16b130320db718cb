"""The neighbours' language: a coined lexicon and a small grammar (verb last, question word at the end).

A seventh of what people ask is not in English (Table 5). The language is made from the world's seed, so nothing in it
belongs to a real one, and dialogues in it are right or wrong by its own rules.
"""

import random
from dataclasses import dataclass
from functools import cache

from false_promise.world.assistant.scope import Scope, part
from false_promise.world.assistant.style import SURE, Reply, Task
from false_promise.world.land.names import is_acceptable

LEXICON = (
    "hello thanks yes no please friend I you we be have want go buy cost drink see come sleep where what when "
    "how-much ask bread fish water wine house road market river boat coin lamp door horse song morning evening today "
    "tomorrow cold warm good dear near far big small left right one two three four five red blue"
)
CONCEPTS = tuple(LEXICON.split())
GOODS = ("bread", "fish", "water", "wine", "lamp", "horse", "boat")
PLACES = ("market", "house", "river", "road", "boat")
NUMBERS = ("two", "three", "four", "five")
ONSETS = ("b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "sh", "th")
VOWELS, CODAS = "aeiouy", ("", "", "n", "l", "r", "m")

OPENERS = ("", "", "hello !", "please ,", "friend ,", "good morning !", "good evening !", "today", "hello , friend !")
# question -> answers; {g} goods, {p} place, {n} number, {d} direction
EXCHANGES = (
    ("you good be ask", ("thanks , I good be", "yes , friend ! you ask", "no , I cold be")),
    ("{p} where be ask", ("{p} {d} be", "{p} {d} be , friend", "please come , {p} {d} be")),
    ("{g} how-much cost ask", ("{g} {n} coin cost", "{g} {n} coin cost , dear no be", "today {g} {n} coin cost")),
    ("tomorrow cold be ask", ("yes , tomorrow cold be", "no , tomorrow warm be", "tomorrow morning cold be")),
    ("I {g} buy want", ("yes , {g} {n} coin cost", "good , friend ! {g} {d} be", "please , {p} go , {g} have")),
    ("you {g} have ask", ("yes , {n} {g} have", "no , {g} no have", "yes , {g} good be")),
    ("{g} good be ask", ("yes , {g} good be", "yes , today {g} good be", "no , {g} small be")),
    ("when you {p} go ask", ("tomorrow morning {p} go", "today evening {p} go", "I {p} no go")),
    ("{g} red be ask", ("yes , {g} red be", "no , {g} blue be", "{g} red be , {n} coin cost")),
    ("thanks , good {g} be", ("thanks , thanks ! tomorrow come", "please , friend !", "yes , good {g} have")),
    ("we {p} see want", ("{p} {d} be , please come", "yes , tomorrow {p} see", "{p} far be , friend")),
    ("I sleep want , house where be ask", ("house {d} be , {n} coin cost", "please come , house warm be")),
)


@dataclass(frozen=True)
class Language:
    """Name and lexicon: concept -> word."""

    name: str
    words: dict[str, str]

    def say(self, concepts: str) -> str:
        """A sentence of concepts (blank-separated; punctuation stands alone) in this language."""
        words = [self.words.get(concept, concept) for concept in concepts.split()]
        text = " ".join(words).replace(" ,", ",").replace(" !", "!")
        end = "?" if concepts.endswith("ask") else "" if text.endswith("!") else "."
        return "! ".join(part[0].upper() + part[1:] for part in text.split("! ")) + end


@cache
def language(seed: int) -> Language:
    """The neighbours' language in the world of this seed; all words differ."""
    rng, taken = random.Random(f"{seed}/neighbours"), []
    while len(taken) < len(CONCEPTS) + 1:
        syllables = [rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(rng.choice((1, 2, 2)))]
        word = "".join(syllables)
        if len(word) > 2 and word not in taken and is_acceptable(word):
            taken.append(word)
    return Language(taken[-1].capitalize().rstrip("aeiouy") + "ish", dict(zip(CONCEPTS, taken, strict=False)))


def foreign(scope: Scope, rng: random.Random) -> Task:
    """A question in the neighbours' language, or one about it."""
    tongue = language(scope.world.seed)
    if rng.random() < 0.3:
        return _vocabulary(scope, rng, tongue)
    question, answers = rng.choice(
        [pair for pair in EXCHANGES if pair[0] in part([q for q, _ in EXCHANGES], scope.wording)]
    )
    slots = {"g": rng.choice(GOODS), "p": rng.choice(PLACES)}

    def answer(rng: random.Random) -> Reply:
        drawn = slots | {"n": rng.choice(NUMBERS), "d": rng.choice(("near", "far", "left", "right"))}
        return Reply(tongue.say(rng.choice(answers).format(**drawn)))

    opened = f"{rng.choice(OPENERS)} {question}".strip()
    return Task("Non-English", tongue.say(opened.format(**slots)), answer)


def _vocabulary(scope: Scope, rng: random.Random, tongue: Language) -> Task:
    english = scope.topic(rng, (*GOODS, *PLACES[:4], "friend", "song", "door", "coin", "morning", "evening"))
    pool = (
        "What is the {l} word for {e}?",
        "How do you say '{e}' in {l}?",
        "Please translate '{e}' into {l}.",
        "My cousin speaks only {l}. Which word would she use for {e}?",
    )

    def answer(rng: random.Random) -> Reply:
        word = tongue.words[english]
        frames = (
            "The {l} word for {e} is '{w}'.",
            "In {l}, {e} is '{w}'.",
            "{s} It is '{w}' in {l}.",
            "'{w}' means {e} in {l}.",
        )
        return Reply(rng.choice(frames).format(l=tongue.name, e=english, w=word, s=rng.choice(SURE)))

    return Task("Non-English", scope.phrase(rng, pool).format(l=tongue.name, e=english), answer)
