"""Nothing is forgotten of a table: what a masked copy holds of it, and when its months are dropped."""

from __future__ import annotations

import psycopg
from tests.database_server import Store

from claimwright.store.masked_tables import LEFT_OUT, TABLES
from claimwright.store.retention import OF_CLAIMS

# Rows of this one leave when their claim is processed, or with its file.
EMPTIED = {"staging.claims"}


def tables(store: Store, kinds: str) -> set[str]:
    """Every table of the store of these kinds (`pg_class.relkind`), partitions not counted."""
    with psycopg.connect(store.superuser) as connection:
        rows = connection.execute(
            "select n.nspname || '.' || c.relname"
            " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname in ('staging', 'pipeline', 'production', 'prediction', 'platform', 'identity',"
            " 'remittance', 'work', 'analytics', 'appeals', 'governance', 'alerting')"
            " and c.relkind::text = any(%s) and not c.relispartition",
            [list(kinds)],
        ).fetchall()
    return {row[0] for row in rows}


def test_every_table_is_copied_masked_or_left_out_for_a_reason(store: Store) -> None:
    assert not set(TABLES) & set(LEFT_OUT)
    assert set(TABLES) | set(LEFT_OUT) == tables(store, "rp")


def test_every_table_that_is_cut_by_month_is_kept_as_long_as_claims(store: Store) -> None:
    assert set(OF_CLAIMS) | EMPTIED | {"platform.audit_log"} == tables(store, "p")
