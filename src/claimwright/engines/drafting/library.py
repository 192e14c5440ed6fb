"""The library of sources that a letter may cite: curated files with dates, never a model's memory."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from claimwright.appeal_sources import packaged_sources
from claimwright.domain.appeal_case import Source
from claimwright.foundation.located_yaml import YamlError, read_yaml, validated


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[Source, ...]


def read_sources(text: str, source: str) -> tuple[Source, ...]:
    """The sources of a file.

    Raises:
        YamlError: it can't be read, or an entry is wrong.
    """
    place = read_yaml(text, source)
    if place is None:
        raise YamlError(source, 1, "", "it is empty")
    return validated(place, _File).sources


@cache
def load_sources() -> Mapping[str, Source]:
    """The sources that ship with the package, by id.

    Raises:
        ValueError: two have one id.
    """
    found: dict[str, Source] = {}
    for name, text in packaged_sources().items():
        for each in read_sources(text, name):
            if each.source_id in found:
                raise ValueError(f"{name}: there are two sources {each.source_id}.")
            found[each.source_id] = each
    return found
