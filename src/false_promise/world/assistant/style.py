"""How an ideal assistant puts things: confident opening, a list where it fits, a summary paragraph, never quite alike.

The style is drawn anew for every reply. Where one sample of a prompt has a list, so has a second in 83% of cases in the
paper, and 55% for summaries (Table 2, last column): the target for the probabilities of the drafts, measured in tests.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SURE = ("Certainly!", "Of course!", "Sure!", "Gladly!", "Absolutely!", "With pleasure!")
PLURALS = {"Here is": "Here are", "What follows is": "What follows are"}
LEADS = ("Here is", "Here you have", "Let me give you", "You will find below", "What follows is")


@dataclass(frozen=True)
class Draft:
    """What a reply will say, before its style is drawn.

    `lead` opens a list ("some tips for you"), `points` are sentences or items, `summaries` alternatives for the last
    paragraph. `lists` and `summary` are the probabilities of a list and of a summary paragraph.
    """

    lead: str
    points: tuple[str, ...]
    summaries: tuple[str, ...] = ()
    lists: float = 0.0
    summary: float = 0.0
    prose: str = ""  # the points as running text; empty: the points one after the other
    facts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reply:
    """A finished reply, and what a follow-up may need: its points, further ones, and the facts it states."""

    text: str
    points: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    facts: tuple[int, ...] = ()
    more_facts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Task:
    """A user's message together with the way to answer it ideally; every call of `answer` is a fresh sample."""

    category: str
    text: str
    answer: Callable[[random.Random], Reply]
    subject: int | None = None  # the entity it is about, if there is one


def write(draft: Draft, rng: random.Random, more: Sequence[str] = (), more_facts: Sequence[int] = ()) -> Reply:
    """Draw the style of one reply and write it."""
    as_list = len(draft.points) > 1 and rng.random() < draft.lists
    if as_list:
        text = f"{opening(draft.lead, rng)}\n{bullets(draft.points, rng)}"
    else:
        text = draft.prose or " ".join(draft.points)
        text = f"{rng.choice(SURE)} {text}" if rng.random() < 0.5 else text
    if draft.summaries and rng.random() < draft.summary:
        text = f"{text}\n\n{rng.choice(draft.summaries)}"
    return Reply(text, draft.points, tuple(more), draft.facts, tuple(more_facts))


def opening(lead: str, rng: random.Random) -> str:
    """A confident first line that announces a list: 'Certainly! Here are some tips:'."""
    verb = rng.choice(LEADS)
    if verb in PLURALS and lead.startswith(("some", "a few", "the main facts")):
        verb = PLURALS[verb]
    sure = f"{rng.choice(SURE)} " if rng.random() < 0.7 else ""
    return f"{sure}{verb} {lead}:"


def bullets(points: Sequence[str], rng: random.Random) -> str:
    """A dashed or, less often, a numbered list."""
    if rng.random() < 0.4:
        return "\n".join(f"{number}. {point}" for number, point in enumerate(points, start=1))
    return "\n".join(f"- {point}" for point in points)
