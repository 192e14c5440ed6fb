"""What our own records say of a denial, and which next step follows: columns of `FOUND`, for some denials.

The codes of a remittance say what the payer holds. Whether it is right is often in our own records: when the
payer accepted the claim, whether an earlier claim for the services was paid, whether another payer is named.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from claimwright.domain.denial import Category, NextStep

FOUND: dict[str, pl.DataType] = {
    "step": pl.String(),
    # What our records say, for the person who works on it.
    "says": pl.String(),
    # Whether the payer can still owe it; null: as the cause says.
    "can_recover": pl.Boolean(),
    # Of late claims: whether an acceptance shows that it arrived within a certain limit.
    "sent_in_time": pl.Boolean(),
}
_CONTRACT = "State the limit of the contract (`claimwright denials set-contracts`)."


def filing_evidence(
    denials: pl.DataFrame, sending: pl.DataFrame, clocks: pl.DataFrame, exact: Mapping[str, bool]
) -> pl.DataFrame:
    """Whether claims that were denied as late were: `denial` and the columns of `FOUND`.

    In time or late is said only where the limit is certain: of a contract, or of a law from which no plan and
    no State may depart. Otherwise a person decides.

    Args:
        denials: `denial`, `claim_key`, `category` and `appealable`.
        sending: `claimwright.store.acceptances.SENDING`, by claim.
        clocks: what `claimwright.engines.deadlines.clocks` says of the denials; those for filing count.
        exact: by the code of a clock of law, whether its time is certain.
    """
    limits = (
        clocks.filter(pl.col("kind").cast(pl.String) == "filing")
        .with_columns(
            certain=pl.col("is_contract")
            | pl.col("clock").replace_strict(dict(exact), default=False, return_dtype=pl.Boolean)
        )
        .group_by("denial")
        .agg(
            first_limit=pl.col("due_on").min(), last_limit=pl.col("due_on").max(),
            certain=pl.col("certain").all(), law=pl.col("law").sort_by("due_on").first(),
        )
    )  # fmt: skip
    rows = (
        denials.filter(pl.col("category") == Category.TIMELY_FILING.value)
        .select("denial", "claim_key", "appealable")
        .join(sending, on="claim_key", how="left", maintain_order="left")
        .join(limits, on="denial", how="left", maintain_order="left")
    )
    certain = pl.col("certain").fill_null(value=False)
    arrived = pl.min_horizontal("accepted_on", "reported_on")
    in_time = certain & (arrived <= pl.col("first_limit"))
    late = certain & (arrived > pl.col("last_limit"))
    was_accepted = arrived.is_not_null()
    in_hand = certain & (pl.col("taken_in_on") <= pl.col("first_limit"))
    accepted = (
        pl.when(pl.col("accepted_on").is_not_null())
        .then(pl.format("The payer accepted the claim on {} (277CA)", "accepted_on"))
        .otherwise(pl.format("A report of acceptance of {} is among the documents", "reported_on"))
    )
    limit = pl.format("the limit of {} ({})", "last_limit", pl.col("law").str.split(";").list.first())
    unsure = (
        pl.when(pl.col("last_limit").is_null())
        .then(pl.lit(f"the filing limit of this payer is not known. {_CONTRACT}"))
        .otherwise(
            pl.format(
                "{}, which a contract, a State or a plan may change, is not certain. {}",
                limit,
                pl.lit(_CONTRACT),
            )
        )
    )
    missing = (
        pl.when(pl.col("cleared_on").is_not_null())
        .then(
            pl.format(
                "Only a clearinghouse's acceptance of {} is stored, which most payers do not take as receipt",
                "cleared_on",
            )
        )
        .otherwise(pl.lit("No acceptance by the payer is stored"))
    )
    ask = pl.lit(
        "Get the payer's 277CA (`claimwright denials reject` stores acceptances too) or another proof of "
        "receipt, and appeal with it; without any, propose a write-off."
    )
    to_appeal, to_review = pl.lit(NextStep.APPEAL.value), pl.lit(NextStep.REVIEW.value)
    step = (
        pl.when(in_time & pl.col("appealable")).then(to_appeal)
        .when(in_time).then(to_review)
        .when(late).then(pl.lit(NextStep.WRITE_OFF_FOR_APPROVAL.value))
        .otherwise(to_review)
    )  # fmt: skip
    says = (
        pl.when(in_time & pl.col("appealable")).then(pl.format("{}, within {}.", accepted, limit))
        .when(in_time).then(pl.format(
            "{}, within {}. This decision has no appeal: send the acceptance to the payer and ask it to "
            "process the claim.", accepted, limit))
        .when(late).then(pl.format("{}, after {}.", accepted, limit))
        .when(certain & (pl.col("taken_in_on") > pl.col("last_limit"))).then(pl.format(
            "{}, and our system took the claim in on {}, after {}. Unless it was sent from elsewhere before, "
            "propose a write-off.", missing, "taken_in_on", limit))
        .when(was_accepted).then(pl.format("{}. Whether that was in time: {}", accepted, unsure))
        .when(in_hand).then(pl.format(
            "{}, but our system took the claim in on {}, within {}. {}", missing, "taken_in_on", limit, ask))
        .otherwise(pl.format("{}. {}", missing, ask))
    )  # fmt: skip
    can_recover = (
        pl.when(late).then(pl.lit(value=False)).when(was_accepted | in_hand).then(pl.lit(value=True))
    )
    return rows.select(
        "denial", step=step, says=says, can_recover=can_recover,
        sent_in_time=pl.when(in_time).then(pl.lit(value=True)),
    )  # fmt: skip


def nothing_found(denials: pl.DataFrame) -> pl.DataFrame:
    """No evidence, with the key of these denials."""
    return pl.DataFrame(schema={"denial": denials.schema["denial"], **FOUND})
