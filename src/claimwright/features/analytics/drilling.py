"""From a number to the claims behind it: their amounts add up to the number."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

import polars as pl

from claimwright.engines.kpis.definition import Side
from claimwright.engines.kpis.evaluation import breakdown_of
from claimwright.engines.kpis.rollup import AGE_ENDS, AGES
from claimwright.platform.database import Connection
from claimwright.store import analytics_sums as sums
from claimwright.store.analytics_sums import Part, Wanted

from .answering import _check_facilities
from .question import FigureError, Question
from .reading import windows_of

Behind = Literal["numerator", "denominator"]


@dataclass(frozen=True)
class BehindRow:
    """A claim or work item behind a number.

    Attributes:
        key: of the account or item, by which rows are in order.
        claim_key: the claim, in the version that the number is about.
        amount: what it adds to the number, in the measure of the figure: items, cents, days.
        items: 1 for a claim that counts, 0 for one that adds an amount only.
    """

    key: int
    claim_key: int | None
    item_id: int | None
    facility: str | None
    valid_on: datetime.date
    amount: int
    items: int


def claims_behind(
    connection: Connection,
    question: Question,
    side: Behind = "numerator",
    *,
    after: int = 0,
    limit: int = 100,
) -> list[BehindRow]:
    """The claims behind a figure's numerator or denominator, after a key.

    Of a median, the claims that are paid (numerator). Where a dimension does not divide the denominator,
    such as the cause of a denial, all claims of the denominator are behind it.

    Raises:
        FigureError: the figure has no denominator, or no claims behind it.
        NoSuchFigureError: a facility is none of the asker's.
    """
    _check_facilities(connection, question)
    of = _side(question, side)
    where = tuple((name, value) for name, value in question.where if name in breakdown_of(of.sql, [name]))
    ages = [AGES.index(value) for name, value in where if name == "age"]
    parts = [
        Part(
            term.sign,
            term.measure,
            term.facts,
            sorted(set(term.ages or ages) & set(ages or term.ages)) or term.ages or ages,
        )
        for term in of.sql.terms
    ]
    wanted = Wanted(
        sorted(of.sql.facts), windows_of(of, [question.period]), question.facilities, (),
        tuple(each for each in where if each[0] != "age"),
    )  # fmt: skip
    found = sums.claims_behind(
        connection, wanted, parts, known_at=question.known_at, ages=AGE_ENDS, after=after, limit=limit
    )
    return [BehindRow(**row) for row in found.select(pl.all()).iter_rows(named=True)]


def _side(question: Question, side: Behind) -> Side:
    of = question.kpi.numerator if side == "numerator" else question.kpi.denominator
    if of is None:
        raise FigureError(f"{question.kpi.name} is no quotient: it has no denominator.")
    if of.sql.facts == {"cost"}:
        raise FigureError("costs are entered by month: there are no claims behind them.")
    return of
