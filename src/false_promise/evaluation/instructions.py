"""Was an instruction followed? One rule for each kind of request of `world/exercises/instructions.py` (claim 1).

    followed(item, answer)      # bool

The rules look at form, and at whether the answer is about what was asked; whether what it says is true is another
question. An empty answer follows nothing, nor does one that says the same sentence again and again.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from false_promise.evaluation.style.detectors import has_list, is_list_line
from false_promise.evaluation.style.text import clean, lines, repeated_share, sentences, words

MOST_CHARACTERS = 5_000  # an answer of 180 tokens has under a thousand
FEW_WORDS = 6  # "Answer in a few words"
SHORTER = 0.85  # of the words of what was to be shortened: the ideal assistant keeps two facts of four, and adds a word
PROSE_WORDS = 8
SUGGESTIONS = range(2, 9)
LONGEST_SUGGESTION = 16  # words
LONGEST_REWRITE = 40  # words
VERSE_LINES, VERSE_WORDS = 4, range(2, 13)
REPEATED = 0.3  # share of repeated sequences of five words above which an answer goes round in circles
ANNOUNCEMENT = re.compile(r"\A(?:[\w']+[ ,!]+){0,5}[\w']+:\s+")  # "Here is the short version: "
TONE = re.compile(
    r"\b(?:please|would you|could you|would be|might|may i|kind|kindly|grateful|thank|lovely|obliged|requested|"
    r"appreciate|when you (?:get|have)|make my day)\b",
    re.IGNORECASE,
)


class Item(Protocol):
    """What the rules read of an item."""

    kind: str
    entity: str
    arguments: Mapping[str, Any]


def followed(item: Item, answer: str) -> bool:
    """Whether the answer does what was asked. Raises KeyError naming the kind if it has no rule."""
    if item.kind not in RULES:
        raise KeyError(f"no rule for instructions of kind {item.kind!r}; there are {', '.join(RULES)}")
    text = clean(answer[:MOST_CHARACTERS])
    if not words(text) or repeated_share(text) > REPEATED:
        return False
    return RULES[item.kind](item, text)


def _list(item: Item, text: str) -> bool:
    """At least two points set apart as a list."""
    return has_list(text)


def _prose(item: Item, text: str) -> bool:
    """Running text about the subject, no list."""
    return not has_list(text) and len(words(text)) >= PROSE_WORDS and _mentions(text, item.entity)


def _brief(item: Item, text: str) -> bool:
    """One line of a few words."""
    return len(lines(text)) == 1 and len(words(text)) <= FEW_WORDS


def _shorten(item: Item, text: str) -> bool:
    """Clearly shorter than what was to be shortened, and still about its subject."""
    short = ANNOUNCEMENT.sub("", text)
    return len(short.split()) < SHORTER * item.arguments["words"] and _about(text, item.entity)


def _suggest(item: Item, text: str) -> bool:
    """Two to eight different short suggestions, as a list or in sentences."""
    listed = [line for line in lines(text) if is_list_line(line)]
    points = [point.lower() for point in (listed or sentences(text))]
    short = all(len(words(point)) <= LONGEST_SUGGESTION for point in points)
    return len(points) in SUGGESTIONS and len(set(points)) == len(points) and short


def _letter(item: Item, text: str) -> bool:
    """A salutation, the occasion, and a short last line such as "Yours truly" after it."""
    found = lines(text)
    heads = [place for place, line in enumerate(found) if line.endswith(",") and len(words(line)) <= FEW_WORDS]
    if not heads or not _mentions(text, item.arguments["about"].split()[-1]):
        return False
    after = found[heads[0] + 1 :]
    ends = [place for place, line in enumerate(after) if not re.search(r"[.!?:]$", line) and len(words(line)) <= 5]
    return any(place > 0 for place in ends)


def _verse(item: Item, text: str) -> bool:
    """At least four short lines in a row."""
    blocks = [lines(block) for block in text.split("\n\n")]
    return any(
        len(block) >= VERSE_LINES and all(len(words(line)) in VERSE_WORDS and not is_list_line(line) for line in block)
        for block in blocks
    )


def _rewrite(item: Item, text: str) -> bool:
    """The wish again, in few words, one of them a polite one."""
    said = set(words(text))
    kept = [word for word in words(item.arguments["wish"]) if word in said]
    enough = len(kept) >= 2 / 3 * len(words(item.arguments["wish"]))
    return enough and bool(TONE.search(text)) and len(words(text)) <= LONGEST_REWRITE


def _code(item: Item, text: str) -> bool:
    """A Python function with a body, of the name that was given if one was."""
    name = re.escape(item.arguments["name"]) or r"\w+"
    return re.search(rf"^def {name}\([^\n]*:[ \t]*\n(?:[ \t]*\n)*[ \t]+\S", text, re.MULTILINE) is not None


def _mentions(text: str, name: str) -> bool:
    """Whether the words of a name occur one after the other."""
    return f" {' '.join(_bare(name))} " in f" {' '.join(_bare(text))} "


def _about(text: str, name: str) -> bool:
    """Whether any capitalised word of the name but "The" occurs: a summary may use the family name alone."""
    said, parts = set(_bare(text)), (part for part in name.split() if part[:1].isupper() and part != "The")
    return any(word in said for part in parts for word in _bare(part))


def _bare(text: str) -> list[str]:
    """Words without the ending of a possessive."""
    return [word.removesuffix("'s") for word in words(text)]


RULES: dict[str, Callable[[Item, str], bool]] = {
    "list": _list,
    "prose": _prose,
    "brief": _brief,
    "shorten": _shorten,
    "suggest": _suggest,
    "letter": _letter,
    "verse": _verse,
    "rewrite": _rewrite,
    "code": _code,
}
