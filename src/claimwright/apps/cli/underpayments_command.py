"""`claimwright underpayments`: what payers paid too little, by payer and kind, and disputes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .session import (
    After,
    Environment,
    Most,
    Tenant,
    explained,
    permitted_caller,
    sealer_of,
    settings_of,
    store_of,
)
from .terminal import Exit, ValueTable, dollars, fail, out, wide

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.access import Access
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.settings import Settings
    from claimwright.store.underpayments import Underpayment

    Seen = Callable[[Connection, Sequence[int | None]], tuple[dict[str, str], dict[int, dict[str, str]]]]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("underpayments")(underpayments)


def underpayments(
    payer: Annotated[
        str | None, typer.Option("--payer", help="Underpayments of this payer only, by its ID or name.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Underpayments of this kind only.")] = None,
    show: Annotated[
        int | None, typer.Option("--show", metavar="NUMBER", help="Show one with its basis, line by line.")
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Compare all posted remittances again first, with today's contracts."),
    ] = False,
    contracts: Annotated[
        Path | None,
        typer.Option("--contracts", help="With --again: contracts instead of those of the settings."),
    ] = None,
    dispute: Annotated[
        str | None, typer.Option("--dispute", metavar="PAYER", help="Write the dispute of this payer as CSV.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--out", "-o", help="With --dispute: the CSV file.")] = None,
    names: Annotated[
        bool, typer.Option("--names", help="With --dispute: with the numbers of claims. Needs --reason.")
    ] = False,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason", help="Why the numbers are opened, 8 to 200 characters; kept in the audit log."
        ),
    ] = None,
    by_number: Annotated[
        bool, typer.Option("--by-number", help="In order of number, page by page, not of dollars.")
    ] = False,
    after: After = 0,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show what payers paid too little: totals by payer and kind, then the list, most dollars first.

    Remittances are compared when they are posted. Compare them again after a change of contracts or
    tolerances. A finding counts as long as its answer is in force.

    Exit status: 0 none, 1 there are underpayments, 2 unusable input.
    """
    from claimwright.assembly.underpayments import make_underpayment_search
    from claimwright.engines.underpayments import Kind
    from claimwright.features.remittance import seen_underpayments
    from claimwright.foundation import clock
    from claimwright.platform.list_order import after_key
    from claimwright.store.underpayments import count_underpayments, list_underpayments

    kind = None if kind is None else "_".join(kind.split())
    if kind is not None and kind not in list(Kind):
        fail(f"--kind: one of {', '.join(Kind)}.")
    by_number = by_number or after > 0
    if dispute is not None and output is None:
        fail("--dispute: name the file with --out.")
    if names and not reason:
        fail("--names: state the reason with --reason.")
    settings = settings_of(environment)
    # A claim number identifies the patient for anybody who can look up the record.
    caller, access = permitted_caller(settings, tenant, "claims.identity" if names else "underpayments.list")
    with store_of(settings) as database:
        seen = _seen_by(caller, access, settings, database)
        if again:
            with explained():
                search = make_underpayment_search(settings, contracts=contracts)
            sealer = sealer_of(settings, database)
            with database.transaction(caller) as connection:
                search.search(caller, connection, sealer, clock.now())
        if dispute is not None and output is not None:
            from claimwright.features.remittance import dispute_packet, seen_dispute
            from claimwright.foundation.whole_files import WholeFile

            opener = sealer_of(settings, database) if names else None
            with database.transaction(caller) as connection:
                packet = dispute_packet(caller, connection, dispute, opener=opener, reason=reason)
                packet = seen_dispute(packet, *seen(connection, packet["claim_key"].to_list()))
            try:
                with WholeFile(output) as part:
                    packet.write_csv(part)
            except OSError as problem:
                fail(f"{output}: can't be written: {problem.strerror}. Check the folder and its permissions.")
            out.print(f"{packet.height:,} lines: {output}", markup=False, soft_wrap=True)
            raise typer.Exit(Exit.FINDINGS if packet.height else Exit.CLEAN)
        with database.transaction(caller) as connection:
            if show is not None:
                found = list_underpayments(connection, underpayment_id=show)
                if not found:
                    fail(f"--show: there is no underpayment {show} in force.")
                _print_one(*seen_underpayments(found, *seen(connection, [found[0].claim_key])))
                raise typer.Exit(Exit.FINDINGS)
            totals = count_underpayments(connection, payer=payer)
            found = list_underpayments(
                connection,
                payer=payer,
                kind=kind,
                limit=limit,
                sort="underpayment_id" if by_number else "-amount_cents",
                after=after_key(after) if by_number else None,
            )
            found, withheld = seen_underpayments(found, *seen(connection, [e.claim_key for e in found]))
    if not totals:
        out.print("No underpayments.")
        return
    table = ValueTable("payer", "kind", "findings", "claims", "dollars")
    for each in totals:
        table.add_row(
            each.payer_name or each.payer_id, _words(each.kind), f"{each.findings:,}", f"{each.claims:,}",
            _amount(each.amount_cents),
        )  # fmt: skip
    wide().print(table)
    out.print()
    _print_list(found)
    _print_withheld(withheld)
    if len(found) == limit and by_number:
        out.print(f"Next page: --after {found[-1].underpayment_id}", markup=False)
    elif len(found) == limit:
        out.print("The largest are shown. All: --by-number; one kind: --kind; more: --limit.", markup=False)
    if found:
        out.print(f"Why: claimwright underpayments --show {found[0].underpayment_id}", markup=False)
    raise typer.Exit(Exit.FINDINGS)


def _seen_by(caller: Caller, access: Access, settings: Settings, database: Database) -> Seen:
    """What is withheld from the caller: of all claims, and of these by their labels."""
    from claimwright.features.claims import always_withheld, withheld_by_claim

    why = partial(access.why_withheld, caller)

    def seen(
        connection: Connection, keys: Sequence[int | None]
    ) -> tuple[dict[str, str], dict[int, dict[str, str]]]:
        sealer = sealer_of(settings, database)
        return always_withheld(why), withheld_by_claim(caller, connection, sealer, keys, why)

    return seen


def _print_list(found: list[Underpayment]) -> None:
    table = ValueTable(
        "number", "kind", "confidence", "payer", "claim", "line", "procedure", "expected", "allowed",
        "dollars",
    )  # fmt: skip
    for each in found:
        table.add_row(
            str(each.underpayment_id), _words(each.kind), each.confidence, each.payer_name or each.payer_id,
            str(each.claim_key or ""), str(each.line or ""), each.procedure, _amount(each.expected_cents),
            _amount(each.allowed_cents), _amount(each.amount_cents),
        )  # fmt: skip
    wide().print(table)


def _print_withheld(withheld: dict[str, str]) -> None:
    for why in sorted(set(withheld.values())):
        names = ", ".join(name.replace("_", " ") for name, each in withheld.items() if each == why)
        out.print(f"Withheld: {names}: {why}.", markup=False, soft_wrap=True)


def _print_one(found: list[Underpayment], withheld: dict[str, str]) -> None:
    from claimwright.engines.underpayments import CONFIDENCE, KINDS, Confidence, Kind

    [each] = found
    place = f"claim {each.claim_key}" if each.claim_key else f"payment {each.payment_id}"
    line = f", line {each.line}" if each.line else ""
    out.print(
        f"Underpayment {each.underpayment_id}: {_words(each.kind)}, ${_amount(each.amount_cents)}, "
        f"{each.payer_name or each.payer_id}, {place}{line}",
        markup=False,
        soft_wrap=True,
    )
    out.print(f"{KINDS[Kind(each.kind)].capitalize()}.", soft_wrap=True)
    if "basis" in withheld:
        out.print(f"  How it is computed is withheld: {withheld['basis']}.", markup=False, soft_wrap=True)
    for said in each.basis.splitlines():
        out.print(f"  {said}", markup=False, soft_wrap=True)
    out.print(f"Confidence {each.confidence}: {CONFIDENCE[Confidence(each.confidence)]}.", soft_wrap=True)


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _amount(cents: int | None) -> str:
    from claimwright.store.underpayments import in_dollars

    return "" if cents is None else dollars(in_dollars(cents))
