"""Builds the poster of remittances of a store from settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .stores import open_sealer
from .underpayments import make_underpayment_search

if TYPE_CHECKING:
    from claimwright.domain.batch import ClaimBatch
    from claimwright.domain.caller import Caller
    from claimwright.features.remittance import DecideAnswer, RemittancePoster
    from claimwright.platform.access import Access
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings


def make_remittance_poster(settings: Settings, database: Database) -> RemittancePoster:
    """The poster for a caller: files are sealed, matched, posted, audited and published. Call its `post`.

    Raises:
        PhiError: the keys can't be loaded.
        ObjectError: object storage can't be used.
        ContractError, TolerancesUnreadableError: contracts or tolerances of the settings can't be used.
    """
    from claimwright.features.remittance import RemittancePoster, tell
    from claimwright.platform.objects import open_objects

    search = make_underpayment_search(settings)
    return RemittancePoster(database, open_sealer(settings, database), open_objects(settings), tell, search)


def answer_decision(caller: Caller, access: Access) -> DecideAnswer:
    """Which kinds of field of an answer the caller may see, by its claim's labels, and why not others."""
    from claimwright.features.claims import sensitivity_labels

    def decide(_facility: str | None, claim: ClaimBatch) -> tuple[dict[str, bool], dict[str, str]]:
        found = sensitivity_labels(claim) if len(claim) else {}
        labels: frozenset[str] = frozenset().union(*found.values())
        return access.shown_and_why(caller, labels)

    return decide
