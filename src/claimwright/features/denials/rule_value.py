"""What rules are worth: which findings at submission predicted which denials, and what was prevented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from claimwright.domain.caller import Caller
from claimwright.platform.database import Connection
from claimwright.store.rule_value import RuleValueCounts, count_rule_value


@dataclass(frozen=True)
class RuleValue:
    """What one rule's findings came to, by claim; findings under a waiver do not count.

    Of the `answered` claims with a finding, `denied` were denied for any reason, and `named` for a cause of
    which the rule is one; `precision` is denied of answered, null if none was answered. `missed` claims were
    denied for such a cause without a finding of the rule. `corrected` claims did not leave with the finding.

    `dollars_prevented` is an estimate: the amount of corrected claims times the precision.
    """

    code: str
    findings: int
    answered: int
    denied: int
    precision: float | None
    dollars_denied: Decimal
    named: int
    dollars_named: Decimal
    missed: int
    dollars_missed: Decimal
    corrected: int
    dollars_corrected: Decimal
    dollars_prevented: Decimal | None


def rule_values(
    caller: Caller,  # noqa: ARG001 - like every function of a feature; the connection acts for the caller
    connection: Connection,
    *,
    facilities: Sequence[str] | None = None,
) -> list[RuleValue]:
    """The value of each rule, those with most dollars denied and prevented first."""
    found = [_valued(each) for each in count_rule_value(connection, facilities=facilities)]
    return sorted(found, key=lambda each: (-(each.dollars_denied + (each.dollars_prevented or 0)), each.code))


def _valued(counts: RuleValueCounts) -> RuleValue:
    prevented = None
    if counts.answered:
        # Whole cents, rounded half up.
        product = counts.corrected_cents * counts.denied
        prevented = _dollars((2 * product + counts.answered) // (2 * counts.answered))
    return RuleValue(
        code=counts.code, findings=counts.findings, answered=counts.answered, denied=counts.denied,
        precision=counts.denied / counts.answered if counts.answered else None,
        dollars_denied=_dollars(counts.denied_cents), named=counts.named,
        dollars_named=_dollars(counts.named_cents), missed=counts.missed,
        dollars_missed=_dollars(counts.missed_cents), corrected=counts.corrected,
        dollars_corrected=_dollars(counts.corrected_cents), dollars_prevented=prevented,
    )  # fmt: skip


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
