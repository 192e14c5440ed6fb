"""Price the lines of claims by the contracts of their payers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from claimwright.foundation.columns import taken
from claimwright.reference.fee_schedules import FeeSchedules, fee_schedules

from .adjustments import HUNDREDTHS, PERMILLE, TENTHS
from .basis import Basis, code
from .carve_outs import carved
from .claim_terms import price_whole_claims
from .contract_file import LARGEST, ContractError, parse_contracts
from .contract_tables import Files
from .contracts import NATIONAL, Contract, ContractKind, medicare_contract
from .line_inputs import lines_with_claims
from .money import DOLLARS, decimals, half_up
from .other_fees import price_by_other_schedules
from .outpatient import price_outpatient
from .price_book import PriceBook
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
"""Columns of `price_lines`: the price and its basis, then the values from which it was computed.

`unit_amount` is the fee schedule amount of one unit in dollars, before modifiers and reductions; null if
there is no price, or no price per unit. The columns before it are filled as far as they could be looked up.
`reductions` names what changed the price, in words; `charge_limited` states that the charge was less and is
the allowed amount.
"""

# Columns that only one kind of contract fills, with the value that means "nothing changed".
_PARTS: dict[str, pl.DataType] = {
    "gross": pl.Int128(),
    "practitioner_permille": pl.Int64(),
    "rarely": pl.Boolean(),
    "carried": pl.Boolean(),
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

# The terms of a contract that are used to price a line.
_TERMS = (
    "contract", "contract_name", "kind", "priced_basis", "carried_basis", "percent_millionths", "own_factor",
    "own_anesthesia_factor",
    "qualifying_apm", "lesser_of_charge", "adjusted", "reduced_permille", "discontinued_permille",
    "setting_code", "own_locality_code",
)  # fmt: skip


def price_lines(claims: pl.DataFrame, lines: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    """One row per line in the order of `lines`, with the columns of `PRICE_SCHEMA`.

    `allowed` is the amount that the payer should allow, in dollars, null if there is no price; `basis` then
    states why (`Basis`). Lines of the same claim and day are priced together, since reductions depend on each
    other; claims do not affect each other.

    Args:
        claims: `claim` and `form`, and if known `payer_id`, `place_of_service`, `facility_state`,
            `billing_state`, `facility_zip`, `billing_zip`, `billing_taxonomy`, `rendering_taxonomy`,
            `facility_type`, `statement_from_on`, `claim_service_from_on`.
        lines: `claim`, `line`, and if known `procedure`, `modifier_1` to `modifier_4`, `units`,
            `unit_basis`, `line_charge`, `line_place_of_service`, `line_facility_state`,
            `line_facility_zip`, `line_rendering_taxonomy`, `revenue_code`,
            `service_from_on`.
        book: the contracts and fee schedules.

    Raises:
        ValueError: a key column is missing, or a claim is twice in `claims`.
    """
    carving = bool(book.carve_outs or book.claim_terms or book.ranks_procedures)
    asked = _with_terms(lines_with_claims(claims, lines, book.codes, carving=carving), book)
    kinds = book.terms.table["kind"].to_list()
    ways = list(dict.fromkeys(_WAY_OF.values()))
    way_of = np.array([ways.index(_WAY_OF[kind]) for kind in kinds])[asked["term"].to_numpy()]
    rows = {way: np.flatnonzero(way_of == number) for number, way in enumerate(ways)}
    parts = [
        way(asked if len(chosen) == asked.height else taken(asked, chosen), book)
        for way, chosen in rows.items()
        if len(chosen)
    ]
    if not parts:
        return _finished(_uncovered(asked, book))
    finished = _finished(pl.concat(parts, how="diagonal"))
    if len(parts) > 1:
        finished = taken(finished, np.argsort(np.concatenate([*rows.values()])))
    return price_whole_claims(finished, asked, book.claim_terms) if book.claim_terms else finished


def _by_share(lines: pl.DataFrame, _: PriceBook) -> pl.DataFrame:
    return price_by_share(lines)


def _by_rate(lines: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    return price_by_rate(lines, book.contracts)


def _by_schedule(lines: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    priced = price_by_other_schedules(price_by_schedule(lines.with_row_index("row"), book), book)
    return price_outpatient(priced, book)


def _with_terms(lines: pl.DataFrame, book: PriceBook) -> pl.DataFrame:
    """`lines` with `period` and `term`, their rows in the book, and the terms."""
    period = book.periods(lines["day"].to_numpy())
    offer = book.offers.rows(lines["payer_id_code"].to_numpy(), lines["form_code"].to_numpy(), period)
    number = book.offers.numbers("number")[offer]
    base = number
    if book.carve_outs:
        number = carved(lines, number - 1, book.carve_outs) + 1
    if book.claim_terms:
        of_contract = [pl.Series("base", base - 1), pl.Series("carved", number != base)]
        lines = lines.hstack(of_contract)
    term = book.terms.rows(number, period)
    kept = lines[[name for name in lines.columns if name != "day"]]
    places = [pl.Series("period", period), pl.Series("term", term)]
    return kept.hstack([*places, *taken(book.terms.table[[*_TERMS]], term)])


def _uncovered(lines: pl.DataFrame, _: PriceBook) -> pl.DataFrame:
    return lines.with_columns(
        basis=pl.when(pl.col("form").is_null()).then(code(Basis.NO_CLAIM)).otherwise(code(Basis.NO_CONTRACT))
    )


# The pricing function for each kind of contract, and for lines without a contract.
_WAY_OF = {
    None: _uncovered,
    ContractKind.PERCENT_OF_CHARGE.value: _by_share,
    ContractKind.PER_UNIT.value: _by_rate,
    ContractKind.MEDICARE_PFS.value: _by_schedule,
    ContractKind.RVU.value: _by_schedule,
}


def _finished(lines: pl.DataFrame) -> pl.DataFrame:
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in _PARTS.items() if name not in lines.columns]
    lines = lines.with_columns(absent).with_columns(_cents()).with_columns(_limited())
    lines = lines.with_columns(_amounts())
    amounts = [
        decimals(lines["allowed_cents"], 2).alias("allowed"),
        decimals(lines["amount_micros"], 6).alias("unit_amount"),
    ]
    return lines.hstack(amounts).select(_columns())


@cache
def _cents() -> pl.Expr:
    exact = (
        pl.col("gross")
        * pl.col("side_tenths").fill_null(TENTHS)
        * pl.col("role_permille").fill_null(PERMILLE)
        * pl.col("part_permille").fill_null(PERMILLE)
        * pl.col("period_hundredths").fill_null(HUNDREDTHS)
        * (pl.col("percent_millionths") * pl.col("practitioner_permille").fill_null(PERMILLE) // PERMILLE)
    )
    return half_up(exact, _TO_CENTS).cast(pl.Int64).alias("cents")


@cache
def _limited() -> pl.Expr:
    charge = pl.col("charge_cents")
    limited = pl.col("lesser_of_charge") & (charge >= 0) & (charge < pl.col("cents"))
    return limited.fill_null(value=False).alias("charge_limited")


@cache
def _amounts() -> list[pl.Expr]:
    return [
        pl.when("charge_limited").then("charge_cents").otherwise("cents").alias("allowed_cents"),
        pl.when(pl.col("cents").is_not_null()).then("unit_micros").alias("amount_micros"),
    ]


@cache
def _columns() -> list[pl.Expr]:
    """The columns of `PRICE_SCHEMA`."""
    setting = (
        pl.when("facility")
        .then(pl.lit("facility"))
        .when("place_known")
        .then(pl.lit("nonfacility"))
        .when(~pl.col("facility"))
        .then(pl.lit("nonfacility: place of service not known"))
    )
    made = {
        "contract": pl.col("contract_name"),
        "schedule_year": pl.col("year"),
        "setting": setting,
        "work_rvu": pl.col("work"),
        "pe_rvu": pl.col("practice_expense"),
        "malpractice_rvu": pl.col("malpractice"),
        "conversion_factor": pl.col("factor"),
        "reductions": _reductions(),
    }
    return [made.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in PRICE_SCHEMA.items()]


@cache
def _reductions() -> pl.Expr:
    """Everything that changed the price, in words; null if nothing did."""
    capped = (pl.col("cap_micros") < pl.col("uncapped_micros")) & pl.col("cents").is_not_null()
    percent = pl.col("percent_millionths") // 100
    text = pl.concat_str(
        pl.when(capped).then(pl.lit("outpatient payment cap on the technical component")),
        pl.col("reduction"),
        pl.when(pl.col("adjustment") != "").then("adjustment"),
        pl.when((pl.col("practitioner_permille") < PERMILLE) & pl.col("cents").is_not_null()).then(
            pl.concat_str(
                pl.lit("practitioner other than a physician "),
                pl.col("practitioner_permille") // 10,
                pl.lit("%"),
            )
        ),
        pl.when(pl.col("rarely") & pl.col("cents").is_not_null()).then(
            pl.lit("rarely performed in this setting (NA): the value of the other setting")
        ),
        pl.when(pl.col("carried") & pl.col("cents").is_not_null()).then(
            pl.lit("an estimate: an earlier year's values, since this year's are not at hand")
        ),
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
    """Contracts and the fee schedules that they use, ready for pricing."""

    def __init__(
        self,
        contracts: Sequence[Contract],
        schedules: FeeSchedules,
        *,
        otherwise: Contract | None = None,
    ) -> None:
        """Check the contracts against the schedules.

        Raises:
            ContractError: a contract names a year or a locality that the schedules do not have.
        """
        for contract in (*contracts, *([otherwise] if otherwise else [])):
            for each in (contract, *(terms for _, terms in contract.services)):
                _check(each, schedules)
        self.contracts = tuple(contracts)
        self.schedules = schedules
        self.otherwise = otherwise
        everything = [*contracts, *([otherwise] if otherwise else [])]
        self._book = PriceBook(everything, schedules, len(contracts) if otherwise else None)

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
            schedules: the values; by default the built-in ones.
            qualifying_apm: whether the provider is a qualifying participant of an advanced alternative
                payment model, which has its own conversion factor from 2026.
            carry_forward: the year whose values apply to later dates that have none; by default none.
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
    def from_text(
        cls, text: str, source: str, schedules: FeeSchedules | None = None, *, files: Files | None = None
    ) -> Pricer:
        """The contracts in the text of a contract file; `source` is its name in error messages.

        `files` gives the text of a table that the contracts name; without it they may name none.

        Raises:
            ContractError: the text cannot be used; names the line and what to do.
        """
        known = parse_contracts(text, source, files)
        return cls(known.contracts, schedules or fee_schedules(), otherwise=known.otherwise)

    @classmethod
    def from_contracts(cls, path: str | Path, schedules: FeeSchedules | None = None) -> Pricer:
        """The contracts of a file.

        Raises:
            ContractError: the file cannot be read or used; names the line and what to do.
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

        def beside(name: str) -> str:
            return (path.parent / name).read_text(encoding="utf-8-sig")

        return cls.from_text(text, path.name, schedules, files=beside)

    def price(self, claims: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
        """The amount that should be allowed for each line: see `price_lines`.

        Raises:
            ValueError: a key column is missing, or a claim is twice in `claims`.
        """
        return price_lines(claims, lines, self._book)


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
            f"contract {contract.name!r}: locality: {contract.locality} is not a known payment locality"
        )
