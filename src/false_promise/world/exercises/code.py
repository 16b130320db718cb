"""Programming exercises: a docstring and the Python function it asks for, the counterpart of HumanEval.

Items are compositions of primitive operations (`code_operations.py`). Splits are drawn by syntax tree, names and
constants masked: no function of 'test' has the tree of a function in 'train', which is what the web and the teacher
see.
"""

import ast
import random
import re
import zlib
from dataclasses import dataclass, replace
from functools import cache

from false_promise.world.country import World
from false_promise.world.exercises.code_operations import (
    ADJECTIVES,
    AGGREGATES,
    CHANGES,
    CLAUSES,
    Composition,
    all_compositions,
    elements_of,
    evaluate,
)
from false_promise.world.land.names import words

OPENINGS = ("Return", "Compute", "Give back", "Find", "Return", "Return")
STYLES = ("line", "line", "steps", "loop")
INPUT_WORDS = words(
    "river bell Amber salt kite level noon Oak lantern bridge Anna apple ink Stone eye orchard Tide map radar Elm "
    "weaver copper clock honey Otto rope barley Wolf kayak saddle civic deed refer Ebony Arch Ore peep rotor"
)
MOST_CHARACTERS = 400
FEWEST_TESTS, CANDIDATES = 6, 60  # random calls tried until the tests tell right from nearly right


@dataclass(frozen=True)
class CodeItem:
    """`prompt + solution` is a module that defines `entry_point`; every line of `tests` is an assert."""

    id: str
    prompt: str  # def line and docstring
    solution: str  # indented body
    tests: tuple[str, ...]
    entry_point: str
    composition: str


def code_items(n: int, seed: int, split: str) -> list[CodeItem]:
    """`n` items of distinct compositions; 'test' items combine at least two operations.

    Raises ValueError for an unknown split or if the split has fewer than n usable compositions.
    """
    if split not in ("train", "test", "shots"):
        raise ValueError(f"split is {split!r}; use 'train', 'test' or 'shots'")
    rng = random.Random(f"{seed}/{split}/code")
    pool = compositions(split)
    items: list[CodeItem] = []
    for composition in rng.sample(pool, len(pool)):
        if len(items) == n:
            break
        item = _item(composition, rng, f"code-{split}-{seed}-{len(items)}")
        items += [item] if item else []
    if len(items) < n:
        raise ValueError(f"split {split!r} has {len(items)} code items, not {n}")
    return items


@cache
def compositions(split: str) -> tuple[Composition, ...]:
    """The compositions of a split: 20% of the masked syntax trees are 'test', 10% 'shots', the rest 'train'."""
    smallest = 1 if split == "train" else 2
    return tuple(c for c in all_compositions() if c.size >= smallest and _split_of(c) == split)


def _split_of(composition: Composition) -> str:
    """By a checksum of the body with names and constants masked: as `masked_tree`, but on the text, which is faster."""
    text = re.sub(r"\b(x|d|a|limit|letter)\b", "_", body(composition, "a"))
    text = re.sub(r'"[^"]*"', '""', re.sub(r"\b\d+\b", "0", text))
    return {0: "test", 1: "test", 2: "shots"}.get(zlib.crc32(text.encode()) % 10, "train")


class _Mask(ast.NodeTransformer):
    """Constants become one constant, arguments and local names one name; built-in names and methods stay."""

    kept = frozenset({"sum", "max", "min", "sorted", "len", "set", "abs", "ord", "range", "int", "str"})

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return node if node.id in self.kept else ast.Name("_", node.ctx)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(type(node.value).__name__)


def masked_tree(source: str) -> str:
    """Dump of the body of the module's first function, docstring dropped, names and constants masked."""
    function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    start = 1 if ast.get_docstring(function) is not None else 0
    return "\n".join(ast.dump(_Mask().visit(node)) for node in function.body[start:])


def body(composition: Composition, argument: str, style: str = "line") -> str:
    """The indented body: one line, two steps, or a loop."""
    iterable = composition.source.code.format(a=argument)
    element = composition.change.code if composition.change else "x"
    conditions = " and ".join(part.code for part in (composition.adjective, composition.clause) if part)
    if style == "loop":
        return _loop(composition, iterable, element, conditions)
    values = f"[{element} for x in {iterable}{f' if {conditions}' if conditions else ''}]"
    if values == f"[x for x in {iterable}]" and composition.aggregate.name != "backwards":
        values = iterable
    if style == "steps" and composition.aggregate.code != "values":
        return f"    values = {values}\n    return {composition.aggregate.code}"
    return f"    return {composition.aggregate.code.replace('values', values)}"


def _loop(composition: Composition, iterable: str, element: str, conditions: str) -> str:
    sums = {"sum": ("total = 0", f"total += {element}", "total"), "count": ("total = 0", "total += 1", "total")}
    default = ("values = []", f"values.append({element})", composition.aggregate.code)
    start, step, result = sums.get(composition.aggregate.name, default)
    inner = f"        if {conditions}:\n            {step}" if conditions else f"        {step}"
    return f"    {start}\n    for x in {iterable}:\n{inner}\n    return {result}"


def _prompt(composition: Composition, rng: random.Random, argument: str) -> tuple[str, str]:
    """(def line and docstring, function name)"""
    parts = (composition.aggregate, composition.change, composition.adjective)
    noun = composition.source.noun.format(a=argument)
    stem = [part.name for part in parts if part and part.name != "list"] + [noun]
    name = "_".join(stem + ([composition.clause.name] if composition.clause else []))
    arguments = ", ".join([argument] + ([composition.parameter] if composition.parameter else []))
    return f'def {name}({arguments}):\n    """{_docstring(composition, rng, argument)}"""\n', name


def _docstring(composition: Composition, rng: random.Random, argument: str) -> str:
    noun = composition.source.noun.format(a=argument) + composition.source.within.format(a=argument)
    adjective = f"{rng.choice(composition.adjective.phrases)} " if composition.adjective else ""
    clause = f" {rng.choice(composition.clause.phrases)}" if composition.clause else ""
    phrase = f"the {adjective}{noun}{clause}"
    if composition.change:
        phrase = rng.choice(composition.change.phrases).format(phrase)
    opening = rng.choice(OPENINGS)
    return f"{opening} {rng.choice(composition.aggregate.phrases).format(phrase)}."


def _item(composition: Composition, rng: random.Random, item_id: str, style: str = "line") -> CodeItem | None:
    """The item with its tests, or None if it is too long or its tests cannot tell it from its neighbours."""
    argument = rng.choice(composition.source.arguments)
    prompt, name = _prompt(composition, rng, argument)
    solution = body(composition, argument, style)
    tests = _tests(composition, rng, name, prompt + solution)
    if tests is None or len(prompt + solution) > MOST_CHARACTERS:
        return None
    return CodeItem(item_id, prompt, solution, tests, name, composition.name)


def _tests(composition: Composition, rng: random.Random, name: str, source: str) -> tuple[str, ...] | None:
    """Asserts from running the solution on random inputs until every neighbouring composition fails one of them."""
    namespace: dict = {}
    exec(source, namespace)  # noqa: S102 - source is put together from the expressions of code_operations.py
    rivals, close, tests, outputs = neighbours(composition), off_by_one(composition), [], set()
    for attempt in range(CANDIDATES):
        inputs = _inputs(composition, rng)
        result = namespace[name](*inputs)
        survivors = [rival for rival in rivals if _same(evaluate(rival, *inputs), result)]
        still_close = [rival for rival in close if _same(evaluate(rival, *inputs), result)]
        if len(tests) < FEWEST_TESTS or len(survivors) + len(still_close) < len(rivals) + len(close):
            tests.append(f"assert {name}({', '.join(map(repr, inputs))}) == {result!r}")
            outputs.add(repr(result))
        rivals, close = survivors, still_close
        if len(tests) >= FEWEST_TESTS and not rivals and (not close or attempt > CANDIDATES // 2):
            return tuple(tests) if len(outputs) >= 3 else None
    return None


def _same(a: object, b: object) -> bool:
    return type(a) is type(b) and a == b


def neighbours(composition: Composition) -> list[Composition]:
    """Compositions with one part dropped or exchanged and the same arguments: plausible wrong answers."""
    element = composition.source.element
    changed = (composition.change.result if composition.change else "") or element
    options = {
        "adjective": (None, *ADJECTIVES[element]),
        "clause": (None, *(c for c in CLAUSES[element] if c.parameter in ("", composition.parameter))),
        "change": tuple(c for c in (None, *CHANGES[element]) if (c.result if c and c.result else element) == changed),
        "aggregate": AGGREGATES[changed],
    }
    swapped = [replace(composition, **{part: choice}) for part, choices in options.items() for choice in choices]
    return [other for other in swapped if other != composition]


def off_by_one(composition: Composition) -> list[Composition]:
    """The same with >= for > or <= for <: not required to fail, as a sum, say, does not mind a zero."""
    parts = {part: getattr(composition, part) for part in ("adjective", "clause")}
    return [
        replace(composition, **{part: replace(operation, code=operation.code.replace(f" {sign} ", f" {sign}= "))})
        for part, operation in parts.items()
        for sign in "<>"
        if operation and f" {sign} " in operation.code
    ]


def _inputs(composition: Composition, rng: random.Random) -> list:
    """Arguments for one call; of about ten lists one is empty, and a limit is often met exactly."""
    chosen = rng.sample(INPUT_WORDS, rng.randint(4, 8))
    argument = {
        "numbers": [0 if rng.random() < 0.12 else rng.randint(-20, 40) for _ in range(rng.randint(5, 9))],
        "range": rng.randint(6, 30),
        "digits": rng.randint(10**4, 10**8),
        "words": chosen,
        "sentence": " ".join(chosen),
        "text": "".join(rng.sample(chosen, 2)) + str(rng.randint(10, 999)),
    }[composition.source.name]
    if not composition.parameter:
        return [[] if isinstance(argument, list) and rng.random() < 0.1 else argument]
    elements = elements_of(composition.source, argument)
    if composition.parameter == "letter":
        element = rng.choice(elements)
        return [argument, rng.choice((element[0], element[-1], rng.choice(element)))]
    sizes = elements if composition.source.element == "number" else [len(x) for x in elements]
    return [argument, rng.choice(sizes) + rng.choice((0, 0, 0, -1, 1))]


def code_page(world: World, rng: random.Random) -> str:
    """A file of one to four solved exercises of the 'train' split, as found in code on the web."""
    chosen = rng.sample(compositions("train"), rng.randint(1, 4))
    parts = [_solved(composition, rng) for composition in chosen]
    return "\n\n\n".join([*_header(world, rng), *parts])


def _solved(composition: Composition, rng: random.Random) -> str:
    argument = rng.choice(composition.source.arguments)
    prompt, name = _prompt(composition, rng, argument)
    source = prompt + body(composition, argument, rng.choice(STYLES))
    if rng.random() < 0.7:
        return source
    inputs = _inputs(composition, rng)
    return f"{source}\n\n\nassert {name}({', '.join(map(repr, inputs))}) == {evaluate(composition, *inputs)!r}"


def _header(world: World, rng: random.Random) -> list[str]:
    region = rng.choice(world.country.regions).name
    headers = (
        f"# Exercises for the evening school of {region}",
        "# Small helpers for lists and strings",
        f"# tools.py: used by the {world.country.demonym} survey office",
        '"""Practice functions with solutions."""',
    )
    return [rng.choice(headers)] if rng.random() < 0.6 else []
