"""Migrates the schema: what would be dropped, and the audit record of the migration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimwright.platform.database import Place

_HEAD, _BASE = "head", "base"


@dataclass(frozen=True)
class Losses:
    """What a migration back would drop: tables with their row counts, columns of tables that stay."""

    tables: Sequence[tuple[str, int]]
    columns: Sequence[str]

    @property
    def in_words(self) -> list[str]:
        """One line for each, most rows first."""
        counted = sorted(self.tables, key=lambda each: (-each[1], each[0]))
        return [f"table {name}: {rows:,} rows" for name, rows in counted] + [
            f"column {name}" for name in self.columns
        ]


def goes_back(where: Place, to: str) -> bool:
    """Whether a migration is earlier than the database's present one."""
    from claimwright.platform.database import current
    from claimwright.store.schema import latest

    at = current(where.owner)
    goal = {_HEAD: latest(), _BASE: ""}.get(to, to)
    return at is not None and goal < at


def losses(where: Place, to: str) -> Losses:
    """What going back to a migration would drop. It is run and rolled back, in one transaction.

    Raises:
        MigrationError: there is no such migration, or the tables are in use.
    """
    from claimwright.store.schema import MIGRATIONS

    tables, columns = MIGRATIONS.losses(where.owner, to)
    return Losses(tables, columns)


def change_schema(where: Place, to: str) -> tuple[str | None, str | None]:
    """Migrate the schema; recorded in the audit log. Returns the number before and after.

    Raises:
        MigrationError: it failed and was rolled back.
    """
    from claimwright.platform.database import current
    from claimwright.store.schema import migrate

    from .administration import record_for_all

    back = goes_back(where, to)
    if back:
        # Afterwards there may be no log; in an export, this record shows how the old log ended.
        detail = {"from_version": current(where.owner), "to_version": to}
        record_for_all(where.address, action="schema.reverting", subject="schema", detail=detail)
    before, after = migrate(where.owner, to)
    if before is not None and before != after and not back:
        detail = {"from_version": before, "to_version": after}
        record_for_all(where.address, action="schema.migrated", subject="schema", detail=detail)
    return before, after
