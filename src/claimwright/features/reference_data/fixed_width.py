"""Files without a header: fixed-width records, and tables whose header spans several lines.

Each function returns the rows of a part as text, with the columns of its dataset; they are typed later. It
returns None if the part has another form and must be read by its header.

Sources of the layouts: CDC and CMS, ICD-10-CM and ICD-10-PCS order files (`icd10OrderFiles.pdf`); CMS, POA
exempt list (`ReadMePOAexempt2021.txt` in `2021-poa-exempt-codes.zip`); CMS, HCPCS
record layout (320 characters); CMS, `ZIP5lyout.txt`; CMS, the heading of the PTP edit files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from claimwright.domain.code_shapes import ICD10_CATEGORY, ICD10_WITH_DOT

from .layout import Said
from .problems import refuse
from .published import Part, lines_of

_LINE = "line"


def _cut(lines: pl.DataFrame, fields: Mapping[str, tuple[int, int]]) -> pl.DataFrame:
    """Fields by their first and last position, counted from 1 as in published layouts."""
    return lines.select(
        _LINE,
        *(
            pl.col("text").str.slice(first - 1, last - first + 1).str.strip_chars().alias(name)
            for name, (first, last) in fields.items()
        ),
    )


def _order_file(part: Part, code: str) -> pl.DataFrame | None:
    """Order number 1-5, code 7-13, whether it is billable 15, short title 17-76, long title from 78."""
    if part.suffix != ".txt":
        return None
    lines = lines_of(part)
    shaped = lines["text"].str.contains(rf"^[0-9]{{5}} {code} [01] ")
    if not shaped.any():
        raise refuse(part.name, int(lines["line"][0]) if lines.height else 0,
                     "is not an order file: digits, code, 0 or 1, title",
                     "the layout has changed")  # fmt: skip
    wrong = lines.filter(~shaped)
    if wrong.height:
        raise refuse(
            part.name,
            wrong["line"][0],
            "a line that is not a record of an order file",
            "download the file again",
        )
    order = _cut(lines, {"number": (1, 5), "code": (7, 13), "leaf": (15, 15)})
    return order.with_columns(billable=pl.col("leaf")).drop("number", "leaf")


def diagnoses(part: Part) -> pl.DataFrame | None:
    """`code` and `billable` of an ICD-10-CM order file."""
    return _order_file(part, ICD10_CATEGORY + "[0-9A-Z ]{4}")


def exempt_diagnoses(part: Part) -> pl.DataFrame | None:
    """`code` of the POA-exempt list: order number, code and title, separated by tabs.

    Its first line is a heading.
    """
    if part.suffix != ".txt":
        return None
    lines = lines_of(part)
    if not lines.height or "poaexemptcode" not in lines["text"][0].lower():
        line = int(lines["line"][0]) if lines.height else 0
        raise refuse(part.name, line, "has no heading with POAexemptCode", "the layout has changed")
    body = lines.slice(1)
    shaped = rf"^[0-9]{{1,6}}\t *{ICD10_WITH_DOT} *\t.*[^\t ]"
    wrong = body.filter(~pl.col("text").str.contains(shaped))
    if wrong.height:
        raise refuse(part.name, wrong["line"][0], "a line that is not a number, code and title",
                     "it is cut off there, or the layout has changed")  # fmt: skip
    return body.select(_LINE, code=pl.col("text").str.split("\t").list.get(1).str.strip_chars())


def surgical_procedures(part: Part) -> pl.DataFrame | None:
    """`code` of an ICD-10-PCS order file, without its three-character table entries, or of a codes file,
    which has one code and its title per line.
    """
    if part.suffix == ".txt" and re.match(rb"[0-9A-HJ-NP-Z]{7} ", part.data):
        lines = lines_of(part)
        wrong = lines.filter(~pl.col("text").str.contains("^[0-9A-HJ-NP-Z]{7} "))
        if wrong.height:
            raise refuse(
                part.name, wrong["line"][0], "a line that is not a code and title", "it is cut off there"
            )
        return _cut(lines, {"code": (1, 7)})
    rows = _order_file(part, r"[0-9A-HJ-NP-Z]{3}[0-9A-HJ-NP-Z ]{4}")
    return None if rows is None else rows.filter(pl.col("billable") == "1").drop("billable")


# The HCPCS record: the fields that are read from its 320 characters.
_HCPCS = {
    "code": (1, 5),
    "record": (11, 11),
    "pricing": (120, 121),
    "coverage": (230, 230),
    "valid_from": (269, 276),
    "valid_to": (285, 292),
}
_HCPCS_LENGTH = 320
# Kinds of record: 3 begins a procedure, 4 continues its text; 7 and 8 are the same for a modifier.
_PROCEDURE_RECORD = "3"


def hcpcs(part: Part) -> pl.DataFrame | None:
    """The first record of each code of a HCPCS text file with 320 characters per line."""
    if part.suffix != ".txt":
        return None
    lines = lines_of(part)
    records = lines.filter(pl.col("text").str.contains(r"^(?:[A-V][0-9]{4}|[0-9A-Z]{2} {3})[0-9]{5}[3478]"))
    if not records.height:
        raise refuse(part.name, int(lines["line"][0]) if lines.height else 0,
                     "contains no HCPCS record of 320 characters", "the layout has changed")  # fmt: skip
    first = records.filter(pl.col("text").str.slice(10, 1) == _PROCEDURE_RECORD)
    # The last field that is read ends at 292; publishers cut off only trailing blanks.
    short = first.filter(pl.col("text").str.len_chars() < _HCPCS["valid_to"][1] - 8)
    if short.height:
        raise refuse(
            part.name, short["line"][0], f"a record shorter than {_HCPCS_LENGTH} characters", "it is cut off"
        )
    others = lines.join(records, on="line", how="anti")
    strange = others.filter(pl.col("line") > first["line"].min())
    if strange.height:
        raise refuse(
            part.name, strange["line"][0], "a line that is not a HCPCS record", "the layout has changed"
        )
    return _cut(first, _HCPCS)


def hcpcs_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Codes only: without modifiers and without the continuation records of a code.

    If the short description contains the record's next fields after its 28 characters, the pricing
    indicator is taken from there.
    """
    tail = (
        pl.col("short").str.slice(28, 2).str.strip_chars()
        if "short" in frame.columns
        else pl.lit(None, pl.String)
    )
    pricing = pl.when(tail.str.contains("^[0-9]{2}$")).then(tail)
    kept = frame.filter(pl.col("code").str.len_chars() == 5)
    return kept.filter(pl.col("record").is_null() | (pl.col("record") == _PROCEDURE_RECORD)).with_columns(
        pl.coalesce("pricing", pricing).alias("pricing")
    )


def zip_codes(part: Part) -> pl.DataFrame | None:
    """State 1-2, ZIP 3-7, contractor 8-12, locality 13-14, rural 15, year and quarter 76-80."""
    if part.suffix != ".txt":
        return None
    lines = lines_of(part)
    lines = lines.filter(~pl.col("text").str.contains("^\x1a"))
    wrong = lines.filter(~pl.col("text").str.contains(r"^[A-Z]{2}[0-9]{12}[ RB]"))
    if wrong.height:
        raise refuse(part.name, wrong["line"][0], "a line that is not a record of the ZIP code file",
                     "the layout has changed, or the line is cut off")  # fmt: skip
    return _cut(
        lines,
        {"state": (1, 2), "zip": (3, 7), "contractor": (8, 12), "locality": (13, 14), "rural": (15, 15)},
    )


def quarter_of_zip_codes(part: Part) -> Said | None:
    """The year and quarter at the end of each record; None if the file has none."""
    found = re.match(rb"[A-Z]{2}[0-9]{12}.{61}(20[0-9]{2})([1-4])", part.data[:100])
    return Said(int(found[1]), int(found[2]) * 3) if found else None


_PAIR_FIELDS = ("column_1", "column_2", "before_1996", "valid_from", "valid_to", "indicator", "rationale")


def pairs(part: Part) -> pl.DataFrame | None:
    """The seven tab-delimited columns of a PTP edit file, whose header spans several lines."""
    if part.suffix != ".txt":
        return None
    lines = lines_of(part)
    shaped = lines["text"].str.contains(r"^[0-9A-Z]{5}\t[0-9A-Z]{5}\t")
    first = shaped.arg_max()
    if not shaped.any() or first is None:
        raise refuse(part.name, int(lines["line"][0]) if lines.height else 0,
                     "contains no pair of codes separated by a tab", "the layout has changed")  # fmt: skip
    body = lines.slice(first).select(_LINE, cells=pl.col("text").str.split("\t"))
    narrow = body.filter(pl.col("cells").list.len() < len(_PAIR_FIELDS) - 1)
    if narrow.height:
        raise refuse(part.name, narrow["line"][0], "fewer than six columns", "the file is cut off there")
    return body.select(
        _LINE,
        *(
            pl.col("cells").list.get(place, null_on_oob=True).str.strip_chars(' "').alias(name)
            for place, name in enumerate(_PAIR_FIELDS)
            if name not in {"before_1996", "rationale"}
        ),
    )
