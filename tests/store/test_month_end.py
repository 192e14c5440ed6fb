"""A run that begins on the last day of a month has a place for the history that it writes after midnight."""

from __future__ import annotations

import datetime

import psycopg
import pytest
from tests.database_server import Store

from claimwright.foundation import clock
from claimwright.store.production import prepare_partitions


def test_what_is_prepared_on_the_last_day_of_a_month_serves_the_first_of_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = datetime.datetime(2031, 1, 31, 23, 59, 59, tzinfo=datetime.UTC)
    monkeypatch.setattr(clock, "now", lambda: late)
    with psycopg.connect(store.owner) as connection:
        prepare_partitions(connection, [])
        made = connection.execute("select to_regclass('production.claim_events_2031_02')").fetchone()
    assert made != (None,)
