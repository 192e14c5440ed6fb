"""What a masked copy of the store holds of each table: the one list, column by column.

Numbers, amounts, instants and ids that we made ourselves stay. A text, a day or bytes stay only where the
list says so, or as what it says; where it says nothing they are left out, so that a new column is thought
about first. A table that is not on the list is left out whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from claimwright.domain import code_shapes

from .columns import (
    DEAD_LETTER,
    DIGITS,
    KEPT,
    MODIFIERS,
    PAYER,
    PAYER_STAND_IN,
    PROCEDURE,
    PRODUCED_CLAIM,
    PRODUCED_FINDING,
    PRODUCED_LINE,
    STAGED_CLAIM,
    STAGED_FINDING,
    YEAR,
    Columns,
)


def _has(shape: code_shapes.Shape) -> str:
    """Whether a column has a shape, as SQL in which the column is still to be named."""
    patterns = (each.replace("{", "{{").replace("}", "}}") for each in shape)
    return " and ".join(f"{{column}} ~ '{each}'" for each in patterns)


# Jan 1 of its year, as masked claims have their days.
_YEAR = "date_trunc('year', {column})::date"
# What stands unsealed where a code belongs stays where it looks like one: a file with its elements out of
# place has names there.
_PROCEDURE = f"case when {_has(code_shapes.PROCEDURE)} then {{column}} end"
_MODIFIERS = "case when {column} ~ '^[A-Z0-9]{{2}}( [A-Z0-9]{{2}})*$' then {column} end"
_DIGITS = "case when {column} ~ '^[0-9]{{2,4}}$' then {column} end"
# Tokens are made anew, so that none can be compared with production's.
_PAYER = (
    f"case when {_has(code_shapes.PAYER_ID)} then {{column}} else "
    f"'{PAYER_STAND_IN}' || left(encode(sha256(convert_to('masked ' || {{column}}, 'UTF8')), 'hex'), 12) end"
)
_NOBODY = "'system:mask'"
# Made anew where the masked record is: see `masked_copy`.
REMADE = "remade"


def _kept(names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), KEPT)


_MASKS = {
    KEPT: KEPT,
    YEAR: _YEAR,
    PROCEDURE: _PROCEDURE,
    MODIFIERS: _MODIFIERS,
    DIGITS: _DIGITS,
    PAYER: _PAYER,
}


def _described(columns: Columns) -> dict[str, str]:
    """As the description of the columns of claims says."""
    return {name: _MASKS[word] for name, word in columns.masks.items()}


# In an order in which each may be filled. `staging.records` is not on it: records are sealed anew.
TABLES: Mapping[str, Mapping[str, str]] = {
    "staging.files": _kept("facility received_on")
    | {"digest": "sha256(convert_to('masked ' || file_id, 'UTF8'))", "object": "null"},
    "staging.claim_keys": _kept("facility")
    | {
        "number": REMADE,
        # Only of resubmissions and of claims without a number is the content known.
        "content": "case when {column} is not null then ''::bytea end",
    },
    "staging.sent_before": {},
    "staging.refusals": _kept("reason"),
    "staging.findings": _described(STAGED_FINDING),
    "staging.claims": _described(STAGED_CLAIM),
    "pipeline.runs": _kept("as_of state"),
    "pipeline.workers": {},
    "pipeline.chunks": _kept("state problem seconds"),
    "pipeline.dead_letters": _described(DEAD_LETTER),
    "production.claims": _described(PRODUCED_CLAIM),
    "production.lines": _described(PRODUCED_LINE),
    "production.findings": _described(PRODUCED_FINDING),
    "production.claim_events": _kept("happened_on state"),
    "production.predictions": _kept("received_on model role category"),
    "production.spreads": _kept("model spread"),
    "prediction.outcomes": _kept("carc")
    | {"answered_on": _YEAR, "evidence": "sha256('masked')", "told_by": _NOBODY},
    "prediction.corrections": {"said_by": _NOBODY},
}
# Left out for a reason; what else is left out is named when a copy is made.
LEFT_OUT: Mapping[str, str] = {
    "staging.records": "sealed anew, masked",
    "staging.services": "blind indexes of who had which services; staging.sent_before has the counts",
    "platform.data_keys": "a copy has keys of its own",
    "platform.tenants": "made anew, of the tenants that are copied",
    "platform.audit_log": "its chain would not hold with anything masked, and reasons are people's words",
    "platform.audit_heads": "of the audit log",
    "platform.outbox": "events are not to be delivered again from the copy",
    "platform.deliveries": "of the outbox",
    "platform.breakers": "of other machines",
    "platform.idempotency_keys": "answers to requests, sealed",
    "identity.accounts": "nobody signs in to a copy with what is good for production",
    "identity.recovery_codes": "of accounts",
    "identity.sessions": "of accounts",
    "identity.tokens": "of accounts and services",
    "identity.links": "of accounts",
    "identity.signing_keys": "a copy signs with keys of its own",
    "production.deliveries": "a copy has delivered nothing",
    "prediction.jobs": "of API clients",
    "prediction.stages": "sealed, and may name an age and a diagnosis",
}
# Types whose values are counts, amounts, instants, or ids that we made.
PLAIN_TYPES = frozenset(
    {"int2", "int4", "int8", "numeric", "float4", "float8", "bool", "timestamptz", "uuid"}
)


def expression(table: str, column: str, type_name: str, nullable: bool) -> str | None:
    """The SQL of what a copy holds of a column: `column` is quoted already; None where it can't be made.

    That is so where the list says nothing of a text, a day or bytes that must not be null.
    """
    treatment = TABLES[table].get(column.strip('"'))
    if treatment == KEPT or (treatment is None and type_name in PLAIN_TYPES):
        return column
    if treatment in {None, REMADE}:
        return f"null::{type_name}" if nullable or treatment == REMADE else None
    return f"({treatment.format(column=column)})::{type_name}" if treatment else None
