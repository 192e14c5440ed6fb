"""How old what is known is: which editions have ended, and go on because there is no newer one.

A publisher's edition is in force until a day; after it rules and prices go on by it until a newer one is
loaded, since most of it still holds. What has changed since is not known to them, and a report says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .datasets import dataset, datasets
from .versions import Version

# Nothing is judged or priced by these: prices are held against them, or they explain.
_ASIDE = frozenset(
    {
        "payment_amounts", "outpatient_caps", "locality_counties", "opps_groups", "opps_complexity",
        "opps_status_indicators", "inpatient_only", "lcd_coverage",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Age:
    """How old the version of a dataset is on a day.

    Attributes:
        dataset: which.
        days: since the version began; None where it holds always.
        ended_on: its last day where that is past; None where it is in force.
    """

    dataset: str
    days: int | None
    ended_on: date | None

    @property
    def is_stale(self) -> bool:
        """Whether it has ended, and a newer one is to be had from its publisher."""
        return self.ended_on is not None and not dataset(self.dataset).is_of_user


def age_of(version: Version, as_of: date) -> Age:
    """The age of a version on a day."""
    began, ends = version.effective_from, version.effective_to
    return Age(
        version.dataset,
        None if began is None else (as_of - began).days,
        ends if ends is not None and ends < as_of else None,
    )


def stale_sentence(ages: Iterable[Age]) -> str:
    """Which datasets have ended, by the day on which they did; empty where none has."""
    by_day: dict[date, list[str]] = {}
    order = {name: place for place, name in enumerate(datasets())}
    for age in sorted(ages, key=lambda one: order[one.dataset]):
        if age.is_stale and age.ended_on and age.dataset not in _ASIDE:
            by_day.setdefault(age.ended_on, []).append(age.dataset)
    if not by_day:
        return ""
    told = "; ".join(f"{', '.join(names)} ({day})" for day, names in sorted(by_day.items()))
    return (
        f"Stale, in use until a newer edition is loaded: {told}. What changed after these days is not known: "
        "for it the rules did not run, and there is no price. See `claimwright reference update`."
    )
