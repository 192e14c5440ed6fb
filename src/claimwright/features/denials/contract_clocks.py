"""A file of contracts' own times, which replace or add to the clocks of the law.

clocks:
- payer_id: "12345"
source: Contract 2026, section 7
days: 90
kind: appeal

YamlError (ValueError)   the file can't be used; the message names the line
"""

from __future__ import annotations

import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from claimwright.engines.deadlines import Kind, Override, Start, load_deadlines
from claimwright.foundation.located_yaml import read_yaml_file, validated


class _Clock(BaseModel):
    model_config = ConfigDict(extra="forbid")

    payer_id: str = Field(min_length=1, max_length=80)
    source: str = Field(min_length=1, max_length=200)
    days: int = Field(ge=1, le=3_660)
    kind: Kind = "appeal"
    clock: str | None = None
    start: Start | None = None
    effective_from: datetime.date | None = None
    effective_to: datetime.date | None = None

    @field_validator("clock")
    @classmethod
    def _is_known(cls, code: str | None) -> str | None:
        if code is not None and code not in {each.code for each in load_deadlines().clocks}:
            raise ValueError("there is no such clock; `claimwright denials clocks` shows their codes")
        return code


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    clocks: list[_Clock]


def read_contract_clocks(path: Path) -> list[Override]:
    """The times of a file, in its order.

    Raises:
        YamlError: the file can't be read or used.
    """
    place = read_yaml_file(path)
    if place is None:
        return []
    return [Override(**each.model_dump()) for each in validated(place, _File).clocks]
