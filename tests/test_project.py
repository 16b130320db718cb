"""The promises of the repository itself: lock, environment, commands, house."""

import re
import subprocess
import sys
import tomllib

import pytest
import yaml

from false_promise.paths import ROOT
from false_promise.preflight import problems, scale_number

LOCK = (ROOT / "requirements.lock").read_text().splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pinned() -> dict[str, str]:
    """Name -> version of every line of the lock; several lines of one package (by Python version) keep the last."""
    found = {}
    for line in LOCK:
        name, version = line.split(";")[0].strip().split("==")
        found[re.sub(r"\[.*\]", "", name).lower()] = version.strip()
    return found


def test_lock_pins_everything_and_installs_anywhere():
    assert all(re.fullmatch(r"[A-Za-z0-9_.\[\]-]+==[A-Za-z0-9_.]+( ; .+)?", line) for line in LOCK)
    text = "\n".join(LOCK)
    assert "+" not in text, "a local version such as torch==2.13.0+cpu exists on one machine only"
    assert "file:" not in text and "://" not in text
    assert not re.search(r"^(nvidia|cuda|triton)", text, re.MULTILINE), "torch's own wheel brings the CUDA it needs"


def test_every_direct_dependency_is_locked():
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]
    names = {re.split(r"[\[<>=]", line)[0].lower() for line in wanted}
    assert names <= set(pinned()), f"missing in requirements.lock: {names - set(pinned())}; run make lock"
    assert pinned()["torch"] == "2.13.0"
    assert pinned()["jupyter-book"].startswith("1.")


def test_environment_installs_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python = next(one for one in environment["dependencies"] if str(one).startswith("python="))
    minor = int(python.split(".")[1])
    assert 11 <= minor <= 13
    (pip,) = [one["pip"] for one in environment["dependencies"] if isinstance(one, dict)]
    assert pip == ["-r requirements.lock", "-e ."]


def test_continuous_integration_calls_the_readme_s_command():
    script = (ROOT / ".ci" / "run").read_text()
    assert script.rstrip().endswith("exec make test")
    readme = (ROOT / "README.md").read_text()
    assert "make test" in readme and "make book" in readme


@pytest.mark.parametrize("scale", ["smoke", "pilot", "thousandth", "tenth", "paper"])
def test_preflight_reads_the_scale_files_as_yaml_does(scale):
    text = (ROOT / "scales" / f"{scale}.yaml").read_text()
    values = yaml.safe_load(text)
    assert [scale_number(text, key) for key in ("minutes", "memory_gb", "disk_gb")] == [
        values[key] for key in ("minutes", "memory_gb", "disk_gb")
    ]


def test_preflight_names_an_unknown_scale_and_a_lack_of_disk(tmp_path):
    assert "there are paper, pilot, smoke, tenth, thousandth" in problems("smok")[0]
    (tmp_path / "scales").mkdir()
    (tmp_path / "scales" / "huge.yaml").write_text("minutes: 1\nmemory_gb: 900000\ndisk_gb: 9000000\n")
    found = " ".join(problems("huge", tmp_path))
    assert "9000003.0 are needed" in found and "needs 900000" in found


def test_readme_tree_names_what_exists():
    readme = (ROOT / "README.md").read_text()
    block = readme.split("```text")[1].split("```")[0]
    names = [line.split()[0] for line in block.splitlines() if line.strip()]
    missing = [name for name in names if not (ROOT / name).exists() and name not in ("store/", "results/", "_build/")]
    assert not missing, f"README.md's tree names what is not there: {missing}"


def test_ruff_is_content():
    folders = [str(ROOT / name) for name in ("src", "tests", "benchmarks")]
    result = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *folders], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
