"""Database roles: the owner migrates; the application works and can't bypass row-level security."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import Connection, sql
from psycopg.rows import TupleRow

SUPERUSER = "postgres"
OWNER = "claimwright_owner"
APPLICATION = "claimwright_app"
DATABASE = "claimwright"


def ensure_roles(connection: Connection[TupleRow]) -> None:
    """Create the application's role if the server has none, and let the current role grant it rights.

    On a managed server, the role may already exist, with a login; it is then left unchanged.
    """
    found = connection.execute("select 1 from pg_roles where rolname = %s", [APPLICATION]).fetchone()
    if found is None:
        connection.execute(
            sql.SQL("create role {} nologin nosuperuser nobypassrls nocreatedb nocreaterole").format(
                sql.Identifier(APPLICATION)
            )
        )


def ensure_database(
    connection: Connection[TupleRow], passwords: Mapping[str, str], name: str = DATABASE
) -> None:
    """Create the roles with their passwords, and a database that the owner owns. Connects as a superuser."""
    for role in (OWNER, APPLICATION):
        known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
        verb = "alter" if known else "create"
        connection.execute(
            sql.SQL("{} role {} login nosuperuser nobypassrls nocreatedb nocreaterole password {}").format(
                sql.SQL(verb), sql.Identifier(role), sql.Literal(passwords[role])
            )
        )
    if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
        connection.execute(
            sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OWNER))
        )
        connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
    connection.execute(
        sql.SQL("grant connect, temporary on database {} to {}").format(
            sql.Identifier(name), sql.Identifier(APPLICATION)
        )
    )
