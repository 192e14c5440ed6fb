"""The facts on a claim when it is sent, as the columns from which features are computed.

Only the columns in `READS` are used. None of them is from a payer's decision: a test changes every other
column of a batch and checks that the features do not change.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch

READS: dict[str, tuple[str, ...]] = {
    "claims": (
        "claim", "payer_id", "payer_name", "billing_npi", "payer_responsibility", "total_charge",
        "prior_authorization", "referring_npi", "subscriber_member_id", "subscriber_birth_on",
        "dependent_first_name", "dependent_birth_on", "statement_to_on", "statement_from_on",
        "rendering_npi", "billing_taxonomy", "frequency_code", "place_of_service", "facility_type",
    ),
    "lines": (
        "claim", "line", "procedure", "revenue_code", "modifier_1", "units", "diagnosis_pointer_1",
        "service_from_on", "service_to_on", "line_charge", "ndc",
    ),
    "diagnoses": ("claim", "position", "diagnosis"),
    "attachments": ("claim",),
}  # fmt: skip

# Characters of an ICD-10-CM category.
CATEGORY_LENGTH = 3
# Bands of equal width or equal ratio, so that they fit no payer's limits better than others: 20 days, 5
# years, amounts in the series 1, 1.5, 2, 3, 5, 7, 10, and single units.
_DELAYS = list(range(20, 400, 20))
_CHARGES = [50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10_000, 20_000, 50_000]
_UNITS = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30]
_AGES = list(range(5, 95, 5))


def _band_names(limits: list[int], least: int = 0) -> list[str]:
    """A name for each band: `least` to the first limit, and so on; a band includes its upper limit."""
    low = [least, *(limit + 1 for limit in limits)]
    names = [f"{a:,}" if a == b else f"{a:,} to {b:,}" for a, b in zip(low, limits, strict=False)]
    return [*names, f"more than {limits[-1]:,}"]


_DELAY_NAMES = _band_names(_DELAYS)
_CHARGE_NAMES = _band_names(_CHARGES)
_UNIT_NAMES = ["1 unit", *(f"{name} units" for name in _band_names(_UNITS, 1)[1:])]
_AGE_NAMES = _band_names(_AGES)
# Evaluation in an emergency department (CPT 99281 to 99285), and its revenue codes (UB-04 manual, 045x).
_EMERGENCY = r"^(9928[1-5]|045\d)$"
_SET_APART = ["25", "59", "XE", "XS", "XP", "XU"]

YES_NO = {
    "authorized": ("without authorization", "with authorization"),
    "attached": ("without attachment", "with attachment"),
    "referred": ("without a referring provider", "with a referring provider"),
    "set_apart": ("without a modifier for a distinct service", "with a modifier for a distinct service"),
    "rendered": ("without a rendering provider", "with a rendering provider"),
    "classified": ("without the billing provider's taxonomy", "with the billing provider's taxonomy"),
    "has_drug_code": ("without a national drug code", "with a national drug code"),
    "corrected": ("sent as new", "sent as corrections"),
    "repeated": ("sent for the first time, or as corrections,", "whose services were sent before"),
}


# Frequency codes of claims that replace or void an earlier one (UB-04 manual, form locator 4).
_REPLACES = ["7", "8"]

# A person's identity within one history. Without a member ID there is none, because otherwise all such claims
# would belong to one person.
_IS_NAMED = pl.col("subscriber_member_id").is_not_null()
_PERSON = pl.concat_str(
    pl.col("subscriber_member_id"),
    pl.col("dependent_first_name").fill_null(""),
    pl.col("dependent_birth_on").cast(pl.String).fill_null(""),
    separator="\x1f",
)
_SERVICE = pl.coalesce("procedure", "revenue_code")
_LAST_ON = pl.max_horizontal("service_from_on", "service_to_on")


@dataclass(frozen=True)
class Facts:
    """The input of features, by `row`, the claim's 0-based position in the batch.

    Attributes:
        claims: one row per claim, in order.
        lines: one row per line that names a service; `line_at` is its position in the batch's lines.
        pairs: one row for each line with another line of the same claim that has a different service;
            `line_at` is the line that is evaluated.
    """

    claims: pl.DataFrame
    lines: pl.DataFrame
    pairs: pl.DataFrame

    def __len__(self) -> int:
        """How many claims."""
        return self.claims.height


def facts_of(batch: ClaimBatch, submitted_on: pl.Series | datetime.date) -> Facts:
    """The facts of a batch that is sent on one date, or on one date per claim."""
    day = pl.lit(submitted_on) if isinstance(submitted_on, datetime.date) else submitted_on
    rows = batch.claims.select("claim").with_row_index("row")
    lines = _service_lines(batch, rows)
    claims = _claim_facts(batch, rows, lines, day)
    shared = claims.select(
        "row", "payer", "provider", "authorized", "attached", "referred", "place", "age_band", "corrected"
    )
    diagnoses = batch.diagnoses.select(
        "claim",
        pointer="position",
        line_diagnosis=pl.col("diagnosis").str.head(CATEGORY_LENGTH),
        full_diagnosis="diagnosis",
    ).unique(["claim", "pointer"], keep="first", maintain_order=True)
    lines = (
        lines.join(shared, on="row", how="left", maintain_order="left")
        .join(diagnoses, on=["claim", "pointer"], how="left", maintain_order="left")
        .drop("claim", "pointer", "last_on")
        .with_columns(authorized=pl.col("authorized") | is_emergency(pl.col("procedure")))
    )
    facts = Facts(claims, lines, _pairs(lines))
    return with_repeats(facts, repeats(same_claims(facts)))


def with_repeats(facts: Facts, sent_before: Iterable[float]) -> Facts:
    """The facts with `repeated`: whether a claim's services were sent before, and it replaces no claim."""
    times = pl.Series("times", sent_before, dtype=pl.Float64)
    claims = facts.claims.with_columns(repeated=(times > 0) & ~pl.col("corrected"))
    return replace(facts, claims=claims)


def same_claims(facts: Facts) -> pl.DataFrame:
    """`same`, equal for claims with the same patient, provider, last service date and services; `known`
    patients.
    """
    services = facts.lines.group_by("row").agg(services=pl.col("procedure").hash().sum())
    return (
        facts.claims.select("row", "patient", "provider", "last_on")
        .join(services, on="row", how="left", maintain_order="left")
        .select(
            known=pl.col("patient").is_not_null(),
            same=pl.struct("patient", "provider", "last_on", "services").hash(),
        )
    )


def repeats(same: pl.DataFrame) -> npt.NDArray[np.float64]:
    """How many of the claims before each one, in the order of the facts, are the same."""
    # Only claims that occur more than once are counted; they are few.
    repeated = (
        same.with_row_index("place")
        .filter(pl.col("known") & pl.col("same").is_duplicated())
        .with_columns(before=pl.int_range(pl.len()).over("same"))
    )
    before: npt.NDArray[np.float64] = np.zeros(same.height)
    before[repeated["place"].to_numpy()] = repeated["before"].to_numpy()
    return before


def is_emergency(procedure: pl.Expr) -> pl.Expr:
    """Whether a service, by its procedure or revenue code, is of an emergency department.

    No payer may ask for an authorization of it, so it counts as authorized: 45 CFR 149.110 (group and
    individual plans), 42 CFR 422.113 (Medicare Advantage), 42 CFR 438.114 (Medicaid managed care).
    """
    return procedure.str.contains(_EMERGENCY).fill_null(False)


def same_services(batch: ClaimBatch) -> pl.Series:
    """A text for each claim, equal if patient, provider, last service date and services are equal.

    `sent_before` counts it; null without a member ID. It identifies a member: store only a keyed hash of it.
    """
    services = (
        batch.lines.select("claim", last_on=_LAST_ON, service=_SERVICE.fill_null(""))
        .sort("claim", "service")
        .group_by("claim")
        .agg(pl.col("last_on").max(), pl.col("service").str.join("\x1e"))
    )
    return (
        batch.claims.select(READS["claims"])
        .join(services, on="claim", how="left", maintain_order="left")
        .select(
            pl.when(_IS_NAMED).then(
                pl.concat_str(
                    _PERSON,
                    pl.col("billing_npi").fill_null(""),
                    pl.coalesce("last_on", "statement_to_on", "statement_from_on")
                    .cast(pl.String)
                    .fill_null(""),
                    pl.col("service").fill_null(""),
                    separator="\x1d",
                )
            )
        )
        .to_series()
    )


def _banded(values: pl.Expr, breaks: list[int], names: list[str]) -> pl.Expr:
    """The name of the band of each value; each band includes its upper limit."""
    place = pl.sum_horizontal((values > each).cast(pl.UInt8) for each in breaks)
    band = pl.lit(pl.Series(names)).gather(place.cast(pl.UInt32))
    return pl.when(values.is_not_null()).then(band)


def _service_lines(batch: ClaimBatch, rows: pl.DataFrame) -> pl.DataFrame:
    return (
        batch.lines.select(
            "claim",
            "line",
            line_at=pl.int_range(pl.len(), dtype=pl.UInt32),
            procedure=_SERVICE,
            modifier=pl.col("modifier_1").fill_null("none"),
            set_apart=pl.col("modifier_1").is_in(_SET_APART).fill_null(False),
            units=pl.col("units").cast(pl.Float64).fill_null(1.0),
            has_drug_code=pl.col("ndc").is_not_null(),
            line_cents=(pl.col("line_charge") * 100).cast(pl.Int64).fill_null(0),
            pointer=pl.col("diagnosis_pointer_1").fill_null(1),
            last_on=_LAST_ON,
        )
        .join(rows, on="claim", how="inner", maintain_order="left")
        .with_columns(units_band=_banded(pl.col("units"), _UNITS, _UNIT_NAMES))
    )


def _claim_facts(
    batch: ClaimBatch, rows: pl.DataFrame, lines: pl.DataFrame, day: pl.Expr | pl.Series
) -> pl.DataFrame:
    of_lines = lines.group_by("row").agg(
        lines=pl.len().cast(pl.Float64), most_units=pl.col("units").max(), last_on=pl.col("last_on").max()
    )
    principal = batch.diagnoses.filter(pl.col("position") == 1).unique("claim", keep="first")
    attached = batch.attachments["claim"].unique().implode()
    born = pl.coalesce("dependent_birth_on", "subscriber_birth_on")
    last = pl.coalesce("last_on", "statement_to_on", "statement_from_on")
    return (
        batch.claims.select(READS["claims"])
        .with_columns(rows["row"], submitted_on=day)
        .join(of_lines, on="row", how="left", maintain_order="left")
        .join(principal.select("claim", "diagnosis"), on="claim", how="left", maintain_order="left")
        .select(
            "row",
            "submitted_on",
            "diagnosis",
            payer=pl.coalesce("payer_id", "payer_name"),
            provider="billing_npi",
            responsibility="payer_responsibility",
            authorized=pl.col("prior_authorization").is_not_null(),
            referred=pl.col("referring_npi").is_not_null(),
            attached=pl.col("claim").is_in(attached),
            rendered=pl.col("rendering_npi").is_not_null(),
            classified=pl.col("billing_taxonomy").is_not_null(),
            corrected=pl.col("frequency_code").is_in(_REPLACES).fill_null(False),
            place=pl.coalesce("place_of_service", "facility_type"),
            month=pl.col("submitted_on").dt.month().cast(pl.Float64),
            last_on=last,
            days_to_filing=(pl.col("submitted_on") - last).dt.total_days().cast(pl.Float64),
            charge=pl.col("total_charge").cast(pl.Float64),
            lines=pl.col("lines").fill_null(0.0),
            most_units="most_units",
            age=(last - born).dt.total_days() / 365.2425,
            # Hashed, so that nothing computed from it contains a name.
            patient=pl.when(_IS_NAMED).then(_PERSON.hash()),
        )
        .with_columns(
            delay_band=_banded(pl.col("days_to_filing"), _DELAYS, _DELAY_NAMES),
            charge_band=_banded(pl.col("charge"), _CHARGES, _CHARGE_NAMES),
            # Somebody of 60 years and 10 months is 60 years old.
            age_band=_banded(pl.col("age").floor(), _AGES, _AGE_NAMES),
        )
    )


def _pairs(lines: pl.DataFrame) -> pl.DataFrame:
    """Each line, paired with every other service of its claim."""
    several = lines.filter(pl.len().over("row") > 1)
    others = several.select("row", beside="procedure").unique(maintain_order=True)
    return (
        several.select("row", "line_at", "payer", "procedure", "set_apart")
        .join(others, on="row", how="inner", maintain_order="left_right")
        .filter(pl.col("procedure") != pl.col("beside"))
    )
