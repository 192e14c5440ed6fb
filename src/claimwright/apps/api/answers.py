"""The answer for an error: of the API itself, of the request's form, of a feature or of the database."""

from __future__ import annotations

from http.client import NO_CONTENT
from typing import TYPE_CHECKING, Any

import psycopg
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from claimwright.assembly.errors import StoreUnavailableError
from claimwright.features.appeals import AppealStateError
from claimwright.features.claims import ApprovalNeededError, NotInReviewError
from claimwright.features.intake import UploadIdError
from claimwright.features.prediction import ModelStateError
from claimwright.foundation import clock
from claimwright.foundation.errors import (
    CatalogError,
    ClaimwrightError,
    ConfigurationError,
    InputError,
    ModelError,
    NotFoundError,
    StoreError,
)
from claimwright.platform.access import AccessDeniedError
from claimwright.platform.audit import AuditError
from claimwright.platform.identity import (
    BreachedPasswordsError,
    ProviderUnavailableError,
    SecondFactorError,
    SignInError,
    StaleVersionError,
)
from claimwright.platform.metering import QuotaExceededError
from claimwright.platform.observability import get_logger
from claimwright.platform.virus_scanner import (
    ScannerUnavailableError,
    UnscannableError,
    VirusFoundError,
)

from .errors import CODES, ApiError, Detail, ErrorBody, Told
from .methods import allowed_methods
from .refusals import record_refusal

if TYPE_CHECKING:
    from fastapi import FastAPI, Request


def answer(request: Request, problem: Exception) -> Response:
    """The response for an exception; an unexpected one is logged by its class and reported as internal."""
    if getattr(request.state, "too_large", False):
        problem = ApiError("too_large")
    code, message, details, headers = _told(problem)
    if code == "no_such_method":
        headers = {"Allow": allowed_methods(request)}
        if request.method == "OPTIONS":
            return Response(status_code=NO_CONTENT, headers=headers)
    more = _for_the_record(problem)
    record_refusal(request, code, CODES[code].status, more)
    if CODES[code].status >= 500:
        get_logger("api").error("a request failed", error_class=type(problem).__name__, **more)
    body = ErrorBody(
        error=Told(
            code=code,
            message=message,
            details=details,
            timestamp=clock.now().isoformat(),
            request_id=getattr(request.state, "request_id", ""),
        )
    )
    # What was counted is told with a refusal, too.
    counted: dict[str, str] = getattr(request.state, "rate_headers", {})
    return JSONResponse(body.model_dump(), CODES[code].status, {**counted, **headers})


def code_of(problem: BaseException) -> str:
    """The code of the response for an exception."""
    return _told(problem)[0] if isinstance(problem, Exception) else "internal"


def _for_the_record(problem: Exception) -> dict[str, str]:
    """What the log says of an error and the answer does not."""
    match problem:
        case VirusFoundError():
            return {"signature": problem.signature}
        case ScannerUnavailableError():
            return {"outcome": problem.why}
    return {}


# The code of the first kind that an error is of; its message is in the answer.
_BY_KIND: tuple[tuple[type[Exception], str], ...] = (
    (AccessDeniedError, "not_permitted"),
    (StaleVersionError, "changed_meanwhile"),
    (NotFoundError, "not_found"),
    (AuditError, "reason_needed"),
    (ProviderUnavailableError, "unavailable"),
    (BreachedPasswordsError, "unavailable"),
    (ModelStateError, "state_conflict"),
    (ApprovalNeededError, "state_conflict"),
    (AppealStateError, "state_conflict"),
    (UploadIdError, "state_conflict"),
    (VirusFoundError, "virus_found"),
    (UnscannableError, "too_large"),
    (InputError, "unusable_input"),
    (ConfigurationError, "unusable_input"),
)
# The store, and files of the installation, are not available or damaged: their own messages are left out.
_BEHIND = (
    StoreUnavailableError, StoreError, PoolTimeout, psycopg.OperationalError, ModelError, CatalogError,
)  # fmt: skip


def _told(problem: Exception) -> tuple[str, str, list[Detail], dict[str, str]]:
    headers: dict[str, str] = {}
    match problem:
        case ApiError():
            return problem.code, str(problem), problem.details, problem.headers
        case RequestValidationError():
            return "invalid_request", CODES["invalid_request"].meaning, _places(problem), headers
        case HTTPException():
            code = {404: "not_found", 405: "no_such_method"}.get(problem.status_code, "invalid_request")
            return code, CODES[code].meaning, [], headers
        case SecondFactorError() | SignInError():
            code = "second_factor_needed" if isinstance(problem, SecondFactorError) else "not_signed_in"
            headers["WWW-Authenticate"] = "Bearer"
            if problem.retry_seconds:
                headers["Retry-After"] = str(problem.retry_seconds)
            return code, str(problem), [], headers
        case QuotaExceededError():
            if problem.retry_seconds:
                headers["Retry-After"] = str(problem.retry_seconds)
            return "quota_exceeded", str(problem), [], headers
        case ScannerUnavailableError():
            return "scanner_unavailable", str(problem), [], {"Retry-After": "5"}
        case psycopg.DataError():
            # A number out of range for a row, or a character that the database's text can't contain.
            return "invalid_request", CODES["invalid_request"].meaning, [], headers
    for kind, code in _BY_KIND:
        if isinstance(problem, kind):
            return code, str(problem), _items(problem), headers
    if isinstance(problem, _BEHIND):
        return "unavailable", CODES["unavailable"].meaning, [], {"Retry-After": "5"}
    if isinstance(problem, ClaimwrightError):
        return "internal", str(problem), [], headers
    return "internal", CODES["internal"].meaning, [], headers


def _items(problem: Exception) -> list[Detail]:
    """The items of a decision on several that keep it from being carried out, each with the reason."""
    match problem:
        case NotInReviewError():
            keys, message = problem.claims, "it is not in review."
        case ApprovalNeededError():
            keys, message = problem.sources, "another person has to approve this."
        case _:
            return []
    return [Detail(claim_id=each, field="claim_keys", message=message) for each in keys]


def _places(problem: RequestValidationError) -> list[Detail]:
    """The places of a request that are invalid; never their values."""
    found = []
    for each in problem.errors():
        place = ".".join(str(part) for part in each["loc"])
        found.append(Detail(field=place, message=_said(each)))
    return found


def _said(error: dict[str, Any]) -> str:
    # Messages of patterns and literals include only the allowed values, not the value of the request.
    if error["type"] == "json_invalid":
        return f"JSON: {error['ctx']['error']}."
    text: str = error["msg"]
    return text if "input" not in text.lower() or error["type"] != "value_error" else "This cannot be used."


def handle_errors(app: FastAPI) -> None:
    """Return every exception in the same format."""
    for kind in (
        ApiError,
        RequestValidationError,
        HTTPException,
        ClaimwrightError,
        PoolTimeout,
        psycopg.Error,
    ):
        app.add_exception_handler(kind, answer)
    app.add_exception_handler(Exception, answer)
