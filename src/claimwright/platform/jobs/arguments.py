"""Arguments of a job: its caller, and ids. Nothing else, because operators read the queue's tables for days.

A caller is stored as `tenant`, `actor` and `purpose`; roles are looked up again when the job runs.

JobError (ValueError)   an unknown job, or an argument that is not an id; never shows a value
"""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from claimwright.domain.caller import Caller, Purpose
from claimwright.foundation.errors import InputError

_ENDINGS = ("_id", "_key", "chunk")


_KNOWN = {"caller": Caller, "correlation_id": str}


class JobError(InputError, ValueError):
    """An unknown job, or an argument that is not an id."""


def check_parameters(task: Callable[..., object]) -> None:
    """Check that a job's function has only the parameters `caller`, `correlation_id` and integer ids.

    Raises:
        JobError: it has another parameter, which the message names.
    """
    for name, parameter in inspect.signature(task, eval_str=True).parameters.items():
        wanted = _KNOWN.get(name, int if name.endswith(_ENDINGS) else None)
        if wanted is None or parameter.annotation is not wanted:
            raise JobError(
                f"{task.__name__}: {name}: a job can have caller (Caller), correlation_id (str) and ids (int)"
                " only."
            )


def check_arguments(job: str, arguments: Mapping[str, object]) -> None:
    """Check that every argument is an id.

    Raises:
        JobError: an argument is not an id; the message names it, never its value.
    """
    for name, value in arguments.items():
        if name == "correlation_id":
            good = isinstance(value, str) and _is_uuid(value)
        else:
            good = name.endswith(_ENDINGS) and type(value) is int
        if not good:
            raise JobError(f"{job}: the argument {name!r} is not an id.")


def stored(caller: Caller) -> dict[str, str]:
    """The caller in the form that is stored with the job."""
    return {"tenant": caller.tenant, "actor": caller.actor, "purpose": caller.purpose.value}


def restored(arguments: Mapping[str, Any]) -> tuple[Caller, dict[str, Any]]:
    """The caller of a job, and its ids."""
    ids = dict(arguments)
    began = Caller(ids.pop("tenant"), ids.pop("actor"), purpose=Purpose(ids.pop("purpose")))
    return began.as_job(), ids


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
