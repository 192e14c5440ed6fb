"""Names that are derived for a service line: what holds for it once the claim has spoken for it too."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from claimwright.domain.columns import gathered
from claimwright.domain.dictionary import Level

from . import tallies
from .claim_names import years_between
from .facts import Facts
from .names import CODE, CODES, COUNT, DATE, QUANTITY, Derivations

add = Derivations(Level.LINE)

add(
    "line_through_on",
    DATE,
    "last day of the line's service, which is its first where one day is given",
    pl.coalesce("service_to_on", "service_from_on"),
)
add(
    "effective_service_on",
    DATE,
    "first day of the line's service: its own, else the claim's",
    pl.coalesce("service_from_on", "claim_service_from_on", "statement_from_on"),
)
add(
    "effective_place_of_service",
    CODE,
    "place of service of the line: its own, else the claim's",
    pl.coalesce("line_place_of_service", "place_of_service"),
)
add(
    "effective_rendering_npi",
    CODE,
    "NPI of who gave the service: of the line, else of the claim, else billing",
    pl.coalesce("line_rendering_npi", "rendering_npi", "billing_npi"),
)
add(
    "effective_rendering_taxonomy",
    CODE,
    "taxonomy of who gave the service: of the line, else of the claim, else billing",
    pl.coalesce("line_rendering_taxonomy", "rendering_taxonomy", "billing_taxonomy"),
)
add(
    "effective_referring_npi",
    CODE,
    "NPI of who ordered or referred: of the line, else of the claim",
    pl.coalesce("line_ordering_npi", "line_referring_npi", "referring_npi"),
)
add(
    "effective_clia_number",
    CODE,
    "CLIA number of the laboratory: of the line, else of the claim",
    pl.coalesce("line_clia_number", "clia_number"),
)
add(
    "effective_authorization",
    CODE,
    "prior authorization number: of the line, else of the claim",
    pl.coalesce("line_prior_authorization", "prior_authorization"),
)
add(
    "age_at_service_years",
    COUNT,
    "the patient's age on the line's first day of service, in whole years",
    years_between("patient_birth_on", "effective_service_on"),
)
add(
    "age_at_service_days",
    COUNT,
    "the patient's age on the line's first day of service, in days",
    (pl.col("effective_service_on") - pl.col("patient_birth_on")).dt.total_days(),
)


add(
    "cpt",
    COUNT,
    "the procedure as a number where it is a CPT code of five digits, else null",
    pl.when(pl.col("procedure").str.len_bytes() == 5).then(pl.col("procedure").cast(pl.Int32, strict=False)),
)


def _modifiers(facts: Facts) -> Mapping[str, pl.Series]:
    height = facts.height(Level.LINE)
    values, rows = [], []
    for number in (1, 2, 3, 4):
        column = facts.column(Level.LINE, f"modifier_{number}")
        present = np.flatnonzero(column.is_not_null().to_numpy())
        if len(present):
            values.append(column.gather(pl.Series(present)))
            rows.append(present)
    if not values:
        return {"modifiers": tallies.lists(pl.Series(dtype=pl.String), np.empty(0, np.int64), height)}
    return {"modifiers": tallies.lists(pl.concat(values), np.concatenate(rows), height)}


add.together(
    _modifiers, {"modifiers": (CODES, "the line's modifiers, in order; an empty list where it has none")}
)


def _units_of_day(facts: Facts) -> Mapping[str, pl.Series]:
    """Only lines that share their procedure, day and provider are summed: few do."""
    units = facts.column(Level.LINE, "units")
    keys = pl.DataFrame([facts.column(Level.LINE, name).alias(name) for name in _OF_ONE_DAY]).hash_rows()
    shared = keys.is_duplicated()
    of_shared = pl.DataFrame({"key": keys.filter(shared), "units": units.filter(shared)})
    sums = of_shared.select(pl.col("units").sum().over("key").cast(units.dtype))["units"]
    at = np.arange(len(units))
    at[shared.to_numpy()] = len(units) + np.arange(len(sums))
    return {"procedure_units_of_day": pl.concat([units, sums]).gather(pl.Series(at))}


_OF_ONE_DAY = ("claim", "procedure", "effective_service_on", "effective_rendering_npi")

add.together(
    _units_of_day,
    {
        "procedure_units_of_day": (
            QUANTITY,
            "units of the line's procedure on its day by who gave it, over all lines of the claim",
        )
    },
)

_POINTERS = [f"diagnosis_pointer_{number}" for number in (1, 2, 3, 4)]
add(
    "pointer_count",
    COUNT,
    "how many diagnoses the line points to",
    pl.sum_horizontal(pl.col(name).is_not_null() for name in _POINTERS),
)
add(
    "highest_pointer",
    COUNT,
    "the highest diagnosis position that the line points to",
    pl.max_horizontal(_POINTERS),
)
add(
    "lowest_pointer",
    COUNT,
    "the lowest diagnosis position that the line points to",
    pl.min_horizontal(_POINTERS),
)


def _pointed(facts: Facts) -> Mapping[str, pl.Series]:
    """The n-th of the claim's principal and other diagnoses is what pointer n names (2400 SV107)."""
    # An unknown list gives null: a pointer past its end is a finding of its own, and no diagnosis.
    claims = facts.rows(Level.LINE, Level.CLAIM)
    diagnoses = gathered(facts.column(Level.CLAIM, "diagnoses"), claims)
    place = facts.column(Level.LINE, "diagnosis_pointer_1").fill_null(0) - 1
    pointed = diagnoses.list.get(place.set(place < 0, None), null_on_oob=True)
    return {"pointed_diagnosis": pointed}


add.together(_pointed, {"pointed_diagnosis": (CODE, "the diagnosis that the line's first pointer names")})


def _belongings(name: str, level: Level, meaning: str) -> None:
    def compute(facts: Facts) -> Mapping[str, pl.Series]:
        return {name: tallies.count(facts.rows(level, Level.LINE), facts.height(Level.LINE))}

    add.together(compute, {name: (COUNT, meaning)})


_belongings("line_note_count", Level.NOTE, "how many notes the line has")
_belongings("line_attachment_count", Level.ATTACHMENT, "how many attachments the line announces")
_belongings("line_certification_count", Level.CERTIFICATION, "how many certifications the line has")
_belongings(
    "line_adjudication_count", Level.ADJUDICATION, "how many adjudications by other payers the line has"
)
_belongings("tooth_count", Level.TOOTH, "how many teeth the line names")

NAMES = tuple(add.names)
