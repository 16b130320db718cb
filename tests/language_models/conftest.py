"""One number format for all tests here: a process that they start must not time itself into another one."""

import os

import pytest

from false_promise.language_models.device import processor


@pytest.fixture(scope="session", autouse=True)
def one_number_format():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "NUMBER_FORMAT", str(processor().dtype).removeprefix("torch."))
        yield
