"""A denial: the vocabulary, and the one frame that all denials come in.

One row is one claim or service line that a payer denied, reduced or took back. Patient responsibility (PR 1,
2, 3) and what a contract or fee schedule writes down (CO 45 and similar) are not denials and have no row. A
row carries codes and amounts only, never a value that identifies a patient.

The words of a category and a cause come from the classification (`claimwright.denial_causes`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

import polars as pl


class Category(enum.StrEnum):
    """What a denial is about.

    The order is the order of precedence. Where a line has several reasons, the first of them is its category:
    what bars the whole claim, whatever else is corrected, comes before what concerns one line or one field.
    """

    TIMELY_FILING = "timely_filing"
    DUPLICATE = "duplicate"
    ELIGIBILITY = "eligibility"
    COORDINATION_OF_BENEFITS = "coordination_of_benefits"
    WRONG_PAYER = "wrong_payer"
    PRIOR_DECISION = "prior_decision"
    """The payer reviewed the claim and keeps its decision, or an appeal was late."""
    AUTHORIZATION = "authorization"
    PROVIDER = "provider"
    """Enrollment, specialty, certification, identifiers of a provider."""
    NOT_COVERED = "not_covered"
    MEDICAL_NECESSITY = "medical_necessity"
    LIMIT = "limit"
    """A maximum of benefits, units, visits or frequency."""
    CODING = "coding"
    BUNDLING = "bundling"
    DOCUMENTATION = "documentation"
    """Records or other documents are missing or incomplete."""
    MISSING_INFORMATION = "missing_information"
    """A field of the claim is missing or invalid."""
    PAYMENT_POLICY = "payment_policy"
    """The payer reduced the payment by a rule of its program or contract."""
    PENDING = "pending"
    RECOVERY = "recovery"
    """The payer took a payment back and gave no other reason."""
    UNSPECIFIED = "unspecified"
    """The payer's reason says only that it was denied."""
    UNKNOWN = "unknown"
    """The reason is in no list that we know. A person should look."""


class Stage(enum.StrEnum):
    """Where and how the claim or line was refused."""

    REJECTED_FRONT_END = "rejected_front_end"
    """By a clearinghouse or the payer's front end, before adjudication (999, 277CA)."""
    DENIED = "denied"
    """The claim was adjudicated and nothing of it was paid."""
    PARTIALLY_DENIED = "partially_denied"
    """Something else of the claim or line was paid."""
    DOWNCODED = "downcoded"
    """Paid at a lower level or as another procedure than billed."""
    BUNDLED = "bundled"
    """Included in the payment for another service."""
    RECOUPED = "recouped"
    """It had been paid, and the payer took the money back."""


class Responsible(enum.StrEnum):
    """Where a denial begins, and who can prevent the next one."""

    REGISTRATION = "registration"
    CODING = "coding"
    CHARGE = "charge"
    AUTHORIZATION = "authorization"
    CLINICAL = "clinical"
    BILLING = "billing"
    """The office that sends claims and answers payers."""
    ENROLLMENT = "enrollment"
    """Whoever keeps providers enrolled and credentialed, and contracts and rates on file."""
    PATIENT = "patient"
    PAYER_ERROR = "payer_error"
    UNKNOWN = "unknown"


class NextStep(enum.StrEnum):
    """What to do about a denial. Nothing is done by itself: a person decides."""

    CORRECT_AND_RESUBMIT = "correct_and_resubmit"
    APPEAL = "appeal"
    SEND_RECORDS = "send_records"
    BILL_NEXT_PAYER = "bill_next_payer"
    BILL_PATIENT = "bill_patient"
    WRITE_OFF_FOR_APPROVAL = "write_off_for_approval"
    """Propose a write-off. It is made only after approval."""
    WAIT = "wait"
    """The payer has not decided yet."""
    REVIEW = "review"
    """A person must find the reason first."""


# The business scenarios of CAQH CORE's rule on uniform use of CARCs and RARCs (Phase III, rule 360), in our
# words.
CORE_SCENARIOS: dict[int, str] = {
    1: "documents are missing, invalid or incomplete",
    2: "data of the submitted claim are missing, invalid or incomplete",
    3: "the billed service is not covered by the health plan",
    4: "the benefit for the billed service is not separately payable",
}

# Remark codes that say that the decision may not be appealed. MA130 and N704: correct the claim and send it
# again. MA44, N83: decided by law or under a demonstration. N111: only whether it is a duplicate may be
# appealed. Source: X12 external code list 411.
NO_APPEAL_REMARKS: frozenset[str] = frozenset({"MA130", "N704", "N211", "MA44", "N83", "N111"})

CATEGORY_TYPE = pl.Enum([each.value for each in Category])
STAGE_TYPE = pl.Enum([each.value for each in Stage])
RESPONSIBLE_TYPE = pl.Enum([each.value for each in Responsible])
NEXT_STEP_TYPE = pl.Enum([each.value for each in NextStep])

SCHEMA: dict[str, pl.DataType] = {
    # The keys of the remittance; null where the denial did not come in one (a rejection).
    "payment": pl.Int64(),
    "claim": pl.Int64(),
    # Null where the denial is of the claim as a whole.
    "line": pl.Int64(),
    # Position in the file of the adjustment that decided, or of the claim; null if it did not come as X12.
    "segment": pl.Int64(),
    "category": CATEGORY_TYPE,
    # The code of the cause, a file of `claimwright.denial_causes`.
    "root_cause": pl.String(),
    "stage": STAGE_TYPE,
    # Could it have been prevented before the claim was sent?
    "preventable": pl.Boolean(),
    # Is there a way to have it paid by this payer?
    "recoverable": pl.Boolean(),
    "responsible": RESPONSIBLE_TYPE,
    # The step that usually works for this cause. `claimwright.engines.denials.worth` weighs it.
    "usual_step": NEXT_STEP_TYPE,
    # 1 to 4; null where no scenario of CAQH CORE fits.
    "core_scenario": pl.Int8(),
    "group": pl.String(),
    "carc": pl.String(),
    # The remark codes of the claim and of the line, sorted.
    "rarcs": pl.List(pl.String()),
    # Dollars denied, reduced or taken back on this claim or line, of all its denial reasons; null if
    # unreadable.
    "amount": pl.Decimal(18, 2),
    # False where a remark says that the decision may not be appealed, such as MA130: correct and resubmit.
    "appealable": pl.Boolean(),
    # The codes of our rules that look for this defect before a claim is sent.
    "rules": pl.List(pl.String()),
    # The other causes found on the same claim or line, in order of precedence.
    "further_causes": pl.List(pl.String()),
}


def empty() -> pl.DataFrame:
    """No denials."""
    return pl.DataFrame(schema=SCHEMA)


def complete(frame: pl.DataFrame) -> pl.DataFrame:
    """The denials with every column of the schema, typed and in its order; further columns are left out.

    Raises:
        polars.exceptions.PolarsError: a column cannot be read as its type.
    """
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in SCHEMA.items()
    )


def concat(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Denials from several sources as one frame, in the order given."""
    parts = [complete(frame) for frame in frames]
    return pl.concat(parts) if parts else empty()
