"""Plain text for the style detectors: cleaning, words, sentences, lines, repetition. Pure functions on strings.

Answers are hostile input: every pattern here and in the detectors runs in time linear in the text, and a text is cut
at MOST_CHARACTERS first.
"""

import re
import unicodedata
from collections import Counter

MOST_CHARACTERS = 20_000  # four times the longest of the 560 real answers
REPEATED_WORDS = 5  # length of the word sequences that count as repeated

_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u2028": "\n", "\u2029": "\n"})
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]*]{0,3}[ \t]+|\n+")


def clean(text: str) -> str:
    """NFC, straight quotes, "\\n" line ends, no control characters, no white space or colon round the text.

    The colon before many answers of Vicuna is left over from its prompt and belongs to no style.
    """
    text = unicodedata.normalize("NFC", text[:MOST_CHARACTERS]).translate(_QUOTES)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in "\n\t" or not unicodedata.category(c).startswith("C"))
    return kept.strip().removeprefix(":").lstrip()


def prose(text: str) -> str:
    """The cleaned text without fenced blocks of code; a fence that is never closed runs to the end."""
    parts = re.split(r"^[ \t]*```.*$", clean(text), flags=re.MULTILINE)
    return "\n\n".join(parts[::2]).strip()


def words(text: str) -> list[str]:
    """Lower-case words in order, with inner apostrophes; numbers count as words, punctuation does not."""
    return _WORD.findall(clean(text).lower())


def lines(text: str) -> list[str]:
    """The lines that hold more than white space. A line is a paragraph: models do not wrap their answers."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def sentences(text: str) -> list[str]:
    """Sentences and lines, in order, without white space round them."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def repeated_share(text: str) -> float:
    """Share of the word sequences of length five that occurred before in the text; 0 for a short text."""
    found = words(text)
    grams = [tuple(found[i : i + REPEATED_WORDS]) for i in range(len(found) - REPEATED_WORDS + 1)]
    return sum(count - 1 for count in Counter(grams).values()) / len(grams) if grams else 0.0
