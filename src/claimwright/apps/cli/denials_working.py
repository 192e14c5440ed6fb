"""`claimwright denials work` and `clocks`: what to work on first, and until when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import AsOf
from .session import Environment, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .shapes import Shape, ShapeOption, print_json
from .terminal import Exit, ValueTable, dollars, fail, out, wide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claimwright.domain.caller import Caller
    from claimwright.engines.deadlines import Override
    from claimwright.features.denials import AppealOdds, Clock, WorkGroup, WorkItem
    from claimwright.platform.access import Access

ContractClocks = Annotated[
    Path | None,
    typer.Option("--contracts", metavar="FILE", help="YAML file of contracts' own times; docs/deadlines.md."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `claimwright denials`."""
    app.command("work")(work)
    app.command("clocks")(clocks)
    app.command("odds")(odds)
    app.command("alert")(alert)
    app.command("reject")(reject)


def work(
    groups: Annotated[
        bool, typer.Option("--groups", help="One row for each cause and step: one fix for many claims.")
    ] = False,
    cause: Annotated[str | None, typer.Option("--cause", help="Denials of this cause only.")] = None,
    step: Annotated[str | None, typer.Option("--step", help="Denials with this next step only.")] = None,
    facility: Annotated[
        list[str] | None, typer.Option("--facility", help="Claims of this facility only. Repeatable.")
    ] = None,
    after: Annotated[int, typer.Option("--after", min=0, metavar="NUMBER", help="Start after this row.")] = 0,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=10_000, help="Maximum number of rows.")
    ] = 50,
    shape: ShapeOption = Shape.TABLE,
    contracts: ContractClocks = None,
    as_of: AsOf = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List open denials in the order in which to work them: expected recovery by the day that is left.

    Exit status: 0 nothing to work on, 1 some denials are open.
    """
    from claimwright.features.denials import work_groups, work_list
    from claimwright.foundation import clock

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "denials.list")
    day = as_of.date() if as_of else clock.today()
    own = _own_clocks(contracts)
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            if groups:
                counted = work_groups(caller, connection, day, sealer, facilities=facility, overrides=own)
            else:
                found = work_list(
                    caller, connection, day, sealer, facilities=facility, root_cause=cause, next_step=step,
                    after=after, limit=limit, overrides=own,
                )  # fmt: skip
    if groups:
        _show_groups(counted, shape)
        raise typer.Exit(Exit.FINDINGS if counted else Exit.CLEAN)
    _show(found, shape)
    if len(found) == limit and shape is Shape.TABLE:
        out.print(f"Next page: --after {found[-1].rank}", markup=False)
    raise typer.Exit(Exit.FINDINGS if found else Exit.CLEAN)


def _own_clocks(path: Path | None) -> list[Override]:
    from claimwright.features.denials import read_contract_clocks
    from claimwright.foundation.located_yaml import YamlError

    if path is None:
        return []
    try:
        return read_contract_clocks(path)
    except YamlError as problem:
        fail(str(problem))


def _show(found: Sequence[WorkItem], shape: Shape) -> None:
    from dataclasses import asdict

    if shape is Shape.JSON:
        print_json([asdict(each) for each in found])
        return
    if not found:
        out.print("No denial is open.")
        return
    table = ValueTable(
        "", "denial", "claim", "line", "payer", "cause", "codes", "amount", "expected recovery",
        "last day", "days left", "law", "next step",
    )  # fmt: skip
    for each in found:
        codes = codes_told(each.group_code, each.carc, each.rarcs)
        table.add_row(
            str(each.rank), str(each.denial_id), str(each.claim_key or ""), str(each.line or ""),
            each.payer_id, each.root_cause, codes, dollars(each.amount), dollars(each.expected_recovery),
            str(each.due_on or ""), "" if each.days_left is None else str(each.days_left),
            (each.law or "").split(";")[0], each.next_step.replace("_", " "),
        )  # fmt: skip
    wide().print(table)
    if any(each.probability_from == "prior" for each in found):
        out.print("Chances are published averages where no model applies; see docs/denials.md.")


def _show_groups(found: Sequence[WorkGroup], shape: Shape) -> None:
    from dataclasses import asdict

    if shape is Shape.JSON:
        print_json([asdict(each) for each in found])
    elif not found:
        out.print("No denial is open.")
    else:
        wide().print(groups_table(found))


def codes_told(group: str | None, carc: str | None, rarcs: str | None) -> str:
    """The codes of a denial as remittances print them: group and reason, then remarks."""
    return " ".join(filter(None, ("-".join(filter(None, (group, carc))), rarcs)))


def groups_table(found: Sequence[WorkGroup]) -> ValueTable:
    """One row for each cause and step."""
    table = ValueTable(
        "cause", "next step", "denials", "claims", "amount", "expected recovery", "first last day", "fix"
    )
    for each in found:
        table.add_row(
            each.root_cause, each.next_step.replace("_", " "), f"{each.denials:,}", f"{each.claims:,}",
            dollars(each.amount), dollars(each.expected_recovery), str(each.first_due_on or ""), each.fix,
        )  # fmt: skip
    return table


def visible_clocks(found: Sequence[Clock], caller: Caller, access: Access) -> list[Clock]:
    """The clocks, without starts that are days of service if the caller may not see who the patients are."""
    from claimwright.features.denials import without_days_of_service

    return list(found) if access.shown(caller, ())["identity"].allowed else without_days_of_service(found)


def clocks(
    denial_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The denial, as the list has it.")],
    shape: ShapeOption = Shape.TABLE,
    contracts: ContractClocks = None,
    as_of: AsOf = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show every clock of a denial: its law, its start, its last day, and what the law asks for beside time.

    Exit status: 0, or 2 if there is no such denial in force.
    """
    from dataclasses import asdict

    from claimwright.features.denials import DenialNotFoundError, clocks_of
    from claimwright.foundation import clock

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "denials.list")
    day = as_of.date() if as_of else clock.today()
    own = _own_clocks(contracts)
    try:
        with store_of(settings) as database:
            sealer = sealer_of(settings, database)
            with database.transaction(caller) as connection:
                found = clocks_of(caller, connection, denial_id, day, sealer, overrides=own)
        found = visible_clocks(found, caller, access)
    except DenialNotFoundError as problem:
        fail(f"{problem} `claimwright denials work` lists them.")
    if shape is Shape.JSON:
        print_json([asdict(each) for each in found])
        return
    if not found:
        out.print("No clock is known: no law sets one for this payer, and no contract is given.")
        return
    wide().print(_clocks_table(found))
    for each in found:
        if each.needs:
            out.print(f"{each.clock} needs {each.needs}.", markup=False)


def _clocks_table(found: Sequence[Clock]) -> ValueTable:
    table = ValueTable("clock", "what ends", "from", "until", "days", "filed", "law")
    for each in found:
        left = "lapsed" if each.is_lapsed else str(each.days_left)
        table.add_row(
            each.clock, each.name, str(each.start_on or "withheld"), str(each.due_on), left, each.filed,
            each.law,
        )  # fmt: skip
    return table


def odds(
    denial_id: Annotated[int, typer.Argument(metavar="ID", min=1, help="The denial, as the list has it.")],
    shape: ShapeOption = Shape.TABLE,
    as_of: AsOf = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show how likely an independent reviewer overturns a denial, from published decisions; or why it can't.

    The decisions are California's, on patients' appeals. Cases of other States, of public programs, without a
    medical question, or years after the newest decision are refused.

    Exit status: 0, 1 if the model refuses the denial, 2 if there is no such denial.
    """
    from dataclasses import asdict

    from claimwright.features.denials import DenialNotFoundError, appeal_odds, without_values
    from claimwright.foundation import clock
    from claimwright.foundation.errors import ModelError

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "denials.list")
    day = as_of.date() if as_of else clock.today()
    try:
        with store_of(settings) as database:
            sealer = sealer_of(settings, database)
            with database.transaction(caller) as connection:
                found = appeal_odds(caller, connection, denial_id, day, sealer)
    except DenialNotFoundError as problem:
        fail(f"{problem} `claimwright denials work` lists them.")
    except ModelError as problem:
        fail(str(problem))
    if not access.shown(caller, ())["clinical"].allowed:
        found = without_values(found)
    if shape is Shape.JSON:
        print_json(asdict(found))
    else:
        _show_odds(found)
    raise typer.Exit(Exit.CLEAN if found.refused is None else Exit.FINDINGS)


_REASONS_SHOWN = 6


def _show_odds(found: AppealOdds) -> None:
    years = f"decisions of {found.first_year} to {found.last_year}"
    if found.probability is None or found.low is None or found.high is None:
        out.print(f"No answer ({years}). {found.refused}", markup=False, soft_wrap=True)
        if found.decided:
            out.print(
                f"What is known: {found.overturned:,} of {found.decided:,} such cases were overturned from "
                f"{found.first_year} to {found.last_year}. This is history and no forecast.",
                markup=False, soft_wrap=True,
            )  # fmt: skip
        return
    out.print(
        f"Overturned: {found.probability:.0%}; for 9 of 10 kinds of cases the share is between "
        f"{found.low:.0%} and {found.high:.0%}. {found.overturned:,} of {found.decided:,} earlier cases with "
        f"this diagnosis and treatment were overturned ({years}).",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    used = "is used" if found.is_used else "is not used, because the next step is no appeal"
    out.print(f"In the expected recovery it {used}.", markup=False)
    table = ValueTable("effect", "in common", "which", "overturned", "decided")
    for each in found.reasons[:_REASONS_SHOWN]:
        table.add_row(
            "raises" if each.log_odds > 0 else "lowers", each.about, ", ".join(each.values),
            f"{each.overturned:,}", f"{each.decided:,}",
        )  # fmt: skip
    wide().print(table)


def alert(
    days: Annotated[
        list[int] | None,
        typer.Option("--days", min=0, help="Days left at which to alert. Repeatable. Default: 30, 14, 7, 1."),
    ] = None,
    queue: Annotated[
        bool, typer.Option("--queue", help="Leave it to a worker: `claimwright denials alert --work`.")
    ] = False,
    work_queue: Annotated[bool, typer.Option("--work", help="Do what is queued, of all tenants.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="With --work: keep running.")] = False,
    as_of: AsOf = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Publish an event for each clock of an open denial that is near its end: once per clock and threshold.

    Run it daily. Exit status: 0, or 2 if the options do not go together.
    """
    from claimwright.features.denials import THRESHOLDS, give_alerts, register_alerts, submit_alerts
    from claimwright.foundation import clock

    if ((queue or work_queue) and (days or as_of)) or (queue and work_queue) or (watch and not work_queue):
        fail("--queue and --work go alone; --watch goes with --work.")
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "denials.decide")
    day = as_of.date() if as_of else clock.today()
    with store_of(settings) as database:
        if work_queue:
            from claimwright.assembly.denials import alert_jobs

            alert_jobs(settings, database).work(wait=watch)
            return
        if queue:
            from claimwright.platform.jobs import Jobs

            with database.transaction(caller) as connection:
                submit_alerts(caller, connection, register_alerts(Jobs(database.address)))
            out.print("Queued. A worker gives the alerts: `claimwright denials alert --work`.")
            return
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            given = give_alerts(caller, connection, day, sealer, thresholds=days or THRESHOLDS)
    out.print(f"{given:,} alerts." if given != 1 else "1 alert.")


def reject(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="277CA, 999 or TA1 files; - for input.")
    ],
    facility: Annotated[
        str | None, typer.Option("--facility", help="Whose claims they are. Default: any facility's.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Post answers before adjudication: each rejected claim becomes a denial to correct and send again.

    What a 277CA accepts is stored as proof that the claim arrived, and when.

    The same file again adds nothing. Exit status: 0 no claim was rejected, 1 some were, 2 unusable file.
    """
    from claimwright.features.denials import RejectionFileError, post_rejections
    from claimwright.features.intake import SourceError, sources

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.post")
    status = Exit.CLEAN
    try:
        with store_of(settings) as database:
            sealer = sealer_of(settings, database)
            for source in sources(files):
                content = b"".join(source.chunks())
                with database.transaction(caller) as connection:
                    posted = post_rejections(
                        caller, connection, sealer, content, source.name, facility=facility
                    )  # fmt: skip
                if posted.earlier is not None:
                    told = f"posted before, as {posted.earlier}. Nothing was done."
                else:
                    told = (
                        f"{posted.kind}: claims rejected: {posted.rejections:,}, in the store: "
                        f"{posted.matched:,}; rejections that name no claim: {posted.unnamed:,}; acceptances "
                        f"stored as proof of filing: {posted.accepted:,}."
                    )
                out.print(f"{source.name}: {told}", markup=False, soft_wrap=True)
                if posted.matched < posted.rejections:
                    out.print(
                        "Claims that are not in the store were not sent from it, or under other numbers."
                    )
                if posted.whole:
                    out.print(
                        f"Rejected as a whole: {'; '.join(posted.whole)}.", markup=False, soft_wrap=True
                    )
                    out.print("Its claims were not received: correct the cause, and send all of it again.")
                if posted.rejections or posted.unnamed:
                    status = Exit.FINDINGS
    except (RejectionFileError, SourceError) as problem:
        fail(str(problem))
    if status is Exit.FINDINGS:
        out.print("Next: claimwright denials work")
    raise typer.Exit(status)
