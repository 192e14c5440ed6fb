"""The files of a physician fee schedule release that have no header, and checks of their rows.

Relative values are whole numbers of hundredths, as in the price tables. Totals detect a changed layout: in
every record of a relative value file, the components add up to the totals.

Sources of the layouts: CMS, PFS Relative Value Files: PPRRVU record layout; PFREV payment amount files.
"""

from __future__ import annotations

import csv
import io
import re

import polars as pl

from .layout import Said
from .periods import MONTHS
from .problems import FileProblem, at_lines, refuse
from .published import Part, lines_of, text_of

_COMPONENTS = {"26": 1, "TC": 2, "53": 3}

# Positions of the fixed-width relative value file, counted from 1 as published. 2026 put the pricing
# indicator at 121, which was filler before. A plus at 59 means that Medicare does not use the values.
_FIELDS = {
    "procedure": (1, 5), "modifier": (6, 7), "status": (58, 58), "work": (60, 65), "pe_nonfacility": (66, 72),
    "nonfacility_na": (73, 74), "pe_facility": (75, 81), "facility_na": (82, 83), "malpractice": (84, 89),
    "total_nonfacility": (90, 96), "total_facility": (97, 102), "professional_technical": (103, 103),
    "global_days": (104, 106), "preoperative": (107, 109), "intraoperative": (110, 112),
    "postoperative": (113, 115), "multiple_procedure": (116, 116), "bilateral": (117, 117),
    "assistant": (118, 118), "co_surgeon": (119, 119), "team_surgeon": (120, 120),
    "endoscopic_base": (128, 132), "conversion_factor": (133, 140), "opps_pe_nonfacility": (148, 157),
    "opps_pe_facility": (158, 164), "opps_malpractice": (165, 171),
}  # fmt: skip
_LENGTH = 171
_RECORD = r"^[0-9A-Z]{5}(?:  |26|TC|53).{50}[A-Z]"
# The first and the last lines of a file are copyright notices for its codes.
_AROUND = r"^(?:HDR|TRL)"


def relative_values(part: Part) -> pl.DataFrame | None:
    """The columns of a fixed-width relative value file as text; None for any other file.

    Raises:
        ReferenceFileError: a line is not a record.
    """
    if part.suffix != ".txt":
        return None
    lines = lines_of(part)
    records = lines.filter(~pl.col("text").str.contains(_AROUND))
    if not records.height or not re.match(_RECORD, records["text"][0]):
        return None
    shaped = pl.col("text").str.contains(_RECORD) & (pl.col("text").str.len_chars() >= _LENGTH)
    wrong = records.filter(~shaped & ~pl.col("text").str.contains("^\x1a"))
    if wrong.height:
        raise refuse(
            part.name, wrong["line"][0], f"a line that is not a record of {_LENGTH} characters",
            "it is cut off there, or the layout has changed",
        )  # fmt: skip
    kept = records.filter(shaped & ~pl.col("text").str.contains("^[A-Z]XXX[0-9A-Z]"))
    return kept.select(
        "line",
        *(
            pl.col("text").str.slice(first - 1, last - first + 1).str.strip_chars().alias(name)
            for name, (first, last) in _FIELDS.items()
        ),
    )


def totals_add_up(file: str, rows: pl.DataFrame) -> list[FileProblem]:
    """The rows whose relative values do not add up to the totals of the row."""
    problems: list[FileProblem] = []
    for setting in ("nonfacility", "facility"):
        parts = pl.col("work") + pl.col(f"pe_{setting}") + pl.col("malpractice")
        wrong = rows.filter(pl.col(f"total_{setting}") != parts)
        problems += at_lines(
            file, wrong["line"], f"work, practice expense and malpractice do not add up to total_{setting}",
            "the layout has changed, or the row is damaged",
        )  # fmt: skip
    return problems


def finish_relative_values(rows: pl.DataFrame) -> pl.DataFrame:
    """Components and indicators as numbers."""
    indicators = (
        "professional_technical", "multiple_procedure", "bilateral", "assistant", "co_surgeon",
        "team_surgeon",
    )  # fmt: skip
    return rows.with_columns(
        component("modifier").alias("component"), *(pl.col(name).cast(pl.UInt8) for name in indicators)
    )


def component(modifier: str) -> pl.Expr:
    """0 for the whole service, 1 professional, 2 technical, 3 discontinued."""
    return pl.col(modifier).replace_strict(_COMPONENTS, default=0, return_dtype=pl.UInt8)


def localities(rows: pl.DataFrame) -> pl.DataFrame:
    """`locality`, contractor and number as in 13202-01; footnote marks are removed from the area."""
    rows = rows.with_columns(locality=pl.concat_str("contractor", pl.lit("-"), "number"))
    return rows.with_columns(pl.col("area").str.strip_chars("* ")) if "area" in rows.columns else rows


def release(part: Part) -> Said | None:
    """The year and month in the title of a relative value file."""
    title = re.search(
        rb"(20[0-9]{2}) National Physician Fee Schedule Relative Value File ([A-Z][a-z]+) Release",
        part.data[:2_000],
    )
    if title is None or (month := title[2].decode()[:3].lower()) not in MONTHS:
        return None
    return Said(int(title[1]), MONTHS.index(month) + 1)


def year_of_indices(part: Part) -> Said | None:
    """The year in the heading of Addendum E."""
    heading = re.search(rb"(20[0-9]{2}) PW GPCI", part.data[:4_000])
    return Said(int(heading[1])) if heading else None


_AMOUNTS = ("year", "contractor", "number", "procedure", "modifier", "nonfacility", "facility")


def payment_amounts(part: Part) -> pl.DataFrame | None:
    """The quoted columns of a payment amount file (PFREV, PFALL), which has no header; None for others."""
    text = text_of(part)
    if not re.match(r'"20[0-9]{2}","[0-9]{5}"', text):
        return None
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for cells in reader:
        if cells and cells[0].startswith("TRL"):
            continue
        if len(cells) < len(_AMOUNTS):
            raise refuse(part.name, reader.line_num, "a row with too few columns", "it is cut off there")
        rows.append([cell.strip() for cell in cells[: len(_AMOUNTS)]])
        lines.append(reader.line_num)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_AMOUNTS, pl.String), orient="row")
    return frame.insert_column(0, pl.Series("line", lines, dtype=pl.UInt32))
