"""What many lists are limited to in the same way: one facility, and days from the first to the last."""

from __future__ import annotations

import datetime
from typing import Annotated

from fastapi import Header, Query
from pydantic import Field

OneFacility = Annotated[
    str | None, Query(pattern=r"^[\w.-]{1,64}$", description="Of this facility only. Default: all of yours.")
]
# Days that every machine can compute with: before and after them there is room for sums.
FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)
Day = Annotated[datetime.date, Query(ge=FIRST_DAY, le=LAST_DAY)]
BodyDay = Annotated[datetime.date, Field(ge=FIRST_DAY, le=LAST_DAY)]
IfMatch = Annotated[str | None, Header(description="The ETag of what was read.")]
