"""Payer policies as governed files: those that ship, and a tenant's own, which go before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from claimwright.domain.payer_policies import PayerPolicy
from claimwright.engines.criteria import read_policy
from claimwright.engines.evidence import concepts, measurements
from claimwright.payer_policies import packaged_policies
from claimwright.platform.database import Connection
from claimwright.store import governed_files as rows

from .texts import Gets, stored_text

POLICY = "policy"


@cache
def shipped_policies() -> Mapping[str, PayerPolicy]:
    """The policies that ship with the package, by id.

    Raises:
        PayerPolicyError: one of them can't be used.
    """
    made = [check_policy(text, name) for name, text in packaged_policies().items()]
    return {each.id: each for each in made}


def check_policy(text: str, source: str) -> PayerPolicy:
    """The policy in a text.

    Raises:
        PayerPolicyError: it can't be used; the message says why.
    """
    return read_policy(text, source, concepts=concepts(), measurements=measurements())


def active_policies(connection: Connection, shelf: Gets) -> list[PayerPolicy]:
    """The policies in use: the tenant's active versions, and what ships otherwise.

    Raises:
        GovernedFileError, PayerPolicyError: an active version can't be read, or is not what was approved.
    """
    own = rows.list_versions(connection, POLICY, states=("active",))
    made = {each.file_id: check_policy(stored_text(shelf, each), each.file_id) for each in own}
    return list(({**shipped_policies(), **made}).values())
