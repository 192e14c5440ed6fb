"""Settings to the intake of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.features.intake import Intake
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def make_intake(settings: Settings, database: Database) -> Intake:
    """What takes files in for a caller: sealed, staged, audited, published. Call its `stage`.

    Raises:
        PhiError: the keys can't be had.
        ObjectError: object storage can't be used.
    """
    from claimwright.features.intake import Intake, tell
    from claimwright.platform.objects import open_objects

    return Intake(database, open_sealer(settings, database), open_objects(settings), tell)
