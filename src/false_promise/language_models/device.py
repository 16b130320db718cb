"""Where training runs and in which number format: chosen once per process, and printed with its reason.

The processor is the default even where a GPU is present, because recorded results are processor results; set
`DEVICE=cuda` (or `mps`) to use another. bf16 is chosen only where it is faster: some processors merely emulate it,
some eighteen times slower. One matrix product per format shows that within milliseconds.
"""

import functools
import os
import time
from dataclasses import dataclass

import torch

SIDE = 1024  # of the timed matrices
REPEATS = 3


@dataclass(frozen=True)
class Processor:
    """A torch device ('cpu', 'cuda', 'mps'), the format of its matrix products, and why."""

    device: str
    dtype: torch.dtype
    reason: str

    @property
    def bf16(self) -> bool:
        return self.dtype == torch.bfloat16

    @property
    def format(self) -> str:
        """'bf16' or 'fp32'; part of a fresh run's identity."""
        return "bf16" if self.bf16 else "fp32"

    @property
    def name(self) -> str:
        """Name of the processor, for run cards: 'cpu AVX512', 'NVIDIA H100'."""
        if self.device.startswith("cuda"):
            return torch.cuda.get_device_name(self.device)
        return f"{self.device} {torch.backends.cpu.get_cpu_capability()}" if self.device == "cpu" else self.device


def processor() -> Processor:
    """Choose device (environment variable DEVICE, else 'cpu') and format; print the choice once per process.

    NUMBER_FORMAT ('bfloat16' or 'float32') takes the place of the timing: a run's spec names its format, and a worker
    on a busy machine must not time itself into another one.
    """
    device, wanted = os.environ.get("DEVICE", "cpu"), os.environ.get("NUMBER_FORMAT")
    return _named(device, wanted) if wanted else _choose(device)


def set_threads(n: int) -> None:
    """Let torch and the tokenizers library use `n` threads. Bits do not depend on n (tests hold us to it)."""
    if n < 1:
        raise ValueError(f"threads = {n}: give at least 1")
    torch.set_num_threads(n)
    os.environ["RAYON_NUM_THREADS"] = str(n)


@functools.cache
def _named(device: str, wanted: str) -> Processor:
    if wanted not in ("bfloat16", "float32"):
        raise ValueError(f"NUMBER_FORMAT={wanted}: use bfloat16 or float32, or unset it")
    _check(device)
    return Processor(device, getattr(torch, wanted), "named by the run")


@functools.cache
def _choose(device: str) -> Processor:
    _check(device)
    seconds = {dtype: _matmul_seconds(device, dtype) for dtype in (torch.float32, torch.bfloat16)}
    faster = min(seconds, key=seconds.get)
    ratio = seconds[torch.float32] / seconds[torch.bfloat16]
    chosen = Processor(device, faster, f"a {SIDE}² matrix product runs {ratio:.2g}x as fast in bf16 as in fp32")
    print(f"device {chosen.device}, {chosen.format}: {chosen.reason}", flush=True)
    return chosen


def _check(device: str) -> None:
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise RuntimeError(
            f"DEVICE={device} cannot be used ({str(error).splitlines()[0]}): unset DEVICE to use the processor"
        ) from error


def _matmul_seconds(device: str, dtype: torch.dtype) -> float:
    matrix = torch.full((SIDE, SIDE), 0.5, dtype=dtype, device=device)
    _timed_product(matrix)  # the first call also pays for kernels and memory
    return min(_timed_product(matrix) for _ in range(REPEATS))


def _timed_product(matrix: torch.Tensor) -> float:
    start = time.perf_counter()
    (matrix @ matrix)[0, 0].item()  # .item() waits for an accelerator
    return time.perf_counter() - start
