"""Whether a report is for people or for machines."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from .terminal import out


class Shape(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    JSON = "json"


ShapeOption = Annotated[Shape, typer.Option("--format", "-f", help="table for people, json for machines.")]


def print_json(value: Any) -> None:
    """One JSON document on standard output; days and exact amounts as texts."""
    out.file.write(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n")
