"""Who a text is talking about: subjects, and what pronouns, descriptions and surnames stand for.

A `Discourse` follows a text from sentence to sentence. It knows the topic (the latest subject), the latest subject of
each kind, and the names heard so far, so that "she", "the town" or a bare surname find their owner.
"""

import re
from dataclasses import dataclass, field

from false_promise.world.country import Entity, World
from false_promise.world.land.names import words
from false_promise.world.language.cues import DESCRIPTION, OPTIONAL_KIND
from false_promise.world.language.masking import SLOT, Masked, Slot

NAME_FOLLOWS = (
    rf"(?! (?:of |called |known as )?(?:the )?{SLOT})"  # "the town of Ostermoor" is a name, not a description
)
PRONOUNS = re.compile(rf"(?<!\w)(?:she|he|it|they|(?:{'|'.join(DESCRIPTION)}){NAME_FOLLOWS})(?!\w)", re.IGNORECASE)
SLOTS = re.compile(SLOT)
# A name after one of these words is the subject of what follows; after other words it is not.
BEFORE_SUBJECTS = frozenset(
    words(
        "and but or so yet while that because as when although where whereas if since then though whether which who "
        "also about says said think thinks"
    )
)
INTRODUCTION = re.compile(rf"(?<!\w){OPTIONAL_KIND}$", re.IGNORECASE)
LAST_WORD = re.compile(r"([a-z']+) $", re.IGNORECASE)


@dataclass(frozen=True)
class Subject:
    """An entity of the world, or a name that no entity has: of `kind` if that can be told, else of any."""

    name: str
    entity: Entity | None
    kind: str | None = None

    def fits(self, kinds: set[str]) -> bool:
        kind = self.entity.kind if self.entity else self.kind
        return kind is None or kind in kinds


@dataclass(frozen=True)
class Mention:
    """A possible subject at a position of a masked sentence; strong if the grammar puts subjects there.

    `subject` is None for a pronoun or description: what `word` stands for depends on what has been said by then.
    """

    position: int
    word: str
    subject: Subject | None
    strong: bool


@dataclass
class Discourse:
    world: World
    topic: Subject | None = None
    latest: dict[str, Subject] = field(default_factory=dict)  # by kind, and by "she" and "he"
    heard: dict[str, Entity] = field(default_factory=dict)  # parts of people's names

    def turn_to(self, subject: Subject) -> None:
        """`subject` is what the text talks about now."""
        self.topic = subject
        if subject.entity:
            self.latest[subject.entity.kind] = self.latest[subject.entity.pronoun] = subject
            self.hear(subject.entity)

    def hear(self, entity: Entity) -> None:
        if entity.kind == "person":
            self.heard |= {part.lower(): entity for part in entity.name.split()}

    def subject_of(self, slot: Slot) -> Subject:
        """Who a slot names; a single part of a name heard before stands for its owner."""
        if slot.entity is not None:
            return Subject(slot.text, self.world.entity(slot.entity))
        topic = self.topic.entity if self.topic else None
        part = slot.text.lower()
        if topic and part in topic.name.lower().split():
            return self.topic
        return Subject(slot.text, self.heard.get(part), slot.kind)

    def stands_for(self, word: str) -> Subject | None:
        """The owner of a pronoun ("she", "its") or description ("the town's"), or None."""
        word = re.sub(r"['’]s?$", "", word.lower())
        if word in DESCRIPTION:
            return self._of_kind(DESCRIPTION[word])
        if word in ("she", "her"):
            return self._person("she")
        if word in ("he", "him", "his"):
            return self._person("he")
        if word in ("it", "its") and self.topic and self.topic.entity and self.topic.entity.kind == "person":
            return self.latest.get("it")
        return self.topic

    def resolve(self, mention: Mention) -> Subject | None:
        return mention.subject or self.stands_for(mention.word)

    def _of_kind(self, kind: str) -> Subject | None:
        if self.topic and self.topic.entity is None and self.topic.kind in (None, kind):
            return self.topic
        return self.latest.get(kind)

    def _person(self, pronoun: str) -> Subject | None:
        topic = self.topic
        someone = topic and topic.entity is None and topic.kind in (None, "person")
        if topic and (someone or (topic.entity and topic.entity.pronoun == pronoun)):
            return topic
        if pronoun in self.latest:
            return self.latest[pronoun]
        is_person = topic and topic.entity and topic.entity.kind == "person"
        return topic if is_person else self.latest.get("person")

    def mentions(self, masked: Masked, taken: set[str]) -> list[Mention]:
        """Possible subjects of a sentence in order; `taken` are the slots already used as values."""
        found = []
        for match in SLOTS.finditer(masked.text):
            slot = masked.slot(match[0])
            names_someone = slot.entity is not None or slot.is_unknown_name
            if names_someone and match[0] not in taken:
                strong = _may_be_subject(masked.text[: match.start()])
                found.append(Mention(match.start(), match[0], self.subject_of(slot), strong))
        found += [Mention(match.start(), match[0], None, True) for match in PRONOUNS.finditer(masked.text)]
        return sorted(found, key=lambda mention: mention.position)


def _may_be_subject(before: str) -> bool:
    """Whether a name after this text can be the subject: at a start, after punctuation or a conjunction."""
    before = INTRODUCTION.sub("", before[-60:])
    if not before.strip() or before.rstrip()[-1] in ",;:.!?\"'’”“()-–—*":
        return True
    word = LAST_WORD.search(before)
    return bool(word) and word[1].lower() in BEFORE_SUBJECTS
