"""Shows authors of contracts which contract and which of its terms price each line, and why."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .basis import MEANING, Basis
from .contracts import Contract
from .pricer import Pricer


def try_contracts(pricer: Pricer, claims: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per line, in order: `claim`, `line`, `contract`, `allowed`, `basis`, `why`.

    `contract` names the contract, or its carve-out or term for whole claims that applies; `why` states why it
    applies and how the price was computed, or why no contract covers the line: payer, form or
    date.

    Raises:
        ValueError: a key column is missing, or a claim is twice in `claims`.
    """
    prices = pricer.price(claims, lines)
    days = [name for name in ("statement_from_on", "claim_service_from_on") if name in claims.columns]
    known = ["claim", "form", *(name for name in ("payer_id", *days) if name in claims.columns)]
    asked = lines.select("claim", "line", *(name for name in ("service_from_on",) if name in lines.columns))
    asked = asked.join(claims.select(known), on="claim", how="left", maintain_order="left")
    told = [
        _why(pricer, row, prices["contract"][place], prices["basis"][place], prices["reductions"][place])
        for place, row in enumerate(asked.iter_rows(named=True))
    ]
    return prices.select("claim", "line", "contract", "allowed", "basis").with_columns(
        why=pl.Series(told, dtype=pl.String)
    )


def _why(
    pricer: Pricer, row: dict[str, object], contract: str | None, basis: str, reductions: str | None
) -> str:
    if contract is None:
        return _uncovered(pricer.contracts, row)
    through = "the contract's own terms"
    for one in pricer.contracts:
        if contract in (terms.name for _, terms in one.services):
            through = f"a service of {one.name}: the first that fits the line"
        elif contract in (term.name for _, term in one.claims):
            through = f"terms for whole claims of {one.name}: the first that fits the claim"
    return "; ".join([through, MEANING[Basis(basis)], *([reductions] if reductions else [])])


def _uncovered(contracts: Sequence[Contract], row: dict[str, object]) -> str:
    payer = row.get("payer_id")
    payer = payer.upper() if isinstance(payer, str) else None
    mine = [one for one in contracts if one.payer_id in {None, payer}]
    if not mine:
        return "no contract names the payer, and none is for every payer"
    of_form = [one for one in mine if str(row["form"]) in one.forms]
    if not of_form:
        forms = ", ".join(sorted(set("".join(one.forms for one in mine))))
        return f"the form is not covered by {_names(mine)}: {forms}"
    spans = ", ".join(f"{one.effective_on or '...'} to {one.expires_on or '...'}" for one in of_form)
    return f"the date of service is outside {_names(of_form)}: {spans}"


def _names(contracts: Sequence[Contract]) -> str:
    return ", ".join(dict.fromkeys(one.name for one in contracts))
