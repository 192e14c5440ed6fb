"""Reading routes, answered in one thread: admitted, read, decided and written as JSON without a wait between.

FastAPI looks for a route among those of all resources, and changes to another thread for each dependency
and for the route. For a request that reads one claim, this takes longer than the database does. Here a route
is found by the words of its path, and what it depends on is called in the same order, in the same thread.

Only for GET routes of a `Resource` that answer with JSON. Whatever is not plain is left to FastAPI: a
parameter that is not valid, so that errors are told in one place; dependencies of another kind; requests that
FastAPI traces itself. A request that was admitted already is not counted again.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.dependencies.utils import request_params_to_args
from fastapi.routing import APIRoute
from starlette.responses import Response

from claimwright.foundation.errors import ClaimwrightError

from .asking import asker_of, known_asker
from .selection import FIELDS, Names, has_fields, names_of, selected, wanted_fields
from .threads import Threads

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi._compat import ModelField
    from fastapi.dependencies.models import Dependant
    from starlette.types import ASGIApp, Receive, Scope, Send

# Where FastAPI keeps what it traces of a request.
_TRACED = "fastapi.telemetry"
# As many as the threads that other routes share.
_AT_ONCE = 40
# Values that nobody can change: a default of this kind is given as it is.
_PLAIN = (type(None), bool, int, str)


class _NotPlainError(ClaimwrightError):
    """A request or a route that FastAPI has to handle."""


class DirectReads:
    """A layer before the routes of an application, which answers what it can and passes all else on."""

    def __init__(self, app: ASGIApp, of: FastAPI, routes: Iterable[Any]) -> None:
        self._app, self._of, self._threads = app, of, Threads(_AT_ONCE)
        reading = [each for each in routes if isinstance(each, APIRoute) and "GET" in (each.methods or ())]
        self._places: defaultdict[tuple[int, str], list[_Reading]] = defaultdict(list)
        for each in reading:
            self._places[_place(each.path)].append(_Reading(each))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        found = self._found(scope["path"]) if self._is_for_us(scope) else None
        if found is None:
            await self._app(scope, receive, send)
            return
        reading, values = found
        # Told by the log and by the record of a refusal, too.
        scope["route"], scope["path_params"] = reading.route, values
        try:
            answer = await self._threads.call(reading.answer, Request(scope, receive, send))
        except _NotPlainError:
            await self._app(scope, receive, send)
            return
        await answer(scope, receive, send)

    def _is_for_us(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http" and scope["method"] == "GET" and scope.get(_TRACED) is None
            and not scope.get("root_path") and not self._of.dependency_overrides
        )  # fmt: skip

    def _found(self, path: str) -> tuple[_Reading, dict[str, Any]] | None:
        """The route of a path, the first as FastAPI has it, and the values in the path; None if not here."""
        for each in self._places.get(_place(path), ()):
            match = each.route.path_regex.match(path)
            if match:
                made = each.route.param_convertors
                values = {name: made[name].convert(value) for name, value in match.groupdict().items()}
                return (each, values) if each.is_plain else None
        return None


def _place(path: str) -> tuple[int, str]:
    """How many words a path has, and the third: those before it are the same for all, it is never a value."""
    words = path.split("/", 4)
    return path.count("/"), words[3] if len(words) > 3 else ""


class _Reading:
    """A route that reads, and how its function gets what it asks for."""

    def __init__(self, route: APIRoute) -> None:
        self.route = route
        self.is_plain = has_fields(route) and _is_plain(route.dependant)

    def answer(self, request: Request) -> Response:
        """The answer. Errors are raised as the route raises them.

        Raises:
            _NotPlainError: a parameter is not valid.
        """
        given = Response()
        del given.headers["content-length"]
        answer: Response = self._call.result(request, given, {})
        if request.scope["query_string"] and FIELDS in request.query_params:
            wanted = wanted_fields(request, self._names)
            return answer if wanted is None else selected(answer, wanted)
        return answer

    @cached_property
    def _call(self) -> _Call:
        return _Call.of(self.route.dependant)

    @cached_property
    def _names(self) -> Names:
        return names_of(self.route.response_model)


@dataclass(frozen=True)
class _Call:
    """A function, and where its arguments come from."""

    function: Callable[..., Any]
    needs: tuple[tuple[str | None, _Call], ...]
    path: tuple[ModelField, ...]
    query: tuple[ModelField, ...]
    # Of parameters that may be left out: what they are then.
    defaults: Mapping[str, Any]
    request: str | None
    response: str | None

    @classmethod
    def of(cls, dependant: Dependant) -> _Call:
        """The call of a route, or of what it depends on."""
        assert dependant.call is not None
        function = asker_of if dependant.call is known_asker else dependant.call
        return cls(
            function, tuple((each.name, cls.of(each)) for each in dependant.dependencies),
            tuple(dependant.path_params), tuple(dependant.query_params),
            {
                each.alias: each.default
                for each in dependant.query_params
                if not each.field_info.is_required() and isinstance(each.default, _PLAIN)
            },
            dependant.request_param_name, dependant.response_param_name,
        )  # fmt: skip

    def result(self, request: Request, given: Response, known: dict[Any, Any]) -> Any:
        """Call it, after all that it needs. `given` has the headers of the answer, `known` what was called.

        Raises:
            _NotPlainError: a parameter is not valid. All that it needs was called.
        """
        values: dict[str, Any] = {}
        for name, each in self.needs:
            if each.function not in known:
                known[each.function] = each.result(request, given, known)
            if name is not None:
                values[name] = known[each.function]
        values |= self._values(request)
        if self.request is not None:
            values[self.request] = request
        if self.response is not None:
            values[self.response] = given
        return self.function(**values)

    def _values(self, request: Request) -> dict[str, Any]:
        values: dict[str, Any] = {}
        problems: list[Any] = []
        if self.path:
            values, problems = request_params_to_args(self.path, request.path_params)
        if self.query:
            there = request.query_params
            said = []
            for each in self.query:
                if each.alias in there or each.alias not in self.defaults:
                    said.append(each)
                else:
                    values[each.name] = self.defaults[each.alias]
            if said:
                more, wrong = request_params_to_args(said, there)
                values |= more
                problems += wrong
        if problems:
            raise _NotPlainError
        return values


def _is_plain(dependant: Dependant) -> bool:
    """Whether a function is called here: with values of the path and the query, in this thread."""
    call = dependant.call
    other = (
        dependant.header_params, dependant.cookie_params, dependant.body_params,
        dependant.background_tasks_param_name, dependant.security_scopes_param_name,
        dependant.http_connection_param_name, dependant.concurrency,
    )  # fmt: skip
    waits = inspect.iscoroutinefunction(call) and call is not known_asker
    yields = inspect.isgeneratorfunction(call) or inspect.isasyncgenfunction(call)
    return (
        call is not None and not waits and not yields and not any(other)
        and all(_is_plain(each) for each in dependant.dependencies)
    )  # fmt: skip
