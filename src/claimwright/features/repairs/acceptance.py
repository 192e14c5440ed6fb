"""How people answer to repairs: one that they decline fades; what they did by hand is shown to the next."""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.engines.rules import Confidence
from claimwright.platform.database import Connection
from claimwright.store.corrections import OfferCount, field_counts, offer_counts

from .views import Acceptance, FieldHistory, UsedValue

# A repair that is accepted less than every second time costs more looking than it saves typing; below twenty
# decisions, one person's day would decide.
_FEWEST_DECIDED, _LEAST_ACCEPTED = 20, 0.5
_MOST_FIELDS, _MOST_VALUES = 5, 3


def acceptance_of(connection: Connection, codes: Sequence[str]) -> dict[str, Acceptance]:
    """How often the repairs of these rules were offered and accepted; each of them is in it."""
    found = {each.code: each for each in offer_counts(connection, codes)}
    return {code: _acceptance(found.get(code, OfferCount(code, 0, 0, 0))) for code in codes}


def acceptances(connection: Connection) -> list[Acceptance]:
    """Every repair that was offered, most offered first."""
    return [_acceptance(each) for each in offer_counts(connection)]


def confidence_of(stated: Confidence, accepted: Acceptance) -> tuple[Confidence, bool]:
    """The confidence to show, and whether it is low because people decline the repair."""
    is_often_declined = (
        accepted.decided >= _FEWEST_DECIDED and accepted.rate is not None and accepted.rate < _LEAST_ACCEPTED
    )
    return ("low" if is_often_declined else stated), is_often_declined


def field_history(connection: Connection, codes: Sequence[str]) -> list[FieldHistory]:
    """What people changed by hand for findings of these rules, most frequent first, a few of each rule."""
    times: dict[tuple[str, str, str], int] = {}
    values: dict[tuple[str, str, str], list[UsedValue]] = {}
    for each in field_counts(connection, codes):
        key = each.code, each.field, each.level
        times[key] = times.get(key, 0) + each.times
        if each.value is not None:
            values.setdefault(key, []).append(UsedValue(each.value, each.times))
    found: list[FieldHistory] = []
    for code in codes:
        of_code = sorted((key for key in times if key[0] == code), key=lambda key: (-times[key], key[1]))
        found += [
            FieldHistory(*key, times[key], values.get(key, [])[:_MOST_VALUES])
            for key in of_code[:_MOST_FIELDS]
        ]
    return found


def _acceptance(counted: OfferCount) -> Acceptance:
    rate = counted.rate
    return Acceptance(
        counted.code, counted.offered, counted.decided, counted.accepted,
        None if rate is None else round(rate, 4),
    )  # fmt: skip
