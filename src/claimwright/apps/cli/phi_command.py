"""`claimwright phi`: the keys that seal claims."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .session import AllTenants, Environment, Tenant, caller_of, callers_of, settings_of, store_of
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Database
    from claimwright.platform.phi import Keyring
    from claimwright.platform.settings import Settings

_NAMED = 100

app = typer.Typer(help="The keys that seal claims: status and rotation.", no_args_is_help=True)


@contextmanager
def _keys(settings: Settings) -> Iterator[tuple[Database, Keyring]]:
    from claimwright.platform.phi import PhiError, open_keyring

    with store_of(settings) as database:
        try:
            yield database, open_keyring(settings, database.connect)
        except PhiError as problem:
            fail(str(problem))


@app.command("status")
def status(environment: Environment = None) -> None:
    """Show the data keys: which seals, which only open, and what wrapped them.

    Exit status: 0, or 2 where the keys can't be opened.
    """
    table = ValueTable("key", "purpose", "use", "made", "wrapped by", box=None, pad_edge=False)
    with _keys(settings_of(environment)) as (_, keyring):
        for key in keyring.infos():
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
    from claimwright.platform.audit import append

    settings = settings_of(environment)
    with _keys(settings) as (database, keyring):
        callers = callers_of(settings, database, tenant, everyone=all_tenants)
        if new_key:
            made = keyring.rotate()
            for caller in callers:
                with database.transaction(caller) as connection:
                    append(
                        caller, connection, action="keys.rotated",
                        subject=f"key:{made.key_id}", detail={"key_id": made.key_id}, correlation_id="",
                    )  # fmt: skip
            out.print(f"Data key {made.key_id} seals from now on.")
        unreadable: list[str] = []
        for caller in callers if reseal_rows else ():
            records, pieces = _resealed(settings, database, keyring, caller, unreadable)
            out.print(
                f"{records:,} records and {pieces:,} pieces of files of tenant {caller.tenant} sealed again.",
                markup=False,
            )
    if unreadable:
        for each in unreadable[:_NAMED]:
            out.print(f"does not open, and is left as it is: {each}", markup=False, soft_wrap=True)
        if len(unreadable) > _NAMED:
            out.print(f"and {len(unreadable) - _NAMED:,} more.")
        out.print("Restore these records from a backup, or discard their claims.", soft_wrap=True)
        raise typer.Exit(Exit.FINDINGS)


def _resealed(
    settings: Settings, database: Database, keyring: Keyring, caller: Caller, unreadable: list[str]
) -> tuple[int, int]:
    """How many records and pieces of files of a tenant were sealed again; names what does not open."""
    from claimwright.features.intake import reseal_files
    from claimwright.platform.objects import ObjectError, open_objects
    from claimwright.platform.phi import Sealer, reseal
    from claimwright.store.resealing import sealed_columns

    sealer = Sealer(keyring)
    with database.connect() as connection:
        records = 0
        for each in sealed_columns(caller.tenant):
            named: list[tuple[Any, ...]] = []
            records += sum(reseal(caller, connection, sealer, each, unreadable=named.append))
            what = f"tenant {caller.tenant}, {each.key[0].replace('_', ' ')}"
            unreadable += [f"{what} {key[0]}" for key in named]
    try:
        files = reseal_files(caller, database, open_objects(settings), sealer, prefix=keyring.primary_prefix)
        return records, sum(1 for _ in files)
    except ObjectError as problem:
        fail(f"{problem} The records are sealed again; go on with --no-new-key.")


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
    from claimwright.platform.audit import append
    from claimwright.platform.phi import PhiError, open_key_encryption, open_keyring

    settings, before = settings_of(environment), settings_of(source)
    caller = caller_of(settings, tenant)
    with store_of(settings) as database:
        try:
            keyring = open_keyring(before, database.connect)
            new = open_key_encryption(settings, create=True)
            count = keyring.wrap_again(new)
        except PhiError as problem:
            fail(str(problem))
        with database.transaction(caller) as connection:
            append(
                caller, connection, action="keys.rewrapped",
                subject="keys", detail={"count": count}, correlation_id="",
            )  # fmt: skip
    out.print(f"{count} keys are wrapped by {new.name} now.", markup=False, soft_wrap=True)
