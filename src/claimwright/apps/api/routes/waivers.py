"""Waivers: findings that a named owner accepts for a time."""

from __future__ import annotations

import datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.features.claims import StoredWaiver, add_waiver, end_waiver, list_waivers

routes = Resource("waivers", "Waivers of findings")
_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"
WaiverId = Annotated[str, Path(pattern=_ID, description="As the list has it.")]
_Code = Annotated[str, Field(min_length=1, max_length=80)]


class NewWaiver(Body):
    """A waiver to be. Payers and providers that are left out mean all of them."""

    waiver_id: str = Field(pattern=_ID, description="Findings that it covers name it; it is given once.")
    rules: list[_Code] = Field(min_length=1, max_length=100, description="Codes or names of rules.")
    claim_filing: list[_Code] = Field(default=[], max_length=100, description="Claim filing codes: MB, CI.")
    payer_ids: list[_Code] = Field(default=[], max_length=1_000)
    providers: list[Annotated[str, Field(pattern=r"^[0-9]{10}$")]] = Field(
        default=[], max_length=1_000, description="NPIs of billing providers."
    )
    valid_from: datetime.date
    valid_to: datetime.date
    owner: str = Field(min_length=1, max_length=80, description="Who answers for it.")
    reason: str = Field(min_length=8, max_length=200, description="About the work, not about a patient.")


class Ending(Body):
    """Why a waiver ends before its last day."""

    reason: str = Field(min_length=8, max_length=200)


@routes.get("/waivers", action="waivers.read")
def every(asker: Asking, page: Paging) -> Page[StoredWaiver]:
    """Waivers of the tenant in the order in which they were added, ended ones as well."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_waivers(connection, after=page.after or 0, limit=page.limit)
    return page.page(found, lambda each: each.waiver_key)


@routes.post("/waivers", action="waivers.change", status=201, errors=("reason_needed", "unusable_input"))
def add(asker: Asking, new: NewWaiver) -> StoredWaiver:
    """Add a waiver. Runs that begin from now on apply it, and so do checks of claims that are not stored.

    It covers claims of every facility, so only accounts of every facility can add one.
    """
    from claimwright.engines.rules import Waiver, load_rulebook

    wanted = Waiver(
        new.waiver_id, tuple(new.rules), new.valid_from, new.valid_to, new.owner, new.reason,
        tuple(new.claim_filing), tuple(new.payer_ids), tuple(new.providers),
    )  # fmt: skip
    with asker.services.database.transaction(asker.caller) as connection:
        return add_waiver(asker.caller, connection, wanted, load_rulebook())


@routes.post("/waivers/{waiver_id}/end", action="waivers.change", errors=("reason_needed",))
def end(asker: Asking, waiver_id: WaiverId, why: Ending) -> StoredWaiver:
    """End a waiver now. Findings that it covered stay waived; later runs do not apply it."""
    with asker.services.database.transaction(asker.caller) as connection:
        return end_waiver(asker.caller, connection, waiver_id, reason=why.reason)
