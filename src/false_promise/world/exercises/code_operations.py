"""Primitive operations on lists, strings and numbers, and how they compose into a small function.

A composition is: where the elements come from, up to two conditions, one change of each element, and what becomes of
the result ("the sum of the squares of the even numbers greater than limit").
"""

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Operation:
    """`code` is an expression in x (an element) or values (a list); `phrases` put it into words around {}."""

    name: str
    code: str
    phrases: tuple[str, ...]
    result: str = ""  # for changes of strings: type of the new element, if not the same
    parameter: str = ""  # 'limit' or 'letter'


@dataclass(frozen=True)
class Source:
    """Where elements come from; `{a}` is the argument, `{n}` its plural noun."""

    name: str
    element: str  # 'number' | 'word' | 'character'
    arguments: tuple[str, ...]
    code: str
    noun: str
    within: str = ""  # follows the noun: " of {a}"


SOURCES = (
    Source("numbers", "number", ("numbers", "prices", "years", "lengths", "ages"), "{a}", "{a}"),
    Source("range", "number", ("n",), "range(1, {a} + 1)", "numbers", " from 1 to {a}"),
    Source("digits", "number", ("n", "number", "code"), "[int(d) for d in str({a})]", "digits", " of {a}"),
    Source("words", "word", ("words", "names", "towns", "titles"), "{a}", "{a}"),
    Source("sentence", "word", ("sentence", "line", "text"), "{a}.split()", "words", " of {a}"),
    Source("text", "character", ("text", "name", "title"), "{a}", "characters", " of {a}"),
)

# Conditions put before the noun, and after it.
ADJECTIVES = {
    "number": (
        Operation("even", "x % 2 == 0", ("even",)),
        Operation("odd", "x % 2 == 1", ("odd",)),
        Operation("positive", "x > 0", ("positive",)),
        Operation("negative", "x < 0", ("negative",)),
    ),
    "word": (
        Operation("lowercase", "x.islower()", ("lower-case", "small-letter")),
        Operation("capitalised", "x[0].isupper()", ("capitalised",)),
        Operation("palindromic", "x == x[::-1]", ("palindromic",)),
    ),
    "character": (
        Operation("vowel", 'x in "aeiou"', ("vowel",)),
        Operation("digit", "x.isdigit()", ("digit",)),
        Operation("uppercase", "x.isupper()", ("upper-case", "capital")),
        Operation("alphabetic", "x.isalpha()", ("alphabetic",)),
    ),
}
CLAUSES = {
    "number": (
        Operation("above", "x > limit", ("greater than limit", "above limit", "over limit"), parameter="limit"),
        Operation("below", "x < limit", ("less than limit", "below limit", "under limit"), parameter="limit"),
        Operation("threes", "x % 3 == 0", ("divisible by 3", "that are multiples of 3")),
        Operation("sevens", "x % 7 == 0", ("divisible by 7", "that are multiples of 7")),
        Operation("fives", "x % 5 == 0", ("divisible by 5", "that are multiples of 5")),
        Operation("other", "x != limit", ("other than limit", "different from limit"), parameter="limit"),
    ),
    "word": (
        Operation("longer", "len(x) > limit", ("longer than limit", "with more than limit letters"), parameter="limit"),
        Operation(
            "shorter", "len(x) < limit", ("shorter than limit", "with fewer than limit letters"), parameter="limit"
        ),
        Operation(
            "starting", "x.startswith(letter)", ("starting with letter", "that begin with letter"), parameter="letter"
        ),
        Operation("ending", "x.endswith(letter)", ("ending in letter", "that end with letter"), parameter="letter"),
        Operation("containing", "letter in x", ("containing letter", "that contain letter"), parameter="letter"),
    ),
    "character": (
        Operation("except", "x != letter", ("other than letter", "except letter"), parameter="letter"),
        Operation("after", "x > letter", ("that come after letter", "greater than letter"), parameter="letter"),
    ),
}
CHANGES = {
    "number": (
        Operation("doubled", "x * 2", ("the doubles of {}", "twice {}")),
        Operation("tripled", "x * 3", ("the triples of {}", "three times {}")),
        Operation("squared", "x * x", ("the squares of {}",)),
        Operation("increased", "x + 1", ("the successors of {}",)),
        Operation("decreased", "x - 1", ("the predecessors of {}",)),
        Operation("halved", "x // 2", ("the halves, rounded down, of {}",)),
        Operation("negated", "-x", ("the negatives of {}",)),
        Operation("last_digit", "x % 10", ("the last digits of {}", "the remainders by 10 of {}")),
        Operation("absolute", "abs(x)", ("the absolute values of {}",)),
    ),
    "word": (
        Operation("upper", "x.upper()", ("the upper-case forms of {}", "the capital-letter forms of {}")),
        Operation("initial", "x[0]", ("the first letters of {}", "the initials of {}")),
        Operation("final", "x[-1]", ("the last letters of {}",)),
        Operation("reversed", "x[::-1]", ("the reversed forms of {}", "the mirror images of {}")),
        Operation("start", "x[:2]", ("the first two letters of {}",)),
        Operation("tail", "x[1:]", ("the remainders, without the first letter, of {}",)),
        Operation("swapped", "x.swapcase()", ("the case-swapped forms of {}",)),
        Operation("length", "len(x)", ("the lengths of {}",), result="number"),
        Operation("repeated", "x + x", ("the doubled forms of {}",)),
    ),
    "character": (
        Operation("upper", "x.upper()", ("the upper-case forms of {}",)),
        Operation("repeated", "x + x", ("the doubled forms of {}",)),
        Operation("code", "ord(x)", ("the character codes of {}",), result="number"),
    ),
}
STRINGS = (
    Operation("list", "values", ("a list of {}", "{} as a list")),
    Operation("sorted", "sorted(values)", ("{} in alphabetical order", "{} sorted alphabetically")),
    Operation("joined", '"".join(values)', ("{} joined to one string", "{} as one string")),
    Operation("dashed", '"-".join(values)', ("{} joined by dashes", "{} with dashes between them")),
    Operation("first", 'min(values, default="")', ('the alphabetically first of {}, or "" if there are none',)),
    Operation("last", 'max(values, default="")', ('the alphabetically last of {}, or "" if there are none',)),
    Operation("backwards", "values[::-1]", ("a list of {} in reverse order", "{} from last to first")),
    Operation("count", "len(values)", ("the number of {}", "the count of {}"), result="count"),
    Operation("distinct", "len(set(values))", ("the number of different values among {}",)),
)
AGGREGATES = {
    "number": (
        Operation("list", "values", ("a list of {}", "{} as a list")),
        Operation("sum", "sum(values)", ("the sum of {}", "the total of {}")),
        Operation("largest", "max(values, default=0)", ("the largest of {}, or 0 if there are none",)),
        Operation("smallest", "min(values, default=0)", ("the smallest of {}, or 0 if there are none",)),
        Operation("sorted", "sorted(values)", ("{} in ascending order", "{} sorted from small to large")),
        Operation("descending", "sorted(values, reverse=True)", ("{} in descending order",)),
        Operation("backwards", "values[::-1]", ("a list of {} in reverse order", "{} from last to first")),
        Operation("count", "len(values)", ("the number of {}", "the count of {}"), result="count"),
        Operation("distinct", "len(set(values))", ("the number of different values among {}",)),
    ),
    "word": (
        *STRINGS,
        Operation("longest", 'max(values, key=len, default="")', ('the longest of {}, or "" if there are none',)),
        Operation("shortest", 'min(values, key=len, default="")', ('the shortest of {}, or "" if there are none',)),
    ),
    "character": STRINGS,
}


@dataclass(frozen=True)
class Composition:
    source: Source
    adjective: Operation | None
    clause: Operation | None
    change: Operation | None
    aggregate: Operation

    @property
    def name(self) -> str:
        """Identity, e.g. "numbers/even/above/squared/sum"."""
        parts = (self.adjective, self.clause, self.change)
        return "/".join([self.source.name, *(part.name if part else "-" for part in parts), self.aggregate.name])

    @property
    def parameter(self) -> str:
        return self.clause.parameter if self.clause else ""

    @property
    def size(self) -> int:
        """Number of operations, the plain list not counted."""
        return sum(part is not None for part in (self.adjective, self.clause, self.change)) + (
            self.aggregate.name != "list"
        )


NATURAL_SOURCES = ("range", "digits")
POINTLESS_FOR_NATURALS = ("positive", "negative", "absolute")


@cache
def all_compositions() -> tuple[Composition, ...]:
    """Every meaningful composition: something happens, and nothing is changed only to be counted."""
    found = []
    for source in SOURCES:
        for adjective in (None, *ADJECTIVES[source.element]):
            for clause in (None, *CLAUSES[source.element]):
                for change in (None, *CHANGES[source.element]):
                    element = (change.result if change else "") or source.element
                    found += [Composition(source, adjective, clause, change, a) for a in AGGREGATES[element]]
    return tuple(composition for composition in found if _is_meaningful(composition))


def _is_meaningful(composition: Composition) -> bool:
    adjective, change = composition.adjective, composition.change
    names = {part.name for part in (adjective, change) if part}
    if composition.source.name in NATURAL_SOURCES and not names.isdisjoint(POINTLESS_FOR_NATURALS):
        return False
    return composition.size > 0 and not (change and composition.aggregate.name == "count")


@cache
def _function(code: str):  # noqa: ANN202 - a lambda over one of our own expressions above
    return eval(f"lambda x=None, values=None, limit=None, letter=None: {code}")  # noqa: S307


def elements_of(source: Source, argument: object) -> list:
    """The elements an argument yields, as the source's code does."""
    if source.name == "range":
        return list(range(1, argument + 1))
    if source.name == "digits":
        return [int(digit) for digit in str(argument)]
    return argument.split() if source.name == "sentence" else list(argument)


def evaluate(composition: Composition, argument: object, parameter: object = None) -> object:
    """The value of the composition, computed step by step: independent of the source text that `code.py` writes."""
    given = {composition.parameter: parameter} if composition.parameter else {}
    values = elements_of(composition.source, argument)
    for condition in (composition.adjective, composition.clause):
        if condition:
            values = [x for x in values if _function(condition.code)(x=x, **given)]
    if composition.change:
        values = [_function(composition.change.code)(x=x) for x in values]
    return _function(composition.aggregate.code)(values=values)
