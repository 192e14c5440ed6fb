"""The repair of one rule for many claims in review, each checked alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.engines.rules import Waiver
from claimwright.engines.x12 import RecordError, read_records
from claimwright.features.claims import Decide, sensitivity_labels, waivers_in_force
from claimwright.platform import audit
from claimwright.platform.metering import QuotaExceededError
from claimwright.platform.phi import PhiError
from claimwright.store.corrections import Standing, review_claims_with, standings
from claimwright.store.sealed_claims import SealedClaims, sealed_claims_of

from .audit_events import record_refused
from .correcting import Correction, make_corrections, why_not
from .desk import RepairDesk
from .problems import ClaimChangedError, RepairError
from .trials import Variant, changed_claim, difference
from .views import Bulk, BulkDone, BulkRefused, kind_of
from .writing import beside, renumbered

MOST_AT_ONCE = 1_000
# Claims that are opened, repaired and checked together: some megabytes.
_TOGETHER = 200


@dataclass(frozen=True)
class BulkWanted:
    """Which claims, and why. `claim_keys` of None are all in review after the key `after`; `facilities` are
    the caller's own.
    """

    code: str
    decide: Decide
    reason: str
    correlation_id: str
    claim_keys: Sequence[int] | None = None
    facility: str | None = None
    facilities: Sequence[str] | None = None
    dry_run: bool = False
    after: int = 0


@dataclass
class _Outcome:
    done: list[BulkDone] = field(default_factory=list)
    refused: dict[int, BulkRefused] = field(default_factory=dict)

    def refuse(self, key: int, why: str, message: str, codes: Sequence[str] = ()) -> None:
        self.refused[key] = BulkRefused(key, why, message, list(codes))


def repair_many(desk: RepairDesk, caller: Caller, wanted: BulkWanted) -> Bulk:
    """Apply the repair of a rule to claims in review with its finding. What is refused says why.

    Claims of one facility are corrected in one transaction for every few hundred of them. One that needs an
    approval goes to review again (see `make_corrections`).

    Raises:
        RepairError: the rule has no repair.
        AuditError: the reason is not acceptable; nothing was corrected.
    """
    audit.stated_reason(wanted.reason, "claims are corrected")
    if wanted.code not in desk.bench.repairer.rules:
        raise RepairError(f"{wanted.code} is no rule with a repair.")
    with desk.intake.database.transaction(caller) as connection:
        keys = review_claims_with(
            connection, wanted.code, facility=wanted.facility, facilities=wanted.facilities,
            keys=wanted.claim_keys, after=wanted.after, limit=MOST_AT_ONCE + 1,
        )  # fmt: skip
        more, keys = len(keys) > MOST_AT_ONCE, keys[:MOST_AT_ONCE]
        outcome = _Outcome()
        if wanted.claim_keys is not None:
            _refuse_others(outcome, wanted, set(keys), standings(connection, wanted.claim_keys))
        waivers = waivers_in_force(connection, desk.bench.day)
    if not wanted.dry_run:
        desk.gather(caller, keys)
    for first in range(0, len(keys), _TOGETHER):
        _repair(desk, caller, wanted, keys[first : first + _TOGETHER], waivers, outcome)
    if outcome.refused and not wanted.dry_run:
        with desk.intake.database.transaction(caller) as connection:
            record_refused(caller, connection, wanted.code, outcome.refused, wanted.correlation_id)
    return Bulk(
        wanted.code, outcome.done, [outcome.refused[key] for key in sorted(outcome.refused)], more,
        keys[-1] if more else None,
    )  # fmt: skip


def _refuse_others(
    outcome: _Outcome, wanted: BulkWanted, found: set[int], there: Mapping[int, Standing]
) -> None:
    for key in sorted(set(wanted.claim_keys or ()) - found):
        standing = there.get(key)
        if standing is None or (wanted.facilities is not None and standing.facility not in wanted.facilities):
            outcome.refuse(key, "not_there", "there is no such claim.")
        elif standing.place != "review":
            outcome.refuse(key, "not_in_review", f"it is not in review, but {standing.place}.")
        else:
            outcome.refuse(key, "no_repair", "it has no finding of the rule, or not at this facility.")


def _repair(
    desk: RepairDesk,
    caller: Caller,
    wanted: BulkWanted,
    keys: Sequence[int],
    waivers: Sequence[Waiver],
    outcome: _Outcome,
) -> None:
    with desk.intake.database.transaction(caller) as connection:
        there = standings(connection, keys)
        for key, standing in there.items():
            if (reason := why_not(standing)) is not None:
                outcome.refuse(key, "not_correctable", reason)
        keys = [key for key in keys if key in there and key not in outcome.refused]
        sealed = sealed_claims_of(connection, keys)
    claims = _opened(desk, caller, sealed)
    for key in keys:
        if key not in claims:
            outcome.refuse(key, "unreadable", "its record can't be opened.")
    proposed = desk.bench.proposed(beside(claims.values()), [wanted.code]).get(wanted.code, [])
    variants: dict[int, Variant] = {}
    for number, (key, batch) in enumerate(claims.items(), start=1):
        changes = [replace(each, claim=1) for each in proposed if each.claim == number]
        if not changes:
            outcome.refuse(key, "no_repair", "the right value does not follow from the claim.")
            continue
        variant = changed_claim(batch, changes, there[key].repeats)
        labels = sensitivity_labels(batch).get(1, frozenset())
        shown, why = wanted.decide(there[key].facility, labels)
        hidden = {kind_of(each.change.entry) for each in variant.changed} - {
            kind for kind, allowed in shown.items() if allowed
        }
        if hidden:
            outcome.refuse(key, "withheld", f"a field is withheld from you: {why[min(hidden)]}")
            continue
        variants[key] = variant
    corrections: dict[str, list[Correction]] = {}
    befores = desk.bench.run([Variant(claims[key], repeats=there[key].repeats) for key in variants], waivers)
    afters = desk.bench.run(list(variants.values()), waivers)
    for (key, variant), before, after in zip(variants.items(), befores, afters, strict=True):
        trial = difference(before.findings, after.findings)
        blocking = sorted({each.code for each in trial.new if each.severity == "block"})
        if blocking:
            outcome.refuse(key, "adds_block", "it would add findings that block the claim.", blocking)
        elif not any(each.code == wanted.code for each in trial.gone):
            outcome.refuse(key, "no_repair", "the rule would still find it.", [wanted.code])
        elif not after.is_writable:
            outcome.refuse(key, "unreadable", "the correction can't be written beside its own segments.")
        else:
            corrections.setdefault(there[key].facility, []).append(
                Correction(
                    there[key], after.batch, variant.changed, sorted({wanted.code, *trial.ended}),
                    [wanted.code], by_hand=False, forced=False,
                    was_blocked=any(each.severity == "block" for each in before.findings),
                )
            )  # fmt: skip
    for group in corrections.values():
        _make(desk, caller, wanted, group, outcome)


def _make(
    desk: RepairDesk, caller: Caller, wanted: BulkWanted, group: Sequence[Correction], outcome: _Outcome
) -> None:
    if wanted.dry_run:
        outcome.done += [BulkDone(each.standing.claim_key, None, None) for each in group]
        return
    try:
        made, changed = make_corrections(
            desk.intake, caller, group, reason=wanted.reason, correlation_id=wanted.correlation_id
        )
    except (ClaimChangedError, QuotaExceededError) as problem:
        # What was corrected before is committed, so the answer has to say so.
        why = "changed" if isinstance(problem, ClaimChangedError) else "quota"
        for each in group:
            outcome.refuse(each.standing.claim_key, why, str(problem))
        return
    outcome.done += [BulkDone(key, each.corrected_key, each.correction_id) for key, each in made.items()]
    for key, who in changed.items():
        outcome.refuse(key, "changed", who)


def _opened(desk: RepairDesk, caller: Caller, sealed: SealedClaims) -> dict[int, ClaimBatch]:
    """Each claim as a batch of its own; one whose record can't be opened is left out."""
    keys = sealed.keys.tolist()
    try:
        batch = read_records(sealed.opened(desk.opener, caller.tenant)) if keys else ClaimBatch()
    except (PhiError, RecordError):
        if len(keys) == 1:
            return {}
        middle = len(keys) // 2
        return _opened(desk, caller, sealed.part(0, middle)) | _opened(
            desk, caller, sealed.part(middle, len(keys))
        )
    return {key: renumbered(batch.select([at]), 1) for at, key in enumerate(keys, start=1)}
