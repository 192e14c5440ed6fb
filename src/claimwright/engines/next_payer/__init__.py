"""The claim to the next payer, made from a claim and what its first payer answered."""

from .building import ADJUSTED, ANSWERED, next_payers, secondary_claims

__all__ = ["ADJUSTED", "ANSWERED", "next_payers", "secondary_claims"]
