"""The kinds of underpayments, in words, and what each confidence means."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What is wrong with a payment."""

    UNDERPAID = "underpaid"
    PAID_AT_ZERO = "paid_at_zero"
    BUNDLED_WITHOUT_EDIT = "bundled_without_edit"
    MODIFIER_REDUCTION = "modifier_reduction"
    OTHER_EDITION = "other_edition"
    DOWNCODED = "downcoded"
    REVERSAL_WITHOUT_CORRECTION = "reversal_without_correction"
    RECOVERY_WITHOUT_REVERSAL = "recovery_without_reversal"
    INTEREST_OWED = "interest_owed"


class Confidence(StrEnum):
    """How sure a finding is; `CONFIDENCE` has the meaning."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


KINDS: dict[Kind, str] = {
    Kind.UNDERPAID: "less is allowed than the contract or schedule allows, without a reason that is known",
    Kind.PAID_AT_ZERO: "nothing is allowed, and no adjustment denies the line",
    Kind.BUNDLED_WITHOUT_EDIT: "denied as part of another service, but no edit on the claim says so",
    Kind.MODIFIER_REDUCTION: "reduced, but the schedule does not reduce the line",
    Kind.OTHER_EDITION: "the amount is that of another year's schedule",
    Kind.DOWNCODED: "paid as another procedure than the one that was submitted",
    Kind.REVERSAL_WITHOUT_CORRECTION: "a payment was reversed, and no corrected answer took its place",
    Kind.RECOVERY_WITHOUT_REVERSAL: "money was kept back from a payment (PLB), but no claim was reversed",
    Kind.INTEREST_OWED: "paid late, without the interest that the law names",
}
CONFIDENCE: dict[Confidence, str] = {
    Confidence.HIGH: "the payer's own codes say it, or the amount is to the cent that of the named cause",
    Confidence.MEDIUM: "the contract or schedule that applies gives another amount; the cause is not known",
    Confidence.LOW: "the price or a date is not the payer's own: Medicare's schedule for a payer without a "
    "contract, or the day of delivery for the day of receipt",
}
