"""How the stand-in drafts a letter: from the facts that it is told, approved sentences and some of its own.

It reads nothing but the question. It is no language model: it shows what the gate does with sentences that
nobody approved, and with those that something is wrong with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .server import Asked

_BLOCK = re.compile(r"<data>\n(.*?)\n</data>", re.DOTALL)


def told(
    asked: Asked,
) -> tuple[Mapping[str, Any], Mapping[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """The blocks of a question: the case, the sentences, the facts, the sources."""
    case, sentences, facts, sources = (json.loads(each) for each in _BLOCK.findall(asked.user))
    return case, sentences, facts, sources


def draft_from_facts(asked: Asked) -> Mapping[str, Any]:
    """Every approved sentence that can be filled, and up to six sentences of its own."""
    _, sentences, facts, sources = told(asked)
    made = [
        {"approved": each["id"], "section": None, "text": None, "facts": [], "sources": []}
        for each in sentences["sentences"]
    ]
    known = {each["id"]: each for each in facts}
    own = []

    def say(text: str, *, cites: list[str] | None = None) -> None:
        named = list(re.findall(r"\{([^}]+)\}", text))
        if all(name in known for name in named):
            own.append({"approved": None, "section": sentences["sections"][-1], "text": text,
                        "facts": named, "sources": cites or []})  # fmt: skip

    say("Of the charge of {claim.charge}, {denial.amount} was denied with {denial.codes}.")
    say("{payer.name} gave its decision on {denial.on}; the service was on {claim.service_on}.")
    for number in (1, 2):
        say(f"The {{finding.{number}.document}} says “{{finding.{number}.quote}}”.")
    for each in sources[:1]:
        say(f"[[{each['id']}]] applies to the denial of {{denial.on}}.", cites=[each["id"]])
    return {"statements": [*made, *own]}
