"""Rows of an Excel workbook (.xlsx): the cells as text, with the number of each row. openpyxl reads them.

An .xlsx is a zip of XML parts. Its sizes are looked at before any of it is unpacked, and rows are read one by
one, so that a small file can't become a large one in memory.
"""

from __future__ import annotations

import datetime
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from .problems import ReferenceFileError, refuse

# XML that is larger than this, all parts together, is no table of codes.
LARGEST_BOOK = 2_000_000_000
# What Excel itself allows; rows that are missing before a later one are made up as empty ones.
MOST_ROWS = 1_048_576

Row = tuple[int, list[str]]

# What openpyxl and the parsers below it raise where a part is cut off, or is not what it says.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, LookupError, SyntaxError, TypeError, ValueError)


def worksheets(data: bytes, name: str) -> Iterator[tuple[str, Iterator[Row]]]:
    """The worksheets of a workbook in their order: a name for each, and its rows.

    Raises:
        ReferenceFileError: the workbook is damaged, too large, or no workbook.
    """
    # It takes a while to import, and most files are text.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as error:
        raise refuse(name, 0, "is no Excel workbook, or cut off", "get it anew from its publisher") from error
    if size > LARGEST_BOOK:
        raise refuse(name, 0, "is too large for a table of codes", "split the workbook")
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            raise refuse(name, 0, "holds no worksheet", "save it as .xlsx or .csv")
        for number, sheet in enumerate(book.worksheets, start=1):
            # What a file says of its own size is often wrong, and it is believed otherwise.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=MOST_ROWS, values_only=True)
            yield f"{name}!sheet{number}", _rows(rows, name)
    except _DAMAGE as error:
        raise _damaged(name) from error


def _damaged(name: str) -> ReferenceFileError:
    return refuse(name, 0, "is damaged inside", "get it anew from its publisher")


def _rows(rows: Iterator[tuple[Any, ...]], name: str) -> Iterator[Row]:
    try:
        for line, cells in enumerate(rows, start=1):
            texts = [_text(cell) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                yield line, texts
    except _DAMAGE as error:
        raise _damaged(name) from error


def _text(cell: Any) -> str:
    """A cell as text: a whole number without decimals, a day as 2026-01-31."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return str(cell).removesuffix(".0") if isinstance(cell, float) else str(cell)
