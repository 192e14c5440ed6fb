"""Settings to the provider that people sign in with, and to the roles of its groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimwright.foundation.errors import ConfigurationError

if TYPE_CHECKING:
    from claimwright.platform.identity import Directory, OidcProvider
    from claimwright.platform.settings import Settings


class GroupRolesError(ConfigurationError):
    """`identity.oidc.group_roles` names a role that does not exist."""


@dataclass(frozen=True)
class ProviderSignIn:
    """The provider, and how its people become accounts."""

    provider: OidcProvider
    directory: Directory


def provider_sign_in(settings: Settings) -> ProviderSignIn | None:
    """The provider of the settings; None if they name none.

    Raises:
        GroupRolesError: a group has a role that does not exist.
    """
    from claimwright.platform.access import ROLES
    from claimwright.platform.identity import Directory, OidcClient, OidcProvider

    wanted = settings.identity.oidc
    if wanted.issuer is None or wanted.client_id is None or wanted.redirect_url is None:
        return None
    roles: dict[str, frozenset[str]] = {}
    for pair in wanted.group_roles:
        group, _, role = (part.strip() for part in pair.rpartition("="))
        if role not in ROLES:
            raise GroupRolesError(f"identity.oidc.group_roles: there is no role {role}.")
        roles[group] = roles.get(group, frozenset()) | {role}
    facilities: dict[str, frozenset[str]] = {}
    for pair in wanted.group_facilities:
        group, _, facility = (part.strip() for part in pair.rpartition("="))
        facilities[group] = facilities.get(group, frozenset()) | {facility}
    client = OidcClient(
        issuer=wanted.issuer,
        client_id=wanted.client_id,
        client_secret=wanted.client_secret.get_secret_value() if wanted.client_secret else None,
        redirect_url=wanted.redirect_url,
        scopes=tuple(wanted.scopes),
        name_claim=wanted.name_claim,
        groups_claim=wanted.groups_claim,
        second_factor_values=frozenset(wanted.second_factor_values),
        inward_hosts=frozenset(wanted.inward_hosts),
    )
    return ProviderSignIn(OidcProvider(client), Directory(wanted.tenant, roles, frozenset(ROLES), facilities))
