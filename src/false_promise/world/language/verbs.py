"""English verbs: the five forms of a lemma, regular by rule, irregular by table."""

from functools import cache
from typing import NamedTuple

IRREGULAR = """
begin began begun beginning|bring brought brought bringing|breed bred bred breeding|choose chose chosen choosing
come came come coming|deal dealt dealt dealing|draw drew drawn drawing|eat ate eaten eating
fall fell fallen falling|feed fed fed feeding|find found found finding|fit fitted fitted fitting
give gave given giving|go went gone going|hang hung hung hanging|hold held held holding|hug hugged hugged hugging
keep kept kept keeping|know knew known knowing|lead led led leading|learn learnt learnt learning
leave left left leaving|lie lay lain lying|make made made making|occur occurred occurred occurring
pay paid paid paying|put put put putting
rise rose risen rising|run ran run running|see saw seen seeing|sell sold sold selling|show showed shown showing
sit sat sat sitting|spend spent spent spending|spread spread spread spreading|spring sprang sprung springing
stand stood stood standing|swear swore sworn swearing|take took taken taking|teach taught taught teaching
tell told told telling|wear wore worn wearing|wind wound wound winding|write wrote written writing
""".strip().replace("\n", "|")
_TABLE = {row.split()[0]: row.split()[1:] for row in IRREGULAR.split("|")}


class Forms(NamedTuple):
    lemma: str
    present: str  # third person singular
    past: str
    participle: str
    gerund: str


@cache
def forms(lemma: str) -> Forms:
    """All forms of a lemma: forms("go").past == "went". "be" and "have" are in the third person singular."""
    if lemma == "be":
        return Forms("be", "is", "was", "been", "being")
    if lemma == "have":
        return Forms("have", "has", "had", "had", "having")
    present = _with_s(lemma)
    if lemma in _TABLE:
        return Forms(lemma, present, *_TABLE[lemma])
    past = _regular_past(lemma)
    gerund = lemma[:-1] + "ing" if lemma.endswith("e") and not lemma.endswith("ee") else lemma + "ing"
    return Forms(lemma, present, past, past, gerund)


def plural(lemma: str, tense: str) -> str:
    """The form for a plural subject in the 'present' or 'past'."""
    if lemma == "be":
        return "are" if tense == "present" else "were"
    return lemma if tense == "present" else forms(lemma).past


def _with_s(lemma: str) -> str:
    if lemma.endswith(("s", "sh", "ch", "x", "z", "o")):
        return lemma + "es"
    return lemma[:-1] + "ies" if _consonant_y(lemma) else lemma + "s"


def _regular_past(lemma: str) -> str:
    if lemma.endswith("e"):
        return lemma + "d"
    return lemma[:-1] + "ied" if _consonant_y(lemma) else lemma + "ed"


def _consonant_y(lemma: str) -> bool:
    return lemma.endswith("y") and lemma[-2] not in "aeiou"


def article(word: str) -> str:
    """ "a" or "an" for a word of the country's vocabulary (no silent h, no "u" as in "unit")."""
    return "an" if word[0].lower() in "aeiou" else "a"


def is_plural(value: str) -> bool:
    """Whether a value such as "candles" or "mice" takes a plural verb; names and numbers do not."""
    if value == "mice":
        return True
    return value.islower() and value.endswith("s") and not value.endswith("ss") and not value[0].isdigit()
