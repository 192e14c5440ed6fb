"""The schema of the store: its migrations, and a database that is opened at the last of them."""

from __future__ import annotations

from importlib import resources

from claimwright.platform.database import Database, Limits, Migrations

MIGRATIONS = Migrations(resources.files(__package__) / "migrations")


def open_database(address: str, limits: Limits | None = None) -> Database:
    """The store at an address, for the application. To be used as a context manager.

    Entering it raises `DatabaseError` where the schema is not at the last migration.
    """
    return Database(address, limits, schema=MIGRATIONS.latest)


def latest() -> str:
    """The number of the last migration."""
    return MIGRATIONS.latest


def migrate(address: str, to: str = "head") -> tuple[str | None, str | None]:
    """Bring the store to a migration, forward or back: its number, `head`, or `base` for nothing at all.

    Returns the number before and after. The address is the owner's.

    Raises:
        MigrationError: there is no such step, the database is ahead of this program, or a step failed.
    """
    return MIGRATIONS.migrate(address, to)
