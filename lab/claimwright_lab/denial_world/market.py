"""Who pays and who bills in a world: payers of very different size, offices too, and some services often."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright_lab.sampling import Draws

from .dice import Dice, Real
from .kinds import Kind

Whole = npt.NDArray[np.int64]

# The sample's payers by kind, by the fourth character of their number.
_KIND_OF_DIGIT = {"0": "medicare", "1": "advantage", "2": "medicaid", "3": "commercial", "4": "workers"}
_DIGIT = {kind: digit for digit, kind in _KIND_OF_DIGIT.items()}
_NAMES = {
    "medicare": "SAMPLE MEDICARE CONTRACTOR",
    "advantage": "EXAMPLE SENIOR PLAN",
    "medicaid": "SAMPLE MEDICAID PLAN",
    "commercial": "FICTIONAL HEALTH PLAN",
    "workers": "SAMPLE WORKERS COMPENSATION FUND",
}
# Commercial insurer, Blue Cross, health maintenance organization, preferred provider (SBR09).
_COMMERCIAL_FILING = ["CI", "BL", "HM", "12"]
GROUP = "193200000X"


def draw_payers(kind: Kind, seed: int) -> pl.DataFrame:
    """`payer`, `name`, `kind`, `weight` within its kind, and `filing` (SBR09) of commercial payers."""
    dice = Dice(seed, "payers")
    rows = []
    for name, (fewest, most) in kind.payers.items():
        count = int(dice.whole(f"count {name}", (fewest, most), 1)[0])
        exponent = dice.one(f"size {name}", kind.size_exponent)
        filing = dice.whole(f"filing {name}", (0, len(_COMMERCIAL_FILING) - 1), count)
        rows += [
            {
                "payer": f"SYN{_DIGIT[name]}{number:02d}",
                "name": f"{_NAMES[name]} {number}",
                "kind": name,
                "weight": round(number**-exponent, 6),
                "filing": _COMMERCIAL_FILING[int(filing[number - 1])] if name == "commercial" else None,
            }
            for number in range(1, count + 1)
        ]
    return pl.DataFrame(rows, schema_overrides={"filing": pl.String})


def with_market(batch: ClaimBatch, kind: Kind, payers: pl.DataFrame, seed: int, claims: int) -> ClaimBatch:
    """So many of the claims, with this market's payers and offices."""
    if kind.offices is not None:
        batch = batch.select(batch.claims.filter(pl.col("billing_taxonomy") == GROUP)["claim"])
    chosen = batch.select(_chosen(batch, kind, seed, claims))
    frames = dict(chosen.frames())
    frames[Level.CLAIM] = _with_offices(_with_payers(chosen.claims, payers, seed), kind, seed)
    return ClaimBatch.of(frames)


def _chosen(batch: ClaimBatch, kind: Kind, seed: int, claims: int) -> pl.Series:
    """Patients by weighted sampling (Efraimidis and Spirakis 2006), so that some services are given often."""
    first = batch.lines.group_by("claim", maintain_order=True).agg(
        service=pl.coalesce("procedure", "revenue_code").first()
    )
    people = batch.claims.select("claim", person="subscriber_member_id").join(
        first, on="claim", how="left", maintain_order="left"
    )
    main = people.group_by("person", maintain_order=True).agg(pl.col("service").first(), size=pl.len())
    services = main["service"].unique().sort()
    dice = Dice(seed, "services")
    weight = dice.factor("weight", dice.one("spread", kind.service_spread), len(services))
    own = main["service"].replace_strict(services, pl.Series(weight), default=1.0).to_numpy()
    uniform = (Draws(seed, np.arange(main.height, dtype=np.int64)).below("chosen", 2**32) + 0.5) / 2**32
    order = np.argsort(np.log(uniform) / own, kind="stable")[::-1]
    kept = order[np.cumsum(main["size"].to_numpy()[order]) <= claims]
    return people.filter(pl.col("person").is_in(main["person"].gather(pl.Series(kept)).implode()))["claim"]


def _with_payers(claims: pl.DataFrame, payers: pl.DataFrame, seed: int) -> pl.DataFrame:
    """A patient has one payer of the kind that the sample gave."""
    person = claims["subscriber_member_id"].rank("dense").to_numpy().astype(np.int64)
    uniform = Draws(seed, person).below("payer of the market", 2**32) / 2**32
    digit = claims["payer_id"].str.slice(3, 1)
    place: Whole = np.zeros(claims.height, dtype=np.int64)
    for kind, number in _DIGIT.items():
        own = payers.with_row_index("row").filter(pl.col("kind") == kind)
        mine = (digit == number).to_numpy()
        if not own.height or not mine.any():
            continue
        upper = np.cumsum(own["weight"].to_numpy()) / own["weight"].sum()
        within = np.minimum(np.searchsorted(upper, uniform[mine], side="right"), own.height - 1)
        place[mine] = own["row"].to_numpy()[within]
    at = pl.Series(place)
    return claims.with_columns(
        payer_id=payers["payer"].gather(at),
        payer_name=payers["name"].gather(at),
        claim_filing_code=pl.coalesce(payers["filing"].gather(at), pl.col("claim_filing_code")),
    )


def _with_offices(claims: pl.DataFrame, kind: Kind, seed: int) -> pl.DataFrame:
    """Offices merge into fewer, of very different size; what identifies an office goes with it."""
    dice = Dice(seed, "offices")
    exponent = dice.one("exponent", kind.office_exponent)
    keys = ["form", "billing_taxonomy"]
    identity = [
        name
        for name in claims.columns
        if name.startswith(("billing_", "pay_to_"))
        and not name.startswith(("billing_payer_", "billing_taxonomy"))
    ]
    known = claims.unique([*keys, "billing_npi"], maintain_order=True).sort(*keys, "billing_npi")
    parts = []
    for number, own in enumerate(known.partition_by(keys, maintain_order=True)):
        weight = (np.argsort(dice.uniform(f"order {number}", own.height)) + 1.0) ** -exponent
        if kind.offices is not None:
            weight[np.argsort(-weight)[int(dice.whole("offices", kind.offices, 1)[0]) :]] = 0.0
        upper: Real = np.cumsum(weight) / weight.sum()
        target = np.searchsorted(upper, dice.uniform(f"target {number}", own.height), side="right")
        at = pl.Series(np.minimum(target, own.height - 1))
        parts.append(own.select(*keys, old="billing_npi").with_columns(own.select(identity)[at.to_numpy()]))
    merged = pl.concat(parts)
    return (
        claims.drop(identity)
        .with_columns(old=claims["billing_npi"])
        .join(merged, on=[*keys, "old"], how="left", maintain_order="left")
        .select(claims.columns)
    )
