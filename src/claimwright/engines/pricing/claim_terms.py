"""Terms for a whole claim: case rates, per diems in tiers, outliers, stop-loss, minimum, maximum, lesser-of.

The first term of a contract that matches a claim prices it. A term matches a claim if its selector matches
one of the claim's lines. Lines under a carve-out (`services`) keep their own price and are paid in addition;
every other line of the contract is included. The payment for the claim is divided among the included lines in
proportion to their charges, so that the lines add up to it to the cent.

Steps in order: the rate; days after the outlier; stop-loss; minimum; maximum; the charges if they are less.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

import numpy as np
import polars as pl

from .basis import Basis
from .carve_outs import Selector
from .memo_table import Numbers
from .money import DOLLARS, decimals, half_up

# Percentages have at most four decimals.
_MILLION = 1_000_000
# Accommodation revenue codes: their units are days. Source: NUBC, revenue codes 010x to 021x.
_ACCOMMODATION = ("0100", "0219")
# Price columns that a term sets, those that stay, and the bases for which the other columns have no meaning.
_CHANGED = ("allowed", "basis", "contract", "reductions", "charge_limited")
_KEPT = ("claim", "line", "setting")
_WHOLE = (Basis.CASE_RATE.value, Basis.PER_DIEM.value, Basis.NO_DAYS.value)


class ClaimTermKind(enum.StrEnum):
    """How a term computes the payment for a claim, before its limits."""

    CASE_RATE = "case_rate"
    PER_DIEM = "per_diem"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class StopLoss:
    """Additional payment for a claim whose charges exceed a threshold.

    Attributes:
        above: the threshold, in dollars.
        percent: percentage of the charges above it, added; with `of_all_charges`, of all charges, replacing
            the rate.
        of_all_charges: whether the percentage applies to all charges once they exceed the threshold.
    """

    above: Decimal
    percent: Decimal
    of_all_charges: bool = False


@dataclass(frozen=True, slots=True)
class ClaimTerm:
    """One way to price a whole claim.

    Attributes:
        name: its name in prices and reports.
        kind: how it computes the payment.
        rate: dollars for the case.
        drg_rates: dollars for the case by DRG, instead of `rate`.
        base_rate: dollars for a case of weight 1, which `weights` multiply, instead of `rate`.
        weights: relative weights by DRG.
        percent: percentage of base rate times weight.
        days: per-diem tiers in order: the last day of the tier, None for the last one, and dollars per day.
        outlier_after: the last day that the case rate covers; each further day is paid separately.
        outlier_rate: dollars for each of those days.
        stop_loss: additional payment for expensive claims.
        minimum: the lowest payment for the claim.
        maximum: the highest payment for the claim.
        lesser_of_charge: whether the charges are paid if they are less.
    """

    name: str
    kind: ClaimTermKind
    rate: Decimal | None = None
    drg_rates: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    base_rate: Decimal | None = None
    weights: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    percent: Decimal = Decimal(100)
    days: tuple[tuple[int | None, Decimal], ...] = ()
    outlier_after: int | None = None
    outlier_rate: Decimal = Decimal(0)
    stop_loss: StopLoss | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    lesser_of_charge: bool = False


ClaimTerms = tuple[int, Selector, ClaimTerm]
"""The number of a contract, the selector of one of its claim terms, and the term."""


def price_whole_claims(
    prices: pl.DataFrame, lines: pl.DataFrame, terms: Sequence[ClaimTerms]
) -> pl.DataFrame:
    """`prices`, with the lines of claims that match a term priced by it.

    Args:
        prices: one row per line, with the columns of `PRICE_SCHEMA`.
        lines: the same lines in the same order, with the columns that selectors read, `claim`,
            `charge_cents`, `units_milli`, `stay_days`, `base` (the number of the contract, -1 for none) and
            `carved` (whether a carve-out prices the line).
        terms: in order of priority.
    """
    claim = lines["claim"].fill_null(-1).to_numpy()
    base, carved = lines["base"].to_numpy(), lines["carved"].to_numpy()
    done = np.zeros(len(claim), dtype=np.bool_)
    changes: list[pl.DataFrame] = []
    for number, selector, term in terms:
        rows = np.flatnonzero((base == number) & ~done)
        if not len(rows):
            continue
        chosen = np.isin(claim[rows], np.unique(claim[rows][selector.fits(lines[rows])]))
        rows = rows[chosen]
        done[rows] = True
        included = rows[~carved[rows]]
        if len(included):
            changes.append(_priced(prices[included], lines[included], included, term))
    if not changes:
        return prices
    changed = pl.concat(changes)
    joined = prices.with_row_index("row").join(
        changed, on="row", how="left", maintain_order="left", suffix="_new"
    )
    new = pl.col("basis_new").is_not_null()
    whole = pl.col("basis_new").is_in(_WHOLE).fill_null(value=False)
    return joined.select(
        pl.when(new).then(f"{name}_new").otherwise(name).alias(name)
        if name in _CHANGED
        else pl.when(~whole).then(name).alias(name)
        if name not in _KEPT
        else pl.col(name)
        for name in prices.columns
    )


def _priced(prices: pl.DataFrame, lines: pl.DataFrame, rows: Numbers, term: ClaimTerm) -> pl.DataFrame:
    """The new values of the included lines of the claims that a term matches."""
    first, last = (pl.lit(code) for code in _ACCOMMODATION)
    line = lines.select(
        "claim",
        "drg",
        row=pl.Series(rows, dtype=pl.UInt32),
        charge=pl.col("charge_cents").fill_null(0).clip(lower_bound=0),
        allowed=prices["allowed"].to_physical().cast(pl.Int64),
        own_basis=prices["basis"],
        own_contract=prices["contract"],
        own_reductions=prices["reductions"],
        room=pl.when(pl.col("revenue_code").is_between(first, last)).then("units_milli"),
        stay="stay_days",
    )
    totals = line.group_by("claim", maintain_order=True).agg(
        charges=pl.col("charge").sum(),
        lines=pl.col("allowed").sum(),
        priced=pl.col("allowed").count(),
        days=pl.coalesce(
            pl.when(pl.col("room").sum() > 0).then(pl.col("room").sum() // 1000),
            pl.col("stay").max().clip(lower_bound=1),
        ),
        drg=pl.col("drg").first(),
    )
    paid = _payments(totals, term).select("claim", "payment", "said", "limited")
    shared = line.join(paid, on="claim", how="left", maintain_order="left")
    if term.kind is ClaimTermKind.LINES:
        # Lines that the contract does not price get no share of the payment.
        share = pl.when(pl.col("allowed").is_not_null()).then(_share("allowed"))
        basis, contract = pl.col("own_basis"), pl.col("own_contract")
        said = pl.concat_str("own_reductions", "said", separator="; ", ignore_nulls=True)
    else:
        share = pl.when(pl.col("payment").is_not_null()).then(_share("charge"))
        priced = Basis.CASE_RATE if term.kind is ClaimTermKind.CASE_RATE else Basis.PER_DIEM
        basis = pl.when(pl.col("payment").is_null()).then(pl.lit(Basis.NO_DAYS.value)).otherwise(
            pl.lit(priced.value)
        )  # fmt: skip
        contract, said = pl.lit(term.name), pl.col("said")
    made = shared.select(
        "row",
        share.alias("share"),
        basis.alias("basis_new"),
        contract.alias("contract_new"),
        pl.when(said != "").then(said).alias("reductions_new"),
        pl.col("limited").fill_null(value=False).alias("charge_limited_new"),
    )
    return made.drop("share").insert_column(1, decimals(made["share"], 2).cast(DOLLARS).alias("allowed_new"))


def _share(weight: str) -> pl.Expr:
    """Each line's part of its claim's `payment`, in proportion to `weight`; the parts add up to it.

    Without weights the first line has the whole payment.
    """
    given = pl.col(weight).fill_null(0).cast(pl.Int128)
    first = (pl.int_range(pl.len()).over("claim") == 0).cast(pl.Int128)
    parts = pl.when(given.sum().over("claim") > 0).then(given).otherwise(first)
    until, whole = parts.cum_sum().over("claim"), parts.sum().over("claim")
    payment = pl.col("payment").cast(pl.Int128)
    share = (payment * until) // whole - (payment * (until - parts)) // whole
    return share.cast(pl.Int64)


def _payments(totals: pl.DataFrame, term: ClaimTerm) -> pl.DataFrame:
    """`totals` with `payment` in cents, `limited` and `said`, the steps of the computation in words."""
    steps: list[pl.Expr] = []
    payment: pl.Expr
    if term.kind is ClaimTermKind.LINES:
        payment = pl.when(pl.col("priced") > 0).then("lines")
    elif term.kind is ClaimTermKind.PER_DIEM:
        payment = _tiers(term)
        words = (pl.lit(f"{term.name}: "), _dollars(payment), pl.lit(" for "), "days", pl.lit(" days"))
        steps.append(pl.concat_str(*words))
    elif term.base_rate is not None:
        weights = {drg: int(weight * 10_000) for drg, weight in term.weights.items()}
        weight = pl.col("drg").replace_strict(weights, default=None, return_dtype=pl.Int64)
        # Cents x ten-thousandths x millionths of the whole.
        exact = weight.cast(pl.Int128) * _cents(term.base_rate) * int(term.percent * 10_000)
        payment = half_up(exact, 10_000 * _MILLION).cast(pl.Int64)
        of = "" if term.percent == 100 else f" x {term.percent.normalize():f}%"
        parts = (
            pl.lit(f"{term.name}: base rate {term.base_rate:.2f} x weight "), weight // 10_000, pl.lit("."),
            (weight % 10_000).cast(pl.String).str.zfill(4), pl.lit(f"{of}: "), _dollars(payment),
        )  # fmt: skip
        steps.append(pl.concat_str(*parts))
    else:
        by_drg = {drg: _cents(rate) for drg, rate in term.drg_rates.items()}
        payment = (
            pl.col("drg").replace_strict(by_drg, default=None, return_dtype=pl.Int64)
            if by_drg
            else pl.lit(_cents(term.rate or Decimal(0)), pl.Int64)
        )
        steps.append(pl.concat_str(pl.lit(f"{term.name}: case rate "), _dollars(payment)))
    found = totals.with_columns(payment=payment).with_columns(rate=pl.col("payment"))
    if term.outlier_after is not None:
        over = (pl.col("days") - term.outlier_after).clip(lower_bound=0).fill_null(0)
        found = found.with_columns(payment=pl.col("payment") + over * _cents(term.outlier_rate), over=over)
        after = pl.concat_str(pl.lit("outlier: "), "over", pl.lit(f" days after day {term.outlier_after}"))
        steps.append(pl.when(pl.col("over") > 0).then(after))
    if term.stop_loss:
        found = _with_stop_loss(found, term.stop_loss)
        of = "all charges" if term.stop_loss.of_all_charges else "the charges"
        above = (
            f"stop-loss: {term.stop_loss.percent.normalize():f}% of {of} above {term.stop_loss.above:,.2f}"
        )
        steps.append(pl.when("stopped").then(pl.lit(above)))
    for limit, least in ((term.minimum, True), (term.maximum, False)):
        if limit is None:
            continue
        cents = _cents(limit)
        hit = pl.col("payment") < cents if least else pl.col("payment") > cents
        word = "minimum" if least else "maximum"
        found = found.with_columns(hit.alias(word)).with_columns(
            payment=pl.when(word).then(pl.lit(cents, pl.Int64)).otherwise("payment")
        )
        steps.append(pl.when(word).then(pl.lit(f"{word} {limit:,.2f}")))
    limited = (pl.col("charges") < pl.col("payment")) if term.lesser_of_charge else pl.lit(value=False)
    found = found.with_columns(limited=limited).with_columns(
        payment=pl.when("limited").then("charges").otherwise("payment")
    )
    steps.append(pl.when("limited").then(pl.lit("limited to the charges of the claim")))
    said = pl.concat_str(steps, separator="; ", ignore_nulls=True)
    return found.with_columns(said=pl.when(said != "").then(said))


def _tiers(term: ClaimTerm) -> pl.Expr:
    """Cents for the days of each claim: each day at the rate of its tier."""
    total, before = pl.lit(0, pl.Int64), 0
    for last, rate in term.days:
        within = (pl.col("days") - before).clip(
            lower_bound=0, upper_bound=None if last is None else last - before
        )
        total = total + within * _cents(rate)
        before = before if last is None else last
    return pl.when(pl.col("days").is_not_null()).then(total)


def _with_stop_loss(found: pl.DataFrame, stop_loss: StopLoss) -> pl.DataFrame:
    threshold, millionths = _cents(stop_loss.above), int(stop_loss.percent * 10_000)
    stopped = pl.col("charges") > threshold
    base = pl.col("charges") - (0 if stop_loss.of_all_charges else threshold)
    more = half_up(base.cast(pl.Int128) * millionths, _MILLION).cast(pl.Int64)
    instead = more if stop_loss.of_all_charges else pl.col("payment") + more
    return found.with_columns(stopped=stopped).with_columns(
        payment=pl.when("stopped").then(instead).otherwise("payment")
    )


def _cents(dollars: Decimal) -> int:
    return int(dollars * 100)


def _dollars(cents: pl.Expr) -> pl.Expr:
    return pl.concat_str(cents // 100, pl.lit("."), (cents % 100).cast(pl.String).str.zfill(2))
