"""Python's garbage collector, kept from walking through torch and transformers again and again: a third of the time."""

import gc

import pytest

gc.disable()  # until every module is imported; nothing of that is garbage


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays: the collector, on again, leaves it out."""
    gc.freeze()
    gc.enable()
