"""Waivers of signals: a waiver by provider applies; one by payer does not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from claimwright.domain import findings as found
from claimwright.engines.rules import Waiver


def waived_signals(signals: pl.DataFrame, waivers: Iterable[Waiver], *, as_of: date) -> pl.DataFrame:
    """Findings of signals with `waiver` set to the id of the first waiver that covers each.

    `signals` has `provider` in addition to the columns of findings. A waiver that names providers covers
    signals about these providers. A waiver that names payers covers no signal, because a signal is about the
    claims of all payers.
    """
    covering = [waiver for waiver in waivers if waiver.holds_on(as_of)]
    covered = pl.lit(None, pl.String)
    for waiver in reversed(covering):
        if waiver.claim_filing or waiver.payer_ids:
            continue
        covers = pl.col("code").is_in(waiver.rules)
        if waiver.providers:
            covers &= pl.col("provider").is_in(waiver.providers).fill_null(value=False)
        covered = pl.when(covers).then(pl.lit(waiver.id)).otherwise(covered)
    return found.complete(signals.with_columns(waiver=covered))
