"""The findings: each line that is short has one kind, dollars, a confidence, and its basis in words.

The first kind that fits counts: paid as another procedure; bundled without an edit; reduced by a reason of
the payer that the schedule does not have; the amount of another edition; the amount after a usual reduction;
nothing allowed; less allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from .kinds import Confidence, Kind
from .tolerances import Tolerances

FINDINGS: dict[str, pl.DataType] = {
    "answer": pl.Int64(), "line": pl.Int32(), "kind": pl.String(), "confidence": pl.String(),
    "procedure": pl.String(), "modifiers": pl.String(), "service_from_on": pl.Date(),
    "charge_cents": pl.Int64(), "expected_cents": pl.Int64(), "allowed_cents": pl.Int64(),
    "paid_cents": pl.Int64(), "amount_cents": pl.Int64(), "contract": pl.String(), "basis": pl.String(),
}  # fmt: skip

# Amounts are rounded by line and by unit: one cent is no difference.
_ROUNDING = 1
# Parts of a price that Medicare pays in defined cases, in thousandths, and the case of each.
# Source: Medicare Claims Processing Manual, ch. 12, 20.4.3, 40.6, 40.7, 40.8 and 110.
SHARES: dict[int, str] = {
    500: "a further procedure, or a bilateral one paid once",
    625: "a co-surgeon",
    160: "an assistant at surgery",
    136: "an assistant who is no physician",
    850: "a practitioner who is no physician",
    750: "a clinical social worker, or a further technical component",
    950: "a further professional component, or a physician who does not participate",
}


def suspects(compared: pl.DataFrame) -> pl.DataFrame:
    """The rows of `compare` that fall short of the price by more than a cent, unless a denial explains it.

    A row without a price is no suspect. What the payer refuses for a reason of its own is a denial, and
    stands there: it is left out here.
    """
    explained = (
        (pl.col("denied_cents") > 0) & (pl.col("bundled_cents") == 0) & pl.col("procedure_paid").is_null()
    )
    return compared.filter(
        pl.col("expected_cents") - pl.col("allowed_cents") > _ROUNDING,
        pl.col("allowed_cents") >= 0,
        pl.col("capitated_cents") == 0,
        ~explained,
    )


def find(found: pl.DataFrame, editions: pl.DataFrame, tolerances: Tolerances) -> pl.DataFrame:
    """The findings of suspects: the columns of `FINDINGS`.

    `found` are rows of `suspects` with `contract` (null: none of the payer's is known), `payer_id`,
    `is_own_price` (the price is the payer's own: a contract of it, or Medicare's for Medicare), `has_edit`
    (an edit on the claim bundles) and `words` (how the price is made). `editions` has `answer`, `line`,
    `priced_on`, `schedule_year` and `allowed_cents`.

    What is within the tolerance is a finding only if it is the amount of another edition: that falls short
    on every claim.
    """
    if not found.height:
        return pl.DataFrame(schema=FINDINGS)
    rows = found.with_columns(
        amount_cents=pl.col("expected_cents") - pl.col("allowed_cents"),
        tolerance_cents=tolerances.cents(pl.col("expected_cents"), "contract", "payer_id"),
    )
    rows = rows.join(_matching(rows, editions), on=["answer", "line"], how="left", nulls_equal=True)
    share = _share()
    bundled, reduced = pl.col("bundled_cents") > 0, pl.col("reduced_cents") > 0
    rows = rows.with_columns(share=share).with_columns(
        kind=pl.when(pl.col("procedure_paid").is_not_null())
        .then(pl.lit(Kind.DOWNCODED.value))
        .when(bundled & ~pl.col("has_edit"))
        .then(pl.lit(Kind.BUNDLED_WITHOUT_EDIT.value))
        # With an edit, the bundling is explained.
        .when(bundled)
        .then(pl.lit(None, pl.String))
        .when(reduced)
        .then(pl.lit(Kind.MODIFIER_REDUCTION.value))
        .when(pl.col("edition_cents").is_not_null())
        .then(pl.lit(Kind.OTHER_EDITION.value))
        .when(pl.col("share").is_not_null())
        .then(pl.lit(Kind.MODIFIER_REDUCTION.value))
        .when(pl.col("allowed_cents") == 0)
        .then(pl.lit(Kind.PAID_AT_ZERO.value))
        .otherwise(pl.lit(Kind.UNDERPAID.value))
    )
    rows = rows.filter(
        pl.col("kind").is_not_null(),
        (pl.col("amount_cents") > pl.col("tolerance_cents")) | (pl.col("kind") == Kind.OTHER_EDITION.value),
    ).with_columns(confidence=_confidence())
    texts = [_basis(row) for row in rows.iter_rows(named=True)]
    return rows.with_columns(basis=pl.Series(texts, dtype=pl.String)).select(
        [pl.col(name).cast(dtype) for name, dtype in FINDINGS.items()]
    )


def _matching(rows: pl.DataFrame, editions: pl.DataFrame) -> pl.DataFrame:
    """The other edition whose amount the payer allowed, of several the first."""
    joined = rows.select("answer", "line", own="allowed_cents", wanted="expected_cents").join(
        editions, on=["answer", "line"], how="inner", maintain_order="right"
    )
    return (
        joined.filter(
            (pl.col("allowed_cents") - pl.col("own")).abs() <= _ROUNDING,
            (pl.col("allowed_cents") - pl.col("wanted")).abs() > _ROUNDING,
            pl.col("own") > 0,
        )
        .unique(["answer", "line"], keep="first", maintain_order=True)
        .select(
            "answer", "line", edition_cents="allowed_cents", edition_on="priced_on",
            edition_year="schedule_year",
        )
    )  # fmt: skip


def _share() -> pl.Expr:
    """The usual part of the expected amount that is allowed, in thousandths; null if none."""
    expected, allowed = pl.col("expected_cents"), pl.col("allowed_cents")
    return pl.coalesce(
        pl.when(((expected * each + 500) // 1000 - allowed).abs() <= _ROUNDING).then(each) for each in SHARES
    )


def _confidence() -> pl.Expr:
    kind = pl.col("kind")
    named = kind.is_in([Kind.DOWNCODED.value, Kind.OTHER_EDITION.value]) | (
        (kind == Kind.BUNDLED_WITHOUT_EDIT.value) & pl.col("reasons").str.contains(r"-(231|236)\b")
    )
    return (
        pl.when(~pl.col("is_own_price"))
        .then(pl.lit(Confidence.LOW.value))
        .when(named)
        .then(pl.lit(Confidence.HIGH.value))
        .otherwise(pl.lit(Confidence.MEDIUM.value))
    )


def _basis(row: Mapping[str, Any]) -> str:
    """How the finding is made, one statement a line."""
    told = [f"charged {dollars(row['charge_cents'])}"]
    if row["is_stated"]:
        told.append(f"allowed {dollars(row['allowed_cents'])} (AMT*B6), paid {dollars(row['paid_cents'])}")
    else:
        parts = [
            f"paid {dollars(row['paid_cents'])}",
            f"patient responsibility {dollars(row['patient_cents'])}",
        ]
        if row["kept_cents"]:
            parts.append(f"kept from the payment, not from the price {dollars(row['kept_cents'])}")
        told.append(f"allowed {dollars(row['allowed_cents'])} = {' + '.join(parts)}")
    if row["reasons"]:
        told.append(f"adjustments {row['reasons']}")
    told += [f"expected {dollars(row['expected_cents'])}", *row["words"].split("\n")]
    if not row["is_own_price"]:
        told.append("no contract with the payer is known: Medicare's schedule is the measure")
    told += _why(row)
    if row["amount_cents"] > row["tolerance_cents"]:
        more = f"more than the tolerance of {dollars(row['tolerance_cents'])}"
    else:
        more = f"within the tolerance of {dollars(row['tolerance_cents'])}, but on every such line"
    told.append(f"short by {dollars(row['amount_cents'])}, {more}")
    return "\n".join(told)


def _why(row: Mapping[str, Any]) -> list[str]:
    kind = Kind(row["kind"])
    if kind is Kind.DOWNCODED:
        return [f"submitted {row['procedure']}, paid as {row['procedure_paid']}"]
    if kind is Kind.BUNDLED_WITHOUT_EDIT:
        return [
            "the payer says it is part of another service; no NCCI or global surgery finding is on the claim"
        ]
    if kind is Kind.OTHER_EDITION:
        year = "" if row["edition_year"] is None else f", relative values of {row['edition_year']}"
        return [f"{dollars(row['edition_cents'])} is the amount as of {row['edition_on']}{year}"]
    if kind is Kind.MODIFIER_REDUCTION:
        said = f"modifiers {row['modifiers']}" if row["modifiers"] else "no modifier"
        if row["share"] is not None:
            percent = f"{Decimal(row['share']) / 10:f}"
            return [f"allowed is {percent} % of expected, as for {SHARES[row['share']]}; the line has {said}"]
        return [f"the payer reduced it; the line has {said}, for which the price has no such reduction"]
    if kind is Kind.UNDERPAID and _fewer(row):
        return [f"{row['units_paid'].normalize():f} units paid of {row['units'].normalize():f}"]
    return []


def _fewer(row: Mapping[str, Any]) -> bool:
    return row["units_paid"] is not None and row["units"] is not None and row["units_paid"] < row["units"]


def dollars(cents: int) -> str:
    """An amount in words."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02}"
