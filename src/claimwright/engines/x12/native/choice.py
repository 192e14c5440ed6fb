"""The one place that chooses between a compiled loop and the equivalent NumPy code.

    @compiled(_calendar_compiled)
    def calendar(data, start, length): ...     # NumPy

`_calendar_compiled` takes the kernel first and then the same arguments. It runs if there is a kernel, and
may return `UNDECIDED`: then the NumPy code computes the result, as it always does without a compiler.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from . import kernel as _kernel
from .kernel import Kernel

P = ParamSpec("P")
R = TypeVar("R")


class Undecided(enum.Enum):
    """The result of a compiled loop that leaves the computation to the NumPy code."""

    UNDECIDED = enum.auto()


UNDECIDED: Final = Undecided.UNDECIDED


def compiled(
    fast: Callable[Concatenate[Kernel, P], R | Undecided],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run `fast` instead of the decorated function if there is a kernel."""

    def choose(plain: Callable[P, R]) -> Callable[P, R]:
        @wraps(plain)
        def chosen(*args: P.args, **kwargs: P.kwargs) -> R:
            native = _kernel.kernel()
            if native is not None:
                result = fast(native, *args, **kwargs)
                if not isinstance(result, Undecided):
                    return result
            return plain(*args, **kwargs)

        return chosen

    return choose
