"""Why payers of a drawn world deny: each rule with what breaks it and what the remittance then says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .dice import Real
from .view import View, has_modifier

# Nobody denies always: a person or a system errs.
MOST = 0.98

Code = tuple[str, str | None]


@dataclass(frozen=True)
class Rule:
    """A reason of denial.

    Attributes:
        name: of the reason, and of its table of demands.
        cause: which share of the denials it belongs to (`kinds.Kind.mix`).
        of_line: whether it denies the line that it is about, or all lines of the claim.
        keys: columns, beside the payer, by which demands are found.
        broken: what breaks a demand, from the columns of the view and of the demand.
        codes: what remittances say, the usual one first.
        factor: by how much the rate of the demand is multiplied for a claim.
        is_thinned: whether a payer has fewer or more of these demands; otherwise it only has other rates.
    """

    name: str
    cause: str
    of_line: bool
    keys: tuple[str, ...]
    broken: pl.Expr
    codes: tuple[Code, ...]
    factor: pl.Expr | None = None
    is_thinned: bool = True


_ALWAYS = pl.lit(True)

# In the order in which payers look.
RULES: tuple[Rule, ...] = (
    Rule(
        "duplicate", "duplicate", False, (), pl.col("again"), (("18", None), ("18", "N522")), is_thinned=False
    ),
    Rule(
        "eligibility",
        "eligibility",
        False,
        (),
        _ALWAYS,
        (("27", None), ("31", "N382"), ("26", None)),
        factor=pl.col("registration"),
        is_thinned=False,
    ),
    Rule(
        "identity",
        "missing",
        False,
        (),
        _ALWAYS,
        (("16", "N382"), ("16", "MA130"), ("16", None)),
        factor=pl.col("carelessness"),
        is_thinned=False,
    ),
    Rule(
        "other_coverage",
        "coordination",
        False,
        (),
        pl.col("age").is_between(pl.col("from_age"), pl.col("to_age")),
        (("22", "MA04"), ("22", None), ("16", "MA04")),
        is_thinned=False,
    ),
    Rule(
        "parents_coverage",
        "coordination",
        False,
        (),
        pl.col("dependent"),
        (("22", None), ("22", "MA04"), ("16", "MA04")),
        is_thinned=False,
    ),
    Rule(
        "any_coverage",
        "coordination",
        False,
        (),
        _ALWAYS,
        (("22", None), ("22", "MA04")),
        factor=pl.col("registration"),
        is_thinned=False,
    ),
    Rule(
        "filing",
        "filing",
        False,
        (),
        (pl.col("waited") > pl.col("days")) & ~pl.col("corrected"),
        (("29", None),),
        is_thinned=False,
    ),
    Rule("provider", "provider", False, ("provider",), _ALWAYS, (("B7", None), ("B7", "N570"))),
    Rule(
        "taxonomy",
        "missing",
        False,
        (),
        ~pl.col("classified"),
        (("16", "N255"), ("16", "MA130")),
        is_thinned=False,
    ),
    Rule(
        "rendering",
        "missing",
        False,
        (),
        pl.col("is_group") & ~pl.col("rendered") & (pl.col("form") == "P"),
        (("16", "N290"), ("16", "MA130")),
        is_thinned=False,
    ),
    Rule("referral", "missing", True, ("service",), ~pl.col("referred"), (("16", "N286"), ("16", None))),
    Rule(
        "drug_code",
        "missing",
        True,
        ("service",),
        ~pl.col("has_drug_code"),
        (("16", "M119"), ("16", "MA130")),
    ),
    Rule("exclusion", "coverage", True, ("service",), _ALWAYS, (("96", "N130"), ("204", None), ("96", None))),
    Rule(
        "age_limit",
        "coverage",
        True,
        ("service",),
        ~pl.col("age").is_between(pl.col("from_age"), pl.col("to_age")),
        (("96", "N129"), ("96", "N130")),
    ),
    Rule(
        "frequency",
        "coverage",
        True,
        ("service",),
        pl.col("since") < pl.col("days"),
        (("119", "M86"), ("119", None), ("96", "N130")),
    ),
    Rule(
        "authorization",
        "authorization",
        True,
        ("service",),
        ~pl.col("authorized") & (pl.col("cents") >= pl.col("from_cents")),
        (("197", None), ("16", "M62"), ("15", None)),
    ),
    Rule(
        "wrong_authorization",
        "authorization",
        True,
        ("service",),
        pl.col("authorized"),
        (("15", None), ("198", "N54"), ("197", "N54")),
        is_thinned=False,
    ),
    Rule("modifier", "coding", True, ("service",), ~has_modifier("modifier"), (("4", "N822"), ("4", None))),
    Rule(
        "bundling",
        "coding",
        True,
        ("service",),
        pl.col("services").list.contains(pl.col("beside")) & ~pl.col("set_apart"),
        (("97", "M15"), ("97", None), ("236", None)),
    ),
    Rule("place", "coding", True, ("service", "place"), _ALWAYS, (("5", None), ("5", "M77"))),
    Rule(
        "necessity",
        "necessity",
        True,
        ("service",),
        pl.col("diagnosis").str.starts_with(pl.col("prefix")),
        (("50", "N115"), ("50", None), ("11", None)),
    ),
    Rule(
        "units",
        "necessity",
        True,
        ("service",),
        pl.col("units") > pl.col("most"),
        (("151", "N362"), ("151", None)),
    ),
    Rule(
        "documentation",
        "documentation",
        True,
        ("service",),
        ~pl.col("attached") & (pl.col("cents") >= pl.col("from_cents")),
        (("252", "N706"), ("252", "M127"), ("16", "M127")),
    ),
    Rule(
        "charge",
        "documentation",
        False,
        (),
        ~pl.col("attached") & (pl.col("cents") >= pl.col("from_cents")),
        (("252", "M127"), ("252", "N706"), ("16", "M127")),
        is_thinned=False,
    ),
    Rule(
        "unknown",
        "unknown",
        False,
        (),
        _ALWAYS,
        (("A1", None), ("16", None), ("133", None)),
        is_thinned=False,
    ),
)
BY_NAME = {rule.name: rule for rule in RULES}


def hits(view: View, rule: Rule, table: pl.DataFrame) -> pl.DataFrame:
    """`at` (claim or line), `row` (of the table) and `rate`: every claim or line that breaks a demand."""
    frame = view.lines if rule.of_line else view.claims
    joined = frame.join(table.with_row_index("row"), on=["payer", *rule.keys], how="inner").filter(
        (pl.col("day") >= pl.col("from_on"))
        & (pl.col("day") < pl.col("until_on"))
        & rule.broken.fill_null(False)
    )
    rate = pl.col("rate") if rule.factor is None else pl.col("rate") * rule.factor
    return joined.select("at", "row", rate=rate.clip(0.0, MOST))


@dataclass(frozen=True)
class Hazards:
    """The chance of each reason alone, by position: of every claim, and of every line."""

    claims: dict[str, Real]
    lines: dict[str, Real]
    claim_of_line: Real

    def probability(self) -> Real:
        """The chance that any line of each claim is denied: one minus that of all going well."""
        return 1 - np.exp(sum(np.log1p(-each) for each in self.by_claim().values()))

    def by_claim(self) -> dict[str, Real]:
        """The chance that each reason denies any line of each claim."""
        found = dict(self.claims)
        count = len(next(iter(self.claims.values())))
        for name, rate in self.lines.items():
            survived = np.bincount(self.claim_of_line.astype(np.int64), np.log1p(-rate), count)
            found[name] = -np.expm1(survived)
        return found


def hazards_of(view: View, tables: dict[str, pl.DataFrame]) -> Hazards:
    """The chance of each reason for each claim and line of a view."""
    claims: dict[str, Real] = {}
    lines: dict[str, Real] = {}
    for rule in RULES:
        size = view.lines.height if rule.of_line else view.claims.height
        rates = np.zeros(size)
        found = hits(view, rule, tables[rule.name])
        np.maximum.at(rates, found["at"].to_numpy(), found["rate"].to_numpy())
        (lines if rule.of_line else claims)[rule.name] = rates
    place = view.lines.select("claim").join(
        view.claims.select("claim", "at"), on="claim", how="left", maintain_order="left"
    )["at"]
    return Hazards(claims, lines, place.to_numpy().astype(np.int64))
