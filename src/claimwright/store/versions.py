"""Versions of a claim: the newest is in force, earlier ones are superseded, and a void is not counted.

A replacement (claim frequency 7) or void (8) is the next version of its claim number. Source: NUBC, type of
bill, third digit; 005010X222A1, 2300 CLM05-3. Chunks can commit in any order: each updates the version chains
of its claims.
"""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.foundation import clock
from claimwright.platform.database import Connection

# Claims in force, and voids, which are submitted but not counted.
ACTIVE, SUPERSEDED, VOID = "active", "superseded", "void"
# The first number of the advisory lock; the second is computed from the tenant.
_LOCK = 7837007


def settle_versions(
    connection: Connection, first_key: int, last_key: int, later_versions: Sequence[int], run_id: int
) -> int:
    """Determine which version is in force, for the claims of a chunk that are now in production.

    `later_versions` are the keys of the chunk's claims that replace or void another one. Call it in the
    transaction that wrote the claims, after them. Returns how many claims changed their state; each change is
    written to the history.
    """
    earlier = connection.execute(
        "select original_key from staging.claim_keys where original_key between %s and %s",
        [first_key, last_key],
    ).fetchall()
    touched = [*later_versions, *(row[0] for row in earlier)]
    if not touched:
        return 0
    # Two chunks with versions of the same claim run this one after the other: the second sees what the first
    # wrote.
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
