"""Letters of payers about appeals: filed to the case as a document of its claim, read, and applied by a
person.

What a letter says is read by rules. A person makes it the outcome; a lost appeal then can have its next
level, whose clock begins with the decision that the letter has.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.domain.recognized import Recognize
from claimwright.engines.evidence import read_answer
from claimwright.features.documents import StoredDocument, add_document, document_texts
from claimwright.foundation import clock
from claimwright.store import appeal_letters as rows
from claimwright.store.documents import next_appeal_id

from .audit_events import publish_case, record_case
from .errors import AppealStateError
from .outcomes import OUTCOMES, state_outcome
from .stages import Means, case_from, stage_outputs
from .working import one_case

if TYPE_CHECKING:
    from claimwright.platform.database import Connection
    from claimwright.store.appeals import AppealCase

PAYER_LETTER = "payer letter"
_NUMBERS = ("claim.number", "claim.payer_number", "patient.member_id")
_BEFORE_A_LETTER = ("in_progress", "failed", "not_eligible", "marked", "ready", "approved", "withdrawn")


@dataclass(frozen=True)
class Filed:
    """A letter that was filed, and its document."""

    letter: rows.FiledLetter
    document: StoredDocument


def file_letter(
    caller: Caller,
    connection: Connection,
    means: Means,
    case_id: int,
    name: str,
    content: bytes,
    *,
    received_on: datetime.date,
    recognize: Recognize | None = None,
    most_recognized: int = 500,
    facilities: list[str] | tuple[str, ...] | None = None,
) -> Filed:
    """File a payer's letter to a case that was sent; the same letter again is the one that is there.

    Raises:
        AppealNotFoundError: there is no such case.
        AppealStateError: it is not sent, has no claim, or the letter came before it was sent.
        DocumentRefusedError, UnreadableDocumentError: the letter can't be read; nothing was stored.
    """
    case = one_case(connection, case_id, facilities=facilities)
    if case.state in _BEFORE_A_LETTER or case.claim_key is None:
        raise AppealStateError(f"appeal {case_id} is {case.state}: a payer answers what was sent.")
    if case.sent_at is not None and received_on < case.sent_at.date() - datetime.timedelta(days=1):
        raise AppealStateError(f"appeal {case_id} was sent on {case.sent_at.date()}, after this letter came.")
    document = add_document(
        caller, connection, means.sealer, case.claim_key, name, content, type_=PAYER_LETTER,
        recognize=recognize, most_recognized=most_recognized, facilities=facilities,
    )  # fmt: skip
    text = document_texts(caller, connection, means.sealer, case.claim_key)[document.document_id].text
    facts = case_from(stage_outputs(caller, connection, means.sealer, case_id))
    numbers = [fact.value for name in _NUMBERS if (fact := facts.fact(name)) is not None]
    said = read_answer(text, numbers)
    now = clock.now()
    new = rows.insert_letter(
        connection, next_appeal_id(connection), case_id, document.document_id, received_on, said.says,
        said.decided_on, names_claim=said.names_claim, now=now,
    )  # fmt: skip
    [letter] = [
        each for each in rows.letters_of(connection, [case_id]) if each.document_id == document.document_id
    ]
    if new:
        publish_case(caller, connection, case, "answered", {"says": said.says})
        record_case(caller, connection, case, "letter_filed", {"state": said.says})
    return Filed(letter, document)


def apply_letter(
    caller: Caller,
    connection: Connection,
    case_id: int,
    entry_id: int,
    *,
    outcome: str | None = None,
    recovered_cents: int | None = None,
    decided_on: datetime.date | None = None,
    facilities: Sequence[str] | None = None,
) -> AppealCase:
    """Make a letter the outcome of its case, as a person who has read it; `outcome` where the rules read
    none.

    Raises:
        AppealNotFoundError: there is no such case.
        AppealStateError: there is no such letter, it states no outcome, has no date, or is blocked.
    """
    case = one_case(connection, case_id, facilities=facilities)
    found = rows.letters_of(connection, [case.case_id], entry_id)
    if not found:
        raise AppealStateError(f"appeal {case_id} has no letter {entry_id}.")
    [letter] = found
    if not caller.is_person:
        raise AppealStateError("what a payer wrote is applied by a person, not by a service.")
    outcome = outcome or letter.says
    if outcome not in OUTCOMES:
        raise AppealStateError(f"letter {entry_id} states no outcome ({outcome}): say which one it is.")
    day = decided_on or letter.decided_on
    if day is None:
        raise AppealStateError(f"letter {entry_id} has no date that could be read: say when it was decided.")
    if day > letter.received_on:
        raise AppealStateError(f"letter {entry_id} came on {letter.received_on}, before {day}.")
    decided = state_outcome(
        caller, connection, case_id, outcome, decided_on=day, recovered_cents=recovered_cents,
        facilities=facilities,
    )  # fmt: skip
    rows.apply_letter(connection, entry_id, caller.actor, clock.now())
    record_case(caller, connection, case, "letter_applied", {"state": outcome})
    return decided


def letters_of_case(
    connection: Connection, case_id: int, *, facilities: Sequence[str] | None = None
) -> list[rows.FiledLetter]:
    """The letters that were filed to a case.

    Raises:
        AppealNotFoundError: there is no such case.
    """
    return rows.letters_of(connection, [one_case(connection, case_id, facilities=facilities).case_id])
