"""Builds what works on appeals from settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .language_models import language_gateway
from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.appeals import Means
    from claimwright.platform.access import Access
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.jobs import Jobs
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings


def appeal_means(settings: Settings, database: Database, sealer: Sealer | None = None) -> Means:
    """What the stages of appeals work with. A language model drafts if the settings name a provider.

    Raises:
        PhiError: the keys can't be loaded.
        ObjectError: object storage can't be used.
    """
    from claimwright.features.appeals import Means, ModelDrafter
    from claimwright.platform.objects import open_objects
    from claimwright.platform.observability import METRICS

    sealer, shelf = sealer or open_sealer(settings, database), open_objects(settings)
    means = replace(Means.by_rules(database, sealer, shelf), tell_seconds=METRICS().stage)
    gateway = language_gateway(settings, database, sealer)
    return means if gateway is None else means.by_model(ModelDrafter(gateway, database, shelf))


def appeal_jobs(settings: Settings, database: Database, sealer: Sealer | None = None) -> Jobs:
    """The queue of appeals to draft, of all tenants. Call its `work`.

    Raises:
        PhiError, ObjectError: keys or object storage can't be used; when a job runs.
    """
    from claimwright.features.appeals import StageFailedError, register_drafting, run_case, tell_stalled
    from claimwright.platform.jobs import Jobs

    def work(caller: Caller, case_id: int) -> None:
        with database.transaction(caller) as connection:
            wanted = settings.appeals
            tell_stalled(caller, connection, minutes=wanted.stalled_minutes, targets=wanted.stalled_targets)
        try:
            run_case(caller, appeal_means(settings, database, sealer), case_id)
        except StageFailedError:
            # The case has the reason. Another attempt would fail as well.
            return

    return register_drafting(Jobs(database.address), work)


def withheld_from_terminal(
    caller: Caller, access: Access, connection: Connection, sealer: Sealer, claim_key: int
) -> str | None:
    """Why letters and documents of a claim are withheld from the account of this process; None if they are
    not.
    """
    from claimwright.features.claims import kinds_shown

    from .claims import terminal_decision

    shown, why = kinds_shown(caller, connection, sealer, claim_key, terminal_decision(caller, access))
    return next((why[kind] for kind in ("narrative", "identity", "clinical") if not shown[kind]), None)
