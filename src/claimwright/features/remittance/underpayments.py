"""Finds underpayments in posted remittances, when they are posted and again on demand."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.engines.deadlines import interest_owed
from claimwright.engines.pricing import MEANING, Basis, Pricer, explain_price
from claimwright.engines.remittance import account_of
from claimwright.engines.underpayments import (
    FINDINGS,
    Tolerances,
    compare,
    find,
    interest_findings,
    other_editions,
    payer_kinds,
    suspects,
)
from claimwright.engines.x12 import Remittance
from claimwright.platform.database import Connection
from claimwright.store import underpayments as store
from claimwright.store.sealed_claims import Opens

from .opened_claims import OpenedClaims

_MEDICARE = ("MA", "MB")
# No rule asks for payment sooner after receipt than this: such claims are not opened for interest.
_SOONEST_DUE_DAYS = 10
_WORDS: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(), "line": pl.Int32(), "contract": pl.String(), "words": pl.String(),
    "priced_cents": pl.Int64(), "is_named": pl.Boolean(), "price_basis": pl.String(),
}  # fmt: skip


@cache
def _default_pricer() -> Pricer:
    return Pricer.default()


@dataclass(frozen=True)
class UnderpaymentSearch:
    """How underpayments are found: with which prices and tolerances.

    With `prices_anew`, every claim is priced by `pricer`, not only those that fall short of the price of
    their run: needed if the runs did not know the contracts.
    """

    pricer: Callable[[], Pricer] = _default_pricer
    tolerances: Tolerances = field(default_factory=Tolerances)
    prices_anew: bool = False

    def search(
        self, caller: Caller, connection: Connection, opener: Opens, now: datetime.datetime,
        *, payments: Sequence[int] | None = None, answers: Sequence[int] | None = None,
    ) -> int:  # fmt: skip
        """Find the underpayments of these payments or answers, or of all, and store them. Returns how many
        are found in answers; what was found before and is no longer found goes.
        """
        count = 0
        for keys in store.answers_to_compare(connection, payments, answers):
            said = store.answered(connection, keys)
            found = self.found_in(said, OpenedClaims(caller, connection, opener), now)
            store.replace_underpayments(connection, keys, found)
            count += found.height
        if answers is None:
            self.find_takebacks(connection, payments, now)
        return count

    def find_takebacks(
        self, connection: Connection, payments: Sequence[int] | None, now: datetime.datetime
    ) -> None:
        """Find what these payments, or all, took back without a reversal."""
        store.find_takebacks(connection, payments, now)

    def found_in(self, said: store.Answered, opened: OpenedClaims, now: datetime.datetime) -> pl.DataFrame:
        """The underpayments in what answers say: the columns of `store.UNDERPAYMENTS`."""
        whole, claimed, answered, adjusted = said
        adjusted = adjusted.with_columns(account=account_of(pl.col("group_code"), pl.col("carc")))
        if self.prices_anew:
            claimed = self._priced_anew(opened, whole, claimed)
        short = suspects(
            compare(claimed, answered, adjusted, whole.select("answer", "charge_cents", "paid_cents"))
        )
        short = short.join(
            whole.select("answer", "claim_key", "payer_id", "claim_filing", "has_edit"), on="answer",
            how="left", maintain_order="left",
        )  # fmt: skip
        late = whole.filter(
            (pl.col("paid_on") - pl.col("received_on")).dt.total_days() > _SOONEST_DUE_DAYS,
            pl.col("paid_cents") > 0,
        )
        found = pl.concat([self._short(short, opened), _late(late, opened.of(late["claim_key"]))])
        rows = found.rename({"answer": "answer_id"}).join(
            whole.select("payment_id", answer_id="answer"), on="answer_id", how="left", maintain_order="left"
        )
        return rows.with_columns(
            ordinal=pl.lit(0, pl.Int32), found_at=pl.lit(now).cast(pl.Datetime("us", "UTC"))
        )

    def _priced_anew(self, opened: OpenedClaims, whole: pl.DataFrame, claimed: pl.DataFrame) -> pl.DataFrame:
        pricer = self.pricer()
        claims, lines = opened.only(whole["claim_key"])
        words = _words(pricer.price(claims, lines), pricer)
        of_answers = words.join(whole.select("answer", "claim_key"), on="claim_key", how="inner")
        priced = of_answers.select("answer", "line", "priced_cents", "price_basis")
        return (
            claimed.join(priced, on=["answer", "line"], how="left", maintain_order="left")
            .with_columns(expected_cents="priced_cents", basis="price_basis")
            .drop("priced_cents", "price_basis")
        )

    def _short(self, short: pl.DataFrame, opened: OpenedClaims) -> pl.DataFrame:
        if not short.height:
            return pl.DataFrame(schema=FINDINGS)
        pricer = self.pricer()
        claims, lines = opened.only(short["claim_key"])
        prices = pricer.price(claims, lines)
        told = _words(prices, pricer, explained=short.select("claim_key", "line"))
        editions = other_editions(claims, lines, prices, pricer)
        of_claims = told.group_by("claim_key").agg(
            pl.col("contract").first(), is_named=pl.col("is_named").all(), line=pl.lit(None, pl.Int32),
            words=pl.lit("the sum of the prices of its lines"), priced_cents=pl.lit(None, pl.Int64),
        )  # fmt: skip
        columns = ["claim_key", "line", "contract", "words", "priced_cents", "is_named"]
        joined = short.join(
            pl.concat([told.select(columns), of_claims.select(columns)]), on=["claim_key", "line"],
            how="left", nulls_equal=True, maintain_order="left",
        )  # fmt: skip
        is_same = (pl.col("priced_cents") == pl.col("expected_cents")).fill_null(True)
        meaning = pl.col("basis").replace_strict(
            {each.value: MEANING[each] for each in Basis}, default="", return_dtype=pl.String
        )
        joined = joined.with_columns(
            is_own_price=pl.col("is_named").fill_null(False)
            | pl.col("claim_filing").is_in(_MEDICARE).fill_null(False),
            words=pl.when(is_same & pl.col("words").is_not_null())
            .then("words")
            .otherwise(meaning + pl.lit(", as priced when the claim was processed")),
        )
        of_lines = joined.select("answer", "claim_key", "line")
        other = editions.rename({"claim": "claim_key"})
        known = of_lines.join(other, on=["claim_key", "line"], how="inner", maintain_order="right")
        return find(joined, known, self.tolerances)


def stated_facts(block: Remittance, answers: pl.DataFrame) -> pl.DataFrame:
    """What the answers of a block state beside amounts: the columns of `STATED`. `answers` has `claim` and
    `answer_id`.
    """
    keys = answers.select("claim", "answer_id")
    lines = block.lines.filter(pl.col("allowed").is_not_null()).select(
        "claim", position=pl.col("line"), allowed_cents=_cents("allowed"),
        interest_cents=pl.lit(None, pl.Int64), received_on=pl.lit(None, pl.Date),
    )  # fmt: skip
    claims = block.claims.filter(
        pl.any_horizontal(pl.col("interest", "received_on").is_not_null())
    ).select(
        "claim", position=pl.lit(0, pl.Int32), allowed_cents=pl.lit(None, pl.Int64),
        interest_cents=_cents("interest"), received_on="received_on",
    )  # fmt: skip
    stated = pl.concat([lines, claims], how="vertical_relaxed").join(keys, on="claim", how="inner")
    return stated.select([pl.col(name).cast(dtype) for name, dtype in store.STATED.items()])


def _cents(column: str) -> pl.Expr:
    return (pl.col(column) * 100).cast(pl.Int64)


def _words(prices: pl.DataFrame, pricer: Pricer, *, explained: pl.DataFrame | None = None) -> pl.DataFrame:
    """How each line is priced; `is_named`: by a contract, not by the schedule that is used without one. The
    lines of `explained` (`claim_key`, `line`) have the words, too.
    """
    names = [each.name for each in pricer.contracts]
    told = pl.DataFrame(schema={"claim": pl.Int64, "line": pl.Int32, "words": pl.String})
    if explained is not None:
        wanted = explained.select(pl.col("claim_key").alias("claim"), "line").unique()
        rows = prices.join(wanted, on=["claim", "line"], how="semi", maintain_order="left")
        told = rows.select(
            pl.col("claim").cast(pl.Int64), pl.col("line").cast(pl.Int32),
            words=pl.Series(
                ["\n".join(explain_price(row)[:-1]) for row in rows.iter_rows(named=True)], dtype=pl.String
            ),
        )  # fmt: skip
    prices = prices.with_columns(pl.col("claim").cast(pl.Int64), pl.col("line").cast(pl.Int32)).join(
        told, on=["claim", "line"], how="left", maintain_order="left"
    )
    contract = pl.col("contract")
    named = pl.any_horizontal(
        contract.is_in(names), *(contract.str.starts_with(f"{name}: ") for name in names)
    )
    return prices.select(
        "line", "contract", "words", claim_key="claim", priced_cents=_cents("allowed"),
        is_named=named.fill_null(False), price_basis="basis",
    ).select([pl.col(name).cast(dtype) for name, dtype in _WORDS.items()])  # fmt: skip


def _late(late: pl.DataFrame, opened: Sequence[ClaimBatch]) -> pl.DataFrame:
    states = pl.concat(
        [pl.DataFrame(schema={"claim_key": pl.Int64, "state": pl.String})]
        + [batch.claims.select(claim_key="claim", state="billing_state") for batch in opened]
    )
    dollars = pl.Decimal(18, 2)
    claims = late.join(states, on="claim_key", how="left", maintain_order="left").with_columns(
        payer_kind=payer_kinds(pl.col("claim_filing")),
        amount=(pl.col("paid_cents").cast(dollars) / 100).cast(dollars),
        charge=(pl.col("charge_cents").cast(dollars) / 100).cast(dollars),
    )
    return interest_findings(interest_owed(claims))
