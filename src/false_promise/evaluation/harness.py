"""Running our own task files through lm-evaluation-harness: offline, quiet, without files left behind.

`evaluate` of the harness is called rather than `simple_evaluate`: the latter asks git and the hub for a version of
the model, collects the environment for seconds and sets the seeds of the whole process.
"""

import io
import logging
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import yaml
from lm_eval.api.model import LM
from lm_eval.api.task import Task
from lm_eval.evaluator import evaluate
from lm_eval.tasks import TaskManager

TASKS = Path(__file__).parent / "tasks"


def load_task(name: str, metadata: Mapping[str, str], *, n_shots: int = 0, seed: int = 0) -> Task:
    """One of the tasks in `tasks/`, with its data (`metadata` reaches the task's data function) and shots."""
    manager = TaskManager(include_path=TASKS, include_defaults=False, metadata=dict(metadata))
    if name not in manager.all_tasks:
        raise KeyError(f"no task {name!r} in {TASKS}; there are {manager.all_tasks}")
    task = manager.load([name])["tasks"][name]
    task.set_config("num_fewshot", n_shots)
    task.set_fewshot_seed(seed)
    return task


def run_tasks(lm: LM, tasks: Mapping[str, Task], *, chat: bool = False) -> dict[str, list[dict]]:
    """Run tasks on a language model; the harness's logged samples per task, in the order of the documents.

    With `chat` the prompts of all tasks go through the tokenizer's chat template, worked examples as earlier turns.
    """
    results = evaluate(
        lm, {"tasks": dict(tasks)}, bootstrap_iters=0, apply_chat_template=chat, fewshot_as_multiturn=chat
    )
    return {name: sorted(samples, key=lambda sample: sample["doc_id"]) for name, samples in results["samples"].items()}


def task_version(name: str) -> int:
    """`metadata.version` of a task: raised with every change that can change a number."""
    (path,) = TASKS.glob(f"*/{name}.yaml")
    # BaseLoader reads the !function tags as plain strings.
    return int(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["metadata"]["version"])


@contextmanager
def quiet() -> Iterator[None]:
    """Silence progress bars and chatter of the harness and its libraries; errors are raised as ever.

    The state of `random` is put back: the harness draws names from it.
    """
    loggers = [logging.getLogger(name) for name in ("lm_eval", "transformers", "datasets", "accelerate")]
    levels = [logger.level for logger in loggers]
    state = random.getstate()
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with redirect_stderr(io.StringIO()):
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        random.setstate(state)
