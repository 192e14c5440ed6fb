"""The reasons for a claim's probability: one per subject, each with its role.

What the model adds up is divided among subjects. Whether a subject is a cause of denials is a question of its
own, answered by the payer's decisions: the model's sum only says in which order they are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from claimwright.engines.prediction.catalogue import NAMES
from claimwright.engines.prediction.combining import CauseEvidence
from claimwright.engines.prediction.encoding import Real
from claimwright.engines.prediction.terms import TermTables

from .subjects import ALL_CAUSES, GENERAL, PARTS_OF_GENERAL, SUBJECT_OF_CATEGORY, subject_of

# A demand is a cause if it is believed at least so much; less belief makes a hint.
CERTAIN = 0.65
# A share of the weight of a service's denials.
_GOOD_PART = 0.5


class Role(StrEnum):
    """What a reason is to whoever works on the claim."""

    # The payer denies claims like this one for it.
    CAUSE = "cause"
    # As a cause, but it was seen very few times.
    HINT = "hint"
    # It raises the probability in the model, and the payer's decisions do not support it for this claim.
    DOUBTFUL = "doubtful"
    # True of many claims; nothing to check or change: the payer, the patient's age, the month.
    BACKGROUND = "background"
    # It makes a denial less likely.
    LOWERS = "lowers"


@dataclass(frozen=True)
class Reason:
    """What one subject adds to a claim's score.

    Attributes:
        subject: what it is about.
        words: what the payer did, or what the claim has, as a sentence.
        log_odds: what its terms contribute together; above 0 they make denial likelier.
        otherwise: the denial probability of the claim without this reason.
        role: what it is to whoever works on the claim.
        next_step: what to check or enter; empty if there is nothing to do.
        title: a cause in a few words; empty for other reasons.
        is_fixable: whether something can be added to the claim that removes it.
        is_sure: whether the decisions support it as a cause beside another one.
        share: how often such claims were denied for it; 1 if that is unknown.
        condition: what was looked up: the name of an encoding, `duplicate`, or `bundling`; empty for none.
        service: the procedure or revenue code of the line that it is about; None if it is about the claim.
        also: another condition that may explain the same denials; empty for none.
        is_given: whether the claim has what such denials are about, such as an authorization number.
        certainty: how likely the payer has such a demand in force by its decisions; 1 if it is not weighed.
    """

    subject: str
    words: str
    log_odds: float
    otherwise: float
    role: Role = Role.BACKGROUND
    next_step: str = ""
    is_fixable: bool = False
    title: str = ""
    share: float = 1.0
    is_sure: bool = True
    condition: str = ""
    service: str | None = None
    also: str = ""
    is_given: bool = False
    certainty: float = 1.0

    @property
    def is_certain(self) -> bool:
        """Whether the payer probably has such a demand in force."""
        return self.certainty >= CERTAIN

    @property
    def is_cause(self) -> bool:
        """Whether the payer's decisions support it as a cause."""
        return self.role in (Role.CAUSE, Role.HINT)


def parts_of(
    terms: TermTables, parts: Real, causes: CauseEvidence, row: int, *, is_corrected: bool
) -> list[tuple[str, str, float]]:
    """The subjects of a claim, each with its largest feature and its sum; largest first.

    The claim that a correction replaces was sent before: for one that `is_corrected`, both are one subject.
    """
    features = [[NAMES[each] for each in term.features] for term in terms.terms]
    alone = {names[0]: float(part) for names, part in zip(features, parts, strict=True) if len(names) == 1}
    summed: dict[str, float] = {}
    weight: dict[str, dict[str, float]] = {}
    for names, part in zip(features, parts, strict=True):
        subject = subject_of(names, alone)
        name = max(names, key=lambda each: abs(alone.get(each, 0.0)))
        if is_corrected and subject == "duplicate":
            subject, name = "correction", "is_corrected"
        summed[subject] = summed.get(subject, 0.0) + float(part)
        of_subject = weight.setdefault(subject, {})
        of_subject[name] = of_subject.get(name, 0.0) + float(part)
    _divide(summed, weight, causes, row)
    _fold(summed)
    found = [
        (subject, max(weight[subject], key=lambda name: _leads(weight[subject][name], total)), total)
        for subject, total in summed.items()
    ]
    return sorted(found, key=lambda each: -abs(each[2]))


def _divide(
    summed: dict[str, float], weight: dict[str, dict[str, float]], causes: CauseEvidence, row: int
) -> None:
    """Divide what all causes add up to among the causes that raise it, or lower it, by how much they do."""
    total = summed.pop(ALL_CAUSES, 0.0)
    weight.pop(ALL_CAUSES, None)
    if not total:
        return
    parts = {category: float(values[row]) for category, values in causes.weight.items()}
    share = {category: value for category, value in parts.items() if value * total > 0}
    # Nothing points that way: then every cause is a little less, or more, likely than usual.
    share = share or dict.fromkeys(parts, 1.0)
    whole = sum(abs(value) for value in share.values())
    for category, value in share.items():
        subject, name = SUBJECT_OF_CATEGORY[category], causes.feature[category][row]
        part = total * abs(value) / whole
        summed[subject] = summed.get(subject, 0.0) + part
        of_subject = weight.setdefault(subject, {})
        of_subject[name] = of_subject.get(name, 0.0) + part


def _leads(part: float, total: float) -> float:
    """How well a feature represents its subject; a feature with the opposite sign does not represent it."""
    return part if total > 0 else -part


def _fold(summed: dict[str, float]) -> None:
    """Move the denials of a service to their cause, if the cause explains a large part of them.

    They are the same denials, counted once for the service and again for their cause.
    """
    general = summed.get(GENERAL, 0.0)
    causes = [name for name in summed if name in PARTS_OF_GENERAL and summed[name] * general > 0]
    if not causes:
        return
    cause = max(causes, key=lambda name: abs(summed[name]))
    if abs(summed[cause]) >= _GOOD_PART * abs(general):
        summed[cause] += summed.pop(GENERAL)
