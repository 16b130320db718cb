"""From one line of the lexicon to the syntactic forms it can take.

    vp      finite verb phrase: "was born in {v}"
    pre     modifier before the subject: "Born in {v}, "
    post    modifier after a subject that is a noun phrase: ", who was born in {v},"
    tail    modifier at the end of the sentence: ", with {v} as {h} birthplace"
    clause  whole clause: "{v} is {g} birthplace"

Templates keep the slots of the lexicon, which `str.format` fills. A table per relations, tense and wording class is
built once; drawing from it takes a microsecond.
"""

import re
from bisect import bisect
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from random import Random

from false_promise.world.land.names import words
from false_promise.world.land.relations import RELATION
from false_promise.world.language import verbs
from false_promise.world.language.lexicon import PAIRED, SINGLE, Wording

# Always told in the past.
EVENTS = frozenset(words("birthplace birth_year mentor town_founded founder company_founded author published"))
LIVES = frozenset(("profession", "residence"))  # past or present, one for a whole paragraph
CATEGORIES = ("vp", "pre", "post", "tail", "clause")
BRACKET = re.compile(r"(\{v\} )?\[(\w+)\]")
NEEDS_NOUN = re.compile(r"\b(of|by|than) \{o\}")  # "the mouth of it" is no English


@dataclass
class Drawer:
    """Templates with weights; `draw` costs one random number and a bisection."""

    templates: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    cumulative: list[float] = field(default_factory=list)

    def add(self, template: str, weight: float) -> None:
        self.templates.append(template)
        self.weights.append(weight)

    def seal(self) -> "Drawer":
        self.cumulative = list(accumulate(self.weights))
        return self

    def draw(self, rng: Random) -> str:
        return self.templates[bisect(self.cumulative, rng.random() * self.cumulative[-1])]


@dataclass(frozen=True)
class Table:
    """One drawer a category; `pronoun_clause` holds the clauses whose subject may be a pronoun."""

    vp: Drawer
    pre: Drawer
    post: Drawer
    tail: Drawer
    clause: Drawer
    pronoun_clause: Drawer


@cache
def table(relations: tuple[str, ...], tense: str, held_out: bool, plural_value: bool) -> Table:
    """Forms of a relation or pair; `tense` is 'past' or 'present'; `plural_value` is about the value's agreement."""
    found = {category: Drawer() for category in (*CATEGORIES, "pronoun_clause")}
    lines = SINGLE[relations[0]] if len(relations) == 1 else PAIRED[relations]
    for wording in lines:
        if wording.held_out == held_out:
            for category, template, share in realise(wording, tense, plural_value):
                weight = share / (wording.rank % 12 + 4)
                found[category].add(template, weight)
                if category == "clause" and not NEEDS_NOUN.search(template):
                    found["pronoun_clause"].add(template, weight)
    return Table(**{category: drawer.seal() for category, drawer in found.items()})


def realise(wording: Wording, tense: str, plural_value: bool) -> list[tuple[str, str, float]]:
    """(category, template, share) of every form the wording can take."""
    maker = {"V": _verb, "Vn": _verb, "R": _role, "N": _noun, "C": _clause, "P": _modifier}[wording.shape]
    return maker(wording, _tenses(wording, tense), plural_value)


def _tenses(wording: Wording, tense: str) -> tuple[str, ...]:
    """Grammatical tenses a wording may take in a paragraph told in `tense`."""
    if wording.shape == "Vn":
        return ("present",)
    if wording.relations[0] in EVENTS:
        return ("past",)
    if wording.relations[0] in LIVES:
        return ("past",) if tense == "past" else ("present", "present", "perfect")
    return ("present",)


def _relative(wording: Wording) -> str:
    return "who" if RELATION[wording.relations[0]].kind == "person" else "which"


def finite(phrase: str, tense: str) -> str:
    """A verb phrase in a tense: finite("first _open {h} eyes in {v}", "past") == "first opened {h} eyes in {v}"."""
    if "_" not in phrase:
        phrase = "_" + phrase
    return re.sub(r"_(\w+)", lambda match: inflect(match[1], tense), phrase)


def inflect(lemma: str, tense: str) -> str:
    one = verbs.forms(lemma)
    return f"has {one.participle}" if tense == "perfect" else getattr(one, tense)


def gerund_phrase(wording: Wording) -> str | None:
    """The verb phrase as a modifier: "hailing from {v}", "having learnt ...", "born in {v}"; None if it sounds odd."""
    phrase = wording.phrase
    if phrase.startswith("be "):
        rest = phrase[3:]
        return None if rest.startswith(("{v}", "{a}")) and len(rest.split()) == 1 else rest
    past = wording.relations[0] in EVENTS and wording.shape == "V"
    marked = phrase if "_" in phrase else "_" + phrase
    if past:
        first = re.sub(r"_(\w+)", lambda match: verbs.forms(match[1]).participle, marked)
        return "having " + first
    return re.sub(r"_(\w+)", lambda match: verbs.forms(match[1]).gerund, marked)


def _verb(wording: Wording, tenses: tuple[str, ...], plural_value: bool) -> list[tuple[str, str, float]]:
    forms = []
    if wording.phrase.startswith("have "):
        tenses = tuple(tense for tense in tenses if tense != "perfect")  # "has had settled"
    for tense in tenses:
        phrase = finite(wording.phrase, tense)
        forms.append(("vp", phrase, 1.0 / len(tenses)))
        forms.append(("post", f", {_relative(wording)} {phrase},", 0.35 / len(tenses)))
    if modifier := gerund_phrase(wording):
        forms += [("pre", modifier + ", ", 1.0), ("post", f", {modifier},", 0.65)]
        if not wording.phrase.startswith("be ") and wording.relations[0] not in EVENTS:
            forms.append(("tail", f", {modifier}", 1.0))
    return forms


def _role(wording: Wording, tenses: tuple[str, ...], plural_value: bool) -> list[tuple[str, str, float]]:
    """A role is told in the past of people, in the present of everything else."""
    person = RELATION[wording.relations[0]].kind == "person"
    be = "was" if person and tenses[0] == "past" else "is"
    return [
        ("vp", f"{be} {wording.phrase}", 1.0),
        ("post", f", {wording.phrase},", 1.0),
        ("pre", f"{wording.phrase}, ", 0.7),
        ("pre", f"as {wording.phrase}, " if person else f"{wording.phrase}, ", 0.3),
        ("post", f", {_relative(wording)} {be} {wording.phrase},", 0.2),
    ]


def _noun(wording: Wording, tenses: tuple[str, ...], plural_value: bool) -> list[tuple[str, str, float]]:
    """ "Her birthplace is V", "V is her birthplace", "the birthplace of S is V", "whose ...", "with V as ..."."""
    noun, put = ([*wording.phrase.split(" = "), ""])[:2]
    forms = []
    copulas = ("is", "was") if wording.relations[0] in EVENTS else ("is",) if tenses[0] == "present" else ("was",)
    for be in copulas:
        share = 0.5 / len(copulas)
        value = put or "{v}"
        forms += [
            ("clause", f"{{g}} {noun} {be} {value}", share),
            ("clause", f"the {noun} of {{o}} {be} {value}", share),
        ]
        forms += [("post", f", whose {noun} {be} {value},", 0.4 / len(copulas))]
        if not put:
            agreeing = {"is": "are", "was": "were"}[be] if plural_value else be
            forms += [("clause", f"{{v}} {agreeing} {{g}} {noun}", share * 0.6)]
            forms += [("clause", f"{{v}} {agreeing} the {noun} of {{o}}", share * 0.6)]
    forms.append(("tail", f", {{h}} {noun} being {put or '{v}'}", 0.8))
    if not put:
        forms += [("tail", f", with {{v}} as {{h}} {noun}", 1.2), ("pre", f"with {{v}} as {{h}} {noun}, ", 0.7)]
        forms += [("vp", f"{inflect('have', tenses[0])} {{v}} as {{h}} {noun}", 0.4)]
    return forms


def _clause(wording: Wording, tenses: tuple[str, ...], plural_value: bool) -> list[tuple[str, str, float]]:
    tenses = tuple(tense for tense in tenses if tense != "perfect")
    return [("clause", _inflect_brackets(wording.phrase, tense, plural_value), 1.0 / len(tenses)) for tense in tenses]


def _inflect_brackets(phrase: str, tense: str, plural_value: bool) -> str:
    """Verbs directly after the value agree with it; all other subjects are singular or marked by hand."""

    def inflected(match: re.Match) -> str:
        before = match[1] or ""
        return before + (verbs.plural(match[2], tense) if before and plural_value else inflect(match[2], tense))

    return BRACKET.sub(inflected, phrase)


def _modifier(wording: Wording, tenses: tuple[str, ...], plural_value: bool) -> list[tuple[str, str, float]]:
    return [("pre", wording.phrase + ", ", 1.0), ("post", f", {wording.phrase},", 1.0)]
