"""The format of a report: a table for people, or JSON for programs."""

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


ShapeOption = Annotated[Shape, typer.Option("--format", "-f", help="table for people, json for programs.")]


def print_json(value: Any) -> None:
    """Print one JSON document on standard output; dates and exact amounts are strings."""
    out.file.write(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n")
