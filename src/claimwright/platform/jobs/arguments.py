"""What a job is given: who began it, and ids. The queue's tables are read by operators and kept for days.

A caller is stored as `tenant`, `actor` and `purpose`; roles are looked up again when the job runs.

JobError (ValueError)   a job that is not known, or an argument that is no id; never shows a value
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
    """A job that is not known, or an argument that is no id."""


def check_parameters(task: Callable[..., object]) -> None:
    """Raise where a job's function asks for anything but `caller`, `correlation_id` and whole-number ids.

    Raises:
        JobError: says which parameter.
    """
    for name, parameter in inspect.signature(task, eval_str=True).parameters.items():
        wanted = _KNOWN.get(name, int if name.endswith(_ENDINGS) else None)
        if wanted is None or parameter.annotation is not wanted:
            raise JobError(
                f"{task.__name__}: {name}: a job is given caller (Caller), correlation_id (str) and ids (int)"
                " only."
            )


def check_arguments(job: str, arguments: Mapping[str, object]) -> None:
    """Raise where an argument is no id.

    Raises:
        JobError: says which argument, never its value.
    """
    for name, value in arguments.items():
        if name == "correlation_id":
            good = isinstance(value, str) and _is_uuid(value)
        else:
            good = name.endswith(_ENDINGS) and type(value) is int
        if not good:
            raise JobError(f"{job}: the argument {name!r} is no id.")


def stored(caller: Caller) -> dict[str, str]:
    """The caller as it is kept with the job that it begins."""
    return {"tenant": caller.tenant, "actor": caller.actor, "purpose": caller.purpose.value}


def restored(arguments: Mapping[str, Any]) -> tuple[Caller, dict[str, Any]]:
    """Who began a job, and its ids."""
    ids = dict(arguments)
    began = Caller(ids.pop("tenant"), ids.pop("actor"), purpose=Purpose(ids.pop("purpose")))
    return began.as_job(), ids


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
