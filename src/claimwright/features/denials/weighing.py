"""The one weighing of denials: the clocks that run for each, its next step, and what it is worth.

Lists differ only in their order and in what they show of it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.deadlines import STARTS, Override, clocks
from claimwright.engines.denials import appeal_model_cases, weigh
from claimwright.engines.remittance import explain_answer
from claimwright.engines.remittance.sequence import EARLIER_PAYER_DIFFERS, EARLIER_PAYER_FIRST, WAITING
from claimwright.features.prediction import appeal_outcome_model_of
from claimwright.foundation.errors import NotFoundError
from claimwright.platform.database import Connection
from claimwright.store.denial_work import denial_with_id
from claimwright.store.sealed_claims import Opens

from .contract_clocks import overrides_in
from .facts import deadline_facts, with_claim_facts, with_known_causes
from .own_records import own_evidence

# Said of a denial whose answer is not posted.
_WAITS = {
    reason: f"Its answer is not posted: {explain_answer(WAITING, reason).means}. The time runs all the same."
    for reason in (EARLIER_PAYER_FIRST, EARLIER_PAYER_DIFFERS)
}
_STARTS_WITH_SERVICE = {STARTS["service"], STARTS["service_from"]}


class DenialNotFoundError(NotFoundError):
    """There is no such denial."""


@dataclass(frozen=True)
class Clock:
    """A clock of a denial; `days_left` is 0 on the last day. `needs` is what the law asks for beside time.

    `start_on` is null where it is a day of service that the caller may not see. Its last day and its law
    stay, since nobody can keep a deadline that they do not know. Whoever knows both can work the start out.
    """

    clock: str
    name: str
    kind: str
    level: int | None
    law: str
    starts_with: str
    start_on: datetime.date | None
    due_on: datetime.date
    days_left: int
    is_lapsed: bool
    minimum_amount: Decimal | None
    is_below_minimum: bool | None
    needs: str | None
    filed: str
    is_contract: bool


def clocks_of(
    caller: Caller,
    connection: Connection,
    denial_id: int,
    as_of: datetime.date,
    opener: Opens | None = None,
    *,
    facilities: Sequence[str] | None = None,
    overrides: Sequence[Override] = (),
    decided: Mapping[int, datetime.date] | None = None,
) -> list[Clock]:
    """Every clock of a denial, in order of its last day. `decided` are the days of decisions on appeals, by
    level: clocks of the level after start with them. `overrides`: contracts' times, instead of those of the
    store.

    Raises:
        DenialNotFoundError: there is no such denial, or it is no longer in force.
    """
    rows = denial_with_id(connection, denial_id, facilities=facilities).filter("in_force")
    if not rows.height:
        raise DenialNotFoundError(f"there is no denial {denial_id} in force.")
    known = with_claim_facts(caller, connection, rows, opener)
    return clocks_in(running_clocks(known, as_of, overrides or overrides_in(connection), decided))


def clocks_in(found: pl.DataFrame) -> list[Clock]:
    """The rows of `running_clocks` as clocks."""
    return [Clock(**row) for row in rows_of(found, Clock)]


def without_days_of_service(found: Sequence[Clock]) -> list[Clock]:
    """The clocks without starts that are days of service: a minimum of dates, not none; see `Clock`."""
    return [
        replace(each, start_on=None) if each.starts_with in _STARTS_WITH_SERVICE else each for each in found
    ]


def running_clocks(
    denials: pl.DataFrame,
    as_of: datetime.date,
    overrides: Sequence[Override] = (),
    decided: Mapping[int, datetime.date] | None = None,
) -> pl.DataFrame:
    """The clocks of denials with their facts, as `claimwright.engines.deadlines.clocks` describes them.

    An appeal of a level that is decided runs no more; that of the level after it runs from the decision.
    """
    days = [pl.lit(day).alias(f"decision_{level}_on") for level, day in (decided or {}).items()]
    facts = deadline_facts(denials).with_columns(days)
    over = pl.max_horizontal(
        pl.when(pl.col(f"decision_{level}_on").is_not_null()).then(pl.lit(level)) for level in range(1, 5)
    )
    found = (
        clocks(facts, as_of, overrides)
        .join(facts.select("denial", over=over).unique("denial"), on="denial", maintain_order="left")
        .filter((pl.col("level") <= pl.col("over")).fill_null(value=False).not_())
        .drop("over")
    )
    return found.unique(["denial", "clock", "due_on"], keep="first", maintain_order=True)


def weighed(
    caller: Caller,
    connection: Connection,
    denials: pl.DataFrame,
    as_of: datetime.date,
    opener: Opens | None,
    overrides: Sequence[Override] = (),
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The denials with cause, next step and worth, in their order; and their clocks.

    `overrides` are contracts' times, instead of those of the store.

    `denials` are rows of `claimwright.store.denial_work`. Without `opener`, no claim is opened: what a claim
    said at submission is then not known, no clock of State law runs, and the appeal-outcome model is not
    used, since it needs the State. Of a claim's record, only kinds are kept: yes or no, a category, a range.

    Raises:
        PhiError: a record of a claim can't be opened.
    """
    known = with_claim_facts(caller, connection, denials, opener)
    found = running_clocks(known, as_of, overrides or overrides_in(connection))
    evidence = own_evidence(connection, known, found)
    denials = with_known_causes(
        known.join(evidence.select("denial", "sent_in_time"), on="denial", how="left", maintain_order="left")
    )
    rows = weigh(
        denials, found, _model_answers(connection, denials, as_of.year),
        has_next_payer=denials.select("denial", "next_payer"), evidence=evidence,
    )  # fmt: skip
    laws = found.select("denial", "clock", "law").unique(["denial", "clock"], maintain_order=True)
    return (
        rows.drop("next_payer")
        .join(laws, on=["denial", "clock"], how="left", maintain_order="left")
        .with_columns(
            denial_id="denial",
            group_code="group",
            next_step=pl.col("next_step").cast(pl.String),
            reason=pl.when(pl.col("waits").is_not_null())
            .then(pl.col("reason") + pl.lit(" ") + pl.col("waits").replace_strict(_WAITS, default=""))
            .otherwise("reason"),
        ),
        found,
    )


def in_order(rows: pl.DataFrame, sort: str, columns: Mapping[str, str]) -> pl.DataFrame:
    """The rows by the column that `columns` has for the order; a minus before its name: descending.

    Equal values go by the denial's number; what is not known comes last, either way.
    """
    column = columns[sort.removeprefix("-")]
    return rows.sort(column, "denial", descending=[sort.startswith("-"), False], nulls_last=True)


def rows_of(frame: pl.DataFrame, kind: type[Any]) -> list[dict[str, Any]]:
    """The rows, each with the fields of a dataclass."""
    return frame.select(list(kind.__dataclass_fields__)).to_dicts()


def _model_answers(connection: Connection, denials: pl.DataFrame, year: int) -> pl.DataFrame:
    """`denial`, `probability` and `source` of the denials that the model answers for.

    Raises:
        ArtifactError: the model in the store is damaged.
    """
    cases = appeal_model_cases(denials, year=year).filter(pl.col("refused").is_null()).drop("refused")
    if not cases.height:
        return pl.DataFrame(
            schema={"denial": cases.schema["denial"], "probability": pl.Float64(), "source": pl.String()}
        )
    model = appeal_outcome_model_of(connection)
    first, last = model.years
    found = cases.select("denial").hstack(model.answers(cases)).filter(pl.col("refused").is_null())
    low, high = ((pl.col(name) * 100).round(0).cast(pl.Int64) for name in ("low", "high"))
    return found.select(
        "denial",
        "probability",
        source=pl.format(
            "appeal-outcome model: California independent medical reviews {} to {}, patients' appeals; 90 % "
            "interval {} to {} %",
            pl.lit(first), pl.lit(last), low, high,
        ),
    )  # fmt: skip
