"""`claimwright phi`: the keys that seal claims."""

from __future__ import annotations

from typing import Annotated

import typer

from .session import AllTenants, Environment, Tenant, caller_of, callers_of, explained, settings_of, store_of
from .terminal import Exit, ValueTable, out, wide

_NAMED = 100

app = typer.Typer(help="The keys that seal claims: status and rotation.", no_args_is_help=True)


@app.command("status")
def status(environment: Environment = None) -> None:
    """Show the data keys: which seals, which only open, and what wrapped them.

    Exit status: 0, or 2 where the keys can't be opened.
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
        bool, typer.Option("--new-key/--no-new-key", help="Make a new key first, or only seal again.")
    ] = True,
    reseal_rows: Annotated[
        bool,
        typer.Option("--reseal/--no-reseal", help="Seal records and files again with the newest key."),
    ] = True,
    all_tenants: AllTenants = False,
) -> None:
    """Make a new data key and seal stored records and source files again with it, while everything runs.

    Stopped anywhere, it goes on with `--no-new-key`. Old keys stay, and open what they sealed.

    A record that does not open is named by its key and left as it is; everything else goes on.

    Exit status: 0, 1 where a record did not open, or 2 where the keys can't be opened.
    """
    from claimwright.assembly.keys import make_data_key, seal_again

    settings, unreadable = settings_of(environment), list[str]()
    with store_of(settings) as database, explained():
        callers = callers_of(settings, database, tenant, everyone=all_tenants)
        if new_key:
            out.print(f"Data key {make_data_key(callers, settings, database)} seals from now on.")
        for done in seal_again(callers, settings, database) if reseal_rows else ():
            unreadable += done.unreadable
            out.print(
                f"{done.records:,} records and {done.pieces:,} pieces of files of tenant {done.tenant}"
                " sealed again.",
                markup=False,
            )
    if unreadable:
        for each in unreadable[:_NAMED]:
            out.print(f"does not open, and is left as it is: {each}", markup=False, soft_wrap=True)
        if len(unreadable) > _NAMED:
            out.print(f"and {len(unreadable) - _NAMED:,} more.")
        out.print("Restore these records from a backup, or discard their claims.", soft_wrap=True)
        raise typer.Exit(Exit.FINDINGS)


@app.command("rewrap")
def rewrap(
    source: Annotated[
        str, typer.Option("--from", help="The environment whose settings name the key that wraps them now.")
    ],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Move the data keys under another key-encryption key: from a file to AWS KMS, for example.

    The settings in force name the new key, `--from` an environment that names the old one. Nothing that is
    sealed changes. Start workers anew with the new settings afterwards.

    Exit status: 0, or 2 where one of the keys can't be had; nothing has changed then.
    """
    from claimwright.assembly.keys import move_keys

    settings, before = settings_of(environment), settings_of(source)
    with store_of(settings) as database, explained():
        count, name = move_keys(caller_of(settings, tenant), before, settings, database)
    out.print(f"{count} keys are wrapped by {name} now.", markup=False, soft_wrap=True)
