"""The schema brought to another migration: what would go, and the record of what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimwright.platform.database import Place

_HEAD, _BASE = "head", "base"


@dataclass(frozen=True)
class Losses:
    """What going back would drop: tables with the rows in them, columns of tables that stay."""

    tables: Sequence[tuple[str, int]]
    columns: Sequence[str]

    @property
    def in_words(self) -> list[str]:
        """One line for each, those with most rows first."""
        counted = sorted(self.tables, key=lambda each: (-each[1], each[0]))
        return [f"table {name}: {rows:,} rows" for name, rows in counted] + [
            f"column {name}" for name in self.columns
        ]


def goes_back(where: Place, to: str) -> bool:
    """Whether a migration is before the one that the database is at."""
    from claimwright.platform.database import current
    from claimwright.store.schema import latest

    at = current(where.owner)
    goal = {_HEAD: latest(), _BASE: ""}.get(to, to)
    return at is not None and goal < at


def losses(where: Place, to: str) -> Losses:
    """What going back to a migration would drop. It is done and undone, in one transaction.

    Raises:
        MigrationError: there is no such migration, or the tables are in use.
    """
    from claimwright.store.schema import MIGRATIONS

    tables, columns = MIGRATIONS.losses(where.owner, to)
    return Losses(tables, columns)


def change_schema(where: Place, to: str) -> tuple[str | None, str | None]:
    """Bring the schema to a migration; the audit log records it. Returns the number before and after.

    Raises:
        MigrationError: it failed and was undone.
    """
    from claimwright.platform.database import current
    from claimwright.store.schema import migrate

    from .administration import record_for_all

    back = goes_back(where, to)
    if back:
        # Afterwards there may be no log any more; exported, it tells the end of the other one.
        detail = {"from_version": current(where.owner), "to_version": to}
        record_for_all(where.address, action="schema.reverting", subject="schema", detail=detail)
    before, after = migrate(where.owner, to)
    if before is not None and before != after and not back:
        detail = {"from_version": before, "to_version": after}
        record_for_all(where.address, action="schema.migrated", subject="schema", detail=detail)
    return before, after
