"""Histories from the store: claims in production with what payers answered; and what is known of the past.

A claim was sent on the day as of which its run judged it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl
from psycopg import sql

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.derived import facts
from claimwright.domain.dictionary import Level
from claimwright.engines.prediction import PATIENT_DAYS, Model, Past
from claimwright.engines.prediction.catalogue import RECENT_DAYS
from claimwright.features.prediction.scoring.store_claims import Opens, opened_in_blocks
from claimwright.platform.database import Connection, Database, copy_out

from .history import ANSWERED_LINES, History, HistoryError, history_of

_SENT = {"claim": pl.Int64(), "sent_on": pl.Date()}


def stored_history(
    caller: Caller,
    database: Database,
    opener: Opens,
    *,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> History:
    """Claims in production that were sent from `since` on and before `until`, with their answers.

    `claim_id` is the claim's key, as in `stored_feedback`.

    Raises:
        HistoryError: there are none, or no answers to any of them.
        PhiError: a record does not open.
    """
    where = sql.SQL("where {} >= {} and {} < {}").format(
        _SENT_ON,
        sql.Literal(since or datetime.date(1970, 1, 1)),
        _SENT_ON,
        sql.Literal(until or datetime.date(9999, 12, 31)),
    )
    found = _history(caller, database, opener, where)
    if found is None:
        raise HistoryError(
            "no claims in production were sent on these days. `claimwright run` puts them there."
        )
    if not found.answered.any():
        raise HistoryError(
            "no answer of a payer to any of these claims is recorded. "
            "`claimwright feedback remittances` records them."
        )
    return found


@dataclass
class StoredPast:
    """What the store of a tenant knows of the past on the morning of a day; answers are read once a day.

    Opened are the claims that were answered in the last 90 days, those whose denial arrived within a year,
    and those that have the last day, payer, charge and number of lines of a claim that is to be scored.
    """

    caller: Caller
    database: Database
    opener: Opens
    # Whether who scores knows how often intake saw the services of a claim: then only claims from before
    # intake counted are looked for.
    counted: bool = False
    _keys: set[int] = field(default_factory=set)
    _pasts: dict[tuple[datetime.date, str], Past | None] = field(default_factory=dict)
    _uncounted_to: int | None = None

    def of(
        self,
        models: Mapping[str, Model],
        day: datetime.date,
        sent: ClaimBatch | None = None,
        *,
        but: Sequence[int] = (),
    ) -> dict[str, Past]:
        """By name what each model may know of claims sent on `day`: those that wait, or those of `sent`.

        Nothing where the store has no history. `but` are keys of claims that are not past: the ones that are
        asked about, where they are in production already.

        Raises:
            PhiError: a record does not open.
        """
        if any((day, name) not in self._pasts for name in models):
            answered = _history(self.caller, self.database, self.opener, _answered_before(day))
            self._keys = set() if answered is None else set(answered.claim.to_list())
            self._uncounted_to = self._last_uncounted()
            self._pasts = {
                (day, name): None if answered is None else self._past(answered, model, day)
                for name, model in models.items()
            }
        besides = self._keys.union(but)
        where = _twins(sent, day)
        if self._uncounted_to is not None:
            where += sql.SQL(" and c.claim_key <= {}").format(sql.Literal(self._uncounted_to))
        twins = _history(self.caller, self.database, self.opener, where, besides=besides)
        own = None
        if self._keys.intersection(but):
            where = sql.SQL("where c.claim_key = any({})").format(sql.Literal(list(but)))
            own = _history(self.caller, self.database, self.opener, where)
        found = {}
        for name, model in models.items():
            past = self._pasts[day, name]
            if past is not None and own is not None:
                past = replace(past, people=past.people.less(self._past(own, model, day).people))
            if twins is not None:
                of_twins = self._past(twins, model, day)
                past = of_twins if past is None else replace(past, people=past.people.plus(of_twins.people))
            if past is not None:
                found[name] = past
        return found

    def _last_uncounted(self) -> int | None:
        """The key up to which intake has not counted; None where nobody knows what it counted."""
        if not self.counted:
            return None
        with self.database.transaction(self.caller) as connection:
            row = connection.execute("select staging.uncounted_to()").fetchone()
        assert row is not None
        return int(row[0])

    def _past(self, history: History, model: Model, day: datetime.date) -> Past:
        to = self._uncounted_to
        counted = None if to is None else (history.claim > to).to_numpy()
        return Past.of(history.facts, history.answers, model, day, counted)


def _answered_before(day: datetime.date) -> sql.Composable:
    """Which claims say what payers did lately, and to whom."""
    return sql.SQL(
        "where c.claim_key in (select claim_key from prediction.outcomes where answered_on < {} and "
        "(answered_on >= {} or carc is not null and answered_on >= {}))"
    ).format(
        sql.Literal(day),
        sql.Literal(day - datetime.timedelta(days=RECENT_DAYS)),
        sql.Literal(day - datetime.timedelta(days=PATIENT_DAYS)),
    )


# A run that retention has taken leaves the day on which its claims were written.
_SENT_ON = sql.SQL("coalesce(r.as_of, c.created_at::date)")


def _history(
    caller: Caller,
    database: Database,
    opener: Opens,
    where: sql.Composable,
    *,
    besides: set[int] | None = None,
) -> History | None:
    """The history of some claims in production; none where there are none."""
    query = sql.SQL(
        "select c.claim_key, {} from production.claims c left join pipeline.runs r using (tenant, run_id) {} "
        "order by c.claim_key"
    ).format(_SENT_ON, where)
    with database.transaction(caller) as connection:
        days = copy_out(connection, query, _SENT)
        if besides:
            days = days.filter(~pl.col("claim").is_in(list(besides)))
        answers = _answers(connection, days["claim"].to_list())
    blocks = list(opened_in_blocks(caller, database, opener, days["claim"].to_list()))
    if not blocks:
        return None
    batch = ClaimBatch.concat(blocks)
    batch = ClaimBatch(
        claims=batch.claims.with_columns(claim_id=pl.col("claim").cast(pl.String)),
        lines=batch.lines,
        diagnoses=batch.diagnoses,
        attachments=batch.attachments,
    )
    sent_on = batch.claims.select("claim").join(days, on="claim", how="left", maintain_order="left")
    return history_of(
        batch,
        sent_on["sent_on"],
        answers,
        source=f"{len(batch)} claims of the store",
        must_be_answered=False,
    )


def _answers(connection: Connection, keys: Sequence[int]) -> pl.DataFrame:
    query = sql.SQL(
        "select claim_key, line, carc, charge_cents, paid_cents, answered_on from prediction.outcomes "
        "where claim_key = any({}) order by claim_key, line"
    ).format(sql.Literal(list(keys)))
    return copy_out(connection, query, ANSWERED_LINES)


def _twins(sent: ClaimBatch | None, day: datetime.date) -> sql.Composable:
    """Which claims may have been sent before under another number."""
    if sent is None:
        wanted: sql.Composable = sql.SQL("staging.claims")
    else:
        lines = sent.claims.select("claim").join(
            sent.lines.group_by("claim").len(), on="claim", how="left", maintain_order="left"
        )["len"]
        columns = (
            facts(sent, as_of=day).column(Level.CLAIM, "last_service_on").to_list(),
            sent.claims["payer_id"].to_list(),
            sent.claims["total_charge"].to_list(),
            lines.to_list(),
        )
        wanted = sql.SQL("unnest({}::date[], {}::text[], {}::numeric[], {}::integer[])").format(
            *map(sql.Literal, columns)
        )
        wanted = sql.SQL("{} as given (service_to_on, payer_id, total_charge, lines)").format(wanted)
    return sql.SQL(
        "where (c.service_to_on, c.payer_id, c.total_charge, c.lines) in "
        "(select service_to_on, payer_id, total_charge, lines from {})"
    ).format(wanted)
