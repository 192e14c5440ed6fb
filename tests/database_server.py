"""One embedded PostgreSQL a test session, and a migrated database of its own for whoever asks for one."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from claimwright.platform.database import OWNER, SUPERUSER, Database, EmbeddedServer
from claimwright.store.schema import migrate, open_database

_NUMBERS = itertools.count(1)
_TEMPLATE = "claimwright_template"
# The tenants that a store has, beside the default one.
TENANTS = ["north", "south", "west", "acme", "other", "ours", "others", "binary", "csv"]


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

    @property
    def url(self) -> str:
        """For the application, as a URL."""
        parts = psycopg.conninfo.conninfo_to_dict(self.address)
        host = quote(str(parts["host"]), safe="")
        return (
            f"postgresql://{parts['user']}:{quote(str(parts['password']))}@/{self.name}"
            f"?host={host}&port={parts['port']}"
        )

    def open(self) -> Database:
        """The store, to be used as a context manager."""
        return open_database(self.address)

    @contextmanager
    def copied(self) -> Iterator[Store]:
        """Another database with the same in it; nobody may be connected to this one."""
        with new_store(self.server, self.name) as made:
            yield made


@contextmanager
def running_server() -> Iterator[EmbeddedServer]:
    """A server of one's own, gone afterwards with all that it held."""
    # Not pytest's own folder: where tests run as root, the server's account could not enter it.
    folder = Path(tempfile.mkdtemp(prefix="cw-"))
    folder.chmod(0o711)
    started = EmbeddedServer(folder)
    try:
        started.start()
        # Nothing here has to outlive a power cut; what a killed process wrote, the kernel still has.
        _administer(
            started,
            "alter system set fsync = off",
            "alter system set full_page_writes = off",
            "select pg_reload_conf()",
        )
        yield started
    finally:
        started.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    with running_server() as started:
        yield started


def _administer(server: EmbeddedServer, *statements: str) -> None:
    with psycopg.connect(server.address(SUPERUSER, "postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def template(server: EmbeddedServer) -> str:
    return template_of(server)


def template_of(server: EmbeddedServer) -> str:
    """The name of a migrated database to copy; made once a server."""
    # The kernel copies the files, where it and PostgreSQL can: a quarter of the processor time.
    with suppress(psycopg.Error):
        _administer(server, "alter system set file_copy_method = clone", "select pg_reload_conf()")
    _administer(server, f"create database {_TEMPLATE} owner {OWNER}")
    migrate(server.address(OWNER, _TEMPLATE))
    with psycopg.connect(server.address(SUPERUSER, _TEMPLATE)) as connection:
        connection.execute(
            "insert into platform.tenants (tenant, created_by) select unnest(%s::text[]), 'user:7'", [TENANTS]
        )
    return _TEMPLATE


@contextmanager
def new_store(server: EmbeddedServer, template: str | None) -> Iterator[Store]:
    """A database of one's own: migrated, or without any schema where there is no template."""
    name = f"claimwright_{os.getpid()}_{next(_NUMBERS)}"
    # Page by page through the buffers and the log, as is usual, would take twice as long.
    of = f"template {template} strategy file_copy " if template else ""
    _administer(server, f"create database {name} {of}owner {OWNER}")
    try:
        yield Store(server, name)
    finally:
        _administer(server, f"drop database {name} with (force)")


@pytest.fixture
def store(server: EmbeddedServer, template: str) -> Iterator[Store]:
    """A migrated database of the test's own."""
    with new_store(server, template) as made:
        yield made


@pytest.fixture
def bare_store(server: EmbeddedServer) -> Iterator[Store]:
    """A database without any schema."""
    with new_store(server, None) as made:
        yield made
