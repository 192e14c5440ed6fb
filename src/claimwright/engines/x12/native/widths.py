"""The widths that arrays and the compiled loops assume, in one place; a guide that exceeds one is refused.

`kernel.c` has the same numbers and reports them when it is loaded, so that both always agree.
"""

from __future__ import annotations

from claimwright.foundation.errors import CatalogError

LOOP_BITS, TAG_BITS, QUALIFIER_BITS = 16, 24, 24
"""A key of `grammar.Table`: loop, tag (at most 3 characters) and qualifier (at most 3) in 64 bits."""
MAX_LOOPS = (1 << LOOP_BITS) - 1
"""The last number means no loop."""
MAX_STAGES = 16
"""Maximum nesting depth of loops below the transaction's header."""
MAX_NODES = (1 << 16) - 1
"""Segments are sorted by node in 16 bits; the last number means no node."""
MAX_VARIANTS = (1 << 15) - 1
"""Segments are sorted by variant in signed 16 bits."""
MAX_ELEMENTS = 32
"""An element's ordinal is a bit of a 32-bit word; the standard's longest segment has 30 elements."""
MAX_COMPONENTS = 255
"""The position of a fault is its element times 256 plus its component."""
LENGTH_BITS = 7
LENGTHS = 1 << LENGTH_BITS
"""Lengths below this have a verdict each; the last one is for all longer values."""

IN_KERNEL = (LOOP_BITS, TAG_BITS, QUALIFIER_BITS, MAX_STAGES, MAX_ELEMENTS, LENGTHS)
"""What `cw_widths` of the compiled library must report, in this order."""


class WidthError(CatalogError, ValueError):
    """A guide exceeds the size of an array; the message names what, and the limit."""


def require_at_most(count: int, limit: int, what: str) -> None:
    """Raise WidthError if there are more of `what` than the limit."""
    if count > limit:
        raise WidthError(f"{count:,} {what}, at most {limit:,}: widen it in native/widths.py and kernel.c")
