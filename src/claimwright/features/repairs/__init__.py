"""Repairs: what could be done about a claim's findings, tried, applied by a person, and seen through."""

from claimwright.domain.claim_changes import ChangeError
from claimwright.store.corrections import StoredCorrection, corrections_before

from .acceptance import acceptances, confidence_of
from .bulk import MOST_AT_ONCE, BulkWanted, repair_many
from .by_model import NO_MODEL, ModelRepair, ModelRepairs, RepairProposer
from .desk import Edit, Opening, RepairDesk, Wanted
from .problems import AddsBlockError, ClaimChangedError, NotCorrectableError, RepairError
from .trials import ShownFinding, Trial
from .views import Acceptance, Bulk, Corrected, Proposals, ShownChange, ShownRepair, ShownTrial

__all__ = [
    "MOST_AT_ONCE",
    "NO_MODEL",
    "Acceptance",
    "AddsBlockError",
    "Bulk",
    "BulkWanted",
    "ChangeError",
    "ClaimChangedError",
    "Corrected",
    "Edit",
    "ModelRepair",
    "ModelRepairs",
    "NotCorrectableError",
    "Opening",
    "Proposals",
    "RepairDesk",
    "RepairError",
    "RepairProposer",
    "ShownChange",
    "ShownFinding",
    "ShownRepair",
    "ShownTrial",
    "StoredCorrection",
    "Trial",
    "Wanted",
    "acceptances",
    "confidence_of",
    "corrections_before",
    "repair_many",
]
