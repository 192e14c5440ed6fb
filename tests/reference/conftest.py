"""What the tests of reference data share: a day, a store, files in published layouts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from claimwright.reference import Snapshot, snapshot

DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def known() -> Snapshot:
    """What the package alone knows."""
    return snapshot(DAY)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of one's own, which is not there yet."""
    return tmp_path / "store"


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of this name, and say where."""

    def putting(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return putting


@pytest.fixture(scope="session")
def published(shared_data: Path) -> Path:
    """The folder of published reference files."""
    return shared_data / "reference"


def zipped(**files: str | bytes) -> bytes:
    """A zip of files; a double underscore in a name stands for the dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


def workbook(rows: list[list[object]]) -> bytes:
    """A workbook of one sheet: texts as texts, and numbers as numbers."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


PAIRS_HEAD = """\
CPT only copyright 2025 American Medical Association.  All rights reserved.\t\t\t\t\t\t
Column1/Column2 Edits\t\t\t\t\t\t
Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale
\t\tprior to 1996\tDate\tDate\t0=not allowed\t
\t\t\t\t*=no data\t1=allowed\t
\t\t\t\t\t9=not applicable\t
"""


def hcpcs_record(code: str, added: str, ended: str = "", *, record: str = "3", length: int = 320) -> str:
    """A line of the HCPCS file: 320 characters, the fields where CMS's record layout has them."""
    line = list(" " * 320)
    for first, text in (
        (1, code), (6, "00100"), (11, record), (12, "words of the publisher"), (92, "short"), (120, "51"),
        (230, "C"), (269, added), (277, added), (285, ended), (293, "N"),
    ):  # fmt: skip
        line[first - 1 : first - 1 + len(text)] = text
    return "".join(line)[:length]


# The heading of a relative value file as CMS publishes it, over five lines; 2026 inserted PRIC IND.
_HEADING = """\
,,{year} National Physician Fee Schedule Relative Value File {month} Release,,,,,,,,,,,,,,,,,,,,,,,,,,,,{more}
,, , ,,,,,,,,,,,,,,,,,,,,,,,,,{more}NON-FACILITY,FACILITY,
,,,,NOT USED,,,,,,,,,,,,,,,,,,,,,{more}PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED
,,,,FOR,,,NON-FAC,,FACILITY ,,,,,,,,,,,,,,,,{more}SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS
,,,STATUS,MEDICARE ,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,MULT,BILAT,\
ASST,CO-,TEAM,{pric}ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,\
PROC,SURG,SURG,SURG,SURG,{ind}BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT
"""
_MONTHS = {1: "January", 4: "April", 7: "July", 10: "October"}


def fee_schedule(
    year: int,
    *,
    factor: str,
    work: str = "2.00",
    code: str = "99213",
    month: int = 1,
    status: str = "A",
    global_days: str = "XXX",
    total: str | None = None,
) -> str:
    """A relative value file of a year with one service: invented values, an office share of 1.00, of 0.50 in
    a facility, and 0.10 for malpractice.
    """
    late = year >= 2026
    heading = _HEADING.format(
        year=year, month=_MONTHS[month], more="," if late else "", pric="PRIC," if late else "",
        ind="IND," if late else "",
    )  # fmt: skip
    office, facility = (str(Decimal(work) + Decimal(more)) for more in ("1.10", "0.60"))
    row = (
        f"{code},,words,{status},,{work},1.00,,0.50,,0.10,{total or office},{facility},0,{global_days},0.00,"
        f"0.00,0.00,0,0,0,0,0,{'9,' if late else ''},{factor},09,0,99,0.00,0.00,0.00\n"
    )
    placeholder = row.replace(f"{code},,words", "GXXX1,,words")
    return heading + row + placeholder + "\x1a" + "," * 30 + "\n"
