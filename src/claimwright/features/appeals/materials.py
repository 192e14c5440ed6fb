"""Opens what the facts of a case are made of. The audit log says that the case was read, and by whom."""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.payer_policies import PayerPolicy
from claimwright.features.denials import DenialSheet, acceptance_report
from claimwright.features.documents import add_document, document_texts, findings_of, list_of_claim
from claimwright.features.prediction import open_claims
from claimwright.features.remittance import secrets_of
from claimwright.platform.database import Connection
from claimwright.store import appeals as rows
from claimwright.store.ledger import balances_of
from claimwright.store.remittance_listings import (
    AnswerAdjustment,
    AnswerLine,
    lines_of_answer,
    list_answers,
    list_payments,
)
from claimwright.store.sealed_claims import SealsAndOpens

from .evidence_facts import ACCEPTANCE
from .facts import Materials

_OPEN = frozenset({"payer", "denied"})
# The cause that an acceptance proves.
_PROOF = "late-claim-payer-error"


def gather_materials(
    caller: Caller,
    connection: Connection,
    sealer: SealsAndOpens,
    sheet: DenialSheet,
    case: rows.AppealCase,
    policies: Sequence[PayerPolicy] = (),
) -> Materials:
    """Claim, answer, balances, address, documents of a case.

    Raises:
        PhiError: a record can't be opened.
    """
    denial = sheet.weighed.denial
    claim = (
        ClaimBatch()
        if denial.claim_key is None
        else open_claims(caller, connection, sealer, [denial.claim_key])
    )
    answer, identity, trace, owed = None, {}, None, None
    lines: list[AnswerLine] = []
    adjustments: list[AnswerAdjustment] = []
    if denial.answer_id is not None:
        found = list_answers(connection, answer_id=denial.answer_id, limit=1)
        if found:
            answer = found[0]
            lines, adjustments = lines_of_answer(connection, denial.answer_id)
            identity = secrets_of(caller, connection, sealer, [denial.answer_id]).get(denial.answer_id, {})
            payments = list_payments(connection, payment_id=answer.payment_id, limit=1)
            trace = payments[0].trace_number if payments else None
            if answer.account_key is not None:
                balances = balances_of(connection, [answer.account_key]).get(answer.account_key, [])
                owed = sum(each.amount_cents for each in balances if str(each.account) in _OPEN)
    address = None
    if denial.payer_id is not None:
        address = rows.address_for(connection, denial.payer_id, case.level, case.as_of)
    taken_in, delivered = None, None
    documents = {}
    if denial.claim_key is not None:
        taken_in, delivered = rows.sent_on(connection, denial.claim_key)
        if denial.root_cause == _PROOF:
            _enclose_acceptance(caller, connection, sealer, denial.claim_key)
        documents = document_texts(caller, connection, sealer, denial.claim_key)
    findings = findings_of(caller, connection, sealer, list(documents)) if documents else []
    return Materials(
        sheet, claim, answer, lines, adjustments, identity, trace, owed, address, taken_in, delivered,
        documents, findings, policies,
    )  # fmt: skip


def _enclose_acceptance(
    caller: Caller, connection: Connection, sealer: SealsAndOpens, claim_key: int
) -> None:
    """Make the stored acceptance (277CA) a document of the claim, unless it has a report already."""
    if any(each.type == ACCEPTANCE and not each.is_blocked for each in list_of_claim(connection, claim_key)):
        return
    found = acceptance_report(caller, connection, sealer, claim_key)
    if found is None:
        return
    day, report = found
    add_document(
        caller, connection, sealer, claim_key, "Claim acceptance report.txt", report.encode(),
        type_=ACCEPTANCE, dated_on=day,
    )  # fmt: skip
