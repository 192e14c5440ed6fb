"""Accesses to patient data, as the audit log has them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.platform.tenancy import tenancy

if TYPE_CHECKING:
    import psycopg

# The value of `option` in the detail of an access past what policies withhold.
BROKE_GLASS = "break_glass"


@dataclass(frozen=True, slots=True)
class PhiAccess:
    """One opened claim: when, by whom, which.

    `family` and `patient` are tokens of the patient's surname and of the patient, from blind indexes: equal
    ones are probably the same. None where the record has none.
    """

    at: datetime.datetime
    actor: str
    claim_key: int | None
    broke_glass: bool = False
    family: str | None = None
    patient: str | None = None


def accesses(
    caller: Caller,
    connection: psycopg.Connection,
    *,
    since: datetime.datetime,
    until: datetime.datetime,
) -> list[PhiAccess]:
    """The accesses of the caller's tenant in a time, in order of the log."""
    with tenancy(connection, caller):
        rows = connection.execute(
            "select at, actor, substring(subject from '^claim:([0-9]{1,18})')::bigint, "
            "coalesce(body::jsonb -> 'detail' ->> 'option', ''), body::jsonb -> 'detail' ->> 'digest' "
            "from platform.audit_log where tenant = %s and action = 'phi.read' and at >= %s and at < %s "
            "order by sequence",
            [caller.tenant, since, until],
        ).fetchall()
    found = []
    for at, actor, key, option, digest in rows:
        family, _, patient = (digest or "").partition(".")
        found.append(PhiAccess(at, actor, key, option == BROKE_GLASS, family or None, patient or None))
    return found
