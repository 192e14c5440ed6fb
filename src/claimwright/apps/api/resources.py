"""A resource: the routes of one subject, each with its action in the access policies.

    routes = Resource("claims", "Claims of the store")

    @routes.get("/claims", action="claims.list")
    def list_claims(asker: Asking, page: Paging) -> Page[ListedClaim]: ...

The resource handles authentication, authorization, rate limits and repeated requests, and documents the
errors on the API's page. `PUBLIC` routes need no authentication, for example signing in.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from functools import cached_property
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from claimwright.platform.access import ACTIONS

from .asking import Asker, asker_of
from .bodies import StrictRequest
from .endpoints import in_one_thread
from .errors import CODES, ErrorBody
from .idempotency import Handler, answered_once
from .limits import count_request
from .selection import (
    FIELDS,
    PARAMETER,
    Names,
    has_fields,
    names_of,
    refuse_unknown,
    route_parameters,
    selected,
    wanted_fields,
)

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

    @cached_property
    def parameters(self) -> frozenset[str]:
        """What a request may have in its query."""
        return route_parameters(self)

    def get_route_handler(self) -> Callable[..., Any]:
        """The handler, with the stored response for repeated requests, or the selected fields.

        Reads are answered by `direct_reads` before they come here: what holds for a GET must be there, too.
        """
        action = (self.openapi_extra or {})["x-action"]
        handler = _strict(super().get_route_handler())
        if not has_fields(self):
            return answered_once(handler, _admission(action))
        names: Names = {}

        async def answered(request: Request) -> Response:
            if FIELDS not in request.query_params:
                return await handler(request)
            answer = await handler(request)
            if not names:
                names.update(names_of(self.response_model))
            wanted = wanted_fields(request, names)
            return answer if wanted is None else selected(answer, wanted)

        return answered


@dataclass(frozen=True)
class Ending:
    """A deprecated route: since when, its last day, and the path that takes its place.

    Its answers say so: `Deprecation` (RFC 9745), `Sunset` and `Link` (RFC 8594).
    """

    since: datetime.date
    last_day: datetime.date
    instead: str | None = None

    def announce(self, response: Response) -> None:
        """Set the headers of an answer."""
        since = datetime.datetime.combine(self.since, datetime.time(), datetime.UTC)
        ends = datetime.datetime.combine(self.last_day, datetime.time(23, 59, 59), datetime.UTC)
        response.headers["Deprecation"] = f"@{int(since.timestamp())}"
        response.headers["Sunset"] = format_datetime(ends, usegmt=True)
        if self.instead is not None:
            response.headers["Link"] = f'<{self.instead}>; rel="successor-version"'


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
        ending: Ending | None = None,
        **more: Any,
    ) -> Callable[[F], F]:
        """Register a route under its action. `also`: media types that it answers beside JSON, if asked to.

        `ending`: for a deprecated route, since when, until when, and what takes its place.
        """
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
        if ending is not None:
            needs.append(Depends(ending.announce))
            more["deprecated"] = True
        extra = {"x-action": action, **more.pop("openapi_extra", {})}
        is_answer = status == 200 and "response_class" not in more and not also
        if method == "GET" and action != PUBLIC and is_answer:
            extra.setdefault("parameters", []).append(PARAMETER)
        register = self.api_route(
            path, methods=[method], status_code=status, dependencies=needs, responses=responses,
            openapi_extra=extra, **more,
        )  # fmt: skip

        def registered(endpoint: F) -> F:
            register(in_one_thread(endpoint, status))
            return endpoint

        return registered

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


def _strict(handler: Handler) -> Handler:
    """The handler, for which JSON is read strictly."""

    async def strict(request: Request) -> Response:
        return await handler(StrictRequest(request.scope, request.receive))

    return strict


def _admission(action: str) -> Callable[[Request, Response], None]:
    """Counts a request, and refuses it unless its action is permitted."""

    def admit(request: Request, response: Response) -> None:
        is_public = action == PUBLIC
        count_request(request, response, action, is_public=is_public)
        if not is_public:
            _demand(asker_of(request), action)
            refuse_unknown(request, request.scope["route"].parameters)

    return admit


def admitted(request: Request, action: str) -> Asker:
    """The sender of a request that no route of a resource takes: a websocket's handshake. It is counted and
    refused like any other.

    Raises:
        SignInError, ApiError, AccessDeniedError, QuotaExceededError: it is refused.
    """
    asker = asker_of(request)
    count_request(request, Response(), action, is_public=False)
    _demand(asker, action)
    return asker


def _demand(asker: Asker, action: str) -> None:
    # Users whose roles need a second factor must set it up before anything else.
    if not action.startswith("own."):
        asker.demand_second_factor()
    asker.demand(action)
