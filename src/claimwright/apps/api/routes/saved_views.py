"""What an account keeps of the web app: saved views, and whether it has seen the tour."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, Field, field_validator

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.routes.session import own_account
from claimwright.platform.identity import (
    SavedView,
    has_toured,
    keep_toured,
    remove_view,
    save_view,
    saved_views,
)

routes = Resource("views", "What you keep of the web app")


# The filters of the web app's lists. A number of a patient or claim is none of them.
_FILTERS = frozenset(
    (
        "action actor all answer_id assignee by category cause claim code desc due_before facility file fired"
        " from kind level mentions opened_from opened_to payer period place priority reason run severity snip"
        " snoozed sort state step subject tab to view words"
    ).split()
)


class ViewToSave(Body):
    """A list with its filters."""

    name: str = Field(
        min_length=1, max_length=60, pattern=r"^\S(.*\S)?$",
        description="Of the view, not of a patient: it is not sealed.",
    )  # fmt: skip
    address: str = Field(
        max_length=1000, pattern=r"^/[a-z0-9][a-z0-9/-]*(\?[\w.,:&=%+*~!$'()-]*)?$",
        description="A path of the app with its query. Filters only: never a value of a claim.",
    )  # fmt: skip

    @field_validator("address")
    @classmethod
    def _has_filters_only(cls, address: str) -> str:
        names = {name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)}
        if not names <= _FILTERS:
            raise ValueError("a view keeps filters of lists only")
        return address


class Kept(BaseModel):
    """Saved views by name, and whether the tour was seen or skipped."""

    views: list[SavedView]
    has_toured: bool


@routes.get("/own/views", action="own.read")
def every(asker: Asking) -> Kept:
    """One's saved views, and whether one has seen the tour."""
    with asker.services.database.transaction(asker.caller) as connection:
        account = own_account(asker)
        return Kept(views=saved_views(connection, account), has_toured=has_toured(connection, account))


@routes.post("/own/views", action="own.change", status=201, errors=("unusable_input",))
def save(asker: Asking, wanted: ViewToSave) -> SavedView:
    """Save a view; one of the same name takes its place. The audit log does not keep views."""
    with asker.services.database.transaction(asker.caller) as connection:
        return save_view(connection, own_account(asker), wanted.name, wanted.address)


@routes.delete("/own/views/{view_id}", action="own.change", status=204)
def remove(asker: Asking, view_id: int) -> None:
    """Remove a view."""
    with asker.services.database.transaction(asker.caller) as connection:
        remove_view(connection, own_account(asker), view_id)


@routes.post("/own/tour", action="own.change", status=204)
def tour(asker: Asking) -> None:
    """Note that one has seen or skipped the tour."""
    with asker.services.database.transaction(asker.caller) as connection:
        keep_toured(connection, own_account(asker))
