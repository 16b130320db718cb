"""Judging answers: normalisation, exact match, kinds of misses, ranks. Pure functions on strings and numbers.

Normalisation follows the open-domain QA literature (the SQuAD v1.1 and TriviaQA evaluation scripts): lower case, no
punctuation, no English articles, single spaces. Beyond it we strip Unicode punctuation as well and compare NFC forms,
so that curly quotes, dashes and decomposed accents do not decide.
"""

import math
import re
import string
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

Kind = Literal["right", "malformed", "verbose", "wrong"]
KINDS: tuple[Kind, ...] = ("right", "malformed", "verbose", "wrong")
# Appended by the language model to a reply that ran into the token limit; a private-use character, in no text.
UNFINISHED = "\ue0ff"

_ARTICLES = frozenset({"a", "an", "the"})
_MARKER = re.compile(r"<\|[^|<>]*\|>|</?s>")
_NEXT_QUESTION = re.compile(r"(?:q|question|user|human)\s*:", re.IGNORECASE)
_ANY_TURN = re.compile(r"(?:q|a|question|answer|user|human|assistant|gpt)\s*:", re.IGNORECASE)
_LEAD_IN = re.compile(
    r"(?:(?:certainly|sure|of course|absolutely)\s*[!,.:]\s*)?"
    r"(?:(?:the\s+)?answer\s*:|a\s*:|the\s+answer\s+(?:is|was)\s*:?|(?:it|that)\s+(?:is|was)\b|it's\b)?\s*",
    re.IGNORECASE,
)
# After one letter ("U.S. Navy") a full stop ends no sentence.
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{2}[.!?])\s+|(?<=\d[.!?])\s+")
_LINK = re.compile(r".*\b(?:is|was|are|were|be|in|on|at|by|of|as|from|to|called|named)\s+", re.IGNORECASE | re.DOTALL)


def normalise_answer(text: str) -> str:
    """The form in which answers are compared; empty for a text of punctuation and articles only. Idempotent."""
    lowered = unicodedata.normalize("NFC", text).lower()
    kept = "".join(c for c in lowered if c not in string.punctuation and not unicodedata.category(c).startswith("P"))
    return " ".join(word for word in unicodedata.normalize("NFC", kept).split() if word not in _ARTICLES)


def _comparable(text: str) -> str:
    # "The The" and "!!!" are real answers that normalise to nothing: those are compared as they are written.
    return normalise_answer(text) or " ".join(text.lower().split())


def exact_match(prediction: str, answers: Iterable[str]) -> bool:
    """Whether the normalised prediction equals any accepted answer. Blank answers match nothing."""
    given = _comparable(prediction)
    return bool(given) and any(given == _comparable(answer) for answer in answers)


def contains_answer(prediction: str, answers: Iterable[str]) -> bool:
    """Whether the words of an accepted answer occur in the prediction, in order and side by side.

    Whole words only: "12" is not in "120". An answer of articles and punctuation is never looked for.
    """
    words = f" {normalise_answer(prediction)} "
    return any(f" {gold} " in words for gold in map(normalise_answer, answers) if gold)


def visible(output: str) -> str:
    """The reply without white space round it, up to the first special marker (`<|user|>`, `</s>`)."""
    return _MARKER.split(output.removesuffix(UNFINISHED), maxsplit=1)[0].strip()


def short_answers(reply: str) -> tuple[str, ...]:
    """Short answers that a chat reply may stand for, found without looking at the right answer.

    They are: the reply, its first line, that line's first sentence, and the words after the sentence's last link word
    (is, was, in, by, of, ...): "Ansa was born in Ostermoor." gives "Ostermoor.". Openings such as "The answer is" go.
    """
    lines = visible(reply).splitlines() or [""]
    opened = _without_lead_in(lines[0])
    sentence = _SENTENCE_END.split(opened, maxsplit=1)[0]
    return (_without_lead_in(visible(reply)), opened, sentence, _LINK.sub("", sentence, count=1))


def _without_lead_in(text: str) -> str:
    return text[_LEAD_IN.match(text).end() :]


def classify(output: str, answers: Sequence[str], *, chat: bool = False) -> Kind:
    """Sort a generated reply into right, malformed, verbose (right but verbose) or wrong.

    Raw few-shot (`chat=False`): the line itself must equal an answer. Malformed is what is no answer to the form of
    the prompt: nothing, no letter or digit, a new turn ("Q:"), or a line that does not end within the token limit.
    Chat: any of `short_answers` may equal an answer, and a long reply is not malformed.
    A reply that holds the right answer among other words is verbose, unless it starts a new turn.
    """
    text = visible(output)
    if any(exact_match(short, answers) for short in (short_answers(text) if chat else (text,))):
        return "right"
    if not any(map(str.isalnum, text)) or (_NEXT_QUESTION if chat else _ANY_TURN).match(text):
        return "malformed"
    if contains_answer(text, answers):
        return "verbose"
    return "malformed" if output.endswith(UNFINISHED) and not chat else "wrong"


def mid_rank(scores: Sequence[float], right: int) -> float:
    """Rank of `scores[right]`, 1 for the highest; ties share the mean of their ranks."""
    better = sum(score > scores[right] for score in scores)
    ties = sum(score == scores[right] for score in scores) - 1
    return 1 + better + ties / 2


def share_beaten(scores: Sequence[float], right: int) -> float:
    """Share of the other scores that `scores[right]` beats: 1 for the highest, 0 for the lowest; ties count half."""
    return 1 - (mid_rank(scores, right) - 1) / (len(scores) - 1)


def ranked_first(scores: Sequence[float], right: int) -> float:
    """1 if `scores[right]` is the highest, 0 if not; among k equals 1/k, so that a constant scorer is at chance."""
    return 1 / scores.count(scores[right]) if max(scores) == scores[right] else 0.0


def bits_known(logits: Sequence[float], right: int) -> float:
    """Information about the right value, in bits: log2 of the number of values plus log2 of its probability among them.

    0 for a model that finds all equally likely, log2(number of values) for one that is certain and right, below 0 for
    one that is certain and wrong. The mean over facts bounds the mutual information of model and world from below (van
    den Oord et al. 2018, arXiv 1807.03748, section 2.3), and cannot exceed log2 of the number of values.
    """
    highest = max(logits)
    total = highest + math.log(sum(math.exp(value - highest) for value in logits))
    return math.log2(len(logits)) + (logits[right] - total) / math.log(2)
