"""Open security items of a tenant: setup links, missing second factors, alerts, credentials that end soon."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimwright.platform.database import Connection


@dataclass(frozen=True)
class Openings:
    """Counts of what somebody should look at, and the services whose credentials end soon."""

    accounts: int
    setup_links: int
    administrators_without_factor: int
    open_alerts: int
    ending_services: list[str]


def openings_of(connection: Connection, soon: datetime.timedelta) -> Openings:
    """The open security items of the transaction's tenant; credentials that end within `soon`."""
    row = connection.execute(
        "select (select count(*) from identity.accounts), "
        "(select count(*) from identity.links where account_id is null and used_at is null"
        " and expires_at > clock_timestamp()), "
        "(select count(*) from identity.accounts a where state = 'active' and 'administrator' = any(roles)"
        " and sealed_factor is null and not exists"
        " (select from identity.passkeys p where p.account_id = a.account_id)"
        " and not exists (select from identity.external_identities e where e.account_id = a.account_id)), "
        "(select count(*) from platform.access_alerts where reviewed_at is null), "
        "(select coalesce(array_agg(client_name order by client_name), '{}') from identity.tokens"
        " where client_name is not null and revoked_at is null"
        " and expires_at between clock_timestamp() and clock_timestamp() + %s)",
        [soon],
    ).fetchone()
    assert row is not None
    return Openings(*row)
