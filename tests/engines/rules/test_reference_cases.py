"""Cases that state reference data: their tables are all that is known of these datasets, for them alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claimwright.engines.rules import RuleBook, RuleEngine, clean_claim, run_cases

from .conftest import DAY, changed

LISTED = "provider_excluded(billing_npi, first_service_on)"
CASES = """
  - name: on the list
    fires: true
    reference: {excluded_providers: [{npi: "1234567893", exclusion_type: 1128a1, excluded_on: 2020-01-01}]}
  - name: on another list
    fires: false
    reference: {excluded_providers: [{npi: "1881645802", exclusion_type: 1128a1, excluded_on: 2020-01-01}]}
  - {name: without a list, fires: false}
"""


def book(read: Callable[..., RuleBook], cases: str) -> RuleBook:
    return read(changed(level="claim", field="billing_npi", when=LISTED, cases=cases))


def test_a_case_is_judged_by_the_tables_that_it_states(read: Callable[..., RuleBook]) -> None:
    made = book(read, CASES)
    assert made.problems == ()
    assert [result.passed for result in run_cases(made)] == [True, True, True]


def test_a_case_whose_tables_say_otherwise_fails(read: Callable[..., RuleBook]) -> None:
    made = book(
        read,
        CASES.replace("name: on another list\n    fires: false", "name: on another list\n    fires: true"),
    )
    assert [problem.what for problem in made.problems] == [
        "on the case 'on another list' the rule does not fire, and should"
    ]


def test_the_tables_of_a_case_are_nobody_elses(read: Callable[..., RuleBook]) -> None:
    made = book(read, CASES)
    run_cases(made)
    assert RuleEngine(made).evaluate(clean_claim("P"), as_of=DAY).findings.height == 0


@pytest.mark.parametrize(
    ("stated", "what"),
    [
        ("{nothing: []}", "nothing is not a reference dataset"),
        ("{excluded_providers: {npi: 1}}", "reference: excluded_providers is not a list of rows"),
        ("{excluded_providers: [{nip: '1'}]}", "reference: nip is not a column of excluded_providers"),
        (
            "{excluded_providers: [{excluded_on: soon}]}",
            "reference: excluded_on of excluded_providers is not Date",
        ),
    ],
)
def test_tables_that_cannot_be_are_refused(read: Callable[..., RuleBook], stated: str, what: str) -> None:
    made = book(
        read,
        CASES.replace(
            "{name: without a list, fires: false}", f"{{name: bad, fires: false, reference: {stated}}}"
        ),
    )
    assert [problem.what for problem in made.problems] == [f"case 'bad': {what}"]
    assert len(made) == 0
