"""`claimwright alerts`: alerts on figures, what they found, and who was told."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .session import Environment, Most, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.alerts import AlertView
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.settings import Settings
    from claimwright.store.alert_deliveries import AlertDelivery

app = typer.Typer(
    help="Alerts on figures: define, evaluate, acknowledge, resolve; targets and deliveries.",
    no_args_is_help=True,
)
AlertName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the definition.")]
TargetName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the target.")]
Number = Annotated[int, typer.Argument(metavar="ALERT", min=1, help="The alert's number.")]


@app.command("list")
def list_command(
    everything: Annotated[bool, typer.Option("--all", help="Resolved ones too.")] = False,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List alerts, newest first: those that are open.

    Exit status: 0 there are none, 1 there are some.
    """
    from claimwright.features.alerts import figure_text, group_text, list_alerts
    from claimwright.features.analytics import figure_named

    with _acting(environment, tenant, "analytics.read") as (_, connection, view):
        found = list_alerts(connection, view, limit=limit, only_open=not everything)
    if not found:
        out.print("No alert is open." if not everything else "No alerts.")
        return
    table = ValueTable("alert", "name", "state", "severity", "group", "day", "value", "usual", "since")
    for each in found:
        unit = figure_named(each.kpi).unit
        table.add_row(
            str(each.incident_id), each.name, each.state, each.severity,
            group_text(each.dimensions, each.series) or "all", str(each.ends),
            "" if each.value is None else figure_text(unit, each.value),
            "" if each.usual is None else figure_text(unit, each.usual), f"{each.begun_at:%Y-%m-%d %H:%M}",
        )  # fmt: skip
    wide().print(table)
    raise typer.Exit(Exit.FINDINGS)


@app.command("show")
def show(number: Number, environment: Environment = None, tenant: Tenant = None) -> None:
    """Show one alert: what happened to it, and the messages about it.

    Exit status: 0, or 2 if there is none with this number.
    """
    from claimwright.features.alerts import alert_deliveries, alert_sheet, group_text
    from claimwright.foundation import clock

    with _acting(environment, tenant, "analytics.read") as (_caller, connection, view):
        sheet = alert_sheet(connection, view, number, today=clock.today())
        sent = alert_deliveries(connection, view, incident_id=number)
    one = sheet.incident
    out.print(
        f"{one.name}, version {one.version}: {one.kpi}, {group_text(one.dimensions, one.series) or 'all'}: "
        f"{one.state}",
        markup=False,
    )
    table = ValueTable("at", "what", "by")
    for each in sheet.history:
        table.add_row(f"{each.at:%Y-%m-%d %H:%M}", each.what, each.actor)
    wide().print(table)
    if sent:
        _print_deliveries(sent)


@app.command("definitions")
def definitions(environment: Environment = None, tenant: Tenant = None) -> None:
    """List the definitions, with when each was evaluated last.

    Exit status: 0.
    """
    from claimwright.features.alerts import list_definitions

    with _acting(environment, tenant, "analytics.read") as (_caller, connection, _view):
        found = list_definitions(connection)
    table = ValueTable("name", "version", "figure", "by", "condition", "targets", "evaluated", "problem")
    for each in found:
        wanted, last = each.definition, each.evaluation
        table.add_row(
            wanted.name, str(each.version), wanted.kpi, ", ".join(wanted.by),
            wanted.condition.kind if wanted.is_on else "off", ", ".join(wanted.targets),
            f"{last.evaluated_at:%Y-%m-%d %H:%M}" if last else "never", (last.problem or "") if last else "",
        )  # fmt: skip
    wide().print(table)


@app.command("set")
def set_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A YAML file with one definition; - for input.")
    ],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Add a definition, or its next version. docs/alerts.md has an example.

    Exit status: 0, or 2 if it can't be used.
    """
    from claimwright.features.alerts import read_definition, set_definition

    text = _text(file)
    with _acting(environment, tenant, "analytics.watch") as (caller, connection, view):
        made = set_definition(caller, connection, read_definition(text), view.seen)
    out.print(f"{made.definition.name}: version {made.version}.", markup=False)


@app.command("remove")
def remove(name: AlertName, environment: Environment = None, tenant: Tenant = None) -> None:
    """Remove a definition; its open alerts are resolved.

    Exit status: 0, or 2 if there is none.
    """
    from claimwright.features.alerts import remove_definition

    with _acting(environment, tenant, "analytics.watch") as (caller, connection, _view):
        remove_definition(caller, connection, name)
    out.print("Removed.")


@app.command("evaluate")
def evaluate(
    name: Annotated[str | None, typer.Option("--name", help="Only this definition.")] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Evaluate the definitions now, and send what is due. A schedule, or `serve`, does so by itself.

    Exit status: 0, or 1 if one could not be evaluated or a message was not taken.
    """
    from claimwright.assembly.alerting import evaluate_and_deliver

    with _alerts(environment, tenant, "analytics.watch") as (caller, settings, database, _view):
        done, sent = evaluate_and_deliver(caller, settings, database, only=name)
    out.print(
        f"{done.definitions:,} definitions, {done.judged:,} groups: {len(done.begun)} began, "
        f"{len(done.ended)} ended. {sent.sent} messages sent, {sent.failed + sent.given_up} not taken."
    )
    for each, problem in done.problems.items():
        out.print(f"{each}: {problem}", markup=False)
    if done.problems or sent.failed or sent.given_up:
        raise typer.Exit(Exit.FINDINGS)


@app.command("ack")
def ack(number: Number, environment: Environment = None, tenant: Tenant = None) -> None:
    """Acknowledge an alert: somebody works on it, and it is not escalated.

    Exit status: 0, or 2 if there is no open alert with this number.
    """
    from claimwright.features.alerts import acknowledge_alert

    with _acting(environment, tenant, "analytics.respond") as (caller, connection, view):
        acknowledge_alert(caller, connection, view, number)
    out.print("Acknowledged.")


@app.command("resolve")
def resolve(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="Why, 8 to 200 characters; kept in the audit log.")],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Resolve an alert. It begins anew only after the figure was back once.

    Exit status: 0, or 2 if there is no open alert with this number.
    """
    from claimwright.features.alerts import resolve_alert

    with _acting(environment, tenant, "analytics.respond") as (caller, connection, view):
        resolve_alert(caller, connection, view, number, reason=reason)
    out.print("Resolved.")


@app.command("targets")
def targets(environment: Environment = None, tenant: Tenant = None) -> None:
    """List where messages go, without addresses and secrets.

    Exit status: 0.
    """
    from claimwright.features.alerts import list_alert_targets

    with _acting(environment, tenant, "analytics.read") as (_caller, connection, _view):
        found = list_alert_targets(connection)
    table = ValueTable("name", "kind", "to", "on", "changed by")
    for each in found:
        table.add_row(each.name, each.kind, each.shown, "yes" if each.is_on else "no", each.changed_by)
    wide().print(table)


@app.command("set-target")
def set_target_command(
    name: TargetName,
    kind: Annotated[str, typer.Option("--kind", help="email, slack or webhook.")],
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            metavar="FILE",
            help="File (- for input): mail addresses, one a line; or the URL, then the secret.",
        ),
    ],
    off: Annotated[bool, typer.Option("--off", help="Keep it, and send nothing.")] = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Add or replace a target. Addresses and secrets come from a file, since others see command lines.

    Exit status: 0, or 2 if it can't be used.
    """
    from pydantic import ValidationError

    from claimwright.features.alerts import AlertTarget, set_target

    lines = [each.strip() for each in _text(to).splitlines() if each.strip()]
    if kind == "email":
        given: dict[str, object] = {"addresses": lines}
    else:
        given = {"url": lines[0] if lines else None, "secret": lines[1] if len(lines) > 1 else None}
    try:
        wanted = AlertTarget.model_validate({"name": name, "kind": kind, "is_on": not off, **given})
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        fail(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.")
    with _alerts(environment, tenant, "analytics.watch") as (caller, settings, database, _view):
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            made = set_target(caller, connection, sealer, wanted, inward_hosts=settings.alerts.inward_hosts)
    out.print(f"{made.name}: {made.kind}, {made.shown}.", markup=False)


@app.command("remove-target")
def remove_target(name: TargetName, environment: Environment = None, tenant: Tenant = None) -> None:
    """Remove a target that no definition names.

    Exit status: 0, or 2 if there is none, or a definition names it.
    """
    from claimwright.features.alerts import remove_alert_target

    with _acting(environment, tenant, "analytics.watch") as (caller, connection, _view):
        remove_alert_target(caller, connection, name)
    out.print("Removed.")


@app.command("test")
def send_trial(name: TargetName, environment: Environment = None, tenant: Tenant = None) -> None:
    """Send a test to a target, once.

    Exit status: 0 taken, 1 not taken, 2 there is no such target.
    """
    from claimwright.assembly.alerting import alert_sender
    from claimwright.features.alerts import send_test

    with _alerts(environment, tenant, "analytics.watch") as (caller, settings, database, _view):
        done = send_test(caller, database, sealer_of(settings, database), alert_sender(settings), name)
    if done.state != "sent":
        out.print(f"Not taken: {done.last_error}", markup=False, soft_wrap=True)
        raise typer.Exit(Exit.FINDINGS)
    out.print("Sent.")


@app.command("deliveries")
def deliveries(
    failing: Annotated[bool, typer.Option("--failing", help="Only those that were not taken.")] = False,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List messages, newest first, with attempts and the last error.

    Exit status: 0.
    """
    from claimwright.features.alerts import alert_deliveries

    with _acting(environment, tenant, "analytics.read") as (_caller, connection, view):
        found = alert_deliveries(connection, view, limit=limit, only_failing=failing)
    _print_deliveries(found)


@app.command("retry")
def retry(
    delivery: Annotated[int, typer.Argument(metavar="MESSAGE", min=1, help="The message's number.")],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Give a message that was given up new attempts.

    Exit status: 0, or 2 if none with this number was given up.
    """
    from claimwright.features.alerts import retry_message

    with _acting(environment, tenant, "analytics.watch") as (caller, connection, _view):
        retry_message(caller, connection, delivery)
    out.print("It is tried again.")


def _print_deliveries(found: Sequence[AlertDelivery]) -> None:
    table = ValueTable("message", "alert", "what", "target", "state", "attempts", "last try", "last error")
    for each in found:
        table.add_row(
            str(each.delivery_id), each.definition or "", each.what, each.target, each.state,
            str(each.attempts), f"{each.tried_at:%Y-%m-%d %H:%M:%S}" if each.tried_at else "",
            each.last_error or "",
        )  # fmt: skip
    wide().print(table)


def _text(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        fail(f"{file}: can't be read: {type(problem).__name__}.")


@contextmanager
def _acting(
    environment: str | None, tenant: str | None, action: str
) -> Iterator[tuple[Caller, Connection, AlertView]]:
    """A transaction of the account, and what it sees of alerts."""
    with (
        _alerts(environment, tenant, action) as (caller, _, database, view),
        database.transaction(caller) as connection,
    ):
        yield caller, connection, view


@contextmanager
def _alerts(
    environment: str | None, tenant: str | None, action: str
) -> Iterator[tuple[Caller, Settings, Database, AlertView]]:
    """The store and what the account sees of its alerts. Ends the command in one line for what fails."""
    from claimwright.assembly.alerting import alert_view
    from claimwright.foundation.errors import ClaimwrightError

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, action)
    with store_of(settings) as database:
        try:
            yield caller, settings, database, alert_view(access, caller)
        except ClaimwrightError as problem:
            fail(str(problem))
