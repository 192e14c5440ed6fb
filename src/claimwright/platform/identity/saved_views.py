"""What an account keeps of the web app: views of lists that it saved, and whether it has seen the tour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.rows import class_row

from .errors import AccountError, AccountNotFoundError

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

MOST_VIEWS = 50


@dataclass(frozen=True)
class SavedView:
    """A list with its filters; `address` is a path with its query within the app."""

    view_id: int
    name: str
    address: str


def saved_views(connection: Connection, account_id: int) -> list[SavedView]:
    """The views of an account, by name."""
    cursor = connection.cursor(row_factory=class_row(SavedView))
    return cursor.execute(
        "select view_id, name, address from identity.saved_views where account_id = %s order by lower(name)",
        [account_id],
    ).fetchall()


def save_view(connection: Connection, account_id: int, name: str, address: str) -> SavedView:
    """Keep a view; one with the same name takes the new address.

    Raises:
        AccountError: the account has as many views as it may have.
    """
    kept = {each.name for each in saved_views(connection, account_id)}
    if name not in kept and len(kept) >= MOST_VIEWS:
        raise AccountError(f"an account keeps up to {MOST_VIEWS} views. Remove one first.")
    row = connection.execute(
        "insert into identity.saved_views (account_id, name, address) values (%s, %s, %s)"
        " on conflict (tenant, account_id, name) do update set address = excluded.address returning view_id",
        [account_id, name, address],
    ).fetchone()
    assert row is not None
    return SavedView(row[0], name, address)


def remove_view(connection: Connection, account_id: int, view_id: int) -> None:
    """Remove a view of an account.

    Raises:
        AccountNotFoundError: the account has no such view.
    """
    found = connection.execute(
        "delete from identity.saved_views where account_id = %s and view_id = %s", [account_id, view_id]
    )
    if found.rowcount == 0:
        raise AccountNotFoundError(f"there is no view {view_id}.")


def has_toured(connection: Connection, account_id: int) -> bool:
    """Whether the account has seen or skipped the tour."""
    row = connection.execute(
        "select toured_at is not null from identity.accounts where account_id = %s", [account_id]
    ).fetchone()
    return bool(row and row[0])


def keep_toured(connection: Connection, account_id: int) -> None:
    """Note that the account has seen or skipped the tour."""
    connection.execute(
        "update identity.accounts set toured_at = coalesce(toured_at, clock_timestamp())"
        " where account_id = %s",
        [account_id],
    )
