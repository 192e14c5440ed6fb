"""Builds the poster of remittances of a store from settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.features.remittance import RemittancePoster
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def make_remittance_poster(settings: Settings, database: Database) -> RemittancePoster:
    """The poster for a caller: files are sealed, matched, posted, audited and published. Call its `post`.

    Raises:
        PhiError: the keys can't be loaded.
        ObjectError: object storage can't be used.
    """
    from claimwright.features.remittance import RemittancePoster, tell
    from claimwright.platform.objects import open_objects

    return RemittancePoster(database, open_sealer(settings, database), open_objects(settings), tell)
