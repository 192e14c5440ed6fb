"""What the labels of claims withhold in lists: of claims whose labels make a difference, claim by claim."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from claimwright.domain.caller import Caller
from claimwright.platform.access import LABELS
from claimwright.platform.database import Connection
from claimwright.store.sealed_claims import Opens

from .finding_claims import labels_of_claims

# The kinds of field that a list shows of a claim.
KINDS_OF_LISTS = ("identity", "clinical")
# Why a kind of field is hidden of a claim with these labels; None if it is visible.
WhyWithheld = Callable[[str, Iterable[str]], str | None]


def always_withheld(why: WhyWithheld) -> dict[str, str]:
    """The kinds of field that are hidden whatever the labels, and why."""
    return {kind: reason for kind in KINDS_OF_LISTS if (reason := why(kind, ()))}


def withheld_by_claim(
    caller: Caller, connection: Connection, opener: Opens, keys: Iterable[int | None], why: WhyWithheld
) -> dict[int, dict[str, str]]:
    """What the labels of claims withhold, and why: kinds of field by claim. Claims are opened only for those
    to whom a label makes a difference.

    Raises:
        PhiError: a record can't be opened.
    """
    depends = any(
        why(kind, ()) is None and why(kind, [label]) is not None
        for kind in KINDS_OF_LISTS for label in LABELS
    )  # fmt: skip
    wanted = sorted({key for key in keys if key is not None}) if depends else []
    labels = labels_of_claims(caller, connection, opener, wanted) if wanted else {}
    hidden = {
        each: {kind: reason for kind in KINDS_OF_LISTS if (reason := why(kind, each))}
        for each in set(labels.values())
    }
    return {key: hidden[each] for key, each in labels.items() if hidden[each]}
