"""A target: a database that claims are delivered to, and how it is opened by its URL.

DeliveryProblem (ValueError)   the target can't be used as it stands; one line, without its password
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol
from urllib.parse import urlsplit

import polars as pl


class DeliveryProblem(ValueError):
    """The target can't be used as it stands."""


class Target(Protocol):
    """Where claims are delivered to."""

    name: str
    """The kind, server and database: what is noted as delivered was delivered there and not elsewhere."""

    def __enter__(self) -> Target:
        """Connect, and make the tables and the partitions that are missing."""

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""

    def put(self, frames: Mapping[str, pl.DataFrame]) -> int:
        """Write rows of each table that are not there yet, all or none; returns how many claims were new."""


def open_target(url: str) -> Target:
    """The target of a URL; nothing is connected to yet.

    Raises:
        DeliveryProblem: the URL is of no kind that is known.
    """
    scheme = urlsplit(url).scheme
    # A connection string in libpq's other form, `host=... dbname=...`, has no scheme.
    if scheme in {"postgresql", "postgres"} or "://" not in url:
        from .postgresql import PostgresTarget

        return PostgresTarget(url)
    if scheme == "mssql":
        from .sqlserver import SqlServerTarget

        return SqlServerTarget(url)
    raise DeliveryProblem("pipeline.target_url: write postgresql://... or mssql://...")
