"""The relative values of the requested years, looked up by numbers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from threading import Lock

import numpy as np
import polars as pl

from claimwright.reference.fee_schedules import RELATIVE_VALUE, FeeSchedules

from .basis import BASIS_TYPE, NOT_PAID
from .memo_table import Codes, Numbers

# Components of a service, 0 to 3, for which the schedule may have a row.
_COMPONENTS = 4

_NOT_PAID = {status: basis.value for status, basis in NOT_PAID.items()}

_VALUES: dict[str, pl.DataType] = {
    "status": pl.String(),
    **dict.fromkeys(("work", "pe_nonfacility", "pe_facility", "malpractice"), RELATIVE_VALUE),
    **dict.fromkeys(("facility_na", "nonfacility_na"), pl.Boolean()),
    **dict.fromkeys(("preoperative", "intraoperative", "postoperative"), pl.Int32()),
    **dict.fromkeys(
        (
            "professional_technical",
            "multiple_procedure",
            "bilateral",
            "assistant",
            "co_surgeon",
            "team_surgeon",
        ),
        pl.UInt8(),
    ),
    "endoscopic_base": pl.String(),
    **dict.fromkeys(("opps_pe_nonfacility", "opps_pe_facility", "opps_malpractice"), RELATIVE_VALUE),
}

AMOUNT_VALUES = [
    "work", "pe_nonfacility", "pe_facility", "malpractice",
    "opps_pe_nonfacility", "opps_pe_facility", "opps_malpractice",
]  # fmt: skip
"""The values from which a fee schedule amount is computed."""


@lru_cache(maxsize=4)
def schedule_values(schedules: FeeSchedules) -> ScheduleValues:
    """The relative values of `schedules`, numbered once."""
    return ScheduleValues(schedules)


# Marks among the planes of rows: an edition that is not loaded yet, and one that does not exist (empty).
_UNREAD, _NO_EDITION = -1, 0


class ScheduleValues:
    """The values of the schedules for each service.

    Attributes:
        codes: the numbers of procedures.
        table: one row per edition, procedure and component, after a row of nulls. `status_basis` is the
            `Basis` of a status that is not paid, `base_code` the number of `endoscopic_base`. It grows with
            the requested editions, but rows never move: read it after calling `rows`.
    """

    def __init__(self, schedules: FeeSchedules) -> None:
        """Number the procedures of `schedules`."""
        self._values = schedules.relative_values
        every = [pl.Series(dtype=pl.String), *(held.procedures() for held in self._values.values())]
        self.codes = Codes("procedure", pl.concat(every).unique())
        self.table = self._columns_of(pl.DataFrame({name: [None] for name in _VALUES}))
        self._rows = np.zeros((1, _COMPONENTS, self.codes.count), dtype=np.int32)
        # The plane of `_rows` by edition; the last one for all later editions.
        self._planes = np.full(max(self._values, default=0) + 2, _NO_EDITION, dtype=np.int16)
        self._planes[list(self._values)] = _UNREAD
        self._adding = Lock()

    def rows(self, editions: Numbers, components: Numbers | int, procedures: Numbers) -> Numbers:
        """The row in `table` of each edition, component and procedure; 0 if there is none.

        Thread-safe.
        """
        planes = self._planes.take(editions, mode="clip")
        if len(planes) and planes.min() == _UNREAD:
            self._read(np.unique(editions[planes == _UNREAD]).tolist())
            planes = self._planes.take(editions, mode="clip")
        rows: Numbers = self._rows[planes, components, procedures]
        return rows

    def _read(self, editions: Iterable[int]) -> None:
        with self._adding:
            for edition in editions:
                if self._planes[edition] != _UNREAD:
                    continue  # another thread has loaded it
                values = self._values[edition].table()
                plane = np.zeros_like(self._rows[:1])
                procedures = values.select(self.codes.numbers).to_series().to_numpy()
                first = self.table.height
                plane[0, values["component"].to_numpy(), procedures] = np.arange(first, first + len(values))
                self.table = self.table.vstack(self._columns_of(values)).rechunk()
                self._rows = np.concatenate([self._rows, plane])
                self._planes[edition] = len(self._rows) - 1

    def _columns_of(self, values: pl.DataFrame) -> pl.DataFrame:
        basis = (
            pl.col("status").cast(pl.String).replace_strict(_NOT_PAID, default=None, return_dtype=BASIS_TYPE)
        )
        return values.select(
            *(pl.col(name).cast(dtype) for name, dtype in _VALUES.items()),
            self.codes.numbers_of(pl.col("endoscopic_base").cast(pl.String)).alias("base_code"),
            status_basis=basis,
        )
