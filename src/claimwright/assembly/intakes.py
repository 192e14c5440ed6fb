"""Builds the intake of a store from settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import OwnerRequiredError
from .stores import open_sealer, place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from claimwright.domain.caller import Caller
    from claimwright.features.intake import Intake
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings
    from claimwright.store.returned_files import ReturnableFile


def make_intake(settings: Settings, database: Database) -> Intake:
    """The intake for a caller: files are sealed, staged, audited and published. Call its `stage`.

    Raises:
        PhiError: the keys can't be loaded.
        ObjectError: object storage can't be used.
    """
    from claimwright.features.intake import Intake, tell
    from claimwright.platform.objects import open_objects

    return Intake(database, open_sealer(settings, database), open_objects(settings), tell)


def give_back(
    caller: Caller,
    settings: Settings,
    database: Database,
    file_id: int,
    agree: Callable[[ReturnableFile], None],
    *,
    reason: str | None = None,
) -> ReturnableFile | None:
    """Delete the unprocessed claims of a file, if `agree` confirms it; see `return_file`.

    None if there is no such file.

    Raises:
        OwnerRequiredError: the settings name no owner of the tables.
        RunGoingOnError: a run is processing claims; nothing was changed.
        PhiError: the keys can't be loaded.
        ObjectError: object storage refused.
    """
    import psycopg

    from claimwright.features.intake import return_file, returnable_file
    from claimwright.platform.objects import open_objects

    try:
        with psycopg.connect(place_of(settings, as_owner=True).owner, autocommit=True) as owner:
            found = returnable_file(caller, owner, file_id)
            if found is None:
                return None
            agree(found)
            return return_file(
                caller, owner, open_objects(settings), open_sealer(settings, database), file_id, reason=reason
            )
    except psycopg.errors.InsufficientPrivilege as problem:
        raise OwnerRequiredError(
            "database.owner_url: only the owner of the tables can return a file."
        ) from problem
