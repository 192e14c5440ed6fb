"""The settings in force, as a table: name, value and source."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import SecretStr

from .reading import KNOWN
from .tree import Settings

REDACTED = "(secret)"
# User and password in a URL: `https://USER:PASSWORD@HOST`.
_USER_OF_URL = re.compile(r"(\w://)[^/?#\s]*@")


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting for display, without the value of a secret."""

    name: str
    value: str
    origin: str


def in_force(settings: Settings) -> list[Shown]:
    """All settings in the order of the tree. A secret that is set is shown as `(secret)`.

    User and password in a URL are shown as `(secret)` as well.
    """
    return [Shown(name, _text(settings, name), settings.origins.get(name, "default")) for name in KNOWN]


def _text(settings: Settings, name: str) -> str:
    value: object = settings
    for part in name.split("."):
        value = getattr(value, part)
    if isinstance(value, SecretStr):
        return REDACTED
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else _USER_OF_URL.sub(rf"\1{REDACTED}@", str(value))
