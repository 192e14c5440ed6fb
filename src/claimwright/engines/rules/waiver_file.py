"""The pydantic model of a waiver file's entry. Imported only when a file is read."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


def _text(value: object) -> object:
    """Join a text of several lines into one line."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _given_list(value: object) -> object:
    """Refuse an empty list, because it is unclear whether it means nobody or everybody."""
    if value == []:
        raise ValueError("is empty; write [..., ...], or leave it out")
    if isinstance(value, list) and not all(isinstance(each, str) and each for each in value):
        raise ValueError("has an entry that is not a text; write one value per entry")
    return () if value is None else value


Text = Annotated[str, BeforeValidator(_text), StringConstraints(min_length=1)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_given_list)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WaivedPayers(_Strict):
    """The payers of a waiver; by default all."""

    claim_filing: Texts = ()
    ids: Texts = ()


class WaiverEntry(_Strict):
    """One entry of a waiver file."""

    id: Text
    rules: Texts
    valid_from: date = Field(alias="from")
    valid_to: date = Field(alias="to")
    owner: Text
    reason: Text
    payers: WaivedPayers = WaivedPayers()
    providers: Texts = ()
