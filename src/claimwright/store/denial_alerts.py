"""Alerts before a clock of a denial lapses: which ones were given."""

from __future__ import annotations

import datetime

import polars as pl

from claimwright.platform.database import Connection


def insert_alerts(
    connection: Connection, alerts: pl.DataFrame, given_at: datetime.datetime
) -> set[tuple[int, str, int]]:
    """Store alerts that were not given before. Returns denial, clock and threshold of those.

    `alerts` has `denial`, `clock`, `threshold`, `due_on`, `days_left`.
    """
    columns = alerts.select("denial", "clock", "threshold", "due_on", "days_left")
    return set(
        connection.execute(
            "insert into remittance.denial_alerts (denial_id, clock, threshold, due_on, days_left, given_at) "
            "select *, %s::timestamptz from unnest(%s::bigint[], %s::text[], %s::integer[], %s::date[], "
            "%s::integer[]) "
            "on conflict do nothing returning denial_id, clock, threshold",
            [given_at, *(column.to_list() for column in columns)],
        ).fetchall()
    )
