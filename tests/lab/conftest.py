"""What the tests of the lab share: a small world, and the rules of the workshop's tests."""

from __future__ import annotations

import pytest
from tests.features.rule_workshop.conftest import read, rulebook, written

from claimwright_lab.denial_world import World, WorldOptions, make_world

__all__ = ["read", "rulebook", "world", "written"]


@pytest.fixture(scope="session")
def world() -> World:
    """A year of 8,000 claims and their answers."""
    return make_world(WorldOptions(claims=8_000, seed=11))
