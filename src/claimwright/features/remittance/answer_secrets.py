"""What identifies the patient of an answer: its numbers, names and member IDs, opened.

It is kept as long as the claims: after that the amounts of an answer stay, and nobody knows whose they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.platform.database import Connection
from claimwright.store.remittance_answers import sealed_answers
from claimwright.store.remittances import answer_context
from claimwright.store.sealed_claims import Opens

_VALUES = (
    "claim_id", "payer_claim_number", "patient_last_name", "patient_first_name", "patient_id",
    "subscriber_id",
)  # fmt: skip
_CONTROLS = "line_controls"
# An answer that is posted has found its lines; what waits is matched again later.
_MAY_BE_MATCHED_AGAIN = pl.col("state") == "waiting"


def secret_values(answers: pl.DataFrame, lines: pl.DataFrame) -> list[bytes]:
    """What is sealed of each answer, in their order; of answers that wait, the lines' control numbers too.

    `lines` have `answer`, `position` and `control` (REF 6R).
    """
    controls = (
        lines.filter(pl.col("control").is_not_null())
        .join(answers.filter(_MAY_BE_MATCHED_AGAIN).select("answer"), on="answer", how="semi")
        .sort("answer", "position")
        .group_by("answer", maintain_order=True)
        .agg(pl.col("position", "control"))
    )
    named = {
        answer: json.dumps(dict(zip(positions, numbers, strict=True)))
        for answer, positions, numbers in controls.iter_rows()
    }
    known = answers.select("answer", *_VALUES)
    if named:
        found = pl.col("answer").replace_strict(named, default=None, return_dtype=pl.String)
        known = known.with_columns(found.alias(_CONTROLS))
    encoded = known.select(pl.struct(pl.exclude("answer")).struct.json_encode()).to_series()
    return [each.encode() for each in encoded]


def line_controls(secrets: Mapping[int, Mapping[str, str | None]]) -> pl.DataFrame:
    """`answer_id`, `position` and `control` of the lines of opened answers."""
    rows = [
        (answer, int(position), control)
        for answer, values in secrets.items()
        for position, control in json.loads(values.get(_CONTROLS) or "{}").items()
    ]
    schema = {"answer_id": pl.Int64(), "position": pl.Int32(), "control": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def secrets_of(
    caller: Caller, connection: Connection, opener: Opens, answers: Sequence[int]
) -> dict[int, dict[str, str | None]]:
    """What identifies the patients of answers, by answer; those that are no longer kept are left out.

    Raises:
        PhiError: one of them can't be opened.
    """
    found = stored_secrets(caller, connection, opener, answers)
    return {
        key: {name: text for name, text in values.items() if name != _CONTROLS}
        for key, values in found.items()
    }


def stored_secrets(
    caller: Caller, connection: Connection, opener: Opens, answers: Sequence[int]
) -> dict[int, dict[str, str | None]]:
    """All that is sealed of answers, by answer, for `line_controls` too.

    Raises:
        PhiError: one of them can't be opened.
    """
    sealed = sealed_answers(connection, answers)
    contexts = [answer_context(caller.tenant, key) for key in sealed]
    opened = opener.open(list(sealed.values()), contexts)
    return {key: json.loads(text) for key, text in zip(sealed, opened, strict=True)}
