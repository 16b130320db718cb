"""Runs: ids that hash what decides a result, folders that are complete or absent, damage that is named."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors import SafetensorError

from false_promise.store import Run, StoreError, build, folder, is_stored, open_run, record, with_inputs


def write(settings, inputs, out, work):
    """A step: writes its settings and what it read."""
    (out / "value.txt").write_text(
        f"{settings['x']}" + "".join((path / "value.txt").read_text() for path in inputs.values())
    )
    return {"x": settings["x"]}


A = Run("write", 1, {"x": 1})
B = Run("write", 1, {"x": 2}, {"a": A})


def test_id_changes_with_settings_version_and_inputs_but_not_with_label():
    assert Run("write", 1, {"x": 1}, label="other", seconds=9).id == A.id
    others = [Run("read", 1, {"x": 1}), Run("write", 2, {"x": 1}), Run("write", 1, {"x": 1.5}), B]
    assert len({A.id, *(run.id for run in others)}) == 5
    changed = Run("write", 1, {"x": 2}, {"a": Run("write", 2, {"x": 1})})
    assert changed.id != B.id, "a raised version of an input must make everything that reads it new"


@pytest.mark.slow
def test_id_is_the_same_in_another_process():
    code = "from false_promise.store import Run; print(Run('write', 1, {'b': 1, 'a': [2.5, 'é']}).id)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                             env=os.environ | {"PYTHONHASHSEED": "7"}).stdout.strip()  # fmt: skip
    assert printed == Run("write", 1, {"a": [2.5, "é"], "b": 1}).id


def test_build_once_and_read_inputs(tmp_path):
    build(A, write, tmp_path)
    place = build(B, write, tmp_path)
    assert (place / "value.txt").read_text() == "21"
    assert record(B, tmp_path)["summary"] == {"x": 2}
    assert record(B, tmp_path)["inputs"] == {"a": A.id}
    before = (place / "run.json").stat().st_mtime_ns
    build(B, write, tmp_path)
    assert (place / "run.json").stat().st_mtime_ns == before
    assert [run.id for run in with_inputs([B, A])] == [A.id, B.id]


def test_failed_step_leaves_nothing_to_believe_but_keeps_its_checkpoints(tmp_path):
    def fails(settings, inputs, out, work):
        (out / "half.txt").write_text("half")
        (work / "checkpoint").write_text("7")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        build(A, fails, tmp_path)
    assert not is_stored(A, tmp_path)
    assert not list((tmp_path / ".partial").iterdir())
    seen = {}

    def resumes(settings, inputs, out, work):
        seen["checkpoint"] = (work / "checkpoint").read_text()
        return write(settings, inputs, out, work)

    build(A, resumes, tmp_path)
    assert seen == {"checkpoint": "7"}
    assert not (tmp_path / ".work" / A.id).exists()


def test_one_flipped_byte_is_named(tmp_path):
    path = build(A, write, tmp_path) / "value.txt"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]))
    with pytest.raises(StoreError, match=r"value\.txt is damaged.*remove .*write-.* run the same command again"):
        build(B, write, tmp_path)
    path.unlink()
    with pytest.raises(StoreError, match=r"value\.txt is missing"):
        open_run(A, tmp_path)


def test_unreadable_run_card_is_named(tmp_path):
    (build(A, write, tmp_path) / "run.json").write_text("{")
    with pytest.raises(StoreError, match=r"run\.json cannot be read"):
        open_run(A, tmp_path)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
)
def test_full_disk_is_a_message_and_finished_runs_stay(tmp_path, error):
    build(A, write, tmp_path)

    def full(settings, inputs, out, work):
        raise error

    with pytest.raises(StoreError, match="disk is full.*base-7m.*Finished runs are kept"):
        build(Run("write", 1, {"x": 3}, label="base-7m"), full, tmp_path)
    assert is_stored(A, tmp_path)


def test_unwritable_store_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StoreError, match="cannot write to .*file.*FALSE_PROMISE_STORE"):
        build(A, write, blocked)


SLOW = """
import sys, time
from pathlib import Path
from false_promise.store import Run, build
def slow(settings, inputs, out, work):
    (out / "half.txt").write_text("half")
    Path(sys.argv[2]).touch()
    time.sleep(60)
build(Run("write", 1, {"x": 1}), slow, Path(sys.argv[1]))
"""


def test_kill_minus_nine_leaves_a_run_that_the_next_process_does_again(tmp_path):
    started = tmp_path / "started"
    process = subprocess.Popen([sys.executable, "-c", SLOW, str(tmp_path / "store"), str(started)])
    while not started.exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    store = tmp_path / "store"
    assert list((store / ".partial").iterdir()), "the test must have killed it half-way"
    assert not is_stored(A, store)
    assert sorted(path.name for path in build(A, write, store).iterdir()) == ["run.json", "value.txt"]
    assert folder(A, store) == Path(store / A.id)
