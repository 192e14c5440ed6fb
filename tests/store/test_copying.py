"""Frames in bulk: in binary and as CSV they become the same rows, and the same faults."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from psycopg import errors, sql
from tests.calling import caller_of
from tests.compiled import needs_rows, other_library
from tests.database_server import Store

from claimwright.platform.database import (
    Connection,
    DatabaseError,
    copy_in,
    copy_out,
    copy_out_records,
    csv_of,
    partition,
)
from claimwright.platform.database import rows as compiled
from claimwright.platform.database.copying import _Rows

DAY = datetime.date(2026, 3, 9)
NOW = datetime.datetime(2026, 3, 9, 12, 30, 0, 120_000, tzinfo=datetime.UTC)
ROWS = 300


@pytest.fixture(params=[pytest.param("binary", marks=needs_rows), "csv"])
def form(request: pytest.FixtureRequest) -> Iterator[str]:
    """How a frame goes to the server."""
    with other_library(compiled) as patch:
        if request.param == "csv":
            patch.setattr(compiled, "LIBRARY", Path("nowhere"))
        yield request.param


def is_binary(sent: memoryview) -> bool:
    return bytes(sent[:6]) == b"PGCOPY"


def claims(**columns: Any) -> pl.DataFrame:
    """Rows of production.claims, some of whose columns are as given."""
    numbers = list(range(ROWS))
    frame = pl.DataFrame(
        {
            "received_on": [DAY] * ROWS,
            "claim_key": numbers,
            "version": pl.Series([number % 3 for number in numbers], dtype=pl.Int16),
            "original_key": [number if number % 2 else None for number in numbers],
            "file_id": [1] * ROWS,
            "position": pl.Series(numbers, dtype=pl.Int32),
            "facility": ["FAC001"] * ROWS,
            "form": ["P"] * ROWS,
            "payer_id": ["" if number % 2 else 'a,"b"\n\u00e9 \\N' for number in numbers],
            "service_from_on": [datetime.date(1999, 12, 31) if number % 2 else None for number in numbers],
            "total_charge": pl.Series(
                [Decimal(number * 10_007 - 5_000).scaleb(-2) for number in numbers], dtype=pl.Decimal(18, 2)
            ),
            "lines": pl.Series([3] * ROWS, dtype=pl.Int32),
            "unpriced_lines": pl.Series([0] * ROWS, dtype=pl.Int32),
            "findings": pl.Series([0] * ROWS, dtype=pl.Int8),
            "denial_probability": pl.Series([number / 7 for number in numbers], dtype=pl.Float32),
            "predicted_by": ["rules"] * ROWS,
            "route": ["review"] * ROWS,
            "route_reason": pl.Series([None] * ROWS),
            "correlation_id": ["01234567-89ab-cdef-0123-456789abcdeF"] * ROWS,
            "run_id": pl.Series([1] * ROWS, dtype=pl.Int32),
            "received_at": [NOW] * ROWS,
            "created_at": [NOW - datetime.timedelta(days=20_000)] * ROWS,
        }
    )
    return frame.with_columns(pl.Series(name, values) for name, values in columns.items())


def copied(connection: Connection, frame: pl.DataFrame) -> memoryview:
    return copy_in(connection, partition(connection, "production.claims", DAY), frame)


@needs_rows
def test_a_frame_becomes_the_same_rows_in_binary_and_as_csv(store: Store) -> None:
    frame = claims()
    with store.open() as database:
        with database.transaction(caller_of("binary")) as connection:
            assert is_binary(copied(connection, frame))
        with database.transaction(caller_of("csv")) as connection, pytest.MonkeyPatch.context() as patch:
            patch.setattr("claimwright.platform.database.copying.binary_rows", lambda *_: None)
            sent = copied(connection, frame)
            assert bytes(sent) == bytes(csv_of(frame))
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    with psycopg.connect(store.superuser) as connection:
        rows = [
            connection.execute(
                sql.SQL("select {} from production.claims where tenant = {} order by claim_key").format(
                    columns, tenant
                )
            ).fetchall()
            for tenant in ("binary", "csv")
        ]
    assert rows[0] == rows[1]
    assert len(rows[0]) == ROWS
    kept = dict(zip(frame.columns, rows[0][1], strict=True))
    assert kept["total_charge"] == Decimal("50.07")
    assert kept["received_at"] == NOW
    assert kept["payer_id"] == ""


def test_what_a_column_cannot_hold_is_refused_alike_however_it_is_sent(store: Store, form: str) -> None:
    text = ["x"] * (ROWS - 1)
    refused: list[tuple[dict[str, Any], type[psycopg.Error]]] = [
        ({"version": [1] * (ROWS - 1) + [40_000]}, errors.NumericValueOutOfRange),
        ({"total_charge": [Decimal(10**16)] * ROWS}, errors.NumericValueOutOfRange),
        ({"payer_id": [*text, "nu\0l"]}, errors.CharacterNotInRepertoire),
        ({"correlation_id": [*text, "no uuid"]}, errors.InvalidTextRepresentation),
        ({"service_from_on": [*text, "no day"]}, errors.DataError),
        ({"facility": [*text, None]}, errors.NotNullViolation),
        ({"route": [*text, "elsewhere"]}, errors.CheckViolation),
        ({"no_such": [*text, "x"]}, errors.UndefinedColumn),
        ({"tenant": ["theirs"] * ROWS}, errors.InsufficientPrivilege),
    ]
    with store.open() as database:
        for columns, problem in refused:
            with database.transaction(caller_of("ours")) as connection, pytest.raises(problem):
                copied(connection, claims(**columns))
        with database.transaction(caller_of("ours")) as connection:
            assert is_binary(copied(connection, claims())) == (form == "binary")


def test_a_column_that_is_of_another_type_by_now_is_not_sent_as_it_was(store: Store, form: str) -> None:
    frame = pl.DataFrame({"one": pl.Series(range(ROWS), dtype=pl.Int32)})
    with psycopg.connect(store.superuser) as connection:
        for kind in ("integer", "bigint", "numeric(5, 1)", "text", "real"):
            connection.execute("drop table if exists pg_temp.changing")
            connection.execute(f"create temporary table changing (one {kind})".encode())
            assert is_binary(copy_in(connection, "changing", frame)) == (form == "binary" and "int" in kind)
            total = connection.execute("select sum(one::numeric)::int from changing").fetchone()
            assert total == (ROWS * (ROWS - 1) // 2,)


def test_a_frame_without_rows_is_not_sent(store: Store) -> None:
    with store.open() as database, database.transaction(caller_of("ours")) as connection:
        assert not copied(connection, claims().clear())


def test_records_with_a_null_or_other_columns_are_refused(store: Store) -> None:
    with psycopg.connect(store.superuser) as connection:
        for said in (
            "select null::bigint, 'x'::bytea",
            "select 1::bigint, null::bytea",
            "select 1::int, 'x'::bytea",
            "select 1::bigint, 2::bigint, 'x'::bytea",
            "select 1::bigint",
        ):
            with pytest.raises(DatabaseError, match="binary rows arrived"):
                copy_out_records(connection, sql.SQL(said), ["int8"])
        for said, count in (
            ("select 1::bigint, ''::bytea", 1),
            ("select 1::bigint, ''::bytea where false", 0),
        ):
            numbers, contents = copy_out_records(connection, sql.SQL(said), ["int8"])
            assert [column.tolist() for column in numbers] == [[1] * count]
            assert contents == [b""] * count


def test_a_query_that_fails_halfway_fails_as_the_server_says_and_leaves_the_connection(store: Store) -> None:
    failing = sql.SQL(
        "select (1 / (9000 - n))::bigint, repeat('x', 99)::bytea from generate_series(1, 9999) n"
    )
    with psycopg.connect(store.superuser) as connection:
        for _ in range(2):
            with pytest.raises(errors.DivisionByZero), connection.transaction():
                copy_out_records(connection, failing, ["int8"])
            with pytest.raises(errors.DivisionByZero), connection.transaction():
                copy_out(connection, failing, {"one": pl.Int64(), "two": pl.String()})
        assert connection.execute("select 1").fetchone() == (1,)


def cut(pieces: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    rows = _Rows(2)
    for piece in pieces:
        rows.add(memoryview(piece))
    rows.end()
    return rows.heads, rows.contents


def test_rows_are_found_wherever_their_heading_and_end_come() -> None:
    heading, end = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
    for pieces in (
        [heading, b"one", b"two", end],
        [heading + b"one", b"two", end],
        [heading + b"one", b"two" + end],
    ):
        assert cut(pieces) == ([b"on", b"tw"], [b"e", b"o"])
    assert cut([heading + end]) == cut([heading, end]) == ([], [])
    for strange in ([], [heading + b"one"], [b"one", end], [heading]):
        with pytest.raises(DatabaseError, match="without their header or trailer"):
            cut(strange)
