"""Where a person corrects claims: proposals, trials, corrections, of one claim or of many with one cause."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.claim_changes import Change, ChangeError
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.engines.rules import Waiver
from claimwright.features.claims import (
    Decide,
    OpenedClaim,
    Reads,
    opened_claim,
    sensitivity_labels,
    waivers_in_force,
    withhold,
)
from claimwright.features.intake import Intake
from claimwright.foundation import clock
from claimwright.platform.access import AccessDeniedError
from claimwright.store.corrections import Standing, note_offers, standings

from .acceptance import acceptance_of, confidence_of, field_history
from .added_rows import with_usual_values
from .correcting import LINE, Correction, make_corrections, who_changed, why_not
from .periods import with_last_days
from .problems import AddsBlockError, ClaimChangedError, NotCorrectableError, RepairError
from .trials import Bench, Benches, CheckedVariant, Trial, Variant, changed_claim, difference
from .views import (
    Corrected,
    Proposals,
    ShownRepair,
    ShownTrial,
    editable_fields,
    kind_of,
    may_be_edited,
    shown_changes,
    told_of,
)


@dataclass(frozen=True)
class Opening:
    """Why a claim is opened and by whose request; `decide` says which kinds of field are shown."""

    decide: Decide
    reason: str
    correlation_id: str
    broke_glass: bool = False


@dataclass(frozen=True)
class Edit:
    """A new value for a field, by hand; None removes it."""

    field: str
    value: str | None
    line: int | None = None
    position: int | None = None


@dataclass(frozen=True)
class Wanted:
    """What a person wants of a claim: repairs of these rules, then these values, then not these lines."""

    rules: Sequence[str] = ()
    edits: Sequence[Edit] = ()
    removed_lines: Sequence[int] = ()

    @property
    def by_hand(self) -> bool:
        """Whether anything is wanted that no rule proposed."""
        return bool(self.edits or self.removed_lines)


@dataclass(frozen=True)
class _Planned:
    """A claim as it is and as somebody wants it."""

    standing: Standing
    opened: OpenedClaim
    variant: Variant
    before: CheckedVariant
    after: CheckedVariant
    trial: Trial


class RepairDesk:
    """Proposes, tries and makes corrections of one store; the rules of the day are kept ready."""

    def __init__(
        self,
        intake: Intake,
        opener: Reads,
        *,
        gather: Callable[[Caller, Sequence[int]], object],
        today: Callable[[], datetime.date] = clock.today,
        benches: Benches | None = None,
    ) -> None:
        """Open a desk. `gather` brings the work items of claims up to date: whether a claim needs an approval
        is known once its item is there.
        """
        self.intake, self.opener, self.gather = intake, opener, gather
        self._today, self._benches = today, benches or Benches()

    @property
    def bench(self) -> Bench:
        """The rules of today."""
        return self._benches.of(self._today())

    def propose(self, caller: Caller, claim_key: int, opening: Opening) -> Proposals:
        """What could be done about the findings of a claim. What is shown counts as offered.

        Raises:
            ClaimNotFoundError, AccessDeniedError, AuditError, PhiError: as for opening a claim.
        """
        standing, opened, waivers = self.open(caller, claim_key, opening)
        proposed = self.bench.proposed(opened.batch, list(self.bench.repairer.rules))
        variants = {
            code: changed_claim(opened.batch, changes, standing.repeats) for code, changes in proposed.items()
        }
        before, *after = self.bench.run(
            [Variant(opened.batch, repeats=standing.repeats), *variants.values()], waivers
        )
        useful = [
            (code, variant, trial)
            for (code, variant), tried in zip(variants.items(), after, strict=True)
            if tried.is_writable and _ends(trial := difference(before.findings, tried.findings), code)
        ]
        codes = list(dict.fromkeys(each.code for each in before.findings))
        with self.intake.database.transaction(caller) as connection:
            if why_not(standing) is None:
                note_offers(connection, {claim_key: [code for code, _, _ in useful]})
            accepted = acceptance_of(connection, [code for code, _, _ in useful])
            history = field_history(connection, codes)
        repairs = []
        for code, variant, trial in useful:
            rule = self.bench.checker.rulebook[code]
            assert rule.repair is not None
            confidence, is_faded = confidence_of(rule.repair.confidence, accepted[code])
            repairs.append(
                ShownRepair(
                    code, rule.title, rule.severity.value, confidence, is_faded, rule.repair.because,
                    shown_changes(variant.changed, opened.shown, opened.reasons), trial, accepted[code],
                )
            )  # fmt: skip
        order = {code: at for at, code in enumerate(codes)}
        labels = sorted(sensitivity_labels(opened.batch).get(1, frozenset()))
        return Proposals(
            claim_key, standing.version, standing.etag, standing.place, standing.facility, labels,
            why_not(standing) is None, why_not(standing), standing.newest_key, before.findings,
            sorted(repairs, key=lambda each: order.get(each.code, len(order))), history,
            editable_fields(opened.batch.claims["form"][0], opened.shown),
            withhold(opened.batch, opened.shown, opened.reasons)[1],
        )  # fmt: skip

    def trial(self, caller: Caller, claim_key: int, wanted: Wanted, opening: Opening) -> ShownTrial:
        """What the rules would say of a claim after changes. Nothing is stored.

        Raises:
            ChangeError, RepairError: a change can't be made.
            AccessDeniedError: a field is withheld from the caller.
        """
        planned = self._plan(caller, claim_key, wanted, opening)
        variant, opened = planned.variant, planned.opened
        changes = shown_changes([*variant.changed, *told_of(variant.left)], opened.shown, opened.reasons)
        return ShownTrial(claim_key, planned.standing.etag, changes, planned.trial)

    def correct(
        self,
        caller: Caller,
        claim_key: int,
        wanted: Wanted,
        opening: Opening,
        *,
        etag: str | None,
        force: bool = False,
    ) -> Corrected:
        """Correct a claim: its next version is staged for the next run. `etag` is that of what was read.

        Raises:
            ClaimChangedError: somebody corrected it, or decided on it, since then.
            NotCorrectableError, AddsBlockError: it can't be corrected, or not this way without `force`.
            ChangeError, RepairError, AccessDeniedError: as for a trial.
        """
        planned = self._plan(caller, claim_key, wanted, opening, etag)
        standing, trial = planned.standing, planned.trial
        if not planned.variant.changed and not planned.variant.left:
            raise RepairError("nothing would change.")
        if force and not wanted.by_hand:
            raise RepairError("only changes by hand can be forced.")
        if trial.blocks and not force:
            raise AddsBlockError([each for each in trial.new if each.severity == "block"])
        correction = Correction(
            standing, planned.after.batch, planned.variant.changed,
            sorted({*wanted.rules, *trial.ended}), list(wanted.rules), wanted.by_hand,
            forced=force and trial.blocks, was_blocked=_is_blocked(planned.before),
            left=planned.variant.left,
        )  # fmt: skip
        self.gather(caller, [claim_key])
        made, changed = make_corrections(
            self.intake, caller, [correction], reason=opening.reason, correlation_id=opening.correlation_id
        )
        if claim_key in changed:
            raise ClaimChangedError(changed[claim_key])
        done = made[claim_key]
        fields = list(dict.fromkeys(each.change.field for each in planned.variant.changed))
        if planned.variant.left:
            fields.append(LINE)
        return Corrected(
            done.correction_id, claim_key, done.corrected_key, done.version, done.file_id, fields,
            list(correction.rules), correction.forced, done.needs_approval, trial,
        )  # fmt: skip

    def open(
        self, caller: Caller, claim_key: int, opening: Opening
    ) -> tuple[Standing, OpenedClaim, Sequence[Waiver]]:
        """Where a claim stands, the claim, and the waivers in force.

        Raises:
            ClaimNotFoundError, AccessDeniedError, AuditError, PhiError: as for opening a claim.
        """
        with self.intake.database.transaction(caller) as connection:
            found = standings(connection, [claim_key]).get(claim_key)
            waivers = waivers_in_force(connection, self.bench.day)
        if found is None:
            raise ClaimNotFoundError(f"there is no claim {claim_key} at tenant {caller.tenant}")
        opened = opened_claim(
            caller, self.intake.database, self.opener, claim_key=claim_key, reason=opening.reason,
            unmasked=True, decide=opening.decide, correlation_id=opening.correlation_id,
            broke_glass=opening.broke_glass,
        )  # fmt: skip
        return found, opened, waivers

    def _plan(
        self, caller: Caller, claim_key: int, wanted: Wanted, opening: Opening, etag: str | None = None
    ) -> _Planned:
        standing, opened, waivers = self.open(caller, claim_key, opening)
        if etag is not None:
            if etag != standing.etag:
                raise ClaimChangedError(self._who_changed(caller, claim_key))
            if (reason := why_not(standing)) is not None:
                raise NotCorrectableError(f"claim {claim_key} can't be corrected: {reason}")
        variant = changed_claim(
            opened.batch, self._changes(opened.batch, wanted), standing.repeats, wanted.removed_lines
        )
        for each in variant.changed:
            entry = each.change.entry
            if not may_be_edited(entry):
                raise RepairError(f"{entry.name} is not a field that can be corrected.")
            if not opened.shown[kind_of(entry)]:
                raise AccessDeniedError(f"{entry.name} is withheld from you, and so you can't change it.")
        if any(not opened.shown[kind_of(each.change.entry)] for each in variant.left):
            raise AccessDeniedError(
                "the line has values that are withheld from you, and so you can't remove it."
            )
        before, after = self.bench.run([Variant(opened.batch, repeats=standing.repeats), variant], waivers)
        if not after.is_writable:
            raise RepairError(
                "the claim has segments that are kept as they came, and the correction can't be written "
                "beside them. Return the claim, and correct it where it comes from."
            )
        return _Planned(standing, opened, variant, before, after, difference(before.findings, after.findings))

    def _changes(self, batch: ClaimBatch, wanted: Wanted) -> list[Change]:
        """The changes of repairs, then those by hand."""
        proposed = self.bench.proposed(batch, wanted.rules)
        if missing := [code for code in wanted.rules if code not in proposed]:
            raise RepairError(f"{missing[0]} has no repair for this claim.")
        for each in wanted.edits:
            if each.line in wanted.removed_lines:
                raise ChangeError(each.field, f"line {each.line} is to be removed as well.")
        by_hand = [Change(1, each.field, each.value, each.line, each.position) for each in wanted.edits]
        repairs = [
            change for code in wanted.rules for change in proposed[code]
            if change.line is None or change.line not in wanted.removed_lines
        ]  # fmt: skip
        return [*repairs, *with_last_days(batch, with_usual_values(batch, by_hand))]

    def _who_changed(self, caller: Caller, claim_key: int) -> str:
        with self.intake.database.transaction(caller) as connection:
            return who_changed(connection, claim_key)


def _ends(trial: Trial, code: str) -> bool:
    """Whether a rule has fewer findings after a trial, and none that is new."""
    return any(each.code == code for each in trial.gone) and not any(each.code == code for each in trial.new)


def _is_blocked(tried: CheckedVariant) -> bool:
    return any(each.severity == "block" for each in tried.findings)
