"""Deadlines and prompt-pay rules as their files state them, and how the files are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from claimwright.deadline_rules import packaged_deadlines
from claimwright.domain.payer_kinds import PAYER_KINDS
from claimwright.foundation.located_yaml import YamlError, read_yaml, validated

# What ends when the time is over.
Kind = Literal["appeal", "external_review", "dispute", "reopening", "filing", "filing_exception", "recovery"]
NEEDS_APPEAL_RIGHTS: frozenset[str] = frozenset({"appeal", "external_review", "reopening"})
"""Kinds that a remark without appeal rights, such as MA130, takes away: only a corrected claim helps then."""

Start = Literal[
    "notice", "receipt", "decision_1", "decision_2", "decision_3", "decision_4", "service", "service_from",
    "exception", "demand", "prior_payer", "negotiation_end", "grievance",
]  # fmt: skip
STARTS: dict[str, str] = {
    "notice": "the date of the notice",
    "receipt": "receipt of the notice",
    "decision_1": "the decision on level 1",
    "decision_2": "the decision on level 2",
    "decision_3": "the decision on level 3",
    "decision_4": "the decision on level 4",
    "service": "the service: through date of an institutional claim, from-date of others",
    "service_from": "the first day of service",
    "exception": "the notice that makes the exception",
    "demand": "the demand letter",
    "prior_payer": "the prior payer's notice",
    "negotiation_end": "the end of the open negotiation",
    "grievance": "the decision on level 1, or day 30 after it was asked for, if that is earlier",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Period(_Strict):
    """A length of time, for starts from a day until another one, and the law that sets it."""

    law: str
    days: int | None = None
    business_days: int | None = None
    counts_first_day: bool = False
    months: int | None = None
    # Where a month has no such day: its last day, or the first day of the next month.
    overflow: Literal["last_of_month", "first_of_next_month"] = "last_of_month"
    years: int | None = None
    # Through the last day of the n-th month after the month of the start.
    end_of_month: int | None = None
    effective_from: date | None = Field(default=None, alias="from")
    until: date | None = None
    # Only for notices of this day and later, whatever the start.
    notices_from: date | None = None

    @model_validator(mode="after")
    def _has_one_length(self) -> Period:
        lengths = (self.days, self.business_days, self.months, self.years, self.end_of_month)
        if sum(length is not None for length in lengths) != 1:
            raise ValueError("a period has not exactly one length; give days, business_days, months or years")
        return self

    @property
    def words(self) -> str:
        """The length in words."""
        if self.end_of_month is not None:
            return f"last day of month {self.end_of_month} after"
        for name in ("days", "business_days", "months", "years"):
            length = getattr(self, name)
            if length is not None:
                unit = name.replace("_", " ")
                return f"{length} {unit[:-1] if length == 1 else unit}"
        raise AssertionError


class ClockRule(_Strict):
    """One deadline: whose it is, from when it runs, how long, and by which law."""

    code: str
    name: str
    kind: Kind
    level: int | None = None
    payer_kinds: tuple[str, ...]
    states: tuple[str, ...] = ()
    states_excluded: tuple[str, ...] = ()
    # Only for providers with, or without, a contract; None: for both.
    contracted: bool | None = None
    surprise_bill: bool = False
    ongoing_service: bool = False
    needs_demand: bool = False
    start: Start
    presumed_receipt_days: int = 0
    rolls: bool = False
    minimum: Literal["alj", "court"] | None = None
    periods: tuple[Period, ...] = Field(min_length=1)
    law: str
    needs: str = ""
    filed: str
    # For filing: no State, plan or contract may shorten or lengthen it, so that it says what is late.
    exact: bool = False
    # Whether the law's text was read again when the file was written.
    checked: bool = False

    @model_validator(mode="after")
    def _knows_its_payers(self) -> ClockRule:
        if set(self.payer_kinds) - set(PAYER_KINDS):
            raise ValueError(f"payer_kinds has an unknown kind; known are {', '.join(PAYER_KINDS)}")
        return self


class PayWithin(_Strict):
    """Days from receipt within which a clean claim is paid."""

    days: int


class Penalty(_Strict):
    """A share of the difference between charge and contracted rate, up to so many days late."""

    up_to_days: int | None = None
    share: Decimal
    cap: Decimal
    interest_percent: Decimal = Decimal(0)


class MonthlyStep(_Strict):
    """A monthly rate, up to a day after receipt."""

    up_to_day: int | None = None
    percent: Decimal


class PromptPayRule(_Strict):
    """What a payer owes for paying late."""

    code: str
    payer_kinds: tuple[str, ...]
    states: tuple[str, ...] = ()
    contracted: bool | None = None
    effective_from: date | None = Field(default=None, alias="from")
    due: Mapping[str, PayWithin] = Field(default_factory=dict)
    percent: Decimal | None = None
    rate_table: str | None = None
    monthly_steps: tuple[MonthlyStep, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    # Less than so many dollars need not be paid.
    least: Decimal = Decimal(0)
    law: str
    note: str = ""
    checked: bool = False


class _File(_Strict):
    regime: str
    clocks: tuple[ClockRule, ...] = ()
    prompt_pay: tuple[PromptPayRule, ...] = ()
    rates: Mapping[str, Mapping[date, Decimal]] = Field(default_factory=dict)
    minimums: Mapping[str, Mapping[int, Decimal]] = Field(default_factory=dict)


@dataclass(frozen=True)
class DeadlineRules:
    """All deadlines, prompt-pay rules and their tables; `regimes` names the file of each clock."""

    clocks: tuple[ClockRule, ...]
    prompt_pay: tuple[PromptPayRule, ...]
    rates: Mapping[str, Mapping[date, Decimal]]
    minimums: Mapping[str, Mapping[int, Decimal]]
    regimes: Mapping[str, str]

    def __getitem__(self, code: str) -> ClockRule:
        return next(clock for clock in self.clocks if clock.code == code)


def read_deadlines(texts: Mapping[str, str]) -> DeadlineRules:
    """The rules of these files.

    Raises:
        YamlError: a file is not as it has to be; the message names the line.
    """
    files = []
    for source, text in texts.items():
        place = read_yaml(text, source)
        if place is None:
            raise YamlError(source, 1, "", "is empty", "write deadlines; see docs/deadlines.md")
        files.append(validated(place, _File))
    clocks = tuple(clock for file in files for clock in file.clocks)
    if len({clock.code for clock in clocks}) < len(clocks):
        raise ValueError("two deadlines have the same code")
    return DeadlineRules(
        clocks,
        tuple(rule for file in files for rule in file.prompt_pay),
        {name: table for file in files for name, table in file.rates.items()},
        {name: table for file in files for name, table in file.minimums.items()},
        {clock.code: file.regime for file in files for clock in file.clocks},
    )


@cache
def load_deadlines() -> DeadlineRules:
    """The rules that ship with the package."""
    return read_deadlines(packaged_deadlines())
