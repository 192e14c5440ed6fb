"""Whose turn an answer was that does not say it: a denial (CLP02 4) and a reversal (22) name no turn.

A second payer's denial that counted as the first payer's would wait behind that one's payment, or stand in
its place. Who pays says it: by the name or number that the claim has for each of its payers; otherwise by
the payers that have answered the claim before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from claimwright.domain.batch import ClaimBatch

from .opened_claims import OpenedClaims

_PAYERS = {"claim": pl.Int64, "turn": pl.String, "name": pl.String, "payer": pl.String}


def turns_by_payer(
    answers: pl.DataFrame, batches: Sequence[ClaimBatch], earlier: Mapping[int, Mapping[str, str]]
) -> dict[int, str]:
    """The turn of each answer whose payer is one of the claim's, and only one.

    `answers` has `answer`, `claim_key`, `account_key`, `is_reversal`, `payer_id` and `payer_name`.
    `batches` are their claims, `earlier` the turns of the payers that answered each account.
    """
    # Nearly all claims name one payer, and nobody has answered them before.
    others = [pl.Series(dtype=pl.Int64), *(batch.other_payers["claim"] for batch in batches)]
    answers = answers.filter(
        pl.col("claim_key").is_in(pl.concat(others).unique().implode())
        | pl.col("account_key").is_in(list(earlier))
    ).with_columns(name=_folded("payer_name"))
    if not answers.height:
        return {}
    asked = pl.col("claim").is_in(answers["claim_key"].implode())
    payers = pl.concat([pl.DataFrame(schema=_PAYERS), *map(_payers_of, batches)]).filter(asked).unique()
    by_claim: dict[int, list[dict[str, str | None]]] = {}
    for row in payers.iter_rows(named=True):
        by_claim.setdefault(row["claim"], []).append(row)
    found = {}
    for row in answers.iter_rows(named=True):
        name, number = row["name"], row["payer_id"]
        named = by_claim.get(row["claim_key"], [])
        turns = {
            each["turn"] for each in named
            if (name and each["name"] == name) or (number and each["payer"] == number)
        }  # fmt: skip
        before = earlier.get(row["account_key"], {})
        if not turns:
            turns = {before[each] for each in (number, name) if each in before}
        # A denial of somebody else than who answered as the first payer is the next one's, if one is named.
        later = {each["turn"] for each in named} - {"P"}
        if not turns and not row["is_reversal"] and "P" in before.values() and len(later) == 1:
            turns = later
        if len(turns) == 1 and (turn := turns.pop()) is not None:
            found[row["answer"]] = turn
    return found


def numbers_of_later_payers(answers: pl.DataFrame, opened: OpenedClaims) -> pl.DataFrame:
    """`answer_id` and `own_number`: the number that its claim has for a second or third payer that answered,
    by which contracts and addresses are found. `answers` has `answer_id`, `claim_key` and `turn`.
    """
    later = answers.filter(pl.col("turn").is_in(["S", "T"]), pl.col("claim_key").is_not_null())
    none = pl.DataFrame(schema={"answer_id": pl.Int64, "own_number": pl.String})
    if not later.height:
        return none
    payers = pl.concat([pl.DataFrame(schema=_PAYERS), *map(_payers_of, opened.of(later["claim_key"]))])
    numbered = payers.drop_nulls("payer").unique(["claim", "turn"], keep="none")
    found = later.join(numbered, left_on=["claim_key", "turn"], right_on=["claim", "turn"], how="inner")
    return found.select("answer_id", own_number="payer") if found.height else none


def _payers_of(batch: ClaimBatch) -> pl.DataFrame:
    own = batch.claims.select(
        "claim", turn="payer_responsibility", name=_folded("payer_name"), payer="payer_id"
    )
    others = batch.other_payers.select(
        "claim",
        turn="other_payer_responsibility",
        name=_folded("other_payer_name"),
        payer="other_payer_id",
    )
    named = pl.concat([own, others]).filter(pl.col("turn").is_in(["P", "S", "T"]))
    return named.select(pl.col(column).cast(kind) for column, kind in _PAYERS.items())


def _folded(column: str) -> pl.Expr:
    """Capitals and digits alone; null without any."""
    return pl.col(column).str.to_uppercase().str.replace_all(r"[^0-9A-Z]", "").replace("", None)
