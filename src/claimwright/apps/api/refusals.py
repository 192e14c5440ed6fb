"""Refused requests in the audit log: what an identity asked for and may not do, its first request over a
limit in a minute, what does not exist for it (such as a claim of another tenant), changes of what somebody
has changed meanwhile, files that are none, and files that the virus scanner refuses or does not judge.

A request without a valid credential has no tenant: it is a line of the log. A refused sign-in is recorded
where it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from claimwright.domain.caller import UnknownTenantError
from claimwright.platform import audit
from claimwright.platform.observability import get_logger

if TYPE_CHECKING:
    from fastapi import Request

    from .asking import Asker

RECORDED = frozenset(
    {
        "not_permitted", "forged_request", "too_many_requests", "changed_meanwhile", "virus_found",
        "scanner_unavailable",
    }
)  # fmt: skip
# Files that can't be used; other requests that can't are typing errors.
_FILES = ("/files", "/claims/batch", "/remittances", "/remittances/paper")
_NO_FILE = frozenset({"unusable_input", "too_large"})
# Of a number of a row; what is longer is none, and may be endless.
_LONGEST = 18
# Asked for again and again while it begins, so that it is often not there yet.
_AWAITED = "/files/uploads/{upload_id}"
# What is done with a thing: of one that is not theirs, it is asked for all the same.
_OF_A_THING = re.compile(r"/(opening|segments|repairs|repairs/(model|trial)|corrections)$")


def asked_for(request: Request) -> tuple[str, list[int]]:
    """The route of a request, and the numbers of what was asked for; names may be anything."""
    template = getattr(request.scope.get("route"), "path", "unknown")
    texts = [str(each) for each in request.path_params.values()]
    return template, [int(each) for each in texts if each.isdecimal() and len(each) <= _LONGEST]


def record_refusal(request: Request, code: str, status: int, more: Mapping[str, str]) -> None:
    """Append the refusal of a request to the log of the asker's tenant. Its answer does not depend on it."""
    asker: Asker | None = getattr(request.state, "asker", None)
    template, items = asked_for(request)
    if asker is None or not _is_recorded(request, template, code):
        return
    detail = {"method": request.method, "status": status, "reason_code": code}
    try:
        with asker.services.database.transaction(asker.caller) as connection:
            audit.append(
                asker.caller, connection, action="request.refused", subject=f"route:{template}",
                detail=detail | ({"items": items} if items else {}) | dict(more),
                correlation_id=asker.request_id,
            )  # fmt: skip
    except (audit.AuditError, UnknownTenantError) as problem:
        get_logger("api").error("a refusal is not in the audit log", error_class=type(problem).__name__)


def _is_recorded(request: Request, template: str, code: str) -> bool:
    if code == "not_found":
        # The thing itself, by its number; what belongs to a thing may well be missing.
        return _OF_A_THING.sub("", template).endswith("}") and not template.endswith(_AWAITED)
    if code in _NO_FILE:
        return request.method == "POST" and template.endswith(_FILES)
    return code in RECORDED and (code != "too_many_requests" or _is_first(request))


def _is_first(request: Request) -> bool:
    return bool(getattr(request.state, "is_first_refused", False))
