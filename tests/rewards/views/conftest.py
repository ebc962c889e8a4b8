"""The office whose pages are tested."""

from __future__ import annotations

import pytest

from tests.builders.reward_office import NOW, open_office


@pytest.fixture
def office(app, clock):
    clock.now = NOW
    return open_office()
