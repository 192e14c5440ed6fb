"""Waivers of a tenant: findings of its claims that a named owner accepts for a time.

Runs, and checks without storing, apply the waivers in force on their evaluation date. A finding that was
waived in a run stays so: ending a waiver changes later runs only.

    WaiverError           a waiver names no rule, ends before it begins, or has the id of another one
    WaiverNotFoundError   the tenant has no such waiver, or it has been ended
"""

from __future__ import annotations

import datetime
import re
import uuid

from claimwright.domain.caller import Caller
from claimwright.engines.rules import RuleBook, Waiver
from claimwright.engines.signals import load_signals
from claimwright.foundation.errors import ConfigurationError, NotFoundError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import waivers as stored
from claimwright.store.waivers import StoredWaiver

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_LONGEST_OWNER = 80


class WaiverError(ConfigurationError):
    """A waiver that cannot be used. The message names the part that is wrong."""


class WaiverNotFoundError(NotFoundError):
    """The tenant has no such waiver, or somebody has ended it."""


def add_waiver(caller: Caller, connection: Connection, waiver: Waiver, book: RuleBook) -> StoredWaiver:
    """Add a waiver. Its rules can be codes or names; they are stored as codes.

    Raises:
        WaiverError: a rule is unknown, the id is in use, or a part has not the form that it needs.
        AuditError: the reason is too short or too long.
    """
    reason = audit.stated_reason(waiver.reason, "these findings are accepted")
    if not _ID.fullmatch(waiver.id):
        raise WaiverError("id: use 1 to 40 letters, digits and . _ -.")
    if waiver.valid_to < waiver.valid_from:
        raise WaiverError(f"waiver {waiver.id} ends before it begins.")
    owner = " ".join(waiver.owner.split())
    if not 1 <= len(owner) <= _LONGEST_OWNER:
        raise WaiverError(f"waiver {waiver.id}: name its owner in at most {_LONGEST_OWNER} characters.")
    codes = _codes(waiver, book)
    made = stored.insert_waiver(
        connection,
        waiver_id=waiver.id,
        rules=codes,
        claim_filing=list(waiver.claim_filing),
        payer_ids=list(waiver.payer_ids),
        providers=list(waiver.providers),
        valid_from=waiver.valid_from,
        valid_to=waiver.valid_to,
        owner=owner,
        reason=reason,
    )
    if made is None:
        raise WaiverError(f"there was a waiver {waiver.id} before. Give this one another id.")
    _tell(caller, connection, "waiver.added", made, reason)
    return made


def end_waiver(caller: Caller, connection: Connection, waiver_id: str, *, reason: str) -> StoredWaiver:
    """End a waiver now: runs that begin from now on do not apply it.

    Raises:
        WaiverNotFoundError: there is none with this id that has not been ended.
        AuditError: the reason is too short or too long.
    """
    reason = audit.stated_reason(reason, "the waiver is ended")
    ended = stored.end_waiver(connection, waiver_id)
    if ended is None:
        raise WaiverNotFoundError("there is no waiver with this id, or it has been ended.")
    _tell(caller, connection, "waiver.ended", ended, reason)
    return ended


def list_waivers(connection: Connection, *, after: int = 0, limit: int = 100) -> list[StoredWaiver]:
    """The next waivers after a key, in order of key, in force or not."""
    return stored.waivers_after(connection, after, limit)


def waivers_in_force(connection: Connection, day: datetime.date) -> tuple[Waiver, ...]:
    """The waivers that checks of a day apply."""
    return tuple(
        Waiver(
            each.waiver_id,
            tuple(each.rules),
            each.valid_from,
            each.valid_to,
            each.owner,
            each.reason,
            tuple(each.claim_filing),
            tuple(each.payer_ids),
            tuple(each.providers),
        )
        for each in stored.waivers_on(connection, day)
    )


def _codes(waiver: Waiver, book: RuleBook) -> list[str]:
    signals = {key: signal.code for signal in load_signals() for key in (signal.code, signal.name)}
    unknown = [rule for rule in waiver.rules if rule not in book and rule not in signals]
    if unknown or not waiver.rules:
        raise WaiverError(f"waiver {waiver.id}: name rules by code or name; {len(unknown)} are unknown.")
    return [signals[rule] if rule in signals else book.in_force(rule).code for rule in waiver.rules]


def _tell(caller: Caller, connection: Connection, action: str, waiver: StoredWaiver, reason: str) -> None:
    audit.append(
        caller,
        connection,
        action=action,
        subject=f"waiver:{waiver.waiver_id}",
        detail={"code": waiver.rules, "reason": reason},
        correlation_id=str(uuid.uuid4()),
    )
