"""A figure (KPI) as its file states it, and how the files are read.

A file contains one mapping. Nothing in it is optional but what is said to be: a file that lacks its source,
its benchmark or its cases does not load. `cases` are worked by hand; the test suite runs the cases of all
figures.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

from claimwright.foundation.located_yaml import YamlError, read_yaml, validated
from claimwright.kpis import packaged_kpis

from .fact_catalogue import FACTS
from .formula import Formula, FormulaError, read_formula
from .known import MEASURES
from .rollup import AGES, DIMENSIONS, OF_FACT

# Beside the dimensions of facts: facilities, and the ages of balances.
BREAKDOWNS = (*DIMENSIONS[1:], "facility", "age")
Unit: TypeAlias = Literal["share", "cents", "days", "hours", "items", "minutes"]
# period: what is valid in it. balance: what is there at its end. trailing: what is valid in so many days up
# to its end.
Over: TypeAlias = Literal["period", "balance", "trailing"]
QUESTIONS = ("denials", "receivables", "claims", "payments", "authorizations", "work")
_NAME = r"[a-z][a-z0-9_]{2,60}"


def _formula(value: object) -> Formula:
    if isinstance(value, Formula):
        return value
    try:
        return read_formula(str(value))
    except FormulaError as error:
        raise ValueError(str(error)) from None


FormulaField = Annotated[Formula, PlainValidator(_formula)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Side(_Strict):
    """The numerator or the denominator: in words, as a formula, and over which days.

    Attributes:
        days: of `trailing`.
        per_day: the sum is divided by the days that it is over.
    """

    words: str = Field(min_length=10)
    sql: FormulaField
    over: Over = "period"
    days: int | None = Field(default=None, ge=1, le=366)
    per_day: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Side:
        if (self.over == "trailing") != (self.days is not None):
            raise ValueError("days are stated for over: trailing, and only there")
        balances = {FACTS[name].is_balance for name in self.sql.facts}
        if balances != {self.over == "balance"}:
            raise ValueError("facts that are balances are summed over: balance, and no others")
        return self


class Benchmark(_Strict):
    """A published value with its source and date; or why there is none.

    Attributes:
        published: year, month or day of the publication.
        read_on: of a value that others quote, the day on which the quotation was read.
    """

    value: float | None = None
    words: str = Field(min_length=10)
    source: str = ""
    published: str | None = Field(default=None, pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$")
    read_on: datetime.date | None = None

    @model_validator(mode="after")
    def _is_sourced(self) -> Benchmark:
        if self.value is not None and not (self.source and (self.published or self.read_on)):
            raise ValueError("a benchmark has a source, and when it was published or read")
        return self


class CaseFact(_Strict):
    """A row of facts in a case: of a balance with its age, of a wait with its days."""

    fact: str
    items: int = 0
    cents: int = 0
    net_cents: int = 0
    lines: int = 0
    quantity: int = 0
    age: str | None = None
    wait_days: int | None = None
    # Of a claim that waits since so many days.
    submitted_days_ago: int | None = None

    @model_validator(mode="after")
    def _is_known(self) -> CaseFact:
        if self.fact not in FACTS:
            raise ValueError("there is no such fact; docs/reference/kpis.md lists them")
        if self.age is not None and self.age not in AGES:
            raise ValueError(f"there is no such age. There are: {', '.join(AGES)}")
        return self


class KpiCase(_Strict):
    """What the facts of a period are, and what the figure then is by hand; null with its reason."""

    name: str
    # The days of the period; what is per day depends on them.
    period_days: int = Field(default=30, ge=1)
    facts: tuple[CaseFact, ...]
    # Null where there is nothing to compute it from.
    value: float | None = None
    working: str = Field(min_length=3)


class Kpi(_Strict):
    """A figure: what it is, how it is computed, where it is from, and what is known to be good."""

    name: str = Field(pattern=f"^{_NAME}$")
    title: str = Field(min_length=5, max_length=80)
    question: Literal["denials", "receivables", "claims", "payments", "authorizations", "work"]
    definition: str = Field(min_length=20)
    unit: Unit
    direction: Literal["higher", "lower", "neither"]
    # A median needs the numerator only: of its waits, those that are not over with it.
    method: Literal["quotient", "sum", "median"] = "quotient"
    numerator: Side
    denominator: Side | None = None
    exclusions: tuple[str, ...] = Field(min_length=1)
    source: tuple[str, ...] = Field(min_length=1)
    benchmark: Benchmark
    grain: str = Field(min_length=5)
    dimensions: tuple[str, ...]
    # Whether it is for those who may read the ledger only, or see what others do.
    needs: Literal["none", "ledger", "staff"] = "none"
    cases: tuple[KpiCase, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _is_complete(self) -> Kpi:
        if (self.method == "quotient") != (self.denominator is not None):
            raise ValueError("a quotient has a denominator, and nothing else has one")
        strange = set(self.dimensions) - set(BREAKDOWNS)
        if strange:
            raise ValueError(f"a dimension is unknown. There are: {', '.join(BREAKDOWNS)}")
        for name in set(self.dimensions) & set(OF_FACT):
            if not any(name in FACTS[fact].dimensions for fact in self.numerator.sql.facts):
                raise ValueError(f"no fact of the numerator has {name}; leave it out")
        if not any(case.value is None for case in self.cases) and self.method != "sum":
            raise ValueError("a case without a value is missing: what it is if nothing happened")
        if all(case.value is None for case in self.cases):
            raise ValueError("a case with a value is missing; work one out by hand")
        return self

    @property
    def facts(self) -> frozenset[str]:
        """The facts that it reads."""
        found = self.numerator.sql.facts | (self.denominator.sql.facts if self.denominator else frozenset())
        return found | ({"submitted"} if self.heeds_waiting else frozenset())

    @property
    def heeds_waiting(self) -> bool:
        """Whether its median has those that still wait: claims that are sent and not paid."""
        return self.method == "median" and "payment_wait" in self.numerator.sql.facts


@dataclass(frozen=True)
class Kpis:
    """All figures, by name."""

    kpis: tuple[Kpi, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Kpi]:
        """The figures by name."""
        return {each.name: each for each in self.kpis}

    def __len__(self) -> int:
        return len(self.kpis)


def read_kpi(text: str, source: str) -> Kpi:
    """The figure of a file.

    Raises:
        YamlError: the file is not a figure; the message names the line.
    """
    place = read_yaml(text, source)
    if place is None:
        raise YamlError(source, 1, "", "is empty", "write a figure; see docs/reference/kpis.md")
    return validated(place, Kpi)


def kpis_of(kpis: Iterable[Kpi]) -> Kpis:
    """Figures in order of question and name.

    Raises:
        ValueError: two of them have one name.
    """
    listed = sorted(kpis, key=lambda each: (QUESTIONS.index(each.question), each.name))
    if len({each.name for each in listed}) < len(listed):
        raise ValueError("two figures have the same name")
    return Kpis(tuple(listed))


@cache
def load_kpis() -> Kpis:
    """The figures that ship with the package."""
    return kpis_of(read_kpi(text, source) for source, text in packaged_kpis().items())


assert set(MEASURES) <= set(CaseFact.model_fields)
