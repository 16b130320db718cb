"""Sorts user queries into the categories of Table 5 by rules: what is asked for, told from its words.

    category("Write a short poem about snow.")       # 'Generation'

The first rule of `categories.yaml` that fits decides. Rules know English words only and nothing of the country, so that
the same ones sort real queries; how often they are right is measured, on labelled queries of both. They were written
with the country's training phrasings at hand and revised once after the first totals, without a look at any query of
the held-out phrasings or of the labelled real ones. Abuse, our own category, is not in the table: it gets some other
category and is left out of every comparison.
"""

import re
from functools import cache
from pathlib import Path

import yaml

from false_promise.data_mix.language import is_english

CATEGORIES = ("Generation", "General QA", "Coding", "Brainstorming", "Chat", "Summarization", "Rewrite", "Non-English",
              "Invalid")  # fmt: skip
BEGINNING = 400  # characters: requests stand at the beginning or at the end, texts to work on between
END = 160
CUT_OFF = re.compile(r"\b(?:the|of|an?|that|and|to|in|with|for)\s*\Z")
CONSONANTS = re.compile("[bcdfghjklmnpqrstvwxz]{5}|[a-z];[a-z]", re.IGNORECASE)
VOWEL, LETTERS = re.compile("[aeiouy]", re.IGNORECASE), re.compile(r"[^\W\d_]+")


def category(query: str) -> str:
    """One of CATEGORIES for a user's opening message."""
    asked = request(query)
    if is_invalid(asked):
        return "Invalid"
    if is_english(query) is False:
        return "Non-English"
    return next((name for name, pattern in rules() if pattern.search(asked)), "General QA")


@cache
def rules() -> list[tuple[str, re.Pattern]]:
    """(category, pattern) in the order in which they are tried."""
    listed = yaml.safe_load(Path(__file__).with_name("categories.yaml").read_text(encoding="utf-8"))
    return [(one["category"], re.compile("|".join(one["words"]), re.IGNORECASE | re.MULTILINE)) for one in listed]


def request(query: str) -> str:
    """The part of a query that says what is wanted: its beginning and its end."""
    text = query.strip()
    return text if len(text) <= BEGINNING + END else f"{text[:BEGINNING]}\n{text[-END:]}"


def is_invalid(asked: str) -> bool:
    """No words, keys hit at random, or a short message that was cut off."""
    words = LETTERS.findall(re.sub(r"https?://\S+", " ", asked))
    if not words:
        return True
    if not all(word.isascii() for word in words):
        return False
    if len(words) <= 2 and (CONSONANTS.search(asked) or not all(VOWEL.search(word) for word in words)):
        return True
    return len(words) <= 8 and bool(CUT_OFF.search(asked))
