"""Parameters of a notebook: declared once in its `parameters` cell, parsed and checked before any work.

papermill warns about an unknown name and goes on, and passes lists and booleans of the command line as strings.
So every notebook's second cell says `p = check(globals())`, and from there on types and names are right.
"""

import ast
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import yaml

TYPES = {"str": str, "int": int, "float": float, "bool": bool}
INJECTED = "# Parameters"  # papermill's own first line of the cell that it inserts after ours


class ParameterError(ValueError):
    """A parameter that is unknown or of the wrong type; the message names it and what is valid."""


@dataclass(frozen=True)
class Declared:
    """One line `name: type = default  # help` of a parameters cell."""

    name: str
    type: str  # str, int, float, bool, list[int], ...
    default: Any


def declared(source: str) -> dict[str, Declared]:
    """Parameters declared in the source of a `parameters` cell, by name."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found[node.target.id] = Declared(node.target.id, ast.unparse(node.annotation), ast.literal_eval(node.value))
    return found


def assigned(source: str) -> list[str]:
    """Names that papermill's injected cell assigns."""
    return [
        target.id
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]


def parse(name: str, kind: str, value: Any) -> Any:
    """`value` as the declared type `kind`; strings of the command line are read as YAML ("true", "[1, 2]").

    Raises ParameterError naming the parameter, its type and the value.
    """
    if kind != "str" and isinstance(value, str):
        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError:
            value = str(value)
    if kind.startswith("list["):
        inner = kind.removeprefix("list[").removesuffix("]")
        if not isinstance(value, list):
            raise _wrong(name, kind, value)
        return [_scalar(f"{name}[{i}]", inner, item) for i, item in enumerate(value)]
    return _scalar(name, kind, value)


def _scalar(name: str, kind: str, value: Any) -> Any:
    wanted = TYPES[kind]
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if wanted is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    # bool is a subclass of int: seeds=True must not pass as 1.
    if type(value) is not wanted:
        raise _wrong(name, kind, value)
    return value


def _wrong(name: str, kind: str, value: Any) -> ParameterError:
    example = {"list[int]": '"[6, 60]"', "list[str]": "\"['7m']\"", "bool": "true", "int": "2"}.get(kind, "text")
    return ParameterError(
        f"parameter {name} must be {kind}, got {value!r}; for example -p {name.split('[')[0]} {example}"
    )


def check_names(names: list[str], known: Mapping[str, Declared]) -> None:
    """Raise ParameterError for the first name that the notebook does not declare, with the nearest that it does."""
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ParameterError(f"unknown parameter {name!r}: {hint}this notebook has {', '.join(known)}")


def check(namespace: Mapping[str, Any]) -> SimpleNamespace:
    """The notebook's parameters, parsed and checked. Call as `check(globals())` in the second cell.

    Reads IPython's `In`: the first cell run declares the parameters, papermill's injected cell follows it.
    """
    cells = [source for source in namespace["In"] if source.strip()]
    known = declared(cells[0])
    if not known:
        raise ParameterError("run the notebook from its first cell: the `parameters` cell was not the first one run")
    injected = cells[1] if len(cells) > 1 and cells[1].startswith(INJECTED) else ""
    check_names(assigned(injected), known)
    return SimpleNamespace(**{name: parse(name, one.type, namespace[name]) for name, one in known.items()})
