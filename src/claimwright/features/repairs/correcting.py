"""Makes corrections: stages the next versions, takes those before out of review, keeps who changed what."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.claim_changes import Changed
from claimwright.domain.dictionary import Kind, Level, Phi
from claimwright.features.intake import (
    CorrectedMeanwhileError,
    Intake,
    next_correction_file,
    staged_corrections,
)
from claimwright.features.prediction import record_correction
from claimwright.foundation import clock
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.corrections import (
    NewCorrection,
    NewField,
    Standing,
    correction_context,
    correction_of,
    insert_correction,
    insert_fields,
    lock_claims,
    note_offers,
    standings,
    to_be_approved,
)
from claimwright.store.dead_letters import mark_discarded
from claimwright.store.production import is_in_production
from claimwright.store.review import RETURNED, leave_review
from claimwright.store.work_changes import lock_items_of_claims, mark_repaired

from .audit_events import CorrectionMade, record_corrections
from .problems import ClaimChangedError
from .writing import as_837, beside

# How a correction names a whole service line that it removes.
LINE = "line"
# Short enough to be nothing else than a code.
_SHORT_CODE = re.compile(r"[A-Z0-9]{1,8}")
# Codes of procedures and places are in the store unsealed already, in production.lines.
_UNSEALED_CODES = frozenset(
    {"procedure", "revenue_code", "modifier_1", "modifier_2", "modifier_3", "modifier_4", "unit_basis"}
)


@dataclass(frozen=True)
class Correction:
    """A claim to be corrected: where it stood when it was read, and what it becomes. `left` is what goes with
    lines that are removed.
    """

    standing: Standing
    batch: ClaimBatch
    changed: Sequence[Changed]
    rules: Sequence[str]
    repairs: Sequence[str]
    by_hand: bool
    forced: bool
    was_blocked: bool
    left: Sequence[Changed] = ()


@dataclass(frozen=True)
class Made:
    """A correction that was made; `needs_approval`: its version goes to review, for another person."""

    correction_id: int
    corrected_key: int
    version: int
    file_id: int
    needs_approval: bool


def why_not(standing: Standing) -> str | None:
    """Why a claim can't be corrected where it stands; None if it can."""
    if standing.newest_key != standing.claim_key:
        return f"a newer version exists: claim {standing.newest_key}. Correct that one."
    match standing.place:
        case "review" | "returned" | "dead":
            return None
        case "staged":
            return "it waits for a run. Correct it once it has been processed."
        case "production" if standing.is_rejected and standing.status == "active":
            return None
        case "production":
            return "it is in production. Send a replacement (claim frequency 7) once the payer has answered."
        case "discarded":
            return "somebody discarded it."
        case _:
            return "the store has only its number."


def make_corrections(
    intake: Intake,
    caller: Caller,
    corrections: Sequence[Correction],
    *,
    reason: str,
    correlation_id: str | None = None,
) -> tuple[dict[int, Made], dict[int, str]]:
    """Correct claims of one facility, in one transaction. Returns what was made, by claim; and for those that
    somebody has changed since they were read, who did and when. These stay as they are.

    The next version of a claim that needs an approval goes to review, whatever the rules say of it: call it
    once the work items are gathered.

    Raises:
        AuditError: the reason is not acceptable; nothing was corrected.
        QuotaExceededError: the tenant may stage no more; nothing was corrected.
    """
    reason = audit.stated_reason(reason, "claims are corrected")
    correlation = correlation_id or str(uuid.uuid4())
    file_id = next_correction_file(intake, caller)
    keys = [each.standing.claim_key for each in corrections]
    with intake.database.transaction(caller) as connection:
        lock_items_of_claims(connection, keys)
        lock_claims(connection, keys)
        now = standings(connection, keys)
        changed = {
            each.standing.claim_key: who_changed(connection, each.standing.claim_key)
            for each in corrections
            if (there := now.get(each.standing.claim_key)) is None or there.etag != each.standing.etag
        }
        rest = [each for each in corrections if each.standing.claim_key not in changed]
        if not rest:
            return {}, changed
        originals = [each.standing.claim_key for each in rest]
        content = as_837(beside(each.batch for each in rest), control_number=file_id)
        try:
            with staged_corrections(
                intake, caller, connection, content,
                file_id=file_id, facility=rest[0].standing.facility, originals=originals,
                occurrences=[each.standing.repeats for each in rest],
            ) as staged:  # fmt: skip
                unapproved = to_be_approved(connection, originals)
                made = _keep(intake, caller, connection, rest, staged.corrected, unapproved)
                _leave(connection, rest)
                mark_repaired(connection, originals, clock.now(), reason)
                _teach(caller, connection, rest)
                record_corrections(
                    caller, connection, [record for record, _ in made], reason=reason,
                    correlation_id=correlation,
                )  # fmt: skip
        except CorrectedMeanwhileError as problem:
            raise ClaimChangedError(str(problem)) from problem
    return {
        record.claim_key: Made(
            record.correction_id, record.corrected_key, version, file_id, record.claim_key in unapproved
        )
        for record, version in made
    }, changed


def who_changed(connection: Connection, claim_key: int) -> str:
    """Who changed a claim since it was read, in words."""
    found = correction_of(connection, claim_key)
    if found is None:
        return "somebody has decided on the claim since it was read. Read it again."
    who, at, corrected = found
    return f"{who} corrected the claim on {at:%Y-%m-%d at %H:%M} UTC. Its next version is claim {corrected}."


def _keep(
    intake: Intake,
    caller: Caller,
    connection: Connection,
    corrections: Sequence[Correction],
    corrected: Mapping[int, tuple[int, int]],
    unapproved: Collection[int],
) -> list[tuple[CorrectionMade, int]]:
    """Store the corrections with their fields; returns what the records need, with each version."""
    kept = []
    note_offers(connection, {each.standing.claim_key: each.repairs for each in corrections})
    for each in corrections:
        key, facility = each.standing.claim_key, each.standing.facility
        new_key, version = corrected[key]
        correction_id = insert_correction(
            connection,
            NewCorrection(
                key, new_key, facility, "hand" if each.by_hand else "repair", each.rules, each.repairs,
                each.forced, each.was_blocked, key in unapproved,
            ),
        )  # fmt: skip
        lines = _removed_lines(each.left)
        fields = [_field(one) for one in each.changed]
        fields += [NewField(Level.LINE.value, LINE, line, None, None) for line in lines]
        contexts = [correction_context(caller.tenant, correction_id, at + 1) for at in range(len(fields))]
        changes: list[tuple[object, str | None]] = [(one.old, one.change.new) for one in each.changed]
        changes += [(old, None) for old in lines.values()]
        values = [json.dumps({"old": old, "new": new}).encode() for old, new in changes]
        insert_fields(connection, correction_id, fields, intake.sealer.seal(values, contexts))
        names = list(dict.fromkeys(one.field for one in fields))
        kept.append(
            (CorrectionMade(correction_id, key, new_key, each.rules, names, each.forced), version)
        )  # fmt: skip
    return kept


def _removed_lines(left: Sequence[Changed]) -> dict[int, list[dict[str, object]]]:
    """Every value that goes, by line: one row of the correction each, as nobody changed single fields."""
    found: dict[int, list[dict[str, object]]] = {}
    for each in left:
        assert each.change.line is not None
        told: dict[str, object] = {
            "field": each.change.field,
            "position": each.change.position,
            "value": each.old,
        }
        found.setdefault(each.change.line, []).append(told)
    return found


def _field(changed: Changed) -> NewField:
    change, entry = changed.change, changed.change.entry
    plain = entry.kind is Kind.CODE and (entry.phi is Phi.NONE or entry.name in _UNSEALED_CODES)
    code = change.new if plain and change.new and _SHORT_CODE.fullmatch(change.new) else None
    return NewField(entry.level.value, entry.name, change.line, change.position, code)


def _leave(connection: Connection, corrections: Sequence[Correction]) -> None:
    """Take the versions before out of review and the dead letters: their next versions go on instead."""
    by_place: dict[str, list[int]] = {}
    for each in corrections:
        by_place.setdefault(each.standing.place, []).append(each.standing.claim_key)
    leave_review(connection, by_place.get("review", []), RETURNED)
    if dead := by_place.get("dead"):
        mark_discarded(connection, dead)


def _teach(caller: Caller, connection: Connection, corrections: Sequence[Correction]) -> None:
    """A claim that was corrected because it was blocked would have been denied as it was, a person says."""
    for each in corrections:
        key = each.standing.claim_key
        if each.was_blocked and each.rules and not each.forced and is_in_production(connection, key):
            record_correction(caller, connection, key, will_be_denied=True)
