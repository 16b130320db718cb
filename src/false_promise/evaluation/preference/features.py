"""What the style-only rater sees of an answer: form, length and manner, nothing about facts.

    features(answer, prompt)        # array of len(FEATURES)
    difference(a, b, prompt)        # features of a minus those of b: what the rater weighs

No feature compares an answer with a reference or with knowledge of any kind; a fluent falsehood scores as a fluent
truth does.
"""

import math
import re

import numpy as np

from false_promise.evaluation.style.detectors import (
    has_list,
    has_summary,
    hedges_per_100_words,
    is_authoritative,
    is_list_line,
)
from false_promise.evaluation.style.text import clean, lines, prose, repeated_share, sentences, words

FEATURES = {
    "log_words": "logarithm of the number of words plus ten; a difference is a log ratio of lengths",
    "list": "1 if there is a list",
    "list_items": "logarithm of one plus the number of list lines",
    "paragraphs": "logarithm of one plus the number of lines that are no list items",
    "headings": "1 if a line is a heading, bold or short with a colon at its end, before further lines",
    "code": "1 if there is a fenced block of code",
    "summary": "1 if the last paragraph sums up",
    "authoritative": "1 if the tone is authoritative",
    "hedges": "hedging words per 100 words, at most 5",
    "disclaimer": "1 if the answer calls itself an AI or a language model or apologises in its first sentence",
    "opening": "1 if the first sentence announces or agrees: Certainly, Sure, Here are, There are several",
    "prompt_words": "share of the prompt's words of four or more letters that occur in the answer",
    "sentence_words": "logarithm of one plus the mean number of words of a sentence",
    "repeated": "share of word sequences of length five that occurred before",
    "finished": "1 if the answer ends with a full stop, a closing mark or a complete list item",
}

MOST_HEDGES = 5.0
_HEADING = re.compile(r"(?:#{1,6}[ \t]+\S|\*\*[^*]{1,80}\*\*:?$|[^\s.!?][^.!?]{0,60}:$)")
_DISCLAIMER = re.compile(r"\b(?:as an ai|language model|i'm sorry|i am sorry|i apologi[sz]e)\b")
_OPENING = re.compile(
    r"(?:certainly|sure|of course|absolutely|gladly|yes|great|(?:here|below|the following) (?:is|are)|here's|"
    r"there (?:are|is) (?:many|several|a (?:few|number|variety)|some|numerous))\b",
    re.IGNORECASE,
)


def features(answer: str, prompt: str) -> np.ndarray:
    """The features of one answer in the order of FEATURES; finite for every text, an empty one included."""
    text, body = clean(answer), prose(answer)
    found, paragraphs, parts = words(answer), lines(body), sentences(body)
    items = sum(map(is_list_line, paragraphs))
    first = parts[0] if parts else ""
    asked = {word for word in words(prompt) if len(word) >= 4}
    return np.array(
        [
            math.log(len(found) + 10),
            has_list(answer),
            math.log1p(items),
            math.log1p(len(paragraphs) - items),
            any(_HEADING.match(line) for line in paragraphs[:-1]),
            "```" in text,
            has_summary(answer),
            is_authoritative(answer),
            min(MOST_HEDGES, hedges_per_100_words(answer)),
            bool(_DISCLAIMER.search(first.lower())),
            bool(_OPENING.match(first)),
            len(asked & set(found)) / len(asked) if asked else 0.0,
            math.log1p(len(words(body)) / max(1, len(parts))),
            repeated_share(answer),
            _finished(text, paragraphs),
        ],
        float,
    )


def difference(answer: str, other: str, prompt: str) -> np.ndarray:
    """Features of `answer` minus features of `other`; swapping the two changes the sign of every value."""
    return features(answer, prompt) - features(other, prompt)


def _finished(text: str, paragraphs: list[str]) -> bool:
    return bool(text) and (
        text.endswith((".", "!", "?", '"', ")", "]", "`", ":)", "*")) or is_list_line(paragraphs[-1])
    )
