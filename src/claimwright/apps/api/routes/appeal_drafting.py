"""Drafting of appeals as a job: asked for, followed by its tracking id, gone on with after a failure."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import BodyDay
from claimwright.features.appeals import (
    MODEL,
    SAFETY_SECONDS,
    AppealCase,
    AppealTracking,
    StageFailedError,
    one_case,
    open_appeal,
    refresh_appeal,
    register_drafting,
    run_case,
    submit_drafting,
    track_appeal,
)
from claimwright.foundation import clock
from claimwright.platform.jobs import Jobs

from .appeals import means_of

if TYPE_CHECKING:
    from claimwright.features.appeals import Means
    from claimwright.platform.database import Connection

routes = Resource("drafting of appeals", "Drafting of appeals as a job with a tracking id")


class WantedAppeal(Body):
    """The denial to appeal."""

    denial_id: int = Field(ge=1)
    anyway: bool = Field(default=False, description="Even if it is not worth the work.")
    as_of: BodyDay | None = Field(default=None, description="The day to judge by. Default: today.")
    drafter: Literal["rules", "model"] | None = Field(
        default=None, description="Who writes. Default: the language model, if one is set up."
    )


@routes.post("/appeals", action="appeals.work", status=202, errors=("not_found", "unusable_input"))
def draft(asker: Asking, wanted: WantedAppeal) -> AppealCase:
    """Open the appeal of a denial and have its stages done. An open one is given back as it is.

    Where a language model writes, a worker does the stages: the answer is `in_progress`, and the tracking id
    tells how far it is. Without one the letter takes less than a second and is in the answer. A failed case
    goes on at its stage.
    """
    means = means_of(asker)
    if wanted.drafter is not None:
        means = means.drafted_by(wanted.drafter)
    with asker.services.database.transaction(asker.caller) as connection:
        case, _ = open_appeal(
            asker.caller, connection, wanted.denial_id, as_of=wanted.as_of or clock.today(),
            overruled=wanted.anyway, drafter=wanted.drafter, facilities=asker.facilities,
        )  # fmt: skip
        _queue(asker, connection, means, case)
    return _at_once(asker, means, case)


@routes.get("/appeals/tracking/{tracking_id}", action="appeals.list")
def tracking(asker: Asking, tracking_id: uuid.UUID) -> AppealTracking:
    """How far a case is: not_found, in_progress, completed, or failed with its stage and why."""
    with asker.services.database.transaction(asker.caller) as connection:
        return track_appeal(connection, tracking_id, facilities=asker.facilities)


@routes.post(
    "/appeals/{case_id}/refresh", action="appeals.work", status=202,
    errors=("state_conflict", "unusable_input"),
)  # fmt: skip
def refresh(asker: Asking, case_id: int) -> AppealCase:
    """Gather the facts and draft anew, after documents, findings or addresses changed: also a job."""
    means = means_of(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        refresh_appeal(asker.caller, connection, case_id, as_of=clock.today(), facilities=asker.facilities)
        case = one_case(connection, case_id)
        _queue(asker, connection, means, case)
    return _at_once(asker, means, case)


def _is_waited_for(means: Means, case: AppealCase) -> bool:
    """Whether the letter is written within the request: no model is asked, which may take minutes."""
    return (case.wanted_drafter or means.drafter) != MODEL


def _queue(asker: Asker, connection: Connection, means: Means, case: AppealCase) -> None:
    """Queue a case in the transaction that opened it, so that it is finished whatever becomes of this
    process.
    """
    if case.state == "in_progress":
        submit_drafting(
            asker.caller, connection, register_drafting(Jobs(asker.services.database.address)), case,
            after_seconds=SAFETY_SECONDS if _is_waited_for(means, case) else 0,
        )  # fmt: skip


def _at_once(asker: Asker, means: Means, case: AppealCase) -> AppealCase:
    if case.state != "in_progress" or not _is_waited_for(means, case):
        return case
    try:
        return run_case(asker.caller, means, case.case_id)
    except StageFailedError:
        # The case has the stage and the reason.
        with asker.services.database.transaction(asker.caller) as connection:
            return one_case(connection, case.case_id)
