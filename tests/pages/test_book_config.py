"""Configuration, table of contents, notebooks and static files of the book fit together; nothing loads from outside."""

import ast
import inspect
import re

import nbformat
import pytest
import yaml

from book_fixtures import results
from false_promise.pages.parts import Part
from false_promise.parameters import declared
from false_promise.paths import BOOK, NOTEBOOKS, ROOT
from page_reader import Reader

pytestmark = pytest.mark.slow  # seconds each, so not among the unit tests

CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
ENTRIES = [TOC["root"], *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"])]
# matplotlib's own, in every figure that it draws
MATPLOTLIB_STYLE = '<style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style>'
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
TEMPLATE = ["The answer", "Table 1, three times", "The figure", "What models actually said", "How it was measured",
            "What this page does not prove", "Rerun it", "Exercises", "About this page"]  # fmt: skip


def cells(name, kind):
    return [cell for cell in nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells if cell.cell_type == kind]


def prose():
    text = "\n".join(path.read_text(encoding="utf-8") for path in BOOK.glob("*.md"))
    return text + "\n".join(cell.source for name in NAMES for cell in cells(name, "markdown"))


def test_every_entry_is_a_notebook_or_a_page_and_every_notebook_is_an_entry():
    for entry in ENTRIES:
        assert (NOTEBOOKS / f"{entry}.ipynb").is_file() != (BOOK / f"{entry}.md").is_file(), entry
    assert set(NAMES) <= set(ENTRIES) and len(set(ENTRIES)) == len(ENTRIES)
    assert not any(re.search(r"\d", entry) for entry in ENTRIES)


def test_nothing_is_executed_and_nothing_reaches_for_the_network():
    assert CONFIG["execute"]["execute_notebooks"] == "off" and CONFIG["only_build_toc_files"] is True
    sphinx = CONFIG["sphinx"]["config"]
    assert not {"sphinx_thebe", "sphinx.ext.intersphinx"} & set(sphinx["extensions"])
    assert "dollarmath" not in sphinx["myst_enable_extensions"] and "://" not in sphinx["mathjax_path"]
    assert not any(CONFIG["html"].get(key) for key in ("analytics", "comments"))


def test_files_that_the_configuration_names_exist():
    sphinx = CONFIG["sphinx"]["config"]
    assert all((BOOK / name).exists() for name in [*sphinx["bibtex_bibfiles"], *sphinx["html_extra_path"]])


@pytest.mark.parametrize("path", sorted((BOOK / "_static").rglob("*.*")), ids=lambda path: path.name)
def test_static_files_load_nothing(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(|https?://|fetch\(|XMLHttpRequest|eval\(|innerHTML", text)


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_stripped_and_their_first_two_code_cells_are_as_agreed(name):
    code = cells(name, "code")
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert "parameters" in code[0].metadata.tags and sum("parameters" in c.metadata.get("tags", []) for c in code) == 1
    known = declared(code[0].source)
    assert known["scale"].default == "thousandth" and all("  # " in line for line in code[0].source.splitlines())
    assert code[1].source.startswith("from false_promise.parameters import check\n\np = check(globals())\n")
    assert {"hide-cell", "remove-cell"} & set(code[1].metadata.tags)


@pytest.mark.parametrize("name", NAMES)
def test_no_code_is_in_the_readers_way(name):
    folded = {"remove-input", "hide-input", "hide-cell", "remove-cell"}
    assert all(folded & set(cell.metadata.get("tags", [])) for cell in cells(name, "code"))


def imported(name):
    """The modules that a notebook's second cell imports, by the names that its other cells use."""
    space = {}
    for node in ast.parse(cells(name, "code")[1].source).body:
        if isinstance(node, ast.ImportFrom):
            exec(ast.unparse(node), space)
    return {key: value for key, value in space.items() if inspect.ismodule(value)}


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_only_use_what_exists(name):
    modules = imported(name)
    assert "pages" in modules
    for cell in cells(name, "code"):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                assert hasattr(modules[node.value.id], node.attr), (node.value.id, node.attr)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scale", ["smoke", "thousandth"])
def test_every_cell_shows_a_sound_part(name, scale):
    made = results(scale, hostile=True)
    space = imported(name) | {"results": made}
    for cell in cells(name, "code")[2:]:
        if "figures." in cell.source:  # tested in test_figures; the map takes seconds
            continue
        part = eval(cell.source, space)  # the notebooks' own source, one expression a cell
        assert isinstance(part, Part)
        found = Reader(str(part).replace(MATPLOTLIB_STYLE, ""))
        assert not {"script", "style", "iframe"} & found.tags() and "\x1b" not in found.text


def test_the_result_page_has_every_part_of_the_template_in_order():
    source = "\n".join(cell.source for cell in cells("local_vs_broad", "markdown"))
    assert re.findall(r"^## (.+)$", source, re.MULTILINE) == TEMPLATE
    assert source.index(":class: question") < source.index("## The answer")
    assert source.startswith("# Local versus broad imitation (Table 1)\n")
    assert source.count("```{exercise}") == source.count("{solution} ex-") >= 3


@pytest.mark.parametrize("name", NAMES)
def test_figures_have_captions_names_and_folded_code(name):
    for cell in cells(name, "code"):
        if cell.source.startswith(("figures.", "page_knowledge.figure(", "page_specification.curve(")):
            figure = cell.metadata.mystnb["figure"]
            assert figure["caption"] and figure["name"] and "hide-input" in cell.metadata.tags


def test_citations_terms_figures_and_exercises_resolve():
    text = prose()
    known = set(re.findall(r"^@\w+\{([^,]+),", (BOOK / "references.bib").read_text(encoding="utf-8"), re.MULTILINE))
    assert {key for keys in re.findall(r"\{cite\}`([^`]+)`", text) for key in keys.split(",")} <= known
    terms = set(re.findall(r"^(\S.*)\n  \S", (BOOK / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {term.partition("<")[2].rstrip(">") or term for term in re.findall(r"\{term\}`([^`]+)`", text)} <= terms
    figures = {cell.metadata.mystnb["figure"]["name"] for name in NAMES for cell in cells(name, "code")
               if "figure" in cell.metadata.get("mystnb", {})}  # fmt: skip
    assert set(re.findall(r"\{numref\}`([^`]+)`", text)) <= figures
    labels = re.findall(r":label: (\S+)", text)
    assert sorted(labels) == sorted(re.findall(r"\{solution\} (\S+)", text)) and len(set(labels)) == len(labels)


def test_links_between_pages_lead_somewhere():
    for target in re.findall(r"\]\(([a-z_]+)\.(?:ipynb|md)\)", prose()):
        assert target in ENTRIES
    for target in re.findall(r"^:link: (\S+)", prose(), re.MULTILINE):
        assert target in ENTRIES
    assert (BOOK / "_extra/columns.txt").is_file()
