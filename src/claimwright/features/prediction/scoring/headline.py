"""What is said first of a prediction: main causes, how much they explain, and what to do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from claimwright.engines.prediction.categories import WORDS

from .next_steps import LATE_CORRECTION, PART_B_CORRECTION, correction_step
from .reasons import Reason, Role

if TYPE_CHECKING:
    from .explanation import Explanation

# So many reasons are told, and so many causes are named at once.
MOST_TOLD, _MOST_NAMED = 6, 3
# From this chance on, coverage is checked though no cause is known.
_WORTH_A_CHECK = 0.1
# Above this chance a claim is not sent before a cause that can be settled is.
_LIKELY = 0.6
# The causes explain clearly less than half of what is above the payer's usual share.
_LITTLE, _LEAST_ABOVE = 0.5, 0.1
# So many points more than such claims are denied for the causes are told, whatever the payer's usual share.
_LEFT = 0.15
# What the payer denies in general is worth naming beside causes that explain less than this part.
_MOST_OF_IT = 0.5
# With any one of several causes settled, more than this part of the chance is left.
_MOST_LEFT = 0.6
# Days after the service from which on a correction may be past the payer's limit for corrections.
_LATE = 150
# What is said otherwise of a correction.
_AGAIN = {
    "Nothing to do before sending": "Nothing else to do before sending",
    "Send it after the check below": "After the check below, send it only if something on the earlier claim "
    "was wrong and is now right",
}
# What to check for a risk that the payer's decisions neither confirm nor rule out, by subject.
_CHECKS = {
    "authorization": " Look up whether the payer asks for an authorization of these services.",
    "timely filing": " Look up the payer's filing limit.",
    "medical necessity": " Check diagnoses and units of each line against record and policies.",
    "coding": " Check modifiers, places of service and the payer's bundling edits.",
    "coverage": " Look up the services among the patient's benefits.",
    "records": " Look up whether the payer wants records with such claims.",
    "other coverage": " Ask for other coverage.",
}
_NUMBERS = {2: "Two", 3: "Three"}


def headline_of(told: Explanation) -> str:
    """The main causes, or that there is none; whether the chance is doubtful; sentences with periods."""
    causes = [each for each in told.leading(MOST_TOLD) if each.is_cause]
    found = _causes(told, causes) if causes else [_of_none(told)]
    if causes and told.other_category is not None:
        named, rest = {each.subject for each in causes}, _without(told, causes)
        if told.other_subject not in named and rest > _MOST_OF_IT * told.probability:
            found.append(f"Also possible, by this payer's usual denials: {WORDS[told.other_category]}.")
    if causes and (part := _left_open(told, causes)):
        found.append(part)
    if told.rests_on_doubt:
        doubtful = next(each for each in told.reasons if each.role is Role.DOUBTFUL)
        found.append(_of_doubt(told, doubtful))
    if is_general_check(told):
        found.append(told.general_step)
    if told.cause is None and told.records_step:
        found.append(told.records_step)
    return " ".join(found)


def _of_none(told: Explanation) -> str:
    if told.rests_on_doubt:
        return f"No cause is certain. In general, {told.usual}."
    text = f"No single cause stands out. In general, {told.usual}"
    if not _is_unexplained(told):
        return f"{text}."
    return (
        f"{text}, many of them with a fault that this claim does not show: its own chance may be far below "
        f"{_points(told.probability)}%."
    )


def _of_doubt(told: Explanation, doubtful: Reason) -> str:
    left = _points(doubtful.otherwise)
    if not doubtful.words:
        check = _CHECKS.get(doubtful.subject, "")
        return (
            f"Most of the chance is a risk of denials over {doubtful.subject}, of which this payer's "
            f"decisions on such claims show nothing: it may be real.{check} Without that risk the chance is "
            f"about {left}%."
        )
    return (
        "Open question: whether the denials below that are called doubtful apply to this claim; the payer's "
        f"decisions do not tell. If they do, the chance is above {_points(told.probability)}%; if they do "
        f"not, it is about {left}%."
    )


def is_doubted(told: Explanation) -> bool:
    """Whether it says that the chance may be too high, or what it is if a cause of few decisions is none."""
    causes = [each for each in told.leading(MOST_TOLD) if each.is_cause]
    if causes:
        return told.rests_on_doubt or causes[0].role is Role.HINT or bool(_left_open(told, causes))
    return told.rests_on_doubt or _is_unexplained(told)


def _is_unexplained(told: Explanation) -> bool:
    """Whether no cause says why the chance is what it is: most such claims are denied more seldom."""
    if any(each.is_cause for each in told.leading(MOST_TOLD)):
        return False
    return told.probability > _WORTH_A_CHECK


def _causes(told: Explanation, causes: list[Reason]) -> list[str]:
    supported = [each for each in causes if each.role is Role.CAUSE][:_MOST_NAMED]
    known = [_title(told, each) for each in supported if not told.is_possible(each)]
    second = [_title(told, each) for each in supported if told.is_possible(each)]
    hints = [_title(told, each) for each in causes if each.role is Role.HINT][:_MOST_NAMED]
    found = []
    if len(known) > 1:
        found.append(f"{_NUMBERS[len(known)]} causes: {'; and '.join(('; '.join(known[:-1]), known[-1]))}.")
        if min(told.without(each) for each in supported) > _MOST_LEFT * told.probability:
            found.append("Settling only one of them leaves most of the chance.")
    elif known:
        is_main = not (_explains_little(told, causes) or _is_small(told, supported[0]))
        name = "Cause" if told.leads_by_hint else "Main cause" if is_main else "Known cause"
        found.append(f"{name}: {known[0]}.")
    if second:
        ordinal = "further" if len(known) > 1 else "second"
        found.append(f"Possible {ordinal} cause: {'; or '.join(second)}.")
    if hints:
        also = "Also a possible cause" if known and not told.leads_by_hint else "Possible cause"
        is_certain = all(each.is_certain for each in causes if each.role is Role.HINT)
        why = "seen in few decisions" if is_certain else "not certain"
        text = f"{also}, {why}: {'; or '.join(hints)}."
        if not known or told.leads_by_hint:
            left = [each for each in causes if each.role is not Role.HINT]
            rest = _without(told, [each for each in causes if each.role is Role.HINT])
            rest = min(max([rest, *(each.share for each in left)]), told.probability)
            text += f" If that is not it, the chance is about {_points(rest)}%."
        found.insert(0 if told.leads_by_hint else len(found), text)
    return found


def _is_small(told: Explanation, cause: Reason) -> bool:
    """Whether such claims are denied for a cause less than half as often as this claim is."""
    return cause.share < _LITTLE * told.probability


def _title(told: Explanation, cause: Reason) -> str:
    return cause.title or WORDS[told.kind or "other"]


def _without(told: Explanation, causes: list[Reason]) -> float:
    """The chance without these causes."""
    return told.scale.probability(told.score - sum(each.log_odds for each in causes))


def _share(told: Explanation, causes: list[Reason]) -> float:
    """The points that causes explain: no more than the share of such claims that were denied for them."""
    return min(told.probability - _without(told, causes), _denied_for(causes))


def _denied_for(causes: list[Reason]) -> float:
    """The share of such claims that are denied for any of the causes."""
    return 1 - math.prod(1 - each.share for each in causes)


def _explains_little(told: Explanation, causes: list[Reason]) -> bool:
    """Whether causes explain clearly less than half of what is above the payer's usual share."""
    above = told.probability - told.usual_rate
    return above >= _LEAST_ABOVE and _share(told, causes) < _LITTLE * above


def _left_open(told: Explanation, causes: list[Reason]) -> str:
    """What is said of the points that no cause explains; empty if they are few, or all causes are hints."""
    if all(each.role is Role.HINT for each in causes):
        return ""
    if not _explains_little(told, causes) and told.probability - _denied_for(causes) < _LEFT:
        return ""
    name, points = "That explains" if len(causes) == 1 else "These explain", _points(_share(told, causes))
    seen, lifted = _denied_for(causes), told.probability - _without(told, causes)
    if seen < lifted:
        # The causes carry the chance: how much, decisions and model say differently.
        return (
            f"Of such claims {_points(seen)}% were denied for {'it' if len(causes) == 1 else 'them'}; the "
            f"model puts this one at {_points(told.probability)}%: the chance is probably between both."
        )
    return (
        f"{name} about {points} of the {_points(told.probability)} points. Nothing else on the claim "
        f"supports the rest: the chance may be nearer {points}%."
    )


def _points(share: float) -> str:
    return f"{100 * share:.0f}"


def is_general_check(told: Explanation) -> bool:
    """Whether the coverage is to be checked because nothing else is known."""
    if told.cause is not None or told.probability < _WORTH_A_CHECK:
        return False
    steps = [each.next_step for each in told.leading(MOST_TOLD)]
    return not any("check coverage" in each for each in steps)


def advice_of(told: Explanation) -> str:
    """Review, settle, check or send, and why; sentences with periods."""
    text = _advice(told)
    if told.is_correction:
        if told.of_part_b:
            return PART_B_CORRECTION
        late = LATE_CORRECTION.format(days=told.delay) if told.delay >= _LATE else ""
        step = correction_step(told.form, has_causes=told.cause is not None, of_medicare=told.of_medicare)
        for plain, again in _AGAIN.items():
            text = text.replace(plain, again)
        return f"{late}{step} {text}"
    return text


def _advice(told: Explanation) -> str:
    gain = told.review_gain
    if told.decision == "review":
        saved = f": the checks below save about ${gain:,.2f} after their cost" if gain and gain > 0 else ""
        is_likely = told.cause is not None and told.probability > _LIKELY
        return f"{'Do not send it before a review' if is_likely else 'Review it before sending'}{saved}."
    steps = [each for each in told.leading(MOST_TOLD) if each.next_step]
    if not (steps or told.remedies or told.notes or is_general_check(told)):
        return "Nothing to do before sending."
    causes = [each for each in steps if each.is_cause]
    # A service that was sent before is not sent again before that is known.
    settle = bool(causes) and (told.probability > _LIKELY or causes[0].subject == "duplicate")
    text = "Do not send it before the check below." if settle else "Send it after the check below."
    if gain is None:
        return text
    if gain < 0:
        return f"{text} A longer review is not worth its cost."
    return f"{text} A longer review saves about ${gain:,.2f}, less than those of other claims."
