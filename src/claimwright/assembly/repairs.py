"""Builds the desk at which claims are corrected, and decides for the terminal what may be seen there."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from .claims import terminal_decision
from .intakes import make_intake
from .language_models import language_gateway
from .reviews import gather
from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.repairs import Opening, RepairDesk, RepairProposer
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


def make_repair_proposer(settings: Settings, desk: RepairDesk) -> RepairProposer | None:
    """What asks a language model for repairs; None where the settings do not allow it, or name no provider.

    Raises:
        PhiError: the keys can't be loaded.
        ObjectError: object storage can't be used.
    """
    from claimwright.features.repairs import RepairProposer
    from claimwright.platform.objects import open_objects

    database = desk.intake.database
    if not settings.language_models.propose_repairs:
        return None
    gateway = language_gateway(settings, database, open_sealer(settings, database))
    return None if gateway is None else RepairProposer(desk, gateway, open_objects(settings))


def terminal_opening(caller: Caller, access: Access, reason: str) -> Opening:
    """An opening by the account that runs the process, as its policies allow."""
    from claimwright.features.repairs import Opening

    return Opening(terminal_decision(caller, access), reason, str(uuid.uuid4()))
