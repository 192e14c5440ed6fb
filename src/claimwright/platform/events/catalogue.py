"""The names of events and the JSON Schema of each one's data: `schemas/NAME.vN.json`.

A schema is never changed once released, but for words: what means or holds something else gets the next
version, and the old one is published beside it until nobody listens. Data holds ids, counts, amounts in
cents and words of a known few; a schema that would let anything else in does not pass the tests.

    EventError (ValueError)   no such event, or data that its schema does not allow; never shows a value
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from claimwright.foundation.errors import InputError


class EventError(InputError, ValueError):
    """No such event, or data that its schema does not allow."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One event of one version."""

    name: str
    schema: Mapping[str, Any]

    @property
    def meaning(self) -> str:
        """When it is published, in a sentence."""
        return str(self.schema["description"])

    @property
    def subject(self) -> str:
        """What its subject is, as a pattern."""
        return str(self.schema["x-subject"])

    @property
    def address(self) -> str:
        """CloudEvents' `dataschema`: a name for the schema, not a place to fetch it from."""
        return str(self.schema["$id"])


@cache
def event_types() -> dict[str, EventType]:
    """Every event by its name, such as `claims.processed.v1`."""
    folder = resources.files(__package__) / "schemas"
    files = sorted(
        (each for each in folder.iterdir() if each.name.endswith(".json")), key=lambda each: each.name
    )
    names = [each.name.removesuffix(".json") for each in files]
    return {
        name: EventType(name, json.loads(each.read_text(encoding="utf-8")))
        for name, each in zip(names, files, strict=True)
    }


def check(name: str, data: Mapping[str, Any]) -> None:
    """Raise where the data is not what the event's schema allows.

    Raises:
        EventError: says which field, never its value.
    """
    if name not in event_types():
        raise EventError(f"{name}: there is no such event. `docs/reference/events.md` lists them.")
    for fault in _validator(name).iter_errors(data):
        where = "".join(f".{part}" if isinstance(part, str) else f"[{part}]" for part in fault.absolute_path)
        if fault.validator == "additionalProperties":
            unknown = sorted(set(fault.instance) - set(fault.schema.get("properties", ())))
            raise EventError(f"{name}: data{where}: no such field: {', '.join(unknown)}.")
        if fault.validator == "required":
            missing = [field for field in fault.validator_value if field not in fault.instance]
            raise EventError(f"{name}: data{where}: missing: {', '.join(missing)}.")
        raise EventError(f"{name}: data{where}: does not fit `{fault.validator}` of its schema.")


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator, validators

    # A chunk names thousands of claims: whole numbers are checked as a list, not by one validator each.
    made = validators.extend(Draft202012Validator, {"items": _items})
    return made(event_types()[name].schema)


def _items(validator: Any, items: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import Draft202012Validator

    if items == {"type": "integer"} and isinstance(instance, list) and {*map(type, instance)} <= {int}:
        return
    yield from Draft202012Validator.VALIDATORS["items"](validator, items, instance, schema)
