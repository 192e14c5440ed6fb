"""The one description of the columns of claims: it is what the migrations make, and what statements use."""

from __future__ import annotations

import psycopg
import pytest
from tests.database_server import Store

from claimwright.features.delivery import TABLES
from claimwright.store import masked_tables
from claimwright.store.columns import (
    CLAIM,
    DEAD_LETTER,
    DELIVERED,
    LINE,
    PRODUCED,
    PRODUCED_CLAIM,
    PRODUCED_FINDING,
    PRODUCED_LINE,
    STAGED,
    STAGED_CLAIM,
    STAGED_FINDING,
    Columns,
    Kind,
)

# https://www.postgresql.org/docs/current/datatype.html
TYPES = {
    Kind.KEY: "bigint",
    Kind.NUMBER: "integer",
    Kind.SMALL: "smallint",
    Kind.CODE: "text",
    Kind.TEXT: "text",
    Kind.ID: "uuid",
    Kind.DAY: "date",
    Kind.INSTANT: "timestamp with time zone",
    Kind.DOLLARS: "numeric(18,2)",
    Kind.UNITS: "numeric(15,3)",
    Kind.SHARE: "real",
}
DESCRIBED = {
    "staging.claims": STAGED_CLAIM,
    "staging.findings": STAGED_FINDING,
    "pipeline.dead_letters": DEAD_LETTER,
    "production.claims": PRODUCED_CLAIM,
    "production.lines": PRODUCED_LINE,
    "production.findings": PRODUCED_FINDING,
}


def made(store: Store, table: str) -> dict[str, tuple[str, bool, bool]]:
    """By name of a column its type, whether it is never null, and whether the database fills it."""
    with psycopg.connect(store.superuser) as connection:
        rows = connection.execute(
            "select attname, format_type(atttypid, atttypmod), attnotnull, atthasdef from pg_attribute "
            "where attrelid = %s::regclass and attnum > 0 and not attisdropped and attname <> 'tenant'",
            [table],
        ).fetchall()
    return {name: (kind, is_required, is_filled) for name, kind, is_required, is_filled in rows}


@pytest.mark.parametrize(("table", "columns"), DESCRIBED.items(), ids=DESCRIBED)
def test_a_table_has_the_columns_that_are_described_and_no_others(
    store: Store, table: str, columns: Columns
) -> None:
    found = made(store, table)
    assert {name: kind for name, (kind, _, _) in found.items()} == {
        each.name: TYPES[each.kind] for each in columns.columns
    }
    assert {name for name, (_, _, is_filled) in found.items() if is_filled} == set(columns.names) - set(
        columns.written
    )


def test_what_is_described_as_required_is_never_null_wherever_it_stands(store: Store) -> None:
    for table, columns in DESCRIBED.items():
        found = made(store, table)
        lax = [each.name for each in columns.columns if each.required and not found[each.name][1]]
        assert lax == [], table


def test_every_text_and_day_says_what_a_masked_copy_holds_of_it() -> None:
    """Numbers, amounts, instants and ids are kept; of a text or a day somebody must have thought."""
    for columns in DESCRIBED.values():
        unsaid = {
            each.name
            for each in columns.columns
            if each.kind in {Kind.CODE, Kind.TEXT, Kind.DAY} and each.masked is None
        }
        assert unsaid == set()
    for table, columns in DESCRIBED.items():
        assert masked_tables.TABLES[table].keys() == columns.masks.keys(), table


def test_a_claim_takes_everything_along_to_the_dead_letters_and_back() -> None:
    assert DEAD_LETTER.names[: len(STAGED_CLAIM.names)] == STAGED_CLAIM.names
    assert set(STAGED_CLAIM.written) == set(STAGED_CLAIM.names)


def test_what_is_delivered_is_in_production_and_a_target_has_it_all() -> None:
    for part, table in ((CLAIM, TABLES[0]), (LINE, TABLES[1])):
        delivered = part.of(DELIVERED)
        assert set(delivered.names) <= set(part.of(PRODUCED).names)
        assert set(table.names) == {"tenant", "version", *delivered.names}
        assert set(table.key) | set(table.metrics) | {n for i in table.indexes for n in i} <= set(table.names)
    assert set(CLAIM.of(STAGED).names) - set(CLAIM.of(PRODUCED).names) == {
        "number_occurrence",
        "content_occurrence",
    }
