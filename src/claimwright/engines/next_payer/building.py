"""Makes the claim to the second payer: subscriber and payer change places, and the first payer's decision
goes along.

Source: 005010X222A1 and X223A2, 1.4.1 (coordination of benefits), loops 2000B, 2010BA, 2010BB, 2320, 2330A,
2330B and 2430: professional and dental claims report the decision by line, claims without answered lines as a
whole.
"""

from __future__ import annotations

import polars as pl

from claimwright.domain.batch import ClaimBatch, complete
from claimwright.domain.dictionary import Level, schema

SELF = "18"  # SBR02: the patient is the subscriber
ANSWERED: dict[str, pl.DataType] = {
    "claim": pl.Int64(), "line": pl.Int32(), "paid_cents": pl.Int64(), "procedure": pl.String(),
    "modifiers": pl.String(), "revenue_code": pl.String(), "units": pl.Decimal(15, 3), "paid_on": pl.Date(),
}  # fmt: skip
ADJUSTED: dict[str, pl.DataType] = {
    "claim": pl.Int64(), "line": pl.Int32(), "group_code": pl.String(), "carc": pl.String(),
    "amount_cents": pl.Int64(), "quantity": pl.Decimal(15, 3),
}  # fmt: skip
_MONEY = pl.Decimal(18, 2)
# What names the payer, its numbers for the provider, or its answers: it does not go to another payer.
_OF_PAYER = (
    "billing_payer_commercial_id", "billing_payer_location_id", "payer_secondary_id_type",
    "payer_secondary_id", "subscriber_property_casualty_claim", "prior_authorization", "referral_number",
    "original_claim_number",
)  # fmt: skip
_OF_PERSON = (
    "entity_type", "name", "first_name", "middle_name", "name_suffix", "address_1", "address_2", "city",
    "state", "zip", "country", "subdivision", "birth_on", "sex", "died_on", "weight_lb", "pregnant",
)  # fmt: skip
_OF_SUBSCRIBER = (
    "entity_type", "name", "first_name", "middle_name", "name_suffix", "id_qualifier", "member_id",
    "address_1", "address_2", "city", "state", "zip", "country", "subdivision", "ssn",
)  # fmt: skip
_ADDRESS = ("address_1", "address_2", "city", "state", "zip", "country", "subdivision")
_OF_PAYER_PARTY = (
    "entity_type",
    "name",
    "id_qualifier",
    "id",
    *_ADDRESS,
    "secondary_id_type",
    "secondary_id",
)
_LEFT_LOOPS = ("2000B", "2000C", "2010B", "2010C", "2320", "2330", "2430")


def next_payers(batch: ClaimBatch) -> pl.DataFrame:
    """The second payer that each claim to a first payer names: `claim`, `payer_id`, `payer_name`."""
    first = batch.claims.filter(pl.col("payer_responsibility").fill_null("P") == "P").select("claim")
    return (
        batch.other_payers.join(first, on="claim", how="semi")
        .filter(pl.col("other_payer_responsibility") == "S")
        .unique("claim", keep="first", maintain_order=True)
        .select("claim", payer_id="other_payer_id", payer_name="other_payer_name")
    )


def secondary_claims(
    batch: ClaimBatch, answered: pl.DataFrame, adjusted: pl.DataFrame, whole: pl.DataFrame
) -> ClaimBatch:
    """The claims of the batch that name a second payer, to that payer.

    `answered` are the answered lines, with the columns of `ANSWERED`; `adjusted` the adjustments, with those
    of `ADJUSTED` (`line` null: of the claim); `whole` has `claim`, `paid_cents`, `owed_cents` (by the
    patient), `payer_claim_number` and `paid_on`.
    """
    second = next_payers(batch).join(whole, on="claim", how="semi")
    chosen = batch.select(second["claim"])
    other = chosen.other_payers.filter(pl.col("other_payer_responsibility") == "S").unique(
        "claim", keep="first", maintain_order=True
    )
    joined = chosen.claims.join(other, on="claim", how="inner", maintain_order="left").join(
        whole.select("claim", "paid_cents", "owed_cents", "payer_claim_number", "paid_on"), on="claim",
        how="left", maintain_order="left",
    )  # fmt: skip
    with_lines = answered.select("claim").unique()
    by_line = pl.col("claim").is_in(with_lines["claim"].implode())
    claims = _swapped(joined).select(chosen.claims.columns)
    adjudications = _adjudications(chosen.lines, answered, joined)
    frames = chosen.frames()
    frames[Level.CLAIM] = claims
    frames[Level.OTHER_PAYER] = complete(_first_payer(joined, by_line), Level.OTHER_PAYER)
    frames[Level.ADJUDICATION] = complete(adjudications, Level.ADJUDICATION)
    frames[Level.ADJUSTMENT] = complete(_adjustments(adjusted, second, adjudications), Level.ADJUSTMENT)
    segments = frames[Level.SEGMENT]
    left = pl.any_horizontal(pl.col("segment_loop").str.starts_with(each) for each in _LEFT_LOOPS)
    frames[Level.SEGMENT] = segments.filter(~left.fill_null(False))
    return ClaimBatch.of(frames)


def _swapped(joined: pl.DataFrame) -> pl.DataFrame:
    """The claims with the other subscriber and payer in place of their own."""
    types = schema(Level.CLAIM)
    has_dependent = pl.col("dependent_relationship").is_not_null()
    is_self = pl.col("other_subscriber_relationship") == SELF

    def patient(name: str) -> pl.Expr:
        return pl.when(has_dependent).then(f"dependent_{name}").otherwise(f"subscriber_{name}")

    def nothing(name: str) -> pl.Expr:
        return pl.lit(None, types[name])

    made: dict[str, pl.Expr] = {name: nothing(name) for name in _OF_PAYER}
    # The subscriber's own address, where the claim says none and the patient is the subscriber.
    own_address = pl.col("other_subscriber_address_1").is_not_null()
    for name in types:
        if (name.startswith("subscriber_") and name not in _OF_PAYER) or name.startswith("dependent_"):
            made[name] = nothing(name)
    for name in _OF_SUBSCRIBER:
        given = pl.col(f"other_subscriber_{name}")
        if name in _ADDRESS:
            given = pl.when(own_address).then(given).when(is_self).then(patient(name))
        made[f"subscriber_{name}"] = given
    for name in ("birth_on", "sex"):
        made[f"subscriber_{name}"] = pl.when(is_self).then(patient(name))
    made["subscriber_relationship"] = pl.when(is_self).then(pl.lit(SELF))
    made["dependent_relationship"] = pl.when(~is_self).then("other_subscriber_relationship")
    for name in _OF_PERSON:
        if f"dependent_{name}" in types:
            made[f"dependent_{name}"] = pl.when(~is_self).then(patient(name))
    for name in _OF_PAYER_PARTY:
        made[f"payer_{name}"] = pl.col(f"other_payer_{name}")
    made |= {
        "payer_responsibility": pl.lit("S"),
        "group_number": pl.col("other_group_number"),
        "group_name": pl.col("other_group_name"),
        "insurance_type": pl.col("other_insurance_type"),
        "claim_filing_code": pl.col("other_claim_filing_code"),
        "prior_authorization": pl.col("other_prior_authorization"),
        "referral_number": pl.col("other_referral_number"),
        "benefits_assigned": pl.coalesce("other_benefits_assigned", "benefits_assigned"),
        "release_of_information": pl.coalesce("other_release_of_information", "release_of_information"),
        "frequency_code": pl.lit("1"),
    }
    return joined.with_columns(each.cast(types[name]).alias(name) for name, each in made.items())


def _first_payer(joined: pl.DataFrame, by_line: pl.Expr) -> pl.DataFrame:
    """The first payer as the other payer (2320, 2330), with what it paid."""
    return joined.select(
        "claim",
        *(pl.col(f"subscriber_{name}").alias(f"other_subscriber_{name}") for name in _OF_SUBSCRIBER),
        *(pl.col(f"payer_{name}").alias(f"other_payer_{name}") for name in _OF_PAYER_PARTY),
        other_payer=pl.lit(1, pl.Int32), other_payer_responsibility=pl.lit("P"),
        other_subscriber_relationship=pl.coalesce(
            "dependent_relationship", "subscriber_relationship", pl.lit(SELF)
        ),
        other_group_number="group_number", other_group_name="group_name",
        other_claim_filing_code="claim_filing_code",
        other_payer_paid=_dollars("paid_cents"), other_payer_remaining_liability=_dollars("owed_cents"),
        other_benefits_assigned="benefits_assigned", other_release_of_information="release_of_information",
        # By line where lines are answered, otherwise here: never both (2330B DTP*573).
        other_payer_paid_on=pl.when(~by_line).then("paid_on"),
        other_claim_number="payer_claim_number",
    )  # fmt: skip


def _adjudications(lines: pl.DataFrame, answered: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """What the first payer paid for each line (2430); a line that it split has several."""
    modifiers = pl.col("modifiers").str.split(" ")
    own = lines.select("claim", "line", "procedure_qualifier", billed="procedure", billed_units="units")
    payers = joined.select("claim", adjudication_payer_id="payer_id")
    return (
        answered.join(payers, on="claim", how="inner", maintain_order="left")
        .join(own, on=["claim", "line"], how="inner", maintain_order="left")
        .select(
            "claim", "line", "adjudication_payer_id",
            adjudication=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("claim", "line"),
            line_paid=_dollars("paid_cents"),
            paid_procedure_qualifier=pl.when(pl.col("procedure").is_not_null()).then(
                pl.coalesce("procedure_qualifier", pl.lit("HC"))
            ),
            paid_procedure="procedure",
            **{f"paid_modifier_{n}": modifiers.list.get(n - 1, null_on_oob=True) for n in range(1, 5)},
            paid_revenue_code="revenue_code", paid_units=pl.coalesce("units", "billed_units"),
            line_paid_on="paid_on",
        )
    )  # fmt: skip


def _adjustments(adjusted: pl.DataFrame, second: pl.DataFrame, adjudications: pl.DataFrame) -> pl.DataFrame:
    known = adjusted.join(second.select("claim"), on="claim", how="semi", maintain_order="left")
    known = known.filter(pl.col("amount_cents") != 0)
    has_lines = adjudications.select("claim", "line").unique().with_columns(is_answered=pl.lit(True))
    placed = known.join(has_lines, on=["claim", "line"], how="left", maintain_order="left")
    is_line = pl.col("is_answered").fill_null(False)
    return placed.select(
        "claim", line=pl.when(is_line).then("line"),
        other_payer=pl.when(~is_line).then(pl.lit(1, pl.Int32)),
        adjudication=pl.when(is_line).then(pl.lit(1, pl.Int32)),
        adjustment_group="group_code", adjustment_reason="carc", adjustment_amount=_dollars("amount_cents"),
        adjustment_quantity="quantity",
    ).with_columns(
        position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("claim", "line", "other_payer")
    )  # fmt: skip


def _dollars(column: str) -> pl.Expr:
    return (pl.col(column).cast(_MONEY) / 100).cast(_MONEY)
