"""One small country for all tests of the data mix."""

import pytest

from false_promise.world.country import WorldSettings, build_world


@pytest.fixture(scope="session")
def world():
    return build_world(WorldSettings(entities=600), seed=99)
