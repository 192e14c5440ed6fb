"""Finds the claim that each answer of a remittance is about.

By claim number and payer's turn, then by a number that a payer cut or wrote in other case, by the payer's
claim number, and by charge and date of service. Candidates are opened and scored; see
`engines/remittance/matching.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.engines.remittance import MATCHED, UNKNOWN, match
from claimwright.engines.remittance.matching import folded_numbers
from claimwright.platform.database import Connection
from claimwright.store import remittance_candidates
from claimwright.store.sealed_claims import Blinds, Opens

from .covering import each_once
from .opened_claims import OpenedClaims

TURNS = ("P", "S", "T")
# CLP02: processed as primary, secondary, tertiary; with forwarding to another payer.
_TURN_OF_STATUS = {"1": "P", "19": "P", "2": "S", "20": "S", "3": "T", "21": "T"}
STATED_TURN = pl.col("claim_status").replace_strict(_TURN_OF_STATUS, default=None, return_dtype=pl.String)
_FOUND: dict[str, pl.DataType] = {
    "answer": pl.Int64(), "state": pl.String(), "claim_key": pl.Int64(), "score": pl.Int16(),
    "score_reasons": pl.String(), "facility": pl.String(), "turn": pl.String(),
}  # fmt: skip


class Finds(Opens, Blinds, Protocol):
    """The interface of `claimwright.platform.phi.Sealer` that is used here."""


@dataclass(frozen=True)
class FoundClaims:
    """`matches` has one row per answer: `state`, `claim_key` (null unless matched), `score`, `score_reasons`,
    `facility`, `turn`. `claims` and `lines` are the opened claims of the
    matches, `opened` has them whole.
    """

    matches: pl.DataFrame
    claims: pl.DataFrame
    lines: pl.DataFrame
    opened: OpenedClaims


def find_claims(
    caller: Caller,
    connection: Connection,
    finder: Finds,
    answers: pl.DataFrame,
    *,
    facility: str | None,
    chosen: int | None = None,
    opened: OpenedClaims | None = None,
) -> FoundClaims:
    """The claim of each answer. `answers` as `engines/remittance/preparing.py` describes them.

    `chosen` is the claim that a person chose for all of them. `opened` keeps the claims that are opened.
    """
    opened = opened or OpenedClaims(caller, connection, finder)
    if chosen is not None:
        return _chosen(connection, opened, answers, chosen)
    return choose(answers, look_up(caller, connection, finder, answers, facility=facility), opened)


def look_up(
    caller: Caller, connection: Connection, finder: Finds, answers: pl.DataFrame, *, facility: str | None
) -> pl.DataFrame:
    """The claims that each answer may be about: everything that is read to choose one, but their records."""
    candidates = _by_number(caller, connection, finder, answers, facility)
    left = _without(answers, candidates)
    if left.height:
        # A second payer can say that it paid as the first.
        others = _by_number(caller, connection, finder, left, facility, any_turn=True)
        candidates = pl.concat([candidates, others])
        left = _without(left, others)
    if left.height:
        candidates = pl.concat(
            [
                candidates,
                _by_payer_number(caller, connection, finder, left, facility),
                _by_charge(connection, left, facility),
            ],
            how="diagonal",
        )
    return _merged(candidates)


def choose(answers: pl.DataFrame, candidates: pl.DataFrame, opened: OpenedClaims) -> FoundClaims:
    """The claim of each answer among these candidates."""
    keys = candidates["claim_key"].unique().sort().to_list()
    claims, lines = _compared(opened, keys)
    scored = _scored(answers, candidates, claims, lines)
    matched = match(scored).join(
        scored.select("answer", "claim_key", "facility", turn="payer_responsibility").unique(
            ["answer", "claim_key"]
        ),
        on=["answer", "claim_key"], how="left", maintain_order="left",
    )  # fmt: skip
    unknown = answers.join(matched, on="answer", how="anti", maintain_order="left").select(
        "answer", state=pl.lit(UNKNOWN)
    )
    matches = (
        pl.concat([matched, unknown], how="diagonal")
        .join(answers.select("answer", stated=STATED_TURN), on="answer", how="left")
        .with_columns(turn=pl.coalesce("stated", "turn", pl.lit("P")))
        .select([pl.col(name).cast(dtype) for name, dtype in _FOUND.items()])
        .sort("answer")
    )
    kept = matches["claim_key"].drop_nulls().unique()
    return FoundClaims(
        matches,
        claims.filter(pl.col("claim").is_in(kept.implode())),
        lines.filter(pl.col("claim").is_in(kept.implode())),
        opened,
    )


def _chosen(
    connection: Connection, opened: OpenedClaims, answers: pl.DataFrame, claim_key: int
) -> FoundClaims:
    claims, lines = _compared(opened, [claim_key])
    facility = remittance_candidates.facility_of(connection, claim_key)
    own = claims["payer_responsibility"].to_list()
    matches = answers.select(
        "answer", state=pl.lit(MATCHED), claim_key=pl.lit(claim_key, pl.Int64), score=pl.lit(None, pl.Int16),
        score_reasons=pl.lit("chosen by a person"), facility=pl.lit(facility, pl.String),
        turn=pl.coalesce(STATED_TURN, pl.lit(own[0] if own else None, pl.String), pl.lit("P")),
    )  # fmt: skip
    return FoundClaims(matches.sort("answer"), claims, lines, opened)


def candidates_of(
    caller: Caller, connection: Connection, finder: Finds, answers: pl.DataFrame, *, facility: str | None
) -> pl.DataFrame:
    """Every candidate of answers with its score, best first: for a person who decides."""
    found = pl.concat(
        [
            _by_number(caller, connection, finder, answers, facility),
            _by_payer_number(caller, connection, finder, answers, facility),
            _by_charge(connection, answers, facility),
        ],
        how="diagonal",
    )
    found = _merged(found)
    keys = found["claim_key"].unique().sort().to_list()
    claims, lines = _compared(OpenedClaims(caller, connection, finder), keys)
    scored = _scored(answers, found, claims, lines)
    parts = [
        match(scored.filter(pl.col("claim_key") == key).with_columns(chain=pl.lit(1))).with_columns(
            claim_key=pl.lit(key, pl.Int64)
        )
        for key in keys
    ]
    if not parts:
        return pl.DataFrame(schema={name: _FOUND[name] for name in ("claim_key", "score", "score_reasons")})
    return pl.concat(parts).select("claim_key", "score", "score_reasons").sort("score", descending=True)


def _merged(candidates: pl.DataFrame) -> pl.DataFrame:
    """One row for each answer and claim, with all that was found equal in whichever way."""
    flags = ("same_number", "same_folded_number", "same_payer_number")
    return candidates.group_by("answer", "claim_key", maintain_order=True).agg(
        pl.col(
            "version", "facility", "frequency", "charge_cents", "service_from_on", "service_to_on"
        ).first(),
        pl.col("asked_turn").drop_nulls().first(),
        *(pl.col(name).fill_null(False).any() for name in flags),
    )


def _without(answers: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """The answers that no candidate's number equals: a number that was cut can be another claim's."""
    numbered = candidates.filter(pl.col("same_number")).select("answer").unique()
    return answers.join(numbered, on="answer", how="anti", maintain_order="left")


def open_lines(caller: Caller, connection: Connection, finder: Opens, keys: Sequence[int]) -> pl.DataFrame:
    """The lines of claims as they are compared with answers; `claim` is the key."""
    return _compared(OpenedClaims(caller, connection, finder), keys)[1]


def _by_number(
    caller: Caller,
    connection: Connection,
    finder: Finds,
    answers: pl.DataFrame,
    facility: str | None,
    *,
    any_turn: bool = False,
) -> pl.DataFrame:
    numbered = answers.filter(pl.col("claim_id").is_not_null()).select(
        "answer", "claim_id", stated=STATED_TURN
    )
    numbered = numbered.with_columns(folded=folded_numbers(numbered["claim_id"]))
    # The claim to the first payer is looked for too: another one's answer may state no turn of its own.
    of_turns = [
        numbered.filter(
            pl.lit(any_turn) | pl.col("stated").is_null() | (pl.col("stated") == turn) | (turn == "P")
        ).with_columns(asked_turn=pl.lit(turn))
        for turn in TURNS
    ]
    asked = pl.concat(of_turns)
    given = asked.select("answer", "asked_turn", text="claim_id", is_as_given=pl.lit(True))
    folded = asked.filter(pl.col("folded") != pl.col("claim_id")).select(
        "answer", "asked_turn", text="folded", is_as_given=pl.lit(False)
    )
    known = pl.concat([given, folded]).with_row_index("asked").with_columns(pl.col("asked").cast(pl.Int64))
    texts = known.select(pl.col("text") + " " + pl.col("asked_turn")).to_series().to_list()
    blinded = finder.blind("claim-number", caller.tenant, texts)
    found = remittance_candidates.claims_with_numbers(
        connection, known["asked"].to_list(), [bytes(each or b"") for each in blinded], facility
    )
    known = known.drop("text")
    return found.join(known, on="asked", how="inner").drop("asked").with_columns(
        same_number=pl.col("is_as_given") & ~pl.col("is_folded"), same_folded_number=pl.lit(True),
        same_payer_number=pl.lit(None, pl.Boolean),
    ).drop("is_as_given", "is_folded")  # fmt: skip


def _by_payer_number(
    caller: Caller, connection: Connection, finder: Finds, answers: pl.DataFrame, facility: str | None
) -> pl.DataFrame:
    numbered = answers.filter(pl.col("payer_claim_number").is_not_null())
    blinded = finder.blind("payer-claim-number", caller.tenant, numbered["payer_claim_number"].to_list())
    found = remittance_candidates.claims_of_payer_numbers(
        connection, numbered["answer"].to_list(), [bytes(each or b"") for each in blinded], facility
    )
    return _not_by_number(found).with_columns(same_payer_number=pl.lit(True))


def _by_charge(connection: Connection, answers: pl.DataFrame, facility: str | None) -> pl.DataFrame:
    asked = answers.filter(pl.col("charge_cents") > 0, pl.col("service_from_on").is_not_null())
    found = remittance_candidates.claims_with_charges(
        connection, asked["answer"].to_list(), asked["charge_cents"].to_list(),
        asked["service_from_on"].to_list(), facility,
    )  # fmt: skip
    return _not_by_number(found).with_columns(same_payer_number=pl.lit(False))


def _not_by_number(found: pl.DataFrame) -> pl.DataFrame:
    return found.rename({"asked": "answer"}).with_columns(
        asked_turn=pl.lit(None, pl.String), same_number=pl.lit(False), same_folded_number=pl.lit(False)
    )


def _compared(opened: OpenedClaims, keys: Sequence[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is compared of the claims and their lines; `claim` is the key."""
    no_claims, no_lines = _nothing()
    batches = opened.of(keys)
    of_keys = pl.col("claim").is_in(pl.Series(keys, dtype=pl.Int64).implode())
    claims = pl.concat([no_claims, *map(_claim_values, batches)])
    lines = pl.concat([no_lines, *map(_line_values, batches)])
    return claims.filter(of_keys), lines.filter(of_keys)


@cache
def _nothing() -> tuple[pl.DataFrame, pl.DataFrame]:
    """No claims and no lines."""
    return _claim_values(ClaimBatch()), _line_values(ClaimBatch())


def _claim_values(batch: ClaimBatch) -> pl.DataFrame:
    return batch.claims.select(
        "claim", "claim_id", "payer_responsibility", "payer_id", "frequency_code", "billing_npi",
        member=_folded("subscriber_member_id"), subscriber_last=_folded("subscriber_name"),
        subscriber_first=_folded("subscriber_first_name"), dependent_last=_folded("dependent_name"),
        dependent_first=_folded("dependent_first_name"),
        claimed_cents=(pl.col("total_charge") * 100).cast(pl.Int64),
    )  # fmt: skip


def _line_values(batch: ClaimBatch) -> pl.DataFrame:
    modifiers = pl.concat_str([f"modifier_{n}" for n in range(1, 5)], separator=" ", ignore_nulls=True)
    return batch.lines.select(
        "claim", "line", "service_from_on", control="line_control_number",
        submitted=pl.coalesce("procedure", "revenue_code"),
        modifiers=pl.when(modifiers != "").then(modifiers),
        charge_cents=(pl.col("line_charge") * 100).cast(pl.Int64).fill_null(0),
    )  # fmt: skip


def _either(value: pl.Expr, *columns: str) -> pl.Expr:
    """Whether a value is that of one of the columns; null if the value, or all of them, are not known."""
    known = pl.any_horizontal(pl.col(column).is_not_null() for column in columns) & value.is_not_null()
    return pl.when(known).then(
        pl.any_horizontal((value == pl.col(column)).fill_null(False) for column in columns)
    )


def _folded(column: str) -> pl.Expr:
    return pl.col(column).str.to_uppercase().str.replace_all(r"[^0-9A-Z]", "").replace("", None)


def _scored(
    answers: pl.DataFrame, candidates: pl.DataFrame, claims: pl.DataFrame, lines: pl.DataFrame
) -> pl.DataFrame:
    """Candidates with what is equal between answer and claim: the names of `matching.POINTS`."""
    asked = answers.select(
        "answer", "procedures", answered_cents=pl.col("charge_cents").abs(), answered_frequency="frequency",
        answered_from="service_from_on", answered_npi="payee_npi", answered_member=_folded("patient_id"),
        answered_subscriber=_folded("subscriber_id"), answered_last=_folded("patient_last_name"),
        answered_first=_folded("patient_first_name"), answered_payer="payer_id", stated_turn=STATED_TURN,
    )  # fmt: skip
    procedures = each_once(lines, "claim", "submitted", "claimed_procedures")
    joined = (
        candidates.join(asked, on="answer", how="inner", maintain_order="left")
        .join(claims, left_on="claim_key", right_on="claim", how="inner", maintain_order="left")
        .join(procedures, left_on="claim_key", right_on="claim", how="left", maintain_order="left")
    )
    last, first = pl.col("answered_last"), pl.col("answered_first")
    turn = pl.col("payer_responsibility").fill_null("P")
    is_payer = (pl.col("answered_payer") == pl.col("payer_id")).fill_null(False)
    is_frequency = pl.col("answered_frequency") == pl.col("frequency_code")
    return joined.with_columns(
        # The claims to the first and to the second payer have one number: which is meant is no question of
        # points.
        chain=pl.concat_str(
            "facility", pl.coalesce("claim_id", pl.col("claim_key").cast(pl.String)), separator="/"
        ),
        preference=pl.col("version").cast(pl.Int32)
        + pl.when(is_frequency.fill_null(False)).then(1_000).otherwise(0)
        + pl.when(turn == "P").then(2_000).otherwise(0)
        + pl.when(is_payer).then(4_000).otherwise(0)
        + pl.when((turn == pl.col("stated_turn")).fill_null(False)).then(10_000).otherwise(0),
        same_member=(pl.col("answered_member") == pl.col("member"))
        | (pl.col("answered_subscriber") == pl.col("member")),
        same_last_name=_either(last, "subscriber_last", "dependent_last"),
        same_first_name=_either(first, "subscriber_first", "dependent_first"),
        same_charge=pl.col("answered_cents") == pl.col("claimed_cents"),
        same_days=pl.col("answered_from") == pl.col("service_from_on"),
        same_procedures=pl.col("procedures") == pl.col("claimed_procedures"),
        same_provider=pl.col("answered_npi") == pl.col("billing_npi"),
    )  # fmt: skip
