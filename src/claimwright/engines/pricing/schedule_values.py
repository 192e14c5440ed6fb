"""The relative values of all years, found by numbers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl

from claimwright.reference.fee_schedules import FeeSchedules

from .basis import BASIS_TYPE, NOT_PAID
from .remembered import Codes, Numbers, with_null_first

# Components of a service, 0 to 3, that the schedule may have a row for.
_COMPONENTS = 4

_NOT_PAID = {status: basis.value for status, basis in NOT_PAID.items()}

_VALUES = (
    "status", "work", "pe_nonfacility", "pe_facility", "malpractice", "facility_na", "nonfacility_na",
    "preoperative", "intraoperative", "postoperative", "professional_technical", "multiple_procedure",
    "bilateral", "assistant", "co_surgeon", "endoscopic_base",
    "opps_pe_nonfacility", "opps_pe_facility", "opps_malpractice",
)  # fmt: skip

AMOUNT_VALUES = [
    "work", "pe_nonfacility", "pe_facility", "malpractice",
    "opps_pe_nonfacility", "opps_pe_facility", "opps_malpractice",
]  # fmt: skip
"""What a fee schedule amount is made of."""


@lru_cache(maxsize=4)
def schedule_values(schedules: FeeSchedules) -> ScheduleValues:
    """The relative values of `schedules`, numbered once: that takes as long as pricing a thousand lines."""
    return ScheduleValues(schedules)


class ScheduleValues:
    """What the schedules say of each service.

    Attributes:
        codes: the numbers of procedures.
        table: one row an edition, procedure and component, after one of nulls. `status_basis` is the `Basis`
            of a status that is not paid, `base_code` the number of `endoscopic_base`.
    """

    def __init__(self, schedules: FeeSchedules) -> None:
        """Number the procedures of `schedules`."""
        values = schedules.relative_values
        self.codes = Codes("procedure", values["procedure"].unique())
        numbers = values.select(
            self.codes.numbers, self.codes.numbers_of(pl.col("endoscopic_base")).alias("base_code")
        )
        self.table = with_null_first(
            values.select(
                *_VALUES,
                numbers["base_code"],
                status_basis=pl.col("status").replace_strict(
                    _NOT_PAID, default=None, return_dtype=BASIS_TYPE
                ),
            )
        )
        editions = values["edition"].to_numpy()
        self._editions = np.unique(editions)
        # A plane more than there are editions, without any row: for those that there are not.
        self._rows = np.zeros((len(self._editions) + 1, _COMPONENTS, self.codes.count), dtype=np.int32)
        components, procedures = values["component"].to_numpy(), numbers["procedure_code"].to_numpy()
        at = np.searchsorted(self._editions, editions)
        self._rows[at, components, procedures] = np.arange(1, values.height + 1)

    def rows(self, editions: Numbers, components: Numbers | int, procedures: Numbers) -> Numbers:
        """Where in `table` the row of each edition, component and procedure stands; 0 for nowhere."""
        at = np.searchsorted(self._editions, editions)
        known = np.append(self._editions, -1)[at] == editions
        rows: Numbers = self._rows[np.where(known, at, -1), components, procedures]
        return rows
