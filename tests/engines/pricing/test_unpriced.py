"""A line without a price says why, and no line is lost."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from claimwright.engines.pricing import MEANING, PRICE_SCHEMA, Basis, Pricer, explain_price

from .conftest import Priced, frames, service


@pytest.mark.parametrize(
    ("line", "basis"),
    [
        (service(None), "no_procedure"),
        (service("99213", on=None), "no_date"),
        (service("99213", units=None), "no_units"),
        (service("99213", units="0"), "no_units"),
        (service("99213", units="-1"), "no_units"),
        (service("99213", units="10000.001"), "units_out_of_range"),
        (service("ZZZZZ"), "unknown_code"),
        (service("D0120"), "dental"),
        (service("0042T"), "carrier_priced"),  # status C
        (service("0275T"), "carrier_priced"),  # status R, no values
        (service("99024"), "bundled"),  # B
        (service("J1885"), "excluded_by_regulation"),  # E
        (service("99358"), "not_valid_for_medicare"),  # I
        (service("0001F"), "not_valid_for_medicare"),
        (service("36415"), "statutory_exclusion"),  # X
        (service("01999", units="30", unit_basis="MJ"), "no_anesthesia_base_units"),  # J
    ],
)
def test_a_line_without_a_price_says_why(priced: Priced, line: dict[str, Any], basis: str) -> None:
    [row] = priced(line)
    assert (row["allowed"], row["basis"]) == (None, basis)


@pytest.mark.parametrize(("form", "basis"), [("I", "institutional"), ("D", "dental"), (None, "no_claim")])
def test_other_forms_have_no_price_under_the_physician_fee_schedule(
    priced: Priced, form: str | None, basis: str
) -> None:
    [row] = priced(service("99213"), form=form)
    assert (row["allowed"], row["basis"]) == (None, basis)


def test_a_restricted_service_with_values_is_priced(priced: Priced) -> None:
    [row] = priced(service("11719"))  # status R
    assert row["basis"] == "medicare_pfs"


def test_every_code_has_words_for_a_person() -> None:
    assert set(MEANING) == {basis.value for basis in Basis}


def test_no_lines_give_no_rows_and_all_columns(medicare: Pricer) -> None:
    claims, lines = frames([service("99213")])
    for empty in (medicare.price(claims, lines.clear()), medicare.price(claims.clear(), lines.clear())):
        assert dict(empty.schema) == PRICE_SCHEMA
        assert empty.is_empty()


def test_a_line_of_no_claim_is_kept(medicare: Pricer) -> None:
    claims, lines = frames([service("99213", claim=1), service("99213", claim=2)])
    result = medicare.price(claims.filter(pl.col("claim") == 2), lines)
    assert result["basis"].to_list() == ["no_claim", "medicare_pfs"]


def test_a_frame_without_its_keys_is_refused(medicare: Pricer) -> None:
    claims, lines = frames([service("99213")])
    with pytest.raises(ValueError, match="lines: no column claim, line"):
        medicare.price(claims, lines.drop("claim", "line"))
    with pytest.raises(ValueError, match="a claim occurs twice"):
        medicare.price(pl.concat([claims, claims]), lines)


def test_columns_that_a_frame_lacks_count_as_unknown(medicare: Pricer) -> None:
    claims, lines = frames([service("99213")])
    result = medicare.price(claims.select("claim", "form"), lines.select("claim", "line"))
    assert result["basis"].to_list() == ["no_procedure"]


def test_a_price_is_explained_as_arithmetic(priced: Priced) -> None:
    [knee] = priced(service("27447", "50", place="21", charge="1000"))
    assert explain_price(knee) == [
        "Medicare physician fee schedule",
        (
            "(19.60 work x 1.000 + 15.30 practice expense x 1.000 + 3.98 malpractice x 1.000) x 32.3465"
            " = $1,257.63 a unit"
        ),
        "relative values of 2025, facility",
        "locality national (national: state not known)",
        "bilateral 150%",
        "the charge is less, so the charge is allowed",
        "allowed $1,000.00",
    ]


def test_the_lack_of_a_price_is_explained_in_words(priced: Priced) -> None:
    [row] = priced(service("36415"))
    assert explain_price(row) == [MEANING["statutory_exclusion"]]
