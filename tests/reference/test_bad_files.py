"""A bad file is refused whole, with the line, and what was in force stays in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from claimwright.features.reference_data import ReferenceFileError, load, load_files
from claimwright.reference import snapshot

from .conftest import DAY, NOW, PAIRS_HEAD, fee_schedule, hcpcs_record, workbook, zipped

Put = Callable[[str, str | bytes], Path]
MUE = "hcpcs_code,mue_units,mue_mai\n"
GOOD = MUE + "36415,2,3\n99213,2,3\n"
QUARTER = date(2026, 1, 1)


def refused(name: str, path: Path, **options: object) -> list[tuple[int, str]]:
    """Where and why a file is refused; the partial check is off, so that short files are judged by what they
    say.
    """
    with pytest.raises(ReferenceFileError) as caught:
        load_files(name, [path], **{"partial": True, **options})  # type: ignore[arg-type]
    assert all(problem.file for problem in caught.value.problems)
    return [(problem.line, problem.what) for problem in caught.value.problems]


def test_a_file_cut_off_in_a_row(put: Put) -> None:
    found = refused("mue_dme", put("mue.csv", GOOD + "A4206,1"), effective_from=QUARTER)
    assert found == [(4, "not 3 columns as in the header")]


def test_a_file_cut_off_within_quotes(put: Put) -> None:
    found = refused("mue_dme", put("mue.csv", GOOD + 'A4206,1,"3 Date of'), effective_from=QUARTER)
    assert found == [(4, "a quoted value that does not end")]


def test_a_file_that_ends_early(put: Put) -> None:
    found = refused("mue_dme", put("mue.csv", GOOD), effective_from=QUARTER, partial=False)
    assert "2 rows, but the complete dataset has at least 2,000" in found[0][1]


@pytest.mark.parametrize("name", ["x.zip", "x.xlsx", "x.parquet"])
def test_a_container_cut_off(put: Put, name: str) -> None:
    whole = (
        zipped(mue_dme__csv=GOOD * 50)
        if name != "x.xlsx"
        else workbook([["hcpcs_code", "mue_units", "mue_mai"]])
    )
    assert "cut off" in refused("mue_dme", put(name, whole[: len(whole) // 2]), effective_from=QUARTER)[0][1]


def test_a_zip_without_the_dataset(put: Put) -> None:
    found = refused("mue_dme", put("x.zip", zipped(readme__txt="nothing")), effective_from=QUARTER)
    assert found[0][1] == "contains no file of this dataset"


def test_a_file_of_another_year_by_its_name(put: Put) -> None:
    path = put("MCR_MUE_DMESupplierServices_Eff_01-01-2020.csv", GOOD)
    assert "the files are for 2020-01-01" in refused("mue_dme", path, effective_from=QUARTER)[0][1]


def test_a_file_of_another_year_by_its_newest_change(put: Put) -> None:
    path = put("HCPC2026_JAN_ANWEB.txt", hcpcs_record("A0021", "20190101") + "\n")
    assert refused("hcpcs", path) == [
        (1, "the newest change in the file is of 2019-01-01, but it should be in force from 2026-01-01")
    ]


def test_a_fee_schedule_of_another_year_by_its_conversion_factor(put: Put) -> None:
    """36.0896 was the factor of 2020 (CY 2020 PFS final rule), 32.3465 is that of 2025."""
    text = fee_schedule(2025, factor="36.0896", month=10)
    found = refused("physician_fee_schedule", put("PPRRVU25_OCT.csv", text))
    assert found == [(7, "its conversion factor 36.0896 is that of 2020, not of 2025")]


def test_a_document_of_another_year_than_its_name(put: Put) -> None:
    path = put("icd10cm-tabular-2027.xml", "<ICD10CM.tabular><version>2026</version></ICD10CM.tabular>")
    assert "fiscal year 2026" in refused("icd10cm_excludes1", path)[0][1]


def test_parts_of_two_quarters(put: Put) -> None:
    row = "11042\t97597\t*\t19960101\t*\t1\tMisuse\n"
    paths = [put("ccipra-v313r0-f1.txt", PAIRS_HEAD + row), put("ccipra-v320r0-f2.txt", PAIRS_HEAD + row)]
    with pytest.raises(ReferenceFileError, match="another period"):
        load_files("ncci_practitioner", paths, partial=True)


def test_a_file_that_does_not_say_its_quarter(put: Put) -> None:
    assert "from when it is in force" in refused("mue_dme", put("mue.csv", GOOD))[0][1]


def test_duplicate_keys(put: Put) -> None:
    found = refused("mue_dme", put("mue.csv", GOOD + "36415,3,2\n"), effective_from=QUARTER)
    assert found == [(4, "the same procedure as on line 2")]


def test_days_that_overlap(put: Put) -> None:
    head = "payer_id,claim_filing,name,filing_days,valid_from,valid_to\n"
    text = head + "A,,A,90,2024-01-01,\nA,,A,60,2025-01-01,\n"
    found = refused("payers", put("payers.csv", text))
    assert found == [(3, "its days overlap those of another row of the same payer_id and claim_filing")]


def test_days_in_the_wrong_order(put: Put) -> None:
    text = "payer_id,claim_filing,name,filing_days,valid_from,valid_to\nA,,A,90,2025-01-01,2024-01-01\n"
    assert refused("payers", put("payers.csv", text)) == [(2, "ends before it begins")]


def test_a_changed_layout_names_the_columns_that_are_gone(put: Put) -> None:
    found = refused(
        "mue_dme", put("mue.csv", "hcpcs_code,units of service,mue_mai\nA4206,1,3\n"), effective_from=QUARTER
    )
    lacks = "has no header with units; the most likely header ends here and also has units_of_service"
    assert found == [(1, lacks)]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("icd10cm", "icd10cm_order_2027.txt"),
        ("icd10pcs", "icd10pcs_order_2026.txt"),
        ("hcpcs", "HCPC2026_JAN_ANWEB.txt"),
        ("zip_localities", "ZIP5_OCT2025.txt"),
        ("ncci_outpatient", "ccioph-v313r0-f1.txt"),
        ("physician_fee_schedule", "PPRRVU25_OCT.csv"),
    ],
)
def test_a_changed_layout_of_a_file_without_a_header(put: Put, name: str, file: str) -> None:
    found = refused(name, put(file, "something;else\nentirely;new\n"))
    assert len(found) == 1


def test_a_fixed_width_file_cut_off_in_a_line(put: Put) -> None:
    whole = hcpcs_record("A0021", "20250101")
    found = refused(
        "hcpcs", put("HCPC2026_JAN_ANWEB.txt", whole + "\n" + whole.replace("A0021", "A0080")[:150] + "\n")
    )
    assert found == [(2, "a record shorter than 320 characters")]


def test_pairs_cut_off_in_a_line(put: Put) -> None:
    text = PAIRS_HEAD + "11042\t97597\t*\t19960101\t*\t1\tMisuse\n45385\t45378\t*\t1996"
    assert refused("ncci_practitioner", put("ccipra-v313r0-f1.txt", text)) == [(8, "fewer than six columns")]


def test_wrong_encodings(put: Put) -> None:
    found = refused("mue_dme", put("mue.csv", GOOD.encode("utf-16")), effective_from=QUARTER)
    assert found == [(1, "is not UTF-8 or Windows text")]
    broken = GOOD.encode() + b"A4206,1,3\nA42\x8107,1,3\n"
    assert refused("mue_dme", put("mue.csv", broken), effective_from=QUARTER) == [
        (5, "is not UTF-8 or Windows text")
    ]


def test_windows_text_is_read(put: Put) -> None:
    text = "payer_id,name,filing_days\nA,Assurance Qu\xe9bec,90\n".encode("cp1252")
    assert load_files("payers", [put("payers.csv", text)]).rows["name"].to_list() == ["Assurance Québec"]


def test_a_huge_row(put: Put) -> None:
    found = refused("mue_dme", put("mue.csv", GOOD + '"' + "A" * 200_000 + '",1,3\n'), effective_from=QUARTER)
    assert found == [(4, "a cell too large or badly quoted")]
    found = refused("zip_localities", put("ZIP5_OCT2025.txt", "C" * 200_000))
    assert found == [(1, "a line of more than 100,000 characters")]


def test_every_bad_cell_has_its_line_and_no_value(put: Put) -> None:
    text = MUE + "36415,two,3\n9921,2,3\n99213!,2,3\n99214,,3\n"
    with pytest.raises(ReferenceFileError) as caught:
        load_files("mue_dme", [put("mue.csv", text)], effective_from=QUARTER, partial=True)
    lines = {problem.line: problem.what for problem in caught.value.problems}
    assert lines == {
        2: "units is not a whole number",
        4: "procedure is not such a code",
        5: "units is missing",
    }
    assert "two" not in str(caught.value)
    assert "!" not in str(caught.value)


def test_a_message_names_twenty_lines_and_counts_the_rest(put: Put) -> None:
    text = MUE + "bad,1,3\n" * 30
    with pytest.raises(ReferenceFileError) as caught:
        load_files("mue_dme", [put("mue.csv", text)], effective_from=QUARTER, partial=True)
    assert str(caught.value).count("\n") == 20
    assert str(caught.value).endswith("and 10 more")


def test_a_version_that_shrank_is_cut_off(put: Put, store: Path) -> None:
    rows = [f"A{number:04},1,3\n" for number in range(3_000)]
    load("mue_dme", [put("a.csv", MUE + "".join(rows))], store, now=NOW, effective_from=date(2026, 10, 1))
    shorter = put("b.csv", MUE + "".join(rows[:2_100]))
    with pytest.raises(ReferenceFileError, match="at least 2,250"):
        load("mue_dme", [shorter], store, now=NOW, effective_from=date(2027, 1, 1))


def test_what_was_in_force_stays_in_force(put: Put, store: Path) -> None:
    first = load(
        "mue_dme", [put("a.csv", GOOD)], store, now=NOW, effective_from=date(2026, 10, 1), partial=True
    )
    before = sorted(path.relative_to(store) for path in store.rglob("*"))
    with pytest.raises(ReferenceFileError):
        load("mue_dme", [put("b.csv", MUE + "bad,1,3\n")], store, now=NOW, effective_from=date(2026, 10, 1))
    assert sorted(path.relative_to(store) for path in store.rglob("*")) == before
    assert snapshot(DAY, store).version("mue_dme") == first
