"""Device and number format: the faster format wins, the choice is printed once with its reason."""

import os
import subprocess
import sys

import pytest
import torch

from false_promise.language_models import device


@pytest.fixture(autouse=True)
def fresh_choice(monkeypatch):
    monkeypatch.delenv("DEVICE", raising=False)
    monkeypatch.delenv("NUMBER_FORMAT", raising=False)
    device._choose.cache_clear()
    yield
    device._choose.cache_clear()


@pytest.mark.parametrize(("fp32", "bf16", "chosen"), [(4.0, 1.0, "bf16"), (1.0, 18.0, "fp32")])
def test_the_faster_format_is_chosen_and_printed_once(monkeypatch, capsys, fp32, bf16, chosen):
    seconds = {torch.float32: fp32, torch.bfloat16: bf16}
    monkeypatch.setattr(device, "_matmul_seconds", lambda _, dtype: seconds[dtype])
    first, second = device.processor(), device.processor()
    assert first is second and first.device == "cpu" and first.format == chosen and first.bf16 == (chosen == "bf16")
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1 and f"cpu, {chosen}" in printed and first.reason in printed


def test_a_format_that_the_run_names_takes_the_place_of_timing(monkeypatch):
    monkeypatch.setattr(device, "_matmul_seconds", lambda *_: pytest.fail("timed although the format was named"))
    for name, short in (("float32", "fp32"), ("bfloat16", "bf16")):
        monkeypatch.setenv("NUMBER_FORMAT", name)
        assert device.processor().format == short
    monkeypatch.setenv("NUMBER_FORMAT", "float16")
    with pytest.raises(ValueError, match="NUMBER_FORMAT=float16: use bfloat16 or float32"):
        device.processor()


def test_the_real_measurement_picks_one_of_the_two():
    assert device.processor().dtype in (torch.bfloat16, torch.float32)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nonsense", "cuda:99"])
def test_unusable_device_is_named_with_the_way_out(monkeypatch, name):
    monkeypatch.setenv("DEVICE", name)
    with pytest.raises(RuntimeError, match=f"DEVICE={name} .*unset DEVICE"):
        device.processor()


@pytest.mark.slow
def test_threads():
    code = (
        "import os, torch; from false_promise.language_models.device import set_threads; set_threads(1)\n"
        "print(torch.get_num_threads(), os.environ['RAYON_NUM_THREADS'])"
    )
    result = subprocess.run([sys.executable, "-c", code], env={**os.environ}, text=True, capture_output=True)
    assert result.stdout.split() == ["1", "1"], result.stderr
    with pytest.raises(ValueError, match="threads = 0"):
        device.set_threads(0)
