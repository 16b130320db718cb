"""The held-out prompts of open-ended evaluation: 255 that resemble no training query (paper section 4.1).

Dropped are prompts with more than 20% BLEU to any query of the imitation data, programming prompts, and prompts that
are not English. More are drawn until enough are left; the threshold never moves.

    found = held_out(draw, training, 255)       # draw(n) gives the first n (category, text) of an endless list
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from false_promise.diversity import max_bleu

THRESHOLD = 20.0  # BLEU; section 4.1
LEFT_OUT = ("Coding", "Non-English")  # categories that the paper's filter drops
MOST_DRAWS = 64  # times the prompts wanted, before giving up

Draw = Callable[[int], Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Prompt:
    """One prompt; `nearest` is its highest BLEU (0 to 100) with any training query."""

    id: str
    category: str
    text: str
    nearest: float


@dataclass(frozen=True)
class HeldOut:
    """`drawn` prompts were looked at; `dropped` counts them by reason: bleu, Coding, Non-English."""

    prompts: tuple[Prompt, ...]
    drawn: int
    dropped: dict[str, int]


def held_out(draw: Draw, training: Iterable[str], wanted: int) -> HeldOut:
    """The first `wanted` prompts that survive the filter.

    Raises ValueError if fewer survive among 64 times as many, or if `draw` runs out.
    """
    training, n = list(training), 2 * wanted
    while True:
        found = survivors(draw(n), training, wanted)
        if len(found.prompts) == wanted:
            return found
        if n >= MOST_DRAWS * wanted:
            raise ValueError(
                f"only {len(found.prompts)} of {found.drawn} prompts resemble no training query by more than "
                f"{THRESHOLD:.0f} BLEU, {wanted} are wanted; ask for fewer (evaluation.prompts), never move the filter"
            )
        n *= 2


def survivors(drawn: Sequence[tuple[str, str]], training: list[str], wanted: int) -> HeldOut:
    """The first `wanted` of these prompts that survive the filter, or as many as there are."""
    nearest = max_bleu([text for _, text in drawn], training)
    kept, dropped = [], Counter()
    for number, ((category, text), score) in enumerate(zip(drawn, nearest, strict=True)):
        reason = category if category in LEFT_OUT else "bleu" if score > THRESHOLD else ""
        if reason:
            dropped[reason] += 1
            continue
        kept.append(Prompt(f"prompt-{len(kept):03d}", category, text, round(float(score), 2)))
        if len(kept) == wanted:
            return HeldOut(tuple(kept), number + 1, dict(dropped))
    return HeldOut(tuple(kept), len(drawn), dict(dropped))
