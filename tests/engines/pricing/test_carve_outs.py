"""Carve-outs, defaults, ranges, rising rates, and the tester of contracts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from claimwright.engines.pricing import ContractError, Pricer, parse_contracts, try_contracts

from .conftest import frames, service

CONTRACTS = """
contracts:
  - name: Acme
    payer_id: acme1
    effective_on: 2025-01-01
    expires_on: 2025-12-31
    kind: percent_of_charge              # the default, for what no carve-out names
    terms: {percent: 50}
    services:
      - name: chest film, reading
        procedures: ["71046"]
        modifiers: ["26"]
        kind: per_unit
        terms: {rates: {71046: 12}}
      - name: radiology
        procedures: [radiology]
        kind: medicare_pfs
        terms: {percent: 120, schedule_year: 2025, locality: national, lesser_of_charge: false}
      - name: visits at Jones
        procedures: [99202-99215]
        providers: ["1234567893"]
        kind: per_unit
        terms: {rates: {99213: 100, 99214: 150}}
      - name: implants
        revenue_codes: [0274-0278]
        kind: percent_of_charge
        terms: {percent: 110}
"""


@pytest.mark.parametrize(
    ("line", "amount", "contract"),
    [
        (service("71046", "26", charge="200"), "12.00", "chest film, reading"),
        (service("71046", charge="200"), "39.20", "radiology"),  # 1.01 x 32.3465 = 32.67 (2025), x 1.2
        (service("99213", charge="200"), "100.00", "visits at Jones"),
        (service("99283", charge="200"), "100.00", "Acme"),
        (service("L8699", charge="1000", revenue_code="278"), "1100.00", "implants"),
    ],
)
def test_the_first_carve_out_that_fits_decides_and_the_rest_has_the_contract_s_terms(
    line: dict[str, object], amount: str, contract: str
) -> None:
    import polars as pl

    claims, lines = frames([line], payer="ACME1")
    claims = claims.with_columns(rendering_npi=pl.lit("1234567893"))
    pricer = Pricer.from_text(CONTRACTS, "x")
    row = pricer.price(claims, lines).row(0, named=True)
    assert (row["allowed"], row["contract"]) == (Decimal(amount), contract)
    [told] = try_contracts(pricer, claims, lines)["why"].to_list()
    assert ("service of Acme" in told) == (contract != "Acme")


@pytest.mark.parametrize(
    ("payer", "form", "on", "why"),
    [
        ("OTHER", "P", "2025-06-02", "no contract names the payer"),
        ("ACME1", "P", "2024-06-02", "the date of service is outside Acme: 2025-01-01 to 2025-12-31"),
    ],
)
def test_the_tester_says_what_keeps_a_line_from_every_contract(
    payer: str, form: str, on: str, why: str
) -> None:
    claims, lines = frames([service("99213", on=on)], payer=payer, form=form)
    told = try_contracts(Pricer.from_text(CONTRACTS, "x"), claims, lines)
    assert told["basis"].to_list() == ["no_contract"]
    assert why in told["why"][0]


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("rates: {71046-26: 10}", "is not a procedure code"),
        ("rates: {10000-69999: 10}", "is not a procedure code"),
        ("revenue_rates: {12: 10}", "is not a revenue code"),
    ],
)
def test_a_key_that_nothing_can_equal_is_refused(terms: str, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        parse_contracts(f"contracts:\n  - {{kind: per_unit, terms: {{{terms}}}}}", "x")


def test_a_carve_out_for_what_no_line_has_is_refused() -> None:
    text = "contracts:\n  - kind: percent_of_charge\n    terms: {percent: 5}\n    services:\n"
    with pytest.raises(ContractError, match="no line has such a value among its modifiers"):
        parse_contracts(
            text + "      - {modifiers: [260], kind: percent_of_charge, terms: {percent: 5}}", "x"
        )


def test_rates_rise_from_year_to_year() -> None:
    """100, then 103, then 106.09."""
    text = (
        "contracts:\n  - {kind: per_unit, effective_on: 2024-07-01, expires_on: 2026-12-31,"
        " escalator: {percent: 3}, terms: {rates: {99213: 100}}}"
    )
    lines = [service("99213", on=day) for day in ("2024-07-01", "2025-06-30", "2025-07-01", "2026-12-31")]
    amounts = Pricer.from_text(text, "x").price(*frames(lines))["allowed"].to_list()
    assert amounts == [Decimal(amount) for amount in ("100.00", "100.00", "103.00", "106.09")]


def test_a_revenue_code_has_its_zero_or_not() -> None:
    text = "contracts:\n  - {kind: per_unit, terms: {revenue_rates: {120: 1500}}}"
    lines = [service(None, revenue_code=code, units="2") for code in ("0120", "120")]
    assert (
        Pricer.from_text(text, "x").price(*frames(lines, form="I"))["allowed"].to_list()
        == [Decimal("3000.00")] * 2
    )
