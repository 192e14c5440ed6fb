"""Which payment locality a ZIP code is of, and what Medicare pays by other schedules than that of physicians.

Tables are read when they are first asked for. Of a table without rates for a day there is no price, and none
is carried over: laboratory fees hold for the calendar year of their file, drug limits for their quarter,
outpatient rates for their year.

Sources: Medicare Claims Processing Manual, ch. 1, 10.1.1 (locality by the ZIP code of the place of service);
ch. 16, 20 (laboratory); ch. 17, 20 (drugs); ch. 4, 10 (outpatient).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from .tables import read_table
from .versions import Version

ZIPS, LABORATORY, DRUGS = "zip_localities", "clinical_laboratory_fees", "drug_payment_limits"
OUTPATIENT, COMPLEXITY = "opps_status", "opps_complexity"
OTHERS = (ZIPS, LABORATORY, DRUGS, OUTPATIENT, COMPLEXITY)


@dataclass(frozen=True, eq=False)
class OtherSchedules:
    """The versions that there are of each; one is equal to none but itself."""

    versions: tuple[Version, ...]

    @cached_property
    def zip_localities(self) -> pl.DataFrame:
        """`zip` and `locality`, contractor and number as in 13202-01, of the newest table."""
        newest = self._newest_first(ZIPS)
        if not newest:
            return pl.DataFrame(schema={"zip": pl.String, "locality": pl.String})
        return read_table(newest[0]).select(
            "zip", locality=pl.concat_str("contractor", pl.lit("-"), "locality")
        )

    @cached_property
    def laboratory(self) -> pl.DataFrame:
        """`procedure`, `modifier`, `amount`, with the calendar year in which each fee holds."""
        return self._dated(LABORATORY, ("procedure", "modifier", "amount"), whole_year=True)

    @cached_property
    def drugs(self) -> pl.DataFrame:
        """`procedure` and `amount`, the limit of a billing unit, with the quarter in which each holds."""
        return self._dated(DRUGS, ("procedure", "amount"))

    @cached_property
    def outpatient(self) -> pl.DataFrame:
        """`procedure`, `status`, `apc`, `amount`, the national rate, with the days on which each holds."""
        return self._dated(OUTPATIENT, ("procedure", "status", "apc", "amount"))

    @cached_property
    def complexity(self) -> pl.DataFrame:
        """`primary`, `secondary` and `apc`, to which the pair is raised, of the newest table."""
        newest = self._newest_first(COMPLEXITY)
        schema = dict.fromkeys(("primary", "secondary", "apc"), pl.String)
        return read_table(newest[0]) if newest else pl.DataFrame(schema=schema)

    def _newest_first(self, name: str) -> list[Version]:
        """The versions of a dataset: the user's before the package's, the latest first."""
        of_name = [version for version in self.versions if version.dataset == name]
        return sorted(
            of_name,
            key=lambda one: (not one.is_of_package, one.effective_from or date.min, str(one.loaded_at)),
            reverse=True,
        )

    def _dated(self, name: str, columns: tuple[str, ...], *, whole_year: bool = False) -> pl.DataFrame:
        """The tables of all versions, `effective_on` and `expires_on` beside each row; where two cover a day,
        that which comes first in `rank`.
        """
        parts = []
        for rank, version in enumerate(self._newest_first(name)):
            first, last = version.effective_from or date.min, version.effective_to or date.max
            if whole_year:
                first, last = date(first.year, 1, 1), date(first.year, 12, 31)
            parts.append(
                read_table(version).select(
                    *columns,
                    pl.lit(first).alias("effective_on"),
                    pl.lit(last).alias("expires_on"),
                    pl.lit(rank, pl.Int32).alias("rank"),
                )
            )
        if parts:
            return pl.concat(parts, how="vertical_relaxed")
        return pl.DataFrame(schema=[*columns, "effective_on", "expires_on", "rank"])


def other_schedules(versions: Iterable[Version]) -> OtherSchedules:
    """What there is of the datasets among some versions."""
    return OtherSchedules(tuple(version for version in versions if version.dataset in OTHERS))
