"""Whether a denial is appealed at all: reasons to leave early, before anything is read or written."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.domain.denial import NextStep
from claimwright.features.denials import Clock, DenialSheet

from .shown import day_in_words

FIRST_OF_MEDICARE = "redetermination"
# What a level is called, by kind of payer; the first level of others is an appeal.
LEVELS: dict[str, tuple[str, ...]] = {
    "medicare_ffs": (
        FIRST_OF_MEDICARE, "reconsideration", "hearing before an administrative law judge",
        "review by the Medicare Appeals Council",
    ),
    "medicare_advantage": ("reconsideration", "reconsideration by the independent review entity"),
    "medicaid_managed_care": ("first-level appeal", "State fair hearing"),
    "medicaid_ffs": ("first-level appeal", "State fair hearing"),
    "erisa_insured": ("first-level appeal", "external review"),
    "erisa_self_funded": ("first-level appeal", "external review"),
    "individual": ("first-level appeal", "external review"),
    "fehb": ("reconsideration", "review by the Office of Personnel Management"),
    "tricare": ("reconsideration", "formal review"),
    "other": ("first-level appeal", "second-level appeal"),
}  # fmt: skip


class NotEligible(enum.StrEnum):
    """Why a denial is not appealed."""

    OVER = "over"
    NO_CLAIM = "no_claim"
    CORRECT_AND_RESUBMIT = "correct_and_resubmit"
    PATIENT_RESPONSIBILITY = "patient_responsibility"
    NEXT_PAYER = "next_payer"
    WAIT = "wait"
    FIND_THE_REASON = "find_the_reason"
    NO_APPEAL_RIGHTS = "no_appeal_rights"
    PAST_DEADLINE = "past_deadline"
    ALREADY_APPEALED = "already_appealed"
    NOT_WORTH_IT = "not_worth_it"
    NO_SUCH_LEVEL = "no_such_level"


SAYS: dict[NotEligible, str] = {
    NotEligible.OVER: "The denial is over: its answer was reversed, superseded, or waits.",
    NotEligible.NO_CLAIM: "The answer is not matched to a claim. Match it first.",
    NotEligible.CORRECT_AND_RESUBMIT: "A corrected claim is the way: an appeal would "
    "be refused or lose time.",
    NotEligible.PATIENT_RESPONSIBILITY: "The patient owes it by this decision: there is "
    "nothing to appeal for us.",
    NotEligible.NEXT_PAYER: "Another payer is next: bill that one.",
    NotEligible.WAIT: "The payer has not decided yet.",
    NotEligible.FIND_THE_REASON: "A person has to look at it first, and find what helps.",
    NotEligible.NO_APPEAL_RIGHTS: "This decision may not be appealed: a remark or the law says so.",
    NotEligible.PAST_DEADLINE: "The time to appeal is over.",
    NotEligible.ALREADY_APPEALED: "It is appealed already, or decided otherwise.",
    NotEligible.NOT_WORTH_IT: "The work costs more than it is expected to bring.",
    NotEligible.NO_SUCH_LEVEL: "This payer has no such level of appeal.",
}
# What a person may overrule, with a reason.
MAY_BE_OVERRULED = frozenset({NotEligible.NOT_WORTH_IT, NotEligible.FIND_THE_REASON})
_OF_STEP = {
    NextStep.CORRECT_AND_RESUBMIT: NotEligible.CORRECT_AND_RESUBMIT,
    NextStep.BILL_PATIENT: NotEligible.PATIENT_RESPONSIBILITY,
    NextStep.BILL_NEXT_PAYER: NotEligible.NEXT_PAYER,
    NextStep.WAIT: NotEligible.WAIT,
    NextStep.REVIEW: NotEligible.FIND_THE_REASON,
}


@dataclass(frozen=True)
class Eligibility:
    """Whether to go on; `says` is for a person. The clock is null if no law sets one that we know."""

    reason: NotEligible | None
    says: str
    level_name: str
    clock: str | None = None
    due_on: datetime.date | None = None
    law: str | None = None
    needs: str | None = None


def judge_eligibility(
    sheet: DenialSheet,
    clocks: Sequence[Clock],
    *,
    payer_kind: str,
    level: int,
    is_taken: bool,
    overruled: bool = False,
) -> Eligibility:
    """Whether a denial is appealed at this level; the first reason against it counts.

    `clocks` are those that run at this level; `is_taken`: there is a case for this denial and level.
    """
    denial, step = sheet.weighed.denial, NextStep(sheet.weighed.next_step)
    names = LEVELS.get(payer_kind, LEVELS["other"])
    if level > len(names):
        return _no(NotEligible.NO_SUCH_LEVEL, f"level {level}")
    name = names[level - 1]
    of_level = [each for each in clocks if _is_of_level(each, payer_kind, level)]
    running = [each for each in of_level if not each.is_lapsed and each.is_below_minimum is not True]
    found: NotEligible | None = None
    if not denial.in_force:
        found = NotEligible.OVER
    elif denial.claim_key is None:
        found = NotEligible.NO_CLAIM
    elif is_taken or (level == 1 and denial.state != "open"):
        found = NotEligible.ALREADY_APPEALED
    elif not denial.appealable:
        found = NotEligible.NO_APPEAL_RIGHTS
    elif of_level and not running:
        found = NotEligible.PAST_DEADLINE
    elif level == 1 and step not in {NextStep.APPEAL, NextStep.SEND_RECORDS}:
        found = _OF_STEP.get(step, NotEligible.NOT_WORTH_IT)
    elif (sheet.weighed.expected_cents or 0) <= 0:
        found = NotEligible.NOT_WORTH_IT
    if found is not None and not (overruled and found in MAY_BE_OVERRULED):
        why = sheet.weighed.step_reason
        if found is NotEligible.PAST_DEADLINE:
            why = f"{_ended(of_level)} Next step: {step.value.replace('_', ' ')}."
        return _no(found, name, why)
    first = min(running, key=lambda each: each.due_on, default=None)
    if first is None:
        return Eligibility(None, "Eligible. No clock of law is known: see the contract.", name)
    asks = f" The law asks for {first.needs}." if first.needs else ""
    return Eligibility(
        None, f"Eligible: {name}, by {day_in_words(first.due_on)}.{asks}", name, first.clock, first.due_on,
        first.law, first.needs,
    )  # fmt: skip


def _ended(clocks: Sequence[Clock]) -> str:
    """The clock of the level that ran longest, with its last day and its law."""
    last = max(clocks, key=lambda each: each.due_on)
    return f"{last.name} ended on {day_in_words(last.due_on)} ({last.law})."


def _no(reason: NotEligible, name: str, more: str = "") -> Eligibility:
    return Eligibility(reason, f"{SAYS[reason]} {more}".strip(), name)


def _is_of_level(clock: Clock, payer_kind: str, level: int) -> bool:
    if clock.kind == "external_review":
        return level == 2 and LEVELS.get(payer_kind, ("", ""))[1] == "external review"
    return clock.kind == "appeal" and (clock.level or 1) == level
