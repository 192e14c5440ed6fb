"""An entry of a file of waivers, as pydantic checks it. Imported only where a file is read."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


def _text(value: object) -> object:
    """A text over several lines is one."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _given_list(value: object) -> object:
    """An empty list would waive for nobody, or for everybody: which of them was meant?"""
    if value == []:
        raise ValueError("is empty; write [..., ...], or leave it out")
    if isinstance(value, list) and not all(isinstance(each, str) and each for each in value):
        raise ValueError("has an entry that is not a text; write one value an entry")
    return () if value is None else value


Text = Annotated[str, BeforeValidator(_text), StringConstraints(min_length=1)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_given_list)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WaivedPayers(_Strict):
    """For which payers a waiver is; left out, for all."""

    claim_filing: Texts = ()
    ids: Texts = ()


class WaiverEntry(_Strict):
    """What an entry states."""

    id: Text
    rules: Texts
    valid_from: date = Field(alias="from")
    valid_to: date = Field(alias="to")
    owner: Text
    reason: Text
    payers: WaivedPayers = WaivedPayers()
    providers: Texts = ()
