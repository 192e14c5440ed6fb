"""Templates: the format, what is refused, which one a case gets."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from claimwright.domain.denial import Category
from claimwright.engines.deadlines.rule import PAYER_KINDS
from claimwright.engines.drafting import TemplateError, Wanted, choose_template, near_duplicates
from claimwright.features.appeals import LEVELS
from claimwright.features.governance import check_template, shipped_templates

DAY = datetime.date(2026, 3, 1)
SHIPPED = list(shipped_templates().values())
GOOD = """---
id: a-test
version: 1
title: A template
categories: [coding]
levels: [1]
effective_from: 2026-01-01
author: tests
footing: [cfr-45-162-1002]
---
## Why
why: Claim {claim.number} ([[cfr-45-162-1002]]).
"""


def wanted(category: str, cause: str, kind: str, level: int = 1, **more: object) -> Wanted:
    return replace(Wanted(category, cause, kind, "P1", "MD", level, DAY), **more)  # type: ignore[arg-type]


def test_at_least_thirty_ship_over_categories_levels_and_plans_each_with_its_footing() -> None:
    assert len(SHIPPED) >= 30
    assert all(each.effective_from for each in SHIPPED)
    assert {each.payer_kinds for each in SHIPPED if not each.footing} == {("other",)}
    assert len({kind for each in SHIPPED for kind in each.payer_kinds}) >= 8
    assert {level for each in SHIPPED for level in each.levels} == {1, 2, 3, 4}
    assert near_duplicates(SHIPPED) == []


# What is wrong with these claims is corrected, not appealed.
NO_APPEAL = {Category.WRONG_PAYER, Category.MISSING_INFORMATION, Category.PENDING, Category.UNKNOWN}


@pytest.mark.parametrize("kind", PAYER_KINDS)
def test_each_level_of_each_kind_of_payer_has_a_template_for_what_is_appealed(kind: str) -> None:
    for level, name in enumerate(LEVELS[kind], 1):
        # 45 CFR 147.136(d): external review is of disputes of medical judgment.
        asked = {Category.MEDICAL_NECESSITY} if name == "external review" else set(Category) - NO_APPEAL
        without = {
            each.value for each in asked
            if choose_template(SHIPPED, wanted(each.value, "", kind, level)) is None
        }  # fmt: skip
        assert not without, (kind, name)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("{claim.number}", "{claim.colour}", "no variable claim.colour"),
        ("{claim.number}", "{{claim.number}}", "not allowed"),
        ("{claim.number}", "{% for x in y %}", "not allowed"),
        ("{claim.number}", "{line.no}", r"ends in \*"),
        ("[[cfr-45-162-1002]]", "[[../secret]]", "not allowed"),
        ("[[cfr-45-162-1002]]", "[[cfr-1]]", "no source cfr-1"),
        ("([[cfr-45-162-1002]])", "", "no sentence cites"),
        ("categories: [coding]", "payer_kinds: [martian]\ncategories: [coding]", "no kind of payer martian"),
        ("categories: [coding]", "", "categories or the causes"),
        ("author: tests", "author: tests\neffective_until: 2025-01-01", "before effective_from"),
        ("why: Claim", "why: Claim\nwhy: Claim", "write `name: sentence`|two sentences"),
        ("---\nid", "id", "front matter"),
        ("version: 1", "version: 1\ninclude: other.md", "include"),
    ],
)
def test_what_a_template_may_not_be_is_refused_with_its_place(old: str, new: str, why: str) -> None:
    assert check_template(GOOD, "a.md").template_id == "a-test"
    assert old in GOOD
    with pytest.raises(TemplateError, match=why):
        check_template(GOOD.replace(old, new, 1), "a.md")


@pytest.mark.parametrize(
    ("asked", "template"),
    [
        (wanted("medical_necessity", "not-medically-necessary", "erisa_insured"), "necessity-group-plan-1"),
        (wanted("medical_necessity", "not-medically-necessary", "medicare_ffs", 2), "necessity-medicare-2"),
        (
            wanted("medical_necessity", "level-of-care", "medicare_advantage"),
            "level-of-care-medicare-advantage-1",
        ),
        (
            wanted("authorization", "authorization-overlooked", "erisa_insured", state="NY"),
            "authorization-ny",
        ),
        (wanted("authorization", "authorization-overlooked", "erisa_insured"), "authorization-group-plan-1"),
        (
            wanted("authorization", "no-authorization", "erisa_insured", subtype="emergency"),
            "emergency-group-plan-1",
        ),
        (wanted("authorization", "no-authorization", "erisa_insured"), "noauth-group-plan-1"),
        (wanted("prior_decision", "decision-upheld", "tricare"), "general-tricare-1"),
    ],
)
def test_a_case_gets_the_template_that_states_most_about_it(asked: Wanted, template: str) -> None:
    chosen = choose_template(SHIPPED, asked)
    assert chosen is not None
    assert chosen.template.template_id == template
    assert choose_template(list(reversed(SHIPPED)), asked) == chosen


def test_reasons_are_in_the_words_of_people() -> None:
    chosen = choose_template(SHIPPED, wanted("medical_necessity", "", "medicare_advantage"))
    assert chosen is not None
    assert "it is for kind of payer Medicare Advantage" in chosen.reasons
    assert "it is for category medical necessity" in chosen.reasons


def test_none_fits_another_kind_of_payer_or_a_day_before_all() -> None:
    assert choose_template(SHIPPED, wanted("coding", "modifier", "other", level=3)) is None
    early = wanted("coding", "modifier", "erisa_insured", day=datetime.date(2020, 1, 1))
    assert choose_template(SHIPPED, early) is None


def test_an_experiment_divides_cases_evenly_and_always_alike() -> None:
    twin = replace(check_template(GOOD, "a.md"), template_id="b-test")
    both = [check_template(GOOD, "a.md"), twin]
    asked = wanted("coding", "modifier", "erisa_insured")

    def given(case_id: int) -> str:
        chosen = choose_template(both, asked, case_id=case_id)
        assert chosen is not None
        return chosen.template.template_id

    shares = [given(number) for number in range(1, 1001)]
    assert shares == [given(number) for number in range(1, 1001)]
    assert 450 < shares.count("a-test") < 550
