"""What tenants use: requests, claims, bytes and storage, by month and identity; quotas; rate limits.

Claims, bytes and storage are counted by the database in the transaction that stores or removes a file. A
request is counted when it is let in, in a transaction of its own. So the sums are exact if processes are
killed: what was rolled back is not counted, and what was committed is counted once.

    QuotaExceededError (ProtectionError)   the tenant has used up what it may use
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.foundation.errors import ConfigurationError, ProtectionError

from . import audit

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

# What can be limited. Requests, claims and bytes are of a calendar month (UTC); storage is of any time.
QUOTAS = {
    "requests": "requests a month",
    "claims": "claims brought in a month",
    "bytes": "bytes of claim files brought in a month",
    "storage": "bytes of claim files stored",
}
# SQLSTATE that `platform.meter_file` raises.
_OVER = "CW002"
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
CSV_HEAD = "tenant,month,identity,requests,claims,bytes_received,bytes_stored"


class QuotaExceededError(ProtectionError):
    """The tenant has used up a quota. `retry_seconds` is the time until the month ends, if that helps."""

    def __init__(self, kind: str, most: int) -> None:
        monthly = kind != "storage"
        until = "It begins again with the next month (UTC)." if monthly else "Return or expire files first."
        super().__init__(
            f"the quota of the tenant is used up: {most:,} {QUOTAS[kind]}. {until} "
            "An administrator of the installation can raise it."
        )
        self.kind = kind
        self.retry_seconds = _seconds_of_month() if monthly else None


class MonthError(ConfigurationError):
    """A text that is no month."""


@dataclass(frozen=True)
class Usage:
    """What one identity used in a month. `bytes_stored` is what was stored at the end of it, or is now."""

    identity: str
    requests: int
    claims: int
    bytes_received: int
    bytes_stored: int


@dataclass(frozen=True)
class Quota:
    """A limit of the tenant, and how much of it is used."""

    kind: str
    most: int
    used: int
    set_at: datetime.datetime
    set_by: str


@dataclass(frozen=True)
class Counted:
    """How many requests of this minute this one is, and the seconds until the minute ends.

    `quota` is the quota of requests, if that of the month is used up; the request is not metered then.
    """

    count: int
    seconds: int
    quota: int | None = None


def count_request(
    connection: Connection, key: str, most: int, *, metered: bool, actor: str | None = None
) -> Counted:
    """Count a request of a key in this minute, over all processes; and in the usage of the caller.

    A request beyond `most` is not metered. `actor` is the caller from here on, where the transaction was
    begun to find out who that is.
    """
    row = connection.execute(
        # The actor is set first: the count is asked with its result.
        "select counted, seconds, quota from (select case when %(actor)s::text is null then ''"
        " else set_config('claimwright.actor', %(actor)s, true) end as who) known,"
        " lateral platform.count_request("
        "case when who is null then null else %(key)s::text end, %(most)s, %(metered)s)",
        {"actor": actor, "key": key, "most": most, "metered": metered},
    ).fetchone()
    assert row is not None
    return Counted(*row)


def usage_of(connection: Connection, month: str) -> list[Usage]:
    """What each identity of the tenant used in a month, such as 2026-11, by identity.

    Raises:
        MonthError: it is no month.
    """
    first, following = _days(month)
    rows = connection.execute(
        "select actor, coalesce(sum(requests) filter (where day >= %(first)s), 0), "
        "coalesce(sum(claims) filter (where day >= %(first)s), 0), "
        "coalesce(sum(bytes_received) filter (where day >= %(first)s), 0), sum(bytes_stored) "
        "from platform.usage where day < %(following)s group by actor order by actor",
        {"first": first, "following": following},
    ).fetchall()
    found = [Usage(row[0], *map(int, row[1:])) for row in rows]
    return [
        each for each in found if each.requests or each.claims or each.bytes_received or each.bytes_stored
    ]


def usage_csv(tenant: str, month: str, usage: Iterable[Usage]) -> str:
    """The usage as CSV, one row an identity. None of the values can be a formula or has a comma."""
    rows = [
        f"{tenant},{month},{each.identity},{each.requests},{each.claims},"
        f"{each.bytes_received},{each.bytes_stored}"
        for each in usage
    ]
    return "\r\n".join([CSV_HEAD, *rows, ""])


def quotas_of(connection: Connection) -> list[Quota]:
    """The quotas of the tenant."""
    rows = connection.execute(
        "select kind, most, platform.used(kind), set_at, set_by from platform.quotas order by kind"
    ).fetchall()
    return [Quota(*row) for row in rows]


def set_quota(caller: Caller, connection: Connection, kind: str, most: int | None) -> None:
    """Set a quota of the caller's tenant, or remove it with None."""
    if most is None:
        connection.execute("delete from platform.quotas where kind = %s", [kind])
    else:
        connection.execute(
            "insert into platform.quotas (kind, most) values (%s, %s) on conflict (tenant, kind) "
            "do update set most = excluded.most, set_at = clock_timestamp(), set_by = store.actor()",
            [kind, most],
        )
    audit.append(
        caller,
        connection,
        action="quota.set",
        subject=f"tenant:{caller.tenant}",
        detail={"type": kind, "limit": most},
        correlation_id=str(uuid.uuid4()),
    )


def demand_room(connection: Connection, kinds: Sequence[str] = ("bytes", "claims", "storage")) -> None:
    """Refuse before work begins what a quota would refuse at its end.

    Raises:
        QuotaExceededError: one of these quotas is used up.
    """
    for each in quotas_of(connection):
        if each.kind in kinds and each.used >= each.most:
            raise QuotaExceededError(each.kind, each.most)


@contextmanager
def quotas_told() -> Iterator[None]:
    """Turn the database's refusal of a file over a quota into an error of ours.

    Raises:
        QuotaExceededError: the file would exceed a quota.
    """
    try:
        yield
    except psycopg.Error as problem:
        if problem.sqlstate != _OVER:
            raise
        kind, _, most = (problem.diag.message_detail or "").partition(" ")
        raise QuotaExceededError(kind, int(most)) from None


def this_month() -> str:
    """The month under way, such as 2026-11 (UTC)."""
    return f"{clock.now().astimezone(datetime.UTC):%Y-%m}"


def _days(month: str) -> tuple[datetime.date, datetime.date]:
    """The first day of a month and of the following one."""
    if not _MONTH.fullmatch(month) or month.startswith("0000"):
        raise MonthError("a month is a year and a number, such as 2026-11.")
    first = datetime.date.fromisoformat(f"{month}-01")
    return first, (first + datetime.timedelta(days=31)).replace(day=1)


def _seconds_of_month() -> int:
    now = clock.now().astimezone(datetime.UTC)
    following = datetime.datetime.combine(_days(f"{now:%Y-%m}")[1], datetime.time(), datetime.UTC)
    return int((following - now).total_seconds()) + 1
