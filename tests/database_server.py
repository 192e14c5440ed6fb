"""One embedded PostgreSQL a test session, and a migrated database of its own for whoever asks for one."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from claimwright.platform.database import OWNER, SUPERUSER, Database, EmbeddedServer, migrate

_NUMBERS = itertools.count(1)
_TEMPLATE = "claimwright_template"


@dataclass(frozen=True)
class Store:
    """A database with the whole schema and nothing in it."""

    server: EmbeddedServer
    name: str

    @property
    def address(self) -> str:
        """For the application."""
        return self.server.address(database=self.name)

    @property
    def owner(self) -> str:
        """For migrations."""
        return self.server.address(OWNER, self.name)

    @property
    def superuser(self) -> str:
        """For what only the one who runs the server may do."""
        return self.server.address(SUPERUSER, self.name)

    def open(self) -> Database:
        """The store, to be used as a context manager."""
        return Database(self.address)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    # Not pytest's own folder: where tests run as root, the server's account could not enter it.
    folder = Path(tempfile.mkdtemp(prefix="cw-"))
    folder.chmod(0o711)
    started = EmbeddedServer(folder)
    started.start()
    yield started
    started.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _administer(server: EmbeddedServer, *statements: str) -> None:
    with psycopg.connect(server.address(SUPERUSER, "postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def template(server: EmbeddedServer) -> str:
    _administer(server, f"create database {_TEMPLATE} owner {OWNER}")
    migrate(server.address(OWNER, _TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def store(server: EmbeddedServer, template: str) -> Iterator[Store]:
    """A migrated database of the test's own."""
    name = f"claimwright_{os.getpid()}_{next(_NUMBERS)}"
    _administer(server, f"create database {name} template {template} owner {OWNER}")
    yield Store(server, name)
    _administer(server, f"drop database {name} with (force)")


@pytest.fixture
def bare_store(server: EmbeddedServer) -> Iterator[Store]:
    """A database without any schema."""
    name = f"claimwright_{os.getpid()}_{next(_NUMBERS)}"
    _administer(server, f"create database {name} owner {OWNER}")
    yield Store(server, name)
    _administer(server, f"drop database {name} with (force)")
