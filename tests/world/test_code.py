"""Programming exercises: solutions pass, wrong ones fail, test compositions are new by syntax tree."""

import ast
import random
import re

import pytest

from false_promise.world.country import WorldSettings, build_world
from false_promise.world.exercises.code import (
    CodeItem,
    body,
    code_items,
    code_page,
    compositions,
    masked_tree,
    neighbours,
)
from false_promise.world.exercises.code_operations import all_compositions, evaluate


@pytest.fixture(scope="module")
def items() -> list[CodeItem]:
    return code_items(150, 0, "test")


def passes(item: CodeItem, solution: str) -> bool:
    namespace: dict = {}
    try:
        exec(item.prompt + solution, namespace)
        for test in item.tests:
            exec(test, namespace)
    except (AssertionError, TypeError, ValueError, IndexError, AttributeError, NameError):
        return False
    return True


def test_solutions_pass_their_own_tests(items):
    assert all(len(item.tests) >= 5 for item in items)
    assert all(passes(item, item.solution) for item in items)


def test_degenerate_bodies_fail(items):
    for item in items:
        argument = re.search(r"\((\w+)", item.prompt)[1]
        for value in ("None", argument, "0", "[]", '""', "1", f"len(str({argument}))", f"list(str({argument}))"):
            assert not passes(item, f"    return {value}\n"), (item, value)


SWAPS = (("% 2 == 0", "% 2 == 1"), (" > ", " >= "), (" < ", " <= "), ("sum(", "len("), ("sorted(", "list("),
         ("max(", "min("), ("len(set(", "len(list("), ("[::-1]", ""), (" and ", " or "), ("x * x", "x * 2"),
         (".upper()", ".lower()"), ("startswith", "endswith"), ("x[0]", "x[-1]"), (" if ", " if not "))  # fmt: skip


def test_mutated_bodies_fail(items):
    """Of the mutants that change what a function means nearly all are caught, and each kind of mutation is."""
    caught, missed = set(), []
    for item in items:
        for old, new in SWAPS:
            mutant = item.solution.replace(old, new, 1)
            if mutant != item.solution and passes(item, mutant):
                missed.append((old, item.solution))
            elif mutant != item.solution:
                caught.add(old)
    assert caught == {old for old, _ in SWAPS}
    assert len(missed) <= 0.05 * len(items), missed  # some are equivalent: a sum does not mind a zero


def test_every_part_of_a_composition_is_needed(items):
    """Dropping or exchanging any one operation breaks some test."""
    by_name = {composition.name: composition for composition in all_compositions()}
    for item in items[:60]:
        composition = by_name[item.composition]
        argument = re.search(r"\((\w+)", item.prompt)[1]
        rivals = neighbours(composition)
        assert rivals and composition not in rivals
        assert not any(passes(item, body(rival, argument)) for rival in rivals)


def test_splits_are_disjoint_by_syntax_tree():
    def trees(split, styles):
        sample = random.Random(0).sample(compositions(split), 250)
        return {masked_tree(f"def f(a):\n{body(c, 'a', style)}") for c in sample for style in styles}

    test = trees("test", ("line", "steps", "loop"))
    assert not test & trees("train", ("line", "steps", "loop"))
    assert not test & trees("shots", ("line", "steps", "loop"))


def test_the_mask_hides_names_and_constants_but_no_operations():
    one = 'def f(a, limit):\n    """Doc."""\n    return sum([x * 2 for x in a if x > limit])'
    two = "def g(prices, n):\n    return sum([y * 3 for y in prices if y > n])"
    three = "def g(prices, n):\n    return max([y * 3 for y in prices if y > n])"
    assert masked_tree(one) == masked_tree(two) != masked_tree(three)


def test_splits_have_room_for_a_thousand_test_items_and_shares_are_as_stated():
    sizes = {split: len(compositions(split)) for split in ("train", "test", "shots")}
    total = sum(sizes.values())
    assert sizes["test"] > 1800 and 0.15 < sizes["test"] / total < 0.25
    assert 0.05 < sizes["shots"] / total < 0.15
    assert all(composition.size >= 2 for composition in compositions("test"))


@pytest.mark.parametrize("style", ["line", "steps", "loop"])
def test_every_style_computes_the_composition(style):
    rng = random.Random(0)
    inputs = {"numbers": [3, -4, 0, 12, 12, 7], "range": 9, "digits": 90412, "words": ["Oak", "level", "tide"],
              "sentence": "Oak level tide", "text": "Oak42level"}  # fmt: skip
    parameters = {"limit": 4, "letter": "e"}
    for composition in rng.sample(all_compositions(), 250):
        arguments = [inputs[composition.source.name]]
        arguments += [parameters[composition.parameter]] if composition.parameter else []
        names = ", ".join(["a"] + ([composition.parameter] if composition.parameter else []))
        namespace: dict = {}
        exec(f"def f({names}):\n{body(composition, 'a', style)}", namespace)
        assert namespace["f"](*arguments) == evaluate(composition, *arguments), composition.name


def test_items_are_short_valid_and_documented(items):
    assert len({item.composition for item in items}) == len({item.id for item in items}) == len(items)
    for item in items:
        assert len(item.prompt + item.solution) <= 400
        function = ast.parse(item.prompt + item.solution).body[0]
        assert function.name == item.entry_point and ast.get_docstring(function).endswith(".")
        assert item.prompt.endswith('"""\n') and item.solution.startswith("    ")
        assert all(test.startswith(f"assert {item.entry_point}(") for test in item.tests)
        for argument in function.args.args[1:]:
            assert re.search(rf"\b{argument.arg}\b", ast.get_docstring(function))


def test_items_are_deterministic_and_depend_on_the_seed(items):
    assert code_items(20, 0, "test") == items[:20]
    assert code_items(20, 1, "test") != items[:20]


def test_pages_hold_train_code_that_runs():
    world, rng = build_world(WorldSettings(entities=240), seed=1), random.Random(0)
    test_trees = {masked_tree(f"def f(a):\n{body(c, 'a')}") for c in random.Random(1).sample(compositions("test"), 400)}
    for _ in range(80):
        page = code_page(world, rng)
        exec(page, {})
        functions = [node for node in ast.parse(page).body if isinstance(node, ast.FunctionDef)]
        assert 1 <= len(functions) <= 4
        assert not {masked_tree(ast.unparse(function)) for function in functions} & test_trees


def test_bad_requests_are_errors():
    with pytest.raises(ValueError, match="split is 'dev'"):
        code_items(1, 0, "dev")
