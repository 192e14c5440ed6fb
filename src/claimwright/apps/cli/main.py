"""The `claimwright` command."""

from __future__ import annotations

import os
import sys
from copy import copy
from importlib.metadata import version
from typing import Annotated

import typer

from claimwright.foundation.allocation import collect_less_often, use_memory_again
from claimwright.foundation.errors import ClaimwrightError
from claimwright.foundation.extras import advice
from claimwright.platform.process_limits import protect_process

from . import (
    ack_command,
    alerts_command,
    appeal_command,
    appeals_letters,
    audit_command,
    check_command,
    claims_command,
    contracts_command,
    convert_command,
    db_command,
    deliver_command,
    denials_command,
    deposits_command,
    doctor_command,
    documents_command,
    drafting_command,
    events_command,
    explain_command,
    feedback_command,
    files_command,
    findings_command,
    health_command,
    intake_command,
    kpi_command,
    lab,
    ledger_command,
    mask_command,
    model_command,
    phi_command,
    policy_command,
    predict_command,
    predictions_command,
    queue_command,
    reference_command,
    remit_command,
    remittances_command,
    repairs_command,
    reports_command,
    retain_command,
    review_command,
    rules_command,
    run_command,
    runs_command,
    secondary_command,
    serve_command,
    settings_command,
    templates_command,
    templates_experiments,
    tenant_command,
    token_command,
    underpayments_command,
    usage_command,
    user_command,
    verify_command,
    waivers_command,
)
from .fast_exit import leaving_at_once
from .terminal import Exit, fail, flush_output, out, write_all_of_output
from .worker_processes import OWN_PROCESS

app = typer.Typer(
    name="claimwright",
    help="Check, explain, price, convert and process US healthcare claims (X12 837).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"claimwright {version('claimwright')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    pass


check_command.register(app)
explain_command.register(app)
convert_command.register(app)
ack_command.register(app)
predict_command.register(app)
remit_command.register(app)
app.add_typer(rules_command.app, name="rules")
app.add_typer(model_command.app, name="model")
app.add_typer(predictions_command.app, name="predictions")
app.add_typer(feedback_command.app, name="feedback")
app.add_typer(reference_command.app, name="reference")
app.add_typer(contracts_command.app, name="contracts")
app.add_typer(db_command.app, name="db")
intake_command.register(app)
run_command.register(app)
app.add_typer(runs_command.runs_app, name="runs")
app.add_typer(runs_command.dead_app, name="dead-letters")
app.add_typer(claims_command.app, name="claims")
app.add_typer(review_command.app, name="review")
app.add_typer(queue_command.app, name="queue")
app.add_typer(kpi_command.app, name="kpi")
app.add_typer(alerts_command.app, name="alerts")
app.add_typer(reports_command.app, name="reports")
app.add_typer(repairs_command.app, name="repairs")
app.add_typer(files_command.app, name="files")
app.add_typer(findings_command.app, name="findings")
app.add_typer(remittances_command.app, name="remittances")
app.add_typer(remittances_command.payments_app, name="payments")
app.add_typer(ledger_command.app, name="ledger")
app.add_typer(denials_command.app, name="denials")
appeal_command.register(app)
app.add_typer(appeals_letters.appeals_app, name="appeals")
app.add_typer(documents_command.app, name="documents")
app.add_typer(drafting_command.app, name="drafting")
app.add_typer(templates_experiments.with_experiments, name="templates")
app.add_typer(templates_command.prompts_app, name="prompts")
app.add_typer(templates_command.payer_policies_app, name="payer-policies")
app.add_typer(deposits_command.app, name="deposits")
app.add_typer(secondary_command.app, name="secondary")
app.add_typer(waivers_command.app, name="waivers")
underpayments_command.register(app)
app.add_typer(tenant_command.app, name="tenant")
app.add_typer(phi_command.app, name="phi")
app.add_typer(audit_command.app, name="audit")
app.add_typer(events_command.app, name="events")
serve_command.register(app)
app.add_typer(user_command.app, name="user")
app.add_typer(token_command.app, name="token")
app.add_typer(policy_command.app, name="policy")
app.add_typer(usage_command.app, name="usage")
settings_command.register(app)
health_command.register(app)
doctor_command.register(app)
mask_command.register(db_command.app)
retain_command.register(db_command.app)
verify_command.register(db_command.app)
deliver_command.register(app)
lab.register(app)


def _narrowed(words: list[str]) -> typer.Typer:
    """The app with only the command or group that the first word names, or all of it where it names none.

    Typer prepares every command that it has, which takes longer than some commands run.
    """
    named = words[0] if words else ""
    commands = [each for each in app.registered_commands if each.name == named]
    groups = [each for each in app.registered_groups if each.name == named]
    if not commands and not groups:
        return app
    narrowed = copy(app)
    narrowed.registered_commands, narrowed.registered_groups = commands, groups
    return narrowed


def main() -> None:
    """Run the command line. An error that a user can cause ends in one line, not in a traceback."""
    collect_less_often()
    protect_process()
    use_memory_again()
    # NumPy's matrix library starts a thread per processor, which busy-waits. The matrices here are too small
    # to gain from threads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with leaving_at_once():
        try:
            write_all_of_output()
            try:
                _narrowed(sys.argv[1:])(obj=OWN_PROCESS)
            finally:
                # A full disk is reported here, not at the end of the process.
                flush_output()
        except KeyboardInterrupt:
            fail("interrupted")
        except BrokenPipeError:
            # The reader of our output has closed the pipe, for example `| head`.
            sys.stderr.close()
            raise SystemExit(Exit.CLEAN) from None
        except ModuleNotFoundError as missing:
            if (what := advice(missing)) is None:
                raise
            fail(what)
        except ClaimwrightError as problem:
            # Commands add advice if they can; our own errors are never shown as a traceback.
            fail(str(problem))
        except OSError as problem:
            # File errors that no command handles: a full disk, a folder that was deleted.
            what = f"{problem.filename}: " if problem.filename else ""
            why = problem.strerror or type(problem).__name__
            fail(f"{what}{why}. Check the path, permissions and free space.")


if __name__ == "__main__":
    main()
