"""Ids of the present work (run, chunk, job); added to every log line and span within the scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

_EMPTY: Mapping[str, Any] = MappingProxyType({})
_CURRENT: ContextVar[Mapping[str, Any]] = ContextVar("claimwright_scope", default=_EMPTY)


@contextmanager
def scope(
    *,
    tenant: str | None = None,
    correlation_id: object = None,
    run_id: int | None = None,
    worker_id: int | None = None,
) -> Iterator[None]:
    """Inside the block, log lines and spans have these ids, in addition to those of the outer scope."""
    given = {"tenant": tenant, "correlation_id": correlation_id, "run_id": run_id, "worker_id": worker_id}
    told = {name: value for name, value in given.items() if value is not None}
    if "correlation_id" in told:
        told["correlation_id"] = str(told["correlation_id"])
    token = _CURRENT.set({**_CURRENT.get(), **told})
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current() -> Mapping[str, Any]:
    """The ids of the scope."""
    return _CURRENT.get()
