"""Detects damage by spreadsheets in tables of claims, by column and row; never shows a value.

A spreadsheet that opens a CSV and saves it again drops leading zeros, writes long numbers as 1.23E+11 and
dates as 1/2/25, in many countries separates columns by semicolons, and saves letters in its own code page.
None of this is repaired by guessing: lost digits can't be distinguished from digits that were never there.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

# The format in which a spreadsheet shows a number that is too long for its cell.
_SCIENTIFIC = r"^-?\d\.\d+E\+\d+$"
# The lengths that indicate a lost leading zero, by the end of the column's name.
_WITHOUT_ZERO = {
    "_zip": (3, 4, 7, 8),
    "place_of_service": (1,),
    "revenue_code": (2, 3),
    "_tax_id": (7, 8),
    "_ssn": (7, 8),
    "admitted_at": (1, 2, 3),
    "discharged_at": (1, 2, 3),
    "created_at": (1, 2, 3),
}
_TOLD = 5
_BYTES = 1 << 20


def marked(name: str) -> pl.Expr:
    """A text column for writing: values that look damaged but are not get an apostrophe in front.

    For example, a claim can really have a place of service with one digit. `unmarked` removes the apostrophe.
    """
    return pl.col(name).str.replace(_odd(name, r"'*"), "'${0}")


def unmarked(name: str) -> pl.Expr:
    """The column as it was before `marked`."""
    column = pl.col(name)
    is_marked = column.str.contains(_odd(name, r"'+"))
    return pl.when(is_marked).then(column.str.slice(1)).otherwise(column).alias(name)


def _odd(name: str, apostrophes: str) -> str:
    """Which values of a column look damaged, after a number of apostrophes."""
    lengths = next((each for end, each in _WITHOUT_ZERO.items() if name.endswith(end)), ())
    digits = "".join(rf"|\d{{{length}}}" for length in lengths)
    return rf"^{apostrophes}(?:-?\d\.\d+E\+\d+{digits})$"


def unreadable_text(path: Path) -> str | None:
    """Why a CSV can't be read as text at all; None if it can."""
    with path.open("rb") as file:
        first = file.readline()
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "it is text in UTF-16. Save it as CSV UTF-8"
    header = first.decode("utf-8-sig", "replace").strip("\r\n")
    if "," not in header and (";" in header or "\t" in header):
        mark = "semicolons" if ";" in header else "tabs"
        return f"row 1: {mark} separate the columns. Save it with commas"
    place = _not_utf8(path)
    if place is not None:
        row, column = place
        return f"row {row:,}, column {column}: letters that are not UTF-8. Save it as CSV UTF-8"
    return None


def _not_utf8(path: Path) -> tuple[int, str] | None:
    """Row and column of the first bytes that are not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(_BYTES):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
        else:
            return None
        # In Latin-1 every byte is a character, so the position can be found again.
        rows = csv.reader(io.TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline=""))
        header = next(rows)
        for number, row in enumerate(rows, 2):
            for place, text in enumerate(row):
                if any("\udc80" <= letter <= "\udcff" for letter in text):
                    return number, header[place] if place < len(header) else str(place + 1)
        return 1, "1"


def ragged_row(path: Path) -> str | None:
    """The first row of a CSV that has more columns than its header; None if there is none."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        width = len(next(rows, []))
        for number, row in enumerate(rows, 2):
            if len(row) > width:
                return f"row {number:,}: {len(row)} columns, but the header has {width}"
    return None


def faults_of(texts: pl.LazyFrame, types: Mapping[str, pl.DataType], *, is_csv: bool) -> list[str]:
    """Faults in a table of texts: one line per column, with the first row.

    Rows are numbered from 1 including the header, as in a spreadsheet; JSON lines have no header.
    """
    names = texts.collect_schema()
    looks = [
        (name, why, wrong)
        for name, dtype in names.items()
        if name in types and dtype == pl.String()
        for why, wrong in _looks(name, types[name], set(names), is_csv=is_csv)
    ]
    if not looks:
        return []
    counted = texts.select(
        pl.struct(first=wrong.fill_null(value=False).arg_max(), count=wrong.sum()).alias(str(place))
        for place, (_, _, wrong) in enumerate(looks)
    ).collect()
    told = []
    for (name, why, _), found in zip(looks, counted.row(0), strict=True):
        if found["count"]:
            more = f" (and {found['count'] - 1:,} rows more)" if found["count"] > 1 else ""
            told.append(f"row {found['first'] + 1 + is_csv:,}, column {name}: {why}{more}")
    return told[:_TOLD] + ([f"and {len(told) - _TOLD} columns more"] if len(told) > _TOLD else [])


def _looks(name: str, dtype: pl.DataType, names: set[str], *, is_csv: bool) -> Iterator[tuple[str, pl.Expr]]:
    """Possible faults of a column, each with the rows that have it."""
    text = pl.col(name)
    given = text.is_not_null() & (text != "")
    if dtype == pl.Date():
        yield (
            "not a date in the form CCYY-MM-DD",
            given & text.str.to_date("%Y-%m-%d", strict=False).is_null(),
        )
    elif dtype.is_decimal() or dtype.is_integer():
        digits = "a plain number without currency sign or thousands separator"
        yield f"not {digits}", given & ~text.str.contains(r"^-?\d*\.?\d+$|^-?\d+\.$")
        scale = dtype.scale if isinstance(dtype, pl.Decimal) else 0
        yield f"more than {scale} decimals", text.str.contains(rf"^-?\d*\.\d{{{scale}}}\d*[1-9]")
    elif is_csv and dtype == pl.String():
        yield "a number shortened to the form 1.23E+11", text.str.contains(_SCIENTIFIC)
        for end, lengths in _WITHOUT_ZERO.items():
            if name.endswith(end):
                lost = text.str.contains(r"^\d+$") & text.str.len_bytes().is_in(lengths)
                country = name.removesuffix("_zip") + "_country"
                if end == "_zip" and country in names:
                    lost &= pl.col(country).is_null() | pl.col(country).is_in(["", "US"])
                yield "too few digits: a leading zero is lost", lost
