"""What ships with the package, by kind of file: every version, and the newest of each.

A shipped version never changes: letters name it and are made again from it. What has to be said otherwise is
a further version, in a file of its own (`authorization-tx.v2.md`), with the day and the reason of the change.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from claimwright.appeal_templates import packaged_templates
from claimwright.domain.letter_templates import LetterTemplate
from claimwright.engines.deadlines import PAYER_KINDS
from claimwright.engines.denials import load_causes
from claimwright.engines.drafting import Prompt, TemplateError, load_sources, read_prompt, read_template
from claimwright.model_prompts import packaged_prompts
from claimwright.payer_policies import packaged_policies

from .policies import POLICY, shipped_policies

TEMPLATE, PROMPT = "template", "prompt"
SHIPPED = "shipped"
_ID = re.compile(r"^id: (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class ShippedVersion:
    """A version that ships. `changes` says what is otherwise than in the one before, since `changed_on`."""

    version: int
    title: str
    digest: str
    text: str
    changed_on: datetime.date | None = None
    changes: str | None = None


def check_template(text: str, source: str) -> LetterTemplate:
    """The template in a text.

    Raises:
        TemplateError: it can't be used; the message says why.
    """
    made = read_template(text, source, sources=load_sources(), payer_kinds=PAYER_KINDS)
    if unknown := [each for each in made.causes if each not in load_causes().by_code]:
        raise TemplateError(f"{source}: there is no cause {unknown[0]}.")
    return made


@cache
def shipped_template_versions() -> Mapping[str, Mapping[int, LetterTemplate]]:
    """Every version of the templates that ship with the package, by id and version, oldest first.

    Raises:
        TemplateError: one of them can't be used, or a version is there twice.
    """
    found: dict[str, dict[int, LetterTemplate]] = {}
    made = [check_template(text, name) for name, text in packaged_templates().items()]
    for each in sorted(made, key=lambda each: each.version):
        versions = found.setdefault(each.template_id, {})
        if each.version in versions:
            raise TemplateError(f"{each.template_id}: version {each.version} ships twice.")
        if each.version > 1 and not (each.changed_on and each.changes):
            raise TemplateError(f"{each.template_id}: version {each.version} does not say what it changes.")
        versions[each.version] = each
    return found


def shipped_templates() -> Mapping[str, LetterTemplate]:
    """The templates that ship with the package, each in its newest version, by id.

    Raises:
        TemplateError: one of them can't be used.
    """
    return {name: versions[max(versions)] for name, versions in shipped_template_versions().items()}


@cache
def shipped_prompts() -> Mapping[str, Prompt]:
    """The prompts that ship with the package, by id.

    Raises:
        PromptError: one of them can't be used.
    """
    return {
        each.prompt_id: each
        for each in (read_prompt(text, name) for name, text in packaged_prompts().items())
    }


@cache
def shipped_versions(kind: str) -> Mapping[str, tuple[ShippedVersion, ...]]:
    """What ships of a kind, by id, newest first."""
    if kind == TEMPLATE:
        texts = {check_template(text, name).digest: text for name, text in packaged_templates().items()}
        return {
            name: tuple(
                ShippedVersion(
                    each.version, each.title, each.digest, texts[each.digest], each.changed_on, each.changes
                )
                for each in sorted(versions.values(), key=lambda each: -each.version)
            )
            for name, versions in shipped_template_versions().items()
        }
    if kind == PROMPT:
        texts = {match[1]: text for text in packaged_prompts().values() if (match := _ID.search(text))}
        return {
            name: (ShippedVersion(each.version, each.title, each.digest, texts[name]),)
            for name, each in shipped_prompts().items()
        }
    if kind == POLICY:
        return {
            name: (ShippedVersion(each.version, each.title, hashlib.sha256(text.encode()).hexdigest(), text),)
            for (name, each), text in zip(
                shipped_policies().items(), packaged_policies().values(), strict=True
            )
        }
    return {}
