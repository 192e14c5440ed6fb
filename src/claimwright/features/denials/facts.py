"""What is known of a denial when it is weighed: facts of its deadlines, what the claim said at submission."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.payer_kinds import COMMERCIAL
from claimwright.engines.deadlines import is_late_to_medicare, with_payer_kinds
from claimwright.engines.denials import KNOWN, Given, cause_of, load_causes
from claimwright.features.prediction import open_claims
from claimwright.platform.database import Connection
from claimwright.store.sealed_claims import RECORDS_AT_ONCE, Opens

# The categories in which what is known beside the codes changes the cause.
DEPENDS_ON_KNOWN = ("authorization", "documentation", "medical_necessity", "not_covered", "timely_filing")
# Those whose claims are opened for it.
_OPENED = (
    "authorization", "documentation", "medical_necessity", "not_covered", "coordination_of_benefits",
    "wrong_payer", "eligibility",
)  # fmt: skip
_CLAIM_FACTS: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(),
    "had_authorization": pl.Boolean(),
    "records_sent": pl.Boolean(),
    "state_of_provider": pl.String(),
    "next_payer": pl.Boolean(),
    "payer_of_S": pl.String(),
    "payer_of_T": pl.String(),
    "names_other_payer": pl.Boolean(),
    "principal_diagnosis": pl.String(),
    "age": pl.Int64(),
    "usual_procedure": pl.String(),
    "usual_revenue_code": pl.String(),
}


def deadline_facts(denials: pl.DataFrame) -> pl.DataFrame:
    """The facts of `claimwright.engines.deadlines.clocks`: one row for each denial and kind of payer."""
    return with_payer_kinds(denials).select(
        "denial", "payer_kind", "payer_id", "form", "appealable", "amount", "service_from_on",
        "service_to_on", "prior_payer_on", "is_contracted", "appealed_on", "appealed_level",
        *(f"decision_{level}_on" for level in range(1, 5)),
        state="state_of_provider", notice_on="denied_on",
    )  # fmt: skip


def with_claim_facts(
    caller: Caller, connection: Connection, denials: pl.DataFrame, opener: Opens | None
) -> pl.DataFrame:
    """The denials with `amount`, `notice_signed` and, if claims may be opened, the columns of `_CLAIM_FACTS`.

    Only claims are opened whose facts matter: of commercial plans, for State law, and of causes that depend
    on what the claim said. A number, such as that of an authorization, is not kept.
    """
    rows = denials.with_columns(
        amount=(pl.col("amount_cents").cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2)),
        notice_signed=(" " + pl.col("modifiers") + " ").str.contains(" GA "),
        appealable=pl.col("appealable") & ~is_late_to_medicare(),
    )
    is_later = pl.col("turn").is_in(["S", "T"]).fill_null(value=False)
    facts = pl.DataFrame(schema=_CLAIM_FACTS)
    if opener is not None:
        commercial = pl.col("claim_filing").is_in(list(COMMERCIAL))
        asked = rows.filter(
            commercial | pl.col("category").is_in(_OPENED) | (pl.col("group") == "PR") | is_later
        )
        facts = _opened(caller, connection, opener, asked["claim_key"].drop_nulls().unique().sort().to_list())
    # A contract, or an address for appeals, is found by the number that the claim has for the payer.
    of_turn = pl.when(pl.col("turn") == "S").then("payer_of_S").when(pl.col("turn") == "T").then("payer_of_T")
    return (
        rows.join(facts, on="claim_key", how="left", maintain_order="left")
        .with_columns(payer_id=pl.coalesce(of_turn, "payer_id"))
        .drop("payer_of_S", "payer_of_T")
    )


def _opened(caller: Caller, connection: Connection, opener: Opens, keys: Sequence[int]) -> pl.DataFrame:
    parts = [pl.DataFrame(schema=_CLAIM_FACTS)]
    for first in range(0, len(keys), RECORDS_AT_ONCE):
        batch = open_claims(caller, connection, opener, keys[first : first + RECORDS_AT_ONCE])
        numbered = _any_of(batch.claims, "prior_authorization", "referral_number").vstack(
            _any_of(batch.lines, "line_prior_authorization", "line_referral_number")
        )
        after = pl.col("other_payer_responsibility").is_in(["S", "T"])
        others = batch.other_payers.filter(after)["claim"].unique()
        with_records = batch.attachments["claim"].unique()
        parts.append(
            _with_subject(batch)
            .join(_payer_of("S", batch), on="claim", how="left", maintain_order="left")
            .join(_payer_of("T", batch), on="claim", how="left", maintain_order="left")
            .select(
                claim_key="claim",
                had_authorization=pl.col("claim").is_in(numbered["claim"].implode()),
                records_sent=pl.when(pl.col("claim").is_in(with_records.implode())).then(pl.lit(value=True)),
                state_of_provider="billing_state",
                next_payer=pl.col("claim").is_in(others.implode())
                & (pl.col("payer_responsibility") == "P").fill_null(value=False),
                payer_of_S="payer_of_S",
                payer_of_T="payer_of_T",
                names_other_payer=pl.col("claim").is_in(batch.other_payers["claim"].unique().implode()),
                principal_diagnosis="principal_diagnosis",
                age="age",
                usual_procedure="procedure",
                usual_revenue_code="revenue_code",
            )
            .cast(_CLAIM_FACTS)  # type: ignore[arg-type]  # polars' own words for types
        )
    return pl.concat(parts)


def _payer_of(turn: str, batch: ClaimBatch) -> pl.DataFrame:
    """`claim` and `payer_of_S` or `payer_of_T`: the number of the payer that has this turn."""
    own = batch.claims.filter(pl.col("payer_responsibility") == turn).select("claim", payer="payer_id")
    other = batch.other_payers.filter(pl.col("other_payer_responsibility") == turn).select(
        "claim", payer="other_payer_id"
    )
    found = pl.concat([own, other]).drop_nulls().unique("claim", keep="first", maintain_order=True)
    return found.rename({"payer": f"payer_of_{turn}"})


def _with_subject(batch: ClaimBatch) -> pl.DataFrame:
    """Claims with their principal diagnosis, the patient's age, and the codes of the most expensive line.

    The age is in whole years on the first day of service; no date of birth is kept.
    """
    principal = (
        batch.diagnoses.sort("claim", "position").unique("claim", keep="first", maintain_order=True)
    ).select("claim", principal_diagnosis="diagnosis")
    lines = (
        batch.lines.sort("claim", "line_charge", descending=[False, True], nulls_last=True)
        .unique("claim", keep="first", maintain_order=True)
        .select("claim", "procedure", "revenue_code")
    )
    first = batch.lines.group_by("claim").agg(first_line_on=pl.col("service_from_on").min())
    born = pl.coalesce("dependent_birth_on", "subscriber_birth_on")
    had_birthday = (pl.col("served").dt.month() * 100 + pl.col("served").dt.day()) >= (
        born.dt.month() * 100 + born.dt.day()
    )
    years = pl.col("served").dt.year() - born.dt.year() - (~had_birthday).cast(pl.Int32)
    return (
        batch.claims.join(principal, on="claim", how="left", maintain_order="left")
        .join(lines, on="claim", how="left", maintain_order="left")
        .join(first, on="claim", how="left", maintain_order="left")
        .with_columns(served=pl.coalesce("first_line_on", "statement_from_on"))
        .with_columns(age=years)
    )


def _any_of(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The claims that have a value in one of the columns."""
    return frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in columns)).select("claim")


def with_known_causes(denials: pl.DataFrame) -> pl.DataFrame:
    """The denials with the cause that follows from what the claim said, if that is another one.

    CO 197 is a missing authorization, unless the claim had a number: then the payer overlooked it. `known`
    names the facts that are true, separated by blanks.
    """
    causes = load_causes()
    names = [name for name in KNOWN if name in denials.columns]
    rows = denials.with_columns(
        known=pl.concat_str(
            [pl.when(pl.col(name)).then(pl.lit(name)) for name in names], separator=" ", ignore_nulls=True
        )
    )
    asked = rows.filter(
        pl.col("category").is_in(DEPENDS_ON_KNOWN), pl.col("carc").is_not_null(), pl.col("known") != ""
    )
    keys = ["root_cause", "group", "carc", "rarcs", "known"]
    found = []
    for stored, group, carc, rarcs, known in asked.select(keys).unique().iter_rows():
        given = Given(
            carc=carc,
            group=group,
            rarcs=tuple((rarcs or "").split()),
            known=dict.fromkeys(known.split(), True),
        )
        plain = cause_of(given.model_copy(update={"known": {}}))
        refined = cause_of(given)
        # The stored cause may come from another adjustment of the line: that one stays.
        if refined is not None and refined != stored and plain == stored:
            cause = causes[refined]
            found.append(
                (stored, group, carc, rarcs, known, refined, cause.category.value, cause.recoverable,
                 cause.responsible.value, cause.next_step.value)
            )  # fmt: skip
    refined_rows = pl.DataFrame(
        found,
        schema={
            **dict.fromkeys(keys, pl.String), "new_cause": pl.String, "new_category": pl.String,
            "new_recoverable": pl.Boolean, "new_responsible": pl.String, "new_step": pl.String,
        },
        orient="row",
    )  # fmt: skip
    joined = rows.join(refined_rows, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(
        root_cause=pl.coalesce("new_cause", "root_cause"),
        category=pl.coalesce("new_category", "category"),
        recoverable=pl.coalesce("new_recoverable", "recoverable"),
        responsible=pl.coalesce("new_responsible", "responsible"),
        usual_step=pl.coalesce("new_step", "usual_step"),
    ).select(*rows.columns)
