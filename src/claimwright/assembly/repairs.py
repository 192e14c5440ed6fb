"""Builds the desk at which claims are corrected, and decides for the terminal what may be seen there."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from .claims import terminal_decision
from .intakes import make_intake
from .reviews import gather
from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.repairs import Opening, RepairDesk
    from claimwright.platform.access import Access
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def make_repair_desk(settings: Settings, database: Database) -> RepairDesk:
    """The desk of a store.

    Raises:
        PhiError: the keys can't be loaded.
        ObjectError: object storage can't be used.
    """
    from claimwright.features.repairs import RepairDesk

    return RepairDesk(
        make_intake(settings, database), open_sealer(settings, database),
        gather=lambda caller, keys: gather(caller, settings, database, subjects=keys, within=0),
    )  # fmt: skip


def terminal_opening(caller: Caller, access: Access, reason: str) -> Opening:
    """An opening by the account that runs the process, as its policies allow."""
    from claimwright.features.repairs import Opening

    return Opening(terminal_decision(caller, access), reason, str(uuid.uuid4()))
