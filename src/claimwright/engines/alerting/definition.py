"""The definition of an alert, as a file, a request and the database hold it.

A definition names a figure, the values of up to two dimensions it is judged by, a condition, and who is told.
It holds no value of a claim.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import time
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

# CMS cell size suppression policy: numbers of fewer than 11 claims say who they are about.
LEAST_ITEMS = 11
_NAME = r"^[a-z][a-z0-9_]{2,60}$"
TargetName = Annotated[str, Field(pattern=_NAME)]
Severity: TypeAlias = Literal["info", "warning", "critical"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AlertThreshold(_Strict):
    """The figure over the last days is above or below a number.

    Shares are of 1, dollars are whole cents, like the figures themselves.
    """

    kind: Literal["threshold"] = "threshold"
    above: float | None = Field(default=None, allow_inf_nan=False)
    below: float | None = Field(default=None, allow_inf_nan=False)
    days: int = Field(default=30, ge=1, le=366, description="Over so many days, the last one included.")

    @model_validator(mode="after")
    def _one(self) -> AlertThreshold:
        if self.above is None and self.below is None:
            raise ValueError("state above, below, or both")
        if self.above is not None and self.below is not None and self.below >= self.above:
            raise ValueError("below must be less than above")
        return self


class UnusualDay(_Strict):
    """A day is far from what is usual for its weekday.

    `sensitivity` is how far: few false alarms and only large breaks, or more of both. Measured rates are in
    docs/alerts.md.
    """

    kind: Literal["unusual"] = "unusual"
    side: Literal["up", "down", "both", "worse"] = Field(
        default="worse", description="worse: the side that is bad for the figure."
    )
    sensitivity: Literal["low", "normal", "high"] = "normal"
    delay_days: int = Field(
        default=1, ge=0, le=30, description="Judge the day before so many days; today is never complete."
    )


Condition: TypeAlias = Annotated[AlertThreshold | UnusualDay, Field(discriminator="kind")]


class QuietHours(_Strict):
    """When nobody is told, by the clock of a place. What is critical is told anyway, unless said otherwise.

    From `begins` to `ends`, over midnight where `ends` is earlier; whole days of `quiet_days` too (0 is
    Monday).
    """

    time_zone: str = Field(max_length=60)
    begins: time | None = None
    ends: time | None = None
    quiet_days: frozenset[Annotated[int, Field(ge=0, le=6)]] = frozenset()
    critical_too: bool = False

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                "there is no such time zone; write one such as America/Chicago (IANA time zone database)"
            ) from None
        return name

    @model_validator(mode="after")
    def _whole(self) -> QuietHours:
        if (self.begins is None) != (self.ends is None):
            raise ValueError("state both begins and ends, or neither")
        if self.begins is not None and self.begins == self.ends:
            raise ValueError("begins and ends are the same; name whole days in quiet_days")
        if any(each is not None and each.tzinfo for each in (self.begins, self.ends)):
            raise ValueError("hours are of the time zone: write them without an offset")
        if len(self.quiet_days) == 7:
            raise ValueError("on all days nobody would ever be told")
        return self


class AlertEscalation(_Strict):
    """Who is told if nobody has acknowledged an alert so many minutes after it began."""

    after_minutes: int = Field(ge=1, le=60 * 24 * 30)
    targets: tuple[TargetName, ...] = Field(min_length=1, max_length=10)


class AlertDefinition(_Strict):
    """One alert: of which figure, when, and who is told."""

    name: str = Field(pattern=_NAME, description="Lower-case letters, digits and _.")
    title: str = Field(default="", max_length=120, description="For people; the figure's title if empty.")
    kpi: str = Field(max_length=80, description="Name of the figure.")
    by: tuple[str, ...] = Field(default=(), max_length=2, description="Judged for each value of these.")
    where: tuple[tuple[str, str], ...] = Field(default=(), max_length=4, description="Only of these values.")
    condition: Condition
    minimum_items: int = Field(
        default=30, ge=LEAST_ITEMS, le=10_000_000, description="Fewer claims are not judged."
    )
    severity: Severity = "warning"
    targets: tuple[TargetName, ...] = Field(
        default=(), max_length=10, description="Names of targets. The app shows every alert."
    )
    quiet_hours: QuietHours | None = None
    escalation: tuple[AlertEscalation, ...] = Field(default=(), max_length=5)
    remind_hours: int | None = Field(
        default=None, ge=1, le=24 * 30, description="Tell again while it goes on. Default: once."
    )
    is_on: bool = True

    @field_validator("title")
    @classmethod
    def _plain(cls, text: str) -> str:
        text = " ".join(text.split())
        if re.search(r"[<>\x00-\x1f]|\d{3}-?\d{2}-?\d{4}", text):
            raise ValueError("a title is plain words, without numbers of people")
        return text

    @field_validator("where")
    @classmethod
    def _short(cls, conditions: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if any(not value or len(value) > 100 for _, value in conditions):
            raise ValueError("a value of a dimension is 1 to 100 characters")
        if len({dimension for dimension, _ in conditions}) < len(conditions):
            raise ValueError("name each dimension once")
        return conditions

    @model_validator(mode="after")
    def _in_order(self) -> AlertDefinition:
        waits = [each.after_minutes for each in self.escalation]
        if waits != sorted(set(waits)):
            raise ValueError("escalation: each step comes later than the one before")
        if len(set(self.by)) < len(self.by):
            raise ValueError("by: name each dimension once")
        return self

    @property
    def every_target(self) -> frozenset[str]:
        """The names of all its targets."""
        return frozenset(self.targets).union(*(each.targets for each in self.escalation))
