"""The reference page of the causes of denials: each cause, and which cause every combination of codes has."""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from markdown_tables import table

INTRODUCTION = """\
# Causes of denials

{count} causes of denials in {categories} categories, and {others} kinds of adjustments that are no denials.
Every combination of a reason code (CARC) and a remark code (RARC) has one of them: [by reason
code](#by-reason-code). [How a denial is explained](../denials.md). A cause is a file of
`src/claimwright/denial_causes/`; the words are ours, and so is the assignment of codes to causes."""

BY_CODE = """\
Each reason code with its cause, then the remarks that make it another cause. A remark that is not listed
changes nothing. Facts of the claim are in parentheses. A reason code in no list has the cause
[`unknown-reason`](#unknown-reason)."""


def denial_causes_page() -> dict[str, str]:
    """The page, by its name."""
    causes = importlib.import_module("claimwright.engines.denials").load_causes()
    denials = [cause for cause in causes.causes if cause.denial]
    others = [cause for cause in causes.causes if not cause.denial]
    parts = [
        INTRODUCTION.format(
            count=len(denials), others=len(others), categories=len({cause.category for cause in denials})
        )
    ]
    for category, members in groupby(denials, key=lambda cause: cause.category):
        parts.append(f"## {words(category)}")
        for cause in members:
            parts += section(cause)
    parts.append("## No denials")
    for cause in others:
        parts += section(cause)
    parts += [
        "## By reason code",
        BY_CODE,
        table(["reason", "cause", "with other remarks or facts"], rows(causes)),
    ]
    return {"denial_causes.md": "\n\n".join(parts)}


def words(name: str) -> str:
    """A name of the vocabulary as a heading."""
    return str(name).replace("_", " ").capitalize()


def section(cause: Any) -> Iterator[str]:
    """The Markdown blocks of one cause."""
    yield f"### {cause.code}"
    yield f"**{cause.name}.** {cause.what} {cause.why}"
    yield f"*Fix:* {cause.fix}"
    facts = [
        f"usual step: {cause.next_step.value.replace('_', ' ')}",
        f"begins with: {words(cause.responsible).lower()}",
    ]
    facts.append("preventable" if cause.preventable else "not preventable")
    facts.append("recoverable" if cause.recoverable else "not recoverable from this payer")
    if cause.core_scenario:
        facts.append(f"CORE scenario {cause.core_scenario}")
    yield "; ".join(facts).capitalize() + "."
    if cause.rules:
        yield "Looked for before sending by " + ", ".join(f"`{code}`" for code in cause.rules) + "."
    yield "Authority: " + "; ".join(cause.authority) + "."


def rows(causes: Any) -> Iterator[list[str]]:
    """One row for each reason code."""
    reasons = sorted({carc for kind, carc in causes.by_carc if kind == "adjustment"}, key=order)
    for carc in reasons:
        plain, other = "", defaultdict(list)
        for specificity, position, match in sorted(
            causes.by_carc["adjustment", carc], key=lambda entry: entry[:2]
        ):
            name = causes.causes[position].code
            if specificity == 0:
                plain = name
                continue
            condition = [f"group {', '.join(match.groups)}"] if match.groups else []
            condition += [f"claim filing {', '.join(match.claim_filing)}"] if match.claim_filing else []
            condition += [f"{known.replace('_', ' ')}" for known in match.known]
            remarks = spans(match.rarcs)
            text = (
                f"{remarks} ({'; '.join(condition)})"
                if remarks and condition
                else remarks or "; ".join(condition)
            )
            other[name].append(text)
        yield [
            f"`{carc}`",
            link(plain or "unknown-reason"),
            "; ".join(f"{link(n)}: {', '.join(t)}" for n, t in other.items()),
        ]


def link(code: str) -> str:
    """A link to the section of a cause."""
    return f"[{code}](#{code})"


def order(code: str) -> tuple[str, int]:
    """Codes by their letters, then by number."""
    letters = code.rstrip("0123456789")
    number = code.removeprefix(letters)
    return letters, int(number or 0)


def spans(codes: Iterable[str]) -> str:
    """Codes with consecutive ones joined: N251-N254."""
    found: list[list[str]] = []
    for code in sorted(codes, key=order):
        letters, number = order(code)
        plain = code == f"{letters}{number}"
        if found and plain and order(found[-1][-1]) == (letters, number - 1):
            found[-1].append(code)
        else:
            found.append([code])
    return " ".join(part[0] if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in found)
