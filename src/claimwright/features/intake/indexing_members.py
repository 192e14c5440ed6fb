"""Members of claims that came before members were indexed, a block at a time."""

from __future__ import annotations

from claimwright.domain.caller import Caller
from claimwright.engines.x12 import read_records
from claimwright.platform.database import Connection
from claimwright.store.claim_numbers import keep_members, keys_without_member
from claimwright.store.sealed_claims import SealsAndOpens, sealed_claims_of

from .prepared_claims import member_indexes

# A second's work, in a transaction of its own.
AT_ONCE = 2_000


def index_members(caller: Caller, connection: Connection, sealer: SealsAndOpens) -> int:
    """Index the members of the next claims; how many claims were looked at.

    Raises:
        PhiError: a record can't be opened.
        RecordError: a record's content does not match its description.
    """
    keys = keys_without_member(connection, AT_ONCE)
    if not keys:
        return 0
    # A claim whose record is kept no longer is looked at once, and has no member.
    found = dict.fromkeys(keys, b"")
    sealed = sealed_claims_of(connection, keys)
    if len(sealed):
        claims = read_records(sealed.opened(sealer, caller.tenant)).claims
        own = sealed.keys[(claims["claim"] - 1).to_numpy()].tolist()
        found.update(
            zip(own, member_indexes(claims["subscriber_member_id"], sealer, caller.tenant), strict=True)
        )
    keep_members(connection, list(found), list(found.values()))
    return len(keys)
