"""Before anything is installed: is this Python, this disk and this memory enough? Standard library only.

python3 src/false_promise/preflight.py smoke
"""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSTALLED_GB = 3.0  # the virtual environment with PyTorch's CPU build; CUDA libraries add several


def scale_number(text: str, key: str) -> float:
    """A top-level number of a scale file, read without a YAML library."""
    found = re.search(rf"^{key}:\s*([0-9.]+)", text, re.MULTILINE)
    if not found:
        sys.exit(f"error: the scale file has no line `{key}: <number>`")
    return float(found.group(1))


def memory_gb() -> float | None:
    """Physical memory, or None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):
        return None


def problems(scale: str, root: Path = ROOT) -> list[str]:
    """What stands in the way, one sentence each; empty if nothing does."""
    path = root / "scales" / f"{scale}.yaml"
    if not path.is_file():
        names = ", ".join(sorted(one.stem for one in path.parent.glob("*.yaml")))
        return [f"no scale {scale!r}: there are {names}"]
    text = path.read_text(encoding="utf-8")
    found = []
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found.append(f"Python 3.11 to 3.13 is needed, this is {sys.version.split()[0]}: make PYTHON=python3.12")
    disk, free = INSTALLED_GB + scale_number(text, "disk_gb"), shutil.disk_usage(root).free / 1e9
    if free < disk:
        found.append(f"{root} has {free:.1f} GB free, {disk:.1f} are needed")
    memory, wanted = memory_gb(), scale_number(text, "memory_gb")
    if memory is not None and memory < wanted:
        found.append(f"this machine has {memory:.0f} GB of memory, scale {scale} needs {wanted:g}")
    try:
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        found.append(f"cannot write to {root}: {error.strerror}; copy the project to a folder of your own")
    if not found:
        print(
            f"scale {scale}: about {scale_number(text, 'minutes'):g} minutes on two cores after an installation of "
            f"2-4 minutes; {wanted:g} GB of memory, {disk:.1f} GB of disk ({free:.0f} GB free)"
        )
    return found


def main() -> None:
    scale = sys.argv[1] if len(sys.argv) > 1 else "thousandth"
    found = problems(scale)
    if found:
        sys.exit("\n".join(f"error: {one}" for one in found))


if __name__ == "__main__":
    main()
