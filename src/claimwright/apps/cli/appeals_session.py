"""What the commands of appeals and documents share: who may open what, and problems as one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .terminal import fail

if TYPE_CHECKING:
    import datetime

    from claimwright.domain.caller import Caller
    from claimwright.features.appeals import Means
    from claimwright.platform.access import Access
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings


@contextmanager
def told() -> Iterator[None]:
    """Ends the command in one line where the input, the case or the reason does not fit."""
    from claimwright.foundation.errors import InputError, NotFoundError
    from claimwright.platform.audit import AuditError

    try:
        yield
    except AuditError as problem:
        fail(f"--reason: {problem}")
    except (InputError, NotFoundError) as problem:
        fail(str(problem))


def means_of(settings: Settings, database: Database, sealer: Sealer) -> Means:
    """What the stages work with."""
    from claimwright.assembly.appeals import appeal_means

    with told():
        return appeal_means(settings, database, sealer)


def demand_shown(
    caller: Caller, access: Access, connection: Connection, sealer: Sealer, claim_key: int | None
) -> None:
    """Ends the command where the policies withhold letters and documents of a claim."""
    from claimwright.assembly.appeals import withheld_from_terminal

    if claim_key is None:
        return
    if (why := withheld_from_terminal(caller, access, connection, sealer, claim_key)) is not None:
        fail(f"letters and documents of claim {claim_key} are withheld: {why}.")


def day_of(as_of: datetime.datetime | None) -> datetime.date:
    """The day of `--as-of`, or today."""
    from claimwright.foundation import clock

    return as_of.date() if as_of else clock.today()
