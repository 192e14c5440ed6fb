"""The names of events and the JSON Schema of each one's data: a folder of files `NAME.vN.json`.

A released schema never changes, except in its wording. An event with a different meaning or content gets the
next version, and the old version is published as well until no receiver uses it. Data contains ids, counts,
amounts in cents and words from fixed sets; tests reject a schema that allows anything else.

    EventError (ValueError)   no such event, or data that its schema does not allow; never shows a value
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
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
        """The pattern of its subject."""
        return str(self.schema["x-subject"])

    @property
    def address(self) -> str:
        """CloudEvents' `dataschema`: an identifier of the schema, not a URL to fetch it from."""
        return schema_address(self.name)


def schema_address(name: str) -> str:
    """The identifier of an event's schema, which is also its `$id`."""
    return f"urn:claimwright:event:{name}"


class Catalogue:
    """The events whose schemas are in a folder, added to those of another catalogue."""

    def __init__(self, folder: Traversable, after: Catalogue | None = None) -> None:
        self._folder, self._after = folder, after
        self._validators: dict[str, Any] = {}

    @cached_property
    def types(self) -> dict[str, EventType]:
        """All events by name, such as `breaker.changed.v1`, sorted by name.

        Raises:
            EventError: two folders have an event with the same name.
        """
        types = dict(self._after.types) if self._after is not None else {}
        for file in self._folder.iterdir():
            name = file.name.removesuffix(".json")
            if name == file.name:
                continue
            if name in types:
                raise EventError(f"{name}: the event has two schemas.")
            types[name] = EventType(name, json.loads(file.read_text(encoding="utf-8")))
        return dict(sorted(types.items()))

    def check(self, name: str, data: Mapping[str, Any]) -> None:
        """Validate the data of an event against its schema.

        Raises:
            EventError: there is no such event, or the data does not fit; names the field, never its value.
        """
        if name not in self.types:
            raise EventError(f"{name}: there is no such event. `docs/reference/events.md` lists them.")
        for fault in self._validator(name).iter_errors(data):
            place = (f".{part}" if isinstance(part, str) else f"[{part}]" for part in fault.absolute_path)
            where = "".join(place)
            if fault.validator == "additionalProperties":
                unknown = sorted(set(fault.instance) - set(fault.schema.get("properties", ())))
                raise EventError(f"{name}: data{where}: no such field: {', '.join(unknown)}.")
            if fault.validator == "required":
                missing = [field for field in fault.validator_value if field not in fault.instance]
                raise EventError(f"{name}: data{where}: missing: {', '.join(missing)}.")
            raise EventError(f"{name}: data{where}: does not fit `{fault.validator}` of its schema.")

    def _validator(self, name: str) -> Any:
        if name not in self._validators:
            from jsonschema import Draft202012Validator, validators

            # An event can list thousands of ids: a list of integers is checked as a whole, not one by one.
            extended = validators.extend(Draft202012Validator, {"items": _items})
            self._validators[name] = extended(self.types[name].schema)
        return self._validators[name]


# Events of the platform itself. Schemas of events about claims are in the store.
PLATFORM_EVENTS = Catalogue(resources.files(__package__) / "schemas")


def _items(validator: Any, items: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import Draft202012Validator

    if items == {"type": "integer"} and isinstance(instance, list) and {*map(type, instance)} <= {int}:
        return
    yield from Draft202012Validator.VALIDATORS["items"](validator, items, instance, schema)
