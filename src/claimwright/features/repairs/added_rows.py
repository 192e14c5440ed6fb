"""What a row that a person adds says besides: the code set and the role without which it can't be sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.claim_changes import Change
from claimwright.domain.dictionary import Level

# By what a change gives, the field beside it and its usual value, where the person does not give it.
# 005010X222A1 and 005010X224A2, 2400 SV101-1, SV103 and SV301-1; 2300 HI01-1 and NTE01; 2400 TOO01.
_USUAL: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "procedure": ("procedure_qualifier", {"P": "HC", "I": "HC", "D": "AD"}),
    "units": ("unit_basis", {"P": "UN", "I": "UN"}),
    "note": ("note_type", {"P": "ADD", "I": "ADD", "D": "ADD"}),
    "tooth": ("tooth_system", {"D": "JP"}),
    # 2430 SVD03-1.
    "paid_procedure": ("paid_procedure_qualifier", {"P": "HC", "I": "HC", "D": "AD"}),
    # 2330B NM108 and 2330A NM102, NM108 of all three guides: a payer's own number, a person, a member number.
    "other_payer_id": ("other_payer_id_qualifier", dict.fromkeys("PID", "PI")),
    "other_payer_name": ("other_payer_entity_type", dict.fromkeys("PID", "2")),
    "other_subscriber_name": ("other_subscriber_entity_type", dict.fromkeys("PID", "1")),
    "other_subscriber_member_id": ("other_subscriber_id_qualifier", dict.fromkeys("PID", "MI")),
}
# What a claim says for its own payer and again for each other one: 2300 CLM08 and CLM09, 2320 OI03 and OI06.
_AS_ON_THE_CLAIM: Mapping[str, str] = {
    "other_benefits_assigned": "benefits_assigned",
    "other_release_of_information": "release_of_information",
}
# Another diagnosis or procedure than the first, in the code set that the claim has already.
_DIAGNOSES = {"": "ABK", "ABK": "ABF", "ABF": "ABF", "BK": "BF", "BF": "BF"}
_ROLES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "diagnosis": dict.fromkeys("PID", _DIAGNOSES),
    "surgical_procedure": {
        "P": {"": "BP", "BP": "BO", "BO": "BO"},
        "I": {"": "BBR", "BBR": "BBQ", "BBQ": "BBQ", "BR": "BQ", "BQ": "BQ"},
    },
}


def with_usual_values(batch: ClaimBatch, changes: Sequence[Change]) -> list[Change]:
    """The changes of a claim, each new row completed by what nearly every such row says.

    What a person gives for the row counts, and all of it is shown as a change before it is saved.
    """
    named = {each.place for each in changes}
    roles = {
        "diagnosis": batch.diagnoses["diagnosis_qualifier"].to_list(),
        "surgical_procedure": batch.procedures["surgical_procedure_qualifier"].to_list(),
    }
    found = list(changes)
    for each in changes:
        level = _level_of(each)
        if level is None or each.new is None or not _is_new(batch, each, level):
            continue
        for name, value in _beside(each, level, batch.claims, roles):
            usual = Change(each.claim, name, value, each.line, each.position)
            if usual.place not in named:
                named.add(usual.place)
                found.append(usual)
    return found


def _level_of(change: Change) -> Level | None:
    try:
        return change.entry.level
    except KeyError:
        return None


def _is_new(batch: ClaimBatch, change: Change, level: Level) -> bool:
    frame = batch.frame(level)
    if level is Level.LINE:
        return frame.filter(line=change.line).is_empty()
    if level is Level.OTHER_PAYER:
        return frame.filter(other_payer=change.position).is_empty()
    if level is Level.ADJUDICATION:
        return frame.filter(line=change.line, adjudication=change.position).is_empty()
    if "position" not in frame.columns or change.position is None:
        return False
    same = frame.filter(position=change.position)
    if "line" in frame.columns:
        same = same.filter(same["line"].eq_missing(pl.Series([change.line], dtype=pl.Int32)))
    return same.is_empty()


def _beside(
    change: Change, level: Level, claims: pl.DataFrame, roles: Mapping[str, list[str | None]]
) -> Iterable[tuple[str, str]]:
    """The fields beside a change of a new row, each with its usual value."""
    form: str = claims["form"][0]
    if level is Level.LINE:
        yield "assigned_number", str(change.line)
    if level is Level.OTHER_PAYER:
        for name, of_claim in _AS_ON_THE_CLAIM.items():
            if (value := claims[of_claim][0]) is not None:
                yield name, value
    if change.field in _USUAL:
        name, values = _USUAL[change.field]
        if form in values:
            yield name, values[form]
    if (after := _ROLES.get(change.field, {}).get(form)) is not None:
        known = [each for each in roles[change.field] if each in after]
        role = after[known[-1] or "" if known else ""]
        roles[change.field].append(role)
        yield f"{change.field}_qualifier", role
