"""The services of the routes: created once with the application, shared by all requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from claimwright.assembly.checkers import make_checker, stored_waivers
from claimwright.assembly.intakes import make_intake
from claimwright.assembly.remittances import make_remittance_poster
from claimwright.assembly.repairs import make_repair_desk, make_repair_proposer
from claimwright.assembly.sign_in import ProviderSignIn, provider_sign_in
from claimwright.assembly.stores import open_sealer, open_store
from claimwright.foundation import clock
from claimwright.platform.access import Access
from claimwright.platform.virus_scanner import VirusScanner

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.checking import Checker
    from claimwright.features.intake import Intake, SmallFiles
    from claimwright.features.remittance import RemittancePoster
    from claimwright.features.repairs import RepairDesk, RepairProposer
    from claimwright.platform.database import Database
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings


@dataclass
class Services:
    """The store, the keys, the policies; and objects that are created on first use."""

    settings: Settings
    database: Database
    sealer: Sealer
    access: Access

    @classmethod
    def over(cls, settings: Settings, database: Database) -> Services:
        """The services over an open store.

        Raises:
            PhiError, AccessPolicyError, GroupRolesError: keys, policies or group roles are not available.
        """
        made = cls(settings, database, open_sealer(settings, database), Access(settings.api.policies))
        # A wrong role in the settings is reported at the start, not at the first sign-in.
        _ = made.sign_in
        return made

    @cached_property
    def intake(self) -> Intake:
        """The intake of files."""
        return make_intake(self.settings, self.database)

    @cached_property
    def small_files(self) -> SmallFiles:
        """Where small files wait for their turn of intake."""
        from claimwright.features.intake import SmallFiles

        return SmallFiles(lambda: self.intake)

    @cached_property
    def remittances(self) -> RemittancePoster:
        """The poster of remittances."""
        return make_remittance_poster(self.settings, self.database)

    @cached_property
    def repairs(self) -> RepairDesk:
        """Where claims are corrected; the rules of the day are kept ready."""
        return make_repair_desk(self.settings, self.database)

    @cached_property
    def repair_proposer(self) -> RepairProposer | None:
        """What asks a language model for repairs; None where the settings do not allow it."""
        return make_repair_proposer(self.settings, self.repairs)

    @cached_property
    def sign_in(self) -> ProviderSignIn | None:
        """The sign-in provider of the settings; None if they name none.

        Raises:
            GroupRolesError: a group has a role that does not exist.
        """
        return provider_sign_in(self.settings)

    @cached_property
    def scanner(self) -> VirusScanner | None:
        """The virus scanner of the settings; None if they name none."""
        wanted = self.settings.scanner
        if wanted.url is None:
            return None
        return VirusScanner(wanted.url, wanted.timeout_seconds, wanted.largest_bytes)

    def checker(self, caller: Caller) -> Checker:
        """A new checker for today, without any state, with the waivers of the caller's tenant."""
        day = clock.today()
        return make_checker(day, stored=stored_waivers(caller, self.database, day))


@contextmanager
def opened_services(settings: Settings) -> Iterator[Services]:
    """The services over an open store.

    Raises:
        DatabaseError, PhiError, AccessPolicyError: the store, the keys or the policies are not available.
    """
    with open_store(settings) as database:
        yield Services.over(settings, database)
