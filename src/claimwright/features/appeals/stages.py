"""The stages of a case: each a function of what came before, stored with its time before the next begins.

    normalise       the compact record of the denial
    eligibility     whether it is appealed at all
    decision        at which level, by when, by which law
    classification  subtype and intent
    template        which template, and why
    evidence        the facts of the case
    drafting        the statements
    verification    what the gate says of them
    letter          that the letter can be set as PDF

A case that was interrupted goes on after its last stored stage. A stage that fails is named, with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from claimwright.domain.appeal_case import Case, Clinical, Draft
from claimwright.domain.caller import Caller
from claimwright.domain.letter_templates import LetterTemplate
from claimwright.domain.payer_kinds import PAYER_KINDS, PAYER_KINDS_OF_FILING
from claimwright.domain.payer_policies import JudgedPolicy
from claimwright.engines.drafting import (
    HEAD,
    RULES,
    Drafter,
    Wanted,
    choose_template,
    draft_by_rules,
    load_sources,
)
from claimwright.engines.evidence import read_findings
from claimwright.engines.verification import ReadClinical, Verdict, verify
from claimwright.features.denials import DenialNotFoundError, DenialSheet, clocks_of, denial_sheet
from claimwright.features.governance import (
    Gets,
    active_policies,
    active_templates,
    assigned_version,
    template_versions,
)
from claimwright.foundation import clock
from claimwright.foundation.errors import ClaimwrightError
from claimwright.store import appeals as rows
from claimwright.store.sealed_claims import SealsAndOpens

from .audit_events import publish_case, record_case
from .drafts import store_draft
from .eligibility import Eligibility, NotEligible, judge_eligibility
from .errors import AppealNotFoundError, StageFailedError
from .facts import Materials, criteria_of, make_case
from .materials import gather_materials
from .model_drafting import MODEL, NO_MODEL, WANTED_RULES, ModelDrafter, Written
from .shown import day_in_words
from .subtypes import intent_of, subtype_of

if TYPE_CHECKING:
    from claimwright.platform.database import Connection, Database

STAGES = (
    "normalise", "eligibility", "decision", "classification", "template", "evidence", "drafting",
    "verification", "letter",
)  # fmt: skip
# What is done again for a new draft: with the version of the template that is in force now, and the facts.
FROM_TEMPLATE = STAGES[STAGES.index("template") :]
HEAD_FACTS = {name: fact for name, _, fact in HEAD}


def read_clinical(text: str) -> Sequence[tuple[int, int, Clinical]]:
    """What a text says of a patient, for the gate."""
    return [(each.start, each.end, each.clinical) for each in read_findings(text)]


@dataclass(frozen=True)
class Means:
    """What stages work with. `drafters` by name; `drafter` is the one that writes, `model` asks a model."""

    database: Database
    sealer: SealsAndOpens
    shelf: Gets
    drafters: Mapping[str, Drafter]
    drafter: str = RULES
    tell_seconds: Callable[[str, float], None] | None = None
    model: ModelDrafter | None = None

    @classmethod
    def by_rules(cls, database: Database, sealer: SealsAndOpens, shelf: Gets) -> Means:
        """Without a model."""
        return cls(database, sealer, shelf, {RULES: draft_by_rules})

    def by_model(self, model: ModelDrafter) -> Means:
        """The same with a language model, which writes."""
        return replace(self, model=model, drafter=MODEL)

    def drafted_by(self, drafter: str) -> Means:
        """The same with another drafter: `rules`, or `model`.

        Raises:
            StageFailedError: no model is set up.
        """
        if drafter == MODEL and self.model is None:
            raise StageFailedError("drafting", "NoDrafter", f"{NO_MODEL}: language_models.providers.")
        return replace(self, drafter=drafter)


@dataclass
class _Work:
    """A case at work, in one transaction of a stage. `done` are the outputs of the stages before."""

    caller: Caller
    connection: Connection
    means: Means
    case: rows.AppealCase
    done: dict[str, dict[str, Any]]
    overruled: bool
    # What one run has opened: the stages of a run see the same.
    opened: dict[str, Any]

    def sheet(self) -> DenialSheet:
        if "sheet" not in self.opened:
            self.opened["sheet"] = denial_sheet(
                self.caller, self.connection, self.case.denial_id, self.case.as_of, self.means.sealer
            )
        found: DenialSheet = self.opened["sheet"]
        return found

    def materials(self) -> Materials:
        if "materials" not in self.opened:
            self.opened["materials"] = gather_materials(
                self.caller, self.connection, self.means.sealer, self.sheet(), self.case,
                active_policies(self.connection, self.means.shelf),
            )  # fmt: skip
        found: Materials = self.opened["materials"]
        return found

    def template(self) -> LetterTemplate:
        said = self.done["template"]
        named = said["template_id"], said["version"], said["digest"]
        return template_versions(self.connection, self.means.shelf, *named)


def run_case(caller: Caller, means: Means, case_id: int, *, overruled: bool = False) -> rows.AppealCase:
    """Do the stages of a case that are not done yet. Returns it as it then is.

    The case says who writes, and whether a person wants it although it is not worth the work or its reason is
    unknown; `overruled` says so for a case that does not.

    Raises:
        AppealNotFoundError: there is no such case.
        StageFailedError: a stage can't be done; the case has its name and reason.
        Exception: any failure that is not the case's, such as a database that is away; call it again.
    """
    opened: dict[str, Any] = {}
    while True:
        with means.database.transaction(caller) as connection:
            case = rows.lock_case(connection, case_id)
            if case is None:
                raise AppealNotFoundError(f"there is no appeal {case_id}.")
            if case.state != "in_progress":
                return case
            done = stage_outputs(caller, connection, means.sealer, case_id)
            stage = next((each for each in STAGES if each not in done), None)
            if stage is None:
                return case
            started = clock.seconds() - opened.pop("waited", 0.0)
            if case.wanted_drafter is not None:
                means = replace(means, drafter=case.wanted_drafter)
            is_overruled = overruled or case.is_overruled
            work = _Work(caller, connection, means, case, done, is_overruled, opened)
            question = _question(work) if stage == "drafting" else None
            failed = None if question is not None else _do(work, stage, started)
        if question is not None:
            # A model may take minutes: no transaction waits for it; the case is looked at again afterwards.
            opened["written"] = question()
            opened["waited"] = clock.seconds() - started
            continue
        if means.tell_seconds is not None:
            means.tell_seconds(f"appeal_{stage}", clock.seconds() - started)
        if failed is not None:
            raise failed


def _do(work: _Work, stage: str, started: float) -> StageFailedError | None:
    """Do one stage and store its output with the state that follows, in one transaction."""
    now = clock.now()
    try:
        # A failure must not undo what it says about itself.
        with work.connection.transaction():
            output, changes = _FUNCTIONS[stage](work)
            sealed = work.means.sealer.seal(
                [json.dumps(output).encode()],
                [rows.stage_context(work.caller.tenant, work.case.case_id, stage)],
            )[0]
            rows.put_stage(
                work.connection, work.case.case_id, stage, clock.seconds() - started, sealed, clock.now()
            )
    except StageFailedError as problem:
        failed = problem
    except ClaimwrightError as problem:
        failed = StageFailedError(stage, type(problem).__name__, str(problem))
    else:
        rows.update_case(work.connection, work.case.case_id, now, {"stage": stage, **changes})
        if (state := changes.get("state")) is not None:
            reason = changes.get("reason") if state == "not_eligible" else None
            due = changes.get("due_on") or work.case.due_on
            told = {
                "state": state, "reason": reason, "marked": work.case.marked,
                "due_on": due and due.isoformat(),
            }  # fmt: skip
            publish_case(work.caller, work.connection, work.case, "drafted", told)
            record_case(work.caller, work.connection, work.case, "drafted", {"state": state})
        return None
    word = failed.word
    rows.update_case(
        work.connection,
        work.case.case_id,
        now,
        {"state": "failed", "stage": stage, "reason": word, "problem": str(failed)[:500]},
    )
    publish_case(work.caller, work.connection, work.case, "failed", {"stage": stage, "reason": word})
    record_case(work.caller, work.connection, work.case, "failed", {"stage": stage, "error_class": word})
    return failed


def stage_outputs(
    caller: Caller, connection: Connection, sealer: SealsAndOpens, case_id: int
) -> dict[str, dict[str, Any]]:
    """The outputs of the stages that are done, by stage."""
    found = rows.stages_of(connection, case_id)
    contexts = [rows.stage_context(caller.tenant, case_id, each.stage) for each in found]
    opened = sealer.open([each.sealed for each in found], contexts) if found else []
    return {each.stage: json.loads(content) for each, content in zip(found, opened, strict=True)}


def case_from(done: Mapping[str, Mapping[str, Any]]) -> Case:
    """The facts of a case, as the stage `evidence` stored them."""
    return Case.model_validate(done["evidence"]["case"])


def criteria_from(done: Mapping[str, Mapping[str, Any]]) -> tuple[JudgedPolicy, ...]:
    """The payer's policies as the stage `evidence` judged them."""
    return tuple(JudgedPolicy.model_validate(each) for each in done["evidence"].get("criteria", ()))


def verdict_of(
    case: Case, draft: Draft, template: LetterTemplate, documents: Mapping[int, str],
    read: ReadClinical = read_clinical,
) -> Verdict:  # fmt: skip
    """What the gate says of a draft."""
    return verify(case, draft, template, load_sources(), read, head=HEAD_FACTS, documents=documents)


def payer_kind_of(claim_filing: str | None) -> str:
    """The likeliest kind of payer of a claim filing code; `other` where it names none."""
    return PAYER_KINDS_OF_FILING.get(claim_filing or "", ("other",))[0]


Output = tuple[dict[str, Any], dict[str, Any]]


def _normalise(work: _Work) -> Output:
    try:
        sheet = work.sheet()
    except DenialNotFoundError as problem:
        raise StageFailedError("normalise", "DenialNotFound", str(problem)) from None
    denial = sheet.weighed.denial
    kind = payer_kind_of(denial.claim_filing)
    output = {
        "denial_id": denial.denial_id, "category": denial.category, "root_cause": denial.root_cause,
        "stage": denial.stage, "codes": f"{denial.group_code}-{denial.carc}", "remarks": denial.rarcs,
        "amount_cents": denial.amount_cents, "payer_kind": kind,
    }  # fmt: skip
    return output, {
        "claim_key": denial.claim_key, "answer_id": denial.answer_id, "facility": denial.facility,
        "payer_id": denial.payer_id, "payer_kind": kind, "amount_cents": denial.amount_cents,
        "expected_cents": sheet.weighed.expected_cents,
    }  # fmt: skip


def _eligibility(work: _Work) -> Output:
    sheet, case = work.sheet(), work.case
    decided = {}
    if case.level > 1 and case.earlier_decided_on is not None:
        decided[case.level - 1] = case.earlier_decided_on
    clocks = sheet.clocks
    if decided:
        clocks = clocks_of(
            work.caller, work.connection, case.denial_id, case.as_of, work.means.sealer, decided=decided
        )
    found = judge_eligibility(
        sheet, clocks, payer_kind=case.payer_kind or "other", level=case.level, is_taken=False,
        overruled=work.overruled,
    )  # fmt: skip
    output = asdict(found) | {"due_on": found.due_on and found.due_on.isoformat()}
    if found.reason is not None:
        return output, {"state": "not_eligible", "reason": found.reason.value, "level_name": found.level_name}
    return output, {}


def _decision(work: _Work) -> Output:
    found = eligibility_from(work.done)
    return {
        "level": work.case.level, "level_name": found.level_name, "needs": found.needs,
    }, {"level_name": found.level_name, "due_on": found.due_on, "law": found.law}  # fmt: skip


def eligibility_from(done: Mapping[str, Mapping[str, Any]]) -> Eligibility:
    """What the stage `eligibility` stored."""
    import datetime

    said = dict(done["eligibility"])
    due = said.pop("due_on")
    reason = said.pop("reason")
    return Eligibility(
        reason=NotEligible(reason) if reason else None,
        due_on=datetime.date.fromisoformat(due) if due else None, **said,
    )  # fmt: skip


def _classification(work: _Work) -> Output:
    said = work.done["normalise"]
    subtype = subtype_of(work.materials().claim)
    intent = intent_of(said["category"], said["root_cause"])
    return {"subtype": subtype, "intent": intent}, {"subtype": subtype, "intent": intent}


def _template(work: _Work) -> Output:
    said, case = work.done["normalise"], work.case
    materials = work.materials()
    state = materials.claim.claims["billing_state"][0] if len(materials.claim) else None
    wanted = Wanted(
        said["category"], said["root_cause"], said["payer_kind"], case.payer_id, state, case.level,
        case.as_of,
        work.done["classification"]["subtype"],
    )  # fmt: skip
    chosen = choose_template(
        active_templates(work.connection, work.means.shelf), wanted, case_id=case.case_id
    )
    if chosen is None:
        raise StageFailedError(
            "template", "NoTemplate",
            f"no active template is for {said['category'].replace('_', ' ')}, "
            f"{PAYER_KINDS[said['payer_kind']]}, level {case.level} "
            f"and in force on {day_in_words(wanted.day)}: write one, and have another person approve it.",
        )  # fmt: skip
    template, reasons = chosen.template, list(chosen.reasons)
    experiment_id = arm = None
    assigned = assigned_version(work.connection, template.template_id, case.case_id)
    if assigned is not None:
        stored, arm, version = assigned
        tried = template_versions(work.connection, work.means.shelf, template.template_id, version)
        if tried.in_force(case.as_of):
            template, experiment_id = tried, stored.experiment_id
            reasons.append(f"experiment {experiment_id}: arm {arm} by the case's number")
        else:
            arm = None
    output = {
        "template_id": template.template_id, "version": template.version, "digest": template.digest,
        "title": template.title, "reasons": reasons, "others": list(chosen.others),
    }  # fmt: skip
    return output, {
        "template_id": template.template_id, "template_version": template.version,
        "template_digest": template.digest, "experiment_id": experiment_id, "arm": arm,
    }  # fmt: skip


def _evidence(work: _Work) -> Output:
    case = work.case
    made = make_case(
        work.materials(), eligibility_from(work.done), case_id=case.case_id, level=case.level,
        payer_kind=case.payer_kind or "other", as_of=case.as_of, earlier_decided_on=case.earlier_decided_on,
    )  # fmt: skip
    judged = criteria_of(work.materials(), payer_kind=case.payer_kind or "other")
    return {
        "case": made.model_dump(mode="json"), "criteria": [each.model_dump(mode="json") for each in judged],
    }, {}  # fmt: skip


def _question(work: _Work) -> Callable[[], tuple[Draft, Written]] | None:
    """Asks the model for a draft; None where none is wanted, or it was asked."""
    means, model = work.means, work.means.model
    if means.drafter != MODEL or model is None or "written" in work.opened:
        return None
    try:
        case, template = case_from(work.done), work.template()
    except ClaimwrightError:
        return None  # the stage fails for the same reason, and says so
    return lambda: model.write(work.caller, case, template, load_sources())


def _drafting(work: _Work) -> Output:
    if "written" in work.opened:
        draft, written = work.opened["written"]
        return _stored_draft(work, draft, written)
    drafter = work.means.drafters.get(work.means.drafter)
    if drafter is None:
        why = f"{NO_MODEL}: language_models.providers" if work.means.drafter == MODEL else work.means.drafter
        raise StageFailedError("drafting", "NoDrafter", f"there is no such drafter: {why}.")
    draft = drafter(case_from(work.done), work.template(), load_sources())
    why = NO_MODEL if work.means.model is None else WANTED_RULES
    return _stored_draft(work, draft, Written(draft.drafter, why, draft.drafter))


def _stored_draft(work: _Work, draft: Draft, written: Written) -> Output:
    # Whatever wrote it: from here on it has the strict form, or it is no draft.
    output = {
        "draft": Draft.model_validate(draft.model_dump()).model_dump(mode="json"),
        "written": written.stored(),
    }
    return output, {
        "drafted_by": work.caller.actor, "drafter": written.drafter, "drafter_reason": written.why,
    }  # fmt: skip


def _verification(work: _Work) -> Output:
    case, draft = case_from(work.done), Draft.model_validate(work.done["drafting"]["draft"])
    texts = {number: each.text for number, each in work.materials().documents.items()}
    verdict = verdict_of(case, draft, work.template(), texts)
    number = work.case.draft_number + 1
    store_draft(
        work.caller, work.connection, work.means.sealer, work.case.case_id, number, draft, verdict, ()
    )
    marked = len(verdict.open_after(()))
    work.case = _changed(work.case, marked=marked)
    return {"draft_number": number, "marked": marked}, {"draft_number": number, "marked": marked}


def _letter(work: _Work) -> Output:
    from claimwright.engines.letters import render_packet

    case, draft = case_from(work.done), Draft.model_validate(work.done["drafting"]["draft"])
    content = render_packet(case, draft, load_sources(), preview=True)
    state = "marked" if work.case.marked else "ready"
    return {"bytes": len(content)}, {"state": state, "reason": None}


def _changed(case: rows.AppealCase, **changes: object) -> rows.AppealCase:
    return replace(case, **changes)  # type: ignore[arg-type]  # names and types are those of the class


_FUNCTIONS: dict[str, Callable[[_Work], Output]] = {
    "normalise": _normalise, "eligibility": _eligibility, "decision": _decision,
    "classification": _classification, "template": _template, "evidence": _evidence, "drafting": _drafting,
    "verification": _verification, "letter": _letter,
}  # fmt: skip
