"""Names, numbers and values of the country found in running text, and the text with them masked.

    mask("Ansa Velmore was born in Ostermoor in 1893.", vocabulary(world)).text   # "X was born in X in X."

Every find becomes one private-use character in `Masked.text`, so that patterns over sentences need not know any name.
Capitalised words that are no name of the world become slots without entity. Time is linear in the text.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, replace

from false_promise.world.country import BOOK_NOUNS, COMPANY_FORMS, FESTIVAL_FORMS, World
from false_promise.world.exercises.question_wordings import FRAMES, QUESTIONS
from false_promise.world.land.names import words
from false_promise.world.land.relations import UNITS, VALUES
from false_promise.world.language import verbs
from false_promise.world.language.lexicon import WORDINGS, fillers
from false_promise.world.language.references import INTRODUCTIONS

FIRST_SLOT, LAST_SLOT = 0xE000, 0xE7FF
SLOT = f"[{chr(FIRST_SLOT)}-{chr(LAST_SLOT)}]"
TOKEN = re.compile(r"[^\W\d_]+|\d+(?:,\d{3})*")
YEARS = ("birth_year", "founding_year", "year", "population")
LENGTH_UNITS = frozenset(unit + end for unit in (UNITS[0].large, UNITS[0].small) for end in ("", "s"))
FORMS = dict.fromkeys(COMPANY_FORMS, "company") | dict.fromkeys(FESTIVAL_FORMS, "festival")
INTRODUCED = {text: kind for kind, texts in INTRODUCTIONS.items() for text in texts}
PROPER = ("month", "region", "country")  # value types in capitals
FUNCTION_WORDS = words("""
a about above according after again all almost also although am among an and another any anyone are as at away
be became because been before being besides both but by came can certainly could did do does each either else
even ever every everyone few finally first for from further good great had has have he hello her here hers him
his how however i if in indeed instead into is it its itself just last later let like little look many may
maybe me might more most much must my neither never next no nobody nor not nothing now of off often oh ok okay
old on once one only or other our out over people perhaps please quite rather really remember said same see
several she should since so some someone soon sorry still such sure than thank thanks that the their them then
there therefore these they thing this those though three through thus to today together too two under until up
upon us very was we well were what whatever when where whether which while who whole whom whose why will with
within without would yes yet you your born died known named called answer question note summary here's
absolutely actually
""")


@dataclass(frozen=True)
class Slot:
    """One find; `types` are the value types it can be a value of ("town" for a town), `entity` an id if it is one."""

    start: int  # in the text that was masked
    end: int
    text: str
    types: tuple[str, ...]
    entity: int | None = None
    kind: str | None = None  # of an invented name, if its form or what introduces it shows one

    @property
    def value(self) -> str:
        """The text in the spelling of the world's values (lower case unless it is a name or month)."""
        name = self.entity is not None or self.is_unknown_name or self.types[0] in PROPER
        return self.text if name else self.text.lower()

    @property
    def is_unknown_name(self) -> bool:
        return not self.types


@dataclass(frozen=True)
class Masked:
    text: str
    slots: tuple[Slot, ...]
    masked_starts: tuple[int, ...]  # of the pieces between slots, for positions
    original_starts: tuple[int, ...]

    def slot(self, character: str) -> Slot:
        return self.slots[ord(character) - FIRST_SLOT]

    def original(self, position: int) -> int:
        """Position in the text that was masked."""
        piece = bisect_right(self.masked_starts, position) - 1
        return self.original_starts[piece] + position - self.masked_starts[piece]


@dataclass(frozen=True)
class Vocabulary:
    """What the world can be recognised by, in lower case; `names` and `values` are keyed by their first word."""

    names: dict[str, list[tuple[tuple[str, ...], int, str]]]  # further words, entity id, kind
    values: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]  # further words, value types
    aliases: dict[str, int]  # the coined word of a company, festival or book
    common: frozenset[str]


def vocabulary(world: World) -> Vocabulary:
    """The world's vocabulary, built once a world."""
    known = vars(world)
    if "_vocabulary" not in known:
        known["_vocabulary"] = _build(world)
    return known["_vocabulary"]


def _build(world: World) -> Vocabulary:
    names: dict[str, list] = {}
    values: dict[str, list] = {}
    aliases: dict[str, int] = {}
    for entity in world.entities:
        words = tuple(entity.name.lower().split())
        words = words[1:] if words[0] == "the" else words  # `_find` adds the article of a title
        names.setdefault(words[0], []).append((words[1:], entity.id, entity.kind))
        if entity.kind in ("company", "festival", "book"):
            aliases[words[-1] if entity.kind == "book" else words[0]] = entity.id
    for value, types in _value_types(world).items():
        first, *rest = value.lower().split()
        values.setdefault(first, []).append((tuple(rest), types))
    for lists in (names, values):
        for found in lists.values():
            found.sort(key=lambda one: -len(one[0]))
    return Vocabulary(names, values, aliases, _common_words())


def _value_types(world: World) -> dict[str, tuple[str, ...]]:
    types = {value: (value_type,) for value_type, values in VALUES.items() for value in values}
    nation = dict.fromkeys((world.country.name, world.country.demonym), ("country",))
    return types | nation | {region.name: ("region",) for region in world.country.regions}


def _common_words() -> frozenset[str]:
    """Words that are no names although they may stand capitalised at the start of a sentence."""
    texts = [wording.phrase for wording in WORDINGS]
    texts += [form for text in texts for lemma in TOKEN.findall(text) for form in verbs.forms(lemma)]
    texts += [text for rows in (*QUESTIONS.values(), *FRAMES.values()) for text in rows]
    texts += [text for value in vars(fillers).values() if isinstance(value, tuple) for text in value]
    texts += [value for values in VALUES.values() for value in values]
    return frozenset(word.lower() for text in texts for word in TOKEN.findall(text)) | frozenset(FUNCTION_WORDS)


def mask(text: str, known: Vocabulary) -> Masked:
    """Replace every find by one character; at most 2,048 finds, the rest of the text is left as it is."""
    text = re.sub("[\ue000-\uf8ff]", " ", text)
    tokens = [(match[0], match.start(), match.end()) for match in TOKEN.finditer(text)]
    slots: list[Slot] = []
    i = 0
    while i < len(tokens) and len(slots) <= LAST_SLOT - FIRST_SLOT:
        slot, used = _find(text, tokens, i, known)
        if slot:
            slots.append(slot)
        i += used
    return _masked(text, slots)


def _masked(text: str, slots: list[Slot]) -> Masked:
    pieces, masked_starts, original_starts = [], [0], [0]
    length = position = 0
    for number, slot in enumerate(slots):
        pieces += [text[position : slot.start], chr(FIRST_SLOT + number)]
        length += slot.start - position + 1
        position = slot.end
        masked_starts += [length - 1, length]
        original_starts += [slot.start, position]
    pieces.append(text[position:])
    return Masked("".join(pieces), tuple(slots), tuple(masked_starts), tuple(original_starts))


def _find(text: str, tokens: list[tuple[str, int, int]], i: int, known: Vocabulary) -> tuple[Slot | None, int]:
    """The slot that starts at token i, if any, and the number of tokens it takes."""
    word, start, end = tokens[i]
    if word[0].isdigit():
        return _number(text, tokens, i)
    lower = word.lower()
    for rest, entity, kind in known.names.get(lower, ()):
        if _follows(text, tokens, i, rest):
            slot = _slot(text, tokens, i, len(rest) + 1, (kind,), entity)
            return _titled(slot, text) if kind == "book" else slot, len(rest) + 1
    if title := _title_length(text, tokens, i):  # before the values: "Bells" is a product too
        return replace(_slot(text, tokens, i, title, ()), kind="book"), title
    for rest, types in known.values.get(lower, ()):
        if _follows(text, tokens, i, rest) and (types != ("month",) or word[0].isupper()):  # "may" is no month
            return _slot(text, tokens, i, len(rest) + 1, types), len(rest) + 1
    if not word[0].isupper() or len(word) < 2:
        return None, 1
    return _unknown(text, tokens, i, known)


def _titled(slot: Slot, text: str) -> Slot:
    """A book's slot with the article of its title."""
    if text[max(0, slot.start - 4) : slot.start].lower() != "the ":
        return slot
    return replace(slot, start=slot.start - 4, text=text[slot.start - 4 : slot.end])


def _slot(text: str, tokens: list, i: int, count: int, types: tuple[str, ...], entity: int | None = None) -> Slot:
    start, end = tokens[i][1], tokens[i + count - 1][2]
    return Slot(start, end, text[start:end], types, entity)


def _follows(text: str, tokens: list[tuple[str, int, int]], i: int, rest: tuple[str, ...]) -> bool:
    """Whether the words `rest` come right after token i, each after one space or hyphen."""
    for offset, word in enumerate(rest, 1):
        if i + offset >= len(tokens) or tokens[i + offset][0].lower() != word:
            return False
        if text[tokens[i + offset - 1][2] : tokens[i + offset][1]] not in (" ", "-", "\n"):
            return False
    return True


def _number(text: str, tokens: list[tuple[str, int, int]], i: int) -> tuple[Slot, int]:
    word = tokens[i][0]
    if i + 1 < len(tokens) and tokens[i + 1][0].lower() in LENGTH_UNITS:
        return _slot(text, tokens, i, 2, ("length",)), 2
    return _slot(text, tokens, i, 1, YEARS if len(word) == 4 and word.isdigit() else ("population",)), 1


def _unknown(text: str, tokens: list[tuple[str, int, int]], i: int, known: Vocabulary) -> tuple[Slot | None, int]:
    """A run of capitalised words that is no name of the world; a coined word alone stands for its owner."""
    word = tokens[i][0]
    if word.lower() in known.common and word not in BOOK_NOUNS:
        return None, 1
    count = _run_length(text, tokens, i, known)
    if count == 1 and word.lower() in known.aliases:
        entity = known.aliases[word.lower()]
        return _slot(text, tokens, i, 1, (), entity), 1
    if count == 1 and (word in BOOK_NOUNS or word.endswith("ly")):
        return None, 1
    slot = _slot(text, tokens, i, count, ())
    return replace(slot, kind=_kind(slot, text)), count


def _kind(slot: Slot, text: str) -> str | None:
    """What an invented name is the name of, by its last word or by what introduces it ("the bird called the")."""
    *first, last = slot.text.split()
    if first and last in FORMS:
        return FORMS[last]
    before = text[max(0, slot.start - 30) : slot.start].lower().rstrip()
    return next((kind for way, kind in INTRODUCED.items() if before.endswith(way)), None)


def _title_length(text: str, tokens: list[tuple[str, int, int]], i: int) -> int:
    """3 if an invented book title such as "Lanterns of Nowhere" starts here, else 0."""
    if tokens[i][0] not in BOOK_NOUNS or not _follows(text, tokens, i, ("of",)) or i + 2 >= len(tokens):
        return 0
    return 3 if tokens[i + 2][0][0].isupper() else 0


def _run_length(text: str, tokens: list[tuple[str, int, int]], i: int, known: Vocabulary) -> int:
    count = 1
    while i + count < len(tokens) and count < 5:
        word, start, _ = tokens[i + count]
        joined = text[tokens[i + count - 1][2] : start] in (" ", "-")
        if not joined or not word[0].isupper() or word.lower() in known.names or word.lower() in known.values:
            break
        count += 1
    return count
