"""Files attached to work items: listed, added, opened for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote

from fastapi import Header, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.uploads import SCANNED, whole_body
from claimwright.features.claims import alert_of_broken_glass, kinds_shown
from claimwright.features.review import (
    LARGEST_ATTACHMENT,
    Attachment,
    attach,
    claim_of_item,
    list_attachments,
    open_attachment,
)

from .claims import Opening, decision_of

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

routes = Resource("attachments", "Files attached to work items")
_FILE = "application/octet-stream"


class Attachments(BaseModel):
    """The attachments of an item, oldest first; why names are null, if they may not be seen."""

    items: list[Attachment]
    withheld: dict[str, str] = {}


@routes.get("/queue/{item_id}/attachments", action="queue.list")
def every(asker: Asking, item_id: int) -> Attachments:
    """The attachments of an item. Names are null for those who may not see notes or patients of its claim."""
    with asker.services.database.transaction(asker.caller) as connection:
        withheld = withheld_of_item(asker, connection, item_id)
        opener = asker.services.sealer if withheld is None else None
        found = list_attachments(asker.caller, connection, opener, item_id, facilities=asker.facilities)
    return Attachments(items=found, withheld={} if withheld is None else {"name": withheld})


@routes.post(
    "/queue/{item_id}/attachments", action="queue.work", status=201, errors=("unusable_input", *SCANNED),
    openapi_extra={"requestBody": {"required": True, "content": {
        _FILE: {"schema": {"type": "string", "format": "binary"}},
    }}},
)  # fmt: skip
async def add(
    request: Request,
    asker: Asking,
    item_id: int,
    x_file_name: Annotated[
        str,
        Header(
            min_length=1,
            max_length=1_800,
            description="The file's name, percent-encoded. In a header: addresses end up in logs.",
        ),
    ],
) -> Attachment:
    """Attach a file, as the body: a PDF, an image, RTF, DOCX or text. It is sealed, and never changed."""
    refusal = f"attach up to {LARGEST_ATTACHMENT // 1_000_000} MB. Split the file."
    content = await whole_body(request, LARGEST_ATTACHMENT, refusal)

    def added() -> Attachment:
        with asker.services.database.transaction(asker.caller) as connection:
            return attach(
                asker.caller, connection, asker.services.sealer, item_id, unquote(x_file_name),
                content, facilities=asker.facilities,
            )  # fmt: skip

    return await run_in_threadpool(added)


@routes.post(
    "/queue/{item_id}/attachments/{attachment_id}/opening", action="queue.list",
    errors=("reason_needed",), response_class=Response, openapi_extra={"x-media-type": _FILE},
)  # fmt: skip
def opening(asker: Asking, item_id: int, attachment_id: int, why: Opening) -> Response:
    """The content of an attachment, for those who may see notes and patients of its claim, by its labels.

    A POST: it writes into the audit log.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        withheld = withheld_of_item(asker, connection, item_id, break_glass=why.break_glass)
        if withheld is not None:
            raise ApiError("not_permitted", f"attachments are withheld: {withheld}.")
        content = open_attachment(
            asker.caller, connection, asker.services.sealer, item_id, attachment_id, reason=why.reason,
            broke_glass=why.break_glass, facilities=asker.facilities,
        )  # fmt: skip
        claim_key = claim_of_item(connection, item_id, facilities=asker.facilities)
        if why.break_glass and claim_key is not None:
            alert_of_broken_glass(asker.caller, connection, claim_key, asker.request_id)
    # Never shown by the browser within our pages: it is saved.
    return Response(
        content, media_type=_FILE,
        headers={"Content-Disposition": f'attachment; filename="attachment-{attachment_id}"'},
    )  # fmt: skip


def withheld_of_item(
    asker: Asker,
    connection: Connection,
    item_id: int,
    kinds: Sequence[str] = ("narrative", "identity", "clinical"),
    *,
    break_glass: bool = False,
) -> str | None:
    """Why what needs these kinds of field is withheld of an item, by its claim's labels; None if not."""
    claim_key = claim_of_item(connection, item_id, facilities=asker.facilities)
    if claim_key is None:
        return next(filter(None, map(asker.withheld_kind, kinds)), None)
    shown, why = kinds_shown(
        asker.caller, connection, asker.services.sealer, claim_key,
        decision_of(asker, claim_key=claim_key, break_glass=break_glass),
    )  # fmt: skip
    return next((why[kind] for kind in kinds if not shown[kind]), None)
