"""A fee schedule that somebody loads prices claims of its year; before, that year had no price."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import claimwright as cw
from claimwright.features.reference_data import ReferenceFileError, load, reference_snapshot
from claimwright.features.reference_data.periods import Period, period_of
from claimwright.reference import dataset
from claimwright.reference.fee_schedules import fee_schedules
from claimwright.reference.loaded_schedules import fee_schedules_of
from claimwright.reference.lookups import LOOKUPS
from claimwright_lab.sampling import SampleOptions, sample_batches

from .conftest import NOW
from .conftest import fee_schedule as schedule

Put = Callable[[str, str | bytes], Path]

_GPCI = (
    "ADDENDUM E. FINAL CY {year} GEOGRAPHIC PRACTICE COST INDICES (GPCIs),,,,,,\n,,,,,,\n"
    "Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,"
    "{year} PW GPCI (with 1.0 Floor),{year} PE GPCI,{year} MP GPCI\n"
    "10112,AL,00,ALABAMA,1,0.900,0.500\n2102,AK,1,ALASKA*,1.5,1.081,0.592\n,,,,,,\n"
    "*Work GPCI reflects a 1.5 floor in Alaska.,,,,,,\n"
)


def load_one(name: str, path: Path, store: Path) -> None:
    load(name, [path], store=store, now=NOW, partial=True)


def visit(on: date, state: str | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """An office visit as the pricer takes it."""
    claims = pl.DataFrame(
        {"claim": [1], "form": ["P"], "place_of_service": ["11"], "billing_state": [state]},
        schema_overrides={"billing_state": pl.String},
    )
    lines = pl.DataFrame(
        {"claim": [1], "line": [1], "procedure": ["99213"], "units": [Decimal(1)], "service_from_on": [on]}
    ).with_columns(line_charge=pl.lit("500.00").cast(pl.Decimal(18, 2)))
    return claims, lines


def price(store: Path, on: date, state: str | None = None) -> tuple[Decimal | None, str]:
    from claimwright.engines.pricing import Pricer

    pricer = Pricer.default(fee_schedules_of(reference_snapshot(date(2026, 11, 22), store)))
    row = pricer.price(*visit(on, state)).row(0, named=True)
    return row["allowed"], row["basis"]


def test_nothing_loaded_is_what_was_shipped(store: Path) -> None:
    assert fee_schedules_of(reference_snapshot(date(2026, 11, 22), store)) is fee_schedules()


def test_a_year_without_a_schedule_is_priced_once_its_file_is_loaded(put: Put, store: Path) -> None:
    """2.00 + 1.00 + 0.10 = 3.10, times 30.0000, the factor that the file itself gives, is 93 dollars."""
    on = date(2027, 3, 2)
    assert price(store, on) == (None, "no_schedule_for_date")
    path = put("PPRRVU2027_JAN.csv", schedule(2027, factor="30.0000"))
    load_one("physician_fee_schedule", path, store)
    assert price(store, on) == (Decimal("93.00"), "medicare_pfs")


def test_a_loaded_file_goes_before_the_shipped_one_of_its_year_alone(put: Put, store: Path) -> None:
    """3.10 times 32.3465 is 100.27415 dollars; other years stay as they were."""
    before = {year: price(store, date(year, 3, 3))[0] for year in (2024, 2025)}
    load_one(
        "physician_fee_schedule", put("PPRRVU25_OCT.csv", schedule(2025, factor="32.3465", month=10)), store
    )
    assert before[2025] != Decimal("100.27")
    assert price(store, date(2025, 3, 3))[0] == Decimal("100.27")
    assert price(store, date(2024, 3, 3))[0] == before[2024]


QUARTERS = {
    "PPRRVU26_JAN.csv": ("2.00", 1),
    "PPRRVU26_APR.csv": ("3.00", 4),
    "PPRRVU2026_JUL.csv": ("4.00", 7),
    "PPRRVU_RVU26D.csv": ("5.00", 10),
}


@pytest.mark.parametrize(
    "order", [list(QUARTERS), list(reversed(QUARTERS))], ids=["as published", "backwards"]
)
def test_a_service_has_the_values_of_the_release_of_its_quarter(
    put: Put, store: Path, order: list[str]
) -> None:
    """Work of 2, 3, 4 and 5 by quarter, plus 1.00 + 0.10, times 33.4009: 103.54, 136.94, 170.34, 203.75."""
    for file in order:
        work, month = QUARTERS[file]
        path = put(file, schedule(2026, factor="33.4009", work=work, month=month))
        load_one("physician_fee_schedule", path, store)
    days = {
        date(2026, 1, 1): "103.54", date(2026, 3, 31): "103.54",
        date(2026, 4, 1): "136.94", date(2026, 6, 30): "136.94",
        date(2026, 7, 1): "170.34", date(2026, 9, 30): "170.34",
        date(2026, 10, 1): "203.75", date(2026, 12, 31): "203.75",
    }  # fmt: skip
    assert {day: price(store, day)[0] for day in days} == {day: Decimal(told) for day, told in days.items()}
    known = fee_schedules_of(reference_snapshot(date(2026, 11, 22), store))
    of_year = known.schedules.filter(pl.col("year") == 2026)
    assert of_year["effective_on"].to_list() == [date(2026, month, 1) for month in (1, 4, 7, 10)]
    assert of_year["edition"].is_duplicated().sum() == 0
    assert known.years.count(2026) == 1


def test_the_first_release_of_a_year_that_was_loaded_holds_from_its_first_day(put: Put, store: Path) -> None:
    """Whoever loads July alone has no better for March: 4.00 + 1.00 + 0.10, times 33.4009, is 170.34459."""
    july = put("PPRRVU26_JUL.csv", schedule(2026, factor="33.4009", work="4.00", month=7))
    load_one("physician_fee_schedule", july, store)
    assert price(store, date(2026, 3, 2))[0] == Decimal("170.34")
    known = reference_snapshot(date(2026, 11, 22), store)
    status = LOOKUPS["fee_schedule_status"]
    asked = [pl.Series(["99213"]), pl.Series([date(2026, 3, 2)])]
    assert status.compute(known, (), asked).to_list() == ["A"]


def test_the_status_of_a_procedure_is_that_of_its_quarter(put: Put, store: Path) -> None:
    both = schedule(2026, factor="33.4009")
    load_one("physician_fee_schedule", put("PPRRVU26_JAN.csv", both), store)
    load_one(
        "physician_fee_schedule",
        put("PPRRVU26_APR.csv", schedule(2026, factor="33.4009", month=4, status="N")),
        store,
    )
    known = reference_snapshot(date(2026, 11, 22), store)
    days = pl.Series([date(2026, 3, 31), date(2026, 4, 1)])
    found = LOOKUPS["fee_schedule_status"].compute(known, (), [pl.Series(["99213", "99213"]), days])
    assert found.to_list() == ["A", "N"]


def test_a_contract_that_fixes_a_year_takes_its_last_release(put: Put, store: Path) -> None:
    """5.00 + 1.00 + 0.10 = 6.10, times 33.4009 is 203.74549 dollars, whatever the day."""
    from claimwright.engines.pricing import Contract, ContractKind, Pricer

    for name, month, work in (("JAN", 1, "2.00"), ("OCT", 10, "5.00")):
        path = put(f"PPRRVU26_{name}.csv", schedule(2026, factor="33.4009", work=work, month=month))
        load_one("physician_fee_schedule", path, store)
    contract = Contract("fixed", ContractKind.MEDICARE_PFS, schedule_year=2026)
    pricer = Pricer([contract], fee_schedules_of(reference_snapshot(date(2026, 11, 22), store)))
    assert pricer.price(*visit(date(2026, 2, 2)))["allowed"].to_list() == [Decimal("203.75")]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("PPRRVU26_JAN.csv", date(2026, 1, 1)),
        ("PPRRVU2026_Apr_nonQPP.csv", date(2026, 4, 1)),
        ("rvu26c.zip", date(2026, 7, 1)),
        ("pprrvu_rvu24c_jul.csv", date(2024, 7, 1)),
        ("pprrvu_2025_oct.csv", date(2025, 10, 1)),
        ("GPCI2026.csv", date(2026, 1, 1)),
        ("gpci_rvu24c.csv", date(2024, 7, 1)),
        ("ANES2026.csv", date(2026, 1, 1)),
    ],
)
def test_the_name_of_a_file_tells_its_quarter(name: str, first: date) -> None:
    assert period_of(dataset("physician_fee_schedule"), name) == Period(first, date(first.year, 12, 31))


def test_a_year_whose_factor_is_not_known_takes_that_of_the_file(put: Put, store: Path) -> None:
    """3.10 times 30.0000 is 93 dollars."""
    load_one("physician_fee_schedule", put("PPRRVU27_JAN.csv", schedule(2027, factor="30.0000")), store)
    assert price(store, date(2027, 3, 2))[0] == Decimal("93.00")


def test_loaded_indices_price_by_locality(put: Put, store: Path) -> None:
    """Alabama is one locality: 2.00 x 1 + 1.00 x 0.9 + 0.10 x 0.5 = 2.95, times 30 is 88.50."""
    load_one("physician_fee_schedule", put("PPRRVU27_JAN.csv", schedule(2027, factor="30.0000")), store)
    assert price(store, date(2027, 3, 2), "AL") == (None, "unknown_locality")
    load_one("practice_cost_indices", put("GPCI2027.csv", _GPCI.format(year=2027)), store)
    assert price(store, date(2027, 3, 2), "AL")[0] == Decimal("88.50")


def test_loaded_anesthesia_factors_stand_for_their_year(put: Put, store: Path) -> None:
    text = "Contractor,Locality,Locality Name,National Anes CF of 20.4976\n10112 ,00 ,ALABAMA,19.55 \n,,,\n"
    load_one("anesthesia_factors", put("ANES2026.csv", text), store)
    factors = fee_schedules_of(reference_snapshot(date(2026, 11, 22), store)).anesthesia_factors
    own = factors.filter(pl.col("effective_on").dt.year() == 2026)
    assert own.select("locality", "amount").rows() == [("10112-00", Decimal("19.5500"))]
    assert factors.height == fee_schedules().anesthesia_factors.height + 1


@pytest.mark.parametrize(
    ("name", "file", "text", "said"),
    [
        ("practice_cost_indices", "GPCI2026.csv", _GPCI.format(year=2025), (1, "is for 2025")),
        ("practice_cost_indices", "GPCI2026.csv", "a,b\nc,d\n", (0, "has no header with contractor")),
        (
            "practice_cost_indices",
            "GPCI2026.csv",
            _GPCI.format(year=2026).partition(",1.081")[0],
            (5, "not 7 columns"),
        ),
        (
            "practice_cost_indices",
            "GPCI2026.csv",
            _GPCI.format(year=2026).replace("0.900", "x"),
            (4, "practice_expense is not a number"),
        ),
        (
            "anesthesia_factors",
            "ANES2026.csv",
            "Contractor,Locality,Locality Name,National Anes CF of 20.4976\n"
            "10112,00,ALABAMA,19.55\n10112,00,ALABAMA,19.56\n",
            (3, "each key may occur only once"),
        ),
        (
            "physician_fee_schedule",
            "PPRRVU26_JAN.csv",
            schedule(2026, factor="33.4009", work="2.005"),
            (7, "work is not a number of at most two decimals"),
        ),
    ],
)
def test_a_bad_file_of_a_release_is_refused_whole(
    name: str, file: str, text: str, said: tuple[int, str], put: Put, store: Path
) -> None:
    with pytest.raises(ReferenceFileError) as refused:
        load_one(name, put(file, text), store)
    assert (refused.value.problems[0].line, said[1] in str(refused.value.problems[0])) == (said[0], True)
    assert all(version.is_of_package for version in reference_snapshot(NOW.date(), store).versions(name))


def test_a_check_prices_by_what_is_loaded(put: Put, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every visit 99213 of a claim of 2025 is allowed 3.10 x 32.3465, or its charge where that is less."""
    load_one(
        "physician_fee_schedule", put("PPRRVU25_OCT.csv", schedule(2025, factor="32.3465", month=10)), store
    )
    monkeypatch.setenv("CLAIMWRIGHT_REFERENCE", str(store))
    options = SampleOptions(claims=60, seed=1, forms={"P": 1}, defect_rate=0)
    batch = next(batch for batch, _ in sample_batches(options))
    result = cw.check(batch, as_of=options.as_of)
    visits = result.prices.filter(pl.col("unit_amount").is_not_null())
    assert set(visits["work_rvu"]) == {Decimal("2.00")}
    joined = visits.join(batch.lines.select("claim", "line", "procedure"), on=["claim", "line"])
    assert set(joined["procedure"]) == {"99213"}
