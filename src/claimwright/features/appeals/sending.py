"""The packet of an approved appeal, and handing it off: a folder with the letter and a manifest.

The manifest is written last, so that a folder without one is not finished. Names of files have ids only.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimwright.domain.appeal_case import Case, Source
from claimwright.domain.caller import Caller
from claimwright.engines.drafting import load_sources
from claimwright.engines.letters import (
    ExhibitFile,
    PrintedLetter,
    addressee,
    fax_pages,
    print_batch,
    render_packet,
    render_word,
)
from claimwright.features.documents import document_content, document_texts
from claimwright.foundation import clock
from claimwright.foundation.whole_files import WholeFile
from claimwright.platform import audit
from claimwright.store import appeal_answers as answers
from claimwright.store import appeals as rows
from claimwright.store.denial_work import denial_with_id

from .audit_events import publish_case, record_case
from .errors import AppealStateError
from .stages import Means, case_from, stage_outputs
from .working import OpenedDraft, mark_appealed, one_case, opened_draft, refuse_late

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

HOWS = ("portal", "fax", "mail")
MOST_PRINTED = 200
LETTER, WORD, FAX, MANIFEST = "letter.pdf", "letter.docx", "fax.tif", "manifest.json"
FORMS = {"pdf": "application/pdf",
"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
         "fax": "image/tiff"}  # fmt: skip


@dataclass(frozen=True)
class Packet:
    """A letter with its exhibits as PDF, and the letter alone as DOCX. `digest` is SHA-256 of the PDF; the
    same case gives the same bytes.
    """

    case_id: int
    content: bytes
    digest: str
    is_preview: bool
    word: bytes
    head: Mapping[str, str]

    def form(self, name: str) -> bytes:
        """Its content as one of `FORMS`.

        Raises:
            AppealStateError: it is too long for a fax.
        """
        if name != "fax":
            return self.word if name == "docx" else self.content
        try:
            return fax_pages(self.content)
        except ValueError as problem:
            raise AppealStateError(f"appeal {self.case_id}: {problem}") from None


@dataclass(frozen=True)
class HandedOff:
    """Where an appeal was handed off."""

    folder: Path
    digest: str


def appeal_packet(
    caller: Caller,
    connection: Connection,
    means: Means,
    case_id: int,
    *,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> Packet:
    """The letter with its exhibits; before it is approved, every page says so.

    Raises:
        AppealNotFoundError: there is no such case.
        AppealStateError: there is no draft yet.
        AuditError: the reason is not acceptable; nothing was opened.
    """
    case = one_case(connection, case_id, facilities=facilities)
    audit.record_phi_access(
        caller, connection, subject=f"appeal:{case_id}", fields=("letter",), reason=reason,
        correlation_id=str(case.correlation_id),
    )  # fmt: skip
    return _packet(caller, connection, means, case)


def send_appeal(
    caller: Caller,
    connection: Connection,
    means: Means,
    case_id: int,
    folder: Path,
    *,
    as_of: datetime.date,
    how: str = "portal",
    facilities: Sequence[str] | None = None,
) -> HandedOff:
    """Hand an approved appeal off: `FOLDER/appeal-ID-LEVEL/` with the letter and a manifest.

    Handing it off again, after an interruption, writes the same bytes.

    Raises:
        AppealNotFoundError: there is no such case.
        AppealStateError: it is not approved, its time is over, or what was approved has changed.
        OSError: the folder can't be written; the case stays approved.
    """
    one_case(connection, case_id, facilities=facilities)
    case = rows.lock_case(connection, case_id)
    assert case is not None
    if how not in HOWS:
        raise AppealStateError(f"an appeal goes by {', '.join(HOWS)}.")
    if case.state != "approved":
        raise AppealStateError(f"appeal {case_id} is {case.state}: only an approved one is sent.")
    refuse_late(case, as_of)
    denial = denial_with_id(connection, case.denial_id).to_dicts()
    if not denial or not denial[0]["in_force"]:
        raise AppealStateError(f"denial {case.denial_id} is over: the payer has answered again.")
    packet = _packet(caller, connection, means, case)
    opened = opened_draft(caller, connection, means, case)
    assert opened is not None
    done = stage_outputs(caller, connection, means.sealer, case_id)
    target = folder / f"appeal-{case_id}-{case.level}"
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    contents = {LETTER: packet.content, WORD: packet.word}
    if how == "fax":
        contents[FAX] = packet.form("fax")
    for name, content in contents.items():
        with WholeFile(target / name) as part:
            part.write_bytes(content)
    manifest = json.dumps(_manifest(case, case_from(done), opened, contents, how), indent=2).encode()
    with WholeFile(target / MANIFEST) as part:
        part.write_bytes(manifest)
    paid = 0 if case.answer_id is None else answers.paid_on_account(connection, case.answer_id)
    until = None if case.answer_id is None else answers.last_answer(connection, case.answer_id)
    rows.update_case(
        connection, case_id, clock.now(),
        {
            "state": "sent", "sent_by": caller.actor, "sent_at": clock.now(), "sent_how": how,
            "letter_digest": packet.digest, "paid_before_cents": paid, "answered_until": until,
            # The day of the appeal: what the payer denied before it is no answer to it.
            "as_of": as_of,
        },
    )  # fmt: skip
    publish_case(caller, connection, case, "sent", {"level": case.level, "amount_cents": case.amount_cents})
    record_case(caller, connection, case, "sent", {"level": case.level, "digest": packet.digest})
    mark_appealed(caller, connection, case)
    return HandedOff(target, packet.digest)


def _packet(caller: Caller, connection: Connection, means: Means, case: rows.AppealCase) -> Packet:
    done = stage_outputs(caller, connection, means.sealer, case.case_id)
    opened = opened_draft(caller, connection, means, case)
    if opened is None or "evidence" not in done:
        raise AppealStateError(f"appeal {case.case_id} has no draft yet.")
    facts = case_from(done)
    preview = case.approved_by is None
    content = render_packet(
        facts, opened.draft, load_sources(), _exhibits(caller, connection, means, case, facts, opened),
        preview=preview,
    )  # fmt: skip
    word = render_word(facts, opened.draft, load_sources(), preview=preview)
    head = {each.name: each.value for each in opened.draft.fields}
    return Packet(case.case_id, content, hashlib.sha256(content).hexdigest(), preview, word, head)


def print_letters(
    caller: Caller,
    connection: Connection,
    means: Means,
    case_ids: Sequence[int],
    *,
    reason: str,
    as_of: datetime.date,
    facilities: Sequence[str] | None = None,
) -> bytes:
    """Approved or sent letters as one PDF, each with a cover sheet, in the order given.

    Raises:
        AppealNotFoundError: there is no such case.
        AppealStateError: there are too many, or one of them is not approved.
        AuditError: the reason is not acceptable; nothing was opened.
    """
    wanted = list(dict.fromkeys(case_ids))
    if not 1 <= len(wanted) <= MOST_PRINTED:
        raise AppealStateError(f"print 1 to {MOST_PRINTED} letters at once.")
    cases = [one_case(connection, each, facilities=facilities) for each in wanted]
    for case in cases:
        if case.approved_by is None:
            raise AppealStateError(
                f"appeal {case.case_id} is {case.state}: only approved letters are printed."
            )
    printed = []
    for case in cases:
        packet = appeal_packet(caller, connection, means, case.case_id, reason=reason, facilities=facilities)
        head = packet.head
        to, lines = addressee(head, case.level)
        printed.append(
            PrintedLetter(
                packet.content, (to, *lines),
                (head.get("provider", ""), *head.get("provider-address", "").split("\n")),
                (
                    ("Appeal", str(case.case_id)), ("Level", case.level_name or str(case.level)),
                    ("Our claim number", head.get("claim", "")), ("Last day", str(case.due_on or "none "
                        "known")),
                    ("SHA-256 of the letter", packet.digest),
                ),
            )
        )  # fmt: skip
    return print_batch(printed, made_on=as_of)


def _exhibits(
    caller: Caller,
    connection: Connection,
    means: Means,
    case: rows.AppealCase,
    facts: Case,
    opened: OpenedDraft,
) -> list[ExhibitFile]:
    if case.claim_key is None:
        return []
    texts = document_texts(caller, connection, means.sealer, case.claim_key)
    used = {name for each in opened.draft.statements for name in each.facts}
    made = []
    for exhibit in facts.exhibits:
        document = texts.get(exhibit.document_id)
        if document is None or document.document.is_blocked:
            raise AppealStateError(f"document {exhibit.document_id} of appeal {case.case_id} can't be used.")
        marks = sorted({
            (fact.span.start, fact.span.end) for name in used
            if (fact := facts.by_id.get(name)) is not None and fact.span is not None
            and fact.span.document_id == exhibit.document_id
        })  # fmt: skip
        content = None
        if document.document.kind in {"pdf", "image"}:
            content = document_content(caller, connection, means.sealer, exhibit.document_id)
        made.append(
            ExhibitFile(exhibit.letter, exhibit.title, document.pages, content, tuple(marks), document.scans)
        )
    return made


def _manifest(
    case: rows.AppealCase, facts: Case, opened: OpenedDraft, contents: Mapping[str, bytes], how: str
) -> dict[str, Any]:
    """What a portal or a person needs beside the letter, and the versions that made it."""
    head = {each.name: each.value for each in opened.draft.fields}
    to, lines = addressee(head, case.level)
    needs = facts.fact("appeal.needs")
    return {
        "appeal": case.case_id, "tracking_id": str(case.tracking_id), "level": case.level,
        "level_name": case.level_name, "how": how,
        "due_on": case.due_on and case.due_on.isoformat(), "law": case.law,
        "needs": needs and needs.shown,
        "payer_id": case.payer_id, "to": to, "address": "\n".join(lines),
        "claim_number": head.get("claim"), "payer_claim_number": head.get("payer-claim"),
        "member_id": head.get("member"), "amount": head.get("amount"),
        "files": [
            {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in contents.items()
        ],
        "exhibits": [each.model_dump() for each in facts.exhibits],
        "made_by": {
            "drafter": opened.draft.drafter, "draft": opened.number, "template": case.template_id,
            "template_version": case.template_version, "template_sha256": case.template_digest,
        },
        "sources": [_cited(each) for each in _sources_of(opened)],
        "drafted_by": case.drafted_by, "approved_by": case.approved_by,
        "approved_at": case.approved_at and case.approved_at.isoformat(),
    }  # fmt: skip


def _sources_of(opened: OpenedDraft) -> list[Source]:
    """The sources that the statements cite, in order."""
    names = dict.fromkeys(name for each in opened.draft.statements for name in each.sources)
    return [load_sources()[name] for name in names if name in load_sources()]


def _cited(source: Source) -> dict[str, str | None]:
    """A source, and when our words of it were compared with published text: null where nobody did."""
    compared_on = None if source.compared_on is None else source.compared_on.isoformat()
    return {"id": source.source_id, "citation": source.citation, "compared_on": compared_on}
