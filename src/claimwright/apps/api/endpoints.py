"""Answers of routes: checked against their type and written as JSON in the thread in which the route runs.

FastAPI would do both afterwards, in another thread, which costs a request as much as a statement of the
database when processors are busy. Headers that dependencies set, such as those of rate limits, are on every
answer, also on one that a route makes itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, get_args

from pydantic import TypeAdapter
from starlette.responses import Response

_PARAMETER = "response_of_the_route"


def in_one_thread(endpoint: Callable[..., Any], status: int) -> Callable[..., Any]:
    """The function of a route, which answers with the response itself; one that is a coroutine stays."""
    if inspect.iscoroutinefunction(endpoint):
        return endpoint
    signature = inspect.signature(endpoint, eval_str=True)
    kind = signature.return_annotation
    if kind in (None, inspect.Signature.empty):
        return endpoint
    adapter: TypeAdapter[Any] = TypeAdapter(Any if _has_response(kind) else kind)
    known = [name for name, each in signature.parameters.items() if each.annotation is Response]
    name = known[0] if known else _PARAMETER
    parameters = list(signature.parameters.values())
    if not known:
        parameters.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=Response))

    @wraps(endpoint)
    def answered(**values: Any) -> Response:
        given: Response = values[name] if known else values.pop(name)
        said = endpoint(**values)
        if isinstance(said, Response):
            answer = said
        else:
            checked = adapter.validate_python(said, from_attributes=True)
            answer = Response(
                adapter.dump_json(checked, by_alias=True), status, media_type="application/json"
            )
        answer.headers.raw.extend(given.headers.raw)
        return answer

    # What FastAPI asks for the parameters (PEP 362).
    vars(answered)["__signature__"] = signature.replace(parameters=parameters)
    return answered


def _has_response(kind: Any) -> bool:
    """Whether a route answers with a response of its own, always or for some requests."""
    return any(isinstance(each, type) and issubclass(each, Response) for each in (kind, *get_args(kind)))
