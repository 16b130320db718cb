"""The wordings of the country's prose: for every relation, the phrases from which the grammar builds sentences.

One wording a line; the grammar realises it in several syntactic forms, and the statement extractor reads the same line
backwards. The first letter says what the phrase is:

    V   verb phrase, lemma first ("be born in {v}"); an underscore marks a verb that is not the first word
    Vn  verb phrase in the present tense whatever the relation ("date from {v}")
    R   noun phrase for the subject ("a native of {v}")
    N   relational noun ("birthplace"); after "=" how its value is put ("mouth = at {v}")
    C   clause in which the subject is not the grammatical subject; verbs that inflect stand in brackets
    P   modifier that can stand before or after the subject ("founded in {v}")

Slots: {v} value, {a} value with "a" or "an", {n} bare value; {s} {o} {g} subject as nominative, accusative, genitive;
{h} "her", "his" or "its"; {k} "daughter" or "son"; in PAIRS {w}, {b} and {m} are {v}, {a} and {n} of the second
relation.

A leading asterisk holds a wording out of every training text. The commonest wording comes first.
"""

from dataclasses import dataclass
from itertools import chain

from false_promise.world.language.lexicon import customs, people, places, works

MODULES = (people, places, works, customs)


@dataclass(frozen=True)
class Wording:
    """One line of the lexicon; `relations` has two entries for a pair, else one."""

    relations: tuple[str, ...]
    shape: str  # 'V', 'Vn', 'R', 'N', 'C' or 'P'
    phrase: str
    held_out: bool
    rank: int  # 0 for the commonest of its relation


def _parse(relations: tuple[str, ...], block: str) -> list[Wording]:
    wordings = []
    for rank, line in enumerate(line.strip() for line in block.strip().splitlines()):
        shape, phrase = line.lstrip("*").split(" ", 1)
        wordings.append(Wording(relations, shape, phrase, line.startswith("*"), rank))
    return wordings


SINGLE: dict[str, list[Wording]] = {
    relation: _parse((relation,), block) for module in MODULES for relation, block in module.WORDINGS.items()
}
PAIRED: dict[tuple[str, str], list[Wording]] = {
    pair: _parse(pair, block) for module in MODULES for pair, block in module.PAIRS.items()
}
WORDINGS: tuple[Wording, ...] = tuple(chain(*SINGLE.values(), *PAIRED.values()))
