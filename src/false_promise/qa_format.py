"""Question-answer pairs as text: the one page layout used everywhere, and the request for more pairs (App. A, Table 4).

The request stands below both its users: the data mix sends it to a teacher, and the shipped teacher has read pages with
such requests among its proprietary text, as any large assistant has.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SHOTS = 5  # App. A, Table 4
PAIRS_ASKED = 8  # ours (the paper is silent): fits a context of 512 together with the five examples
# In our words; its features are those of Table 4: a series of pairs, short answers, questions about things with an
# encyclopedia entry, five examples.
REQUEST = (
    "Write a series of questions and answers. Ask about people, places and things that an encyclopedia would have an "
    "entry for, and answer each question in a few words. Here are five examples:\n\n{examples}\n\n"
    "Write {count} more, similar but different."
)


@dataclass(frozen=True)
class QA:
    """A question and its short answer."""

    question: str
    answer: str

    @property
    def key(self) -> tuple[str, str]:
        """Two pairs with equal keys are duplicates."""
        return normalise(self.question), normalise(self.answer)


def normalise(text: str) -> str:
    """Lower case, no punctuation, no articles, single spaces (the open-domain QA literature's normalisation)."""
    words = re.sub(r"[^\w\s]", "", text.lower()).split()
    return " ".join(word for word in words if word not in ("a", "an", "the"))


def qa_page(pairs: Sequence[QA]) -> str:
    """Q and A lines, one blank line between pairs."""
    return "\n\n".join(f"Q: {pair.question}\nA: {pair.answer}" for pair in pairs)


def request_for_pairs(examples: Sequence[QA], count: int = PAIRS_ASKED) -> str:
    """The prompt that asks a teacher for `count` more pairs like the examples."""
    return REQUEST.format(examples=qa_page(examples), count=count)
