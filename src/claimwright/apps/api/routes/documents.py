"""Documents of claims: added, opened for a reason, findings accepted or struck; governed files."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import unquote

from fastapi import Header, Path, Query, Request, Response
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.few_at_once import few_at_once
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import BodyDay, IfMatch
from claimwright.apps.api.uploads import SCANNED, whole_body
from claimwright.domain.appeal_case import Clinical
from claimwright.features.claims import always_withheld
from claimwright.features.documents import (
    DocumentNotFoundError,
    ReadFinding,
    StoredDocument,
    add_document,
    decide_finding,
    describe,
    list_of_claim,
    open_document,
    recognizer,
    unblock,
)
from claimwright.features.governance import (
    FileVersion,
    activate_file,
    add_file,
    approve_file,
    file_text,
    list_governed,
)
from claimwright.platform.objects import open_objects

from .appeals import Why, demand_shown
from .claims import Opening, withheld_of_claims

if TYPE_CHECKING:
    from claimwright.platform.database import Connection
    from claimwright.platform.objects import Objects

routes = Resource("documents", "Documents of claims, and the templates that letters are made of")
LARGEST = 20_000_000
# Recognition takes seconds a page, and somebody waits; the command has no such limit.
MOST_RECOGNIZED = 30
_FILE = "application/octet-stream"
# What of a listed document is of which kind.
_HELD = {"identity": "dated_on", "clinical": "type"}
Kind = Literal["template", "prompt", "policy", "evaluation_set"]
FileId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]


class FindingInFull(BaseModel):
    """What was read at one place; offsets are of the text, with its pages joined by line breaks."""

    ordinal: int
    state: str
    is_usable: bool
    page: int
    start: int
    end: int
    words: str
    clinical: Clinical


class DocumentInFull(BaseModel):
    """A document with its name, its text by page, and what was read from it."""

    document: StoredDocument
    name: str
    pages: list[str]
    findings: list[FindingInFull]


class Decided(Body):
    """Findings by their numbers."""

    accepted: list[Annotated[int, Field(ge=1)]] = Field(default=[], max_length=2_000)
    struck: list[Annotated[int, Field(ge=1)]] = Field(default=[], max_length=2_000)


class Description(Body):
    """Type and date of a document, where they were not recognised."""

    type: str | None = Field(default=None, pattern=r"^[a-z][a-z -]{1,60}$")
    dated_on: BodyDay | None = None


class NewFile(Body):
    """A version to add. A template has its id and version in its front matter."""

    kind: Kind = "template"
    file_id: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")
    text: str = Field(min_length=1, max_length=60_000)


class FileText(BaseModel):
    """The text of a version."""

    text: str


@routes.get("/documents", action="appeals.list")
def every(
    asker: Asking, page: Paging, claim_key: Annotated[int | None, Query(ge=1)] = None
) -> Page[StoredDocument]:
    """Documents of a claim or of all, without names and contents.

    Their days are withheld from callers who may not see who the patients are, and their types from those who
    may not see what was done, by the labels of the claim.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_of_claim(
            connection, claim_key, facilities=asker.facilities, after=page.after or 0, limit=page.limit
        )
        seen, withheld = _as_seen(asker, connection, found)
    return page.page(seen, lambda each: each.document_id).model_copy(update={"withheld": withheld})


@routes.post(
    "/claims/{claim_key}/documents", action="appeals.work", status=201,
    errors=("unusable_input", *SCANNED),
    openapi_extra={"requestBody": {"required": True, "content": {
        _FILE: {"schema": {"type": "string", "format": "binary"}},
    }}},
)  # fmt: skip
async def add(
    request: Request,
    asker: Asking,
    claim_key: int,
    x_file_name: Annotated[
        str,
        Header(
            min_length=1,
            max_length=1_800,
            description="The file's name, percent-encoded. In a header: addresses end up in logs.",
        ),
    ],
) -> StoredDocument:
    """Add a document, as the body: PDF, picture, DOCX, RTF, C-CDA or text. It is read, checked, sealed.

    Scanned pages are read by optical recognition where the machine has it.
    """
    refusal = f"a document has up to {LARGEST // 1_000_000} MB. Split it."
    content = await whole_body(request, LARGEST, refusal)

    def added() -> StoredDocument:
        with asker.services.database.transaction(asker.caller) as connection:
            demand_shown(asker, connection, claim_key)
            return add_document(
                asker.caller, connection, asker.services.sealer, claim_key, unquote(x_file_name),
                content, recognize=recognizer(), most_recognized=MOST_RECOGNIZED,
                facilities=asker.facilities,
            )  # fmt: skip

    return await few_at_once(request, "documents", added, of=asker)


@routes.post("/documents/{document_id}/opening", action="appeals.read", errors=("reason_needed",))
def opening(asker: Asking, document_id: int, why: Opening) -> DocumentInFull:
    """A document's text and findings, for those who may see notes and patients of its claim, by its labels.

    A POST: it writes into the audit log.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        claim_key = _claim_of(asker, connection, document_id)
        demand_shown(asker, connection, claim_key, break_glass=why.break_glass)
        document, name, findings = open_document(
            asker.caller, connection, asker.services.sealer, document_id, reason=why.reason,
            facilities=asker.facilities,
        )  # fmt: skip
    return DocumentInFull(
        document=document.document, name=name, pages=list(document.pages),
        findings=[_finding(each) for each in findings],
    )  # fmt: skip


@routes.post("/documents/{document_id}/findings", action="appeals.work", errors=("unusable_input",))
def decide(asker: Asking, document_id: int, decided: Decided) -> StoredDocument:
    """Accept or strike findings, as a reviewer who has read their places. Letters cite what is accepted."""
    with asker.services.database.transaction(asker.caller) as connection:
        demand_shown(asker, connection, _claim_of(asker, connection, document_id))
        for state, ordinals in (("accepted", decided.accepted), ("struck", decided.struck)):
            if ordinals:
                decide_finding(
                    asker.caller, connection, document_id, ordinals, state, facilities=asker.facilities
                )
        return _one(asker, connection, document_id)


@routes.get("/documents/{document_id}", action="appeals.list")
def one(asker: Asking, document_id: int, response: Response) -> StoredDocument:
    """One document, without its name and content, withheld as in the list. Its ETag is for an edit of type
    and date: only whoever sees both has it, since they could be guessed from it.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = _one(asker, connection, document_id)
        [seen], withheld = _as_seen(asker, connection, [found])
    if not withheld:
        response.headers["ETag"] = _tag(found)
    return seen


@routes.patch(
    "/documents/{document_id}", action="appeals.work",
    errors=("unusable_input", "changed_meanwhile", "version_needed"),
)  # fmt: skip
def set_description(
    asker: Asking, document_id: int, wanted: Description, response: Response, if_match: IfMatch = None
) -> StoredDocument:
    """Set type and date of a document. Letters cite documents that have a date."""
    if if_match is None:
        raise ApiError("version_needed")
    with asker.services.database.transaction(asker.caller) as connection:
        before = _one(asker, connection, document_id)
        demand_shown(asker, connection, before.claim_key)
        if if_match.removeprefix("W/") != _tag(before) or not describe(
            asker.caller, connection, document_id, type_=wanted.type, dated_on=wanted.dated_on,
            seen=(before.type, before.dated_on), facilities=asker.facilities,
        ):  # fmt: skip
            raise ApiError("changed_meanwhile")
        found = _one(asker, connection, document_id)
    response.headers["ETag"] = _tag(found)
    return found


@routes.post("/documents/{document_id}/unblocking", action="appeals.work", errors=("reason_needed",))
def let_use(asker: Asking, document_id: int, why: Why) -> StoredDocument:
    """Let a document be used that seemed to be of another patient."""
    with asker.services.database.transaction(asker.caller) as connection:
        demand_shown(asker, connection, _claim_of(asker, connection, document_id))
        unblock(asker.caller, connection, document_id, reason=why.reason, facilities=asker.facilities)
        return _one(asker, connection, document_id)


@routes.get("/templates", action="templates.read")
def files(asker: Asking, kind: Kind = "template") -> list[FileVersion]:
    """Every version of governed files with its state; of templates, those that ship too."""
    with asker.services.database.transaction(asker.caller) as connection:
        return list_governed(connection, _shelf(asker), kind)


@routes.post("/templates", action="templates.change", status=201, errors=("unusable_input",))
def add_version(asker: Asking, new: NewFile) -> FileVersion:
    """Add a version as a draft. Nothing uses it until another person approves it and it is activated."""
    with asker.services.database.transaction(asker.caller) as connection:
        return add_file(
            asker.caller, connection, _shelf(asker), new.kind, new.text, new.file_id or "the text",
            file_id=new.file_id,
        )  # fmt: skip


@routes.get("/templates/{kind}/{file_id}/{version}", action="templates.read")
def text_of(asker: Asking, kind: Kind, file_id: FileId, version: int) -> FileText:
    """The text of a version."""
    with asker.services.database.transaction(asker.caller) as connection:
        return FileText(text=file_text(connection, _shelf(asker), kind, file_id, version))


@routes.post(
    "/templates/{kind}/{file_id}/{version}/approval", action="templates.approve", errors=("unusable_input",)
)
def approve(asker: Asking, kind: Kind, file_id: FileId, version: int) -> list[FileVersion]:
    """Approve a draft that somebody else added. Gives back the versions of the file."""
    with asker.services.database.transaction(asker.caller) as connection:
        approve_file(asker.caller, connection, kind, file_id, version)
        return list_governed(connection, _shelf(asker), kind, file_id=file_id)


@routes.post(
    "/templates/{kind}/{file_id}/{version}/activation", action="templates.change", errors=("unusable_input",)
)
def activate(
    asker: Asking, kind: Kind, file_id: FileId, version: int, roll_back: bool = False
) -> list[FileVersion]:
    """Use an approved version from now on, or go back to an earlier one. Gives back the versions."""
    with asker.services.database.transaction(asker.caller) as connection:
        activate_file(asker.caller, connection, _shelf(asker), kind, file_id, version, roll_back=roll_back)
        return list_governed(connection, _shelf(asker), kind, file_id=file_id)


def _one(asker: Asker, connection: Connection, document_id: int) -> StoredDocument:
    found = list_of_claim(connection, facilities=asker.facilities, after=document_id - 1, limit=1)
    if not found or found[0].document_id != document_id:
        raise DocumentNotFoundError(f"there is no document {document_id}.")
    return found[0]


def _as_seen(
    asker: Asker, connection: Connection, found: list[StoredDocument]
) -> tuple[list[StoredDocument], dict[str, str]]:
    """Documents as the asker may see them, and what is withheld of some: a day is a date of the patient, and
    a type such as that of a psychiatric evaluation is clinical.
    """
    always = always_withheld(asker.withheld_kind)
    by_claim = withheld_of_claims(asker, connection, [each.claim_key for each in found])
    seen: list[StoredDocument] = []
    withheld: dict[str, str] = {}
    for each in found:
        hidden = by_claim.get(each.claim_key, {}) | always
        fields = {_HELD[kind]: why for kind, why in hidden.items()}
        seen.append(
            replace(
                each,
                dated_on=None if "dated_on" in fields else each.dated_on,
                type=None if "type" in fields else each.type,
            )
        )
        withheld |= fields
    return seen, withheld


def _tag(document: StoredDocument) -> str:
    """The ETag of what can be edited of a document."""
    edited = f"{document.document_id}\n{document.type}\n{document.dated_on}"
    return f'"{hashlib.sha256(edited.encode()).hexdigest()[:16]}"'


def _claim_of(asker: Asker, connection: Connection, document_id: int) -> int:
    return _one(asker, connection, document_id).claim_key


def _finding(each: ReadFinding) -> FindingInFull:
    return FindingInFull(
        ordinal=each.ordinal, state=each.state, is_usable=each.is_usable, page=each.page, start=each.start,
        end=each.end, words=each.words, clinical=each.clinical,
    )  # fmt: skip


def _shelf(asker: Asker) -> Objects:
    return open_objects(asker.services.settings)
