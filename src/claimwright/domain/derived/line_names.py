"""Names that are derived for a service line: what holds for it once the claim has spoken for it too."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from claimwright.domain.dictionary import Level
from claimwright.foundation.columns import (
    Mask,
    column_of,
    days_between,
    first_known,
    gathered,
    listed,
    numbers,
    present,
    truths,
    years_between,
)

from . import tallies
from .facts import Facts
from .names import CODE, CODES, COUNT, DATE, QUANTITY, Derivations

add = Derivations(Level.LINE)

add(
    "line_through_on",
    DATE,
    "last day of the line's service, which is its first where one day is given",
    ("service_to_on", "service_from_on"),
    first_known,
)
add(
    "effective_service_on",
    DATE,
    "first day of the line's service: its own, else the claim's",
    ("service_from_on", "claim_service_from_on", "statement_from_on"),
    first_known,
)
add(
    "effective_place_of_service",
    CODE,
    "place of service of the line: its own, else the claim's",
    ("line_place_of_service", "place_of_service"),
    first_known,
)
add(
    "effective_rendering_npi",
    CODE,
    "NPI of who gave the service: of the line, else of the claim, else billing",
    ("line_rendering_npi", "rendering_npi", "billing_npi"),
    first_known,
)
add(
    "effective_rendering_taxonomy",
    CODE,
    "taxonomy of who gave the service: of the line, else of the claim, else billing",
    ("line_rendering_taxonomy", "rendering_taxonomy", "billing_taxonomy"),
    first_known,
)
add(
    "effective_referring_npi",
    CODE,
    "NPI of who ordered or referred: of the line, else of the claim",
    ("line_ordering_npi", "line_referring_npi", "referring_npi"),
    first_known,
)
add(
    "effective_clia_number",
    CODE,
    "CLIA number of the laboratory: of the line, else of the claim",
    ("line_clia_number", "clia_number"),
    first_known,
)
add(
    "effective_authorization",
    CODE,
    "prior authorization number: of the line, else of the claim",
    ("line_prior_authorization", "prior_authorization"),
    first_known,
)
add(
    "age_at_service_years",
    COUNT,
    "the patient's age on the line's first day of service, in whole years",
    ("patient_birth_on", "effective_service_on"),
    years_between,
)
add(
    "age_at_service_days",
    COUNT,
    "the patient's age on the line's first day of service, in days",
    ("patient_birth_on", "effective_service_on"),
    days_between,
)


add(
    "cpt",
    COUNT,
    "the procedure as a number where it is a CPT code of five digits, else null",
    ("procedure",),
    lambda procedure: procedure.cast(pl.Int32, strict=False).set(procedure.str.len_bytes() != 5, None),
)


def _modifiers(facts: Facts) -> Mapping[str, pl.Series]:
    height = facts.height(Level.LINE)
    values, rows = [], []
    for number in (1, 2, 3, 4):
        column = facts.column(Level.LINE, f"modifier_{number}")
        known = np.flatnonzero(present(column))
        if len(known):
            values.append(gathered(column, known))
            rows.append(known)
    if not values:
        return {"modifiers": tallies.lists(pl.Series(dtype=pl.String), np.empty(0, np.int64), height)}
    return {"modifiers": tallies.lists(pl.concat(values), np.concatenate(rows), height)}


add.together(
    _modifiers, {"modifiers": (CODES, "the line's modifiers, in order; an empty list where it has none")}
)


def _units_of_day(facts: Facts) -> Mapping[str, pl.Series]:
    """Units of a line over several days are divided by its days and rounded to whole units.

    Source: CMS, NCCI Medically Unlikely Edits, questions and answers about lines with a span of dates.
    """
    units = facts.column(Level.LINE, "units")
    days, known = numbers(
        days_between(facts.column(Level.LINE, "service_from_on"), facts.column(Level.LINE, "line_through_on"))
    )
    several = (days > 0) if known is None else (days > 0) & known
    several &= present(units)
    rows = np.flatnonzero(several)
    if not len(rows):
        return {"units_of_day": units}
    assert isinstance(units.dtype, pl.Decimal)
    whole = 10**units.dtype.scale
    amounts = numbers(units)[0].astype(np.int64)
    over = whole * (days[rows].astype(np.int64) + 1)
    amounts[rows] = (2 * amounts[rows] + over) // (2 * over) * whole
    each = tallies.decimals(amounts, units.dtype.scale).cast(units.dtype)
    return {"units_of_day": units.zip_with(pl.Series(~several), each)}


def _procedure_units_of_day(facts: Facts) -> Mapping[str, pl.Series]:
    """Only lines that share their procedure, day, provider and kind of bill are summed: few do."""
    units = facts.column(Level.LINE, "units_of_day")
    columns = [facts.column(Level.LINE, name).alias(name) for name in _OF_ONE_DAY]
    columns.append(_is_professional_fee(facts.column(Level.LINE, "revenue_code")).alias("professional"))
    numbered = pl.DataFrame(columns).hash_rows().to_numpy()
    shared = np.flatnonzero(tallies.ordinal_among_equals(numbered)[1] > 1)
    if not len(shared):
        return {"procedure_units_of_day": units}
    met, groups = np.unique(numbered[shared], return_inverse=True)
    sums = tallies.total(gathered(units, shared), groups, len(met)).cast(units.dtype)
    at = np.arange(len(units))
    at[shared] = len(units) + groups
    return {"procedure_units_of_day": gathered(pl.concat([units, sums]), at)}


def _is_professional_fee(revenue: pl.Series) -> pl.Series:
    """Revenue codes 096x to 098x bill the practitioner beside the facility: critical access hospitals under
    Method II. Source: Medicare Claims Processing Manual, ch. 4, section 250.2.
    """
    return ((revenue >= "0960") & (revenue < "0990")).fill_null(value=False)


_OF_ONE_DAY = ("claim", "procedure", "effective_service_on", "effective_rendering_npi")

add.together(
    _units_of_day,
    {
        "units_of_day": (
            QUANTITY,
            "units of the line on one of its days: over several days divided by them, to whole units",
        )
    },
)
add.together(
    _procedure_units_of_day,
    {
        "procedure_units_of_day": (
            QUANTITY,
            "units of the line's procedure on its day by who gave it, over all lines of the claim; "
            "lines of professional fees (revenue codes 096x to 098x) apart",
        )
    },
)


def _pointers(facts: Facts) -> Mapping[str, pl.Series]:
    height = facts.height(Level.LINE)
    count = np.zeros(height, dtype=np.int32)
    bounds = np.iinfo(np.int32)
    highest, lowest = np.full(height, bounds.min), np.full(height, bounds.max)
    for number in (1, 2, 3, 4):
        column = facts.column(Level.LINE, f"diagnosis_pointer_{number}")
        if column.null_count() < height:
            values, known = numbers(column)
            given: Mask = np.ones(height, dtype=np.bool_) if known is None else known
            count += given
            highest = np.where(given, np.maximum(highest, values), highest)
            lowest = np.where(given, np.minimum(lowest, values), lowest)
    return {
        "pointer_count": pl.Series(count),
        "highest_pointer": column_of(highest.astype(np.int32), count > 0),
        "lowest_pointer": column_of(lowest.astype(np.int32), count > 0),
    }


add.together(
    _pointers,
    {
        "pointer_count": (COUNT, "how many diagnoses the line points to"),
        "highest_pointer": (COUNT, "the highest diagnosis position that the line points to"),
        "lowest_pointer": (COUNT, "the lowest diagnosis position that the line points to"),
    },
)


def _pointed(facts: Facts) -> Mapping[str, pl.Series]:
    """The n-th of the claim's principal and other diagnoses is what pointer n names (2400 SV107)."""
    # A pointer past the end of the claim's list is a finding of its own, and no diagnosis.
    claims = facts.rows(Level.LINE, Level.CLAIM)
    diagnoses, begins, lengths = listed(facts.column(Level.CLAIM, "diagnoses"))
    place = facts.integers(Level.LINE, "diagnosis_pointer_1") - 1
    pointing = np.flatnonzero((claims >= 0) & (place >= 0))
    pointing = pointing[place[pointing] < lengths[claims[pointing]]]
    at = np.full(len(place), -1, dtype=np.int64)
    at[pointing] = begins[claims[pointing]] + place[pointing]
    return {"pointed_diagnosis": gathered(diagnoses, at)}


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


def _teeth(facts: Facts) -> Mapping[str, pl.Series]:
    rows, height = facts.rows(Level.TOOTH, Level.LINE), facts.height(Level.LINE)
    return {"teeth": tallies.lists(facts.column(Level.TOOTH, "tooth"), rows, height)}


add.together(_teeth, {"teeth": (CODES, "the teeth that the line names, in order")})


def _occlusal_teeth(facts: Facts) -> Mapping[str, pl.Series]:
    rows, height = facts.rows(Level.TOOTH, Level.LINE), facts.height(Level.LINE)
    is_occlusal = np.zeros(facts.height(Level.TOOTH), dtype=np.bool_)
    for number in range(1, 6):
        is_occlusal |= truths(facts.column(Level.TOOTH, f"tooth_surface_{number}") == "O")
    teeth = tallies.lists(facts.column(Level.TOOTH, "tooth"), np.where(is_occlusal, rows, -1), height)
    return {"occlusal_teeth": teeth}


add.together(
    _occlusal_teeth,
    {"occlusal_teeth": (CODES, "the teeth that the line names with their occlusal surface, in order")},
)


def _lines_alike(facts: Facts) -> Mapping[str, pl.Series]:
    keys = pl.DataFrame([facts.column(Level.LINE, name) for name in ("claim", "procedure")])
    _, number = tallies.ordinal_among_equals(keys.hash_rows().to_numpy())
    return {"procedure_line_count": pl.Series(number)}


add.together(
    _lines_alike,
    {"procedure_line_count": (COUNT, "how many lines of the claim have this procedure, this one included")},
)

NAMES = tuple(add.names)
