"""Work on appeals: open, look at, edit, confirm, approve by another person, withdraw."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimwright.domain.appeal_case import Case, Draft, Statement
from claimwright.domain.caller import Caller
from claimwright.domain.payer_policies import JudgedPolicy
from claimwright.engines.drafting import TemplateError
from claimwright.engines.verification import Finding, Problem, Tick, Verdict
from claimwright.features.denials import DenialNotFoundError, decide_denials
from claimwright.features.documents import document_texts
from claimwright.features.governance import template_versions
from claimwright.foundation import clock
from claimwright.platform import audit
from claimwright.store import appeal_answers
from claimwright.store import appeals as rows
from claimwright.store import documents as document_rows
from claimwright.store.denial_work import denial_with_id

from .audit_events import record_case
from .drafts import store_draft
from .errors import AppealNotFoundError, AppealStateError
from .levels import LevelOfAppeal, levels_of
from .model_drafting import Written
from .stages import (
    FROM_TEMPLATE,
    STAGES,
    Means,
    case_from,
    criteria_from,
    stage_outputs,
    verdict_of,
)

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

ENDED = ("not_eligible", "withdrawn")
DECIDED = ("won", "partly_won", "lost")
EDITABLE = ("marked", "ready", "approved")
PERSON = "person"


@dataclass(frozen=True)
class OpenedDraft:
    """A draft with what the gate says; `confirmed` are statements that a person confirmed."""

    number: int
    draft: Draft
    findings: tuple[Finding, ...]
    ticks: tuple[Tick, ...]
    confirmed: tuple[str, ...]
    made_by: str
    made_at: datetime.datetime

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """What still stands against it."""
        return Verdict(self.findings, self.ticks).open_after(self.confirmed)


@dataclass(frozen=True)
class AppealSheet:
    """A case as a person works on it. `facts` and `draft` are null before their stages are done."""

    case: rows.AppealCase
    stages: tuple[tuple[str, float], ...]
    eligibility: str | None
    template_reasons: tuple[str, ...]
    facts: Case | None
    draft: OpenedDraft | None
    documents: tuple[document_rows.StoredDocument, ...]
    levels: tuple[LevelOfAppeal, ...]
    criteria: tuple[JudgedPolicy, ...]
    written: Written | None = None


def open_appeal(
    caller: Caller,
    connection: Connection,
    denial_id: int,
    *,
    as_of: datetime.date,
    overruled: bool = False,
    drafter: str | None = None,
    facilities: Sequence[str] | None = None,
) -> tuple[rows.AppealCase, bool]:
    """The case of a denial at its level, and whether it was opened just now. `run_case` does its stages.

    `overruled`: a person wants it although it is not worth the work, or its reason is unknown. `drafter`:
    who writes, `rules` or `model`; by default a model, if one is set up.

    A denial whose appeal was lost, or won in part, gets a case of the next level, also where a later answer
    denied its line again. A failed one goes on at the stage that failed.

    Raises:
        DenialNotFoundError: there is no such denial, or it is of another facility.
    """
    rows.lock_denial(connection, denial_id)
    if not denial_with_id(connection, denial_id, facilities=facilities).height:
        raise DenialNotFoundError(f"there is no denial {denial_id}.")
    # A payer that decides an appeal by another remittance denies anew: the next level is about that denial.
    denial_id = appeal_answers.denial_after(connection, denial_id) or denial_id
    earlier = [
        each for each in rows.cases_of_line(connection, denial_id)
        if each.state not in ENDED and (each.denial_id == denial_id or each.state in ("sent", *DECIDED))
    ]  # fmt: skip
    last = max(earlier, key=lambda each: each.level, default=None)
    if last is not None and last.state == "failed":
        # Its stages before the one that failed are done: it goes on there.
        again = {"state": "in_progress", "reason": None, "problem": None,
                 "is_overruled": overruled or last.is_overruled,
                 "wanted_drafter": drafter or last.wanted_drafter}  # fmt: skip
        rows.update_case(connection, last.case_id, clock.now(), again)
        return one_case(connection, last.case_id), False
    if last is not None and last.state not in ("lost", "partly_won"):
        return last, False
    level = 1 if last is None else last.level + 1
    case_id = document_rows.next_appeal_id(connection)
    rows.insert_case(
        connection, case_id, denial_id, level, as_of=as_of,
        earlier_decided_on=last.decided_on if last is not None else None, correlation_id=uuid.uuid4(),
        now=clock.now(), is_overruled=overruled, wanted_drafter=drafter,
    )  # fmt: skip
    case = one_case(connection, case_id)
    record_case(caller, connection, case, "opened", {"level": level})
    return case, True


def one_case(
    connection: Connection, case_id: int, *, facilities: Sequence[str] | None = None
) -> rows.AppealCase:
    """A case.

    Raises:
        AppealNotFoundError: there is none, or it is of another facility.
    """
    found = rows.list_cases(connection, case_id=case_id, facilities=facilities, limit=1)
    if not found:
        raise AppealNotFoundError(f"there is no appeal {case_id}.")
    return found[0]


def appeal_sheet(
    caller: Caller,
    connection: Connection,
    means: Means,
    case_id: int,
    *,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> AppealSheet:
    """A case with its facts and its letter, for a stated reason, which the audit log keeps.

    Raises:
        AppealNotFoundError: there is none, or it is of another facility.
        AuditError: the reason is not acceptable; nothing was opened.
        PhiError: a record can't be opened.
    """
    case = one_case(connection, case_id, facilities=facilities)
    audit.record_phi_access(
        caller, connection, subject=f"appeal:{case_id}", fields=("appeal",), reason=reason,
        correlation_id=str(case.correlation_id),
    )  # fmt: skip
    done = stage_outputs(caller, connection, means.sealer, case_id)
    seconds = {each.stage: each.seconds for each in rows.stages_of(connection, case_id)}
    documents = (
        ()
        if case.claim_key is None
        else tuple(
            document_rows.list_documents(
                connection, claim_key=case.claim_key, limit=document_rows.MOST_DOCUMENTS
            )
        )
    )
    return AppealSheet(
        case, tuple((stage, seconds[stage]) for stage in STAGES if stage in seconds),
        done["eligibility"]["says"] if "eligibility" in done else None,
        tuple(done["template"]["reasons"]) if "template" in done else (),
        case_from(done) if "evidence" in done else None,
        opened_draft(caller, connection, means, case), documents, tuple(levels_of(connection, case)),
        criteria_from(done) if "evidence" in done else (),
        Written.of(done["drafting"]["written"]) if "written" in done.get("drafting", {}) else None,
    )  # fmt: skip


def opened_draft(
    caller: Caller, connection: Connection, means: Means, case: rows.AppealCase
) -> OpenedDraft | None:
    """The newest draft of a case; None before there is one."""
    if not case.draft_number:
        return None
    found = rows.drafts_of(connection, case.case_id, case.draft_number)
    if not found:
        return None
    [row] = found
    [content] = means.sealer.open([row.sealed], [rows.draft_context(caller.tenant, case.case_id, row.number)])
    said = json.loads(content)
    return OpenedDraft(
        row.number, Draft.model_validate(said["draft"]),
        tuple(Finding(**{**each, "problem": Problem(each["problem"])}) for each in said["findings"]),
        tuple(Tick(each["where"], tuple(each["rests_on"])) for each in said["ticks"]),
        tuple(said["confirmed"]), row.made_by, row.made_at,
    )  # fmt: skip


def refresh_appeal(
    caller: Caller, connection: Connection, case_id: int, *, as_of: datetime.date,
    facilities: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Have the facts gathered and the letter drafted again, after documents, findings, addresses or templates
    changed: with the template, and its version, that is chosen now.

    What a person wrote is drafted anew; earlier drafts stay. `run_case` does the stages. A failed case goes
    on at the stage that failed.

    Raises:
        AppealNotFoundError: there is none.
        AppealStateError: it is sent, or ended.
    """
    one_case(connection, case_id, facilities=facilities)
    case = rows.lock_case(connection, case_id)
    assert case is not None
    if case.state not in (*EDITABLE, "failed", "in_progress"):
        raise AppealStateError(f"appeal {case_id} is {case.state}: its letter can't change any more.")
    again = STAGES if case.state == "failed" and case.stage in ("normalise", "eligibility") else FROM_TEMPLATE
    if case.state == "failed" and case.stage in ("decision", "classification", "template"):
        again = STAGES[STAGES.index(case.stage) :]
    rows.forget_stages(connection, case_id, again)
    rows.update_case(
        connection, case_id, clock.now(),
        dict.fromkeys(("reason", "problem", "approved_by", "approved_at")) | {
            "state": "in_progress", "as_of": as_of,
        },
    )  # fmt: skip
    record_case(caller, connection, case, "refreshed")


def edit_appeal(
    caller: Caller,
    connection: Connection,
    means: Means,
    case_id: int,
    statements: Sequence[Statement],
    *,
    facilities: Sequence[str] | None = None,
) -> OpenedDraft:
    """Store a person's version of the letter's statements as the next draft, judged by the gate.

    The head of the letter is not edited: it is the case's facts.

    Raises:
        AppealNotFoundError: there is none.
        AppealStateError: its letter can't change any more, or there is none yet.
    """
    case, opened = _editable(caller, connection, means, case_id, facilities)
    draft = opened.draft.model_copy(update={"statements": tuple(statements), "drafter": PERSON})
    verdict = _judged(caller, connection, means, case, draft)
    same = {each.statement_id: each.text for each in opened.draft.statements}
    confirmed = [
        name for name in opened.confirmed
        if any(each.statement_id == name and each.text == same.get(name) for each in statements)
    ]  # fmt: skip
    number = case.draft_number + 1
    marked = store_draft(caller, connection, means.sealer, case_id, number, draft, verdict, confirmed)
    _set_drafted(connection, case, caller, number, marked)
    rows.update_case(
        connection, case_id, clock.now(), {"drafter": PERSON, "drafter_reason": "a person edited the letter"}
    )
    record_case(caller, connection, case, "edited", {"version": number, "findings": marked})
    made = opened_draft(caller, connection, means, one_case(connection, case_id))
    assert made is not None
    return made


def confirm_statement(
    caller: Caller,
    connection: Connection,
    means: Means,
    case_id: int,
    statement_id: str,
    *,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> OpenedDraft:
    """Confirm a statement that no approved sentence says, after reading it beside its facts.

    Raises:
        AppealNotFoundError: there is none.
        AppealStateError: what is wrong with the statement may not be confirmed.
        AuditError: the reason is not acceptable.
    """
    case, opened = _editable(caller, connection, means, case_id, facilities)
    if not caller.is_person:
        raise AppealStateError("a statement is confirmed by a person, not by a service.")
    reason = audit.stated_reason(reason, "the statement is true")
    against = [each for each in opened.findings if each.where == statement_id]
    if not against:
        raise AppealStateError(f"nothing is marked at {statement_id}.")
    if wrong := [each for each in against if not each.may_be_confirmed]:
        raise AppealStateError(
            f"{statement_id} can't be confirmed: {wrong[0].says}. Correct it or take it out."
        )
    verdict = Verdict(opened.findings, opened.ticks)
    confirmed = tuple(dict.fromkeys((*opened.confirmed, statement_id)))
    marked = store_draft(
        caller, connection, means.sealer, case_id, opened.number, opened.draft, verdict, confirmed,
        replace=True,
    )  # fmt: skip
    # Who confirms has had a hand in the letter, and can't approve it.
    _set_drafted(connection, case, caller, opened.number, marked)
    record_case(caller, connection, case, "confirmed", {"version": opened.number, "reason": reason})
    made = opened_draft(caller, connection, means, one_case(connection, case_id))
    assert made is not None
    return made


def approve_appeal(
    caller: Caller, connection: Connection, means: Means, case_id: int, *, as_of: datetime.date,
    facilities: Sequence[str] | None = None,
) -> rows.AppealCase:  # fmt: skip
    """Approve a letter on which nothing is marked, as another person than the one who drafted it last.

    The gate judges it once more, on the documents as they are now.

    Raises:
        AppealNotFoundError: there is none.
        AppealStateError: something is marked, the time is over, or the caller drafted it or is no person.
    """
    one_case(connection, case_id, facilities=facilities)
    case = rows.lock_case(connection, case_id)
    assert case is not None
    if case.state == "marked":
        raise AppealStateError(f"{case.marked} things are marked in appeal {case_id}: resolve them first.")
    if case.state != "ready":
        raise AppealStateError(f"appeal {case_id} is {case.state}: only what is ready can be approved.")
    if not caller.is_person:
        raise AppealStateError("an appeal is approved by a person, not by a service.")
    if caller.actor in (case.drafted_by, case.opened_by):
        raise AppealStateError(
            "an appeal is approved by another person than the one who opened or drafted it."
        )
    refuse_late(case, as_of)
    opened = opened_draft(caller, connection, means, case)
    assert opened is not None
    verdict = _judged(caller, connection, means, case, opened.draft)
    if remaining := verdict.open_after(opened.confirmed):
        raise AppealStateError(
            f"the gate marks {len(remaining)} things: {remaining[0].says}. Refresh the appeal."
        )
    rows.update_case(
        connection, case_id, clock.now(),
        {"state": "approved", "approved_by": caller.actor, "approved_at": clock.now()},
    )  # fmt: skip
    record_case(caller, connection, case, "approved", {"version": case.draft_number})
    return one_case(connection, case_id)


def withdraw_appeal(
    caller: Caller,
    connection: Connection,
    case_id: int,
    *,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> None:
    """Give a case up that is not sent.

    Raises:
        AppealNotFoundError: there is none.
        AppealStateError: it is sent or ended.
        AuditError: the reason is not acceptable.
    """
    one_case(connection, case_id, facilities=facilities)
    case = rows.lock_case(connection, case_id)
    assert case is not None
    if case.state not in (*EDITABLE, "in_progress"):
        raise AppealStateError(f"appeal {case_id} is {case.state}.")
    reason = audit.stated_reason(reason, "the appeal is withdrawn")
    rows.update_case(connection, case_id, clock.now(), {"state": "withdrawn", "reason": "withdrawn"})
    record_case(caller, connection, case, "withdrawn", {"reason": reason})


def refuse_late(case: rows.AppealCase, as_of: datetime.date) -> None:
    """Refuse what is past its clock on a day.

    Raises:
        AppealStateError: the last day is over.
    """
    if case.due_on is not None and as_of > case.due_on:
        raise AppealStateError(f"the time for this {case.level_name} ended on {case.due_on}.")


def mark_appealed(caller: Caller, connection: Connection, case: rows.AppealCase) -> None:
    """Set the denial's state to appealed, where it is open."""
    found = denial_with_id(connection, case.denial_id).to_dicts()
    if found and found[0]["state"] == "open":
        decide_denials(
            caller, connection, [case.denial_id], "appealed", reason=f"appeal {case.case_id} was sent"
        )


def _editable(
    caller: Caller, connection: Connection, means: Means, case_id: int, facilities: Sequence[str] | None
) -> tuple[rows.AppealCase, OpenedDraft]:
    one_case(connection, case_id, facilities=facilities)
    case = rows.lock_case(connection, case_id)
    assert case is not None
    if case.state not in EDITABLE:
        raise AppealStateError(f"appeal {case_id} is {case.state}: its letter can't change.")
    opened = opened_draft(caller, connection, means, case)
    if opened is None:
        raise AppealStateError(f"appeal {case_id} has no draft yet.")
    return case, opened


def _judged(
    caller: Caller, connection: Connection, means: Means, case: rows.AppealCase, draft: Draft
) -> Verdict:
    done: dict[str, dict[str, Any]] = stage_outputs(caller, connection, means.sealer, case.case_id)
    assert case.template_id is not None and case.template_version is not None  # noqa: PT018
    try:
        named = case.template_id, case.template_version, case.template_digest
        template = template_versions(connection, means.shelf, *named)
    except TemplateError as problem:
        raise AppealStateError(str(problem)) from None
    documents = (
        {} if case.claim_key is None else document_texts(caller, connection, means.sealer, case.claim_key)
    )
    texts = {number: each.text for number, each in documents.items() if not each.document.is_blocked}
    return verdict_of(case_from(done), draft, template, texts)


def _set_drafted(
    connection: Connection, case: rows.AppealCase, caller: Caller, number: int, marked: int
) -> None:
    rows.update_case(
        connection, case.case_id, clock.now(),
        {
            "draft_number": number, "marked": marked, "state": "marked" if marked else "ready",
            "drafted_by": caller.actor, "approved_by": None, "approved_at": None,
        },
    )  # fmt: skip
