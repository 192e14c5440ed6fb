"""The stored cases and addresses, for the facade."""

from claimwright.store.appeal_letters import FiledLetter
from claimwright.store.appeals import AppealCase, PayerAddress, list_addresses, list_cases

__all__ = ["AppealCase", "FiledLetter", "PayerAddress", "list_addresses", "list_cases"]
