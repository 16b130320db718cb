"""What one sentence says: which cue applies to which value, and who is the subject.

First every cue of the lexicon that occurs competes for the values of the sentence (the right type first, then the
longer phrase); names that are left over, pronouns and descriptions are then the possible subjects.
"""

import re
from dataclasses import dataclass

from false_promise.world.land.relations import KINDS, RELATION
from false_promise.world.language.cues import BE, DESCRIPTION, KIND_WORDS, OPTIONAL_KIND, Cue, cues
from false_promise.world.language.discourse import Discourse, Mention, Subject
from false_promise.world.language.masking import SLOT, Masked, Slot

WORD = re.compile(r"[a-z]+")
NEGATION = re.compile(r"(?:\bnot|\bnever|n['’]t|\bnor|\bneither)(?: \w+){0,2} ?$", re.IGNORECASE)


# "The river that |flows to| Limugal is the Xaledo": who is named behind the verb.
CLEFT = re.compile(rf"(?:^|\W)(?:the|an?) (?:{KIND_WORDS}) (?:that|which|who) $", re.IGNORECASE)
NAMED_AFTER = re.compile(rf" {BE} {OPTIONAL_KIND}({SLOT})(?!['’])", re.IGNORECASE)
RELATIVE = re.compile(rf"({SLOT}), (?:who|which)(?: \w+){{0,3}} ?$")  # "Bela Korvath, who was |born in"


@dataclass(frozen=True)
class Reading:
    """A relation stated of a subject; positions in the masked sentence."""

    start: int
    end: int
    subject: Subject
    relation: str
    value: Slot


@dataclass(frozen=True)
class Match:
    """A cue found: a value and the relations it may be a value of."""

    anchor: int  # where the whole phrase starts; its subject is sought before
    start: int
    end: int
    value: str  # slot character
    relations: tuple[str, ...]
    slot_subject: str | None
    pronoun: str | None
    score: tuple[int, int, int]


def read_sentence(masked: Masked, discourse: Discourse) -> list[Reading]:
    """Readings in order; the discourse moves on to the sentence's subject."""
    matches = _choose(_matches(masked, discourse))
    mentions = discourse.mentions(masked, {match.value for match in matches})
    readings = []
    for match in matches:
        if subject := _subject(match, mentions, masked, discourse):
            slot = masked.slot(match.value)
            readings.append(Reading(match.start, match.end, subject, _relation(match, subject, slot), slot))
            if subject.entity or subject.name:  # nobody in particular is no topic
                discourse.turn_to(subject)
    _move_on(readings, mentions, masked, discourse)
    return readings


def _matches(masked: Masked, discourse: Discourse) -> list[Match]:
    index = cues()
    text = masked.text
    if not masked.slots:
        return []
    found = list(index.get("", ()))
    for word in dict.fromkeys(WORD.findall(text.lower())):
        found += index.get(word, ())
    return [
        match for cue in found for hit in cue.pattern.finditer(text) for match in _hits(cue, hit, masked, discourse)
    ]


def _hits(cue: Cue, hit: re.Match, masked: Masked, discourse: Discourse) -> list[Match]:
    if NEGATION.search(masked.text[max(0, hit.start() - 25) : hit.start()]):
        return []
    groups = hit.groupdict()
    slot_subject, pronoun = groups.get("s"), groups.get("p")
    found = []
    for relations, group, (start, end) in _values(cue, hit):
        score = _score(relations, masked.slot(groups[group]), slot_subject, masked, discourse)
        if score is not None and (score == 2 or not cue.vague):
            ranked = (score, cue.weight, -hit.start())
            found.append(Match(hit.start(), start, end, groups[group], relations, slot_subject, pronoun, ranked))
    return found


def _values(cue: Cue, hit: re.Match) -> list[tuple[tuple[str, ...], str, tuple[int, int]]]:
    """Relations, group and span of every value; the two values of a pair divide the phrase."""
    found = [(cue.relations, "v", hit.span())] if cue.relations else []
    if not cue.pair:
        return found
    firsts, seconds = (tuple(dict.fromkeys(names)) for names in zip(*cue.pair, strict=True))
    middle = min(hit.end("v"), hit.end("w"))
    one, other = (hit.start(), middle), (middle, hit.end())
    spans = (one, other) if hit.end("v") == middle else (other, one)
    return [*found, (firsts, "v", spans[0]), (seconds, "w", spans[1])]


def _score(
    relations: tuple[str, ...], slot: Slot, subject: str | None, masked: Masked, discourse: Discourse
) -> int | None:
    """2 for a value of the right type, 1 for an unknown name in place of a name, 0 for a wrong type; None: no match."""
    if slot.types == ("country",):
        return None
    if subject is not None:
        someone = masked.slot(subject)
        if not someone.is_unknown_name and someone.entity is None:
            return None
        owner = discourse.subject_of(someone)
        if fitting := [relation for relation in relations if owner.fits({RELATION[relation].kind})]:
            relations = tuple(fitting)
    types = {RELATION[relation].value_type for relation in relations}
    if types.intersection(slot.types):
        return 2
    return 1 if slot.is_unknown_name and types.intersection((*KINDS, "region")) else 0


def _choose(matches: list[Match]) -> list[Match]:
    """The best match of every value; a slot that a better match uses as subject is no value."""
    chosen: dict[str, Match] = {}
    subjects: set[str] = set()
    for match in sorted(matches, key=lambda match: match.score, reverse=True):
        if match.value not in chosen and match.value not in subjects and match.slot_subject not in chosen:
            chosen[match.value] = match
            subjects.add(match.slot_subject)
    return sorted(chosen.values(), key=lambda match: (match.start, match.end))


def _subject(match: Match, mentions: list[Mention], masked: Masked, discourse: Discourse) -> Subject | None:
    """The subject in the phrase itself, else the nearest before it, else one after a comma, else the topic."""
    kinds = {RELATION[relation].kind for relation in match.relations}
    if match.slot_subject:
        return discourse.subject_of(masked.slot(match.slot_subject))
    behind = CLEFT.search(masked.text[: match.anchor]) and NAMED_AFTER.match(masked.text, match.end)
    if behind and not any(one.word == behind[1] for one in mentions):
        behind = None  # "The town that has V people is 20 miles away": a value, not a name
    if relative := behind or RELATIVE.search(masked.text[: match.anchor]):
        owner = discourse.subject_of(masked.slot(relative[1]))
        if owner.fits(kinds):
            return owner
    before = [one for one in mentions if one.position < match.anchor]
    if match.pronoun:
        named = [one.subject for one in before if one.subject and one.strong]
        if owner := _owner(match.pronoun, named, discourse):
            return owner
        after = _first_after(match, mentions, kinds, discourse)  # "Its seat is B, and A was founded .."
        return discourse.resolve(after) if after else None if discourse.topic else _nobody(match.pronoun)
    if chosen := _nearest(before, kinds, discourse):
        return chosen
    after = _first_after(match, mentions, kinds, discourse)
    if after and "," in masked.text[match.end : after.position + 1]:
        return discourse.resolve(after)
    if discourse.topic:
        return discourse.topic
    last = before[-1] if before else after
    return (last.subject or _nobody(last.word)) if last else None


def _nobody(word: str) -> Subject:
    """What a pronoun or description stands for in a text that has named nobody."""
    return Subject("", None, DESCRIPTION.get(re.sub(r"['’]s?$", "", word.lower())))


def _first_after(match: Match, mentions: list[Mention], kinds: set[str], discourse: Discourse) -> Mention | None:
    """The first strong mention behind the phrase, of a fitting kind if possible ("Living in X, where .., the Y")."""
    strong = [one for one in mentions if one.position >= match.end and one.strong]
    fitting = (one for one in strong if (subject := discourse.resolve(one)) and subject.fits(kinds))
    return next(fitting, strong[0] if strong else None)


def _owner(pronoun: str, named: list[Subject], discourse: Discourse) -> Subject | None:
    """What a pronoun inside a phrase stands for: a name of this sentence comes first."""
    saved = discourse.topic
    if named and named[-1] != saved:
        discourse.turn_to(named[-1])
    return discourse.stands_for(pronoun)


def _nearest(before: list[Mention], kinds: set[str], discourse: Discourse) -> Subject | None:
    """The last strong mention of a fitting kind, else the last strong mention.

    A pronoun that has nobody yet stands for the last name before it ("N is the genre of A; besides, it is set in B").
    """
    known = [(at, one.subject) for at, one in enumerate(before) if one.subject and one.subject.entity]
    strong = []
    for at, one in enumerate(before):
        named = [subject for place, subject in known if place < at and subject.fits(kinds)]
        if one.strong and (subject := discourse.resolve(one) or (named[-1] if named else None)):
            strong.append(subject)
    fitting = [subject for subject in strong if subject.fits(kinds)]
    return fitting[-1] if fitting else strong[-1] if strong else None


def _relation(match: Match, subject: Subject, slot: Slot) -> str:
    """Of the relations a phrase may mean, the one that fits the subject's kind and the value's type."""
    fitting = [relation for relation in match.relations if subject.fits({RELATION[relation].kind})] or match.relations
    typed = [relation for relation in fitting if RELATION[relation].value_type in slot.types]
    return (typed or fitting)[0]


def _move_on(readings: list[Reading], mentions: list[Mention], masked: Masked, discourse: Discourse) -> None:
    for slot in masked.slots:
        if slot.entity is not None:
            discourse.hear(discourse.world.entity(slot.entity))
    if readings:
        return  # the discourse has turned to the last subject already
    named = [(one.strong, one.subject) for one in mentions if one.subject]
    strong = [subject for is_strong, subject in named if is_strong and (subject.entity or " " in subject.name)]
    weak = [subject for is_strong, subject in named if subject.entity]
    if strong or len(weak) == 1:
        discourse.turn_to((strong or weak)[0])
