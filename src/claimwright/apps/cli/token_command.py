"""`claimwright token`: issue service credentials; list and revoke tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .session import After, Environment, Most, Tenant, caller_of, settings_of, store_of
from .terminal import ValueTable, fail, out, wide

app = typer.Typer(help="Tokens of users and credentials of services.", no_args_is_help=True)


@app.command("list")
def list_all(
    after: After = 0,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List tokens, without their secrets. Only the bearer has the secret.

    Exit status: 0.
    """
    from claimwright.platform.identity import list_tokens
    from claimwright.platform.list_order import after_key

    settings = settings_of(environment)
    with store_of(settings) as database, database.transaction(caller_of(settings, tenant)) as connection:
        found = list_tokens(connection, after=after_key(after), limit=limit)
    if not found:
        out.print("No tokens. Issue credentials: claimwright token issue NAME --scope files.")
        return
    table = ValueTable("token", "of", "label", "scopes", "until", "used", "revoked")
    for each in found:
        table.add_row(
            str(each.token_id), each.client_name or f"account {each.account_id}", each.label,
            ", ".join(each.scopes), f"{each.expires_at:%Y-%m-%d}",
            f"{each.used_at:%Y-%m-%d}" if each.used_at else "never", "yes" if each.revoked_at else "",
        )  # fmt: skip
    wide().print(table)


@app.command("issue")
def issue(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The service's name, such as emr-feed.")],
    scopes: Annotated[
        list[str], typer.Option("--scope", help="claims, files, checks, read, all, ...; can be repeated.")
    ],
    label: Annotated[str, typer.Option("--label", help="Purpose of the credentials.")] = "",
    facilities: Annotated[
        list[str] | None,
        typer.Option("--facility", help="Allowed facility; can be repeated. Default: all."),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate",
            metavar="FILE",
            help="PEM file: the service shows this certificate, and needs no secret.",
        ),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", min=1, max=365, help="How long the credentials are valid.")
    ] = 365,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Issue credentials for a service and print the secret, once; or bind them to a client certificate.

    Exit status: 0, or 2 if a scope is unknown or the service already has credentials.
    """
    from claimwright.platform.access import ROLES, SCOPES
    from claimwright.platform.identity import AccountError, certificate_digest, issue_token

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    with store_of(settings) as database:
        try:
            digest = None if certificate is None else certificate_digest(certificate.read_bytes())
            with database.transaction(caller) as connection:
                token, bearer = issue_token(
                    caller, connection, label=label or name, scopes=scopes, known_scopes=SCOPES, days=days,
                    client_name=name, roles=["service"], known_roles=ROLES, facilities=facilities,
                    certificate=digest,
                )  # fmt: skip
        except AccountError as problem:
            fail(str(problem))
    if certificate is not None:
        out.print(f"Token {token.token_id} of {name}, for the certificate in {certificate}.", markup=False)
        return
    out.print(f"Token {token.token_id} of {name}. Its secret is shown only once:")
    out.print(str(bearer), soft_wrap=True, markup=False)


@app.command("revoke")
def revoke(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Token number.")],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Revoke a token now, and all access tokens that were issued with it.

    Exit status: 0, or 2 if there is no such token.
    """
    from claimwright.platform.identity import AccountNotFoundError, revoke_token

    settings = settings_of(environment)
    caller = caller_of(settings, tenant)
    with store_of(settings) as database:
        try:
            with database.transaction(caller) as connection:
                revoke_token(caller, connection, number)
        except AccountNotFoundError as problem:
            fail(str(problem))
    out.print(f"Token {number} is revoked.")
