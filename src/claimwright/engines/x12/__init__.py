"""X12: reads claims and remittances with their structural faults from bytes, writes them to bytes, creates
acknowledgements.

The public names are listed here and imported at first use. Everything else in the subpackages is internal and
can change at any time; `tests/house/test_floors.py` refuses imports that bypass this module.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .acknowledgements.acknowledgement import Acknowledgement, acknowledge
    from .acknowledgements.reading import ClaimAnswer, ImplementationAnswer, read_277ca, read_999, read_ta1
    from .checks.envelope_rows import ENVELOPE_SCHEMA
    from .checks.faults import BY_CODE, FAULTS, Fault
    from .claims837.claim_block import (
        ClaimBlock,
        Reading,
        SourceFiles,
        cut_claim_blocks,
        join_claim_blocks,
    )
    from .claims837.one_claim import Rows, read_one_claim
    from .claims837.records import RecordError, Records, read_records, segments_of
    from .claims837.write import write_837
    from .remittance835.parts import parts_of
    from .remittance835.read import begins_as_835, read_835, read_835_blocks
    from .remittance835.remittance import Remittance, schemas
    from .remittance835.write import write_835
    from .syntax.joining import JOINED_BYTES, LARGEST_JOINED_BYTES, joinable
    from .syntax.stream import BLOCK_BYTES, MAX_SEGMENT_BYTES, StreamFault
    from .syntax.tokenizer import DEFAULT_DELIMITERS, Delimiters
    from .syntax.writing import UnwritableError

__all__ = [
    "BLOCK_BYTES",
    "BY_CODE",
    "DEFAULT_DELIMITERS",
    "ENVELOPE_SCHEMA",
    "FAULTS",
    "JOINED_BYTES",
    "LARGEST_JOINED_BYTES",
    "MAX_SEGMENT_BYTES",
    "Acknowledgement",
    "ClaimAnswer",
    "ClaimBlock",
    "Delimiters",
    "Fault",
    "ImplementationAnswer",
    "Reading",
    "RecordError",
    "Records",
    "Remittance",
    "Rows",
    "SourceFiles",
    "StreamFault",
    "UnwritableError",
    "acknowledge",
    "begins_as_835",
    "cut_claim_blocks",
    "join_claim_blocks",
    "joinable",
    "parts_of",
    "read_277ca",
    "read_835",
    "read_835_blocks",
    "read_999",
    "read_one_claim",
    "read_records",
    "read_ta1",
    "schemas",
    "segments_of",
    "write_835",
    "write_837",
]

_HOME = {
    "Acknowledgement": "acknowledgements.acknowledgement",
    "BLOCK_BYTES": "syntax.stream",
    "BY_CODE": "checks.faults",
    "ClaimAnswer": "acknowledgements.reading",
    "ClaimBlock": "claims837.claim_block",
    "DEFAULT_DELIMITERS": "syntax.tokenizer",
    "Delimiters": "syntax.tokenizer",
    "ENVELOPE_SCHEMA": "checks.envelope_rows",
    "FAULTS": "checks.faults",
    "Fault": "checks.faults",
    "ImplementationAnswer": "acknowledgements.reading",
    "JOINED_BYTES": "syntax.joining",
    "LARGEST_JOINED_BYTES": "syntax.joining",
    "MAX_SEGMENT_BYTES": "syntax.stream",
    "Reading": "claims837.claim_block",
    "RecordError": "claims837.records",
    "Records": "claims837.records",
    "Remittance": "remittance835.remittance",
    "Rows": "claims837.one_claim",
    "SourceFiles": "claims837.claim_block",
    "StreamFault": "syntax.stream",
    "UnwritableError": "syntax.writing",
    "acknowledge": "acknowledgements.acknowledgement",
    "begins_as_835": "remittance835.read",
    "cut_claim_blocks": "claims837.claim_block",
    "join_claim_blocks": "claims837.claim_block",
    "joinable": "syntax.joining",
    "parts_of": "remittance835.parts",
    "read_277ca": "acknowledgements.reading",
    "read_835": "remittance835.read",
    "read_835_blocks": "remittance835.read",
    "read_999": "acknowledgements.reading",
    "read_one_claim": "claims837.one_claim",
    "read_records": "claims837.records",
    "read_ta1": "acknowledgements.reading",
    "schemas": "remittance835.remittance",
    "segments_of": "claims837.records",
    "write_835": "remittance835.write",
    "write_837": "claims837.write",
}


def __getattr__(name: str) -> Any:
    """Import a name's module at first use of the name."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return __all__
