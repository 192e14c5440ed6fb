"""CMS's files of 2025 and 2026, loaded as they were published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from claimwright.features.reference_data import ReferenceFileError, load_files, recognised

from .conftest import fee_schedule, workbook

Put = Callable[[str, str | bytes], Path]

# Rows: the lines of each file that are records, counted in it (`wc -l`, `grep -c`); a workbook by its rows.
FILES = [
    ("physician_fee_schedule", "mpfs_2026/PPRRVU2026_Jul_nonQPP.csv", 19_355, date(2026, 7, 1)),
    ("physician_fee_schedule", "mpfs_2026/PPRRVU2026_Apr_nonQPP.txt", 19_276, date(2026, 4, 1)),
    ("physician_fee_schedule", "mpfs_2025_quarters/PPRRVU25_JAN.csv", 18_865, date(2025, 1, 1)),
    ("physician_fee_schedule", "mpfs_2025_quarters/PPRRVU25_APR.csv", 18_923, date(2025, 4, 1)),
    ("physician_fee_schedule", "mpfs_2025_quarters/PPRRVU2025_Jul.csv", 19_029, date(2025, 7, 1)),
    ("physician_fee_schedule", "mpfs_2025_quarters/PPRRVU2025_Oct.csv", 19_090, date(2025, 10, 1)),
    ("practice_cost_indices", "mpfs_2026/GPCI2026.csv", 109, date(2026, 1, 1)),
    ("practice_cost_indices", "mpfs_2025_quarters/GPCI2025.csv", 109, date(2025, 1, 1)),
    ("anesthesia_factors", "mpfs_2025_quarters/ANES2025.csv", 109, date(2025, 1, 1)),
    ("payment_amounts", "mpfs_2026/PFREV26B.txt", 4_033, date(2026, 4, 1)),
    ("payment_amounts", "mpfs_2026/pfrev26c_amounts.csv", 1_635, date(2026, 7, 1)),
    ("outpatient_caps", "mpfs_2025_quarters/OPPSCAP_Oct.csv", 16_100, date(2025, 10, 1)),
    ("locality_counties", "mpfs_2025_quarters/25LOCCO.csv", 109, date(2025, 1, 1)),
    ("mue_practitioner", "mue_2026q2/MCR_MUE_PractitionerServices_Eff_04-01-2026.csv", 15_095,
     date(2026, 4, 1)),
    ("add_on", "add_on_2026q2/AOC_V2026Q2-MCR.xlsx", 8_986, date(2026, 4, 1)),
    ("zip_localities", "zip_localities_2025q4/ZIP5_OCT2025.txt", 42_956, date(2025, 10, 1)),
    ("clinical_laboratory_fees", "clfs_2026q3/PUF_CLFS_CY2026_Q3V1_no_descriptions.csv", 2_206,
     date(2026, 7, 1)),
    ("drug_payment_limits", "asp_2026q3/asp_payment_limits_2026_jul.csv", 889, date(2026, 7, 1)),
    ("opps_groups", "opps_2025/2025_NFRM_Addendum_A.11122024.txt", 994, date(2025, 1, 1)),
    ("opps_status", "opps_2025/2025_NFRM_Addendum_B.11122024.txt", 18_682, date(2025, 1, 1)),
    ("opps_status_indicators", "opps_2025/2025_NFRM_Addendum_D1.10242024.txt", 28, date(2025, 1, 1)),
    ("inpatient_only", "opps_2025/2025_NFRM_Addendum_E.10102024.txt", 1_731, date(2025, 1, 1)),
    ("opps_complexity", "opps_2025/addendum_J_complexity.csv", 432, date(2025, 1, 1)),
    ("anesthesia_base_units", "anesthesia_base_units_2022/CY_2022_Anesthesia_Base_Units_110921.txt", 276,
     date(2022, 1, 1)),
    ("icd10pcs", "icd10pcs_fy2026/2026-icd-10-pcs-codes-file.zip", 79_193, date(2025, 10, 1)),
    ("icd10pcs", "icd10pcs_fy2026/2026-icd-10-pcs-order-file-long-and-abbreviated-titles.zip", 79_193,
     date(2025, 10, 1)),
    ("poa_exempt", "poa_fy2026/POAexemptCodesFY26.zip", 38_349, date(2025, 10, 1)),
    ("lcd_coverage", "lcd_2026/lcd_coverage.json", 208_029, None),
]  # fmt: skip

# Two of the files do not say of which year they are.
_FIRST = {"OPPSCAP_Oct.csv": date(2025, 10, 1), "addendum_J_complexity.csv": date(2025, 1, 1)}


@pytest.fixture(scope="session")
def cms2026(shared_data: Path) -> Path:
    return shared_data / "cms2026"


@pytest.mark.parametrize(("name", "file", "rows", "first"), FILES, ids=[file for _, file, _, _ in FILES])
def test_every_file_of_cms_is_recognised_and_loaded_whole(
    cms2026: Path, name: str, file: str, rows: int, first: date | None
) -> None:
    path = cms2026 / file
    assert name in recognised(path.name)
    loaded = load_files(name, [path], effective_from=_FIRST.get(path.name))
    assert (loaded.rows.height, loaded.period.first) == (rows, first)


def test_each_index_of_2026_comes_from_its_own_column(cms2026: Path) -> None:
    """Alabama in Addendum E of 2026: 0.988 without the floor, 1.000 with it, 0.875 and 0.566."""
    rows = load_files("practice_cost_indices", [cms2026 / "mpfs_2026/GPCI2026.csv"]).rows
    alabama = rows.filter(pl.col("locality") == "10112-00").row(0, named=True)
    assert [alabama[name] for name in ("work", "practice_expense", "malpractice")] == [
        Decimal("1.000"), Decimal("0.875"), Decimal("0.566"),
    ]  # fmt: skip


def test_text_and_csv_of_relative_values_say_the_same_of_a_service(cms2026: Path) -> None:
    """A knee replacement has the same values and indicators in April (fixed width) and July (CSV) of 2026:
    19.11 + 11.58 + 4.02 = 34.71, global 90 days, endoscopy base none.
    """
    files = ("PPRRVU2026_Apr_nonQPP.txt", "PPRRVU2026_Jul_nonQPP.csv")
    text, table = (
        load_files("physician_fee_schedule", [cms2026 / "mpfs_2026" / file]).rows for file in files
    )
    both = text.join(table, on=["procedure", "component"], suffix="_july")
    assert both.height > 19_200
    for column in (
        "global_days",
        "endoscopic_base",
        "conversion_factor",
        "multiple_procedure",
        "facility_na",
    ):
        same = both[column].eq_missing(both[f"{column}_july"])
        assert same.mean() > 0.998, column
    knee = text.filter(pl.col("procedure") == "27447").row(0, named=True)
    assert [knee[name] for name in ("work", "pe_facility", "malpractice", "global_days")] == [
        1911,
        1158,
        402,
        "090",
    ]
    scope = text.filter(pl.col("procedure") == "43239").row(0, named=True)
    assert (scope["endoscopic_base"], scope["multiple_procedure"]) == ("43235", 3)


def test_anesthesia_factors_may_come_for_each_kind_of_participant(put: Put) -> None:
    text = (
        "Contractor,Locality,Locality Name,Qualifying APM Anes CF of 20.5998,"
        "Non-Qualifying APM Anes CF of 20.4976\n10112,00,ALABAMA,19.65,19.55\n,,,,\n"
    )
    rows = load_files("anesthesia_factors", [put("ANES2026.csv", text)], partial=True).rows
    assert rows.rows() == [("10112-00", Decimal("19.5500"), Decimal("19.6500"))]


def test_relative_values_come_as_a_workbook(put: Put) -> None:
    text = fee_schedule(2026, factor="33.4009")
    cells: list[list[object]] = [list(line.split(",")) for line in text.replace("\x1a", "").splitlines()]
    rows = load_files(
        "physician_fee_schedule", [put("PPRRVU26_JAN.xlsx", workbook(cells))], partial=True
    ).rows
    assert rows.select("procedure", "work", "malpractice").rows() == [("99213", 200, 10)]


def refused(name: str, path: Path) -> tuple[int, str]:
    with pytest.raises(ReferenceFileError) as found:
        load_files(name, [path], partial=True)
    problem = found.value.problems[0]
    return problem.line, str(problem)


def test_an_unknown_layout_says_what_is_missing_and_what_stands_there(put: Put) -> None:
    text = fee_schedule(2026, factor="33.4009").replace("ENDO,", "NEW,", 1)
    line, said = refused("physician_fee_schedule", put("PPRRVU26_JAN.csv", text))
    assert line == 6
    assert "PPRRVU26_JAN.csv:6: has no header with endoscopic_base" in said
    assert "new_base" in said


def test_columns_that_do_not_add_up_are_not_those_of_the_header(put: Put) -> None:
    text = fee_schedule(2026, factor="33.4009", total="3.20")
    line, said = refused("physician_fee_schedule", put("PPRRVU26_JAN.csv", text))
    assert (line, "do not add up to total_nonfacility" in said) == (7, True)


def test_a_fixed_width_file_that_is_shifted_is_refused(put: Put, cms2026: Path) -> None:
    lines = (cms2026 / "mpfs_2026/PPRRVU2026_Apr_nonQPP.txt").read_text().splitlines()[7:9]
    shifted = "\n".join(line[:100] + " " + line[100:] for line in lines)
    assert refused("physician_fee_schedule", put("PPRRVU2026_Apr.txt", shifted))[0] == 1


_OF_JULY = fee_schedule(2026, factor="33.4009", month=7)


@pytest.mark.parametrize(
    ("name", "file", "text", "said"),
    [
        ("zip_localities", "ZIP5_OCT2026.txt", "CA94110011120505" .ljust(75) + "20254\n", "October 2025"),
        ("practice_cost_indices", "GPCI2027.csv", "2026 PW GPCI\n", "2026"),
        ("physician_fee_schedule", "PPRRVU26_JAN.csv", _OF_JULY, "July 2026"),
    ],
)  # fmt: skip
def test_a_file_is_checked_against_the_period_stated_inside(
    put: Put, name: str, file: str, text: str, said: str
) -> None:
    assert f"is for {said} by its content, but not by its name" in refused(name, put(file, text))[1]
