"""Everything that is measured on public artefacts of real models, measured again: what `make public` calls.

    python -m false_promise.public_artefacts                  # fetch what is missing into REAL_DATA, check, measure
    python -m false_promise.public_artefacts --offline        # a local folder only

data/public/sources.yaml names every file with its sha256 and, where it has one, its address at a pinned commit. A file
that is another than the one measured is an error; one that cannot be had leaves the records that need it as they are.
"""

import argparse
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from tqdm import tqdm

from false_promise.data_mix import public as data_mix
from false_promise.diversity import public_data as diversity
from false_promise.evaluation.preference import public as preference
from false_promise.evaluation.real_benchmarks import check_walls, judge, load_humaneval
from false_promise.evaluation.sandbox import run_many
from false_promise.evaluation.style import public as style
from false_promise.files import replacing, sha256, write_json
from false_promise.paths import DATA, REAL_DATA

SOURCES = DATA / "public" / "sources.yaml"
BARE = "    return None\n"  # in place of a published solution's body


class PublicError(RuntimeError):
    """A public file is missing, cannot be fetched, or is another one than was measured."""


@dataclass(frozen=True)
class Source:
    """A file under REAL_DATA; `url` is None for samples that have no address of their own."""

    path: str
    sha256: str
    url: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Record:
    """A file of data/public/ and how it is measured, from files whose paths begin with one of `needs`."""

    name: str
    needs: tuple[str, ...]
    measure: Callable[[Path], dict[str, Any]]


def humaneval(folder: Path) -> dict[str, Any]:
    """The published solutions through the sandbox, and the same problems with a body of `return None`."""
    check_walls()
    problems = load_humaneval(folder / "humaneval" / "HumanEval.jsonl.gz")
    right = run_many([lambda one=one: judge(one, one.canonical_solution) for one in problems])
    bare = run_many([lambda one=one: judge(one, BARE) for one in problems])
    failed = [one.task_id for one, outcome in zip(problems, right, strict=True) if outcome.kind != "passed"]
    passed = [one.task_id for one, outcome in zip(problems, bare, strict=True) if outcome.kind == "passed"]
    return {"schema_version": 1, "problems": len(problems), "solutions_passed": len(problems) - len(failed),
            "solutions_failed": failed, "bare_failed": len(problems) - len(passed), "bare_passed": passed}  # fmt: skip


RECORDS = (
    Record("style", ("vicuna80/",), lambda folder: style.measure(folder / "vicuna80")),
    Record("preference", ("vicuna80/",), lambda folder: preference.measure(folder / "vicuna80")),
    Record("humaneval", ("humaneval/",), humaneval),
    Record("data_mix", ("sharegpt/",), data_mix.measure),
    Record("diversity", ("sharegpt/", "superni/", "koala/", "dolly/"), diversity.measure),
)


def read_sources(path: Path = SOURCES) -> list[Source]:
    """The files in the order of the list."""
    return [Source(**one) for one in yaml.safe_load(path.read_text(encoding="utf-8"))["files"]]


def provide(source: Source, folder: Path, *, offline: bool = False) -> Path:
    """The file in `folder`, fetched if it is missing, checked in any case.

    Raises PublicError naming file, reason and way out.
    """
    path = folder / source.path
    if not path.is_file():
        if offline or not source.url:
            where = source.url or f"{source.note}; it has no address of its own"
            raise PublicError(f"{path} is missing ({where}): put it there, or name another folder as REAL_DATA")
        _fetch(source, path)
    if (found := sha256(path)) != source.sha256:
        raise PublicError(
            f"{path} is not the file that was measured (sha256 {found[:12]}…, expected {source.sha256[:12]}…): "
            "remove it to fetch it again"
        )
    return path


def _fetch(source: Source, path: Path) -> None:
    """Stream to a temporary name; a file of another content is never kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with replacing(path) as temporary, httpx.stream("GET", source.url, follow_redirects=True, timeout=60) as reply:
            reply.raise_for_status()
            with temporary.open("wb") as file:
                for part in reply.iter_bytes():
                    digest.update(part)
                    file.write(part)
            if digest.hexdigest() != source.sha256:
                raise PublicError(f"{source.url} holds another file than was measured; nothing was kept")
    except httpx.HTTPError as error:
        raise PublicError(f"cannot fetch {source.url} ({error}): put the file at {path} yourself") from error


def measure_again(
    folder: Path, target: Path, names: Sequence[str], *, offline: bool = False, sources: Sequence[Source] | None = None
) -> list[str]:
    """Measure the records `names` into `target`; returns what could not be measured, in words."""
    left_out = []
    for record in tqdm([one for one in RECORDS if one.name in names], desc="public artefacts", unit="record"):
        try:
            for source in sources if sources is not None else read_sources():
                if source.path.startswith(record.needs):
                    provide(source, folder, offline=offline)
            write_json(target / f"{record.name}.json", record.measure(folder))
        except (PublicError, RuntimeError) as error:
            left_out.append(f"{record.name}: {error}")
    return left_out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offline", action="store_true", help="fetch nothing")
    parser.add_argument("--folder", type=Path, default=REAL_DATA, help="where the files lie or are put")
    parser.add_argument("--only", nargs="+", default=[one.name for one in RECORDS], help="names of records")
    chosen = parser.parse_args()
    left_out = measure_again(chosen.folder, DATA / "public", chosen.only, offline=chosen.offline)
    raise SystemExit("\n".join(["left as they were:", *left_out]) if left_out else 0)


if __name__ == "__main__":
    main()
