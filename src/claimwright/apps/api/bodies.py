"""Bodies of requests: fields that a route has not are refused, and so is JSON that says two things at once.

A field that is misspelt would otherwise be left out without a word: an account meant for one facility would
be for all of them. JSON in which a name comes twice, or with numbers that JSON has not (RFC 8259, 4 and 6),
means one thing here and another to whoever looked at it before.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request


class Body(BaseModel):
    """What a request says in its body."""

    model_config = ConfigDict(extra="forbid")


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """The body as JSON.

        Raises:
            JSONDecodeError: it is none, or says two things at once.
        """
        return strict_json(await self.body())


def strict_json(text: bytes, **more: Any) -> Any:
    """JSON without names that come twice in an object, and without NaN and infinite numbers.

    Raises:
        JSONDecodeError: it is not of that kind; the message has nothing of it.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, **more)
    except RecursionError:
        raise json.JSONDecodeError("it is nested too deep", "", 0) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise json.JSONDecodeError("a name comes twice", "", 0)
    return found


def _no_number(_: str) -> NoReturn:
    raise json.JSONDecodeError("a number is none", "", 0)
