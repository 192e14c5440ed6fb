"""What a message about alerts says: the figure, the group, how far, since when. Never a claim or a patient.

Numbers of fewer than 11 claims are left out, and so is a group whose name is no code, since a message leaves
the house.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from claimwright.features.analytics import figure_named
from claimwright.features.appeals import AppealCase
from claimwright.platform.disclosure import looks_like_phi
from claimwright.store.alerts import FigureAlert

_MOST_LISTED = 20
# Names of groups are codes of payers, facilities, specialties; a person's name or a sentence is none.
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,39}")
_SAFE_WORDS = frozenset({"age", "category", "cause", "department", "specialty", "form"})
_STATE = {
    "firing": "began", "reminded": "goes on", "escalated": "goes on, and nobody has acknowledged it",
    "resolved": "is over", "test": "is a test",
}  # fmt: skip


@dataclass(frozen=True)
class Message:
    """A message: a title of one line, the text, and the same as values for a program."""

    title: str
    text: str
    body: Mapping[str, Any]


def message_of(
    what: str, title: str, name: str, severity: str, incidents: Sequence[FigureAlert], *, link: str | None
) -> Message:
    """The message about alerts of one definition."""
    state = _STATE[what]
    count = f" ({len(incidents)} groups)" if len(incidents) > 1 else ""
    headline = f"[{severity}] {title}{count}: {state}"
    lines = [_line(each) for each in incidents[:_MOST_LISTED]]
    if len(incidents) > _MOST_LISTED:
        lines.append(f"and {len(incidents) - _MOST_LISTED} more.")
    if link:
        lines.append(link)
    return Message(
        headline,
        "\n".join([headline, *lines]),
        {
            "alert": name, "what": what, "severity": severity,
            "incidents": [_values(each) for each in incidents[:_MOST_LISTED]],
            "more": max(0, len(incidents) - _MOST_LISTED),
            **({"link": link} if link else {}),
        },
    )  # fmt: skip


def trial_message(target: str, *, link: str | None) -> Message:
    """The message that shows that a target can be reached."""
    text = f"This is a test of the target {target}. Nothing is wrong with any figure."
    return Message(
        "Claimwright: a test of alerts",
        "\n".join([text, *([link] if link else [])]),
        {"alert": None, "what": "test", "severity": "info", "incidents": [], "more": 0},
    )


def stalled_message(cases: Sequence[AppealCase], *, link: str | None) -> Message | None:
    """The message about cases of appeals that stand; None if all of them went on since."""
    standing = [case for case in cases if case.state == "in_progress"]
    if not standing:
        return None
    are = "appeal stands" if len(standing) == 1 else "appeals stand"
    headline = f"[warning] {len(standing)} {are}: no stage was done for a while"
    lines = [
        f"- appeal {case.case_id}, after {case.stage or 'it was opened'}, "
        f"since {case.changed_at:%m/%d/%Y %H:%M}"
        for case in standing[:_MOST_LISTED]
    ]
    if len(standing) > _MOST_LISTED:
        lines.append(f"and {len(standing) - _MOST_LISTED} more.")
    lines.append(
        "See whether `claimwright appeals work` runs; it is the part letters of `claimwright serve`."
    )
    return Message(
        headline,
        "\n".join([headline, *lines, *([f"{link}/appeals"] if link else [])]),
        {
            "alert": "appeals_stalled", "what": "stalled", "severity": "warning", "incidents": [],
            "appeals": [case.case_id for case in standing], "more": 0,
        },
    )  # fmt: skip


def group_text(dimensions: Sequence[str], series: Sequence[str]) -> str:
    """A group in words, such as "payer 12345"."""
    return ", ".join(
        f"{dimension.replace('_', ' ')} {_shown(dimension, value)}"
        for dimension, value in zip(dimensions, series, strict=True)
    )


def figure_text(unit: str, value: float) -> str:
    """A value in its unit."""
    if unit == "share":
        return f"{value:.1%}"
    if unit == "cents":
        return f"${value / 100:,.2f}"
    return f"{value:,.1f}" if value % 1 else f"{int(value):,}"


def _shown(dimension: str, value: str) -> str:
    is_plain = dimension in _SAFE_WORDS and re.fullmatch(r"[\w .,+/()-]{1,60}", value) is not None
    if (is_plain or _CODE.fullmatch(value)) and not looks_like_phi(value):
        return value
    return "(shown in the app)"


def _line(incident: FigureAlert) -> str:
    kpi = figure_named(incident.kpi)
    group = group_text(incident.dimensions, incident.series) or "all"
    days = _days(incident.begins, incident.ends)
    if incident.is_small:
        return f"- {group}, {days}: fewer than 11 claims, numbers are shown in the app only."
    if incident.value is None:
        return f"- {group}, {days}: no value."
    text = f"- {group}, {days}: {figure_text(kpi.unit, incident.value)}"
    if incident.usual is not None:
        text += f", usually about {figure_text(kpi.unit, incident.usual)}"
    elif incident.upper_limit is not None and incident.value > incident.upper_limit:
        text += f", limit {figure_text(kpi.unit, incident.upper_limit)}"
    elif incident.lower_limit is not None:
        text += f", limit {figure_text(kpi.unit, incident.lower_limit)}"
    return f"{text}, of {incident.items:,}."


def _days(begins: datetime.date, ends: datetime.date) -> str:
    return f"{ends:%m/%d/%Y}" if begins == ends else f"{begins:%m/%d/%Y} to {ends:%m/%d/%Y}"


def _values(incident: FigureAlert) -> dict[str, Any]:
    numbers = {
        "value": incident.value, "usual": incident.usual, "lower_limit": incident.lower_limit,
        "upper_limit": incident.upper_limit, "items": incident.items,
    }  # fmt: skip
    return {
        "incident_id": incident.incident_id, "kpi": incident.kpi, "state": incident.state,
        "group": {
            dimension: _shown(dimension, value)
            for dimension, value in zip(incident.dimensions, incident.series, strict=True)
        },
        "begins": incident.begins.isoformat(), "ends": incident.ends.isoformat(),
        "begun_at": incident.begun_at.isoformat(),
        **(dict.fromkeys(numbers) if incident.is_small else numbers),
    }  # fmt: skip
