"""A headless browser for the pages that readers play; started when the first test asks for it."""

import pytest

from chromium import Chromium


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser
