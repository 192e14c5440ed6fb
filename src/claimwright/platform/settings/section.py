"""What every section of the settings shares: how it refuses, and how text becomes a list or an address."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict

LOOPBACK = {"", "localhost", "127.0.0.1", "::1"}


def _split(value: Any) -> Any:
    return [each for each in re.split(r"[,\s]+", value) if each] if isinstance(value, str) else value


def _split_lines(value: Any) -> Any:
    parts = re.split(r"[;\n]", value) if isinstance(value, str) else value
    return [each.strip() for each in parts if each.strip()] if isinstance(value, str) else parts


# A file and a variable hold text: words separated by commas or spaces, or, where a value may contain these,
# lines or parts separated by semicolons.
Words = Annotated[list[str], BeforeValidator(_split)]
Lines = Annotated[list[str], BeforeValidator(_split_lines)]


def https_off_the_machine(url: str) -> str:
    """The address; http only for this machine.

    Raises:
        ValueError: it is another one.
    """
    parts = urlsplit(url)
    plain = parts.scheme == "http" and (parts.hostname or "") in LOOPBACK - {""}
    if not (plain or (parts.scheme == "https" and parts.hostname)):
        raise ValueError("an address off this machine must be https://")
    return url


class Section(BaseModel):
    """One section of the settings. Unknown names are refused; values cannot change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
