"""The lexicon read backwards: from each line, patterns that find its fact in masked text.

A pattern captures the value (group v; w for the second of a pair) and, where the phrase holds one, the subject: a slot
(s) or a pronoun or description (p). Phrases of several relations share a pattern; `reading.py` chooses the relation by
the kind of the subject and the type of the value. Patterns are indexed by their rarest word, so that a sentence is only
searched for phrases it can contain.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain

from false_promise.world.land.relations import RELATIONS
from false_promise.world.language import verbs
from false_promise.world.language.lexicon import WORDINGS, Wording
from false_promise.world.language.masking import SLOT
from false_promise.world.language.references import DESCRIPTIONS, genitive

KIND_WORDS = "town|village|city|region|river|year|month|company|firm|book|novel|volume|festival|event|bird|dish|meal"
DESCRIPTION = {text: kind for kind, texts in DESCRIPTIONS.items() for text in texts}
GENITIVES = "|".join(genitive(text) for text in DESCRIPTION)
PRONOUN = "she|he|it|they|her|him|them|" + "|".join(DESCRIPTION)
OPTIONAL_KIND = (
    rf"(?:(?:the |an? )?(?:old )?(?:{KIND_WORDS})(?: of| called| known as| named)?(?: the)? |the |an? ){{0,2}}"
)
SUBJECT = rf"(?:{OPTIONAL_KIND}(?P<s>{SLOT})|(?P<p>{PRONOUN})\b)"
OWNER = rf"(?:{OPTIONAL_KIND}(?P<s>{SLOT})['’]s?|(?P<p>his|her|its|their|{GENITIVES}))"
OWNED = "(?:his|her|its|their|the|an?)"
BE = r"(?:is|was|are|were|be|been|being|remains)(?: indeed| \w+ly)?"
VALUE, SECOND = rf"{OPTIONAL_KIND}(?P<v>{SLOT})", rf"{OPTIONAL_KIND}(?P<w>{SLOT})"
# Headings of lists and tables that are no nouns of the lexicon.
LABELS = {
    "born": ("birth_year", "birthplace"),
    "place of birth": ("birthplace",),
    "occupation": ("profession",),
    "job": ("profession",),
    "lived in": ("residence",),
    "lives in": ("residence",),
    "residence": ("residence",),
    "location": ("town_region", "seat", "festival_town"),
    "founded": ("town_founded", "company_founded"),
    "founded in": ("town_founded", "company_founded"),
    "founded by": ("founder",),
    "known for": ("speciality", "company_product"),
    "statue": ("statue",),
    "inhabitants": ("population",),
    "source": ("source_region",),
    "headquarters": ("seat",),
    "products": ("company_product",),
    "makes": ("company_product",),
    "published": ("published",),
    "written by": ("author",),
    "type": ("genre",),
    "held in": ("month", "festival_town"),
    "dish": ("festival_dish",),
    "color": ("colour",),
    "eats": ("diet",),
    "origin": ("origin",),
    "made with": ("ingredient",),
    "made from": ("ingredient",),
}


@dataclass(frozen=True)
class Cue:
    """`relations` are alternatives; a pair has its two relations in `pair` and none here."""

    source: str
    relations: tuple[str, ...]
    pair: tuple[tuple[str, str], ...]
    weight: int  # length of the literal text: the longer of two overlapping cues is right
    vague: bool  # "a {v}", "is {v}": only a value of the right type makes it a statement

    @cached_property
    def pattern(self) -> re.Pattern:
        # Compiled when first tried: all of them take a second and a half, and a page of answers needs a few.
        return re.compile(r"(?<!\w)" + self.source + r"(?!\w)", re.IGNORECASE)


@cache
def cues(held_out_only: bool = False) -> dict[str, tuple[Cue, ...]]:
    """Every cue under the rarest word that a match must contain; "" holds the few without such a word."""
    sources = _sources([wording for wording in WORDINGS if wording.held_out or not held_out_only])
    compiled = [_cue(source, wordings) for source, wordings in sources.items()]
    required = [_required(source) for source in sources]
    counts = Counter(chain.from_iterable(set(chain.from_iterable(groups)) for groups in required))
    index: dict[str, list[Cue]] = {}
    for cue, groups in zip(compiled, required, strict=True):
        best = min(groups, key=lambda group: sum(counts[word] for word in group), default=("",))
        for word in best:
            index.setdefault(word, []).append(cue)
    return {word: tuple(found) for word, found in index.items()}


@cache
def labels() -> dict[str, tuple[str, ...]]:
    """Headings such as "birthplace" in "Birthplace: Ostermoor", lower case, with the relations they may mean."""
    found: dict[str, tuple[str, ...]] = dict(LABELS)
    nouns = [(relation.noun, relation.name) for relation in RELATIONS]
    nouns += [(wording.phrase.split(" = ")[0], wording.relations[0]) for wording in WORDINGS if wording.shape == "N"]
    for noun, relation in nouns:
        found[noun] = tuple(dict.fromkeys((*found.get(noun, ()), relation)))
    return found


def _sources(lines: list[Wording]) -> dict[str, list[Wording]]:
    sources: dict[str, list[Wording]] = {}
    for wording in lines:
        for source in _patterns(wording):
            sources.setdefault(source, []).append(wording)
    return sources


def _cue(source: str, wordings: list[Wording]) -> Cue:
    singles = tuple(dict.fromkeys(wording.relations[0] for wording in wordings if len(wording.relations) == 1))
    pairs = tuple(wording.relations for wording in wordings if len(wording.relations) == 2)
    words = _required(source)
    return Cue(source, singles, pairs, len(words), not words)


def _patterns(wording: Wording) -> list[str]:
    """Regular expressions (over masked text) for one line."""
    if wording.shape == "N":
        return _noun_patterns(*[*wording.phrase.split(" = "), ""][:2])
    if wording.shape in ("V", "Vn"):
        return [_slots(_verb_pattern(wording.phrase))]
    if wording.phrase == "{a}":  # too short to go without its article
        return [rf"an? {VALUE}"]
    if wording.shape == "C":
        return [_slots(re.sub(r"\[(\w+)\]", lambda match: _any_form(match[1]), wording.phrase))]
    return [_slots(wording.phrase)]


def _verb_pattern(phrase: str) -> str:
    """Auxiliaries are left out where the rest is telling: "born in {v}" for "be born in {v}"."""
    if phrase.startswith("be ") and re.search(r"[a-z]{2}", re.sub(r"\{.\}", "", phrase[3:])):
        return phrase[3:]
    marked = phrase if "_" in phrase else "_" + phrase
    return re.sub(r"_(\w+)", lambda match: _any_form(match[1]), marked)


def _any_form(lemma: str) -> str:
    if lemma == "be":
        return BE
    return "(?:" + "|".join(dict.fromkeys(sorted(verbs.forms(lemma), key=lambda form: -len(form)))) + ")"


def _slots(phrase: str) -> str:
    """Slots of the lexicon as regular expressions; only the first mention of the subject is captured."""
    filled = phrase.replace("{v}", VALUE).replace("{n}", VALUE).replace("{w}", SECOND).replace("{m}", SECOND)
    filled = filled.replace("{a}", rf"(?:an? )?{VALUE}").replace("{b}", rf"(?:an? )?{SECOND}")
    filled = filled.replace("{g}", OWNER).replace("{s}", SUBJECT).replace("{o}", SUBJECT)
    return filled.replace("{h}", OWNED).replace("{k}", "(?:daughter|son|child)")


def _noun_patterns(noun: str, put: str) -> list[str]:
    """The noun before its value ("her birthplace was V"), after it, and "with V as her birthplace"."""
    of = rf"(?: of {SUBJECT})"
    ways = [VALUE, put.replace("{v}", VALUE)] if put else [VALUE]  # models also write "the mouth of S is V"
    patterns = [pattern for way in ways for pattern in (rf"{OWNER} {noun} {BE} {way}", rf"{noun}{of}? {BE} {way}")]
    if not put:
        patterns += [
            rf"{VALUE} {BE} {OWNER} {noun}",
            rf"{VALUE} {BE} (?:the|a) {noun}{of}",
            rf"{VALUE} as {OWNED} {noun}",
        ]
        patterns += [rf"{VALUE}, (?:his|her|its|their) {noun}(?! (?:{BE}|of))"]
    return patterns


def _required(source: str) -> list[tuple[str, ...]]:
    """Groups of words of which a match holds one each: literal words alone, verb forms together."""
    for part in (OWNER, SUBJECT, OPTIONAL_KIND, OWNED, BE):
        source = source.replace(part, " ")
    source = re.sub(r"\(\?P<\w>[^)]*\)|an\? ", " ", source)
    source = re.sub(r"\((?:[^()]|\([^()]*\))*\)\?", " ", source)  # optional groups
    groups = [tuple(match.split("|")) for match in re.findall(r"\(\?:([a-z|]+)\)", source)]
    alone = re.sub(r"\(\?:[^)]*\)", " ", source)
    return [*groups, *((word,) for word in re.findall(r"[a-z]{2,}", alone))]
