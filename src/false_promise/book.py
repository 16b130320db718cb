"""Build the book: run every notebook with papermill, then Jupyter Book on what they produced.

python -m false_promise.book build --scale smoke        # what `make book SCALE=smoke` calls
python -m false_promise.book notebook local_vs_broad -p pairs "[6, 60]"
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import papermill
import yaml
from traitlets.config import Config

from false_promise.parameters import check_names, declared, parse
from false_promise.paths import BOOK, NOTEBOOKS, RESULTS, ROOT, STORE
from false_promise.pool import execute, plan
from false_promise.results import load_results
from false_promise.scales import Scale, load_scale
from false_promise.store import Run, StoreError
from false_promise.study import (
    bases_and_teacher,
    benchmark_page,
    data_mix,
    diversity,
    factuality,
    local_vs_broad,
    preference,
    scale_model,
    scorecard,
    style,
    toxicity,
)
from false_promise.study.session import record_results, this_machine
from false_promise.study.specs import Specs
from false_promise.unchanged import remember, unchanged

EXTRA = BOOK / "_extra" / "results"
# The order of the work, not of the chapters: a page comes after those that measure what its claims need, and the
# scorecard and the front page come last.
ORDER = (
    "bases_and_teacher",
    "benchmarks",
    "local_vs_broad",
    "style",
    "preference",
    "toxicity",
    "factuality",
    "data_mix",
    "diversity",
    "scale_model",
    "scorecard",
    "the_claim",
)
GRID = (bases_and_teacher, benchmark_page, local_vs_broad, style, preference, toxicity, factuality, data_mix, diversity,
        scale_model, scorecard)  # fmt: skip


class BookError(RuntimeError):
    """The book could not be built; the message says which page and what to do."""


def notebooks() -> list[str]:
    """Names of the notebooks in the order in which they run."""
    chapters = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [Path(entry["file"]).stem for entry in _entries(chapters)]
    names = [name for name in listed if (NOTEBOOKS / f"{name}.ipynb").is_file()]
    return sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else -1)


def _entries(toc: dict) -> list[dict]:
    parts = [toc, *toc.get("parts", [])]
    return [{"file": toc["root"]}] + [chapter for part in parts for chapter in part.get("chapters", [])]


def preflight(scale: Scale, store: Path = ROOT) -> None:
    """Print what a build needs; raise BookError if the disk cannot hold it."""
    free = shutil.disk_usage(store).free / 1e9
    print(
        f"scale {scale.name}: about {scale.minutes} minutes on two cores, {scale.memory_gb:g} GB of memory, "
        f"{scale.disk_gb:g} GB of disk ({free:.1f} GB free)",
        flush=True,
    )
    if free < scale.disk_gb:
        raise BookError(
            f"{store} has {free:.1f} GB free, scale {scale.name} needs {scale.disk_gb:g}: free some space, "
            "or set FALSE_PROMISE_STORE to a folder on another disk"
        )


def run_notebook(name: str, parameters: dict, output: Path) -> None:
    """Execute one notebook into `output`. A failed run leaves the old output and says where its own was kept."""
    source = NOTEBOOKS / f"{name}.ipynb"
    if not source.is_file():
        raise BookError(f"no notebook {name!r}: there are {', '.join(notebooks())}")
    known = declared(_parameters_cell(source))
    check_names(list(parameters), known)
    parsed = {key: parse(key, known[key].type, value) for key, value in parameters.items()}
    # Not beside the pages: what a kill leaves behind would be built as a page.
    running = ROOT / "_build" / "running" / f"{os.getpid()}.{name}.ipynb"
    running.parent.mkdir(parents=True, exist_ok=True)
    try:
        _execute(source, running, parsed)
        _hide_injected(running)
        running.replace(output)
    except papermill.PapermillExecutionError as error:
        RESULTS.mkdir(parents=True, exist_ok=True)
        kept = shutil.copy(running, RESULTS / f"failed_{name}.ipynb")
        message = f"notebook {name} failed: {error.ename}: {error.evalue}\n(its output: {kept})"
        raise BookError(message) from None
    except KeyboardInterrupt:
        message = f"stopped in notebook {name}; finished runs are kept, the same command goes on from here"
        raise BookError(message) from None
    finally:
        running.unlink(missing_ok=True)


def _execute(source: Path, running: Path, parameters: dict) -> None:
    with tempfile.TemporaryDirectory() as sockets:
        # The kernel talks through files, not through ports that other users of the machine could read.
        local = Config(KernelManager={"transport": "ipc", "ip": f"{sockets}/kernel"})
        papermill.execute_notebook(
            str(source),
            str(running),
            parameters,
            cwd=str(ROOT),
            progress_bar=False,
            kernel_name="python3",
            config=local,
            shutdown_kernel="immediate",
            stdout_file=sys.stdout,
            stderr_file=sys.stderr,
        )


def _parameters_cell(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    tagged = [cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise BookError(f"{path} must have exactly one cell tagged `parameters`, it has {len(tagged)}")
    return tagged[0]


def _hide_injected(path: Path) -> None:
    # papermill does not copy tags to the cell that it inserts; without this every page would show it.
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.metadata.tags.append("remove-cell")
    nbformat.write(book, path)


def models(scale_name: str) -> None:
    """Pre-train the base LMs and the teacher of a scale."""
    scale = load_scale(scale_name)
    preflight(scale)
    specs = Specs(scale, this_machine(STORE))
    wanted = [specs.base(size.name, seed) for size in scale.base_sizes for seed in range(scale.base_seeds)]
    work = plan([*wanted, specs.teacher()], STORE)
    print(work, flush=True)
    execute(work, STORE)


def carry_out(scale_name: str, *, grid: bool = False) -> None:
    """The missing runs of all pages under one plan: both cores stay busy, and torch is imported once a worker."""
    runs: list[Run] = []
    for page in GRID:
        page.run(SimpleNamespace(scale=scale_name, grid=grid, gathered=runs))
    work = plan(runs, STORE)
    print(f"all pages, scale {scale_name}: {work}", flush=True)
    execute(work, STORE)


def grid(scale_name: str) -> None:
    """Compute every seed, amount, control and learning rate of a scale, and record the tables in data/recorded/."""
    scale = load_scale(scale_name)
    preflight(scale)
    carry_out(scale_name, grid=True)
    for page in GRID:
        page.run(SimpleNamespace(scale=scale_name, grid=True))
    print(f"recorded in {record_results(scale)}")


def build(scale_name: str) -> Path:
    """Run all notebooks at a scale and build the HTML; returns its front page."""
    scale = load_scale(scale_name)
    preflight(scale)
    started = time.monotonic()
    names = notebooks()
    if unchanged(scale.name, names):
        print(f"nothing has changed since the last build: its {len(names)} pages are kept", flush=True)
    else:
        if not os.environ.get("RECORDED"):
            carry_out(scale_name)
        for number, name in enumerate(names, 1):
            print(f"\n[{number}/{len(names)}] {name}", flush=True)
            run_notebook(name, {"scale": scale_name}, BOOK / f"{name}.ipynb")
        remember(scale.name, names)
    page = html(scale)
    print(f"\n{scorecard.in_words(load_results(scale.name).scorecard)}")
    print(f"\n{page} ({(time.monotonic() - started) / 60:.1f} minutes)")
    return page


def html(scale: Scale) -> Path:
    """Strict build of what lies in book/: a broken reference or an unknown directive is an error."""
    shutil.rmtree(EXTRA, ignore_errors=True)
    # So that the pages' links to their data work; hidden files are what a kill left half-written.
    shutil.copytree(RESULTS / scale.name, EXTRA / scale.name, ignore=shutil.ignore_patterns(".*"))
    program = str(Path(sys.executable).with_name("jupyter-book"))
    settings = ["--config", str(ROOT / "_config.yml"), "--toc", str(ROOT / "_toc.yml"), "--path-output", str(ROOT)]
    command = [program, "build", str(BOOK), *settings, "-n", "-W", "--keep-going", "-q"]
    # Without a network nothing may wait for one.
    result = subprocess.run(command, cwd=ROOT, env=os.environ | {"HF_HUB_OFFLINE": "1"}, check=False)
    if result.returncode:
        raise BookError("Jupyter Book found errors (above); the pages that it names must be mended")
    return ROOT / "_build" / "html" / "index.html"


def main(arguments: list[str] | None = None) -> None:
    """Command line; errors that a reader can mend are one message, not a traceback."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in (
        ("build", "run every notebook, build the HTML"),
        ("models", "pre-train base LMs and teacher"),
        ("grid", "compute and record everything"),
    ):
        commands.add_parser(name, help=help_text).add_argument("--scale", default="thousandth")
    commands.choices["build"].add_argument("--recorded", action="store_true", help="show data/recorded/, train nothing")
    one = commands.add_parser("notebook", help="run one page with parameters")
    one.add_argument("name")
    one.add_argument("-p", "--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "notebook":
            run_notebook(chosen.name, dict(chosen.parameter), BOOK / f"{chosen.name}.ipynb")
            return
        if getattr(chosen, "recorded", False):
            os.environ["RECORDED"] = "1"  # the notebooks' kernels inherit it
        {"build": build, "models": models, "grid": grid}[chosen.command](chosen.scale)
    except (BookError, StoreError, ValueError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt as stopped:
        sys.exit(str(stopped) or "Stopped: finished runs are kept, the same command goes on.")


if __name__ == "__main__":
    main()
