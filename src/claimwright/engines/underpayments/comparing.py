"""What a payer allowed for each line, beside what was expected.

Allowed is what the payer says (AMT*B6), otherwise what it paid and what it leaves to the patient, and what
reduces the payment but not the price. Source: 005010X221A1, loop 2110, AMT01 B6; 1.10.2.
"""

from __future__ import annotations

import polars as pl

# The accounts of the ledger to which adjustments belong: `claimwright.engines.remittance.Account`.
PATIENT, DENIED, CAPITATED = "patient", "denied", "capitated"
# Reasons that reduce a payment, not the price: managed care withholding, tax, incentives, penalties,
# sequestration.
PAYMENT_REASONS = ("104", "105", "144", "161", "237", "253")
# Part of another service; mutually exclusive; not paid separately; combination of procedures not allowed.
BUNDLING_REASONS = ("97", "231", "234", "236")
# Multiple procedures; specialty of the provider.
REDUCING_REASONS = ("59", "172")
# Prices of whole claims: the share of one line is ours, not the payer's.
_WHOLE_CLAIM_BASES = ("case_rate", "per_diem")

CLAIMED: dict[str, pl.DataType] = {
    "answer": pl.Int64(), "line": pl.Int32(), "procedure": pl.String(), "modifiers": pl.String(),
    "units": pl.Decimal(15, 3), "charge_cents": pl.Int64(), "expected_cents": pl.Int64(),
    "basis": pl.String(), "service_from_on": pl.Date(),
}  # fmt: skip


def compare(
    claimed: pl.DataFrame, answered: pl.DataFrame, adjustments: pl.DataFrame, whole: pl.DataFrame
) -> pl.DataFrame:
    """One row per answer and line, or per answer (`line` null) where only the whole claim can be compared.

    `claimed` are the lines of the claim of each answer: the columns of `CLAIMED`. `answered` has `answer`,
    `position`, `line`, `procedure`, `original_procedure`, `units`, `charge_cents`, `paid_cents` and
    `allowed_cents` (AMT*B6). `adjustments` has `answer`, `position`, `group_code`, `carc`,
    `account` (of the ledger) and `amount_cents`. `whole` has `answer`, `charge_cents` and `paid_cents` of
    the claim (CLP).

    Added: `paid_cents`, `patient_cents`, `allowed_cents`, `is_stated` (AMT*B6), `denied_cents` (refused for
    another reason than bundling), `bundled_cents`, `reduced_cents`, `capitated_cents`, `procedure_paid`
    (where it is another one), `units_paid`, `reasons`. Whole claims are compared where the answer has no
    lines, adjusts the claim as a whole, or the contract prices the claim.
    """
    of_whole = (
        pl.concat(
            [
                whole.join(answered.select("answer"), on="answer", how="anti").select("answer"),
                adjustments.filter(pl.col("position").is_null(), pl.col("amount_cents") != 0).select(
                    "answer"
                ),
                claimed.filter(pl.col("basis").is_in(_WHOLE_CLAIM_BASES)).select("answer"),
            ]
        )
        .unique()
        .with_columns(is_whole=pl.lit(True))
    )
    lines = _by_line(claimed, answered, adjustments).join(
        of_whole, on="answer", how="anti", maintain_order="left"
    )
    claims = _by_claim(claimed, answered, adjustments, whole.join(of_whole, on="answer", how="semi"))
    return _with_allowed(pl.concat([lines, claims.select(lines.columns)])).sort("answer", "line")


def _sums(adjustments: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """The adjustments of each key, added up by what they mean; and their reasons, each once."""
    carc, account = pl.col("carc"), pl.col("account")
    bundled = carc.is_in(BUNDLING_REASONS).fill_null(False)
    parts = {
        "patient_cents": account == PATIENT,
        "denied_cents": (account == DENIED) & ~bundled,
        "bundled_cents": bundled,
        "reduced_cents": carc.is_in(REDUCING_REASONS),
        "capitated_cents": account == CAPITATED,
        "kept_cents": carc.is_in(PAYMENT_REASONS),
    }
    # Columns of what counts, then plain sums: a filter within each of many small groups takes far longer.
    sums = (
        adjustments.select(
            *keys,
            *(
                pl.when(part.fill_null(False)).then("amount_cents").otherwise(0).alias(name)
                for name, part in parts.items()
            ),
        )
        .group_by(keys)
        .agg(pl.col(list(parts)).sum())
    )
    reasons = (
        adjustments.select(
            *keys,
            reasons=pl.format("{}-{}", pl.col("group_code").fill_null("?"), carc.fill_null("?")),
        )
        .unique(maintain_order=True)
        .group_by(keys)
        .agg(pl.col("reasons").str.join(" "))
    )
    return sums.join(reasons, on=keys, how="left", nulls_equal=True, maintain_order="left")


def _by_line(claimed: pl.DataFrame, answered: pl.DataFrame, adjustments: pl.DataFrame) -> pl.DataFrame:
    placed = answered.filter(pl.col("line").is_not_null())
    of_lines = _sums(
        adjustments.drop_nulls("position").join(
            placed.select("answer", "position", "line"), on=["answer", "position"], how="inner",
            maintain_order="left",
        ),
        "answer", "line",
    )  # fmt: skip
    procedures = (
        placed.select("answer", "line", procedures="procedure")
        .drop_nulls()
        .unique()
        .sort("procedures")
        .group_by("answer", "line")
        .agg("procedures")
    )
    paid = (
        placed.group_by("answer", "line")
        .agg(
            pl.col("paid_cents").sum(),
            stated_cents=pl.when(pl.col("allowed_cents").is_not_null().all()).then(
                pl.col("allowed_cents").sum()
            ),
            units_paid=pl.when(pl.col("units").is_not_null().all()).then(pl.col("units").sum()),
        )
        .join(procedures, on=["answer", "line"], how="left")
    )
    return (
        claimed.join(paid, on=["answer", "line"], how="inner", maintain_order="left")
        .join(of_lines, on=["answer", "line"], how="left", maintain_order="left")
        .with_columns(
            procedure_paid=pl.when(
                pl.col("procedure").is_not_null()
                & pl.col("procedures").is_not_null()
                & ~pl.col("procedures").list.contains(pl.col("procedure"))
            ).then(pl.col("procedures").list.join(" "))
        )
        .drop("procedures")
    )


def _by_claim(
    claimed: pl.DataFrame, answered: pl.DataFrame, adjustments: pl.DataFrame, whole: pl.DataFrame
) -> pl.DataFrame:
    """The claim as one row: of its lines, those that the answer covers, or all."""
    covered = answered.drop_nulls("line").select("answer", "line").unique()
    with_lines = covered.select("answer").unique()
    own = pl.concat(
        [
            claimed.join(covered, on=["answer", "line"], how="semi"),
            claimed.join(with_lines, on="answer", how="anti"),
        ]
    )
    expected = own.group_by("answer").agg(
        pl.col("units").sum(), pl.col("basis").first(), pl.col("service_from_on").min(),
        procedure=pl.col("procedure").drop_nulls().unique().sort().str.join(" "),
        expected_cents=pl.when(pl.col("expected_cents").is_not_null().all()).then(
            pl.col("expected_cents").sum()
        ),
    )  # fmt: skip
    adjusted = _sums(adjustments, "answer")
    return (
        whole.join(expected, on="answer", how="inner", maintain_order="left")
        .join(adjusted, on="answer", how="left", maintain_order="left")
        .with_columns(
            line=pl.lit(None, pl.Int32), modifiers=pl.lit(None, pl.String),
            stated_cents=pl.lit(None, pl.Int64), units_paid=pl.lit(None, pl.Decimal(15, 3)),
            procedure_paid=pl.lit(None, pl.String),
        )
    )  # fmt: skip


def _with_allowed(rows: pl.DataFrame) -> pl.DataFrame:
    sums = (
        "patient_cents", "denied_cents", "bundled_cents", "reduced_cents", "capitated_cents", "kept_cents",
    )  # fmt: skip
    return rows.with_columns(pl.col(sums).fill_null(0), pl.col("reasons").fill_null("")).with_columns(
        allowed_cents=pl.coalesce(
            "stated_cents", pl.col("paid_cents") + pl.col("patient_cents") + pl.col("kept_cents")
        ),
        is_stated=pl.col("stated_cents").is_not_null(),
    )
