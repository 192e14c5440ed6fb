"""Histories from the store: production claims with payer decisions, for training and as history for
predictions.

A claim counts as sent on the evaluation date of its run.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.derived import facts
from claimwright.domain.dictionary import Level
from claimwright.engines.prediction import PATIENT_DAYS, Model, Past
from claimwright.engines.prediction.catalogue import RECENT_DAYS
from claimwright.features.prediction.scoring import open_claims_in_blocks
from claimwright.platform.database import Database
from claimwright.store.feedback import answers_to
from claimwright.store.history import (
    Selection,
    answered_before,
    last_uncounted_key,
    like_given,
    like_staged,
    sent_between,
    sent_days,
    with_keys,
)
from claimwright.store.payers import has_shape
from claimwright.store.sealed_claims import Opens

from .history import ANSWERED_LINES, History, HistoryError, history_of


def stored_history(
    caller: Caller,
    database: Database,
    opener: Opens,
    *,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> History:
    """Production claims sent from `since` until before `until`, with their decisions.

    `claim_id` is the claim's key, as in `stored_feedback`.

    Raises:
        HistoryError: there are no such claims, or no decisions on any of them.
        PhiError: a record can't be opened.
    """
    found = _history(caller, database, opener, sent_between(since, until))
    if found is None:
        raise HistoryError(
            "no production claims were sent on these days. `claimwright run` moves claims to production."
        )
    if not found.answered.any():
        raise HistoryError(
            "no payer decision on any of these claims is recorded. "
            "`claimwright feedback remittances` records them."
        )
    return found


@dataclass
class StoredPast:
    """The claim history in a tenant's store, as of the start of a day; decisions are read once per day.

    Opens the claims decided in the last 90 days, those denied within a year, and those with the same last
    service date, payer, charge and number of lines as a claim that is to be scored.
    """

    caller: Caller
    database: Database
    opener: Opens
    # Whether the scorer gets intake's count of earlier claims with the same services. If so, only claims
    # older than this count are searched.
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
        """By model name, the history that each model may use for claims sent on `day`: staged ones, or those
        of `sent`.

        Empty if the store has no history. `but` are keys of claims to exclude: the claims to be scored, if
        they are already in production.

        Raises:
            PhiError: a record can't be opened.
        """
        if any((day, name) not in self._pasts for name in models):
            answered = _history(
                self.caller,
                self.database,
                self.opener,
                answered_before(day, recent_days=RECENT_DAYS, denial_days=PATIENT_DAYS),
            )
            self._keys = set() if answered is None else set(answered.claim.to_list())
            self._uncounted_to = self._last_uncounted()
            self._pasts = {
                (day, name): None if answered is None else self._past(answered, model, day)
                for name, model in models.items()
            }
        besides = self._keys.union(but)
        like = _like(sent, day, self._uncounted_to)
        twins = _history(self.caller, self.database, self.opener, like, besides=besides)
        own = None
        if self._keys.intersection(but):
            own = _history(self.caller, self.database, self.opener, with_keys(but))
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
        """The highest claim key that is older than intake's counts; None if the counts are not used."""
        if not self.counted:
            return None
        with self.database.transaction(self.caller) as connection:
            return last_uncounted_key(connection)

    def _past(self, history: History, model: Model, day: datetime.date) -> Past:
        to = self._uncounted_to
        counted = None if to is None else (history.claim > to).to_numpy()
        return Past.of(history.facts, history.answers, model, day, counted)


def _history(
    caller: Caller,
    database: Database,
    opener: Opens,
    selection: Selection,
    *,
    besides: set[int] | None = None,
) -> History | None:
    """The history of some production claims; None if there are none."""
    with database.transaction(caller) as connection:
        days = sent_days(connection, selection)
        if besides:
            days = days.filter(~pl.col("claim").is_in(list(besides)))
        answers = answers_to(connection, days["claim"].to_list(), ANSWERED_LINES)
    blocks = list(open_claims_in_blocks(caller, database, opener, days["claim"].to_list()))
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


def _like(sent: ClaimBatch | None, day: datetime.date, up_to_key: int | None) -> Selection:
    """Claims that could be earlier submissions, with another number, of the claims of `sent` or of staged
    claims.
    """
    if sent is None:
        return like_staged(up_to_key=up_to_key)
    lines = sent.claims.select("claim").join(
        sent.lines.group_by("claim").len(), on="claim", how="left", maintain_order="left"
    )["len"]
    return like_given(
        facts(sent, as_of=day).column(Level.CLAIM, "last_service_on").to_list(),
        # The store has a token instead of an invalid payer ID, which is not known here, so any payer matches.
        sent.claims["payer_id"].set(~has_shape(sent.claims["payer_id"]).fill_null(True), None).to_list(),
        sent.claims["total_charge"].to_list(),
        lines.to_list(),
        up_to_key=up_to_key,
    )
