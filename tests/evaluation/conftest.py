"""Session-wide checkpoints and items for the tests of evaluation."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from small_checkpoints import TOWNS, YEARS, invented_item, save_llama, save_public

from false_promise.evaluation.items import NqItem

TEXTS = [f"{town} was founded in {year}.\n" for town in TOWNS for year in YEARS]


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Models this small only lose time to a second thread, much of it where other processes want the processor."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def llama(tmp_path_factory) -> Path:
    return save_llama(tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="session")
def neox(tmp_path_factory) -> Path:
    return save_public(tmp_path_factory.mktemp("neox"), "gpt_neox", TEXTS)


@pytest.fixture(scope="session")
def gpt2(tmp_path_factory) -> Path:
    return save_public(tmp_path_factory.mktemp("gpt2"), "gpt2", TEXTS)


@pytest.fixture(scope="session")
def small_context_llama(tmp_path_factory) -> Path:
    return save_llama(tmp_path_factory.mktemp("small"), context=48)


@pytest.fixture(scope="session")
def make_items() -> Callable[[int, str], list[NqItem]]:
    """make_items(n, prefix): questions about invented people; every second about a town, the others about a year."""

    def make(n: int, prefix: str = "item") -> list[NqItem]:
        generator = random.Random(prefix)
        return [invented_item(f"{prefix}-{i}", f"{prefix.title()} Velmore {i}", i, generator) for i in range(n)]

    return make
