"""Errors of the API: one format, a code from a list, and its HTTP status.

    {"error": {"code", "message", "details": [{"claim_id", "field", "message"}], "timestamp", "request_id"}}

A message states the problem, its place and the fix. It never contains a value of a claim or of a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg_pool import PoolTimeout
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from claimwright.assembly.errors import StoreUnavailableError
from claimwright.features.appeals import AppealStateError
from claimwright.features.claims import ApprovalNeededError
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

from .refusals import record_refusal

if TYPE_CHECKING:
    from fastapi import FastAPI, Request


@dataclass(frozen=True)
class Code:
    """An error that the API may return."""

    code: str
    status: int
    meaning: str
    do: str


CODES = {
    each.code: each
    for each in (
        Code("invalid_request", 422, "The request does not have the form that the API's page documents.",
             "Correct the fields that `details` names."),
        Code("unusable_input", 422, "The content cannot be used: a file, an expression, a password.",
             "The message states what is wrong and where."),
        Code("reason_needed", 422, "Patient data and decisions require a reason of 8 to 200 characters.",
             "State the reason, without patient data; it is kept in the audit log."),
        Code("not_signed_in", 401, "Not signed in: no credentials, or expired, revoked or wrong ones.",
             "Sign in, or send a valid token."),
        Code("second_factor_needed", 401, "The password was right; a code is required as well, or was wrong.",
             "Send the code of the authenticator, or a recovery code."),
        Code("forged_request", 403, "A browser's request lacks the CSRF token, or has a client certificate.",
             "Send the `csrf_token` of the session as X-CSRF-Token."),
        Code("not_permitted", 403, "The roles, scopes or facilities of the account do not allow it.",
             "Ask an administrator, or `GET /api/v1/access/question`."),
        Code("not_found", 404, "Nothing with this name or key is visible to you.", "Check it."),
        Code("no_such_method", 405, "The address does not take this method.", "See the page of the API."),
        Code("conflict", 409, "The same request is under way.", "Wait for its answer and ask again."),
        Code("state_conflict", 409, "What is there is not in the state that the change needs.",
             "The message says why."),
        Code("changed_meanwhile", 412, "Somebody changed it since it was read.",
             "Read it again and send its new ETag as If-Match."),
        Code("version_needed", 428, "A change requires the version that was read.",
             "Send its ETag as If-Match."),
        Code("too_large", 413, "The body is larger than the settings allow.", "Send it in parts."),
        Code("key_reused", 422, "The Idempotency-Key was used for another request.", "Use a new key."),
        Code("too_many_requests", 429, "More requests than the identity or address may send.",
             "Wait for as long as Retry-After says."),
        Code("quota_exceeded", 429, "The tenant has used up a quota: `GET /api/v1/usage/quotas`.",
             "Wait for the next month where Retry-After is given; ask for more, or remove files."),
        Code("unavailable", 503, "The store, or what else is behind the API, does not answer or is damaged.",
             "Try again later, then tell an administrator."),
        Code("internal", 500, "The fault is ours.", "Tell us the request_id."),
    )
}  # fmt: skip


class Detail(BaseModel):
    """One problem, and its place."""

    claim_id: int | None = None
    field: str | None = None
    message: str


class Told(BaseModel):
    """The error itself."""

    code: str
    message: str
    details: list[Detail] = []
    timestamp: str
    request_id: str


class ErrorBody(BaseModel):
    """The body of every unsuccessful response."""

    error: Told


class ApiError(InputError):
    """An error of the API itself, by its code."""

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        details: Sequence[Detail] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message or CODES[code].meaning)
        self.code, self.details, self.headers = code, list(details), headers or {}


def answer(request: Request, problem: Exception) -> JSONResponse:
    """The response for an exception; an unexpected one is logged by its class and reported as internal."""
    if getattr(request.state, "too_large", False):
        problem = ApiError("too_large")
    code, message, details, headers = _told(problem)
    record_refusal(request, code, CODES[code].status)
    if CODES[code].status >= 500:
        get_logger("api").error("a request failed", error_class=type(problem).__name__)
    body = ErrorBody(
        error=Told(
            code=code,
            message=message,
            details=details,
            timestamp=clock.now().isoformat(),
            request_id=getattr(request.state, "request_id", ""),
        )
    )
    return JSONResponse(body.model_dump(), CODES[code].status, headers)


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
        case psycopg.DataError():
            # A number out of range for a row, or a character that the database's text can't contain.
            return "invalid_request", CODES["invalid_request"].meaning, [], headers
    for kind, code in _BY_KIND:
        if isinstance(problem, kind):
            return code, str(problem), [], headers
    if isinstance(problem, _BEHIND):
        return "unavailable", CODES["unavailable"].meaning, [], {"Retry-After": "5"}
    if isinstance(problem, ClaimwrightError):
        return "internal", str(problem), [], headers
    return "internal", CODES["internal"].meaning, [], headers


def _places(problem: RequestValidationError) -> list[Detail]:
    """The places of a request that are invalid; never their values."""
    found = []
    for each in problem.errors():
        place = ".".join(str(part) for part in each["loc"])
        found.append(Detail(field=place, message=_said(each)))
    return found


def _said(error: dict[str, Any]) -> str:
    # Messages of patterns and literals include only the allowed values, not the value of the request.
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
