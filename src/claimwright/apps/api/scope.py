"""What many lists are limited to in the same way: one facility, and days from the first to the last."""

from __future__ import annotations

import datetime
from typing import Annotated

from fastapi import Query

OneFacility = Annotated[
    str | None, Query(pattern=r"^[\w.-]{1,64}$", description="Of this facility only. Default: all of yours.")
]
# Days that every machine can compute with.
Day = Annotated[datetime.date, Query(ge=datetime.date(1900, 1, 1), le=datetime.date(2100, 1, 1))]
