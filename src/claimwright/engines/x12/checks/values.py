"""Values of a block that are checked together, and the elements to which their faults belong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from claimwright.engines.x12.syntax.specification import Specification
from claimwright.engines.x12.syntax.tokenizer import Ints, Segments

from .fault_collector import FaultCollector

PUNCTUATION = np.array([not chr(byte).isalnum() and byte > ord(" ") for byte in range(256)], dtype=np.bool_)


@dataclass(frozen=True)
class ElementValues:
    """Elements or components of a block: position, rule, and owner of each."""

    start: Ints
    end: Ints
    rule: Ints
    verdict: npt.NDArray[np.uint8]
    owner: Owner


class Owner:
    """Finds segment, element and component of a value; called only for faulty values."""

    def __init__(
        self,
        segments: Segments,
        rules: Specification,
        composite: Ints | None = None,
        first: Ints | None = None,
    ) -> None:
        self.segments = segments
        self.rules = rules
        self.composite = composite
        self.first = first

    def of(self, values: Ints) -> tuple[Ints, Ints, Ints]:
        """Segment, element from 1, component from 1 (0 where the values are elements)."""
        component = np.zeros(len(values), dtype=np.int32)
        elements = values
        if self.composite is not None and self.first is not None:
            at = np.searchsorted(self.first, values, side="right") - 1
            component = np.minimum(values - self.first[at] + 1, 255).astype(np.int32)
            elements = self.composite[at]
        segment = (np.searchsorted(self.segments.first_element, elements, side="right") - 1).astype(np.int32)
        return segment, (elements - self.segments.first_element[segment] + 1).astype(np.int32), component


def add_at(
    faults: FaultCollector, fault: str, values: ElementValues, at: Ints, detail: list[str] | str | None = None
) -> None:
    """Add a fault of the values at these places."""
    if len(at):
        segment, element, component = values.owner.of(at)
        faults.add(fault, segment, element=element, component=component, detail=detail)
