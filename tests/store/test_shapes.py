"""A value in the wrong field does not leave the seal: a table holds only what is shaped like its column."""

from __future__ import annotations

import polars as pl
import pytest

from claimwright.store.columns import PRODUCED_CLAIM, PRODUCED_FINDING, PRODUCED_LINE, Columns, shaped
from claimwright.store.production import ProductionRows

FITS = {
    "payer_id": ["SKIL0", "60054", "12-B.3"],
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
    # A payer id is free text to the payer: one word can't be told from a name by its shape.
    wrong = MISPLACED if name != "payer_id" else ["MARIA RIVERA", "Rivera, Maria", "12 OAK ST", ""]
    assert shaped(pl.DataFrame({name: wrong}))[name].to_list() == [None] * len(wrong)
    assert shaped(pl.DataFrame({name: [None]}, schema={name: pl.String}))[name].to_list() == [None]


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
