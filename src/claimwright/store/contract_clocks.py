"""Contracts' own times: set by a person, ended by a person, never changed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class ContractClock:
    """A contract's own time. `clock` is the code of the clock of the law that it replaces."""

    clock_id: int
    payer_id: str
    source: str
    days: int
    kind: str
    clock: str | None
    start: str | None
    effective_from: datetime.date | None
    effective_to: datetime.date | None
    set_by: str
    set_at: datetime.datetime
    ended_by: str | None
    ended_at: datetime.datetime | None


def insert_contract_clock(
    connection: Connection, values: Mapping[str, Any], set_at: datetime.datetime
) -> int:
    """Store a time; `values` has what a contract says. Returns its number."""
    row = connection.execute(
        "insert into remittance.contract_clocks (payer_id, source, days, kind, clock, start, effective_from, "
        "effective_to, set_at) values (%(payer_id)s, %(source)s, %(days)s, %(kind)s, %(clock)s, %(start)s, "
        "%(effective_from)s, %(effective_to)s, %(set_at)s) returning clock_id",
        {**values, "set_at": set_at},
    ).fetchone()
    assert row is not None
    return int(row[0])


def end_contract_clock(connection: Connection, clock_id: int, by: str, at: datetime.datetime) -> bool:
    """End a time. Returns whether it was in force."""
    return bool(
        connection.execute(
            "update remittance.contract_clocks set ended_by = %s, ended_at = %s "
            "where clock_id = %s and ended_at is null",
            [by, at, clock_id],
        ).rowcount
    )


def contract_clocks(
    connection: Connection, *, with_ended: bool = False, after: int = 0, limit: int | None = None
) -> Sequence[ContractClock]:
    """The times in force, in the order in which they were set; or those that were ended, too."""
    cursor = connection.cursor(row_factory=class_row(ContractClock))
    return cursor.execute(
        "select clock_id, payer_id, source, days, kind, clock, start, effective_from, effective_to, set_by, "
        "set_at, ended_by, ended_at from remittance.contract_clocks "
        "where clock_id > %s and (%s or ended_at is null) order by clock_id limit %s",
        [after, with_ended, limit],
    ).fetchall()
