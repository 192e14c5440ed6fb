"""A resource: the routes of one subject, each with its action in the access policies.

    routes = Resource("claims", "Claims of the store")

    @routes.get("/claims", action="claims.list")
    def list_claims(asker: Asking, page: Paging) -> Page[ListedClaim]: ...

The resource handles authentication, authorization, rate limits and repeated requests, and documents the
errors on the API's page. `PUBLIC` routes need no authentication, for example signing in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from claimwright.platform.access import ACTIONS
from claimwright.platform.identity import SECOND_FACTORS

from .asking import Asker, asker_of, services_of
from .errors import CODES, ApiError, ErrorBody
from .idempotency import answered_once
from .limits import count_request

F = TypeVar("F", bound=Callable[..., Any])
PUBLIC = "public"
# The errors that every route may return.
_COMMON = (
    "invalid_request",
    "not_signed_in",
    "not_permitted",
    "too_many_requests",
    "quota_exceeded",
    "unavailable",
    "internal",
)
# What a body, and a key of a repeated request, may come to.
_OF_BODY, _OF_POST = ("too_large",), ("conflict", "key_reused")


class _Route(APIRoute):
    """A route that stores its response for a day if the request has an Idempotency-Key."""

    def get_route_handler(self) -> Callable[..., Any]:
        """The handler, with the stored response for repeated requests."""
        action = (self.openapi_extra or {})["x-action"]
        return answered_once(super().get_route_handler(), _admission(action))


class Resource(APIRouter):
    """The routes of one subject."""

    def __init__(self, name: str, does: str) -> None:
        super().__init__(prefix="/api/v1", tags=[name], route_class=_Route)
        self.does = does

    def add(
        self,
        method: str,
        path: str,
        *,
        action: str,
        status: int = 200,
        errors: tuple[str, ...] = (),
        also: tuple[str, ...] = (),
        **more: Any,
    ) -> Callable[[F], F]:
        """Register a route under its action. `also`: media types that it answers beside JSON, if asked to."""
        if action != PUBLIC and action not in ACTIONS:
            raise KeyError(f"{action} is no action: platform/access/actions.py")
        codes = [*_COMMON, *(_OF_BODY if method != "GET" else ()), *errors]
        if method == "POST":
            codes += _OF_POST
        if "{" in path:
            codes.append("not_found")
        told: dict[int, list[str]] = {}
        for code in dict.fromkeys(codes):
            told.setdefault(CODES[code].status, []).append(CODES[code].meaning)
        responses: dict[int | str, dict[str, Any]] = {
            each: {"model": ErrorBody, "description": " ".join(texts)} for each, texts in told.items()
        }
        if also:
            binary = {"schema": {"type": "string", "format": "binary"}}
            responses[status] = {"content": dict.fromkeys(also, binary)}
        needs = [Depends(_admission(action))]
        extra = {"x-action": action, **more.pop("openapi_extra", {})}
        return self.api_route(
            path, methods=[method], status_code=status, dependencies=needs, responses=responses,
            openapi_extra=extra, **more,
        )  # fmt: skip

    def get(self, path: str, **more: Any) -> Callable[[F], F]:
        """A route that reads."""
        return self.add("GET", path, **more)

    def post(self, path: str, **more: Any) -> Callable[[F], F]:
        """A route that creates or does something."""
        return self.add("POST", path, **more)

    def patch(self, path: str, **more: Any) -> Callable[[F], F]:
        """A route that changes something."""
        return self.add("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> Callable[[F], F]:
        """A route that deletes or ends something."""
        return self.add("DELETE", path, **more)


def _admission(action: str) -> Callable[[Request, Response], None]:
    """Counts a request, and refuses it unless its action is permitted."""

    def admit(request: Request, response: Response) -> None:
        is_public = action == PUBLIC
        count_request(request, response, action, is_public=is_public)
        if not is_public:
            asker = asker_of(request)
            _demand_second_factor(asker, action, request)
            asker.demand(action)

    return admit


def _demand_second_factor(asker: Asker, action: str, request: Request) -> None:
    """Users whose roles need a second factor must set it up before anything else."""
    needing = set(services_of(request).settings.api.second_factor_roles)
    if asker.session is None or not needing & asker.caller.roles or action.startswith("own."):
        return
    if not SECOND_FACTORS & set(asker.session.factors):
        raise ApiError(
            "second_factor_needed", "your role needs a second factor. Set one up, then sign in with it."
        )
