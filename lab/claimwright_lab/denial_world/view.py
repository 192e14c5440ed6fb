"""What a payer of the world sees of a claim when it arrives, with what it remembers of the patient."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from claimwright.domain.batch import ClaimBatch

_SET_APART = ["25", "59", "XE", "XS", "XP", "XU"]
_MODIFIERS = ["modifier_1", "modifier_2", "modifier_3", "modifier_4"]
_LAST_ON = pl.max_horizontal("service_from_on", "service_to_on")
_SERVICE = pl.coalesce("procedure", "revenue_code")


@dataclass(frozen=True)
class Past:
    """What lies before each claim of a world, by its number.

    Attributes:
        claims: `claim`, `day` of sending, `again` (the same services were billed before), `visits` (earlier
            claims of the patient) and `gap` (days since the last of them).
        lines: `claim`, `line`, `since` (days since the patient had the same service).
    """

    claims: pl.DataFrame
    lines: pl.DataFrame


@dataclass(frozen=True)
class View:
    """The claims and lines as payers see them, one row each; `at` is the position in the batch."""

    claims: pl.DataFrame
    lines: pl.DataFrame


def _person() -> pl.Expr:
    return pl.concat_str(pl.col("subscriber_member_id"), pl.col("dependent_first_name").fill_null(""))


def past_of(batch: ClaimBatch, submitted_on: pl.Series) -> Past:
    """The past of each claim of a world, whose claims are in the order of sending."""
    services = batch.lines.group_by("claim").agg(services=_SERVICE.sort().str.join(" "), last=_LAST_ON.max())
    claims = (
        batch.claims.select(
            "claim",
            person=_person(),
            provider="billing_npi",
            corrected=pl.col("frequency_code").is_in(["7", "8"]).fill_null(False),
            stated=pl.coalesce("statement_to_on", "statement_from_on"),
            day=submitted_on,
        )
        .join(services, on="claim", how="left", maintain_order="left")
        .with_columns(last=pl.coalesce("last", "stated"))
        .with_columns(
            again=(pl.int_range(pl.len()).over("person", "provider", "last", "services", "corrected") > 0)
            & ~pl.col("corrected"),
            # Corrected claims are no visits.
            visits=(~pl.col("corrected")).cast(pl.Int64).cum_sum().over("person")
            - (~pl.col("corrected")).cast(pl.Int64),
            gap=(
                pl.col("day")
                - pl.when(~pl.col("corrected")).then("day").forward_fill().shift(1).over("person")
            ).dt.total_days(),
        )
    )
    # A service of a day is one service, however often it was billed.
    lines = (
        batch.lines.select("claim", "line", service=_SERVICE, on=_LAST_ON)
        .join(claims.select("claim", "person", "last"), on="claim", how="left", maintain_order="left")
        .with_columns(on=pl.coalesce("on", "last"))
    )
    days = (
        lines.select("person", "service", "on")
        .unique()
        .sort("person", "service", "on")
        .with_columns(since=(pl.col("on") - pl.col("on").shift(1).over("person", "service")).dt.total_days())
    )
    since = lines.join(days, on=["person", "service", "on"], how="left", maintain_order="left")
    return Past(
        claims.select("claim", "day", "again", "visits", "gap"), since.select("claim", "line", "since")
    )


def view_of(batch: ClaimBatch, past: Past) -> View:
    """The claims of a batch, all of which are in the past's world; what they state may have been changed."""
    dated = batch.lines.group_by("claim").agg(last=_LAST_ON.max(), services=_SERVICE.unique())
    born = pl.coalesce("dependent_birth_on", "subscriber_birth_on")
    claims = (
        batch.claims.select(
            "claim",
            payer="payer_id",
            provider="billing_npi",
            form="form",
            taxonomy="billing_taxonomy",
            is_group=pl.col("billing_name").str.ends_with("MEDICAL GROUP").fill_null(False),
            cents=(pl.col("total_charge") * 100).cast(pl.Int64),
            born=born,
            stated=pl.coalesce("statement_to_on", "statement_from_on"),
            authorized=pl.col("prior_authorization").is_not_null(),
            referred=pl.col("referring_npi").is_not_null(),
            attached=pl.col("claim").is_in(batch.attachments["claim"].unique().implode()),
            rendered=pl.col("rendering_npi").is_not_null(),
            classified=pl.col("billing_taxonomy").is_not_null(),
            corrected=pl.col("frequency_code").is_in(["7", "8"]).fill_null(False),
            dependent=pl.col("dependent_first_name").is_not_null(),
            place=pl.coalesce("place_of_service", "facility_type"),
        )
        .join(past.claims, on="claim", how="left", maintain_order="left")
        .join(dated, on="claim", how="left", maintain_order="left")
        .with_row_index("at")
        .with_columns(last=pl.coalesce("last", "stated"))
        .with_columns(
            waited=(pl.col("day") - pl.col("last")).dt.total_days(),
            age=(pl.col("last") - pl.col("born")).dt.total_days() / 365.2425,
            month=pl.col("day").dt.month().cast(pl.Int64),
        )
    )
    diagnoses = batch.diagnoses.select("claim", "diagnosis", pointer="position").unique(
        ["claim", "pointer"], keep="first", maintain_order=True
    )
    shared = claims.select(
        "claim",
        "payer",
        "provider",
        "form",
        "day",
        "age",
        "authorized",
        "referred",
        "attached",
        "place",
        "services",
        "corrected",
    )
    lines = (
        batch.lines.select(
            "claim",
            "line",
            *_MODIFIERS,
            service=_SERVICE,
            units=pl.col("units").cast(pl.Float64).fill_null(1.0),
            cents=(pl.col("line_charge") * 100).cast(pl.Int64),
            pointer=pl.col("diagnosis_pointer_1").fill_null(1),
            has_drug_code=pl.col("ndc").is_not_null(),
            set_apart=pl.any_horizontal(
                pl.col(name).is_in(_SET_APART).fill_null(False) for name in _MODIFIERS
            ),
        )
        .with_row_index("at")
        .join(shared, on="claim", how="left", maintain_order="left")
        .join(diagnoses, on=["claim", "pointer"], how="left", maintain_order="left")
        .join(past.lines, on=["claim", "line"], how="left", maintain_order="left")
    )
    return View(claims, lines)


def has_modifier(wanted: str) -> pl.Expr:
    """Whether a line has the modifier that a column names."""
    return pl.any_horizontal((pl.col(name) == pl.col(wanted)).fill_null(False) for name in _MODIFIERS)
