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
from claimwright.features.sampling import SampleOptions, sample_batches
from claimwright.reference.fee_schedules import fee_schedules, fee_schedules_of

from .conftest import NOW

Put = Callable[[str, str | bytes], Path]

# A heading over several lines, as CMS publishes it, and one office visit with invented relative values.
_HEAD = "{year} National Physician Fee Schedule Relative Value File,,,\n,,,,,RVU,\nHCPCS,MOD,DESCRIPTION,\n"
_ROW = (
    "{code},,words,A,,{work},{office},,{facility},,{malpractice},0,0,0,XXX,0.00,0.00,0.00,"
    "0,0,0,0,0,,{factor},09,0,99,0.00,0.00,0.00\n"
)
_GPCI = (
    "ADDENDUM E. FINAL CY {year} GEOGRAPHIC PRACTICE COST INDICES (GPCIs),,,,,,\n,,,,,,\n"
    "Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,"
    "{year} PW GPCI (with 1.0 Floor),{year} PE GPCI,{year} MP GPCI\n"
    "10112,AL,00,ALABAMA,1,0.900,0.500\n2102,AK,1,ALASKA*,1.5,1.081,0.592\n,,,,,,\n"
    "*Work GPCI reflects a 1.5 floor in Alaska.,,,,,,\n"
)


def schedule(year: int, *, factor: str, work: str = "2.00", code: str = "99213") -> str:
    row = _ROW.format(code=code, work=work, office="1.00", facility="0.50", malpractice="0.10", factor=factor)
    return _HEAD.format(year=year) + row


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
    """2.00 + 1.00 + 0.10 = 3.10, times 33.4009 of 2026 (CMS-1832-F) is 103.54279 dollars."""
    on = date(2026, 3, 2)
    assert price(store, on) == (None, "no_schedule_for_date")
    path = put("PPRRVU2026_JAN.csv", schedule(2026, factor="33.4009"))
    load_one("physician_fee_schedule", path, store)
    assert price(store, on) == (Decimal("103.54"), "medicare_pfs")


def test_a_loaded_file_goes_before_the_shipped_one_of_its_year_alone(put: Put, store: Path) -> None:
    """3.10 times 32.3465 is 100.27415 dollars; other years stay as they were."""
    before = {year: price(store, date(year, 3, 3))[0] for year in (2024, 2025)}
    load_one("physician_fee_schedule", put("PPRRVU25_OCT.csv", schedule(2025, factor="32.3465")), store)
    assert before[2025] != Decimal("100.27")
    assert price(store, date(2025, 3, 3))[0] == Decimal("100.27")
    assert price(store, date(2024, 3, 3))[0] == before[2024]


def test_of_two_releases_of_a_year_the_later_one_counts(put: Put, store: Path) -> None:
    """3.00 + 1.00 + 0.10 = 4.10, times 33.4009 is 136.94369 dollars."""
    first = put("PPRRVU26_JAN.csv", schedule(2026, factor="33.4009"))
    load_one("physician_fee_schedule", first, store)
    second = put("PPRRVU26_APR.csv", schedule(2026, factor="33.4009", work="3.00"))
    load("physician_fee_schedule", [second], store=store, now=NOW.replace(hour=13), partial=True)
    assert price(store, date(2026, 3, 2))[0] == Decimal("136.94")


def test_a_year_whose_factor_is_not_known_takes_that_of_the_file(put: Put, store: Path) -> None:
    """3.10 times 30.0000 is 93 dollars."""
    load_one("physician_fee_schedule", put("PPRRVU27_JAN.csv", schedule(2027, factor="30.0000")), store)
    assert price(store, date(2027, 3, 2))[0] == Decimal("93.00")


def test_loaded_indices_price_by_locality(put: Put, store: Path) -> None:
    """Alabama is one locality: 2.00 x 1 + 1.00 x 0.9 + 0.10 x 0.5 = 2.95, times 33.4009 is 98.532655."""
    load_one("physician_fee_schedule", put("PPRRVU26_JAN.csv", schedule(2026, factor="33.4009")), store)
    assert price(store, date(2026, 3, 2), "AL") == (None, "unknown_locality")
    load_one("practice_cost_indices", put("GPCI2026.csv", _GPCI.format(year=2026)), store)
    assert price(store, date(2026, 3, 2), "AL")[0] == Decimal("98.53")


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
        ("practice_cost_indices", "GPCI2026.csv", _GPCI.format(year=2025), (3, "is of 2025")),
        ("practice_cost_indices", "GPCI2026.csv", "a,b\nc,d\n", (1, "holds no payment locality")),
        (
            "practice_cost_indices",
            "GPCI2026.csv",
            _GPCI.format(year=2026).partition(",1.081")[0],
            (5, "too few columns"),
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
            "10112,00,ALABAMA,19.55\n10112,00,ALABAMA,19.56\n",
            (2, ""),
        ),
        (
            "physician_fee_schedule",
            "PPRRVU26_JAN.csv",
            schedule(2026, factor="33.4009", work="2.005"),
            (4, "a value is none"),
        ),
    ],
)
def test_a_bad_file_of_a_release_is_refused_whole(
    name: str, file: str, text: str, said: tuple[int, str], put: Put, store: Path
) -> None:
    with pytest.raises(ReferenceFileError) as refused:
        load_one(name, put(file, text), store)
    assert (refused.value.problems[0].line, said[1] in refused.value.problems[0].what) == (said[0], True)
    assert all(version.is_of_package for version in reference_snapshot(NOW.date(), store).versions(name))


def test_a_check_prices_by_what_is_loaded(put: Put, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every visit 99213 of a claim of 2025 is allowed 3.10 x 32.3465, or its charge where that is less."""
    load_one("physician_fee_schedule", put("PPRRVU25_OCT.csv", schedule(2025, factor="32.3465")), store)
    monkeypatch.setenv("CLAIMWRIGHT_REFERENCE", str(store))
    options = SampleOptions(claims=60, seed=1, forms={"P": 1}, defect_rate=0)
    batch = next(batch for batch, _ in sample_batches(options))
    result = cw.check(batch, as_of=options.as_of)
    visits = result.prices.filter(pl.col("unit_amount").is_not_null())
    assert set(visits["work_rvu"]) == {Decimal("2.00")}
    joined = visits.join(batch.lines.select("claim", "line", "procedure"), on=["claim", "line"])
    assert set(joined["procedure"]) == {"99213"}
