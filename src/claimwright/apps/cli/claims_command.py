"""`claimwright claims`: one claim of the store, opened for a stated reason."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import AsOf
from .session import Environment, Tenant, caller_of, settings_of, store_of
from .terminal import fail, out, wide

app = typer.Typer(help="Claims of the store: open one, for a reason.", no_args_is_help=True)


@app.callback()
def _claims() -> None:
    """Keep `claims show` a command of two words while there is one."""


@app.command("show")
def show(
    claim_key: Annotated[int, typer.Argument(metavar="KEY", help="The claim's key in the store.")],
    reason: Annotated[
        str, typer.Option("--reason", help="Why you look, in 8 to 200 characters; the audit log keeps it.")
    ],
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Show who the patient is. The audit log says so.")
    ] = False,
    as_of: AsOf = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Open a claim and show it on one page, with every mark of the patient masked unless asked otherwise.

    Findings and prices are those of a check as of today, or of --as-of. Who looked and why is in the audit
    log before anything is shown: `claimwright audit search --subject claim:KEY`.

    Exit status: 0, or 2 where there is no such claim, it does not open, or the reason is none.
    """
    from claimwright.assembly.claims import open_claim
    from claimwright.engines.x12 import RecordError
    from claimwright.features.claims import ClaimNotFoundError
    from claimwright.platform.audit import AuditError
    from claimwright.platform.phi import PhiError

    from .claim_sheet import draw
    from .options import checker_from

    settings = settings_of(environment)
    caller, checker = caller_of(settings, tenant), checker_from(as_of, None, None, None)
    with store_of(settings) as database:
        try:
            found, checked = open_claim(
                caller, settings, database, checker, claim_key, reason=reason, unmasked=unmasked
            )
        except ClaimNotFoundError as problem:
            fail(f"{problem}.")
        except AuditError as problem:
            fail(f"--reason: {problem}")
        except (PhiError, RecordError) as problem:
            fail(f"claim {claim_key}: {problem}")
    stands = found.place + (f" ({found.why})" if found.why else "")
    out.print(
        f"claim {claim_key}: {stands}; facility {found.facility}, file {found.file_id},"
        f" claim {found.position} of it",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    draw(checked, checker, wide())
