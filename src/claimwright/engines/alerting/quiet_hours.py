"""Quiet hours: until when a message waits, by the clock of a place, also where the clock is put forward or
back.
"""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from .definition import QuietHours, Severity

_QUARTER = datetime.timedelta(minutes=15)
# No quiet time is longer: six quiet days and their hours.
_LONGEST = datetime.timedelta(days=8)


def quiet_until(
    quiet: QuietHours | None, now: datetime.datetime, severity: Severity
) -> datetime.datetime | None:
    """The instant (UTC) until which nobody is told; None if it is not quiet.

    Local time is followed instant by instant, so that a day of 23 or 25 hours is as long as it is: an hour
    that clocks skip is over at once, one that they repeat is quiet both times.
    """
    if quiet is None or (severity == "critical" and not quiet.critical_too) or not _is_quiet(quiet, now):
        return None
    at = _next_quarter(now)
    last = now + _LONGEST
    while _is_quiet(quiet, at):
        if at > last:
            return last
        at += _QUARTER
    # The exact minute in the quarter of an hour before.
    minute = at - _QUARTER
    while _is_quiet(quiet, minute):
        minute += datetime.timedelta(minutes=1)
    return minute


def _next_quarter(now: datetime.datetime) -> datetime.datetime:
    whole = now.astimezone(datetime.UTC).replace(second=0, microsecond=0)
    return whole + datetime.timedelta(minutes=15 - whole.minute % 15)


def _is_quiet(quiet: QuietHours, at: datetime.datetime) -> bool:
    local = at.astimezone(ZoneInfo(quiet.time_zone))
    if local.weekday() in quiet.quiet_days:
        return True
    if quiet.begins is None or quiet.ends is None:
        return False
    clock = local.time()
    if quiet.begins < quiet.ends:
        return quiet.begins <= clock < quiet.ends
    return clock >= quiet.begins or clock < quiet.ends
