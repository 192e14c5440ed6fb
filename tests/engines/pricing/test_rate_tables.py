"""Contracts on tables of rates: several procedures of a day, both sides, and case rates by DRG weight.

Every amount is worked out by hand; the tables are invented.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from claimwright.engines.pricing import ContractError, Pricer

from .conftest import frames, service

CENTER = """
contracts:
  - name: Surgery centers
    payer_id: ACME1
    kind: per_unit
    terms:
      rates: {"29881": 1800, "29876": 1200.50, "64483": 600, "64484": 300, "66984": 1000, "J3301": 2.25}
      percent: 110
      multiple_procedures: {percents: [100, 50, 25], except: ["64484"]}
      bilateral_percent: 150
"""


def priced(*lines: dict[str, object], text: str = CENTER) -> list[tuple[Decimal | None, str | None]]:
    claims, frame = frames(list(lines), payer="acme1")
    found = Pricer.from_text(text, "x").price(claims, frame)
    return [(row["allowed"], row["reductions"]) for row in found.iter_rows(named=True)]


def amounts(*lines: dict[str, object], text: str = CENTER) -> list[Decimal | None]:
    return [amount for amount, _ in priced(*lines, text=text)]


def test_one_procedure_is_paid_at_its_rate_times_the_percentage() -> None:
    # 1,800.00 x 110% = 1,980.00
    assert amounts(service("29881", "RT")) == [Decimal("1980.00")]


def test_the_second_procedure_of_a_day_is_paid_at_half_and_the_third_at_a_quarter() -> None:
    # Ranked by rate, not by line: 1,800 x 110% = 1,980.00; 1,200.50 x 50% x 110% = 660.275, half up 660.28;
    # 600 x 25% x 110% = 165.00
    found = priced(service("64483"), service("29876", "LT"), service("29881", "RT"))
    assert found == [
        (Decimal("165.00"), "multiple procedures: 25.00%; contract 110.00%"),
        (Decimal("660.28"), "multiple procedures: 50.00%; contract 110.00%"),
        (Decimal("1980.00"), "contract 110.00%"),
    ]


def test_an_exempt_procedure_and_one_that_is_no_surgery_are_paid_in_full() -> None:
    # 600 x 110% = 660.00; 300 x 110% = 330.00; 4 x 2.25 x 110% = 9.90
    assert amounts(service("64484"), service("J3301", units="4"), service("64483")) == [
        Decimal("330.00"), Decimal("9.90"), Decimal("660.00"),
    ]  # fmt: skip


def test_days_and_claims_are_ranked_apart() -> None:
    lines = [service("29881"), service("29876", on="2025-06-03"), service("29876", claim=2)]
    # 1,980.00; 1,200.50 x 110% = 1,320.55 twice
    assert amounts(*lines) == [Decimal("1980.00"), Decimal("1320.55"), Decimal("1320.55")]


def test_each_unit_is_a_procedure() -> None:
    # Three at 600: 100% + 50% + 25% = 175%; 600 x 175% x 110% = 1,155.00
    assert amounts(service("64483", units="3")) == [Decimal("1155.00")]


def test_both_sides_are_one_procedure_at_the_percentage_for_both() -> None:
    # 1,000 x 150% x 110% = 1,650.00; it ranks before 1,200.50 by its 1,500: 1,200.50 x 50% x 110% = 660.28
    assert priced(service("66984", "50"), service("29876")) == [
        (Decimal("1650.00"), "both sides 150.00%; contract 110.00%"),
        (Decimal("660.28"), "multiple procedures: 50.00%; contract 110.00%"),
    ]
    assert amounts(service("66984", "RT", "LT")) == [Decimal("1650.00")]


def test_without_a_rule_every_procedure_is_paid_in_full() -> None:
    text = CENTER.replace(
        '      multiple_procedures: {percents: [100, 50, 25], except: ["64484"]}\n', ""
    ).replace("      bilateral_percent: 150\n", "")
    assert amounts(service("29881"), service("29876", "50"), text=text) == [
        Decimal("1980.00"),
        Decimal("1320.55"),
    ]


def test_only_the_procedures_that_the_rule_names_are_ranked() -> None:
    text = CENTER.replace("percents: [100, 50, 25]", "percents: [100, 50], procedures: [29800-29999]")
    # The injection keeps 660.00; the second arthroscopy has 50%.
    assert amounts(service("64483"), service("29876"), service("29881"), text=text) == [
        Decimal("660.00"), Decimal("660.28"), Decimal("1980.00"),
    ]  # fmt: skip


def test_rates_come_from_a_file_beside_the_contract(tmp_path: Path) -> None:
    (tmp_path / "asc.csv").write_text(
        'Procedure,Rate,Note\n66984,"1,093.71",x\n29881,1500.00,\n', encoding="utf-8"
    )
    contract = tmp_path / "contracts.yaml"
    contract.write_text(
        "contracts:\n- payer_id: ACME1\n  kind: per_unit\n  terms: {rates_file: asc.csv, percent: 120,"
        " multiple_procedures: {percents: [100, 50]}}\n",
        encoding="utf-8",
    )
    claims, frame = frames([service("29881"), service("66984")], payer="acme1")
    # 1,500 x 120% = 1,800.00; 1,093.71 x 50% x 120% = 656.226, rounded 656.23
    assert Pricer.from_contracts(contract).price(claims, frame)["allowed"].to_list() == [
        Decimal("1800.00"), Decimal("656.23"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("a,b\n", "must name the columns procedure and rate"),
        ("procedure,rate\n", "has no rows"),
        ("procedure,rate\n2988,10\n", "row 2: is not a procedure"),
        ("procedure,rate\n29881,ten\n", "row 2: rate must be a number"),
        ("procedure,rate\n29881\n", "row 2: rate must be a number"),
        ("procedure,rate\n29881,1.00001\n", "row 2: rate must have at most 4 decimals"),
        ("procedure,rate\n29881,-1\n", "row 2: rate must be a number from 0"),
        ("procedure,rate\n29881,1\n\n29881,2\n", "row 4: the procedure stands in the table twice"),
    ],
)
def test_a_table_that_is_not_one_is_refused_with_its_row(table: str, said: str) -> None:
    text = "contracts:\n- kind: per_unit\n  terms: {rates_file: asc.csv}\n"
    with pytest.raises(ContractError, match=said):
        Pricer.from_text(text, "x", files=lambda _: table)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    contract = tmp_path / "contracts.yaml"
    contract.write_text("contracts:\n- kind: per_unit\n  terms: {rates_file: gone.csv}\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"gone\.csv cannot be read"):
        Pricer.from_contracts(contract)
    with pytest.raises(ContractError, match="needs a contract file in a folder"):
        Pricer.from_text(contract.read_text(encoding="utf-8"), "x")


STAYS = """
contracts:
  - name: Stays by weight
    payer_id: ACME1
    effective_on: 2024-01-01
    forms: [I]
    kind: percent_of_charge
    terms: {percent: 40}
    claims:
      - name: DRG
        bill_types: ["11"]
        kind: case_rate
        terms: {base_rate: 6543.21, weights: {"470": 1.9289, "65": 1.0123}, percent: 112.5}
"""


def stay(
    drg: str | None, text: str = STAYS, on: str = "2025-06-02", **files: str
) -> tuple[Decimal | None, str, str | None]:
    lines = [
        service(None, charge="20000", revenue_code="0120", on=None),
        service(None, charge="10000", revenue_code="0250", on=None),
    ]
    claims, frame = frames(lines, payer="acme1", form="I")
    day = date.fromisoformat(on)
    claims = claims.with_columns(
        facility_type=pl.lit("11"), drg=pl.lit(drg, pl.String), statement_from_on=day, statement_to_on=day
    )
    found = Pricer.from_text(text, "x", files=files.__getitem__).price(claims, frame)
    return found["allowed"].sum(), found["basis"][0], found["reductions"][0]


def test_a_stay_is_paid_base_rate_times_weight_times_percentage() -> None:
    # 6,543.21 x 1.9289 x 112.5% = 14,198.7... : 6,543.21 x 1.9289 = 12,621.197769; x 1.125 = 14,198.847490
    assert stay("470") == (
        Decimal("14198.85"), "case_rate", "DRG: base rate 6543.21 x weight 1.9289 x 112.5%: 14198.85",
    )  # fmt: skip
    # 6,543.21 x 1.0123 = 6,623.691483; x 1.125 = 7,451.652918
    assert stay("065")[0] == Decimal("7451.65")


def test_a_group_without_a_weight_is_not_paid_by_weight() -> None:
    # 40% of 30,000
    assert stay("871")[:2] == (Decimal("12000.00"), "percent_of_charge")


def test_a_condition_on_a_group_without_a_weight_is_refused() -> None:
    with pytest.raises(ContractError, match="names a DRG that has no weight"):
        Pricer.from_text(
            STAYS.replace('bill_types: ["11"]', 'bill_types: ["11"]\n        drgs: ["871"]'), "x"
        )


def test_an_escalator_raises_the_base_rate() -> None:
    # Second year: 6,543.21 x 1.03 = 6,739.5063, to the cent 6,739.51; x 1.9289 x 1.125 = 14,624.821925...
    text = STAYS + "    escalator: {percent: 3}\n"
    assert stay("470", text)[0] == (Decimal("6739.51") * Decimal("1.9289") * Decimal("1.125")).quantize(
        Decimal("0.01")
    )
    assert stay("470", text)[0] == Decimal("14624.82")


def test_weights_come_from_a_file() -> None:
    text = STAYS.replace('weights: {"470": 1.9289, "65": 1.0123}', "weights_file: weights")
    assert stay("470", text, weights="DRG,Weight\n470,2\n")[0] == Decimal("14722.22")  # 6,543.21 x 2 x 1.125


@pytest.mark.parametrize("weight", ["0", "100.1"])
def test_a_weight_has_the_same_limits_in_a_file_as_in_the_contract(weight: str) -> None:
    for weights in (f'weights: {{"470": {weight}}}', "weights_file: weights"):
        text = STAYS.replace('weights: {"470": 1.9289, "65": 1.0123}', weights)
        with pytest.raises(ContractError, match=r"must be a number from 0\.0001 to 100"):
            stay("470", text, weights=f"drg,weight\n470,{weight}\n")


def test_weights_of_a_fiscal_year_are_those_that_medicare_published() -> None:
    # Table 5 of fiscal year 2026: DRG 470 has weight 1.9289.
    text = STAYS.replace('weights: {"470": 1.9289, "65": 1.0123}', "weights_of: 2026")
    assert stay("470", text, on="2025-11-03")[0] == Decimal("14198.85")
    with pytest.raises(ContractError, match="no weights of that fiscal year are loaded"):
        stay("470", text.replace("2026", "2021"))


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("{base_rate: 6000}", "base_rate needs one of weights"),
        ("{base_rate: 6000, weights: {470: 1}, weights_of: 2026}", "base_rate needs one of weights"),
        ("{rate: 6000, percent: 110}", "weights and percent need a base_rate"),
        ("{rate: 6000, base_rate: 5000, weights: {470: 1}}", "terms must give one of rate"),
        ("{base_rate: 6000, weights: {4700: 1}}", "is not a DRG"),
        ("{base_rate: 6000, weights: {470: high}}", "must be a number"),
        ("{base_rate: 6000, weights: {470: 0}}", "must be a number from 0.0001 to 100"),
        ("{base_rate: 6000, weights: {470: 1, '0470': 2}}", "is not a DRG"),
        ("{base_rate: 6000, weights: {65: 1, '065': 2}}", "the DRG is named twice"),
        ("{base_rate: 6000, weights_of: 26}", "must be a fiscal year"),
    ],
)
def test_terms_by_weight_that_say_too_little_or_too_much_are_refused(terms: str, said: str) -> None:
    text = (
        "contracts:\n- kind: percent_of_charge\n  terms: {percent: 40}\n"
        f"  claims:\n  - kind: case_rate\n    terms: {terms}\n"
    )
    with pytest.raises(ContractError, match=said):
        Pricer.from_text(text, "x")
