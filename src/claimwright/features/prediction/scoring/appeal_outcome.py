"""The appeal-outcome model that is included in the package, and the loader of its public data file."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.prediction.arrays import LARGEST_FILE
from claimwright.engines.prediction.artifact import ArtifactError
from claimwright.engines.prediction.overturn import FILES, OverturnModel, overturn_files, overturn_from
from claimwright.engines.prediction.overturn_fitting import LAST_TRAINED, fit_overturn
from claimwright.engines.prediction.overturn_rates import FIELDS
from claimwright.foundation.errors import InputError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.appeal_models import appeal_model_content, insert_appeal_model, newest_appeal_model

_FOLDER = "appeal_model"
_DETERMINATION, _CASE = "Determination", "Reference Id"
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


def appeal_outcome_model_of(connection: Connection) -> OverturnModel:
    """The model that answers for the tenant: the newest that was trained here, otherwise the packaged one.

    Raises:
        ArtifactError: it is damaged.
    """
    newest = newest_appeal_model(connection)
    if newest is None:
        return appeal_outcome_model()
    number, digest = newest
    if digest not in _OPENED:
        content = appeal_model_content(connection, number)
        if hashlib.sha256(content).digest() != digest:
            raise ArtifactError("the appeal model in the store is damaged. Train it again.")
        while len(_OPENED) >= _MOST_OPENED:
            _OPENED.pop(next(iter(_OPENED)))
        _OPENED[digest] = overturn_from(_files_of(content))
    return _OPENED[digest]


def keep_appeal_model(caller: Caller, connection: Connection, model: OverturnModel) -> None:
    """Store a model in the tenant's store. It answers from now on; the audit log records it."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        for name, content in overturn_files(model).items():
            archive.writestr(zipfile.ZipInfo(name), content)
    insert_appeal_model(connection, kept.getvalue(), model.years)
    audit.append(
        caller, connection, action="model.trained", subject="appeal_outcome_model",
        detail={"count": model.about["cases"], "digest": model.about["data_sha256"]}, correlation_id="",
    )  # fmt: skip


def _files_of(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(each.file_size for each in archive.infolist()) > LARGEST_FILE:
                raise ArtifactError("the appeal model in the store is too large.")
            return {name: archive.read(name) for name in FILES}
    except (zipfile.BadZipFile, KeyError) as problem:
        raise ArtifactError(
            f"the appeal model in the store is damaged ({type(problem).__name__}). Train it again."
        ) from None


# By digest: a work list asks for the same model again and again.
_OPENED: dict[bytes, OverturnModel] = {}
_MOST_OPENED = 4


def read_reviews(path: Path) -> pl.DataFrame:
    """The independent medical reviews of the public CSV, in order: the fields, `year` and `overturned`.

    Source: California Department of Managed Health Care, "Independent Medical Review Determinations". The
    file is separated by semicolons or commas; an empty field is null. The order is that of the number in the
    case's reference, such as 22639 of MN16-22639.

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
    missing = [name for name in (*_COLUMNS, "Report Year", _DETERMINATION, _CASE) if name not in named]
    if missing:
        raise ReviewFileError(f"{path}: no column {', '.join(missing)}. Is it the file of determinations?")
    try:
        found = frame.select(
            *(pl.col(named[name]).replace("", None).alias(column) for name, column in _COLUMNS.items()),
            year=pl.col(named["Report Year"]).cast(pl.Int64),
            overturned=pl.col(named[_DETERMINATION]).str.starts_with("Overturned").fill_null(value=False),
            number=pl.col(named[_CASE]).str.extract(r"(\d+)$").cast(pl.Int64),
        )
    except pl.exceptions.PolarsError as problem:
        raise ReviewFileError(f"{path}: a year is no number ({type(problem).__name__}).") from None
    if found["number"].null_count() or found["year"].null_count():
        raise ReviewFileError(f"{path}: a case has no number in its reference, or no year.")
    return found.sort("year", "number").select(*FIELDS, "year", "overturned")


SOURCE = "California Department of Managed Health Care, independent medical review determinations"
_FEWEST = 10_000


def train_appeal_model(
    path: Path,
    *,
    tell: Callable[[str], None] = lambda _: None,
    baselines: Mapping[str, Any] | None = None,
) -> OverturnModel:
    """The model of the public CSV, with its card; `tell` gets each stage. `baselines` are kept on the card.

    Raises:
        ReviewFileError: the file can't be used, or has too few decisions.
    """
    cases = read_reviews(path)
    years = cases["year"]
    if cases.height < _FEWEST or not (years.min() or 0) < LAST_TRAINED < (years.max() or 0):  # type: ignore[operator]  # polars' own words for numbers
        raise ReviewFileError(
            f"{path}: {cases.height:,} decisions; the whole file is needed: at least {_FEWEST:,}, of years "
            f"before and after {LAST_TRAINED}."
        )
    about = {"source": SOURCE, "data_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    kept = {} if baselines is None else {"baselines": dict(baselines)}
    return fit_overturn(cases, about=about | kept, tell=tell)
