"""Whether a document is of the time of a claim's service: a record of another year argues for nothing."""

from __future__ import annotations

import datetime

from claimwright.domain.batch import ClaimBatch

# A history of the year before supports a service, and so do results and reports of the weeks after it.
DAYS_BEFORE, DAYS_AFTER = 366, 92
TOO_FAR = "it is dated too far from the service: letters do not cite findings of it."


def is_of_service(dated_on: datetime.date | None, claim: ClaimBatch) -> bool:
    """Whether a document's date is near enough to the service; true if one of them is not known."""
    if dated_on is None or not len(claim):
        return True
    days = claim.lines["service_from_on"].drop_nulls()
    if not len(days):
        return True
    first, last = days.min(), days.max()
    assert isinstance(first, datetime.date) and isinstance(last, datetime.date)  # noqa: PT018
    return (
        first - datetime.timedelta(days=DAYS_BEFORE) <= dated_on <= last + datetime.timedelta(days=DAYS_AFTER)
    )
