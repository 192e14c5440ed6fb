"""Refused requests in the audit log: what an identity asked for and may not do, and its first request over a
limit in a minute.

A request without a valid credential has no tenant: it is a line of the log. A refused sign-in is recorded
where it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from claimwright.domain.caller import UnknownTenantError
from claimwright.platform import audit
from claimwright.platform.observability import get_logger

if TYPE_CHECKING:
    from fastapi import Request

    from .asking import Asker

RECORDED = frozenset({"not_permitted", "forged_request", "too_many_requests"})


def record_refusal(request: Request, code: str, status: int) -> None:
    """Append the refusal of a request to the log of the asker's tenant. Its answer does not depend on it."""
    asker: Asker | None = getattr(request.state, "asker", None)
    if code not in RECORDED or asker is None or (code == "too_many_requests" and not _is_first(request)):
        return
    template = getattr(request.scope.get("route"), "path", "unknown")
    try:
        with asker.services.database.transaction(asker.caller) as connection:
            audit.append(
                asker.caller, connection, action="request.refused", subject=f"route:{template}",
                detail={"method": request.method, "status": status, "reason_code": code},
                correlation_id=asker.request_id,
            )  # fmt: skip
    except (audit.AuditError, UnknownTenantError) as problem:
        get_logger("api").error("a refusal is not in the audit log", error_class=type(problem).__name__)


def _is_first(request: Request) -> bool:
    return bool(getattr(request.state, "is_first_refused", False))
