"""Contracts: what each kind pays, which one a line falls under, and what a bad file is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from claimwright.engines.pricing import PRICED, Basis, ContractError, ContractKind, Pricer, parse_contracts
from claimwright.engines.pricing.contract_file import _TERMS_OF
from claimwright.engines.pricing.pricer import _WAY_OF
from claimwright.reference.fee_schedules import fee_schedules

from .conftest import Allowed, Priced, service


def contract(kind: str, terms: str = "{}", **fields: str) -> Pricer:
    more = "".join(f"\n    {name}: {value}" for name, value in fields.items())
    return Pricer.from_text(f"contracts:\n  - kind: {kind}\n    terms: {terms}{more}", "contracts.yaml")


def test_every_kind_of_contract_can_be_read_and_priced_and_is_a_basis() -> None:
    kinds = set(ContractKind)
    assert set(_TERMS_OF) == kinds
    assert set(_WAY_OF) - {None} == kinds
    assert {Basis(kind.value) for kind in kinds} <= PRICED


def test_an_rvu_contract_pays_relative_value_units_times_units_times_the_factor(allowed: Allowed) -> None:
    # 99203 in 2025: 1.60 + 1.61 + 0.16 = 3.37; x 2 x 36.04 = 242.9096, rounded once: not 2 x 121.45.
    assert allowed(service("99203", units="2"), pricer=contract("rvu")) == [Decimal("242.91")]


def test_an_rvu_contract_names_its_own_factor(allowed: Allowed) -> None:
    # 2.75 x 40.5 = 111.375
    assert allowed(service("99213"), pricer=contract("rvu", "{conversion_factor: 40.5}")) == [
        Decimal("111.38")
    ]


def test_an_rvu_contract_has_no_localities_and_none_of_medicare_s_rules(allowed: Allowed) -> None:
    # 99358 has values that Medicare does not use: 1.80 + 0.75 + 0.12 = 2.67; x 36.04 = 96.2268.
    # 20610 twice: 1.96 x 36.04 = 70.6384 each, neither halved nor capped by the charge of a dollar.
    lines = (service("99358"), service("20610", charge="1"), service("20610"))
    assert allowed(*lines, pricer=contract("rvu"), state="AK") == [
        Decimal("96.23"),
        Decimal("70.64"),
        Decimal("70.64"),
    ]


def test_an_rvu_contract_may_take_medicare_s_rules(allowed: Allowed) -> None:
    # 70.6384 and half of it
    pricer = contract("rvu", "{medicare_adjustments: true}")
    assert allowed(service("20610"), service("20610"), pricer=pricer) == [Decimal("70.64"), Decimal("35.32")]


def test_a_percentage_of_medicare_is_taken_before_the_only_rounding_of_the_line(allowed: Allowed) -> None:
    # 88.95 x 1.175 = 104.51625
    pricer = contract("medicare_pfs", "{percent: 117.5, locality: national}")
    assert allowed(service("99213"), pricer=pricer) == [Decimal("104.52")]


def test_a_contract_may_fix_the_year_and_the_factor(allowed: Allowed) -> None:
    # 99213 in 2023 is 2.68; x 33.8872 = 90.817696. With a factor of 45: 120.60.
    fixed = contract("medicare_pfs", "{schedule_year: 2023}")
    own = contract("medicare_pfs", "{schedule_year: 2023, conversion_factor: 45}")
    assert allowed(service("99213", on="2026-03-01"), pricer=fixed) == [Decimal("90.82")]
    assert allowed(service("99213", on="2026-03-01"), pricer=own) == [Decimal("120.60")]


def test_a_contract_may_fix_the_setting(allowed: Allowed) -> None:
    pricer = contract("medicare_pfs", "{setting: facility}")
    assert allowed(service("99213", place="11"), pricer=pricer) == [Decimal("63.72")]


def test_medicare_pays_the_charge_where_it_is_less(priced: Priced) -> None:
    less, more = priced(service("99213", charge="80.00"), service("99213", charge="89.00"))
    assert (less["allowed"], less["charge_limited"], less["unit_amount"]) == (
        Decimal("80.00"),
        True,
        Decimal("88.95"),
    )
    assert (more["allowed"], more["charge_limited"]) == (Decimal("88.95"), False)


def test_a_percentage_of_the_charge_is_paid_on_any_form(allowed: Allowed) -> None:
    pricer = contract("percent_of_charge", "{percent: 62.5}")
    for form in "PID":
        assert allowed(service(None, charge="123.45", on=None), form=form, pricer=pricer) == [
            Decimal("77.16")
        ]


def test_a_line_without_a_charge_has_no_percentage_of_it(priced: Priced) -> None:
    pricer = contract("percent_of_charge", "{percent: 50}")
    rows = priced(
        service("99213"), service("99213", charge="-5"), service("99213", charge="0"), pricer=pricer
    )
    assert [(row["allowed"], row["basis"]) for row in rows] == [
        (None, "no_charge"),
        (None, "no_charge"),
        (Decimal("0.00"), "percent_of_charge"),
    ]


def test_a_rate_is_paid_for_each_unit_of_a_procedure_or_revenue_code(priced: Priced) -> None:
    pricer = contract("per_unit", "{rates: {J1885: 1.2345}, revenue_rates: {0120: 1500}}")
    rows = priced(
        service("J1885", units="4"),  # 4.938
        service(None, units="3", revenue_code="0120"),
        service("99213", revenue_code="0450"),
        service("J1885", units="0"),
        form="I",
        pricer=pricer,
    )
    assert [(row["allowed"], row["basis"]) for row in rows] == [
        (Decimal("4.94"), "per_unit"),
        (Decimal("4500.00"), "per_unit"),
        (None, "not_in_contract"),
        (None, "no_units"),
    ]


TWO_YEARS = """
contracts:
  - {name: first, payer_id: [A1, 00123], expires_on: 2024-12-31, kind: percent_of_charge,
     terms: {percent: 50}}
  - {name: second, payer_id: A1, effective_on: 2025-01-01, forms: [P], kind: percent_of_charge,
     terms: {percent: 60}}
  - {name: others, kind: percent_of_charge, terms: {percent: 10}}
"""


@pytest.mark.parametrize(
    ("payer", "day", "form", "name"),
    [
        ("A1", "2024-12-31", "P", "first"),
        ("A1", "2025-01-01", "P", "second"),
        ("A1", "2025-01-01", "I", "others"),
        ("00123", "2024-06-01", "P", "first"),
        ("123", "2024-06-01", "P", "others"),
        ("00123", "2025-06-01", "P", "others"),
        (None, "2025-06-01", "P", "others"),
        ("A1", None, "P", "others"),
    ],
)
def test_a_line_falls_under_the_contract_of_its_payer_form_and_date(
    priced: Priced, payer: str | None, day: str | None, form: str, name: str
) -> None:
    pricer = Pricer.from_text(TWO_YEARS, "contracts.yaml")
    [row] = priced(service("99213", on=day, charge="100"), payer=payer, form=form, pricer=pricer)
    assert row["contract"] == name


def test_without_a_contract_there_is_no_price_unless_the_file_says_otherwise(priced: Priced) -> None:
    text = "contracts: [{payer_id: A1, kind: rvu}]"
    [none] = priced(service("99213"), payer="B2", pricer=Pricer.from_text(text, "c.yaml"))
    [medicare] = priced(
        service("99213"), payer="B2", pricer=Pricer.from_text(f"{text}\notherwise: medicare_pfs", "c.yaml")
    )
    assert (none["allowed"], none["basis"]) == (None, "no_contract")
    assert (medicare["allowed"], medicare["basis"]) == (Decimal("88.95"), "medicare_pfs")


def test_without_any_contract_no_line_has_a_price(priced: Priced) -> None:
    [row] = priced(service("99213"), pricer=Pricer([], fee_schedules()))
    assert (row["allowed"], row["basis"]) == (None, "no_contract")


def test_lines_of_several_contracts_keep_their_order(priced: Priced) -> None:
    pricer = Pricer.from_text(TWO_YEARS, "contracts.yaml")
    days = ["2025-03-01", "2024-03-01", None, "2025-04-01", "2023-01-01"]
    rows = priced(*(service("99213", on=day, charge="100") for day in days), payer="A1", pricer=pricer)
    assert [row["line"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["contract"] for row in rows] == ["second", "first", "others", "second", "first"]


ANESTHESIA = "{locality: national, anesthesia_base_units: {01400: 4}}"


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        # (4 + 75 / 15) x 20.3178 = 182.8602
        (service("01400", "AA", units="75", unit_basis="MJ"), "182.86"),
        # 95 minutes are 6.3 units: (4 + 6.3) x 20.3178 = 209.27334, and half of it
        (service("01400", "QZ", units="95", unit_basis="MJ"), "209.27"),
        (service("01400", "QK", units="95", unit_basis="MJ"), "104.64"),
        # five units of fifteen minutes
        (service("01400", units="5", unit_basis="UN"), "182.86"),
        # supervision: 3 x 20.3178 = 60.9534
        (service("01402", "AD", units="95", unit_basis="MJ"), "60.95"),
    ],
)
def test_anesthesia_is_base_units_and_time_times_a_factor_of_its_own(
    allowed: Allowed, line: dict[str, Any], amount: str
) -> None:
    assert allowed(line, pricer=contract("medicare_pfs", ANESTHESIA)) == [Decimal(amount)]


def test_anesthesia_takes_the_factor_of_the_locality(allowed: Allowed) -> None:
    # Ohio: 9 x 20.06
    pricer = contract("medicare_pfs", "{anesthesia_base_units: {01400: 4}}")
    line = service("01400", units="75", unit_basis="MJ")
    assert allowed(line, pricer=pricer, state="OH") == [Decimal("180.54")]


def test_the_national_factor_stands_in_where_that_of_the_locality_is_not_at_hand(priced: Priced) -> None:
    """CMS reissued the local factors of 2024 for services from 9 March; the earlier ones are not at hand.
    (4 + 5) x 20.4349 (CMS-1784-F) = 183.9141.
    """
    [row] = priced(service("01400", units="75", unit_basis="MJ", on="2024-03-08"), state="OH")
    assert row["allowed"] == Decimal("183.91")
    assert "for want of that of the locality" in row["reductions"]


@pytest.mark.parametrize(
    ("line", "state", "basis"),
    [
        (service("01999", units="75", unit_basis="MJ"), None, "no_anesthesia_base_units"),
        (service("01400", units="75", unit_basis="DA"), None, "no_anesthesia_time"),
    ],
)
def test_anesthesia_that_cannot_be_priced_says_why(
    priced: Priced, line: dict[str, Any], state: str | None, basis: str
) -> None:
    pricer = contract("medicare_pfs", "{anesthesia_base_units: {01400: 4}}")
    [row] = priced(line, state=state, pricer=pricer)
    assert (row["allowed"], row["basis"]) == (None, basis)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("- a", "a list named contracts"),
        ("contracts: []", "yaml:1: contracts: must be a list with at least one entry"),
        ("contracts: [{}]", "kind is missing"),
        ("contracts:\n- kind: capitation", r"yaml:2: contracts\[1\].kind: must be one of medicare_pfs, rvu"),
        ("contracts:\n- kind: rvu\n  terms: {percnt: 3}", "percnt: is not known here; did you mean percent"),
        ("contracts:\n- kind: rvu\n  kind: rvu", r"yaml:3: contracts\[1\].kind: is given twice"),
        ("contracts: [{kind: percent_of_charge}]", "terms must give a percent"),
        ("contracts: [{kind: percent_of_charge, terms: {percent: 0}}]", "a number from 0.0001 to 1000"),
        ("contracts: [{kind: percent_of_charge, terms: {percent: .nan}}]", "must be a number"),
        ("contracts: [{kind: percent_of_charge, terms: {percent: 1.00001}}]", "at most 4 decimals"),
        ("contracts: [{kind: per_unit}]", "terms must give rates, rates_file or revenue_rates"),
        (
            "contracts: [{kind: per_unit, terms: {rates: {99213: -1}}}]",
            "rates.99213: must be a number from 0",
        ),
        ("contracts: [{kind: rvu, effective_on: 2025-02-30}]", "must be a date written as"),
        (
            "contracts: [{kind: rvu, effective_on: 2025-02-01, expires_on: 2025-01-01}]",
            "is before effective_on",
        ),
        ("contracts: [{kind: rvu, forms: [P, X]}]", "must be a list of P, I and D"),
        ("contracts: [{kind: rvu}, {kind: rvu}]", "covers the same payer, form and dates as 'rvu contract'"),
        ("contracts: [{kind: medicare_pfs, terms: {locality: NYC}}]", "as in 13202-01"),
        ("contracts: [{kind: medicare_pfs, terms: {qualifying_apm: 3}}]", "must be true or false"),
        ("contracts: [{kind: rvu, terms: {schedule_year: 2023, carry_forward: 2023}}]", "not both"),
        ("contracts: [{kind: rvu}]\notherwise: free", "must be none or medicare_pfs"),
        ("contracts: [1", "yaml:1: not YAML"),
        ("a: 1\n---\nb: 2", "not YAML"),
        ("[" * 100_000, "nested too deeply"),
        ("\x00", "not YAML"),
        ("x" * 1_000_001, "larger than"),
    ],
)
def test_a_bad_contract_file_is_told_where_and_what(text: str, message: str) -> None:
    with pytest.raises(ContractError, match=message) as caught:
        parse_contracts(text, "contracts.yaml")
    assert str(caught.value).startswith("contracts.yaml")
    assert "\n" not in str(caught.value)


def test_a_contract_file_is_read_from_a_path(tmp_path: Path, allowed: Allowed) -> None:
    path = tmp_path / "contracts.yaml"
    path.write_bytes(b"\xef\xbb\xbfcontracts: [{kind: rvu}]\r\n")
    assert allowed(service("99213"), pricer=Pricer.from_contracts(path)) == [Decimal("99.11")]  # 2.75 x 36.04


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00contracts"])
def test_a_contract_file_that_cannot_be_read_says_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "contracts.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ContractError, match=r"contracts\.yaml: (cannot be read|not a text file)"):
        Pricer.from_contracts(path)
