"""The reference page of figures: each with its formula, source, benchmark and cases; and the semantic
tables.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from markdown_tables import table

INTRODUCTION = """\
# Figures (KPIs)

{count} figures. [How they are computed](../analytics.md). A figure is a file of `src/claimwright/kpis/`: a
file that lacks its source, its benchmark or its cases does not load. SQL is over `analytics.facts`; `balance`
sums all days up to the last one of the period, `trailing` so many days up to it."""

FACTS = """\
Rows of `analytics.facts`. `items` counts. A row has its sign: what is known differently later is taken
back by a row with a later `known_at`. Beside facility and day, a fact can be broken down by the dimensions of
its claim (payer, plan, form, provider, specialty, procedure group, diagnosis group) and those named here."""
_UNITS = {"share": "share of 1", "cents": "whole cents", "items": "count"}


def kpis_page() -> dict[str, str]:
    """The page, by its name."""
    kpis = importlib.import_module("claimwright.engines.kpis.definition").load_kpis().kpis
    parts = [INTRODUCTION.format(count=len(kpis))]
    for question, members in groupby(kpis, key=lambda kpi: kpi.question):
        parts.append(f"## {question.capitalize()}")
        for kpi in members:
            parts += section(kpi)
    parts += [
        "## Facts",
        FACTS,
        table(["fact", "says", "day", "cents", "quantity", "also by"], list(facts())),
    ]
    return {"kpis.md": "\n\n".join(parts)}


def section(kpi: Any) -> Iterator[str]:
    """The Markdown blocks of one figure."""
    yield f"### {kpi.name}"
    yield f"**{kpi.title}.** {kpi.definition}"
    rows = [
        ["unit", _UNITS.get(kpi.unit, kpi.unit)],
        ["better", kpi.direction],
        ["one", kpi.grain],
        ["by", ", ".join(kpi.dimensions) or "nothing"],
        ["source", "; ".join(kpi.source)],
        ["benchmark", benchmark(kpi.benchmark)],
    ]
    if kpi.needs != "none":
        rows.append(
            [
                "for",
                {"ledger": "those who may read the ledger", "staff": "those who manage people"}[kpi.needs],
            ]
        )
    yield table(["", ""], rows)
    for word, side in (("Numerator", kpi.numerator), ("Denominator", kpi.denominator)):
        if side is not None:
            over = f"{side.over} of {side.days} days" if side.days else side.over
            per_day = ", per day" if side.per_day else ""
            yield f"{word} ({over}{per_day}). {side.words}\n\n```sql\n{side.sql.text}\n```"
    yield "Not counted:\n\n" + "\n".join(f"- {text}" for text in kpi.exclusions)
    yield "By hand:\n\n" + "\n".join(f"- {case.name}: {case.working}" for case in kpi.cases)


def benchmark(found: Any) -> str:
    """A benchmark with its source and date."""
    if found.value is None:
        return str(found.words)
    when = f"published {found.published}" if found.published else f"read {found.read_on}"
    return f"{found.value:g}. {found.words} {found.source}, {when}."


def facts() -> Iterator[list[str]]:
    """Rows of the table of facts."""
    catalogue = importlib.import_module("claimwright.engines.kpis.fact_catalogue")
    claim = set(importlib.import_module("claimwright.engines.kpis.rollup").OF_CLAIM)
    for fact in catalogue.FACTS.values():
        own = ", ".join(name for name in fact.dimensions if name not in claim)
        yield [f"`{fact.name}`", fact.says, fact.valid_on, fact.cents, fact.quantity, own]
