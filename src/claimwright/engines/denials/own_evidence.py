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
        denials: `denial`, `claim_key`, `category`, `appealable` and `denied_on`.
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
        .select("denial", "claim_key", "appealable", "denied_on")
        .join(sending, on="claim_key", how="left", maintain_order="left")
        .join(limits, on="denial", how="left", maintain_order="left")
    )
    certain = pl.col("certain").fill_null(value=False)
    arrived = pl.min_horizontal("accepted_on", "reported_on")
    in_time = certain & (arrived <= pl.col("first_limit"))
    late = certain & (arrived > pl.col("last_limit"))
    was_accepted = arrived.is_not_null()
    in_hand = certain & (pl.col("taken_in_on") <= pl.col("first_limit"))
    # Whoever denied the claim had it by then.
    had_it = pl.col("denied_on") <= pl.col("first_limit")
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
    or_appeal = (
        pl.when("appealable").then(pl.lit(", or appeal with that notice as an exhibit")).otherwise(pl.lit(""))
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
        .when(was_accepted).then(pl.format("{}. Whether that was in time: {}", accepted, unsure))
        .when(had_it & certain).then(pl.format(
            "The payer's own notice of {} is before {}: the claim was not late. Ask the payer to process "
            "it{}.", "denied_on", limit, or_appeal))
        .when(had_it).then(pl.format(
            "The payer's own notice of {} is before {}: the claim was not late, unless a contract or a plan "
            "sets a shorter time. {}", "denied_on", limit, pl.lit(_CONTRACT)))
        .when(certain & (pl.col("taken_in_on") > pl.col("last_limit"))).then(pl.format(
            "{}, and our system took the claim in on {}, after {}. Unless it was sent from elsewhere before, "
            "propose a write-off.", missing, "taken_in_on", limit))
        .when(in_hand).then(pl.format(
            "{}, but our system took the claim in on {}, within {}. {}", missing, "taken_in_on", limit, ask))
        .otherwise(pl.format("{}. {}", missing, ask))
    )  # fmt: skip
    can_recover = (
        pl.when(late).then(pl.lit(value=False)).when(was_accepted | in_hand | had_it).then(pl.lit(value=True))
    )
    return rows.select(
        "denial", step=step, says=says, can_recover=can_recover,
        sent_in_time=pl.when(in_time).then(pl.lit(value=True)),
    )  # fmt: skip


def duplicate_evidence(denials: pl.DataFrame, like: pl.DataFrame) -> pl.DataFrame:
    """What became of the claim that a duplicate repeats: `denial` and the columns of `FOUND`.

    Args:
        denials: `denial`, `claim_key` and `category`.
        like: `claimwright.store.denial_records.LIKE_CLAIMS`: other claims for the same services.
    """
    asked = denials.filter(pl.col("category") == Category.DUPLICATE.value, pl.col("claim_key").is_not_null())
    # Of several, one that was paid says most, then one that was answered.
    best = like.sort(
        "claim_key", pl.col("paid_cents") > 0, "answered_on", "other_key",
        descending=[False, True, True, False], nulls_last=True,
    ).unique("claim_key", keep="first", maintain_order=True)  # fmt: skip
    rows = asked.select("denial", "claim_key").join(best, on="claim_key", how="left", maintain_order="left")
    paid, none = pl.col("paid_cents") > 0, pl.col("other_key").is_null()
    unanswered = pl.col("answered_on").is_null()
    other = pl.format("Claim {} is for the same patient, day, payer and service", "other_key")
    dollars = pl.format(
        "{}.{}", pl.col("paid_cents") // 100, (pl.col("paid_cents") % 100).cast(pl.String).str.zfill(2)
    )
    review = pl.lit(NextStep.REVIEW.value)
    return rows.select(
        "denial",
        step=pl.when(none).then(review)
        .when(paid).then(pl.lit(NextStep.WRITE_OFF_FOR_APPROVAL.value))
        .when(unanswered).then(pl.lit(NextStep.WAIT.value))
        .otherwise(review),
        says=pl.when(none).then(pl.lit(
            "No other claim for this service is in the store: ask the payer for the number of the claim that "
            "this one repeats. If there is none, appeal with the claim and its acceptance."))
        .when(paid).then(pl.format(
            "{}, and was paid {} on {}. If this one is a copy, write it off; if the service was repeated, "
            "append 76, 77, 91 or 59 where the documentation supports it.", other, dollars, "answered_on"))
        .when(unanswered).then(pl.format("{}, and the payer has not answered it yet.", other))
        .otherwise(pl.format(
            "{}, and was answered on {} without a payment: work on that denial.", other, "answered_on")),
        can_recover=pl.when(paid).then(pl.lit(value=False)),
        sent_in_time=pl.lit(None, pl.Boolean),
    )  # fmt: skip


def other_payer_evidence(denials: pl.DataFrame) -> pl.DataFrame:
    """Whether there is another payer to bill, where the cause says so: `denial` and the columns of `FOUND`.

    Args:
        denials: `denial`, `category`, `usual_step`, `turn`, `prior_payer_on`, and `names_other_payer`, null
            where the claim was not opened.
    """
    asked = denials.filter(
        pl.col("usual_step") == NextStep.BILL_NEXT_PAYER.value,
        pl.col("category").is_in(
            [Category.COORDINATION_OF_BENEFITS.value, Category.WRONG_PAYER.value, Category.ELIGIBILITY.value]
        ),
    )
    is_later = (pl.col("turn") != "P") & pl.col("prior_payer_on").is_not_null()
    has_primary = (is_later & (pl.col("category") == Category.COORDINATION_OF_BENEFITS.value)).fill_null(
        value=False
    )
    named = pl.col("names_other_payer")
    return asked.filter(has_primary | named.is_not_null()).select(
        "denial",
        step=pl.when(has_primary).then(pl.lit(NextStep.CORRECT_AND_RESUBMIT.value))
        .when(named).then(pl.lit(NextStep.BILL_NEXT_PAYER.value))
        .otherwise(pl.lit(NextStep.REVIEW.value)),
        says=pl.when(has_primary).then(pl.format(
            "The payer before answered on {}: send the claim again with that answer.", "prior_payer_on"))
        .when(named).then(pl.lit("The claim names another payer: make sure of the order, and bill that one."))
        .otherwise(pl.lit(
            "The claim names no other payer. Find the coverage of that day (eligibility, the patient's card) "
            "before anything is billed.")),
        can_recover=pl.lit(None, pl.Boolean), sent_in_time=pl.lit(None, pl.Boolean),
    )  # fmt: skip


# Rules of ours that find a pair of the National Correct Coding Initiative: which no modifier unbundles, and
# which a modifier does.
_NEVER_PAID = ("NCC001", "NCC003", "NCC004", "NCC006", "NCC008", "NCC009")
_NEEDS_MODIFIER = ("NCC002", "NCC005", "NCC007", "NCC010", "NCC011")
PAIR_RULES = (*_NEVER_PAID, *_NEEDS_MODIFIER)


def bundling_evidence(denials: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """Where our own check found the edit behind a bundled line: `denial` and the columns of `FOUND`.

    Where it found none, the usual step stays: that an edit is not in our tables is no proof that none is.

    Args:
        denials: `denial`, `claim_key`, `line` and `category`.
        findings: `claim_key`, `line` and `code` of `PAIR_RULES`.
    """
    asked = denials.filter(pl.col("category") == Category.BUNDLING.value, pl.col("line").is_not_null())
    found = (
        asked.select("denial", "claim_key", "line")
        .join(findings, on=["claim_key", "line"], how="inner", maintain_order="left")
        .with_columns(never=pl.col("code").is_in(_NEVER_PAID))
        .sort("denial", "never", "code", descending=[False, True, False])
        .unique("denial", keep="first", maintain_order=True)
    )
    return found.select(
        "denial",
        step=pl.when("never").then(pl.lit(NextStep.WRITE_OFF_FOR_APPROVAL.value))
        .otherwise(pl.lit(NextStep.CORRECT_AND_RESUBMIT.value)),
        says=pl.when("never").then(pl.format(
            "Our check found the edit ({}): no modifier unbundles this pair. Propose a write-off unless a "
            "code is wrong.", "code"))
        .otherwise(pl.format(
            "Our check found the edit ({}): append the modifier where the documentation shows a separate "
            "service, and resubmit. Otherwise propose a write-off.", "code")),
        can_recover=pl.when("never").then(pl.lit(value=False)), sent_in_time=pl.lit(None, pl.Boolean),
    )  # fmt: skip
