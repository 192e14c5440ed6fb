"""The appeal-outcome model that is included in the package, and the loader of its public data file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import polars as pl

from claimwright.engines.prediction.overturn import FIELDS, FILES, OverturnModel, overturn_from
from claimwright.foundation.errors import InputError

_FOLDER = "appeal_model"
_DETERMINATION = "Determination"
_COLUMNS = {
    "Diagnosis Category": "diagnosis_category",
    "Diagnosis Sub Category": "diagnosis_sub_category",
    "Treatment Category": "treatment_category",
    "Treatment Sub Category": "treatment_sub_category",
    "Type": "type",
    "Age Range": "age_range",
}


class ReviewFileError(InputError):
    """The public file can't be used. The message gives the reason."""


@cache
def appeal_outcome_model() -> OverturnModel:
    """The model that is included in the package.

    Raises:
        ArtifactError: the installation is damaged.
    """
    folder = files(__package__) / _FOLDER
    return overturn_from({name: (folder / name).read_bytes() for name in FILES})


def read_reviews(path: Path) -> pl.DataFrame:
    """The independent medical reviews of the public CSV: the fields, `report_year` and `overturned`.

    Source: California Department of Managed Health Care, "Independent Medical Review Determinations". The
        file is
    separated by semicolons or commas; an empty field is null.

    Raises:
        ReviewFileError: it can't be read, or a column is missing.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = file.readline()
        separator = ";" if first.count(";") > first.count(",") else ","
        frame = pl.read_csv(path, separator=separator, infer_schema=False)
    except (OSError, UnicodeDecodeError, pl.exceptions.PolarsError) as problem:
        raise ReviewFileError(f"{path}: can't be read as CSV ({type(problem).__name__}).") from None
    named = {name.lstrip("\ufeff").replace("_", " ").title(): name for name in frame.columns}
    missing = [name for name in (*_COLUMNS, "Report Year", _DETERMINATION) if name not in named]
    if missing:
        raise ReviewFileError(f"{path}: no column {', '.join(missing)}. Is it the file of determinations?")
    return frame.select(
        *(pl.col(named[name]).replace("", None).alias(column) for name, column in _COLUMNS.items()),
        report_year=pl.col(named["Report Year"]).cast(pl.Int64),
        overturned=pl.col(named[_DETERMINATION]).str.starts_with("Overturned"),
    ).select(*FIELDS, "report_year", "overturned")
