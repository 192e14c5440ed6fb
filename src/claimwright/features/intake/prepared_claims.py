"""Prepares claims for the store: their keys, the columns stored next to their records, the sealed records."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from claimwright.domain import code_shapes
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.claim_groups import diagnosis_groups, procedure_groups
from claimwright.domain.derived import SeenClaims, facts
from claimwright.domain.dictionary import Level
from claimwright.domain.patient_names import folded_names
from claimwright.engines.prediction import same_services
from claimwright.engines.remittance.matching import folded_numbers
from claimwright.engines.x12 import Reading
from claimwright.store.payers import unsealed_payers
from claimwright.store.sealed_claims import SealedClaims, Seals, context_of

# Claim frequency codes that replace or void an earlier claim (NUBC, type of bill, third digit).
RESUBMISSIONS = ("7", "8")
# The columns stored next to the record, and their names in the dictionary or the derived names.
BESIDE = {
    "form": "form",
    "payer_id": "payer_id",
    "claim_filing": "claim_filing_code",
    "frequency": "frequency_code",
    "service_from_on": "first_service_on",
    "service_to_on": "last_service_on",
    "total_charge": "total_charge",
    "number_occurrence": "claim_occurrence",
    "content_occurrence": "claim_content_occurrence",
}


@dataclass(frozen=True)
class PreparedClaims:
    """The claims of one reading with their keys and everything that is stored of them.

    `claims` has one row per claim: `claim_key`, `position` (in the file, from 1), `number`, `folded`,
    `content`, `services` (blind indexes), the columns of `SEARCHED`, `resubmission`, `lines` and the names of
    `BESIDE`.
    `sealed` has the records in the same order.
    """

    claims: pl.DataFrame
    sealed: SealedClaims
    findings: pl.DataFrame


def prepare_claims(
    reading: Reading,
    keys: Sequence[int],
    sealer: Seals,
    *,
    tenant: str,
    seen: SeenClaims,
    as_of: datetime.date,
    scope: pl.Series | None = None,
) -> PreparedClaims:
    """Prepare the claims of a reading with these keys. `seen` counts repeats over the whole file.

    `scope`, one integer a claim, keeps claims of different files apart when repeats are counted.
    """
    records = reading.records
    assert records is not None
    known = facts(reading.batch, as_of=as_of, seen=seen, scope=scope)
    claims = reading.batch.claims
    resubmission = claims["frequency_code"].is_in(RESUBMISSIONS).fill_null(False)
    contents = [
        text[-own:].decode("utf-8", "replace") if again or number is None else None
        for text, own, again, number in zip(
            records.texts,
            records.own_bytes,
            resubmission.to_list(),
            claims["claim_id"].to_list(),
            strict=True,
        )
    ]
    content = sealer.blind("claim-content", tenant, contents)
    number = sealer.blind("claim-number", tenant, _numbers(claims))
    folded = sealer.blind("claim-number", tenant, _folded_numbers(claims))
    services = sealer.blind("claim-services", tenant, same_services(reading.batch).to_list())
    lines = reading.batch.lines.group_by("claim").agg(lines=pl.len().cast(pl.Int32))
    counted = claims.select("claim").join(lines, on="claim", how="left", maintain_order="left")
    beside = {name: known.column(Level.CLAIM, source) for name, source in BESIDE.items()}
    beside["payer_id"] = unsealed_payers(beside["payer_id"], sealer, tenant)
    beside["diagnosis_group"] = diagnosis_groups(known.column(Level.CLAIM, "principal_diagnosis"))
    beside |= _provider_and_procedure(reading.batch)
    frame = pl.DataFrame(
        {
            "claim_key": pl.Series(keys, dtype=pl.Int64),
            "position": claims["claim"].cast(pl.Int32),
            # A claim without a number is identified by its content.
            "number": pl.Series(
                [one or other for one, other in zip(number, content, strict=True)], dtype=pl.Binary
            ),
            "folded": pl.Series(folded, dtype=pl.Binary),
            "content": pl.Series(content, dtype=pl.Binary),
            **searched_by(claims, sealer, tenant),
            "services": pl.Series(services, dtype=pl.Binary),
            "resubmission": resubmission,
            "lines": counted["lines"].fill_null(0),
            **beside,
        }
    )
    contexts = [context_of(tenant, key) for key in keys]
    sealed = SealedClaims(
        np.array(keys, dtype=np.int64),
        np.full(len(keys), as_of, dtype="datetime64[D]"),
        records.heading_bytes,
        records.provider_bytes,
        sealer.seal(records.texts, contexts),
    )
    return PreparedClaims(frame, sealed, _by_claim_key(reading.findings, frame))


def prepare_files(
    reading: Reading, keys: Sequence[int], sealer: Seals, *, tenant: str, as_of: datetime.date
) -> list[PreparedClaims]:
    """Prepare files of a tenant that were read together: for each what `prepare_claims` gives it alone."""
    files = reading.files
    assert files is not None
    whole = prepare_claims(
        reading, keys, sealer, tenant=tenant, seen=SeenClaims(), as_of=as_of, scope=pl.Series(files.of_claim)
    )
    ends = np.cumsum(np.bincount(files.of_claim, minlength=len(files.names)))
    starts = np.append(0, ends[:-1])
    before = pl.Series(starts[files.of_claim], dtype=pl.Int32)
    claims = whole.claims.with_columns(pl.col("position") - before)
    return [
        PreparedClaims(
            claims.slice(start, end - start),
            whole.sealed.part(start, end),
            whole.findings.filter(files.of_finding == file),
        )
        for file, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True))
    ]


def searched_by(claims: pl.DataFrame, sealer: Seals, tenant: str) -> dict[str, pl.Series]:
    """The columns of `SEARCHED`: blind indexes of the member ID and of the patient's name, both folded, and
    the NPIs of who bills and of who rendered the services or attended.
    """
    members = folded_numbers(claims["subscriber_member_id"])
    is_dependent = pl.col("dependent_name").is_not_null()
    patients = claims.select(
        last=pl.when(is_dependent).then("dependent_name").otherwise("subscriber_name"),
        first=pl.when(is_dependent).then("dependent_first_name").otherwise("subscriber_first_name"),
    )
    names = folded_names(patients["last"], patients["first"])
    indexes = {
        "member": sealer.blind("member-id", tenant, members.to_list()),
        "patient": sealer.blind("patient-name", tenant, names.to_list()),
    }
    # Other things can be in the element of an NPI; they stay in the sealed record.
    npis = claims.select(
        billing_npi=_npi("billing_npi"), provider_npi=_npi("rendering_npi").fill_null(_npi("attending_npi"))
    )
    return {
        name: pl.Series(name, [index or b"" for index in found], dtype=pl.Binary)
        for name, found in indexes.items()
    } | {each.name: each for each in npis.get_columns()}


def _npi(name: str) -> pl.Expr:
    [pattern] = code_shapes.NPI
    return pl.when(pl.col(name).str.contains(pattern)).then(name)


def _provider_and_procedure(batch: ClaimBatch) -> dict[str, pl.Series]:
    """Who rendered the services, or else who bills; and the group of the procedure that is charged most."""
    claims = batch.claims
    most = (
        batch.lines.sort("claim", "line_charge", "line", descending=[False, True, False], nulls_last=True)
        .group_by("claim", maintain_order=True)
        .agg(pl.col("procedure").first())
    )
    procedures = claims.select("claim").join(most, on="claim", how="left", maintain_order="left")
    return {
        "provider": claims["rendering_npi"].fill_null(claims["billing_npi"]),
        "specialty": claims["rendering_taxonomy"].fill_null(claims["billing_taxonomy"]),
        "procedure_group": procedure_groups(procedures["procedure"]),
    }


def _numbers(claims: pl.DataFrame) -> list[str | None]:
    """The identity of a claim within its provider: its number, and the payer's sequence.

    A claim to the second payer has the same number as the one to the first, but is a different claim.
    """
    turn = claims["payer_responsibility"].fill_null("P")
    return (claims["claim_id"] + " " + turn).to_list()


def _folded_numbers(claims: pl.DataFrame) -> list[str | None]:
    """The same with the number as careless payers return it; null where that is the number itself."""
    folded = folded_numbers(claims["claim_id"])
    turn = claims["payer_responsibility"].fill_null("P")
    differs = folded != claims["claim_id"]
    return claims.select(pl.when(differs).then(folded + " " + turn)).to_series().to_list()


def _by_claim_key(findings: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Structural findings by claim key instead of position."""
    keys = claims.select(claim=pl.col("position").cast(pl.Int64), claim_key="claim_key")
    return findings.join(keys, on="claim", how="left", maintain_order="left").drop("claim", "waiver")
