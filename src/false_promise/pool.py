"""The plan before the work, and the work: independent runs share the cores through one process pool."""

import os
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import psutil
from tqdm import tqdm

from false_promise.store import Run, StoreError, build, is_stored, with_inputs

WORKER_GB = 1.6  # torch, transformers, lm-eval and a 13M model with its optimizer, measured


@dataclass(frozen=True)
class Plan:
    """What is stored and what is missing, inputs first; cost in seconds of one core, sizes in GB."""

    stored: tuple[Run, ...]
    missing: tuple[Run, ...]
    jobs: int

    @property
    def minutes(self) -> float:
        """Expected wall time: the work shared by the jobs, but never less than the longest chain."""
        return max(sum(run.seconds for run in self.missing) / self.jobs, _longest_chain(self.missing)) / 60

    def __str__(self) -> str:
        total = len(self.stored) + len(self.missing)
        text = f"{total} runs: {len(self.stored)} stored, {len(self.missing)} to do"
        if not self.missing:
            return text
        what = ", ".join(f"{n} {step}" for step, n in _counts(self.missing).items())
        return f"{text} ({what}), about {max(1, round(self.minutes))} min, {self.jobs * WORKER_GB:.1f} GB of memory"


def plan(runs: Sequence[Run], store: Path) -> Plan:
    """Sort the runs and everything they read into stored and missing. A stored run does not need its inputs."""
    needed: dict[str, Run] = {}

    def need(run: Run) -> None:
        if run.id in needed:
            return
        if not is_stored(run, store):
            for one in run.inputs.values():
                need(one)
        needed[run.id] = run

    for run in runs:
        need(run)
    everything = [run for run in with_inputs(list(runs)) if run.id in needed]
    missing = tuple(run for run in everything if not is_stored(run, store))
    return Plan(tuple(run for run in everything if is_stored(run, store)), missing, jobs_for(len(missing)))


def jobs_for(runs: int) -> int:
    """Processes to use: one a core, as memory allows, never more than there are runs. JOBS overrides it."""
    by_memory = int((psutil.virtual_memory().available / 1e9 - 1) / WORKER_GB)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(os.environ.get("JOBS", max(1, min(cores, by_memory, runs))))


def execute(work: Plan, store: Path) -> None:
    """Do the missing runs, longest chains first. On an error or Ctrl-C finished runs are kept and named."""
    if not work.missing:
        return
    done: set[str] = set()
    bar = tqdm(total=len(work.missing), desc="runs", unit="run", file=sys.stderr, dynamic_ncols=True)
    pool = ProcessPoolExecutor(work.jobs, get_context("spawn"), _start_worker, (os.getpid(),))
    try:
        _drive(pool, work, store, done, bar)
    except KeyboardInterrupt:
        _stop(pool)
        raise KeyboardInterrupt(_kept(done, work, store)) from None
    except BrokenProcessPool as error:
        raise StoreError(
            f"a worker died, often for lack of memory (JOBS=1 needs less). {_kept(done, work, store)}"
        ) from error
    except BaseException:
        _stop(pool)
        print(_kept(done, work, store), file=sys.stderr)
        raise
    finally:
        bar.close()
        pool.shutdown(wait=False, cancel_futures=True)


def _drive(pool: ProcessPoolExecutor, work: Plan, store: Path, done: set[str], bar: tqdm) -> None:
    waiting = sorted(work.missing, key=lambda run: -_chain_after(run, work.missing))
    absent = {run.id for run in work.missing}
    running: dict[Future, Run] = {}
    while waiting or running:
        ready = [run for run in waiting if all(one.id not in absent for one in run.inputs.values())]
        for run in ready[: work.jobs - len(running)]:
            running[pool.submit(_do, run, store)] = run
            waiting.remove(run)
        bar.set_postfix_str(" | ".join(run.label for run in running.values()))
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            run = running.pop(future)
            future.result()
            done.add(run.id)
            absent.discard(run.id)
            bar.update()


def _do(run: Run, store: Path) -> None:
    # Here, not at the top: the parent only plans, and torch takes seconds to import.
    from false_promise import steps

    try:
        build(run, getattr(steps, run.step), store)
    except Exception as error:
        traceback.print_exc()
        # Not the error itself: one whose class takes several arguments cannot travel between processes, and would
        # arrive as "a worker died".
        raise StoreError(f"{run.label} ({run.id}): {type(error).__name__}: {error}") from None


def _start_worker(parent: int) -> None:
    """One thread a worker, so that bits do not depend on how many run; and an end when the parent has gone."""
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["TQDM_MININTERVAL"] = "15"  # several bars share one terminal
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    # After kill -9 of the parent a worker would wait for work for ever.
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _stop(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):
        process.terminate()
    pool.shutdown(cancel_futures=True)


def _kept(done: set[str], work: Plan, store: Path) -> str:
    return (
        f"Stopped: {len(done)} of {len(work.missing)} runs finished and kept in {store}; run the same command to go on."
    )


def _counts(runs: Sequence[Run]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for run in runs:
        counts[run.step] = counts.get(run.step, 0) + 1
    return counts


def _chain_after(run: Run, missing: Sequence[Run]) -> float:
    """Seconds of the longest chain of missing runs that begins with this one."""
    after = [one for one in missing if run in one.inputs.values()]
    return run.seconds + max((_chain_after(one, missing) for one in after), default=0.0)


def _longest_chain(missing: Sequence[Run]) -> float:
    return max((_chain_after(run, missing) for run in missing), default=0.0)
