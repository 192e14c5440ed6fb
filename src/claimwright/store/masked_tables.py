"""What a masked copy of the store contains of each table: one list, column by column.

Numbers, amounts, instants and generated ids are kept. Texts, dates and bytes are copied only as the list
says; otherwise they are left out, so that each new column is reviewed first. A table that is not on the list
is left out completely.
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
    """SQL that tests whether a column has a format; the column's name is inserted later."""
    patterns = (each.replace("{", "{{").replace("}", "}}") for each in shape)
    return " and ".join(f"{{column}} ~ '{each}'" for each in patterns)


# January 1 of its year, like all dates of masked claims.
_YEAR = "date_trunc('year', {column})::date"
# An unsealed code is kept only if it has the format of one: in a file with misplaced elements, a code column
# can contain a name.
_PROCEDURE = f"case when {_has(code_shapes.PROCEDURE)} then {{column}} end"
_MODIFIERS = "case when {column} ~ '^[A-Z0-9]{{2}}( [A-Z0-9]{{2}})*$' then {column} end"
_DIGITS = "case when {column} ~ '^[0-9]{{2,4}}$' then {column} end"
# Tokens are recomputed, so that none can be compared with production's.
_PAYER = (
    f"case when {_has(code_shapes.PAYER_ID)} then {{column}} else "
    f"'{PAYER_STAND_IN}' || left(encode(sha256(convert_to('masked ' || {{column}}, 'UTF8')), 'hex'), 12) end"
)
_NOBODY = "'system:mask'"
# Recomputed with the masked record; see `masked_copy`.
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
    """The masking of claim columns, as `columns` describes it."""
    return {name: _MASKS[word] for name, word in columns.masks.items()}


# Ordered so that each table can be filled. `staging.records` is not on the list: records are sealed again.
TABLES: Mapping[str, Mapping[str, str]] = {
    "staging.files": _kept("facility received_on")
    | {"digest": "sha256(convert_to('masked ' || file_id, 'UTF8'))", "object": "null"},
    "staging.claim_keys": _kept("facility")
    | {
        "number": REMADE,
        "member": "''::bytea",
        "patient": "''::bytea",
        # Only resubmissions and claims without a number have a content index.
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
    "prediction.outcomes": _kept("carc rarc")
    | {"answered_on": _YEAR, "evidence": "sha256('masked')", "told_by": _NOBODY},
    "prediction.corrections": {"said_by": _NOBODY},
}
# Left out deliberately, with the reason. Other left-out tables are named when a copy is made.
LEFT_OUT: Mapping[str, str] = {
    "staging.records": "sealed anew, masked",
    "staging.uploads": "of the day, and says who sent what",
    "staging.services": "blind indexes of patients with services; staging.sent_before has the counts",
    "platform.data_keys": "a copy has its own keys",
    "platform.tenants": "recreated for the tenants that are copied",
    "platform.audit_log": "masking would break its hash chain, and reasons are free text",
    "platform.audit_heads": "of the audit log",
    "platform.outbox": "the copy must not deliver events again",
    "platform.deliveries": "of the outbox",
    "platform.breakers": "of other machines",
    "platform.model_calls": "what production told and asked language models, sealed",
    "platform.idempotency_keys": "answers to requests, sealed",
    "platform.access_alerts": "about people of production",
    "platform.usage": "of production; a copy is used by others",
    "platform.quotas": "of production",
    "platform.rate_counts": "of the minute under way",
    "identity.accounts": "production credentials must not work in a copy",
    "identity.recovery_codes": "of accounts",
    "identity.sessions": "of accounts",
    "identity.tokens": "of accounts and services",
    "identity.links": "of accounts",
    "identity.external_identities": "of accounts",
    "identity.flows": "of sign-ins under way",
    "identity.passkeys": "of accounts",
    "identity.saved_views": "of accounts",
    "identity.signing_keys": "a copy signs with its own keys",
    "pipeline.waivers": "owner and reason are free text; findings keep the ids",
    "prediction.appeal_models": "made of public decisions; a copy trains its own",
    "production.corrections": "who corrected what; a copy is corrected by others",
    "production.corrected_fields": "of production.corrections, and sealed",
    "production.repair_offers": "of production.corrections",
    "production.deliveries": "a copy has delivered nothing",
    "analytics.changes": "what is to be computed; a copy computes its own figures",
    "analytics.refreshes": "of the figures",
    "analytics.claims": "computed from the claims of the copy",
    "analytics.facts": "computed from the claims of the copy",
    "analytics.names": "of the figures, which a copy computes",
    "analytics.packed_sums": "computed from the claims of the copy",
    "analytics.recent_sums": "computed from the claims of the copy",
    "analytics.reports": "to people of production, whom a copy must not write to",
    "analytics.report_deliveries": "of reports of production",
    "analytics.costs": "what the practice of production spends",
    "remittance.denial_states": "of denials, which are not copied",
    "appeals.case_states": "of appeals, which are not copied",
    "remittance.files": "payments of real payers; a copy is sent remittances of its own",
    "remittance.payments": "of remittance.files",
    "remittance.answers": "of remittance.files, and sealed",
    "remittance.answer_lines": "of remittance.files",
    "remittance.adjustments": "of remittance.files",
    "remittance.provider_adjustments": "of remittance.files, and sealed",
    "remittance.denials": "of remittance.files",
    "remittance.rejection_files": "names files of real payers",
    "remittance.acceptances": "of remittance.rejection_files, and sealed",
    "remittance.contract_clocks": "of real payers",
    "remittance.denial_alerts": "of remittance.denials",
    "remittance.stated_facts": "of remittance.files",
    "remittance.next_claims": "of remittance.files",
    "remittance.underpayments": "of remittance.files",
    "remittance.postings": "of remittance.files",
    "remittance.write_offs": "of remittance.files",
    "remittance.entries": "of remittance.files",
    "remittance.patient_balances": "of remittance.files",
    "remittance.deposits": "of the bank",
    "work.items": "a copy gathers its own from what it has",
    "work.open_counts": "of work.items",
    "work.history": "of work.items, by people of production",
    "work.notes": "sealed free text",
    "work.attachments": "sealed files",
    "work.skills": "of accounts",
    "work.gathered": "a position in production's audit log",
    "appeals.documents": "sealed records of patients",
    "appeals.findings": "of appeals.documents, and sealed",
    "appeals.cases": "of remittance.denials",
    "appeals.stages": "of appeals.cases, and sealed",
    "appeals.drafts": "of appeals.cases, and sealed",
    "appeals.payer_addresses": "of real payers",
    "appeals.correspondence": "of appeals.cases",
    "governance.experiments": "of production's letters",
    "governance.files": "their texts are in object storage, which a copy does not have",
    "alerting.definitions": "of production, which is watched; a copy watches nothing",
    "alerting.targets": "addresses and secrets, sealed",
    "alerting.incidents": "of alerting.definitions",
    "alerting.history": "of alerting.definitions, by people of production",
    "alerting.deliveries": "of alerting.targets; a copy must not send them again",
    "alerting.evaluations": "of alerting.definitions",
    "pipeline.counts": "what production has processed",
    "prediction.jobs": "of API clients",
    "prediction.stages": "sealed, and could contain an age and a diagnosis",
}
# Types whose values are counts, amounts, instants or generated ids.
PLAIN_TYPES = frozenset(
    {"int2", "int4", "int8", "numeric", "float4", "float8", "bool", "timestamptz", "uuid"}
)


def expression(table: str, column: str, type_name: str, nullable: bool) -> str | None:
    """The SQL expression for a column in the copy; `column` is already quoted. None if there is none.

    There is none for a text, date or bytes column that must not be null and is not on the list.
    """
    treatment = TABLES[table].get(column.strip('"'))
    if treatment == KEPT or (treatment is None and type_name in PLAIN_TYPES):
        return column
    if treatment in {None, REMADE}:
        return f"null::{type_name}" if nullable or treatment == REMADE else None
    return f"({treatment.format(column=column)})::{type_name}" if treatment else None
