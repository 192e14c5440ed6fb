"""Adds a document to a claim: read, checked against the patient, sealed, with what was read from it.

DocumentRefusedError      the name can't be used
UnreadableDocumentError   (engines.evidence) encrypted, damaged, empty, too large, of a kind that is not read
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from dataclasses import dataclass

from claimwright.domain.appeal_case import Clinical
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.engines.evidence import ReadDocument, Recognize, read_document, read_findings
from claimwright.features.prediction import open_claims
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import documents as rows
from claimwright.store.overview import place_of
from claimwright.store.sealed_claims import SealsAndOpens

from .pdf_apart import pdf_pages_apart
from .service_time import TOO_FAR, is_of_service
from .stored_text import sealable_text

LONGEST_NAME = 200
LARGEST = 20_000_000  # bytes, as for attachments of work items
# A chart of hundreds of pages mentions thousands of things; what is beyond this is not proposed.
MOST_FINDINGS = 2_000
_LABELLED = re.compile(
    r"^\s*(?:patient(?:'s)?(?: name)?|name of patient|pt(?: name)?|"
    r"member(?: name)?|name)\s*:\s*(?P<name>[^\n:]{2,60}?)"
    r"(?:\s{2,}|\s+(?:DOB|MRN|Date|Sex|Age|ID|Birth)\b|\t|$)",
    re.IGNORECASE | re.MULTILINE,
)
_BORN = re.compile(
    r"\b(?:DOB|D\.O\.B\.|date of birth|birth date|"
    r"born)\s*:?\s*(?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<y>\d{4})",
    re.IGNORECASE,
)
# After "Patient:" a form may say anything. A value with one of these words is no name.
_NO_NAMES = frozenset(
    "a above age an and are as at attached banner below by chart charts complaint complaints condition "
    "confidential consent data deceased demographics denies details dob education electronic face female "
    "file "
    "for form from had has header his her history id identification in information instructions is label "
    "male "
    "n/a name needs no none not note notes of on per phone please portal position presents prone record "
    "records redacted refer reports response said see sheet states status sticker supine tbd the their to "
    "tolerated unavailable unchanged unknown verified was well with withheld year years".split()
)
_TITLES = frozenset("mr mrs ms miss dr jr sr ii iii iv".split())


class DocumentRefusedError(InputError):
    """The document can't be added."""


@dataclass(frozen=True)
class _Patient:
    names: frozenset[str]
    birth_on: datetime.date | None


def add_document(
    caller: Caller,
    connection: Connection,
    sealer: SealsAndOpens,
    claim_key: int,
    name: str,
    content: bytes,
    *,
    type_: str | None = None,
    dated_on: datetime.date | None = None,
    recognize: Recognize | None = None,
    most_recognized: int = 500,
    facilities: list[str] | tuple[str, ...] | None = None,
) -> rows.StoredDocument:
    """Add a document to a claim; the same content again gives the document that is there.

    `recognize` reads pages without text, up to `most_recognized`; it takes seconds a page.

    A document that names another patient is kept and blocked: no letter uses it until a person says so.

    Raises:
        ClaimNotFoundError: there is no such claim, or it is of another facility.
        DocumentRefusedError, UnreadableDocumentError: name or content can't be used; nothing was stored.
        PhiError: the claim's record can't be opened.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or set(name) & set('/\\"'):
        raise DocumentRefusedError(
            f"name the document with 1 to {LONGEST_NAME} characters, without a folder."
        )
    if len(content) > LARGEST:
        raise DocumentRefusedError(f"a document has up to {LARGEST // 1_000_000} MB.")
    place = place_of(connection, claim_key)
    if place is None or (facilities is not None and place.facility not in facilities):
        raise ClaimNotFoundError(f"there is no claim {claim_key}.")
    [index] = sealer.blind("document", caller.tenant, [content.hex()])
    assert index is not None
    known = rows.document_with_content(connection, claim_key, index)
    if known is not None:
        return rows.list_documents(connection, document_id=known)[0]
    read = read_document(content, recognize, most_recognized=most_recognized, read_pdf=pdf_pages_apart)
    batch = open_claims(caller, connection, sealer, [claim_key])
    mismatch = _mismatch(read, _patient_of(batch))
    day = dated_on or read.dated_on
    far = [] if is_of_service(day, batch) else [TOO_FAR]
    problem = " ".join([*read.warnings, *far, *([mismatch] if mismatch else [])]) or None
    number = rows.next_appeal_id(connection)
    sealed = sealer.seal(
        [name.encode(), content, sealable_text(read.pages, read.scans)],
        [rows.document_context(caller.tenant, number, part) for part in ("name", "content", "text")],
    )
    rows.insert_document(
        connection,
        rows.NewDocument(
            number, claim_key, place.facility, read.kind, type_ or read.type, day,
            max(1, len(read.pages)), len(content), index, problem, mismatch is not None, clock.now(),
            (sealed[0], sealed[1], sealed[2]),
        ),
    )  # fmt: skip
    _add_findings(caller, connection, sealer, number, read)
    audit.append(
        caller, connection, action="documents.added", subject=f"document:{number}",
        detail={"claim_key": claim_key, "total": len(read.pages)}, correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
    return rows.list_documents(connection, document_id=number)[0]


def is_usable(clinical: Clinical) -> bool:
    """Whether a letter may state it of the patient: present, current, stated, the patient's own."""
    return (clinical.polarity, clinical.subject, clinical.time, clinical.certainty) == (
        "present", "patient", "current", "stated",
    )  # fmt: skip


def _add_findings(
    caller: Caller, connection: Connection, sealer: SealsAndOpens, number: int, read: ReadDocument
) -> None:
    if any("Spanish" in each for each in read.warnings):
        return
    text = read.text
    found = [
        {
            "start": each.start, "end": each.end, "sentence_start": each.sentence_start,
            "sentence_end": each.sentence_end, "page": read.page_of(each.start),
            "words": text[each.start : each.end], "clinical": each.clinical.model_dump(mode="json"),
            "usable": is_usable(each.clinical),
        }
        for each in read_findings(text)[:MOST_FINDINGS]
    ]  # fmt: skip
    if not found:
        return
    ordinals = range(1, len(found) + 1)
    sealed = sealer.seal(
        [json.dumps(each).encode() for each in found],
        [rows.finding_context(caller.tenant, number, ordinal) for ordinal in ordinals],
    )
    rows.insert_findings(
        connection,
        number,
        [
            (ordinal, bool(each["usable"]), part)
            for ordinal, each, part in zip(ordinals, found, sealed, strict=True)
        ],
    )


def _patient_of(batch: ClaimBatch) -> _Patient:
    if not len(batch):
        return _Patient(frozenset(), None)
    claim = batch.claims.row(0, named=True)
    whose = "dependent" if claim["dependent_name"] else "subscriber"
    words = " ".join(claim[f"{whose}{part}"] or "" for part in ("_name", "_first_name"))
    return _Patient(frozenset(_words(words)), claim[f"{whose}_birth_on"])


def _mismatch(read: ReadDocument, patient: _Patient) -> str | None:
    """Why a document seems to be of another patient; None if nothing says so."""
    text = "\n".join(read.pages[:3])
    named = [each for match in _LABELLED.finditer(text) if (each := _name(match["name"]))]
    if patient.names and named and not any(_is_name_of(each, patient.names) for each in named):
        return "it names another patient."
    for match in _BORN.finditer(text):
        try:
            born = datetime.date(int(match["y"]), int(match["m"]), int(match["d"]))
        except ValueError:
            continue
        if patient.birth_on is not None and born != patient.birth_on:
            return "it has another day of birth than the patient's."
    return None


def _name(words: str) -> frozenset[str]:
    """The words of a name after a label; empty for what is no name, such as "see chart"."""
    found = _words(words)
    if any(char.isdigit() for char in words) or found & _NO_NAMES:
        return frozenset()
    return found - _TITLES


def _is_name_of(named: frozenset[str], patient: frozenset[str]) -> bool:
    """Both last and first name must be there, since relatives share one of them; of one word, it must be
    theirs.
    """
    return patient <= named or (len(named) == 1 and named <= patient)


def _words(name: str) -> frozenset[str]:
    return frozenset(each for each in re.split(r"[^a-z'-]+", name.lower()) if len(each) > 1)
