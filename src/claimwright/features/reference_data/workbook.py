"""Rows of an Excel workbook (.xlsx): the cells as text, with the number of each row.

An .xlsx is a zip of XML parts (ECMA-376, part 1: 18.3 worksheets, 18.4 shared strings). Only what a table
of codes needs is read: text, numbers, booleans. A date is a number there, and stays one.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

from .problems import refuse

# An XML part larger than this is no table of codes.
LARGEST_PART = 2_000_000_000

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Row = tuple[int, list[str]]


def worksheets(data: bytes, name: str) -> Iterator[tuple[str, Iterator[Row]]]:
    """The worksheets of a workbook in their order: a name for each, and its rows.

    Raises:
        ReferenceFileError: the workbook is damaged, or no workbook.
    """
    try:
        book = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise refuse(name, 0, "is no Excel workbook, or cut off", "get it anew from its publisher") from error
    parts = [part for part in book.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part)]
    if not parts:
        raise refuse(name, 0, "holds no worksheet", "save it as .xlsx or .csv")
    for part in (*parts, "xl/sharedStrings.xml"):
        if part in book.NameToInfo and book.getinfo(part).file_size > LARGEST_PART:
            raise refuse(name, 0, f"{part} is too large for a table of codes", "split the workbook")
    try:
        shared = _shared_strings(book)
        for part in sorted(parts, key=lambda part: (len(part), part)):
            with book.open(part) as file:
                yield f"{name}!{part.rsplit('/', 1)[1].removesuffix('.xml')}", _rows(file, shared)
    except (ElementTree.ParseError, zipfile.BadZipFile, EOFError, IndexError, ValueError) as error:
        raise refuse(name, 0, "is damaged inside", "get it anew from its publisher") from error


def _shared_strings(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.NameToInfo:
        return []
    found = []
    with book.open("xl/sharedStrings.xml") as file:
        for _, element in ElementTree.iterparse(file):  # noqa: S314 - expat bounds what entities expand to
            if element.tag == f"{_MAIN}si":
                found.append(_text(element))
                element.clear()
    return found


def _text(element: ElementTree.Element) -> str:
    """The text of its runs, without the phonetic guides that Asian text may carry."""
    return "".join(
        run.text or ""
        for child in element
        for run in ([child] if child.tag == f"{_MAIN}t" else child.findall(f"{_MAIN}t"))
        if child.tag != f"{_MAIN}rPh"
    )


def _rows(file: IO[bytes], shared: list[str]) -> Iterator[Row]:
    line = 0
    for _, element in ElementTree.iterparse(file):  # noqa: S314 - expat bounds what entities expand to
        if element.tag != f"{_MAIN}row":
            continue
        line = int(element.get("r") or line + 1)
        cells: list[str] = []
        for cell in element.iterfind(f"{_MAIN}c"):
            place = _column(cell.get("r"), len(cells))
            cells.extend([""] * (place - len(cells)))
            cells.append(_value(cell, shared))
        yield line, cells
        element.clear()


def _column(reference: str | None, following: int) -> int:
    """The place of a cell in its row, from 0: `A` is 0, `AA` is 26."""
    found = _REFERENCE.fullmatch(reference or "")
    if found is None:
        return following
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - ord("A") + 1
    return max(place - 1, following)


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(f"{_MAIN}is")
        return "" if inline is None else _text(inline)
    text = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s":
        return shared[int(text)] if text else ""
    return text.removesuffix(".0") if kind == "n" else text
