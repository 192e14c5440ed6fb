"""What a job may be told: ids, and nothing else. The queue's tables are read by operators and kept for days.

JobError (ValueError)   a job that is not known, or an argument that is no id; never shows a value
"""

from __future__ import annotations

import inspect
import re
import uuid
from collections.abc import Callable, Mapping

from claimwright.foundation.errors import InputError

_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ENDINGS = ("_id", "_key", "chunk")


class JobError(InputError, ValueError):
    """A job that is not known, or an argument that is no id."""


def check_parameters(task: Callable[..., object]) -> None:
    """Raise where a job's function asks for anything but `tenant`, `correlation_id` and whole-number ids.

    Raises:
        JobError: says which parameter.
    """
    for name, parameter in inspect.signature(task, eval_str=True).parameters.items():
        is_text = name in {"tenant", "correlation_id"}
        if not (is_text or name.endswith(_ENDINGS)) or parameter.annotation is not (str if is_text else int):
            raise JobError(
                f"{task.__name__}: {name}: a job is told tenant, correlation_id (str) and ids (int) alone."
            )


def check_arguments(job: str, arguments: Mapping[str, object]) -> None:
    """Raise where an argument is no id.

    Raises:
        JobError: says which argument, never its value.
    """
    for name, value in arguments.items():
        if name == "tenant":
            good = isinstance(value, str) and _TENANT.fullmatch(value) is not None
        elif name == "correlation_id":
            good = isinstance(value, str) and _is_uuid(value)
        else:
            good = name.endswith(_ENDINGS) and type(value) is int
        if not good:
            raise JobError(f"{job}: the argument {name!r} is no id.")


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
