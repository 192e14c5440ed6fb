"""A migrated database for each test, and settings of an installation in the test's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.database_server import Store
from tests.platform.webhook import Receiver, receiving

from claimwright.platform.settings import Settings, load_settings


@pytest.fixture
def app_url(store: Store) -> str:
    """How the application connects: it owns nothing."""
    return store.address


@pytest.fixture
def owner_url(store: Store) -> str:
    """How the owner of the tables connects."""
    return store.owner


@pytest.fixture
def super_url(store: Store) -> str:
    """How somebody connects who may do anything."""
    return store.superuser


@pytest.fixture
def connect(app_url: str) -> Callable[[], psycopg.Connection]:
    """Makes a connection of the application."""
    return lambda: psycopg.connect(app_url)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation in the test's folder."""
    return load_settings(folder=tmp_path, variables={"CLAIMWRIGHT_HOME": str(tmp_path / "home")})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who is told of events."""
    with receiving() as made:
        yield made
