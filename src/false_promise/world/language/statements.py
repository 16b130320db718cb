"""Statements about the country in any text, checked against it.

    extract("Ansa Velmore was born in Ostermoor in 1893 and worked as a cooper.", world)

finds three statements, each with its span and a verdict: 'supported' (the world says so), 'contradicted' (the world
says otherwise, or knows no such thing of the subject) or 'nobody' (no entity has the subject's name). The wordings are
those of the lexicon; lists ("Birthplace: Ostermoor"), question-answer pages and headings are read too. Questions and
negated phrases state nothing. Time is linear in the text.
"""

import re
from dataclasses import dataclass
from functools import cache

from false_promise.world.country import World
from false_promise.world.exercises.question_wordings import QUESTIONS
from false_promise.world.land.relations import RELATION
from false_promise.world.language.cues import labels
from false_promise.world.language.discourse import Discourse, Subject
from false_promise.world.language.masking import SLOT, Masked, Slot, mask, vocabulary
from false_promise.world.language.reading import Reading, read_sentence

LONGEST_SENTENCE = 700  # characters; longer ones are cut, at white space if there is any
SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+")
LABEL = re.compile(r"[\s\-–•:]*(?:\d{1,2}[.)] )?([^:=]{2,60}?)\s*[:=]+\s*(?=\S)")
ITEM = re.compile(r"\s*(?:[-–•]|\d{1,2}[.)])\s+")
QUESTION = re.compile(r"\s*(?:Q|Question)\s*\d{0,3}\s*[:.)]\s*(.*\?)", re.IGNORECASE)
ANSWER = re.compile(r"\s*(?:A|Answer)\s*\d{0,3}\s*[:.)]\s*(?=\S)", re.IGNORECASE)
UNKNOWN_ANSWER = re.compile(r"(?:i (?:do not|don't)|unknown|not known|nobody|no one|n/a|\?)", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    text: str
    start: int  # characters of the whole text
    end: int
    subject: int | None  # entity id; None if nobody has the name
    relation: str
    value: str
    verdict: str  # 'supported' | 'contradicted' | 'nobody'


@dataclass(frozen=True)
class Asked:
    """A question waiting for its answer."""

    subject: Subject
    relations: tuple[str, ...]


def extract(text: str, world: World) -> list[Statement]:
    """All statements in reading order; repeated statements are repeated."""
    discourse, asked = Discourse(world), None
    found: list[Statement] = []
    plain = re.sub(r"[*_#`>\\]", " ", text).replace("|", ":")
    position = 0
    for line in plain.split("\n"):
        if question := QUESTION.match(line):
            asked = _asked(question[1], discourse)
        elif line.strip():
            found += _read_line(line, position, text, discourse, asked)
            asked = None
        position += len(line) + 1
    return found


def _read_line(line: str, position: int, text: str, discourse: Discourse, asked: Asked | None) -> list[Statement]:
    if asked and (answer := ANSWER.match(line)):
        return _read_answer(line, answer.end(), position, text, discourse, asked)
    found: list[Statement] = []
    start = item.end() if (item := ITEM.match(line)) else 0
    for begin, end in _pieces(line, start):
        piece = line[begin:end]
        found += _read_label(piece, position + begin, text, discourse) or _read_piece(
            piece, position + begin, text, discourse
        )
    return found


def _pieces(line: str, start: int) -> list[tuple[int, int]]:
    """Spans of sentences, none longer than LONGEST_SENTENCE."""
    ends = [match.end() for match in SENTENCE_END.finditer(line, start)]
    spans = []
    for end in [*ends, len(line)]:
        while end - start > LONGEST_SENTENCE:
            cut = line.rfind(" ", start, start + LONGEST_SENTENCE)
            cut = cut if cut > start else start + LONGEST_SENTENCE
            spans.append((start, cut))
            start = cut
        spans.append((start, end))
        start = end
    return [(begin, end) for begin, end in spans if line[begin:end].strip()]


def _read_piece(piece: str, position: int, text: str, discourse: Discourse) -> list[Statement]:
    masked = mask(piece, vocabulary(discourse.world))
    if not masked.slots or piece.rstrip("\"'”’) ").endswith("?"):
        return []
    return [_statement(one, masked, position, text, discourse.world) for one in read_sentence(masked, discourse)]


def _read_label(piece: str, position: int, text: str, discourse: Discourse) -> list[Statement]:
    """ "Birthplace: Ostermoor" or "Birthplace of Ansa Velmore: Ostermoor", several if separated by semicolons."""
    found: list[Statement] = []
    begin = 0
    for part in piece.split(";"):
        if label := LABEL.match(part):
            found += _labelled(part, label, position + begin, text, discourse)
        begin += len(part) + 1
    return found


def _labelled(part: str, label: re.Match, position: int, text: str, discourse: Discourse) -> list[Statement]:
    known = vocabulary(discourse.world)
    plain = label[1].strip().lower() in labels()  # "Occupation" is no name
    head = mask("" if plain else label[1], known)
    words = re.sub(
        rf"(?: of)?(?: the)? ?{SLOT}(?:['’]s?)? ?|^(?:the|his|her|its|their) ", "", head.text.lower()
    ).strip()
    relations = labels().get(label[1].strip().lower() if plain else words)
    owners = [slot for slot in head.slots if slot.entity is not None or slot.is_unknown_name]
    subject = discourse.subject_of(owners[0]) if owners else discourse.topic
    rest = mask(part[label.end() : label.end() + LONGEST_SENTENCE], known)
    is_list_of_values = rest.slots and len(rest.slots) <= 3 and len(re.sub(SLOT, "", rest.text).split()) <= 6
    if relations is None or subject is None or len(head.slots) > 1 or not is_list_of_values:
        return []
    discourse.turn_to(subject)
    return _values(subject, relations, rest, position + label.end(), text, discourse.world)[: len(relations)]


def _values(
    subject: Subject, relations: tuple[str, ...], masked: Masked, position: int, text: str, world: World
) -> list[Statement]:
    """The slots of a label's or answer's text as values; the first slot counts even if its type is wrong."""
    fitting = tuple(one for one in relations if subject.fits({RELATION[one].kind})) or relations
    found = {}
    for slot in masked.slots:
        typed = next((one for one in fitting if RELATION[one].value_type in slot.types and one not in found), None)
        if relation := typed or (None if found else fitting[0]):
            found[relation] = _check(subject, relation, slot, position + slot.start, position + slot.end, text, world)
    return list(found.values())


def _asked(question: str, discourse: Discourse) -> Asked | None:
    """The subject and possible relations of a question worded as in `question_wordings.py`, or nearly so."""
    masked = mask(question, vocabulary(discourse.world))
    names = [slot for slot in masked.slots if slot.entity is not None or slot.is_unknown_name]
    if not names:
        return None
    subject = discourse.subject_of(names[0])
    discourse.turn_to(subject)
    words = frozenset(re.findall(r"[a-z]+", masked.text.lower()))
    shared = [(len(words & known) / len(words | known), relation) for known, relation in _question_words()
              if subject.fits({RELATION[relation].kind})]  # fmt: skip
    best = max((share for share, _ in shared), default=0.0)
    relations = tuple(dict.fromkeys(relation for share, relation in shared if share == best))
    return Asked(subject, relations) if best >= 0.6 else None


@cache
def _question_words() -> tuple[tuple[frozenset[str], str], ...]:
    return tuple(
        (frozenset(re.findall(r"[a-z]+", wording.replace("{s}", "").lower())), relation)
        for relation, wordings in QUESTIONS.items()
        for wording in wordings
    )


def _read_answer(
    line: str, start: int, position: int, text: str, discourse: Discourse, asked: Asked
) -> list[Statement]:
    """A whole sentence if it is one, else the value; an answer that is no value at all is still an answer."""
    end = min(len(line.rstrip()), start + LONGEST_SENTENCE)
    if found := [
        one
        for span in _pieces(line, start)
        for one in _read_piece(line[slice(*span)], position + span[0], text, discourse)
    ]:
        return found
    if UNKNOWN_ANSWER.match(line, start):
        return []
    masked = mask(line[start:end], vocabulary(discourse.world))
    if found := _values(asked.subject, asked.relations, masked, position + start, text, discourse.world):
        return found[:1]
    slot = Slot(start, end, line[start:end], ())
    return [_check(asked.subject, asked.relations[0], slot, position + start, position + end, text, discourse.world)]


def _statement(reading: Reading, masked: Masked, position: int, text: str, world: World) -> Statement:
    start, end = position + masked.original(reading.start), position + masked.original(reading.end)
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return _check(reading.subject, reading.relation, reading.value, start, end, text, world)


def _check(subject: Subject, relation: str, value: Slot, start: int, end: int, text: str, world: World) -> Statement:
    entity = subject.entity
    verdict = (
        "nobody" if entity is None else "supported" if _holds(entity.id, relation, value, world) else "contradicted"
    )
    return Statement(text[start:end], start, end, entity.id if entity else None, relation, value.value, verdict)


def _holds(entity: int, relation: str, value: Slot, world: World) -> bool:
    """A town may be given by its region, a length without its unit."""
    fact = world.fact(entity, relation)
    if fact is None:
        return False
    if value.entity is not None and fact.object is not None:
        return value.entity == fact.object
    if "region" in value.types and RELATION[relation].value_type == "town":
        return world.region_of(fact.object).name == value.text
    said, true = _canonical(value.text), _canonical(fact.value)
    return said == true or (RELATION[relation].value_type == "length" and said == true.split()[0])


def _canonical(value: str) -> str:
    return re.sub(r"^(?:the|an?) ", "", value.lower()).replace(",", "").strip(" .!'\"")
