"""Versions of a claim: the newest is in force, the ones before it are superseded, and a void counts nothing.

A replacement (claim frequency 7) or void (8) is the next version of its claim number. Source: NUBC, type of
bill, third digit; 005010X222A1, 2300 CLM05-3. Chunks may commit in any order: each settles the chains that it
touches.
"""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.foundation import clock
from claimwright.platform.database import Connection

# Claims that are in force, and a void, which is itself submitted and counts nothing.
ACTIVE, SUPERSEDED, VOID = "active", "superseded", "void"
# Of the first of two numbers that an advisory lock is known by; the second is of the tenant.
_LOCK = 7837007


def settle_versions(
    connection: Connection, first_key: int, last_key: int, later_versions: Sequence[int], run_id: int
) -> int:
    """Settle which version is in force, for the claims of a chunk that are in production by now.

    `later_versions` are the keys of the chunk's claims that replace or void another. Call it in the
    transaction that wrote the claims, after them. Returns how many claims changed their state; each change is
    a row of the history.
    """
    earlier = connection.execute(
        "select original_key from staging.claim_keys where original_key between %s and %s",
        [first_key, last_key],
    ).fetchall()
    touched = [*later_versions, *(row[0] for row in earlier)]
    if not touched:
        return 0
    # Two chunks that hold versions of one claim wait for each other: the second sees what the first wrote.
    connection.execute("select pg_advisory_xact_lock(%s, hashtext(store.tenant()))", [_LOCK])
    return connection.execute(_SETTLE, {"keys": touched, "now": clock.now(), "run": run_id}).rowcount


_SETTLE = """
with chains as (
  select distinct facility, number from staging.claim_keys where claim_key = any(%(keys)s)
),
versions as (
  select p.claim_key, p.received_on, p.status, p.frequency, p.correlation_id,
    case
      when k.version < max(k.version) over (partition by k.facility, k.number) then 'superseded'
      when p.frequency = '8' then 'void'
      else 'active'
    end as settled
  from chains join staging.claim_keys k using (facility, number)
    join production.claims p on p.claim_key = k.claim_key
),
settled as (
  update production.claims p
  set status = v.settled
  from versions v
  where p.claim_key = v.claim_key and p.received_on = v.received_on
    and p.status <> v.settled
  returning p.claim_key, p.status, p.correlation_id
)
insert into production.claim_events (happened_on, happened_at, claim_key, state, run_id, correlation_id)
select (%(now)s::timestamptz at time zone 'UTC')::date, %(now)s, claim_key, status, %(run)s, correlation_id
from settled
"""
