"""The facts, one entry each: what a row says, what its measures are, and by what it can be broken down.

`items` counts; `cents` are whole cents; the other measures are named where a fact has them.
"""

from __future__ import annotations

from dataclasses import dataclass

from .rollup import OF_CLAIM

_DENIAL = ("category", "cause", "department")
_APPEAL = (*_DENIAL, "level")


@dataclass(frozen=True)
class Fact:
    """One fact. `valid_on` says which day it belongs to; `quantity` and `lines` are empty if it has none."""

    name: str
    says: str
    valid_on: str
    cents: str = ""
    quantity: str = ""
    lines: str = ""
    dimensions: tuple[str, ...] = OF_CLAIM
    is_balance: bool = False


def _denied(name: str, says: str) -> Fact:
    return Fact(
        name, says, "the payment date of the initial answer", "denied", lines="lines denied",
        dimensions=(*OF_CLAIM, *_DENIAL),
    )  # fmt: skip


def _decided(name: str, says: str) -> Fact:
    return Fact(
        name, says, "the day of the decision", "denied", "days since the denial",
        dimensions=(*OF_CLAIM, *_DENIAL),
    )  # fmt: skip


def _appealed(name: str, says: str) -> Fact:
    return Fact(
        f"appeal_{name}", says, "the day of the decision", "in dispute; net_cents: received",
        "days since it was sent", dimensions=(*OF_CLAIM, *_APPEAL),
    )  # fmt: skip


def _done(name: str, says: str, cents: str = "", quantity: str = "", *, staff: bool = True) -> Fact:
    dimensions = (*OF_CLAIM, "category", *(("staff",) if staff else ()))
    return Fact(name, says, "the day on which it was done", cents, quantity, dimensions=dimensions)


def _authorized(name: str, says: str, unit: str = "days") -> Fact:
    return Fact(
        f"authorization_{name}", f"{says} (prior authorization)", "the day of the decision", "asked for",
        f"{unit} from the request to the decision",
    )  # fmt: skip


FACTS = {
    each.name: each
    for each in (
        Fact(
            "received_clean",
            "a claim came in without a finding that blocks or warns",
            "the day of arrival",
            "charged; net_cents: expected of it",
            "days since the last service",
            "service lines",
        ),
        Fact(
            "received_flawed",
            "a claim came in with such a finding",
            "the day of arrival",
            "charged; net_cents: expected of it",
            "days since the last service",
            "service lines",
        ),
        Fact(
            "processed_in_time",
            "a version of a claim was processed within 24 hours of its arrival",
            "the day of arrival",
            "charged",
            "minutes until it was processed",
            "service lines",
        ),
        Fact(
            "processed_late",
            "a version of a claim was processed later",
            "the day of arrival",
            "charged",
            "minutes until it was processed",
            "service lines",
        ),
        Fact(
            "submitted",
            "a claim was sent for the first time",
            "the day on which it was sent",
            "charged",
            "days since the last service",
            "service lines",
        ),
        Fact(
            "submitted_undated",
            "a claim was sent, on a day that is known from its payment only",
            "the first payment date",
            "charged",
            "days since the last service",
            "service lines",
        ),
        Fact("resubmitted", "a later version of a claim was sent", "the day on which it was sent", "charged"),
        Fact(
            "answered_paid",
            "the first payer answered a claim for the first time, and paid something",
            "the payment date",
            "charged",
            lines="lines answered",
        ),
        Fact(
            "answered_unpaid",
            "the first payer answered a claim for the first time, and paid nothing",
            "the payment date",
            "charged",
            lines="lines answered",
        ),
        Fact(
            "answered_after",
            "a claim whose submission is dated was answered for the first time",
            "the payment date",
            "charged",
            "days since sent",
        ),
        _denied(
            "denied", "the initial answer denied something; the largest denial of a claim counts as item"
        ),
        _denied("denied_unpaid", "the initial answer denied something and paid nothing"),
        _denied("denied_preventable", "a denial of the initial answer whose cause is preventable"),
        _denied(
            "denied_authorization", "a denial of the initial answer for a missing authorization or referral"
        ),
        Fact(
            "resolved_first_pass",
            "the initial answer denied nothing, and no later version was sent before",
            "the payment date",
            "charged",
        ),
        Fact(
            "rejected",
            "a claim was rejected before adjudication (277CA, 999)",
            "the day of the rejection",
            "charged",
            dimensions=(*OF_CLAIM, *_DENIAL),
        ),
        Fact(
            "payment_wait",
            "a claim was paid; by the days that it took (`wait_days`)",
            "the day on which it was sent",
            "charged",
            "days",
        ),
        Fact(
            "paid_after",
            "a claim was paid for the first time",
            "the payment date",
            "charged",
            "days since sent",
        ),
        Fact(
            "ar_insurance",
            "payers owe, or deny, something of a claim",
            "the day of the change",
            "gross; net_cents: as far as expected",
            is_balance=True,
        ),
        Fact(
            "ar_patient",
            "the patient owes something of a claim",
            "the day of the change",
            "gross; net_cents: the same",
            is_balance=True,
        ),
        Fact(
            "credit",
            "more was paid of a claim than was owed",
            "the day of the change",
            "in credit",
            is_balance=True,
        ),
        Fact(
            "unbilled",
            "a claim came in and is not sent",
            "the day of the change",
            "charged; net_cents: as far as expected",
            is_balance=True,
        ),
        Fact("cash_payer", "payments of payers were applied to a claim", "the payment date", "paid"),
        Fact(
            "cash_patient",
            "a patient paid, later than seven days after the service",
            "the day of posting",
            "paid",
        ),
        Fact(
            "cash_patient_at_service",
            "a patient paid by the seventh day after the service",
            "the day of posting",
            "paid",
        ),
        Fact("contractual", "charges were given up by contract or law", "the payment date", "given up"),
        Fact("written_off_denied", "a denied amount was written off", "the day of posting", "written off"),
        Fact(
            "written_off_patient",
            "an amount that a patient owed was written off",
            "the day of posting",
            "written off",
        ),
        Fact(
            "written_off_payer",
            "an amount that a payer owed was written off",
            "the day of posting",
            "written off",
        ),
        Fact("refunded", "something was paid back", "the day of posting", "paid back"),
        _decided("denial_appealed", "a denial was appealed"),
        _decided("denial_resent", "a denial was corrected and sent again"),
        _decided("denial_won", "the payer paid a denial after all"),
        _decided("denial_lost", "the payer kept its decision"),
        _decided("denial_resolved", "a denial was won, lost, billed on or written off"),
        _appealed("won", "a payer decided an appeal for us, or in part"),
        _appealed("lost", "a payer decided an appeal against us"),
        Fact("underpaid", "a payer paid less than was expected", "the payment date", "missing"),
        Fact("underpaid_recovered", "some of it came later", "the later payment date", "received"),
        _done("touch", "a person did something with a work item"),
        _done("item_done", "a work item was finished", "at stake", "minutes since it was opened"),
        _done("work_returned", "an approval was refused or the work came back; counts for who did it before"),
        _done("touch_time", "a person began and went on with an item", "", "minutes in between"),
        Fact(
            "open_item",
            "a work item is open",
            "the day of the change",
            "at stake",
            dimensions=(*OF_CLAIM, "category"),
            is_balance=True,
        ),
        _authorized("standard_approved", "a standard request was approved by its first decision"),
        _authorized(
            "standard_denied", "a standard request was denied, whole or in part, by its first decision"
        ),
        _authorized("standard_overturned", "a standard request that was denied was approved after an appeal"),
        _authorized("extended_approved", "a request was approved after its time for review was extended"),
        _authorized("expedited_approved", "an expedited request was approved by its first decision", "hours"),
        _authorized(
            "expedited_denied",
            "an expedited request was denied, whole or in part, by its first decision",
            "hours",
        ),
        _authorized(
            "standard_wait", "a standard request was decided; by the days that it took (`wait_days`)"
        ),
        _authorized(
            "expedited_wait",
            "an expedited request was decided; by the hours that it took (`wait_days`)",
            "hours",
        ),
        Fact(
            "cost",
            "the cost of collecting, as it was entered",
            "the first day of the month",
            "cost",
            dimensions=(),
        ),
    )
}
MEASURE_WORDS = {
    "items": "how many, with its sign", "cents": "whole cents, with their sign",
    "net_cents": "the same as far as a payer is expected to pay it", "lines": "service lines",
    "quantity": "days or minutes, as the fact says",
}  # fmt: skip


def definition_mark() -> str:
    """What the facts are made by: another mark, and all of them are made anew."""
    return "5"
