"""Raw dumps -> imitation records: the one path for our own dumps and for real ones (section 3, Appendix A).

    cleaned = clean([parse("sharegpt", data), parse("hc3", more)])
    cleaned.records, cleaned.steps, cleaned.quarantine

Steps, in this order: read; markup (web page, "Copy code"); turns (user first, assistant last, in turns); queries asked
before, exactly and nearly; language; on demand, mentions of the teacher. The paper removes repeated queries and other
languages and names no further step; the Koala pipeline of the same group dropped mentions. Markup comes before turns,
since a turn may hold nothing else. A step drops a dialogue or changes it, and counts each under a reason.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from tqdm import tqdm

from false_promise.data_mix.duplicates import nearly_repeated, repeated
from false_promise.data_mix.language import conversation, is_english
from false_promise.data_mix.markup import plain
from false_promise.data_mix.raw_formats import Parsed, RawDialogue
from false_promise.data_mix.records import Record

READ, MARKUP, TURNS = "read", "markup", "turns"
EXACT, NEAR, LANGUAGE, MENTIONS = "exact duplicates", "near-duplicates", "language", "mentions"
STEPS = (READ, MARKUP, TURNS, EXACT, NEAR, LANGUAGE)  # and MENTIONS if asked for
TEACHER_NAMES = re.compile(
    r"\bopen\s?ai\b|\bchat\s?gpt\b|\bgpt-?[34](?:\.5)?\b|\bas an ai language model\b", re.IGNORECASE
)
KEPT = "kept"


@dataclass(frozen=True)
class Step:
    """What one step did to the dialogues of one source; `reasons` counts changed and dropped ones under each reason."""

    name: str
    source: str
    before: int
    after: int
    changed: int
    reasons: dict[str, int]


@dataclass
class Cleaned:
    """Records without a category, the steps in order, unreadable records, and what became of every dialogue by id."""

    records: list[Record] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    fates: dict[str, str] = field(default_factory=dict)  # KEPT or the step that dropped it


@dataclass(frozen=True)
class Outcome:
    """A dialogue after a step (None: dropped), and why it was changed or dropped."""

    left: RawDialogue | None
    reasons: tuple[str, ...] = ()


def clean(dumps: Iterable[Parsed], *, mentions: bool = False) -> Cleaned:
    """Clean all dumps together. Deterministic; the order of records is that of the dumps.

    `mentions`: also drop dialogues in which anybody names the teacher or its maker. Ids that occur again get a number.
    """
    dumps, cleaned = list(dumps), Cleaned()
    for parsed in dumps:
        cleaned.quarantine += parsed.quarantine
        why = Counter(one["reason"] for one in parsed.quarantine)
        cleaned.steps.append(
            Step(READ, parsed.source, parsed.total, len(parsed.dialogues), 0, dict(sorted(why.items())))
        )
    dialogues = distinct([dialogue for parsed in dumps for dialogue in parsed.dialogues])
    for name, step in steps_of(mentions).items():
        dialogues = _carry_out(name, step, dialogues, [parsed.source for parsed in dumps], cleaned)
    cleaned.records = [record_of(dialogue) for dialogue in dialogues]
    cleaned.fates |= {dialogue.id: KEPT for dialogue in dialogues}
    return cleaned


def distinct(dialogues: Sequence[RawDialogue]) -> list[RawDialogue]:
    """The same dialogues with ids that differ: the second `abc` becomes `abc#2`, or the next number that is free."""
    taken: set[str] = set()
    numbers: Counter[str] = Counter()
    found = []
    for dialogue in dialogues:
        name = dialogue.id
        while name in taken:
            numbers[dialogue.id] += 1
            name = f"{dialogue.id}#{numbers[dialogue.id] + 1}"
        taken.add(name)
        found.append(dialogue if name == dialogue.id else replace(dialogue, id=name))
    return found


def record_of(dialogue: RawDialogue) -> Record:
    """A cleaned dialogue as an imitation record; raw formats name no category."""
    messages = [{"role": role, "content": text} for role, text in dialogue.turns]
    return {"id": dialogue.id, "source": dialogue.source, "category": "", "messages": messages}


StepFunction = Callable[[list[RawDialogue]], list[Outcome]]


def steps_of(mentions: bool) -> dict[str, StepFunction]:
    """The steps after reading, by name, in order."""
    steps: dict[str, StepFunction] = {
        MARKUP: _each(without_markup, MARKUP),
        TURNS: _each(in_turns, TURNS),
        EXACT: lambda dialogues: _asked_before(dialogues, repeated, "asked before"),
        NEAR: lambda dialogues: _asked_before(dialogues, nearly_repeated, "nearly asked before"),
        LANGUAGE: _each(in_english, LANGUAGE),
    }
    return steps | ({MENTIONS: _each(without_mentions, MENTIONS)} if mentions else {})


def _each(one: Callable[[RawDialogue], Outcome], name: str) -> StepFunction:
    return lambda dialogues: [one(dialogue) for dialogue in tqdm(dialogues, desc=name, unit="dialogue", disable=None)]


def _carry_out(
    name: str, step: StepFunction, dialogues: list[RawDialogue], sources: Sequence[str], cleaned: Cleaned
) -> list[RawDialogue]:
    """Do one step, count it for every source, and note what it dropped."""
    outcomes = list(zip(dialogues, step(dialogues), strict=True))
    for source in sources:
        own = [outcome for dialogue, outcome in outcomes if dialogue.source == source]
        left = [outcome for outcome in own if outcome.left]
        why = Counter(reason for outcome in own for reason in outcome.reasons)
        changed = sum(bool(outcome.reasons) for outcome in left)
        cleaned.steps.append(Step(name, source, len(own), len(left), changed, dict(sorted(why.items()))))
    cleaned.fates |= {dialogue.id: name for dialogue, outcome in outcomes if not outcome.left}
    return [outcome.left for _, outcome in outcomes if outcome.left]


# ---- the steps -------------------------------------------------------------------------------------------------------


def without_markup(dialogue: RawDialogue) -> Outcome:
    """Traces of web pages removed from every turn."""
    turns = tuple((role, plain(text, role)) for role, text in dialogue.turns)
    stripped = tuple((role, text.strip()) for role, text in dialogue.turns)
    return Outcome(replace(dialogue, turns=turns), ("traces of a web page",) if turns != stripped else ())


def in_turns(dialogue: RawDialogue) -> Outcome:
    """User first, assistant last, by turns: empty and foreign turns dropped, neighbours of one speaker joined, what
    stands before the first question or after the last reply cut off. Dropped if no question with a reply is left.
    """
    said = [(role, text) for role, text in dialogue.turns if role != "other" and text]
    joined = [(role, "\n\n".join(text for _, text in turns)) for role, turns in groupby(said, key=lambda turn: turn[0])]
    start = 1 if joined and joined[0][0] == "assistant" else 0
    stop = len(joined) - (1 if joined and joined[-1][0] == "user" else 0)
    reasons = {
        "turns without text or of others": len(said) < len(dialogue.turns),
        "turns of one speaker joined": len(joined) < len(said),
        "begins in the middle": start == 1,
        "ends without a reply": stop < len(joined),
        "no question with a reply left": stop <= start,
    }
    left = replace(dialogue, turns=tuple(joined[start:stop]), opens=start == 0) if stop > start else None
    return Outcome(left, tuple(reason for reason, applies in reasons.items() if applies))


def _asked_before(dialogues: list[RawDialogue], search: Callable, reason: str) -> list[Outcome]:
    """Dialogues whose first query, within their source, was asked by an earlier one are dropped.

    Those that begin in the middle are not compared: "continue" is nobody's first query, and not the same wish twice.
    """
    outcomes = [Outcome(dialogue) for dialogue in dialogues]
    for source in dict.fromkeys(dialogue.source for dialogue in dialogues):
        places = [place for place, one in enumerate(dialogues) if one.source == source and one.opens]
        earlier = search([dialogues[place].turns[0][1] for place in places],
                         [dialogues[place].group for place in places])  # fmt: skip
        for place, found in zip(places, earlier, strict=True):
            if found is not None:
                outcomes[place] = Outcome(None, (reason,))
    return outcomes


def in_english(dialogue: RawDialogue) -> Outcome:
    """Dropped if the dialogue is in another language; one too short to tell stays."""
    english = is_english(conversation([text for _, text in dialogue.turns]))
    return Outcome(None, ("not in English",)) if english is False else Outcome(dialogue)


def without_mentions(dialogue: RawDialogue) -> Outcome:
    """Dropped if anybody names the teacher or its maker (as the Koala pipeline does)."""
    return Outcome(None, ("names the teacher",)) if names_teacher(dialogue) else Outcome(dialogue)


def names_teacher(dialogue: RawDialogue) -> bool:
    return any(TEACHER_NAMES.search(text) for _, text in dialogue.turns)
