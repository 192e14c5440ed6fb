"""Where payers take appeals: stated by a person with the source, dated."""

from __future__ import annotations

import datetime
import uuid
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError
from claimwright.platform import audit
from claimwright.store import appeals as rows

if TYPE_CHECKING:
    from claimwright.platform.database import Connection


class AppealAddressError(InputError):
    """The address can't be used."""


def state_address(
    caller: Caller,
    connection: Connection,
    payer_id: str,
    *,
    name: str,
    address: str,
    source: str,
    effective_from: datetime.date,
    level: int = 0,
    fax: str | None = None,
) -> None:
    """State where a payer takes appeals of a level (0: any) from a day on.

    Raises:
        AppealAddressError: a part is missing or too long.
    """
    lines = [" ".join(each.split()) for each in address.replace("|", "\n").split("\n") if each.strip()]
    parts = {"payer": payer_id, "name": name, "address": " ".join(lines), "source": source}
    for what, text in parts.items():
        if not 1 <= len(text.strip()) <= 200 or not text.isprintable():
            raise AppealAddressError(f"{what}: 1 to 200 printable characters.")
    if not 1 <= len(lines) <= 5 or not 0 <= level <= 5:
        raise AppealAddressError("an address has one to five lines, and the level is 0 to 5.")
    rows.put_address(
        connection,
        {
            "payer_id": payer_id, "level": level, "effective_from": effective_from, "name": name,
            "address": "\n".join(lines), "fax": fax, "source": source,
        },
        clock.now(),
    )  # fmt: skip
    audit.append(
        caller, connection, action="appeals.address_stated", subject="appeals:addresses",
        detail={"payer_id": payer_id, "level": level}, correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
