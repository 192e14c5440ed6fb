"""Workbooks as text, and those that would take all memory."""

from __future__ import annotations

import datetime
import io
import resource
import zipfile

import pytest

from claimwright.features.reference_data import ReferenceFileError
from claimwright.features.reference_data.workbook import MOST_ROWS, worksheets

from .conftest import workbook

SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet_of(rows: str) -> bytes:
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>".encode()


def rows_of(data: bytes) -> list[tuple[int, list[str]]]:
    return [row for _, rows in worksheets(data, "x.xlsx") for row in rows]


def with_part(name: str, content: bytes) -> bytes:
    """A sound workbook in which one part is another."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["a"]]))) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return made.getvalue()


def test_cells_are_text_and_rows_have_their_numbers() -> None:
    day = datetime.date(2026, 1, 31)
    data = workbook([["00112", 5, 2.5, None, True], [], [None, day, 3.0]])
    assert rows_of(data) == [(1, ["00112", "5", "2.5", "", "1"]), (3, ["", "2026-01-31", "3"])]


def test_a_sheet_with_a_row_beyond_all_rows_is_read_to_the_last_that_excel_allows() -> None:
    sheet = sheet_of('<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>')
    assert [line for line, _ in rows_of(with_part(SHEET, sheet)) if line > MOST_ROWS] == []


@pytest.mark.parametrize(
    "content",
    [
        b"<worksheet",
        b"<worksheet xmlns='x'>&undefined;</worksheet>",
        (
            "<!DOCTYPE x [<!ENTITY a0 'aaaaaaaaaa'>"
            + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
            + "]>"
        ).encode()
        + sheet_of('<row r="1"><c r="A1" t="str"><v>&a11;</v></c></row>'),
    ],
)
def test_a_sheet_that_is_damaged_or_explodes_is_refused(content: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ReferenceFileError, match="damaged inside"):
        rows_of(with_part(SHEET, content))
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 200  # megabytes


def test_a_zip_that_unpacks_to_more_than_a_table_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("claimwright.features.reference_data.workbook.LARGEST_BOOK", 1_000_000)
    bomb = with_part(SHEET, b" " * 1_000_001)
    assert len(bomb) < 20_000
    with pytest.raises(ReferenceFileError, match="too large"):
        rows_of(bomb)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(ReferenceFileError, match="not an Excel workbook"):
        rows_of(data)


def test_a_zip_without_a_workbook_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(ReferenceFileError, match="damaged inside"):
        rows_of(made.getvalue())
