"""Reads a letter template: front matter in YAML, then sections of approved sentences, one a line.

    ---
    id: necessity-group-plan-1
    version: 1
    title: Medical necessity, group health plan, first level
    categories: [medical_necessity]      # or causes: [...]; empty means any
    payer_kinds: [erisa_insured]
    levels: [1]
    effective_from: 2026-01-01
    author: claimwright
    footing: [cfr-29-2560-503-1-h]
    requires: [patient.name, claim.number]
    ---
    ## Request
    request: {practice.name} asks {payer.name} for a {appeal.level}.
    authorization?: The claim carried authorization {claim.authorization}.
    finding*: The {finding.document} says: “{finding.quote}”.

A name that ends in `?` is left out where the case lacks one of its facts; one that ends in `*` is written for
each member of the group that its slots name. `[[id]]` cites a source of the library. There is no other
construct: no condition, no loop, no include, so that what a letter can say is what the file says.

TemplateError (ValueError)   names the file and what is wrong
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Collection
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from claimwright.domain.denial import Category
from claimwright.domain.letter_templates import GROUPS, LetterTemplate, TemplateLine
from claimwright.foundation.errors import InputError
from claimwright.foundation.located_yaml import YamlError, read_yaml, validated

from .vocabulary import VARIABLES

LARGEST = 60_000  # characters
_FILE = re.compile(r"---\n(?P<front>.*?)\n---\n(?P<body>.*)", re.DOTALL)
_LINE = re.compile(r"(?P<name>[a-z][a-z0-9-]*)(?P<kind>[?*]{0,2}):\s+(?P<text>\S.*)")
# Braces, brackets and percent signs that are no slot: other template languages, includes and loops.
_FOREIGN = re.compile(r"\{\{|\{%|\{#|<%|\$\{|#include|\[\[[^\]]*[^a-z0-9_.\-\]][^\]]*\]\]")
_LEFT_OVER = re.compile(r"[{}]|\[\[|\]\]")
_NUMBERED = re.compile(r"\.\d+\.")
_SLOT = re.compile(r"\{[a-z_][a-z0-9_.]*\}|\[\[[a-z0-9][a-z0-9_.-]*\]\]")


class TemplateError(InputError, ValueError):
    """The template can't be used."""


class _Front(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{2,79}$")
    version: int = Field(ge=1)
    title: str = Field(min_length=5, max_length=120)
    categories: tuple[Category, ...] = ()
    causes: tuple[str, ...] = ()
    subtypes: tuple[Literal["emergency"], ...] = ()
    payer_kinds: tuple[str, ...] = ()
    payers: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    levels: tuple[int, ...] = Field(min_length=1)
    effective_from: datetime.date
    effective_until: datetime.date | None = None
    author: str = Field(min_length=1, max_length=80)
    footing: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    # Of a later version: since when, and what it says otherwise.
    changed_on: datetime.date | None = None
    changes: str | None = Field(default=None, min_length=10, max_length=300)


def read_template(
    text: str, source: str, *, sources: Collection[str], payer_kinds: Collection[str]
) -> LetterTemplate:
    """The template in a file's text.

    `sources` are the ids of the library's sources, `payer_kinds` the kinds of payer that there are.

    Raises:
        TemplateError: it is no template, names a fact, source or kind of payer that does not exist, or has a
            construct that is not allowed.
    """
    if len(text) > LARGEST:
        raise TemplateError(f"{source}: larger than {LARGEST:,} characters.")
    text = text.replace("\r\n", "\n")
    parts = _FILE.fullmatch(text)
    if parts is None:
        raise TemplateError(f"{source}: it does not begin with front matter between two lines of ---.")
    try:
        place = read_yaml(parts["front"], source)
        if place is None:
            raise TemplateError(f"{source}: the front matter is empty.")
        front = validated(place, _Front)
    except YamlError as problem:
        raise TemplateError(str(problem)) from None
    if not front.categories and not front.causes:
        raise TemplateError(f"{source}: name the categories or the causes that it is for.")
    if front.effective_until is not None and front.effective_until < front.effective_from:
        raise TemplateError(f"{source}: effective_until is before effective_from.")
    _refuse_unknown(source, "kind of payer", front.payer_kinds, payer_kinds)
    _refuse_unknown(source, "source", front.footing, sources)
    _refuse_unknown(source, "variable", [_NUMBERED.sub(".", each) for each in front.requires], VARIABLES)
    lines = _lines(parts["body"], source)
    for line in lines:
        _refuse_unknown(f"{source}: {line.name}", "variable", line.slots, VARIABLES)
        _refuse_unknown(f"{source}: {line.name}", "source", line.sources, sources)
    # Of a payer of no known kind it is not known which law binds it.
    if not front.footing and front.payer_kinds != ("other",):
        raise TemplateError(f"{source}: footing: name the sources that the argument rests on.")
    if front.footing and not any(set(front.footing) & set(line.sources) for line in lines):
        raise TemplateError(f"{source}: no sentence cites a source of its footing.")
    return LetterTemplate(
        template_id=front.id, version=front.version, title=front.title,
        categories=tuple(each.value for each in front.categories), causes=front.causes,
        subtypes=front.subtypes,
        payer_kinds=front.payer_kinds, payers=front.payers, states=front.states, levels=front.levels,
        effective_from=front.effective_from, effective_until=front.effective_until, author=front.author,
        footing=front.footing, requires=front.requires, lines=lines,
        digest=hashlib.sha256(text.encode()).hexdigest(), changed_on=front.changed_on, changes=front.changes,
    )  # fmt: skip


def _lines(body: str, source: str) -> tuple[TemplateLine, ...]:
    section, lines = "", []
    for number, row in enumerate(body.splitlines(), 1):
        if not row.strip():
            continue
        if row.startswith("## "):
            section = row[3:].strip()
            continue
        where = f"{source}: line {number} of the body"
        if _FOREIGN.search(row):
            raise TemplateError(f"{where}: loops, conditions and includes are not allowed in a template.")
        match = _LINE.fullmatch(row)
        if match is None or not section:
            raise TemplateError(f"{where}: write `name: sentence` below a `## section`.")
        if _LEFT_OVER.search(_SLOT.sub("", match["text"])):
            raise TemplateError(f"{where}: a slot is {{name}}, a citation is [[source]].")
        line = TemplateLine(match["name"], section, match["text"], optional="?" in match["kind"])
        groups = {slot.partition(".")[0] for slot in line.slots} & set(GROUPS)
        if ("*" in match["kind"]) != (len(groups) == 1):
            raise TemplateError(
                f"{where}: a sentence with facts of one of {', '.join(GROUPS)} has a name that ends in *."
            )
        if groups:
            line = TemplateLine(line.name, section, line.text, line.optional, next(iter(groups)))
        lines.append(line)
    names = [line.name for line in lines]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise TemplateError(f"{source}: two sentences are named {doubled[0]}.")
    if not lines:
        raise TemplateError(f"{source}: it has no sentence.")
    return tuple(lines)


def _refuse_unknown(source: str, what: str, names: Collection[str], known: Collection[str]) -> None:
    if unknown := [name for name in names if name not in known]:
        raise TemplateError(f"{source}: there is no {what} {unknown[0]}.")
