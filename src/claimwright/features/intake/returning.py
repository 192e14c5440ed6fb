"""Returns a file to its sender, for example after intake under the wrong facility.

RunGoingOnError (StoreError)   a run is processing claims; nothing was changed
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from claimwright.domain.caller import Caller
from claimwright.engines.prediction import same_services
from claimwright.foundation import clock
from claimwright.foundation.errors import StoreError
from claimwright.platform.database import Connection, tenancy
from claimwright.store import returned_files as rows
from claimwright.store import staging
from claimwright.store.returned_files import ReturnableFile
from claimwright.store.sealed_claims import SealsAndOpens

from .audit_events import tell_returned
from .reading import read_blocks
from .source_files import Shelf


class RunGoingOnError(StoreError):
    """A run is processing claims."""


def returnable_file(caller: Caller, owner: Connection, file_id: int) -> ReturnableFile | None:
    """What the return of a file would delete; None if there is no such file. Changes nothing."""
    with tenancy(owner, caller):
        return rows.find_going(owner, file_id)


def return_file(
    caller: Caller,
    owner: Connection,
    shelf: Shelf,
    sealer: SealsAndOpens,
    file_id: int,
    *,
    reason: str | None = None,
) -> ReturnableFile | None:
    """Delete a file's claims that no run has processed: staged claims and dead letters.

    Their numbers can be used again. If nothing of the file remains, its content is deleted too, and the same
    file can be taken in again. Requires the owner of the tables. None if there is no such file.

    Raises:
        RunGoingOnError: a run is processing claims; nothing was changed.
        ObjectError: object storage failed; what was deleted from the store remains deleted.
    """
    with tenancy(owner, caller):
        if rows.run_is_going_on(owner):
            raise RunGoingOnError(
                "a run is in progress and may be processing claims of the file. Wait until it has ended: "
                "claimwright runs list."
            )
        found = rows.find_going(owner, file_id)
        if found is None:
            return None
        staging.lock_facility(owner, caller.tenant, found.facility)
        keys = list(_pieces(shelf, found))
        rows.uncount_services(owner, _services(caller, shelf, sealer, keys, rows.positions_going(owner)))
        rows.delete_going(owner, found, clock.now())
        tell_returned(caller, owner, found, reason)
    if found.is_whole:
        for key in keys:
            shelf.remove(key)
    return found


def _pieces(shelf: Shelf, found: ReturnableFile) -> Iterator[str]:
    if found.folder:
        yield from sorted(key for key, _ in shelf.aged(found.folder))


def _services(
    caller: Caller, shelf: Shelf, sealer: SealsAndOpens, keys: list[str], positions: set[int]
) -> Counter[bytes]:
    """How often each service, as a blind index, occurs in the claims at these positions of a file."""
    counted: Counter[bytes] = Counter()
    if not positions:
        return counted
    for reading in read_blocks(_opened(shelf, sealer, keys), verbatim=False):
        services = sealer.blind("claim-services", caller.tenant, same_services(reading.batch).to_list())
        places = reading.batch.claims["claim"].to_list()
        counted.update(
            index for place, index in zip(places, services, strict=True) if index and place in positions
        )
    return counted


def _opened(shelf: Shelf, sealer: SealsAndOpens, keys: list[str]) -> Iterator[bytes]:
    for key in keys:
        sealed = shelf.get(key)
        if sealed is not None:
            yield sealer.open([sealed], [key.encode()])[0]
