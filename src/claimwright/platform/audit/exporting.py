"""The export for an auditor: records and checkpoints as JSON Lines, verifiable without the database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from .chain import START, AuditError, Record
from .checkpoints import Checkpoint

FORMAT = "audit export 1"


def export(
    target: IO[str], *, tenant: str, records: Iterable[Record], checkpoints: Sequence[Checkpoint]
) -> int:
    """Write the records and checkpoints of one tenant. Returns the number of records."""
    lines = 0
    for line in export_lines(tenant=tenant, records=records, checkpoints=checkpoints):
        target.write(line)
        lines += 1
    return lines - len(checkpoints) - 1


def export_lines(
    *, tenant: str, records: Iterable[Record], checkpoints: Iterable[Checkpoint]
) -> Iterator[str]:
    """The export line by line: a heading, the records, the checkpoints."""
    yield json.dumps({"claimwright": FORMAT, "tenant": tenant}) + "\n"
    for record in records:
        line = {
            "sequence": record.sequence,
            "at": record.at,
            "body": record.body,
            "previous": record.previous.hex(),
            "hash": record.hash.hex(),
        }
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
    for each in checkpoints:
        yield json.dumps({"checkpoint": json.loads(each.to_json())}) + "\n"


def read_export(lines: Iterable[str]) -> tuple[str, Iterator[Record | Checkpoint]]:
    """The tenant of an export, and an iterator over its records and checkpoints.

    Raises:
        AuditError: a line is not part of an export; the message gives its number.
    """
    numbered = enumerate(lines, 1)
    try:
        head = json.loads(next(numbered)[1])
        tenant = str(head["tenant"])
        known = head["claimwright"] == FORMAT
    except (StopIteration, ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise AuditError("line 1: this is not an audit export that this version can read.")
    return tenant, (_parsed(number, line) for number, line in numbered)


def _parsed(number: int, line: str) -> Record | Checkpoint:
    try:
        said = json.loads(line)
        if "checkpoint" in said:
            return Checkpoint.from_json(json.dumps(said["checkpoint"]))
        record = Record(
            int(said["sequence"]),
            str(said["at"]),
            str(said["body"]),
            bytes.fromhex(said["previous"]),
            bytes.fromhex(said["hash"]),
        )
    except (ValueError, KeyError, TypeError):
        raise AuditError(f"line {number}: not a record and not a checkpoint.") from None
    if len(record.previous) != len(START):
        raise AuditError(f"line {number}: a hash must have {len(START)} bytes.")
    return record
