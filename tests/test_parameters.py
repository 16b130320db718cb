"""Notebook parameters: parsing as papermill delivers them, and errors that name the way out."""

import pytest

from false_promise.parameters import ParameterError, assigned, check, declared, parse

CELL = (
    'scale: str = "smoke"  # which\nseeds: int = 1\nrate: float = 0.5\nplan_only: bool = False\npairs: list[int] = []\n'
)


def run(injected: str = "") -> object:
    """What IPython holds after the parameters cell, papermill's cell, and the cell that calls `check`."""
    namespace: dict = {}
    exec(CELL + injected, namespace)
    namespace["In"] = ["", CELL, *([f"# Parameters\n{injected}"] if injected else []), "p = check(globals())"]
    return check(namespace)


def test_defaults_and_command_line_strings():
    assert run().scale == "smoke"
    p = run('pairs = "[6, 60]"\nplan_only = "true"\nrate = 1\n')
    assert (p.pairs, p.plan_only, p.rate) == ([6, 60], True, 1.0)


def test_unknown_name_gives_the_nearest():
    with pytest.raises(ParameterError, match="'seed'.*did you mean 'seeds'"):
        run("seed = 2\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("seeds = True\n", "seeds must be int, got True"),
        ('seeds = "two"\n', "seeds must be int, got 'two'"),
        ('pairs = "[6, x]"\n', r"pairs\[1\] must be int, got 'x'"),
        ("pairs = 6\n", r"pairs must be list\[int\], got 6"),
        ('plan_only = "[1"\n', "plan_only must be bool"),
    ],
)
def test_wrong_types_name_parameter_and_value(line, message):
    with pytest.raises(ParameterError, match=message):
        run(line)


def test_a_notebook_run_from_its_middle_says_so():
    with pytest.raises(ParameterError, match="first cell"):
        check({"In": ["", "print(1)"]})


def test_declared_and_assigned():
    assert [one.type for one in declared(CELL).values()] == ["str", "int", "float", "bool", "list[int]"]
    assert assigned("# Parameters\na = 1\nb = [2]\n") == ["a", "b"]
    assert parse("name", "str", "true") == "true"
    assert parse("sizes", "list[str]", "['7m', '13m']") == ["7m", "13m"]
