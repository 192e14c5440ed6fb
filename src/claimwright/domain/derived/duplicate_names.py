"""Names that tell one claim or line from another like it: the second of two equals is a finding."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from claimwright.domain.dictionary import Level

from . import tallies
from .facts import Facts
from .names import COUNT, Derivations
from .occurrences import SeenClaims

add = Derivations(Level.CLAIM)

_SAME_NUMBER = (
    "billing_npi",
    "billing_tax_id",
    "claim_id",
    "frequency_code",
    "payer_id",
    "payer_responsibility",
)
_SAME_CONTENT = (
    "form", "billing_npi", "billing_tax_id", "payer_id", "payer_name", "payer_responsibility",
    "subscriber_member_id", "subscriber_name", "subscriber_first_name", "patient_name", "patient_first_name",
    "patient_birth_on", "facility_type", "place_of_service", "frequency_code", "original_claim_number",
    "total_charge", "first_service_on", "last_service_on", "rendering_npi", "facility_npi",
)  # fmt: skip
_SAME_LINE = (
    "revenue_code", "procedure", "modifier_1", "modifier_2", "modifier_3", "modifier_4", "line_charge",
    "units", "service_from_on", "service_to_on", "line_place_of_service", "line_rendering_npi", "ndc",
)  # fmt: skip


def _occurrences(facts: Facts) -> Mapping[str, pl.Series]:
    def hashed(level: Level, names: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        columns = [facts.column(level, name).alias(name) for name in names]
        if level is Level.CLAIM and facts.scope is not None:
            columns.append(facts.scope.alias("scope"))
        if names is _SAME_CONTENT:
            columns.append(_conditions(facts).alias("conditions"))
        return pl.DataFrame(columns).hash_rows().to_numpy(writable=True)

    lines, rows = hashed(Level.LINE, _SAME_LINE), facts.rows(Level.LINE, Level.CLAIM)
    content = hashed(Level.CLAIM, _SAME_CONTENT)
    # The sum of the lines' hashes does not depend on their order: lines shuffled are still the same claim.
    np.add.at(content, rows[rows >= 0], lines[rows >= 0])
    seen = facts.seen or SeenClaims()
    return {
        "claim_occurrence": pl.Series(seen.occurrences("number", hashed(Level.CLAIM, _SAME_NUMBER))),
        "claim_content_occurrence": pl.Series(seen.occurrences("content", content)),
    }


def _conditions(facts: Facts) -> pl.Series:
    """The condition codes of each claim in one text: G0 tells a second visit of the day from the first.

    Source: Medicare Claims Processing Manual, ch. 4, section 180.4.
    """
    if not facts.height(Level.INSTITUTIONAL_CODE):
        return pl.repeat("", facts.height(Level.CLAIM), dtype=pl.String, eager=True)
    return facts.column(Level.CLAIM, "condition_codes").list.sort().list.join(" ")


add.together(
    _occurrences,
    {
        "claim_occurrence": (
            COUNT,
            (
                "its occurrence number in the file, from 1, by the same claim number, billing provider, "
                "frequency and payer"
            ),
        ),
        "claim_content_occurrence": (
            COUNT,
            (
                "its occurrence number in the file, from 1, by the same patient, payer, provider, dates, "
                "condition codes, charges and lines, whatever its number"
            ),
        ),
    },
)

CLAIM = tuple(add.names)

add = Derivations(Level.LINE)

# What makes two lines of a claim the same service billed twice. Times of day are not in an 837, so that
# a service honestly repeated on one day looks the same but for its modifier (76, 77, 91 and others).
_LINE_TWICE = (
    "claim", "procedure", "revenue_code", "modifier_1", "modifier_2", "modifier_3", "modifier_4",
    "service_from_on", "service_to_on", "line_charge", "units", "line_place_of_service", "line_rendering_npi",
    "ndc", "procedure_description", "oral_cavity_1",
)  # fmt: skip

# Two fillings of one tooth on different surfaces are two services.
_TOOTH = (
    "tooth",
    "tooth_surface_1",
    "tooth_surface_2",
    "tooth_surface_3",
    "tooth_surface_4",
    "tooth_surface_5",
)


def _duplicates(facts: Facts) -> Mapping[str, pl.Series]:
    columns = [facts.column(Level.LINE, name) for name in _LINE_TWICE]
    if facts.height(Level.TOOTH):
        rows, height = facts.rows(Level.TOOTH, Level.LINE), facts.height(Level.LINE)
        named = pl.DataFrame([facts.column(Level.TOOTH, name) for name in _TOOTH])
        written = named.select(pl.concat_str(pl.all(), separator="/", ignore_nulls=True)).to_series()
        teeth = tallies.lists(written, rows, height)
        columns.append(teeth.list.join(" ").alias("teeth"))
    keys = pl.DataFrame(columns).hash_rows().to_numpy()
    ordinal, number = tallies.ordinal_among_equals(keys)
    return {"line_duplicate_rank": pl.Series(ordinal), "line_duplicate_count": pl.Series(number)}


add.together(
    _duplicates,
    {
        "line_duplicate_rank": (
            COUNT,
            (
                "which of the claim's equal lines it is, counted from 1 (service, modifiers, "
                "dates, charge, units, place, provider, drug, tooth and surfaces)"
            ),
        ),
        "line_duplicate_count": (COUNT, "how many of the claim's lines say the same, this one included"),
    },
)

NAMES = (*CLAIM, *add.names)
