"""Corrections of codes as training examples: what was coded, what a person made of it, and who."""

from __future__ import annotations

import json

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.platform.database import Connection
from claimwright.store.corrections import coding_changes, correction_context
from claimwright.store.sealed_claims import Opens

# What coders decide on: procedures, modifiers, diagnoses and where these stand.
CODING_FIELDS = (
    "procedure", "modifier_1", "modifier_2", "modifier_3", "modifier_4", "units", "place_of_service",
    "line_place_of_service", "revenue_code", "diagnosis", "diagnosis_pointer_1", "diagnosis_pointer_2",
    "diagnosis_pointer_3", "diagnosis_pointer_4", "poa", "surgical_procedure", "drg",
)  # fmt: skip
EXAMPLES: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(), "field": pl.String(), "line": pl.Int32(), "position": pl.Int32(),
    "old": pl.String(), "new": pl.String(), "by": pl.String(), "at": pl.Datetime("us", "UTC"),
}  # fmt: skip


def coding_examples(caller: Caller, connection: Connection, opener: Opens) -> pl.DataFrame:
    """Every correction of a code, in the order in which they were made, with the columns of `EXAMPLES`.

    `claim_key` is the version that was corrected. The values are patient data: for training only.

    Raises:
        PhiError: a value can't be opened.
    """
    found = coding_changes(connection, CODING_FIELDS)
    contexts = [correction_context(caller.tenant, each.correction_id, each.ordinal) for each in found]
    opened = [json.loads(value) for value in opener.open([each.sealed for each in found], contexts)]
    rows = [
        (
            each.claim_key, each.field, each.line, each.position, values["old"], values["new"],
            each.corrected_by, each.corrected_at,
        )
        for each, values in zip(found, opened, strict=True)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=EXAMPLES, orient="row")
