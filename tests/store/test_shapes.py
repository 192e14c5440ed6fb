"""A value in the wrong field does not leave the seal: a table holds only what is shaped like its column."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import polars as pl
import psycopg
import pytest
from tests.database_server import Store

from claimwright.store.columns import PRODUCED_CLAIM, PRODUCED_FINDING, PRODUCED_LINE, Columns, shaped
from claimwright.store.payers import unsealed_payers
from claimwright.store.production import ProductionRows
from claimwright.store.schema import migrate

FITS = {
    "payer_id": ["SKIL0", "60054", "12-B.3", "payer-0123456789ab"],
    "claim_filing": ["CI", "MB", "16"],
    "frequency": ["1", "7", "J"],
    "procedure": ["99213", "G0439", "0001F", "1AFKS", "D0120"],
    "modifiers": ["25", "LT 59", "26 TC LT RT"],
    "revenue_code": ["0450", "450"],
    "place_of_service": ["11"],
}
MISPLACED = ["RIVERA", "MARIA RIVERA", "Rivera, Maria", "123-45-6789", "19610402", "12 OAK ST", ""]


@pytest.mark.parametrize("name", FITS)
def test_what_fits_is_kept_and_what_does_not_is_null(name: str) -> None:
    kept = shaped(pl.DataFrame({name: FITS[name], "basis": FITS[name]}))
    assert kept[name].to_list() == kept["basis"].to_list() == FITS[name]
    assert shaped(pl.DataFrame({name: MISPLACED}))[name].to_list() == [None] * len(MISPLACED)
    assert shaped(pl.DataFrame({name: [None]}, schema={name: pl.String}))[name].to_list() == [None]


class Blinding:
    def blind(self, kind: str, tenant: str, values: Sequence[str | None]) -> list[bytes | None]:
        return [value and sha256(f"{kind} {tenant} {value}".encode()).digest()[:16] for value in values]


def test_a_payer_that_may_be_a_person_is_a_token_the_same_for_the_same_number() -> None:
    payers = pl.Series(["60054", "RIVERA", None, *MISPLACED[:-1], "RIVERA", "H2P01"])
    kept = unsealed_payers(payers, Blinding(), "north")
    assert [kept[0], kept[2], kept[-1]] == ["60054", None, "H2P01"]
    assert not set(kept.drop_nulls()) & set(MISPLACED)
    assert kept[1] == kept[-2]
    assert kept.n_unique() == payers.n_unique()
    assert shaped(pl.DataFrame({"payer_id": kept}))["payer_id"].to_list() == kept.to_list()


def test_values_that_were_stored_before_are_taken_out(bare_store: Store) -> None:
    migrate(bare_store.owner, "0110")
    with psycopg.connect(bare_store.superuser) as connection:
        connection.execute("select set_config('claimwright.tenant', 'north', false)")
        connection.execute("select store.partition('production.lines', '2025-09-01')")
        connection.execute(
            "insert into production.lines (received_on, claim_key, line, procedure, modifiers)"
            " values ('2025-09-01', 1, 1, 'RIVERA', '25'), ('2025-09-01', 1, 2, '99213', 'RIVERA')"
        )
    migrate(bare_store.owner)
    with psycopg.connect(bare_store.superuser) as connection:
        kept = connection.execute("select procedure, modifiers from production.lines").fetchall()
    assert set(kept) == {(None, "25"), ("99213", None)}


def test_rows_for_production_are_shaped() -> None:
    def one(columns: Columns, **values: str) -> pl.DataFrame:
        frame = pl.DataFrame({name: [None] for name in columns.names}, schema=columns.schema)
        return frame.with_columns(**{name: pl.lit(value) for name, value in values.items()})

    rows = ProductionRows(
        one(PRODUCED_CLAIM, claim_filing="RIVERA"),
        one(PRODUCED_LINE, procedure="RIVERA", modifiers="RIVERA"),
        one(PRODUCED_FINDING),
        pl.DataFrame(),
        pl.DataFrame(),
    )
    for _, frame in rows.by_table():
        assert not any("RIVERA" in row for row in frame.rows())
