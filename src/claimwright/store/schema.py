"""The schema of the store: its migrations, and opening a database at the last migration."""

from __future__ import annotations

from importlib import resources

from claimwright.platform.database import Database, Limits, Migrations

MIGRATIONS = Migrations(resources.files(__package__) / "migrations")


def open_database(address: str, limits: Limits | None = None) -> Database:
    """The store at an address, for the application. Use it as a context manager.

    Entering it raises `DatabaseError` if the schema is not at the last migration.
    """
    return Database(address, limits, schema=MIGRATIONS.latest)


def latest() -> str:
    """The number of the last migration."""
    return MIGRATIONS.latest


def migrate(address: str, to: str = "head") -> tuple[str | None, str | None]:
    """Migrate the store forward or back to a migration: a number, `head`, or `base` for no tables at all.

    Returns the number before and after. Connects as the owner.

    Raises:
        MigrationError: there is no such migration, the database is newer than this program, or one failed.
    """
    return MIGRATIONS.migrate(address, to)
