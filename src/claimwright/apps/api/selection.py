"""Query parameters that a route has, and `fields`, which selects what its answer says.

An unknown parameter is refused: a filter that is misspelt would otherwise answer with everything. `fields`
names fields of the answer, or of each item of a list, separated by commas; a point goes deeper:
`fields=claim_key,denial.amount_cents`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from starlette.responses import Response

from .errors import ApiError, Detail

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.dependencies.models import Dependant
    from fastapi.routing import APIRoute

FIELDS = "fields"
_MOST = 1_000
_GRAMMAR = re.compile(r"[a-z_0-9]+(\.[a-z_0-9]+)*(,[a-z_0-9]+(\.[a-z_0-9]+)*)*")
PARAMETER: dict[str, Any] = {
    "name": FIELDS, "in": "query", "required": False,
    "description": "Only these fields of the answer or of each item: `a,b.c`.",
    "schema": {"type": "string", "maxLength": _MOST, "pattern": f"^{_GRAMMAR.pattern}$"},
}  # fmt: skip

# Names of fields, with those of what is in them.
Names = dict[str, "Names"]


def parameters_of(dependant: Dependant) -> frozenset[str]:
    """The query parameters of a route and of what it depends on."""
    own: set[str] = set()
    for each in dependant.query_params:
        # A model in the query is as many parameters as it has fields.
        of_model = getattr(each.field_info.annotation, "model_fields", None)
        own |= {field.alias or name for name, field in of_model.items()} if of_model else {str(each.alias)}
    return frozenset(own.union(*(parameters_of(each) for each in dependant.dependencies)))


def names_of(answer: Any) -> Names:
    """The fields of an answer of this type; those of the items of a page or a list."""
    schema = TypeAdapter(answer).json_schema(mode="serialization")
    found = _names(schema, schema.get("$defs", {}), 4)
    return found["items"] if {"items", "next"} <= set(found) else found


def refuse_unknown(request: Request, known: Iterable[str]) -> None:
    """Refuse a request that has a query parameter which its route has not.

    Raises:
        ApiError: with the parameters that there are. The unknown name is not repeated.
    """
    if not request.scope["query_string"]:
        return
    known = sorted(known)
    if any(name not in known for name in request.query_params):
        there = f"there are {', '.join(known)}." if known else "there are none."
        place = Detail(field="query", message=f"a parameter is not of this route: {there}")
        raise ApiError("invalid_request", "a query parameter is unknown here.", details=[place])


def wanted_fields(request: Request, names: Names) -> Names | None:
    """The fields that a request selects; None for all.

    Raises:
        ApiError: a name is no field of the answer.
    """
    given = request.query_params.get(FIELDS)
    if given is None:
        return None
    wanted: Names = {}
    for path in given.split(","):
        there, here = names, wanted
        for part in path.split("."):
            if part not in there:
                raise _unknown_field(there)
            there, here = there[part], here.setdefault(part, {})
    return wanted


def selected(answer: Response, wanted: Names) -> Response:
    """The answer with these fields only. A page keeps what it has beside its items."""
    content = json.loads(bytes(answer.body))
    if isinstance(content, dict) and {"items", "next"} <= set(content):
        content["items"] = _kept(content["items"], wanted)
    else:
        content = _kept(content, wanted)
    said = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return Response(said, answer.status_code, headers)


def route_parameters(route: APIRoute) -> frozenset[str]:
    """What a request to this route may have in its query."""
    return parameters_of(route.dependant) | ({FIELDS} if has_fields(route) else set())


def has_fields(route: APIRoute) -> bool:
    """Whether `fields` may select of the answer: one that reads, and answers with a model."""
    return "GET" in (route.methods or ()) and PARAMETER in (route.openapi_extra or {}).get("parameters", ())


def _kept(value: Any, wanted: Names) -> Any:
    if isinstance(value, list):
        return [_kept(each, wanted) for each in value]
    if not isinstance(value, dict) or not wanted:
        return value
    return {name: _kept(value[name], within) for name, within in wanted.items() if name in value}


def _names(schema: Mapping[str, Any], defined: Mapping[str, Any], depth: int) -> Names:
    found: Names = {}
    for part in _parts(schema, defined):
        if depth and "properties" in part:
            for name, within in part["properties"].items():
                found.setdefault(name, {}).update(_names(within, defined, depth - 1))
    return found


def _parts(schema: Mapping[str, Any], defined: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The objects that a schema may be: through references, lists and alternatives."""
    if "$ref" in schema:
        yield from _parts(defined[schema["$ref"].rpartition("/")[2]], defined)
        return
    yield schema
    for several in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(several, ()):
            yield from _parts(each, defined)
    if isinstance(schema.get("items"), dict):
        yield from _parts(schema["items"], defined)


def _unknown_field(names: Names) -> ApiError:
    there = f"there are {', '.join(sorted(names))}." if names else "there is nothing in it to select."
    place = Detail(field=f"query.{FIELDS}", message=there)
    return ApiError("invalid_request", "a field to select is not in this answer.", details=[place])
