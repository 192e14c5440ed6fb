"""Sensitivity labels of claims, from their diagnosis and procedure codes and the patient's age.

A label does not reveal what is on the claim, only that access is restricted. Codes are prefixes of ICD-10-CM
FY2026 and HCPCS codes:

    psychiatric     F01-F09, F20-F99, R45.851, T14.91, Z91.5
    substance_use   F10-F19, F55, T40, T51.0, O99.31, O99.32, R78.0, Z71.41, Z71.51; HCPCS H0001 to H0050 and
                    G2067 to G2088 (billed by programs under 42 CFR Part 2). Chosen broadly: a superfluous
                    label only withholds, a missing one would disclose
    hiv             B20, B97.35, O98.7, R75, Z11.4, Z20.6, Z21, Z71.7
    reproductive    O00-O9A, N96-N98, Z30-Z39, Z64.0
    minor           the patient is under 18 on the first day of service
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level

_DIAGNOSES = {
    "psychiatric": r"^(F0[1-9]|F[2-9]|R45851|T1491|Z915)",
    "substance_use": r"^(F1|F55|T40|T510|O9931|O9932|R780|Z7141|Z7151)",
    "hiv": r"^(B20|B9735|O987|R75|Z114|Z206|Z21|Z717)",
    "reproductive": r"^(O[0-9]|N9[678]|Z3[0-9]|Z640)",
}
_PROCEDURES = {"substance_use": r"^(H00[0-4][0-9]|H0050|G20(6[7-9]|7[0-9]|8[0-8]))$"}
_ADULT_YEARS = 18


def sensitivity_labels(batch: ClaimBatch) -> dict[int, frozenset[str]]:
    """The labels (`platform.access.LABELS`) of each claim of the batch; unlabeled claims are left out."""
    found = [
        *(_matching(batch.diagnoses, "diagnosis", label, pattern) for label, pattern in _DIAGNOSES.items()),
        *(_matching(batch.lines, "procedure", label, pattern) for label, pattern in _PROCEDURES.items()),
        _minors(batch),
    ]
    labels: dict[int, set[str]] = {}
    for claim, label in pl.concat(found).unique().iter_rows():
        labels.setdefault(claim, set()).add(label)
    return {claim: frozenset(each) for claim, each in labels.items()}


def labels_of_rows(rows: Mapping[Level, Sequence[Mapping[str, Any]]]) -> frozenset[str]:
    """The labels of one claim that was read as rows."""
    [claim] = rows[Level.CLAIM]
    lines = rows.get(Level.LINE, ())
    found = {
        *_labels_of(_DIAGNOSES, (row.get("diagnosis") for row in rows.get(Level.DIAGNOSIS, ()))),
        *_labels_of(_PROCEDURES, (row.get("procedure") for row in lines)),
    }
    days = [row["service_from_on"] for row in lines if "service_from_on" in row]
    first = claim.get("statement_from_on") or claim.get("claim_service_from_on") or min(days, default=None)
    born = claim.get("dependent_birth_on") or claim.get("subscriber_birth_on")
    if first is not None and born is not None and first < _adult_on(born):
        found.add("minor")
    return frozenset(found)


def _labels_of(patterns: Mapping[str, str], codes: Iterator[str | None]) -> Iterator[str]:
    for code in codes:
        plain = (code or "").upper().replace(".", "")
        for label, pattern in patterns.items():
            if plain and re.search(pattern, plain):
                yield label


def _adult_on(born: datetime.date) -> datetime.date:
    """The day on which somebody is 18; of a leap day, 28 February."""
    year = born.year + _ADULT_YEARS
    try:
        return born.replace(year=year)
    except ValueError:
        return datetime.date(min(year, datetime.MAXYEAR), born.month, min(born.day, 28))


def _matching(frame: pl.DataFrame, column: str, label: str, pattern: str) -> pl.DataFrame:
    code = pl.col(column).str.to_uppercase().str.replace_all(".", "", literal=True)
    return frame.filter(code.str.contains(pattern)).select("claim", pl.lit(label).alias("label"))


def _minors(batch: ClaimBatch) -> pl.DataFrame:
    lines = batch.lines.group_by("claim").agg(first_line=pl.col("service_from_on").min())
    first = pl.coalesce("statement_from_on", "claim_service_from_on", "first_line")
    adult = pl.coalesce("dependent_birth_on", "subscriber_birth_on").dt.offset_by(f"{_ADULT_YEARS}y")
    claims = batch.claims.join(lines, on="claim", how="left")
    return claims.filter(first < adult).select("claim", pl.lit("minor").alias("label"))
