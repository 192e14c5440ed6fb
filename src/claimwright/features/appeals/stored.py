"""The stored cases and addresses, for the facade."""

from claimwright.store.appeals import AppealCase, PayerAddress, list_addresses, list_cases

__all__ = ["AppealCase", "PayerAddress", "list_addresses", "list_cases"]
