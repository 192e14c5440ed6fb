"""What a denial is worth, and what to do about it.

    expected recovery = amount x probability of overturn x what the clock leaves - cost of work

The probability is the caller's where a model applies (the appeal-outcome model), otherwise a prior by
category with its source; the answer says which. Nothing here writes anything off: a write-off is a proposal
that a person approves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from claimwright.domain.denial import NEXT_STEP_TYPE, Category, NextStep


@dataclass(frozen=True)
class Prior:
    """The share of such denials that is paid in the end, if they are worked, and where the number is from."""

    share: float
    source: str


_RECOVERABLE = (
    "Change Healthcare 2016, 724 hospitals: 63% of denied charges are recoverable; "
    "no rate by category is published"
)
_MARKETPLACE = "KFF, marketplace plans 2023: 44% of internal appeals are decided for the patient"
_OF_APPEALS = "a rate of appeals, taken because none is published for this step"
# Published rates exist for appeals as a whole and for recoveries as a whole. What is corrected and sent
# again has the rate of recoveries; what a payer has to reconsider has the rate of appeals.
PRIORS: Mapping[Category, Prior] = {
    **dict.fromkeys(
        (
            Category.DUPLICATE, Category.ELIGIBILITY, Category.COORDINATION_OF_BENEFITS, Category.WRONG_PAYER,
            Category.PROVIDER, Category.CODING, Category.DOCUMENTATION, Category.MISSING_INFORMATION,
            Category.UNSPECIFIED, Category.UNKNOWN, Category.PENDING,
        ),
        Prior(0.63, _RECOVERABLE),
    ),
    **dict.fromkeys(
        (
            Category.AUTHORIZATION, Category.MEDICAL_NECESSITY, Category.NOT_COVERED, Category.LIMIT,
            Category.BUNDLING, Category.PAYMENT_POLICY, Category.RECOVERY, Category.TIMELY_FILING,
            Category.PRIOR_DECISION,
        ),
        Prior(0.44, _MARKETPLACE),
    ),
}  # fmt: skip
NOT_RECOVERABLE = Prior(0.0, "the cause leaves nothing that this payer would pay")


@dataclass(frozen=True)
class Work:
    """What working a denial costs, and how many days a step needs.

    Attributes:
        cost: dollars by step. The rework of a denial: $118, Change Healthcare 2016; the other steps are our
            estimates of minutes at $45 an hour.
        days: days that a person needs to have the step done. With fewer days left, the chance falls in
        proportion.
    """

    cost: Mapping[NextStep, Decimal] = field(
        default_factory=lambda: {
            NextStep.CORRECT_AND_RESUBMIT: Decimal(25),
            NextStep.APPEAL: Decimal(118),
            NextStep.SEND_RECORDS: Decimal(25),
            NextStep.BILL_NEXT_PAYER: Decimal(15),
            NextStep.BILL_PATIENT: Decimal(10),
            NextStep.WRITE_OFF_FOR_APPROVAL: Decimal(5),
            NextStep.WAIT: Decimal(5),
            NextStep.REVIEW: Decimal(15),
        }
    )
    days: Mapping[NextStep, int] = field(
        default_factory=lambda: {
            NextStep.CORRECT_AND_RESUBMIT: 3,
            NextStep.APPEAL: 10,
            NextStep.SEND_RECORDS: 5,
            NextStep.BILL_NEXT_PAYER: 3,
        }
    )


_WHOLE = 10_000

# Which kinds of clocks end a step; `claimwright.engines.deadlines` names the kinds.
CLOCK_OF_STEP: Mapping[NextStep, tuple[str, ...]] = {
    NextStep.CORRECT_AND_RESUBMIT: ("filing", "filing_exception", "reopening"),
    NextStep.APPEAL: ("appeal", "dispute", "external_review", "recovery"),
    NextStep.SEND_RECORDS: ("appeal", "dispute", "filing", "filing_exception", "reopening"),
    NextStep.BILL_NEXT_PAYER: (),
    NextStep.REVIEW: ("appeal", "dispute", "filing", "reopening"),
}

SCHEMA: dict[str, pl.DataType] = {
    "next_step": NEXT_STEP_TYPE,
    # In words, for the person who decides.
    "reason": pl.String(),
    "probability": pl.Float64(),
    # "model", "prior" or "cause".
    "probability_from": pl.String(),
    "probability_source": pl.String(),
    # The open clock of the step that ends first; where all have lapsed, the one that ended last. Null: none
    # is known.
    "clock": pl.String(),
    "due_on": pl.Date(),
    "days_left": pl.Int32(),
    # Between 0 and 1: what the clock leaves of the chance.
    "clock_factor": pl.Float64(),
    "cost": pl.Decimal(18, 2),
    # Dollars; negative where the work costs more than it brings. Null where the amount is not known.
    "expected_recovery": pl.Decimal(18, 2),
}


def weigh(
    denials: pl.DataFrame,
    clocks: pl.DataFrame | None = None,
    probabilities: pl.DataFrame | None = None,
    *,
    work: Work | None = None,
    has_next_payer: pl.DataFrame | None = None,
    evidence: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The denials with the columns of `SCHEMA`, in their order.

    Args:
        denials: rows of `claimwright.domain.denial` with a key `denial`.
        clocks: what `claimwright.engines.deadlines.clocks` says of them.
        probabilities: `denial`, `probability` and `source` where a model applies.
        work: cost and time of the steps.
        has_next_payer: `denial` and `next_payer`, true where another payer follows.
        evidence: what our own records say of some: `denial` and the columns of `own_evidence.FOUND`.
    """
    work = work or Work()
    rows = denials.with_row_index("_row")
    rows = _with_evidence(_with_next_payer(rows, has_next_payer), evidence)
    open_kinds = _open_kinds(rows, clocks)
    rows = rows.join(open_kinds, on="denial", how="left").with_columns(
        can_resubmit=pl.col("can_resubmit").fill_null(value=True),
        can_appeal=pl.col("can_appeal").fill_null(value=True),
    )
    rows = _stepped(rows)
    rows = _timed(rows, clocks)
    rows = _likely(rows, probabilities)
    cost = pl.col("next_step").replace_strict(
        {step.value: str(amount) for step, amount in work.cost.items()}, default="0", return_dtype=pl.String
    )
    needed = pl.col("next_step").replace_strict(
        {step.value: days for step, days in work.days.items()}, default=0, return_dtype=pl.Int32
    )
    lapsed = pl.col("days_left") < 0
    # Once every clock of a review has lapsed, nothing that it finds can be claimed.
    is_review = pl.col("next_step") == NextStep.REVIEW.value
    factor = (
        pl.when(pl.col("days_left").is_null() | ((needed == 0) & ~(is_review & lapsed)))
        .then(1.0)
        .when(lapsed)
        .then(0.0)
        .otherwise(((pl.col("days_left") + 1) / needed).clip(0.0, 1.0))
    )
    rows = rows.with_columns(cost=cost.cast(pl.Decimal(18, 2)), clock_factor=factor.cast(pl.Float64))
    # Whole cents and whole ten-thousandths of the chance, rounded once, half up.
    chance = (pl.col("probability") * pl.col("clock_factor") * _WHOLE).round(0).cast(pl.Int64)
    cents = (pl.col("amount") * 100).cast(pl.Int64)
    gain = (cents * chance + _WHOLE // 2) // _WHOLE
    owed_cents = gain - (pl.col("cost") * 100).cast(pl.Int64)
    rows = rows.with_columns(
        expected_recovery=(owed_cents.cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2))
    ).sort("_row")
    kept = [name for name in denials.columns if name not in SCHEMA]
    return rows.select(*kept, *(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()))


def _with_next_payer(rows: pl.DataFrame, has_next_payer: pl.DataFrame | None) -> pl.DataFrame:
    if has_next_payer is None:
        return rows.with_columns(next_payer=pl.lit(None, pl.Boolean))
    return rows.join(has_next_payer.select("denial", "next_payer"), on="denial", how="left")


def _with_evidence(rows: pl.DataFrame, evidence: pl.DataFrame | None) -> pl.DataFrame:
    """The rows with what our records say; the step that follows from it is the usual one."""
    if evidence is None:
        return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in ("step", "says"))
    found = evidence.select("denial", "step", "says", "can_recover")
    return rows.join(found, on="denial", how="left", maintain_order="left").with_columns(
        usual_step=pl.coalesce("step", pl.col("usual_step").cast(pl.String)),
        recoverable=pl.coalesce("can_recover", "recoverable"),
    )


def _open_kinds(rows: pl.DataFrame, clocks: pl.DataFrame | None) -> pl.DataFrame:
    """Whether resubmission and appeal are open; null where no clock of the kind is known."""
    if clocks is None or clocks.is_empty():
        nothing = pl.lit(None, pl.Boolean)
        return rows.select("denial", can_resubmit=nothing, can_appeal=nothing)
    kind, is_open = pl.col("kind").cast(pl.String), ~pl.col("is_lapsed")

    def any_open(step: NextStep) -> pl.Expr:
        of_step = is_open.filter(kind.is_in(CLOCK_OF_STEP[step]))
        return pl.when(of_step.len() > 0).then(of_step.any())

    return clocks.group_by("denial").agg(
        can_resubmit=any_open(NextStep.CORRECT_AND_RESUBMIT), can_appeal=any_open(NextStep.APPEAL)
    )


def _stepped(rows: pl.DataFrame) -> pl.DataFrame:
    """The best step and why, from the first rule that fits."""
    usual = pl.col("usual_step").cast(pl.String)
    amount = pl.col("amount")
    # Asking the payer again follows the rules of clocks; any other step that our records show stays.
    shown = pl.col("says").is_not_null()
    asks_again = usual.is_in([NextStep.APPEAL.value, NextStep.SEND_RECORDS.value])
    cases: list[tuple[pl.Expr, NextStep | None, str | None]] = [
        (amount.is_null(), NextStep.REVIEW, "The amount is not known."),
        (shown & ~asks_again, None, None),
        (
            ~pl.col("appealable")
            & usual.is_in([NextStep.APPEAL.value, NextStep.REVIEW.value])
            & pl.col("can_resubmit"),
            NextStep.CORRECT_AND_RESUBMIT,
            "The remark takes appeal rights away: only a corrected claim helps.",
        ),
        (
            (usual == NextStep.CORRECT_AND_RESUBMIT.value)
            & ~pl.col("can_resubmit")
            & pl.col("can_appeal")
            & pl.col("appealable"),
            NextStep.APPEAL,
            "The time to file again is over; an appeal is still open.",
        ),
        (
            usual.is_in(
                [NextStep.CORRECT_AND_RESUBMIT.value, NextStep.SEND_RECORDS.value, NextStep.APPEAL.value]
            )
            & ~pl.col("can_resubmit")
            & ~(pl.col("can_appeal") & pl.col("appealable")),
            NextStep.WRITE_OFF_FOR_APPROVAL,
            "Every clock has lapsed.",
        ),
        (
            (usual == NextStep.APPEAL.value)
            & ~(pl.col("can_appeal") & pl.col("appealable"))
            & pl.col("can_resubmit"),
            NextStep.CORRECT_AND_RESUBMIT,
            "No appeal is open any more; the time to file a corrected claim is.",
        ),
        (
            (pl.col("group") == "PR") & ~pl.col("recoverable") & pl.col("next_payer").fill_null(value=False),
            NextStep.BILL_NEXT_PAYER,
            "The payer assigns it to the patient, and another payer follows.",
        ),
        (
            (pl.col("group") == "PR") & ~pl.col("recoverable"),
            NextStep.BILL_PATIENT,
            "The payer assigns it to the patient (PR), and nothing follows from this payer.",
        ),
        (
            (usual == NextStep.BILL_PATIENT.value) & pl.col("group").is_in(["CO", "PI"]),
            NextStep.WRITE_OFF_FOR_APPROVAL,
            "The payer made it the provider's (CO or PI): the patient may not be billed.",
        ),
    ]
    step: pl.Expr = usual
    reason: pl.Expr = (
        pl.when(shown)
        .then(pl.col("says"))
        .when(usual == NextStep.REVIEW.value)
        .then(pl.lit("What helps is not known from the codes: a person has to find the reason."))
        .otherwise(pl.lit("It is the step that usually works for this cause."))
    )
    for condition, chosen, why in reversed(cases):
        fits = condition.fill_null(value=False)
        step = pl.when(fits).then(pl.lit(chosen.value) if chosen else usual).otherwise(step)
        reason = pl.when(fits).then(pl.lit(why) if why else pl.col("says")).otherwise(reason)
    return rows.with_columns(next_step=step, reason=reason)


def _timed(rows: pl.DataFrame, clocks: pl.DataFrame | None) -> pl.DataFrame:
    """The clock that ends the step: of the open ones the first, of lapsed ones the last."""
    if clocks is None or clocks.is_empty():
        nothing = {"clock": pl.String(), "due_on": pl.Date(), "days_left": pl.Int32()}
        return rows.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in nothing.items())
    steps = pl.DataFrame(
        [(step.value, kind) for step, kinds in CLOCK_OF_STEP.items() for kind in kinds],
        schema={"next_step": pl.String(), "kind": pl.String()}, orient="row",
    )  # fmt: skip
    of_step = (
        rows.select("denial", "next_step")
        .join(steps, on="next_step")
        .join(
            clocks.select(
                "denial", pl.col("kind").cast(pl.String), "clock", "due_on", "days_left", "is_lapsed"
            ),
            on=["denial", "kind"],
        )
        .with_columns(order=pl.when("is_lapsed").then(-pl.col("days_left")).otherwise("days_left"))
        .sort("is_lapsed", "order", "clock")
        .unique("denial", keep="first", maintain_order=True)
    )
    return rows.join(of_step.select("denial", "clock", "due_on", "days_left"), on="denial", how="left")


def _likely(rows: pl.DataFrame, probabilities: pl.DataFrame | None) -> pl.DataFrame:
    """Probability of overturn, from a model where there is one, from the cause or a prior otherwise."""
    if probabilities is None:
        probabilities = pl.DataFrame(
            schema={"denial": rows.schema["denial"], "probability": pl.Float64(), "source": pl.String()}
        )
    rows = rows.join(
        probabilities.select("denial", model="probability", model_source="source"), on="denial", how="left"
    )
    priors = pl.DataFrame(
        {
            "category": [category.value for category in PRIORS],
            "prior": [prior.share for prior in PRIORS.values()],
            "prior_source": [prior.source for prior in PRIORS.values()],
        }
    )
    rows = rows.with_columns(category_name=pl.col("category").cast(pl.String)).join(
        priors, left_on="category_name", right_on="category", how="left"
    )
    gone = ~pl.col("recoverable") | pl.col("next_step").is_in(
        [NextStep.WRITE_OFF_FOR_APPROVAL.value, NextStep.BILL_PATIENT.value]
    )
    by_model = pl.col("model").is_not_null() & (pl.col("next_step") == NextStep.APPEAL.value)

    # A corrected claim or records that a payer asked for are no appeal.
    is_other = (pl.col("prior_source") == _MARKETPLACE) & (pl.col("next_step") != NextStep.APPEAL.value)
    prior_source = (
        pl.when(is_other).then(pl.lit(f"{_MARKETPLACE}; {_OF_APPEALS}")).otherwise(pl.col("prior_source"))
    )

    def chosen(model: pl.Expr, none: pl.Expr, prior: pl.Expr) -> pl.Expr:
        return pl.when(by_model).then(model).when(gone).then(none).otherwise(prior)

    return rows.with_columns(
        probability=chosen(pl.col("model"), pl.lit(NOT_RECOVERABLE.share), pl.col("prior")),
        probability_from=chosen(pl.lit("model"), pl.lit("cause"), pl.lit("prior")),
        probability_source=chosen(pl.col("model_source"), pl.lit(NOT_RECOVERABLE.source), prior_source),
    )


def grouped(weighed: pl.DataFrame, by: tuple[str, ...] = ("root_cause", "next_step")) -> pl.DataFrame:
    """One cause, one fix, many claims: groups with their claims, dollars, expected recovery and first last
    day.

    `by` may name further columns, such as `payer_id`. Groups worth most come first.
    """
    return (
        weighed.group_by(by)
        .agg(
            denials=pl.len(), claims=pl.struct("payment", "claim").n_unique(), amount=pl.col("amount").sum(),
            expected_recovery=pl.col("expected_recovery").sum(), first_due_on=pl.col("due_on").min(),
        )
        .sort("expected_recovery", *by, descending=[True, *(False for _ in by)], nulls_last=True)
    )  # fmt: skip
