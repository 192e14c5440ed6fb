"""Groups of diagnoses and procedures by which figures are broken down.

Diagnosis groups are the chapters of ICD-10-CM, named by their first and last category. Procedure groups are
the sections of the code ranges (CPT, HCPCS level II, CDT), in our own words.
"""

from __future__ import annotations

import polars as pl

from . import code_shapes

# First category of each chapter of ICD-10-CM, and its name. Source: ICD-10-CM tabular list, fiscal year 2026.
_CHAPTERS = (
    ("A00", "A00-B99"), ("C00", "C00-D49"), ("D50", "D50-D89"), ("E00", "E00-E89"), ("F01", "F01-F99"),
    ("G00", "G00-G99"), ("H00", "H00-H59"), ("H60", "H60-H95"), ("I00", "I00-I99"), ("J00", "J00-J99"),
    ("K00", "K00-K95"), ("L00", "L00-L99"), ("M00", "M00-M99"), ("N00", "N00-N99"), ("O00", "O00-O9A"),
    ("P00", "P00-P96"), ("Q00", "Q00-Q99"), ("R00", "R00-R99"), ("S00", "S00-T88"), ("U00", "U00-U85"),
    ("V00", "V00-Y99"), ("Z00", "Z00-Z99"),
)  # fmt: skip
DIAGNOSIS_GROUPS = tuple(name for _, name in _CHAPTERS)
_DIAGNOSIS = f"^{code_shapes.ICD10_CATEGORY}"

_NUMERIC = (
    (100, "anesthesia"), (10_004, "surgery"), (70_010, "radiology"), (80_047, "laboratory"),
    (90_281, "medicine"), (99_202, "evaluation"), (99_500, "medicine"),
)  # fmt: skip
_LETTERS = {
    "A": "supplies and transport", "B": "supplies and transport", "C": "outpatient devices and drugs",
    "D": "dental", "E": "equipment", "G": "professional services", "H": "behavioral health", "J": "drugs",
    "K": "equipment", "L": "equipment", "M": "professional services", "P": "laboratory", "Q": "drugs",
    "R": "radiology", "S": "other", "T": "behavioral health", "U": "laboratory", "V": "vision and hearing",
}  # fmt: skip
PROCEDURE_GROUPS = tuple(sorted({*(name for _, name in _NUMERIC), *_LETTERS.values()}))


def diagnosis_groups(codes: pl.Series) -> pl.Series:
    """The chapter of each diagnosis; null for what has no shape of an ICD-10-CM code."""
    category = pl.col("code").str.to_uppercase().str.slice(0, 3)
    found = pl.lit(None, pl.String)
    for first, name in _CHAPTERS:
        found = pl.when(category >= first).then(pl.lit(name)).otherwise(found)
    shaped = pl.col("code").str.to_uppercase().str.contains(_DIAGNOSIS)
    frame = codes.rename("code").to_frame()
    return frame.select(pl.when(shaped).then(found).alias("diagnosis_group")).to_series()


def procedure_groups(codes: pl.Series) -> pl.Series:
    """The section of each procedure code; null for what has no shape of one."""
    code = pl.col("code").str.to_uppercase()
    number = code.str.extract(r"^([0-9]{4,5})").cast(pl.Int32, strict=False)
    last = code.str.slice(4, 1)
    numeric = pl.lit(None, pl.String)
    for first, name in _NUMERIC:
        numeric = pl.when(number >= first).then(pl.lit(name)).otherwise(numeric)
    lettered = code.str.slice(0, 1).replace_strict(_LETTERS, default=None, return_dtype=pl.String)
    frame = codes.rename("code").to_frame()
    return frame.select(
        pl.when(~code.str.contains(r"^[A-Z0-9]{4}[A-Z0-9]$"))
        .then(None)
        .when(code.str.contains(r"^[0-9]{4}[UM]$"))
        .then(pl.lit("laboratory"))
        .when(code.str.contains(r"^[0-9]{4}[FT]$"))
        .then(pl.lit("other"))
        .when(number.is_not_null() & last.str.contains("[0-9]"))
        .then(numeric)
        .otherwise(lettered)
        .alias("procedure_group")
    ).to_series()
