"""All lookup tables for pricing, numbered once for a set of contracts and fee schedules.

Every fee schedule, factor, rule and contract is in force for a range of days. Between two days on which any
of these changes, all days have the same prices: they form one period, and lookups are done once per period.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from claimwright.foundation.columns import taken
from claimwright.reference.fee_schedules import FeeSchedules

from .anesthesia import anesthesia_factors, base_units, is_anesthesia
from .contracts import NATIONAL, Contract, ContractKind, Setting
from .line_inputs import NO_DAY
from .matching import contract_terms, match_contracts, rules_by_day, schedule_calendar
from .memo_table import Codes, Numbers, Remembered
from .modifiers import MODIFIERS, PRICING_MODIFIERS, read_modifiers
from .place import practice_costs, settings
from .schedule_values import schedule_values

_EPOCH = date(1970, 1, 1)

# A key has room for a hundred editions of any four-digit year, and for more rows of practice costs than
# can exist.
_EDITIONS = 1_000_000
_COSTS = 2**32


class PriceBook:
    """Contracts and fee schedules, looked up by numbers.

    Attributes:
        codes: the columns of a line that are numbered.
        offers: by payer, form and period: `number`, 1 plus the number of the contract that covers it; else 0.
        carve_outs: services of contracts that have their own terms.
        claim_terms: terms of contracts for whole claims.
        terms: by that number and period: the terms of the contract, and its `year`, `edition`, `carried`,
            `factor`, payment rules, and the numbers of its setting and locality in that period.
        settings: by place, period and setting: the results of `place.settings`.
        costs: by the contract's locality, state, ZIP code and edition: the results of `place.practice_costs`.
        modifiers: by the four modifiers: the results of `read_modifiers`.
        anesthesia: by period, row of `costs` and qualifying participation: the anesthesia factor.
        values: the relative values.
        base_units: the base units of anesthesia codes, by contract.
    """

    def __init__(self, contracts: Sequence[Contract], schedules: FeeSchedules, otherwise: int | None) -> None:
        """Number the values that `contracts` and `schedules` use; `otherwise` is the default contract."""
        self._offered = len(contracts)
        subcontracts = [
            (number, selector, terms)
            for number, one in enumerate(contracts)
            for selector, terms in one.services
        ]
        self.carve_outs = [
            (number, selector, len(contracts) + place)
            for place, (number, selector, _) in enumerate(subcontracts)
        ]
        self.claim_terms = [
            (number, selector, term) for number, one in enumerate(contracts) for selector, term in one.claims
        ]
        contracts = [*contracts, *(terms for _, _, terms in subcontracts)]
        self.contracts = contracts
        self.ranks_procedures = any(
            one.multiple_procedures or one.bilateral_percent is not None for one in contracts
        )
        """Whether a table of rates pays procedures by side or by rank, for which modifiers are read."""
        self.schedules = schedules
        self._otherwise = otherwise
        self._of_contract = contract_terms(contracts)
        self._turns = _turning_days(contracts, schedules)
        self.values = schedule_values(schedules)
        self._number()
        periods = len(self._turns) + 2
        self.offers = Remembered(self._find_contracts, self.payers.count, self.forms.count, periods)
        self.terms = Remembered(self._find_terms, len(contracts) + 1, periods)
        self.settings = Remembered(self._find_settings, self.places.count, periods, self._settings.count)
        self.costs = Remembered(
            self._find_costs, self._localities.count, self.states.count, self.zips.count, _EDITIONS
        )
        self.modifiers = Remembered(self._find_modifiers, *(codes.count for codes in self._modifiers))
        self.anesthesia = Remembered(self._find_anesthesia_factors, periods, _COSTS, 2)
        self.base_units = base_units(contracts, schedules)

    def _number(self) -> None:
        schedules = self.schedules
        states = [*schedules.indices["state"].drop_nulls(), *schedules.single_locality_states["state"]]
        localities = [NATIONAL, *(one.locality for one in self.contracts if one.locality)]
        self.payers = Codes("payer_id", (one.payer_id for one in self.contracts if one.payer_id))
        self.forms = Codes("form", "PID")
        self.places = Codes("place", schedules.facility_places["place_of_service"])
        self.states = Codes("state", states)
        self.zips = Codes("zip", schedules.others.zip_localities["zip"])
        self._modifiers = [Codes(column, PRICING_MODIFIERS) for column in MODIFIERS]
        self._localities = Codes("own_locality", localities)
        self._settings = Codes("setting", Setting)
        procedures = self.values.codes
        numbered = [self.payers, self.forms, self.places, self.states, self.zips, procedures]
        self.codes = [*numbered, *self._modifiers]
        known = pl.DataFrame({"procedure": procedures.values(np.arange(procedures.count))})
        self.is_anesthesia = known.select(is_anesthesia()).to_series().to_numpy()
        """Whether the procedure of a number is an anesthesia code; unknown ones must be checked."""

    @cached_property
    def rules(self) -> list[str]:
        """The columns of `terms` that are payment rules."""
        return [name for name in self.terms.table.columns if name.startswith("rule_")]

    def periods(self, days: Numbers) -> Numbers:
        """The number of the period of each day since 1970; 0 for `NO_DAY`."""
        return np.where(days == NO_DAY, 0, np.searchsorted(self._turns, days, side="right") + 1)

    def _days(self, periods: Numbers) -> pl.Series:
        """A day of each period; null for 0."""
        days = np.concatenate([[NO_DAY], [self._turns[0] - 1], self._turns])[periods]
        return pl.select(
            pl.when(pl.lit(pl.Series(days)) != NO_DAY).then(pl.Series(days)).cast(pl.Int32).cast(pl.Date)
        ).to_series()

    def columns_of(self, lines: pl.DataFrame, rows: Numbers, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of some lines: from `lines`, and from the tables of the book."""
        known = set(lines.columns)
        found = taken(lines[[name for name in columns if name in known]], rows)
        for table, place in (
            (self.values.table, "value_row"),
            (self.modifiers.table, "modifier_row"),
            (self.terms.table, "term"),
        ):
            there = set(table.columns) - known
            if names := [name for name in columns if name in there]:
                found = found.hstack(taken(table[names], lines[place].to_numpy()[rows]))
        return found

    def _find_contracts(self, payers: Numbers, forms: Numbers, periods: Numbers) -> pl.DataFrame:
        asked = pl.DataFrame(
            {
                "payer_id": self.payers.values(payers),
                "form": self.forms.values(forms),
                "on": self._days(periods),
            }
        )
        offered = self._of_contract.head(self._offered)
        found = _in_order(asked, match_contracts(asked, offered, self._otherwise))
        return found.select(number=pl.col("contract").fill_null(-1) + 1)

    def _find_terms(self, numbers: Numbers, periods: Numbers) -> pl.DataFrame:
        number = pl.Series(numbers - 1, dtype=pl.Int32)
        asked = pl.DataFrame({"contract": number.set(number < 0, None), "on": self._days(periods)})
        of_contract = self._of_contract.drop("payer", "first_on", "last_on", "forms")
        found = asked.join(of_contract, on="contract", how="left", maintain_order="left")
        calendar = schedule_calendar(found, self._of_contract, self.schedules)
        return (
            found.join(calendar, on=["contract", "on"], how="left", maintain_order="left")
            .join(rules_by_day(found["on"], self.schedules), on="on", how="left", maintain_order="left")
            .with_columns(
                # The indices of an `rvu` contract are all 1.000, so its factor does not depend on the place.
                own_locality=pl.when(pl.col("kind") == ContractKind.RVU.value)
                .then(pl.lit(NATIONAL))
                .otherwise("own_locality")
            )
            .with_columns(self._localities.numbers, self._settings.numbers)
            .drop("on", "own_locality", "setting")
        )

    def _find_settings(self, places: Numbers, periods: Numbers, chosen: Numbers) -> pl.DataFrame:
        asked = pl.DataFrame(
            {
                "place": self.places.values(places),
                "on": self._days(periods),
                "setting": self._settings.values(chosen),
            }
        )
        return _in_order(asked, settings(asked, self.schedules))

    def _find_costs(
        self, localities: Numbers, states: Numbers, zips: Numbers, editions: Numbers
    ) -> pl.DataFrame:
        asked = pl.DataFrame(
            {
                "own_locality": self._localities.values(localities),
                "state": self.states.values(states),
                "zip": self.zips.values(zips),
                "edition": pl.Series(editions, dtype=pl.Int32),
            }
        )
        found = _in_order(asked, practice_costs(asked, self.schedules))
        return found.with_columns(in_schedule=pl.col("work_gpci").is_not_null())

    def _find_modifiers(self, *numbers: Numbers) -> pl.DataFrame:
        asked = pl.DataFrame(
            {
                column: codes.values(part)
                for column, codes, part in zip(MODIFIERS, self._modifiers, numbers, strict=True)
            }
        )
        return _in_order(asked, read_modifiers(asked))

    def _find_anesthesia_factors(self, periods: Numbers, costs: Numbers, apm: Numbers) -> pl.DataFrame:
        asked = pl.DataFrame(
            {
                "on": self._days(periods),
                "locality": self.costs.table["locality"][costs],
                "qualifying_apm": apm == 1,
            }
        )
        return _in_order(asked, anesthesia_factors(asked, self.schedules))


def _in_order(asked: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The results for each row of `asked`, without the key columns."""
    keys = asked.columns
    return asked.join(found, on=keys, how="left", nulls_equal=True, maintain_order="left").drop(keys)


def _turning_days(contracts: Sequence[Contract], schedules: FeeSchedules) -> Numbers:
    """Days since 1970 on which prices may change, in order; at least one."""
    days = {(day - _EPOCH).days for contract in contracts for day in _turns_of(contract)}
    for table in (
        schedules.schedules,
        schedules.conversion_factors,
        schedules.anesthesia_factors,
        schedules.facility_places,
        schedules.payment_rules,
    ):
        days.update(table["effective_on"].drop_nulls().to_physical())
        days.update(table["expires_on"].drop_nulls().to_physical() + 1)
    return np.array(sorted(days) or [0], dtype=np.int64)


def _turns_of(contract: Contract) -> Iterator[date]:
    if contract.effective_on:
        yield contract.effective_on
    if contract.expires_on and contract.expires_on < date.max:
        yield contract.expires_on + timedelta(days=1)
    if contract.carry_forward:
        yield date(contract.carry_forward + 1, 1, 1)
