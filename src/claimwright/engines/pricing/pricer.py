"""Price the lines of claims by the contracts of their payers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import polars as pl

from claimwright.reference.fee_schedules import FeeSchedules, fee_schedules

from .adjustments import HUNDREDTHS, PERMILLE, TENTHS
from .basis import Basis, code
from .contract_file import LARGEST, ContractError, parse_contracts
from .contracts import NATIONAL, Contract, ContractKind, medicare_contract
from .matching import contract_terms, lines_with_claims, match_contracts
from .money import DOLLARS, half_up, to_decimal
from .rates import price_by_rate, price_by_share
from .schedule_pricing import price_by_schedule

PRICE_SCHEMA: dict[str, pl.DataType] = {
    "claim": pl.Int64(),
    "line": pl.Int32(),
    "allowed": DOLLARS,
    "basis": pl.String(),
    "contract": pl.String(),
    "schedule_year": pl.Int16(),
    "setting": pl.String(),
    "locality": pl.String(),
    "locality_basis": pl.String(),
    "work_rvu": pl.Decimal(10, 2),
    "pe_rvu": pl.Decimal(10, 2),
    "malpractice_rvu": pl.Decimal(10, 2),
    "work_gpci": pl.Decimal(6, 3),
    "pe_gpci": pl.Decimal(6, 3),
    "malpractice_gpci": pl.Decimal(6, 3),
    "conversion_factor": pl.Decimal(10, 4),
    "unit_amount": pl.Decimal(18, 6),
    "reductions": pl.String(),
    "charge_limited": pl.Boolean(),
}
"""Columns of `price_lines`: the price and its basis, then what the price was made of.

`unit_amount` is the fee schedule amount of one unit in dollars, before modifiers and reductions; null where
there is no price, or none by the unit. The values before it stand there as far as they could be looked up.
`reductions` names what changed the price, in words; `charge_limited` says that the charge was less, and is
what is allowed.
"""

# Columns that only one kind of contract comes to, with what stands for "nothing changed".
_PARTS: dict[str, pl.DataType] = {
    "gross": pl.Int128(),
    "side_tenths": pl.Int64(),
    "role_permille": pl.Int64(),
    "part_permille": pl.Int64(),
    "period_hundredths": pl.Int64(),
    "year": pl.Int16(),
    "facility": pl.Boolean(),
    "place_known": pl.Boolean(),
    "locality": pl.String(),
    "locality_basis": pl.String(),
    "work": pl.Decimal(10, 2),
    "practice_expense": pl.Decimal(10, 2),
    "malpractice": pl.Decimal(10, 2),
    "work_gpci": pl.Decimal(6, 3),
    "pe_gpci": pl.Decimal(6, 3),
    "malpractice_gpci": pl.Decimal(6, 3),
    "factor": pl.Decimal(10, 4),
    "unit_micros": pl.Int64(),
    "cap_micros": pl.Int64(),
    "uncapped_micros": pl.Int64(),
    "adjustment": pl.String(),
    "reduction": pl.String(),
}

# `gross` x tenths x thousandths x thousandths x hundredths x millionths is 10**-27 dollars.
_TO_CENTS = 10**25

_BY_SCHEDULE = (ContractKind.MEDICARE_PFS.value, ContractKind.RVU.value)


def price_lines(
    claims: pl.DataFrame,
    lines: pl.DataFrame,
    contracts: Sequence[Contract],
    schedules: FeeSchedules,
    *,
    otherwise: Contract | None = None,
) -> pl.DataFrame:
    """One row a line in the order of `lines`, with the columns of `PRICE_SCHEMA`.

    `allowed` is what the payer should allow, in dollars, null where there is no price; `basis` then says
    why (`Basis`). A line whose payer, form and date no contract covers falls to `otherwise`. Lines of one
    claim and day are priced together, since reductions depend on each other; claims do not affect each
    other.

    Args:
        claims: `claim` and `form`, and where known `payer_id`, `place_of_service`, `facility_state`,
            `billing_state`, `statement_from_on`, `claim_service_from_on`.
        lines: `claim`, `line`, and where known `procedure`, `modifier_1` to `modifier_4`, `units`,
            `unit_basis`, `line_charge`, `line_place_of_service`, `line_facility_state`, `revenue_code`,
            `service_from_on`.
        contracts: no two covering the same payer, form and date.
        schedules: what the contracts refer to.
        otherwise: the contract of lines that no other covers.

    Raises:
        ValueError: a key column is missing, or a claim stands twice in `claims`.
    """
    everything = [*contracts, *([otherwise] if otherwise else [])]
    terms = contract_terms(everything)
    numbered = lines_with_claims(claims, lines)
    matched = match_contracts(numbered, terms, len(contracts) if otherwise else None)
    asked = numbered.join(
        matched, on=["payer_id", "form", "on"], how="left", nulls_equal=True, maintain_order="left"
    ).join(
        terms.drop("payer", "first_on", "last_on", "forms"), on="contract", how="left", maintain_order="left"
    )
    kind = pl.col("kind")
    uncovered = asked.filter(kind.is_null()).with_columns(
        basis=pl.when(pl.col("form").is_null()).then(code(Basis.NO_CLAIM)).otherwise(code(Basis.NO_CONTRACT))
    )
    parts = [
        uncovered,
        price_by_share(asked.filter(kind == ContractKind.PERCENT_OF_CHARGE.value)),
        price_by_rate(asked.filter(kind == ContractKind.PER_UNIT.value), everything),
    ]
    scheduled = asked.filter(kind.is_in(_BY_SCHEDULE))
    if scheduled.height:
        parts.append(price_by_schedule(scheduled, terms, everything, schedules))
    return _finished(pl.concat([part for part in parts if part.height] or parts[:1], how="diagonal"))


def _finished(lines: pl.DataFrame) -> pl.DataFrame:
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in _PARTS.items() if name not in lines.columns]
    lines = lines.with_columns(absent)
    exact = (
        pl.col("gross")
        * pl.col("side_tenths").fill_null(TENTHS)
        * pl.col("role_permille").fill_null(PERMILLE)
        * pl.col("part_permille").fill_null(PERMILLE)
        * pl.col("period_hundredths").fill_null(HUNDREDTHS)
        * pl.col("percent_millionths")
    )
    lines = lines.with_columns(cents=half_up(exact, _TO_CENTS).cast(pl.Int64))
    limited = (
        pl.col("lesser_of_charge")
        & (pl.col("charge_cents") >= 0)
        & (pl.col("charge_cents") < pl.col("cents"))
    )
    lines = lines.with_columns(charge_limited=limited.fill_null(value=False))
    finished = lines.select(
        "row",
        "claim",
        "line",
        to_decimal(pl.when("charge_limited").then("charge_cents").otherwise("cents"), 2).alias("allowed"),
        "basis",
        pl.col("contract_name").alias("contract"),
        pl.col("year").alias("schedule_year"),
        pl.when("facility")
        .then(pl.lit("facility"))
        .when("place_known")
        .then(pl.lit("nonfacility"))
        .when(~pl.col("facility"))
        .then(pl.lit("nonfacility: place of service not known"))
        .alias("setting"),
        "locality",
        "locality_basis",
        pl.col("work").alias("work_rvu"),
        pl.col("practice_expense").alias("pe_rvu"),
        pl.col("malpractice").alias("malpractice_rvu"),
        "work_gpci",
        "pe_gpci",
        "malpractice_gpci",
        pl.col("factor").alias("conversion_factor"),
        to_decimal(pl.when(pl.col("cents").is_not_null()).then("unit_micros"), 6).alias("unit_amount"),
        _reductions().alias("reductions"),
        "charge_limited",
    )
    return finished.sort("row").select(pl.col(name).cast(dtype) for name, dtype in PRICE_SCHEMA.items())


@cache
def _reductions() -> pl.Expr:
    """Everything that changed the price, in words; null where nothing did."""
    capped = (pl.col("cap_micros") < pl.col("uncapped_micros")) & pl.col("cents").is_not_null()
    percent = pl.col("percent_millionths") // 100
    text = pl.concat_str(
        pl.when(capped).then(pl.lit("outpatient payment cap on the technical component")),
        pl.col("reduction"),
        pl.when(pl.col("adjustment") != "").then("adjustment"),
        pl.when((percent != HUNDREDTHS * HUNDREDTHS) & pl.col("cents").is_not_null()).then(
            pl.concat_str(
                pl.lit("contract "),
                percent // 100,
                pl.lit("."),
                (percent % 100).cast(pl.String).str.zfill(2),
                pl.lit("%"),
            )
        ),
        separator="; ",
        ignore_nulls=True,
    )
    return pl.when(text != "").then(text)


class Pricer:
    """Contracts and the fee schedules that they refer to, ready to price."""

    def __init__(
        self,
        contracts: Sequence[Contract],
        schedules: FeeSchedules,
        *,
        otherwise: Contract | None = None,
    ) -> None:
        """Hold contracts against the schedules.

        Raises:
            ContractError: a contract names a year or a locality that the schedules do not have.
        """
        for contract in (*contracts, *([otherwise] if otherwise else [])):
            _check(contract, schedules)
        self.contracts = tuple(contracts)
        self.schedules = schedules
        self.otherwise = otherwise

    @classmethod
    def default(
        cls,
        schedules: FeeSchedules | None = None,
        *,
        qualifying_apm: bool = False,
        carry_forward: int | None = None,
        locality: str | None = None,
    ) -> Pricer:
        """Medicare's physician fee schedule for every payer.

        Args:
            schedules: the values; those that are shipped by default.
            qualifying_apm: whether the provider is a qualifying participant of an advanced alternative
                payment model, which has a conversion factor of its own from 2026.
            carry_forward: the year whose values stand in for later dates that have none; none by default.
            locality: the payment locality of every claim, or `national`; by default from the state.

        Raises:
            ContractError: the year or the locality is not in the schedules.
        """
        return cls(
            [],
            schedules or fee_schedules(),
            otherwise=medicare_contract(
                qualifying_apm=qualifying_apm, carry_forward=carry_forward, locality=locality
            ),
        )

    @classmethod
    def from_text(cls, text: str, source: str, schedules: FeeSchedules | None = None) -> Pricer:
        """The contracts of a contract file's text; `source` is what errors call it.

        Raises:
            ContractError: the text cannot be used; says on which line, and what to do.
        """
        known = parse_contracts(text, source)
        return cls(known.contracts, schedules or fee_schedules(), otherwise=known.otherwise)

    @classmethod
    def from_contracts(cls, path: str | Path, schedules: FeeSchedules | None = None) -> Pricer:
        """The contracts of a file.

        Raises:
            ContractError: the file cannot be read or used; says on which line, and what to do.
        """
        path = Path(path)
        try:
            with path.open("rb") as file:
                content = file.read(4 * LARGEST + 1)
            text = content.decode("utf-8-sig")
        except OSError as error:
            raise ContractError(f"{path.name}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ContractError(f"{path.name}: not a text file in UTF-8") from None
        return cls.from_text(text, path.name, schedules)

    def price(self, claims: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
        """What each line should be allowed: see `price_lines`.

        Raises:
            ValueError: a key column is missing, or a claim stands twice in `claims`.
        """
        return price_lines(claims, lines, self.contracts, self.schedules, otherwise=self.otherwise)


def _check(contract: Contract, schedules: FeeSchedules) -> None:
    years = schedules.years
    for term in ("schedule_year", "carry_forward"):
        year = getattr(contract, term)
        if year is not None and year not in years:
            raise ContractError(
                f"contract {contract.name!r}: {term}: there are values for "
                f"{years[0]} to {years[-1]}, none for {year}"
            )
    if contract.locality not in {None, NATIONAL} and contract.locality not in schedules.localities:
        raise ContractError(
            f"contract {contract.name!r}: locality: {contract.locality} is no payment locality at hand"
        )
