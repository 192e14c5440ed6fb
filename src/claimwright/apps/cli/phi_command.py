"""`claimwright phi`: the keys that encrypt claims."""

from __future__ import annotations

from typing import Annotated

import typer

from .session import AllTenants, Environment, Tenant, caller_of, callers_of, explained, settings_of, store_of
from .terminal import Exit, ValueTable, out, wide

_NAMED = 100

app = typer.Typer(help="The keys that encrypt claims: status and rotation.", no_args_is_help=True)


@app.command("status")
def status(environment: Environment = None) -> None:
    """Show the data keys: which one encrypts, which only decrypt, and which key wraps them.

    Exit status: 0, or 2 if the keys cannot be unwrapped.
    """
    from claimwright.assembly.keys import data_keys

    table = ValueTable("key", "purpose", "use", "made", "wrapped by", box=None, pad_edge=False)
    settings = settings_of(environment)
    with store_of(settings) as database, explained():
        for key in data_keys(settings, database):
            use = "seals and opens" if key.primary else "opens"
            if key.purpose == "blind":
                use = "blind indexes"
            table.add_row(
                str(key.key_id), key.purpose, use, f"{key.created_at:%Y-%m-%d %H:%M}", key.wrapped_by
            )
    wide().print(table)


@app.command("rotate")
def rotate(
    environment: Environment = None,
    tenant: Tenant = None,
    new_key: Annotated[
        bool, typer.Option("--new-key/--no-new-key", help="Create a new key first, or only re-encrypt.")
    ] = True,
    reseal_rows: Annotated[
        bool,
        typer.Option("--reseal/--no-reseal", help="Re-encrypt records and files with the newest key."),
    ] = True,
    all_tenants: AllTenants = False,
) -> None:
    """Create a new data key and re-encrypt stored records and source files with it. No downtime is needed.

    If it is interrupted, resume with `--no-new-key`. Old keys are kept, to decrypt what they encrypted.

    A record that cannot be decrypted is named by its key and not changed; all others are processed.

    Exit status: 0, 1 if a record could not be decrypted, or 2 if the keys cannot be unwrapped.
    """
    from claimwright.assembly.keys import make_data_key, seal_again

    settings, unreadable = settings_of(environment), list[str]()
    with store_of(settings) as database, explained():
        callers = callers_of(settings, database, tenant, everyone=all_tenants)
        if new_key:
            out.print(f"Data key {make_data_key(callers, settings, database)} is now used for encryption.")
        for done in seal_again(callers, settings, database) if reseal_rows else ():
            unreadable += done.unreadable
            out.print(
                f"{done.records:,} records and {done.pieces:,} file parts of tenant {done.tenant}"
                " re-encrypted.",
                markup=False,
            )
    if unreadable:
        for each in unreadable[:_NAMED]:
            out.print(f"cannot be decrypted, not changed: {each}", markup=False, soft_wrap=True)
        if len(unreadable) > _NAMED:
            out.print(f"and {len(unreadable) - _NAMED:,} more.")
        out.print("Restore these records from a backup, or discard their claims.", soft_wrap=True)
        raise typer.Exit(Exit.FINDINGS)


@app.command("rewrap")
def rewrap(
    source: Annotated[
        str, typer.Option("--from", help="Environment whose settings name the current key-encryption key.")
    ],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Wrap the data keys with another key-encryption key: for example, move from a file to AWS KMS.

    The current settings name the new key; `--from` is an environment that names the old one. Encrypted data
    does not change. Afterwards restart the workers with the new settings.

    Exit status: 0, or 2 if one of the keys is not available; then nothing was changed.
    """
    from claimwright.assembly.keys import move_keys

    settings, before = settings_of(environment), settings_of(source)
    with store_of(settings) as database, explained():
        count, name = move_keys(caller_of(settings, tenant), before, settings, database)
    out.print(f"{count} keys are wrapped by {name} now.", markup=False, soft_wrap=True)
