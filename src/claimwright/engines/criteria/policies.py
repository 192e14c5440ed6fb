"""Reads a payer policy: one YAML file a version.

PayerPolicyError (ValueError)   names the file and what is wrong
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from claimwright.domain.payer_policies import PayerPolicy
from claimwright.foundation.errors import InputError
from claimwright.foundation.located_yaml import YamlError, read_yaml, validated


class PayerPolicyError(InputError, ValueError):
    """The policy can't be used."""


def read_policy(
    text: str, source: str, *, concepts: Collection[str], measurements: Mapping[str, object]
) -> PayerPolicy:
    """The policy in a file's text. `concepts` and `measurements` are those that can be found in notes.

    Raises:
        PayerPolicyError: it is no policy, or names a concept, measurement or criterion that does not exist.
    """
    try:
        place = read_yaml(text.replace("\r\n", "\n"), source)
        if place is None:
            raise PayerPolicyError(f"{source}: it is empty.")
        policy = validated(place, PayerPolicy)
    except YamlError as problem:
        raise PayerPolicyError(str(problem)) from None
    names = [each.id for each in policy.criteria]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise PayerPolicyError(f"{source}: two criteria are named {doubled[0]}.")
    if policy.effective_until is not None and policy.effective_until < policy.effective_from:
        raise PayerPolicyError(f"{source}: effective_until is before effective_from.")
    for way in policy.ways:
        if unknown := [name for name in way if name not in names]:
            raise PayerPolicyError(f"{source}: there is no criterion {unknown[0]}.")
    for criterion in policy.criteria:
        for each in criterion.any_of:
            where = f"{source}: {criterion.id}"
            if (each.concept is None) == (each.measurement is None):
                raise PayerPolicyError(f"{where}: name a concept or a measurement, one of the two.")
            if each.concept is not None and each.concept not in concepts:
                raise PayerPolicyError(f"{where}: there is no concept {each.concept}.")
            if each.measurement is not None and each.measurement not in measurements:
                raise PayerPolicyError(f"{where}: there is no measurement {each.measurement}.")
            if each.measurement is not None and each.at_least is None and each.at_most is None:
                raise PayerPolicyError(f"{where}: a measurement needs at_least or at_most.")
            if each.concept is not None and (each.at_least is not None or each.at_most is not None):
                raise PayerPolicyError(f"{where}: at_least and at_most are for measurements.")
    return policy
