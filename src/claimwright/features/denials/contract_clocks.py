"""Contracts' own times, which replace or add to the clocks of the law: of the store, or of a file.

clocks:
- payer_id: "12345"
source: Contract 2026, section 7
days: 90
kind: appeal

YamlError (ValueError)       the file can't be used; the message names the line
ContractClockNotFoundError   no such time is in force
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from claimwright.domain.caller import Caller
from claimwright.engines.deadlines import Kind, Override, Start, load_deadlines
from claimwright.foundation import clock as clocks
from claimwright.foundation.errors import NotFoundError
from claimwright.foundation.located_yaml import read_yaml_file, validated
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import contract_clocks as store


class ContractClockNotFoundError(NotFoundError):
    """No such time is in force."""


class ContractTime(BaseModel):
    """A contract's own time. `clock` names the clock of the law that it replaces; without it, it is one of
    its own, and of the kind `filing` it replaces the law's.
    """

    model_config = ConfigDict(extra="forbid")

    payer_id: str = Field(min_length=1, max_length=80, description="As the claim has it.")
    source: str = Field(min_length=1, max_length=200, description="The contract and its section.")
    days: int = Field(ge=1, le=3_660, description="Calendar days.")
    kind: Kind = Field(default="appeal", description="What ends.")
    clock: str | None = Field(default=None, max_length=60, description="The code of the clock replaced.")
    start: Start | None = Field(default=None, description="From when the days count.")
    effective_from: datetime.date | None = Field(
        default=None, description="The first start for which it is in force."
    )
    effective_to: datetime.date | None = Field(default=None, description="The last one.")

    @field_validator("clock")
    @classmethod
    def _is_known(cls, code: str | None) -> str | None:
        if code is not None and code not in {each.code for each in load_deadlines().clocks}:
            raise ValueError("there is no such clock; `claimwright denials clocks` shows their codes")
        return code

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> ContractTime:
        first, last = self.effective_from, self.effective_to
        if first is not None and last is not None and last < first:
            raise ValueError("effective_to is before effective_from")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    clocks: list[ContractTime]


def contract_times(path: Path) -> list[ContractTime]:
    """The times of a file, in its order.

    Raises:
        YamlError: the file can't be read or used.
    """
    place = read_yaml_file(path)
    return [] if place is None else validated(place, _File).clocks


def read_contract_clocks(path: Path) -> list[Override]:
    """The times of a file, in its order, as they are used for clocks.

    Raises:
        YamlError: the file can't be read or used.
    """
    return [Override(**each.model_dump()) for each in contract_times(path)]


def set_contract_clocks(
    caller: Caller, connection: Connection, times: Sequence[ContractTime], *, reason: str
) -> list[int]:
    """Set contracts' times, in force at once. Returns their numbers.

    Raises:
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "contracts' times are set")
    now = clocks.now()
    made = [store.insert_contract_clock(connection, each.model_dump(), now) for each in times]
    if made:
        _tell(caller, connection, "denials.contract_clocks_set", made, reason)
    return made


def end_contract_clock(caller: Caller, connection: Connection, clock_id: int, *, reason: str) -> None:
    """End a contract's time: the law's counts again.

    Raises:
        ContractClockNotFoundError: no such time is in force.
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "a contract's time is ended")
    if not store.end_contract_clock(connection, clock_id, caller.actor, clocks.now()):
        raise ContractClockNotFoundError(
            f"no contract's time {clock_id} is in force. `claimwright denials contracts` lists them."
        )
    _tell(caller, connection, "denials.contract_clock_ended", [clock_id], reason)


def overrides_in(connection: Connection) -> list[Override]:
    """The contracts' times in force, for the clocks of denials."""
    names = ContractTime.model_fields
    return [
        Override(**{name: getattr(each, name) for name in names})
        for each in store.contract_clocks(connection)
    ]


def _tell(caller: Caller, connection: Connection, action: str, numbers: list[int], reason: str) -> None:
    correlation_id = str(uuid.uuid4())
    for number in numbers:
        audit.append(
            caller, connection, action=action, subject=f"contract_clock:{number}",
            detail={"reason": reason}, correlation_id=correlation_id,
        )  # fmt: skip
