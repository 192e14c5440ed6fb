"""What runs ask of predictions: the champion with its shadows, what they know of the past, how they did."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from .model_options import policy_of
from .terminal import err

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.pipeline import PredictorWithBreaker
    from claimwright.features.prediction import StoredPast
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.settings import Settings

# How predictions did changes with remittances, by the day; asking costs a scan of what was said and answered.
MEASURED_EVERY_SECONDS, _MEASURED_DAYS = 300, 90


def predictor_of(
    caller: Caller, settings: Settings, database: Database, as_of: datetime.date, past: StoredPast
) -> PredictorWithBreaker | None:
    """The champion behind a breaker; none where there is none, so that rules decide alone.

    A champion that can't be read is said, and stops nothing: claims go on by the rules. Where the past can't
    be read, rates are those of the end of training.
    """
    from claimwright.features.pipeline import TRANSIENT, PredictorWithBreaker
    from claimwright.features.prediction import RegistryError, load_champion_predictor, models_folder
    from claimwright.platform.breakers import Breaker, told_in

    def left_out(problem: str) -> None:
        err.print(f"a shadow is left out: {problem}", markup=False, soft_wrap=True)

    try:
        folder = models_folder(settings.home, caller.tenant)
        champion = load_champion_predictor(
            folder, as_of, policy_of(settings, caller.tenant), damaged=left_out
        )
    except RegistryError as problem:
        err.print(f"no prediction, rules decide alone: {problem}", markup=False, soft_wrap=True)
        return None
    if champion is None:
        return None
    try:
        champion = champion.knowing(past.of(champion.models, as_of))
    except TRANSIENT:
        raise
    except Exception as problem:  # noqa: BLE001 - predictions are poorer without a past; claims must go on
        # The class alone: a message may hold a value.
        err.print(f"the past is not known to predictions: {type(problem).__name__}", markup=False)
    wanted = settings.pipeline
    breaker = Breaker("model", wanted.breaker_failures, wanted.breaker_seconds, told_in(caller, database))
    return PredictorWithBreaker(champion, breaker)


def measure_predictions(caller: Caller, settings: Settings, connection: Connection) -> None:
    """How predictions did lately; a champion that can't be read has no drift, which is said elsewhere."""
    from claimwright.features.prediction import Registry, RegistryError, measure, models_folder
    from claimwright.foundation import clock

    try:
        champion = Registry(models_folder(settings.home, caller.tenant)).champion()
    except RegistryError:
        champion = None
    measure(connection, champion, today=clock.today(), days=_MEASURED_DAYS)
