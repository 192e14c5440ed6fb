"""Reads an 835 into columns: a payer's decisions on claims.

    remittance = read_835(content)
    remittance.claims       # one row per CLP

`remittance.py` lists the frames and their columns. The file is checked by its guide and balanced on the way;
what does not agree is in `faults`.

Source: ASC X12N 005010X221A1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from claimwright.engines.x12.checks.structure import Progress, begin_check
from claimwright.engines.x12.syntax.fixed_width_lines import BOM, unwrapped
from claimwright.engines.x12.syntax.headers import begins_with
from claimwright.engines.x12.syntax.loops import structure_of
from claimwright.engines.x12.syntax.stream import BLOCK_BYTES, StreamFault, blocks
from claimwright.foundation.overlap import spread

from .checks import REMITTANCE_CHECKS
from .layout import (
    REMITTANCE_835,
    remittance_grammar,
)
from .remittance import Remittance
from .remittance_block import RemittanceBlock


def begins_as_835(beginning: bytes) -> bool:
    """Whether a file with this beginning is an 835: its first group or transaction says so."""
    text = b"".join(unwrapped([beginning])).removeprefix(BOM)
    return begins_with(text, REMITTANCE_835.identifier, REMITTANCE_835.functional_group)


def read_835(content: bytes | Iterable[bytes]) -> Remittance:
    """The content of an 835; if it is something else, no rows, and faults that say so."""
    chunks = [content] if isinstance(content, bytes) else content
    return Remittance.concat(read_835_blocks(chunks))


def read_835_blocks(
    chunks: Iterable[bytes], *, block_bytes: int = BLOCK_BYTES, noticed: Iterable[StreamFault] = ()
) -> Iterator[Remittance]:
    """An 835 in blocks of whole claims, with memory independent of its size. Keys continue across blocks.

    `noticed` gets the faults of the source itself; it is complete when the chunks have ended.
    """
    return spread(lambda begun: begun.remittance(), _begun(chunks, block_bytes, noticed))


def _begun(
    chunks: Iterable[bytes], block_bytes: int, noticed: Iterable[StreamFault]
) -> Iterator[RemittanceBlock]:
    progress = Progress()
    batches = 0
    for block in blocks(chunks, REMITTANCE_835, block_bytes=block_bytes):
        structure = structure_of(block.segments, remittance_grammar())
        before = progress
        begun, progress = begin_check(block.segments, structure, REMITTANCE_CHECKS, before, last=block.last)
        of_stream = [*block.faults, *(noticed if block.last else [])]
        made = RemittanceBlock(block, begun, before, of_stream, batches)
        batches += made.new_batches
        yield made
        del block, begun, structure, made
