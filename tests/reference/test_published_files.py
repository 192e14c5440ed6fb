"""The layouts in which publishers publish, read as they are; and the whole files where they are at hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from claimwright.features.reference_data import load_files, recognised
from claimwright.features.reference_data.columns import day
from claimwright.features.reference_data.periods import period_of
from claimwright.reference import Coverage, dataset

from .conftest import PAIRS_HEAD, fee_schedule, hcpcs_record, workbook, zipped

Put = Callable[[str, str | bytes], Path]

PAIRS = (
    PAIRS_HEAD + "0001A\t0591T\t\t20250101\t20251231\t1\tMisuse\n11042\t97597\t*\t19960101\t*\t1\tMisuse\n"
    "45385\t45378\t*\t19960101\t*\t0\tSequential\n99213\t36415\t\t20100101\t20100101\t9\tDeleted\n"
)


def test_pairs_come_as_text_with_a_heading_of_many_lines(put: Put) -> None:
    loaded = load_files("ncci_practitioner", [put("ccipra-v313r0-f1.txt", PAIRS)], partial=True)
    rows = loaded.rows.sort("column_1")
    assert rows["column_1"].to_list() == ["0001A", "11042", "45385"], (
        "an edit of indicator 9 was never in force"
    )
    assert rows["valid_from"].to_list() == [date(2025, 1, 1), date(1996, 1, 1), date(1996, 1, 1)]
    assert rows["valid_to"].to_list() == [date(2025, 12, 31), None, None]
    assert rows["indicator"].to_list() == [1, 1, 0]
    assert (loaded.period.first, loaded.period.last) == (date(2025, 10, 1), date(2025, 12, 31))


def test_parts_of_a_quarter_are_one_version(put: Put) -> None:
    second = PAIRS_HEAD + "99291\t36600\t\t20000101\t*\t0\tMisuse\n"
    paths = [
        put(
            "one.zip",
            zipped(**{"ccipra-v313r0-f1__txt": PAIRS, "ccipra-v313r0-f1__xlsx": b"the same as text"}),
        ),
        put("two.zip", zipped(**{"ccipra-v313r0-f2__TXT": second})),
    ]
    assert load_files("ncci_practitioner", paths, partial=True).rows.height == 4


def test_unlikely_units_come_as_csv_with_a_preamble(put: Put) -> None:
    text = (
        '"CPT codes, descriptions and other data only are copyright 2025 American Medical Association."\n'
        '"HCPCS/CPT Code","Practitioner Services MUE Values","MUE Adjudication Indicator","MUE Rationale"\n'
        "36415,2,3 Date of Service Edit: Clinical,Clinical: Data\n00100,1,1 Line Edit,Policy\n"
    )
    loaded = load_files(
        "mue_practitioner", [put("MCR_MUE_PractitionerServices_Eff_01-01-2026.csv", text)], partial=True
    )
    assert loaded.rows.sort("procedure").rows() == [("00100", 1, 1), ("36415", 2, 3)]
    assert loaded.period.first == date(2026, 1, 1)
    assert loaded.coverage is Coverage.PARTIAL


def test_a_workbook_keeps_the_zeros_that_numbers_lost(put: Put) -> None:
    sheet = workbook(
        [
            ["CPT only copyright 2025 American Medical Association."],
            [
                "HCPCS/CPT Code",
                "DME Supplier Services MUE Values",
                "MUE Adjudication Indicator",
                "MUE Rationale",
            ],
            ["A4206", 0, "3 Date of Service Edit: Clinical", "CMS Policy"],
            [100, 12, "2 Date of Service Edit: Policy", "CMS Policy"],
        ]
    )
    path = put("mue.zip", zipped(**{"MCR_MUE_DMESupplierServices_Eff_10-01-2025__xlsx": sheet}))
    assert load_files("mue_dme", [path], partial=True).rows.sort("procedure").rows() == [
        ("00100", 12, 2),
        ("A4206", 0, 3),
    ]


def test_hcpcs_comes_in_records_of_320_characters(put: Put) -> None:
    text = "\n".join(
        [
            hcpcs_record("A0021", "19850101"),
            hcpcs_record("A0021", "19850101", record="4"),
            hcpcs_record("J9999", "20250701", "20251231"),
            hcpcs_record("LT", "19900101", record="7"),
        ]
    )
    loaded = load_files("hcpcs", [put("HCPC2025_OCT_ANWEB.txt", text)], partial=True)
    assert loaded.rows.rows() == [
        ("A0021", "51", "C", date(1985, 1, 1), None),
        ("J9999", "51", "C", date(2025, 7, 1), date(2025, 12, 31)),
    ]


def test_order_files_tell_headings_from_codes(put: Put) -> None:
    text = (
        "00001 A00     0 Cholera                                                      Cholera\n"
        "00002 A000    1 Cholera due to Vibrio cholerae 01, biovar cholerae           Cholera due to ...\n"
    )
    loaded = load_files("icd10cm", [put("icd10cm_order_2027.txt", text)], partial=True)
    assert loaded.rows.select("code", "billable").rows() == [("A00", False), ("A000", True)]
    assert (loaded.period.first, loaded.period.last) == (date(2026, 10, 1), date(2027, 9, 30))
    text = "".join(
        f"{number:05} {code:7} {leaf} {'Bypass':60} Bypass\n"
        for number, (code, leaf) in enumerate([("001", 0), ("0016070", 1)], start=1)
    )
    assert load_files("icd10pcs", [put("icd10pcs_order_2026.txt", text)], partial=True).rows[
        "code"
    ].to_list() == ["0016070"]


def test_the_fee_schedule_comes_with_a_heading_of_many_lines(put: Put) -> None:
    """The title, five lines of headings, one procedure, a placeholder, and the control-Z of some releases."""
    text = fee_schedule(2025, factor="32.3465", code="27447", month=10, global_days="090")
    loaded = load_files("physician_fee_schedule", [put("PPRRVU25_OCT.csv", text)], partial=True)
    assert loaded.rows.select("procedure", "status", "global_days", "bilateral", "co_surgeon").rows() == [
        ("27447", "A", "090", 0, 0)
    ]


def test_zip_codes_come_in_fixed_width(put: Put) -> None:
    line = "CA9411001112" + "05" + " " + "05" + " " * 3 + "0" + " " * 54 + "20254"
    loaded = load_files("zip_localities", [put("ZIP5_OCT2025.txt", line + "\n")], partial=True)
    assert loaded.rows.rows() == [("94110", "CA", "01112", "05", None)]


def test_the_exclusion_list_has_no_number_for_most(put: Put) -> None:
    text = (
        "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,EXCLTYPE,EXCLDATE,"
        "REINDATE,WAIVERDATE,WVRSTATE\n"
        "DOE,JANE,,,IND,,,1234567893,19600101,1 A ST,X,OH,44101,1128a1,20200101,00000000,00000000,\n"
        ",,,CLINIC,OTHER,,,0000000000,,1 B ST,Y,TX,75001,1128b4,20210101,00000000,00000000,\n"
    )
    rows = load_files("excluded_providers", [put("UPDATED.csv", text)], partial=True).rows
    assert rows["npi"].to_list() == ["1234567893", None]
    assert rows["excluded_on"].to_list() == [date(2020, 1, 1), date(2021, 1, 1)]
    assert rows["reinstated_on"].to_list() == [None, None]


def test_add_on_codes_end_with_the_first_of_their_ends(put: Put) -> None:
    text = (
        "Add-On Code\tAOC Edit Type\tPrimary Code\tAOC Del Dt (Julian)\tPrimary code Del Dt (Julian)\t"
        "AOC Edit Eff dt (Julian)\tAOC Edit Del Dt (Julian)\tSpecial Instruction Notes\n"
        "99292\t1\t99291\t\t\t2025091\t\t\n15777\t2\tCCCCC\t\t2024366\t2013091\t\t\n"
    )
    rows = load_files("add_on", [put("AOC_V2026Q1-MCR.txt", text)], partial=True).rows.sort("add_on")
    assert rows.rows() == [
        ("15777", "CCCCC", 2, date(2013, 4, 1), date(2024, 12, 31)),
        ("99292", "99291", 1, date(2025, 4, 1), None),
    ]


def test_exclusions_come_from_the_tabular_list(put: Put) -> None:
    text = """<?xml version="1.0"?><ICD10CM.tabular><version>2026</version><chapter><section id="E08-E13">
        <diag><name>E08</name></diag>
        <diag><name>E10</name><excludes1><note>type 2 diabetes mellitus (E11.-)</note>
        <note>most of it (A00-R94)</note>
        <note>some of it (T36-T50 with fifth or sixth character 5)</note></excludes1></diag>
        <diag><name>E11</name></diag><diag><name>E13</name></diag></section>
        <section id="R70-R79"><diag><name>R73</name>
        <excludes1><note>diabetes mellitus (E08-E13)</note></excludes1>
        <diag><name>R73.0</name></diag></diag></section>
        </chapter></ICD10CM.tabular>"""
    rows = load_files("icd10cm_excludes1", [put("icd10cm-tabular-2026.xml", text)], partial=True).rows
    assert rows.rows() == [("E10", "E11"), ("R73", "E08"), ("R73", "E10"), ("R73", "E11"), ("R73", "E13")]


def test_a_table_of_ones_own_is_a_csv_with_the_columns_of_the_dataset(put: Put) -> None:
    head = "payer_id,claim_filing,name,filing_days,valid_from,valid_to\n"
    text = head + "ACME1,,Acme,90,2024-01-01,\n,CI,other commercial,180,,\n"
    rows = load_files("payers", [put("payers.csv", text)]).rows
    assert rows["filing_days"].to_list() == [90, 180]
    assert rows["payer_id"].to_list() == ["ACME1", None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20250131", date(2025, 1, 31)),
        ("2025-01-31", date(2025, 1, 31)),
        ("1/31/2025", date(2025, 1, 31)),
        ("2025031", date(2025, 1, 31)),  # year and day of the year
        ("45688", date(2025, 1, 31)),  # Excel counts days from 1899-12-30
        ("9999-12-31", None),
        ("20250132", None),
    ],
)
def test_dates_are_read_in_every_way_that_publishers_write_them(text: str, expected: date | None) -> None:
    assert pl.DataFrame({"text": [text]}).select(day(pl.col("text"))).item() == expected


@pytest.mark.parametrize(
    ("name", "file", "first"),
    [
        ("ncci_outpatient", "ccioph-v322r0-f1.txt", date(2026, 7, 1)),
        ("mue_outpatient", "MCR_MUE_OutpatientHospitalServices_Eff_04-01-2026.xlsx", date(2026, 4, 1)),
        ("hcpcs", "HCPC2026_JAN_ANWEB.zip", date(2026, 1, 1)),
        ("zip_localities", "ZIP5_OCT2025.txt", date(2025, 10, 1)),
        ("icd10cm_excludes1", "icd10cm-tabular-April-2026.xml", date(2026, 4, 1)),
        ("physician_fee_schedule", "PPRRVU26_JAN.csv", date(2026, 1, 1)),
        ("taxonomy", "nucc_taxonomy_251.csv", date(2025, 10, 1)),
        ("ms_drg", "CMS-1833-F-TABLE-5-FY-2026.txt", date(2025, 10, 1)),
        ("add_on", "AOC_V2026Q3-MCR.txt", date(2026, 7, 1)),
    ],
)
def test_a_file_is_known_by_its_name_and_so_is_its_period(name: str, file: str, first: date) -> None:
    assert name in recognised(file)
    period = period_of(dataset(name), file)
    assert period is not None
    assert period.first == first


# --- the whole files ---------------------------------------------------------------------------------------

QUARTER = date(2024, 7, 1)


@pytest.mark.parametrize(
    ("name", "file", "rows", "first"),
    [
        ("hcpcs", "codes/hcpcs_level2_2025oct.csv", 8_463, None),
        ("carc", "codes/adj_codes.csv", 405, None),
        ("rarc", "codes/adj_codes.csv", 1_171, None),
        ("claim_adjustment_group", "codes/adj_codes.csv", 5, None),
        ("taxonomy", "codes/nucc_taxonomy_240.csv", 874, None),
        ("revenue_code", "codes/cms/CLM-REV-CNTR-CD.csv", 539, None),
        ("mue_practitioner", "ncci/ncci_mue_prac.csv", 14_677, QUARTER),
        ("mue_outpatient", "ncci/ncci_mue_out.csv", 14_628, QUARTER),
        ("mue_dme", "ncci/ncci_mue_dme.csv", 2_928, QUARTER),
        ("add_on", "ncci/ncci_aoc.csv", 7_465, QUARTER),
        ("physician_fee_schedule", "mpfs/pprrvu_rvu20d_oct.csv", 16_616, None),
        ("physician_fee_schedule", "mpfs/pprrvu_rvu24c_jul.csv", 17_726, None),
        ("physician_fee_schedule", "mpfs/pprrvu_2025_oct.csv", 18_144, None),
    ],
)
def test_a_published_file_is_loaded_whole(
    published: Path, name: str, file: str, rows: int, first: date | None
) -> None:
    """As many rows as the file has lines beside its header (`wc -l`), of those that are of the dataset."""
    loaded = load_files(name, [published / file], effective_from=first)
    assert loaded.rows.height == rows
    assert loaded.coverage is Coverage.FULL


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["practitioner", "outpatient"])
def test_all_pairs_of_a_quarter_are_loaded(published: Path, setting: str) -> None:
    path = published / "ncci" / f"ncci_ptp_{setting}_2024q3.parquet"
    loaded = load_files(f"ncci_{setting}", [path])
    told = pl.scan_parquet(path).filter(
        pl.col("deletion_date") >= "2024-07-01", pl.col("modifier_indicator") != "9"
    )
    assert loaded.rows.height == told.select(pl.len()).collect().item()


def test_a_published_list_of_places_has_no_unassigned_numbers(published: Path) -> None:
    rows = load_files("place_of_service", [published / "codes" / "pos_codes.csv"]).rows
    assert "11" in rows["code"]
    assert "30" not in rows["code"]
