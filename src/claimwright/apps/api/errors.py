"""Errors of the API: one format, a code from a list, and its HTTP status.

    {"error": {"code", "message", "details": [{"claim_id", "field", "message"}], "timestamp", "request_id"}}

A message states the problem, its place and the fix. It never contains a value of a claim or of a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from claimwright.foundation.errors import InputError


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
        Code("virus_found", 422, "The virus scanner refuses the content. Nothing of it was read or stored.",
             "Do not send it again. Tell whoever sent it to you, and an administrator."),
        Code("key_reused", 422, "The Idempotency-Key was used for another request.", "Use a new key."),
        Code("too_many_requests", 429, "More requests than the identity or address may send.",
             "Wait for as long as Retry-After says."),
        Code("quota_exceeded", 429, "The tenant has used up a quota: `GET /api/v1/usage/quotas`.",
             "Wait for the next month where Retry-After is given; ask for more, or remove files."),
        Code("unavailable", 503, "The store, or what else is behind the API, does not answer or is damaged.",
             "Try again later, then tell an administrator."),
        Code("scanner_unavailable", 503, "The virus scanner gives no verdict, so no content is taken.",
             "Send it again after Retry-After, then tell an administrator."),
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
