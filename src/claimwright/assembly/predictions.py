"""Builds from settings: the model registry, the review policy, the champion behind a breaker, prediction
jobs.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.domain.batch import ClaimBatch
    from claimwright.domain.caller import Caller
    from claimwright.engines.prediction import Model, Past, ReviewPolicy
    from claimwright.features.pipeline import PredictorWithBreaker
    from claimwright.features.prediction import Registry, StoredPast
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.jobs import Jobs
    from claimwright.platform.settings import Settings

# The measures change daily, with remittances; computing them scans predictions and outcomes.
MEASURED_EVERY_SECONDS, _MEASURED_DAYS = 300, 90


def registry_for(settings: Settings, tenant: str) -> Registry:
    """The model registry of a tenant: its own folder, or that of the installation."""
    from claimwright.features.prediction import Registry, models_folder

    return Registry(models_folder(settings.home, tenant))


def has_own_models(settings: Settings, tenant: str) -> bool:
    """Whether a tenant has a folder of models of its own, and does not use that of the installation."""
    return registry_for(settings, tenant).folder != settings.home / "models"


def review_policy_for(settings: Settings, tenant: str) -> ReviewPolicy:
    """The policy that decides from which denial probability a person reviews a claim.

    Raises:
        PolicyError: the policy file in the settings can't be used.
    """
    from claimwright.features.prediction import review_policy

    wanted = settings.pipeline
    return review_policy(
        settings.prediction.review_policy,
        tenant,
        probability=wanted.review_probability,
        confidence_floor=wanted.confidence_floor,
    )


def make_predictor(
    caller: Caller,
    settings: Settings,
    database: Database,
    as_of: datetime.date,
    past: StoredPast,
    *,
    notify: Callable[[str], None] = lambda _: None,
) -> PredictorWithBreaker | None:
    """The champion behind a breaker; None if there is no champion, so that only the rules decide.

    `notify` is called for whatever can't be used; the work continues. Without a champion, only the rules
    decide; without a claim history, rates are those at the end of training.

    Raises:
        PolicyError: the review policy can't be used.
    """
    from claimwright.features.pipeline import TRANSIENT, PredictorWithBreaker
    from claimwright.features.prediction import RegistryError, load_champion_predictor, models_folder
    from claimwright.platform.breakers import Breaker, database_notifier_of

    policy = review_policy_for(settings, caller.tenant)
    try:
        champion = load_champion_predictor(
            models_folder(settings.home, caller.tenant),
            as_of,
            policy,
            damaged=lambda problem: notify(f"a shadow is left out: {problem}"),
        )
    except RegistryError as problem:
        notify(f"no predictions, only rules decide: {problem}")
        return None
    if champion is None:
        return None
    try:
        champion = champion.with_past(past.of(champion.models, as_of))
    except TRANSIENT:
        raise
    except Exception as problem:  # noqa: BLE001 - predictions are poorer without a past; claims must go on
        # Only the class: a message could contain a value.
        notify(f"predictions have no claim history: {type(problem).__name__}")
    wanted = settings.pipeline
    breaker = Breaker(
        "model", wanted.breaker_failures, wanted.breaker_seconds, database_notifier_of(caller, database)
    )
    return PredictorWithBreaker(champion, breaker)


def measure_predictions(caller: Caller, settings: Settings, connection: Connection) -> None:
    """Update the metrics of recent prediction quality. A champion that can't be read has no drift metrics."""
    from claimwright.features.prediction import RegistryError, publish_metrics
    from claimwright.foundation import clock

    try:
        champion = registry_for(settings, caller.tenant).champion()
    except RegistryError:
        champion = None
    publish_metrics(connection, champion, today=clock.today(), days=_MEASURED_DAYS)


def prediction_jobs(settings: Settings, database: Database, *, models: Path | None = None) -> Jobs:
    """The queue of prediction jobs of all tenants, with their predictors. Call its `work`."""
    from claimwright.features.prediction import register_job
    from claimwright.platform.jobs import Jobs

    pasts: dict[str, StoredPast] = {}

    def work(caller: Caller, job_id: int) -> None:
        _predict(caller, settings, database, models, job_id, pasts)

    return register_job(Jobs(database.address), work)


def _predict(
    caller: Caller,
    settings: Settings,
    database: Database,
    models: Path | None,
    job_id: int,
    pasts: dict[str, StoredPast],
) -> None:
    from claimwright.features.prediction import PredictionJobs, Registry, StoredJobs, StoredPast, run_job

    sealer = open_sealer(settings, database)
    store = StoredJobs(caller, database, sealer)
    past = pasts.setdefault(caller.tenant, StoredPast(caller, database, sealer))

    def known(name: str, model: Model, day: datetime.date, batch: ClaimBatch) -> Past | None:
        return past.of({name: model}, day, batch, but=batch.claims["claim"].to_list()).get(name)

    registry = Registry(models) if models is not None else registry_for(settings, caller.tenant)
    policy = review_policy_for(settings, caller.tenant)
    run_job(PredictionJobs(store, registry, store.claim, policy, known), store, job_id)
