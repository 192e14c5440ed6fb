"""A report as a file: CSV, an Excel workbook, or a tagged PDF."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from .answering import KpiAnswer, KpiRow
from .frames import csv_of, frame_of

MEDIA = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Of an Excel sheet: no longer name, and none of these characters.
_MOST_NAME = 31
# Groups of a figure in a PDF; a person reads no more.
_MOST_LINES = 40


@dataclass(frozen=True)
class ReportPart:
    """A figure of a report: as a whole, and by the report's dimension if the figure has it."""

    whole: KpiAnswer
    groups: KpiAnswer | None


def report_file(title: str, parts: Sequence[ReportPart], file_format: str) -> bytes:
    """The file of a report."""
    if file_format == "csv":
        return _csv(parts).encode()
    if file_format == "xlsx":
        return _workbook(title, parts)
    return _pdf(title, parts)


def value_text(unit: str, value: float | int | None, reason: str | None) -> str:
    """A value in its unit, as a person reads it; why there is none otherwise."""
    if value is None:
        return reason or "no value"
    if unit == "share":
        return f"{value:.1%}"
    if unit == "cents":
        cents = round(value)
        return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    shown = f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
    return shown if unit == "items" else f"{shown} {unit}"


def _csv(parts: Sequence[ReportPart]) -> str:
    frames = []
    for part in parts:
        for answer in (part.whole, part.groups):
            if answer is not None:
                dimension = answer.group_by[0] if answer.group_by else None
                frame = frame_of(answer)
                group = pl.col(dimension) if dimension else pl.lit(None, pl.String)
                frames.append(
                    frame.select(
                        pl.lit(answer.name).alias("figure"), pl.lit(answer.unit).alias("unit"),
                        pl.lit(dimension, pl.String).alias("by"), group.alias("group"),
                        *(name for name in frame.columns if name != dimension),
                    )
                )  # fmt: skip
    return csv_of(pl.concat(frames))


def _workbook(title: str, parts: Sequence[ReportPart]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook(write_only=False)
    first = book.active
    assert first is not None
    first.title = "Figures"
    head = ["Figure", "Value", "Before", "From", "To", "Numerator", "Denominator", "Definition"]
    _rows(first, [[title], [], head])
    for part in parts:
        [row] = part.whole.totals[:1]
        unit = part.whole.unit
        value = row.reason_text if row.value is None else _cell(unit, row.value)
        told = [value, _cell(unit, row.before), row.begins, row.ends, row.numerator, row.denominator]
        _rows(first, [[part.whole.title, *told, part.whole.definition]])
    first["A1"].font = Font(bold=True)
    for part in parts:
        if part.groups is not None and part.groups.rows:
            sheet = book.create_sheet(part.whole.name[:_MOST_NAME])
            head = ["Value", "Before", "Numerator", "Denominator", "Claims or items", "Why not"]
            _rows(sheet, [[part.whole.title], [], [part.groups.group_by[0], *head]])
            _rows(sheet, [_group(part.groups, row) for row in part.groups.rows])
            sheet["A1"].font = Font(bold=True)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _group(answer: KpiAnswer, row: KpiRow) -> list[Any]:
    return [
        row.group[answer.group_by[0]], _cell(answer.unit, row.value), _cell(answer.unit, row.before),
        row.numerator, row.denominator, row.items, row.reason_text,
    ]  # fmt: skip


def _cell(unit: str, value: float | int | None) -> float | int | str | None:
    """Dollars as text: a workbook's numbers are binary fractions."""
    return value_text(unit, value, None) if unit == "cents" and value is not None else value


def _rows(sheet: Any, rows: Sequence[Sequence[Any]]) -> None:
    for row in rows:
        sheet.append(list(row))
        for cell in sheet[sheet.max_row]:
            # What begins like a formula stays a text.
            if isinstance(cell.value, str):
                cell.data_type = "s"


def _pdf(title: str, parts: Sequence[ReportPart]) -> bytes:
    import typst

    data = {
        "title": title,
        "period": f"{parts[0].whole.begins:%m/%d/%Y} to {parts[0].whole.ends:%m/%d/%Y}",
        "figures": [
            {
                "title": part.whole.title,
                "value": value_text(part.whole.unit, row.value, row.reason_text),
                "before": value_text(part.whole.unit, row.before, "none"),
                "definition": part.whole.definition,
                "by": None if part.groups is None else part.groups.group_by[0].replace("_", " "),
                "groups": [_line(part.groups, each) for each in part.groups.rows[:_MOST_LINES]]
                if part.groups
                else [],
                "more": max(0, len(part.groups.rows) - _MOST_LINES) + part.groups.left_off
                if part.groups
                else 0,
            }
            for part in parts
            for row in part.whole.totals[:1]
        ],
    }
    made: bytes = typst.compile(  # type: ignore[call-overload]  # its stubs lack the input of several files
        {"main.typ": _typesetting(), "data.json": json.dumps(data).encode()},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
    )
    return made


def _line(answer: KpiAnswer, row: KpiRow) -> list[str]:
    return [
        row.group[answer.group_by[0]], value_text(answer.unit, row.value, row.reason_text),
        value_text(answer.unit, row.before, ""), f"{row.items:,}" if row.items else "",
    ]  # fmt: skip


@cache
def _typesetting() -> bytes:
    return (files(__package__) / "report.typ").read_bytes()
