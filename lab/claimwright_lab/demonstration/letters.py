"""The appeals of the practice, one or more in each state, with charts, letters and what payers wrote back."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from claimwright.foundation import clock

from .people import LOADER, REASON

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.appeals import AppealCase, Means
    from claimwright.platform.database import Database
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings

    from .files import DeniedClaim
    from .people import People

# How far each appeal goes, in this order, as long as there are denials that can be appealed.
_ENDS = (
    "sent", "won", "ready", "lost", "approved", "partly_won", "marked", "answered", "ready", "withdrawn",
)  # fmt: skip
_NOTE = """Progress note
Patient: {first} {last}
Date of visit: {day}

HPI: The patient has type 2 diabetes with neuropathy and reports low back pain for six weeks. No chest pain.
Home exercise and ibuprofen for eight weeks without improvement.

Family History: Mother had breast cancer.

Examination: BMI 31.4 kg/m2. A1c 7.9%. Reduced sensation in both feet.

Plan: continue metformin. Return if fever develops.
"""
_ANSWER = """{payer}
Appeals Department

Date of this decision: {day}
Claim: {number}

We have reviewed your appeal. {says}
"""
_SAYS = {
    "won": "The original decision is overturned, and the claim will be paid in full.",
    "partly_won": "The original decision is partially overturned. Part of the claim will be paid.",
    "lost": "The original decision is upheld. You may request a second-level appeal.",
    "answered": "Additional information is needed: please submit the operative report.",
}


def make_appeals(
    settings: Settings,
    database: Database,
    people: People,
    denied: list[DeniedClaim],
    payers: Mapping[str, str],
) -> None:
    """Appeal denials of the last weeks, as far as `_ENDS` says; one that can't be appealed says why."""
    from claimwright.assembly.appeals import appeal_means
    from claimwright.assembly.stores import open_sealer
    from claimwright.features.appeals import run_case

    _state_addresses(database, people["manager"], payers)
    sealer, writer = open_sealer(settings, database), people["denials"]
    means = appeal_means(settings, database, sealer)
    ends = iter(_ENDS)
    end = next(ends)
    for claim, denial_id, claim_key, payer in _appealable(database, sealer, denied):
        if end != "marked":
            _add_chart(database, writer, sealer, claim, claim_key)
        case = run_case(writer, means, _opened(database, writer, denial_id), overruled=True)
        if case.state not in {"marked", "ready"}:
            continue
        if end == "marked" or case.state == "ready":
            _carry_on(settings, database, people, means, case, end, claim, payers.get(payer, payer))
            following = next(ends, None)
            if following is None:
                return
            end = following


def _state_addresses(database: Database, caller: Caller, payers: Mapping[str, str]) -> None:
    from claimwright.features.appeals import state_address

    with database.transaction(caller) as connection:
        for number, (payer, name) in enumerate(payers.items(), 1):
            state_address(
                caller, connection, payer, name=name,
                address=f"Appeals\nPO Box {1000 + number}\nSampletown, IL 60601",
                source="Provider manual of the demonstration",
                effective_from=clock.today() - datetime.timedelta(days=400),
            )  # fmt: skip


def _appealable(
    database: Database, sealer: Sealer, denied: list[DeniedClaim]
) -> Iterator[tuple[DeniedClaim, int, int, str]]:
    """The open denials of the claims: the claim, the denial, the claim's key and its payer."""
    from claimwright.features.claims import claims_numbered
    from claimwright.features.denials import list_denials

    for claim in denied:
        with database.transaction(LOADER) as connection:
            found = [
                each.denial
                for listed in claims_numbered(LOADER, connection, sealer, claim.number)
                for each in list_denials(
                    LOADER, connection, clock.today(), claim_key=listed.claim_key
                ).denials
            ]
        if found:
            most = max(found, key=lambda each: each.amount_cents or 0)
            assert most.claim_key is not None
            yield claim, most.denial_id, most.claim_key, most.payer_id or ""


def _opened(database: Database, caller: Caller, denial_id: int) -> int:
    from claimwright.features.appeals import open_appeal

    with database.transaction(caller) as connection:
        case, _ = open_appeal(caller, connection, denial_id, as_of=clock.today())
    return case.case_id


def _add_chart(
    database: Database, caller: Caller, sealer: Sealer, claim: DeniedClaim, claim_key: int
) -> None:
    """A note of the visit, of which a reviewer has accepted what can be cited."""
    from claimwright.features.documents import add_document, decide_finding, findings_of

    text = _NOTE.format(first=claim.first_name, last=claim.last_name, day=f"{claim.service_on:%m/%d/%Y}")
    with database.transaction(caller) as connection:
        made = add_document(caller, connection, sealer, claim_key, "visit.txt", text.encode())
        usable = [
            each.ordinal
            for each in findings_of(caller, connection, sealer, [made.document_id])
            if each.is_usable
        ]
        decide_finding(caller, connection, made.document_id, usable, "accepted")


def _carry_on(
    settings: Settings,
    database: Database,
    people: People,
    means: Means,
    case: AppealCase,
    end: str,
    claim: DeniedClaim,
    payer: str,
) -> None:
    """Approve, send and decide an appeal, as far as `end` says."""
    from claimwright.features.appeals import (
        apply_letter,
        approve_appeal,
        file_letter,
        send_appeal,
        withdraw_appeal,
    )

    today, writer, approver = clock.today(), people["denials"], people["manager"]
    if end in {"marked", "ready"}:
        return
    with database.transaction(writer) as connection:
        if end == "withdrawn":
            withdraw_appeal(writer, connection, case.case_id, reason=REASON)
            return
    with database.transaction(approver) as connection:
        approve_appeal(approver, connection, means, case.case_id, as_of=today)
    if end == "approved":
        return
    folder = settings.appeals.handoff_folder or settings.home / "handed-off"
    with database.transaction(writer) as connection:
        send_appeal(writer, connection, means, case.case_id, folder, as_of=today)
    if end == "sent":
        return
    text = _ANSWER.format(payer=payer, day=f"{today:%m/%d/%Y}", number=claim.number, says=_SAYS[end])
    amount = case.amount_cents or 0
    recovered = {"won": amount, "partly_won": amount // 2}.get(end)
    with database.transaction(writer) as connection:
        filed = file_letter(
            writer, connection, means, case.case_id, "answer.txt", text.encode(), received_on=today
        )
        if end != "answered":
            apply_letter(
                writer, connection, case.case_id, filed.letter.entry_id, outcome=end, decided_on=today,
                recovered_cents=recovered,
            )  # fmt: skip
