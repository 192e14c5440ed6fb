"""Builds the search for underpayments from settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import TolerancesUnreadableError

if TYPE_CHECKING:
    from pathlib import Path

    from claimwright.features.remittance import UnderpaymentSearch
    from claimwright.platform.settings import Settings


def make_underpayment_search(settings: Settings, *, contracts: Path | None = None) -> UnderpaymentSearch:
    """The search with the prices and tolerances of the settings; `contracts` is another contract file.

    With contracts, every claim is priced again when it is compared; without, its run's price counts.

    Raises:
        ContractError: the contracts can't be used.
        TolerancesUnreadableError: a tolerance can't be read.
    """
    from functools import cache

    from claimwright.engines.pricing import Pricer
    from claimwright.engines.underpayments import Tolerance, ToleranceError, Tolerances
    from claimwright.features.reference_data import reference_snapshot
    from claimwright.features.remittance import UnderpaymentSearch
    from claimwright.foundation import clock
    from claimwright.reference.loaded_schedules import fee_schedules_of

    by_name: dict[str, Tolerance] = {}
    try:
        otherwise = Tolerance.read(settings.remittance.tolerance)
        for each in settings.remittance.tolerances:
            name, _, text = each.rpartition("=")
            if not name.strip():
                raise ToleranceError(
                    f"{each!r} names no contract or payer. Write it as `NAME = 2 % or 5.00`."
                )
            by_name[name.strip()] = Tolerance.read(text)
    except ToleranceError as problem:
        raise TolerancesUnreadableError(f"remittance.tolerance: {problem}") from problem
    chosen = contracts or settings.remittance.contracts

    @cache
    def pricer() -> Pricer:
        schedules = fee_schedules_of(reference_snapshot(clock.today()))
        return Pricer.default(schedules) if chosen is None else Pricer.from_contracts(chosen, schedules)

    if chosen is not None:
        pricer()  # A contract file that can't be used is reported before anything is posted.
    return UnderpaymentSearch(pricer, Tolerances(otherwise, by_name), prices_anew=chosen is not None)
