"""Files: brought in as they come, streamed; and claims checked without storing them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import Future
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from claimwright.apps.api.answers import code_of
from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body, strict_json
from claimwright.apps.api.errors import ApiError, Detail
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import Day, OneFacility
from claimwright.apps.api.uploads import SCANNED, Upload, claim_file, scanned_text
from claimwright.features.claims import (
    ListedFile,
    Refusal,
    StoredFinding,
    file_of,
    findings_of_file,
    list_files,
    refusals_of,
)
from claimwright.features.conversion import DocumentError, document_as_837, document_schema
from claimwright.features.intake import (
    Staged,
    UploadProgress,
    UploadReport,
    upload_progress,
)
from claimwright.foundation import clock
from claimwright.foundation.errors import NotFoundError
from claimwright.store.listings import FILE_ORDERS

routes = Resource("files", "Files of claims")
Order = Literal["file_id", "-file_id", "claims", "-claims", "faults", "-faults"]
# A damaged file can have a fault in each segment.
_MOST_OF_FILE = 1_000
Facility = Annotated[str, Query(pattern=r"^[\w.-]{1,64}$", description="Which facility the claims are of.")]


class FileTaken(BaseModel):
    """What became of a file; `earlier` is the file that had the same content."""

    file_id: int | None
    earlier: int | None
    claims: int
    staged: int
    refused: int
    faults: int


class ReturnReason(Body):
    """Why a file is returned; the audit log keeps it."""

    reason: str = Field(min_length=8, max_length=200, description="About the work, not about the patient.")


class FileReturned(BaseModel):
    """What became of the claims of a file whose intake was undone; `is_whole` where none of them stay."""

    file_id: int
    returned: int
    staying: int
    is_whole: bool


class CheckedClaim(BaseModel):
    """One claim of a check, findings with it. Money is text, in dollars."""

    claim: int
    status: str | None
    total_charge: str | None
    expected: str | None
    findings: list[dict[str, Any]]


class CheckAnswer(BaseModel):
    """A check of a file that is not stored. `file_findings` are those of no claim, such as a missing segment
    of an envelope.
    """

    claims: int
    clean: int
    by_status: dict[str, int]
    charged: str
    expected: str
    checked: list[CheckedClaim]
    file_findings: list[dict[str, Any]]
    is_cut: bool


@routes.get("/files", action="files.list")
def every(
    asker: Asking,
    page: Paging,
    facility: OneFacility = None,
    received_from: Day | None = None,
    received_to: Day | None = None,
    sort: Order = "-file_id",
) -> Page[ListedFile]:
    """Files that came in, newest first, or by claims or faults.

    `received_from` and `received_to` are the first and the last day.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_files(
            connection, facility=facility, facilities=asker.facilities, received_from=received_from,
            received_to=received_to, sort=sort, after=page.place, limit=page.limit,
        )  # fmt: skip
    return page.page(found, lambda each: FILE_ORDERS.place_of(each, sort))


@routes.get("/files/uploads/{upload_id}", action="files.list")
def progress(asker: Asking, upload_id: uuid.UUID) -> UploadProgress:
    """How far an upload is that was sent with this `upload_id`; known for a day.

    Its claims are in the store once it is completed, and not before. `problem` is the code of an error, or
    `interrupted` where the process that read it has ended: then send the file again.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = upload_progress(connection, upload_id)
    if found is None or not asker.owns(found.facility):
        raise NotFoundError("there is no such upload.")
    return found


@routes.get("/files/{file_id}", action="files.list")
def one(asker: Asking, file_id: int) -> ListedFile:
    """One file, and how many of its claims were staged, refused or faulty."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = file_of(connection, file_id)
    if found is None or not asker.owns(found.facility):
        raise NotFoundError(f"there is no file {file_id}.")
    return found


@routes.post("/files/{file_id}/return", action="files.return", errors=("state_conflict",))
def give_back(asker: Asking, file_id: int, why: ReturnReason | None = None) -> FileReturned:
    """Undo the intake of a file: its claims that no run has processed are deleted.

    Claims that a run has processed stay, and so does a claim that a later file replaces or voids. If all are
    deleted, the same file can be sent again. Not while a run is going on.
    """
    from claimwright.assembly.errors import OwnerRequiredError
    from claimwright.assembly.intakes import give_back as returning
    from claimwright.features.intake import RunGoingOnError

    one(asker, file_id)
    services = asker.services
    try:
        found = returning(
            asker.caller, services.settings, services.database, file_id, lambda _: None,
            reason=why.reason if why else None,
        )  # fmt: skip
    except RunGoingOnError as problem:
        raise ApiError("state_conflict", str(problem)) from None
    except OwnerRequiredError:
        raise ApiError("state_conflict", "the API is not set up for this: database.owner_url.") from None
    if found is None:
        raise NotFoundError(f"there is no file {file_id}.")
    return FileReturned(
        file_id=found.file_id, returned=found.going, staying=found.staying, is_whole=found.is_whole
    )


@routes.get("/files/{file_id}/refusals", action="files.list")
def refused(asker: Asking, file_id: int, page: Paging) -> Page[Refusal]:
    """Claims of the file that repeat one of before, each with the key of that one."""
    one(asker, file_id)
    with asker.services.database.transaction(asker.caller) as connection:
        found = refusals_of(connection, file_id, after=page.after or 0, limit=page.limit)
    return page.page(found, lambda each: each.position)


@routes.get("/files/{file_id}/findings", action="findings.list")
def of_file(asker: Asking, file_id: int) -> list[StoredFinding]:
    """Findings of the file as a whole: those that are of no claim."""
    one(asker, file_id)
    with asker.services.database.transaction(asker.caller) as connection:
        return findings_of_file(connection, file_id)


@routes.post(
    "/files", action="files.upload", status=201, errors=("state_conflict", *SCANNED),
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/edi-x12": {"schema": {"type": "string", "format": "binary"}},
        "application/gzip": {"schema": {"type": "string", "format": "binary"}},
    }}},
)  # fmt: skip
async def upload(
    request: Request,
    asker: Asking,
    facility: Facility,
    upload_id: Annotated[
        uuid.UUID | None,
        Query(description="Of your own: `GET /files/uploads/{upload_id}` says how far it is."),
    ] = None,
) -> FileTaken:
    """Bring an 837 in, as the body, gzip allowed; streamed, sealed and staged while it comes.

    The same content is taken once, however often it is sent: the answer names the file that has it.
    """
    asker.demand("files.upload", facility)

    def queued(chunks: Iterator[bytes]) -> Future[Staged]:
        return asker.services.small_files.offer(asker.caller, claim_file(chunks), facility=facility)

    staged = await Upload(request).consumed_by(
        lambda chunks: _staged(asker, claim_file(chunks), facility, upload_id),
        # How far a file is, is told by its own reading.
        queued=queued if upload_id is None else None,
    )
    return _taken(staged)


def _staged(asker: Asker, chunks: Iterator[bytes], facility: str, upload_id: uuid.UUID | None) -> Staged:
    intake = asker.services.intake
    if upload_id is None:
        return intake.stage(asker.caller, chunks, facility=facility)
    report = UploadReport(asker.caller, asker.services.database, upload_id, facility)
    try:
        done = intake.stage(asker.caller, chunks, facility=facility, progress=report)
    except BaseException as problem:
        report.failed(code_of(problem))
        raise
    report.completed(done)
    return done


def _taken(staged: Staged) -> FileTaken:
    return FileTaken(
        file_id=None if staged.earlier else staged.file_id, earlier=staged.earlier, claims=staged.claims,
        staged=staged.staged, refused=sum(staged.refused.values()), faults=staged.faults,
    )  # fmt: skip


@routes.get("/claims/batch/schema", action="own.read")
def batch_schema(asker: Asking) -> dict[str, Any]:  # noqa: ARG001 - who asks is known before
    """The JSON Schema of claims as `POST /claims/batch` takes them, from the dictionary."""
    return document_schema()


@routes.post(
    "/claims/batch", action="files.upload", status=201, errors=("unusable_input", *SCANNED),
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/json": {"schema": {"type": "object", "description": "See GET /claims/batch/schema."}},
    }}},
)  # fmt: skip
async def batch(request: Request, asker: Asking, facility: Facility) -> FileTaken:
    """Bring claims in as JSON: fields of the dictionary, rows inside what they belong to.

    They are kept as the 837 that says the same. All are taken or none; `details` name each wrong field.
    """
    asker.demand("files.upload", facility)
    body = await scanned_text(request)
    content = await run_in_threadpool(_as_837, body)
    staged = await run_in_threadpool(
        lambda: asker.services.intake.stage(asker.caller, iter([content]), facility=facility)
    )
    return _taken(staged)


def _as_837(body: bytes) -> bytes:
    try:
        # Amounts stay as they are written: a binary fraction is none.
        document = strict_json(body, parse_float=Decimal)
    except ValueError:
        raise ApiError("invalid_request", "the body is no JSON, or says two things at once.") from None
    if not isinstance(document, dict):
        raise ApiError("invalid_request", "the body is an object with a list of claims.")
    try:
        return document_as_837(document, clock.today())
    except DocumentError as problem:
        details = [
            Detail(claim_id=each.claim or None, field=each.field, message=each.message)
            for each in problem.faults
        ]
        raise ApiError("unusable_input", "the claims cannot be used as they are.", details=details) from None


@routes.post(
    "/check", action="checks.run", errors=SCANNED,
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/edi-x12": {"schema": {"type": "string", "format": "binary"}},
        "application/json": {"schema": {"type": "object", "description": "See GET /claims/batch/schema."}},
    }}},
)  # fmt: skip
async def check(
    request: Request,
    asker: Asking,
    limit: Annotated[
        int, Query(ge=0, le=10_000, description="At most so many claims in the answer.")
    ] = 1_000,
) -> CheckAnswer:
    """Check an 837, or claims as JSON, and store nothing: findings of the file, those of its claims, worst
    first, and prices.
    """
    if request.headers.get("content-type", "").startswith("application/json"):
        content = await run_in_threadpool(_as_837, await scanned_text(request))
        return await run_in_threadpool(_checked, asker, iter([content]), limit)
    body = Upload(request)
    return await body.consumed_by(lambda chunks: _checked(asker, claim_file(chunks), limit))


def _checked(asker: Asking, chunks: Iterator[bytes], limit: int) -> CheckAnswer:
    import polars as pl

    from claimwright.features.checking import Summary, worst_first
    from claimwright.features.intake import cut_blocks

    checker = asker.services.checker(asker.caller)
    summary = Summary()
    shown: list[CheckedClaim] = []
    of_file: list[dict[str, Any]] = []
    for checked in checker.check_blocks(cut_blocks(chunks)):
        summary.add(checked.outcomes, checked.findings, checked.prices)
        apart = checked.findings.filter(pl.col("claim").is_null())
        of_file += _told(apart.head(_MOST_OF_FILE - len(of_file)).to_dicts())
        if len(shown) < limit:
            by_claim = checked.findings.partition_by("claim", as_dict=True)
            for row in worst_first(checked.outcomes).head(limit - len(shown)).iter_rows(named=True):
                found = by_claim.get((row["claim"],))
                shown.append(_claim(row, [] if found is None else found.to_dicts()))
    return CheckAnswer(
        claims=summary.claims, clean=summary.clean, by_status=summary.by_status, charged=str(summary.charged),
        expected=str(summary.expected), checked=shown, file_findings=of_file,
        is_cut=summary.claims > len(shown),
    )  # fmt: skip


def _claim(row: dict[str, Any], findings: list[dict[str, Any]]) -> CheckedClaim:
    return CheckedClaim(
        claim=row["claim"],
        status=row["status"],
        total_charge=None if row["total_charge"] is None else str(row["total_charge"]),
        expected=None if row["expected"] is None else str(row["expected"]),
        findings=_told(findings),
    )


def _told(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: str(value) if name == "amount" else value for name, value in each.items() if value is not None}
        for each in findings
    ]
