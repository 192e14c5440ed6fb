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
from claimwright.engines.kpis.rollup import OF_CLAIM, rolled_up
from claimwright.foundation import clock
from claimwright.platform.database import Connection, Database
from claimwright.store import analytics_events as events
from claimwright.store import analytics_facts as stored

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
        units = events.take_everything(connection)
    else:
        units = events.take_changes(connection)
    changed = _refresh_taken(connection, is_empty=anew) if units else 0
    stored.note_refresh(connection, definition_mark(), clock.now())
    return Refreshed(units, changed, clock.seconds() - begun)


def _refresh_taken(connection: Connection, *, is_empty: bool) -> int:
    """Compute the facts of the taken accounts and items, and store what differs."""
    versions = events.claims_read(connection)
    claims = versions.select(list(events.CLAIMS))
    facts = _account_facts(connection, versions)
    old = _nothing() if is_empty else stored.stored_facts(connection, "account_key")
    known = claims if is_empty else stored.stored_claims(connection, events.CLAIMS, claims["claim_key"])
    fresh = claims if is_empty else claims.join(known.select("claim_key"), on="claim_key", how="anti")
    if fresh.height and not is_empty:
        # What was not broken down before, since the claim was not processed, is now.
        about = events.items_of_claims(connection, fresh["claim_key"].to_list())
        if about:
            connection.execute(
                "insert into refreshing_items select unnest(%s::bigint[]) "
                "except select item_id from refreshing_items",
                [about],
            )
    items, history = events.work_read(connection, ITEMS, HISTORY)
    of_items = _stored_shape(item_facts(items, history), "item_id")
    old_items = _nothing() if is_empty else stored.stored_facts(connection, "item_id")
    beside = pl.concat([old_items["claim_key"], of_items["claim_key"]])
    before = stored.stored_claims(connection, events.CLAIMS, beside).select(_DIMENSIONS)
    stored.write_claims(connection, fresh)
    after = stored.stored_claims(connection, events.CLAIMS, beside).select(_DIMENSIONS)
    old_dimensions = pl.concat([known.select(_DIMENSIONS), before]).unique("claim_key")
    new_dimensions = pl.concat([claims.select(_DIMENSIONS), after]).unique("claim_key")
    changed = 0
    for unit, new_facts, old_facts in (("account_key", facts, old), ("item_id", of_items, old_items)):
        differing = _differing(unit, new_facts, old_facts)
        if is_empty:
            stored.replace_facts(connection, unit, [], new_facts)
        elif differing:
            of_those = new_facts.filter(pl.col(unit).is_in(differing))
            stored.replace_facts(connection, unit, differing, of_those)
        changed += new_facts.height if is_empty else len(differing)
    added = pl.concat([facts, of_items]).join(new_dimensions, on="claim_key", how="left")
    gone = pl.concat([old, old_items]).join(old_dimensions, on="claim_key", how="left")
    if gone.height:
        negative = gone.with_columns(-pl.col(measure) for measure in MEASURES)
        added = pl.concat([added, negative.select(added.columns)])
    stored.add_to_rollups(connection, rolled_up(added))
    return changed


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
