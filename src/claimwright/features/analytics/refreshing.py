"""Brings facts and sums up to date: what changed is read again, and the difference is added to the sums.

Every change of a claim, a posting, a denial or a work item notes itself in the transaction of the change
(migration 0221). Here the accounts and items that changed are computed anew from their events; facts that are
as before stay, and what differs is added to the sums. So the sums are what all facts sum up to, whatever came
late, twice or in another order.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.kpis.account_facts import EVENTS, account_state
from claimwright.engines.kpis.fact_catalogue import definition_mark
from claimwright.engines.kpis.item_facts import HISTORY, ITEMS, item_facts
from claimwright.engines.kpis.known import KEYS, MEASURES, bitemporal
from claimwright.engines.kpis.rollup import OF_CLAIM
from claimwright.foundation import clock
from claimwright.platform.database import Connection, Database
from claimwright.store import analytics_events as events
from claimwright.store import analytics_facts as stored
from claimwright.store import analytics_packed

from .summing import Summing

_DIMENSIONS = ["claim_key", *OF_CLAIM]
_IDENTITY = ["known_at", *KEYS]


@dataclass(frozen=True)
class Refreshed:
    """What was done: accounts and items read again, and facts that changed, were added or went."""

    units: int
    changed_facts: int
    seconds: float


def refresh(caller: Caller, database: Database, *, rebuild: bool = False) -> Refreshed:
    """Bring the figures of the caller's tenant up to date; `rebuild` makes all of them anew.

    One transaction: figures are as before or up to date, and nothing in between.
    """
    with database.transaction(caller) as connection:
        return refresh_in(connection, rebuild=rebuild)


def is_up_to_date(connection: Connection) -> bool:
    """Whether figures are as all events make them."""
    last = stored.last_refresh(connection)
    return last is not None and last[0] == definition_mark() and not stored.changes_waiting(connection)


def refresh_in(connection: Connection, *, rebuild: bool = False) -> Refreshed:
    """The same in a transaction of the tenant."""
    last = stored.last_refresh(connection)
    anew = rebuild or last is None or last[0] != definition_mark()
    begun = clock.seconds()
    if not anew and not stored.changes_waiting(connection):
        return Refreshed(0, 0, 0.0)
    stored.lock_figures(connection)
    if anew:
        stored.forget_facts(connection)
        analytics_packed.forget_packs(connection)
        units = events.take_everything(connection)
    else:
        units = events.take_changes(connection)
    changed = _refresh_taken(connection, is_empty=anew) if units else 0
    stored.note_refresh(connection, definition_mark(), clock.now())
    return Refreshed(units, changed, clock.seconds() - begun)


def _refresh_taken(connection: Connection, *, is_empty: bool) -> int:
    """Compute the facts of the taken accounts and items, and store what differs. Returns how many do."""
    changed, fresh, sums = 0, pl.Series("claim_key", [], pl.Int64), Summing(connection)
    for batch in range(events.take_batches(connection)):
        events.take_batch(connection, batch)
        differing, arrived = _refresh_accounts(connection, sums, is_empty=is_empty)
        changed += differing
        if not is_empty:
            fresh = pl.concat([fresh, arrived])
    changed += _refresh_items(connection, sums, fresh, is_empty=is_empty)
    sums.close()
    return changed


def _refresh_accounts(connection: Connection, sums: Summing, *, is_empty: bool) -> tuple[int, pl.Series]:
    """The same for the accounts of a batch; also the claims that were not processed before."""
    versions = events.claims_read(connection)
    claims = versions.select(list(events.CLAIMS))
    facts = _account_facts(connection, versions)
    if is_empty:
        old, known, fresh = _nothing(), claims, claims
    else:
        old = stored.stored_facts(connection, "account_key")
        known = stored.stored_claims(connection, events.CLAIMS, claims["claim_key"])
        fresh = claims.join(known.select("claim_key"), on="claim_key", how="anti")
    stored.write_claims(connection, fresh)
    changed = _store(connection, "account_key", facts, old, is_empty=is_empty)
    _add(sums, (facts, claims), (old, known))
    return changed, fresh["claim_key"]


def _refresh_items(connection: Connection, sums: Summing, fresh: pl.Series, *, is_empty: bool) -> int:
    """The same for work items; those about claims that were not broken down before are, now."""
    if fresh.len():
        events.take_items_of(connection, fresh.to_list())
    items, history = events.work_read(connection, ITEMS, HISTORY)
    facts = _stored_shape(item_facts(items, history), "item_id")
    old = _nothing() if is_empty else stored.stored_facts(connection, "item_id")
    if not facts.height and not old.height:
        return 0
    about = pl.concat([old["claim_key"], facts["claim_key"]])
    claims = stored.stored_claims(connection, events.CLAIMS, about)
    before = claims.join(fresh.to_frame(), on="claim_key", how="anti")
    changed = _store(connection, "item_id", facts, old, is_empty=is_empty)
    _add(sums, (facts, claims), (old, before))
    return changed


def _store(connection: Connection, unit: str, new: pl.DataFrame, old: pl.DataFrame, *, is_empty: bool) -> int:
    """Store the facts of those accounts or items that are not as they were. Returns how many."""
    if is_empty:
        stored.replace_facts(connection, unit, [], new)
        return new.height
    differing = _differing(unit, new, old)
    if differing:
        stored.replace_facts(connection, unit, differing, new.filter(pl.col(unit).is_in(differing)))
    return len(differing)


def _add(
    sums: Summing, new: tuple[pl.DataFrame, pl.DataFrame], old: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    """Add to the sums what facts are now and were not before; each with what claims are broken down by."""
    added = new[0].join(new[1].select(_DIMENSIONS), on="claim_key", how="left")
    if old[0].height:
        gone = old[0].join(old[1].select(_DIMENSIONS), on="claim_key", how="left")
        negative = gone.with_columns(-pl.col(measure) for measure in MEASURES)
        added = pl.concat([added, negative.select(added.columns)])
    sums.add(added)


def _account_facts(connection: Connection, versions: pl.DataFrame) -> pl.DataFrame:
    read = events.events_read(
        connection, {name: schema for name, schema in EVENTS.items() if name != "versions"}
    )
    frames = {"versions": versions.select(list(EVENTS["versions"])), **read}
    # An account of which no version is processed has no figures yet.
    processed = versions.select("account_key").unique()
    frames = {name: frame.join(processed, on="account_key", how="semi") for name, frame in frames.items()}
    return _stored_shape(bitemporal(frames, account_state), "account_key")


def _stored_shape(facts: pl.DataFrame, unit: str) -> pl.DataFrame:
    other = "item_id" if unit == "account_key" else "account_key"
    if not facts.height:
        return _nothing()
    return facts.with_columns(pl.lit(None, pl.Int64).alias(other)).select(
        pl.col(name).cast(dtype) for name, dtype in stored.FACTS.items()
    )


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=stored.FACTS)


def _differing(unit: str, new: pl.DataFrame, old: pl.DataFrame) -> list[int]:
    """The accounts or items whose facts are not as they are stored."""
    if not old.height:
        return new[unit].unique().to_list()
    both = pl.concat([new, old.with_columns(-pl.col(measure) for measure in MEASURES)])
    summed = both.group_by(unit, *_IDENTITY).agg(pl.col(MEASURES).sum())
    left = summed.filter(pl.any_horizontal(pl.col(measure) != 0 for measure in MEASURES))
    return left[unit].unique().to_list()
