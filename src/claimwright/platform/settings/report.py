"""What is in force, as a table: every setting, its value and where it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import SecretStr

from .reading import KNOWN
from .tree import Settings

REDACTED = "(secret)"
# Who calls and with what, in an address: `https://USER:PASSWORD@HOST`.
_USER_OF_URL = re.compile(r"(\w://)[^/?#\s]*@")


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as it may be shown: a secret's value is not in it."""

    name: str
    value: str
    origin: str


def in_force(settings: Settings) -> list[Shown]:
    """Every setting in the order of the tree; a secret that is set reads `(secret)`.

    So does who calls, in an address with a user and a password.
    """
    return [Shown(name, _text(settings, name), settings.origins.get(name, "default")) for name in KNOWN]


def _text(settings: Settings, name: str) -> str:
    value: object = settings
    for part in name.split("."):
        value = getattr(value, part)
    if isinstance(value, SecretStr):
        return REDACTED
    return "" if value is None else _USER_OF_URL.sub(rf"\1{REDACTED}@", str(value))
