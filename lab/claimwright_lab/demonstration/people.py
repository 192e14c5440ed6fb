"""The accounts of the practice, and on which day somebody acted."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.foundation import clock

if TYPE_CHECKING:
    from claimwright.platform.database import Database

PASSWORD = "open the demo door"  # noqa: S105 - printed by the command, for synthetic claims only
# The accounts: a name for each role, in the order in which they are shown.
ROLES_SHOWN = {
    "biller": "claims_processor",
    "coder": "coder",
    "denials": "appeals_specialist",
    "manager": "manager",
    "auditor": "auditor",
    "admin": "administrator",
    "clinician": "clinician",
    "viewer": "viewer",
}
TENANT = "default"
LOADER = Caller(TENANT, "system:demonstration")
REASON = "Part of the demonstration practice"
# When people of the practice post money, in UTC: in the morning of every time zone of the country.
_HOUR = 17


class People:
    """The accounts by name, each as a caller."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self.numbers = numbers

    def __getitem__(self, name: str) -> Caller:
        """The caller of an account."""
        return Caller(TENANT, f"user:{self.numbers[name]}", frozenset({ROLES_SHOWN[name]}))


def make_accounts(database: Database) -> People:
    """Make an account for each role."""
    from claimwright.platform.access import ROLES
    from claimwright.platform.identity import create_account

    made = {}
    with database.transaction(LOADER) as connection:
        for name, role in ROLES_SHOWN.items():
            account = create_account(
                LOADER, connection, name, roles=[role], known_roles=ROLES, facilities=None, password=PASSWORD
            )
            made[name] = account.account_id
    return People(made)


@contextmanager
def on_day(day: datetime.date) -> Iterator[None]:
    """What people post by hand in the context is posted on that day, or now if the day is today.

    The practice is loaded in a minute, and its patients paid over a year. Answers of payers need none of it:
    their money is valid on the payment's date. The audit log has the database's time in any case.
    """
    at = datetime.datetime.combine(day, datetime.time(_HOUR), datetime.UTC)
    told = clock.now
    if day < clock.today():
        clock.now = lambda: at
    try:
        yield
    finally:
        clock.now = told
