"""Rows of an Excel workbook (.xlsx), read with openpyxl: the cells as text, with the number of each row.

An .xlsx is a zip of XML parts. Its sizes are checked before it is unpacked, and rows are read one at a time,
so that a small file can't fill the memory.
"""

from __future__ import annotations

import datetime
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from .problems import ReferenceFileError, refuse

# Limit for the XML of all parts together: a larger file is not a code table.
LARGEST_BOOK = 2_000_000_000
# Excel's own limits; openpyxl creates empty rows for missing row numbers.
MOST_ROWS = 1_048_576

Row = tuple[int, list[str]]

# Exceptions of openpyxl and its parsers for a part that is cut off or has another content.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, LookupError, SyntaxError, TypeError, ValueError)


def worksheets(data: bytes, name: str) -> Iterator[tuple[str, Iterator[Row]]]:
    """The worksheets of a workbook in their order: a name for each, and its rows.

    Raises:
        ReferenceFileError: the file is damaged, too large, or not a workbook.
    """
    # The import is slow, and most files are text.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as error:
        raise refuse(
            name, 0, "is not an Excel workbook, or is cut off", "download it again from its publisher"
        ) from error
    if size > LARGEST_BOOK:
        raise refuse(name, 0, "is too large for a table of codes", "split the workbook")
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            raise refuse(name, 0, "contains no worksheet", "save it as .xlsx or .csv")
        for number, sheet in enumerate(book.worksheets, start=1):
            # The size that a file states for itself is often wrong, and openpyxl would trust it.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=MOST_ROWS, values_only=True)
            yield f"{name}!sheet{number}", _rows(rows, name)
    except _DAMAGE as error:
        raise _damaged(name) from error


def _damaged(name: str) -> ReferenceFileError:
    return refuse(name, 0, "is damaged inside", "download it again from its publisher")


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
    """A cell as text: a whole number without decimals, a date as 2026-01-31."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return str(cell).removesuffix(".0") if isinstance(cell, float) else str(cell)
