"""Pricing: the expected payment of a claim, by dated fee schedules and contracts.

Start with `Pricer`: `Pricer.default()` or `Pricer.from_contracts(path)`, then
`pricer.price(claims, lines)`.
"""

from .basis import MEANING, PRICED, Basis
from .contract_file import ContractError, ContractFile, parse_contracts
from .contract_tester import try_contracts
from .contracts import DEFAULT_CONVERSION_FACTOR, NATIONAL, Contract, ContractKind, Setting, medicare_contract
from .explanation import explain_price
from .pricer import PRICE_SCHEMA, Pricer, price_lines

__all__ = [
    "DEFAULT_CONVERSION_FACTOR",
    "MEANING",
    "NATIONAL",
    "PRICED",
    "PRICE_SCHEMA",
    "Basis",
    "Contract",
    "ContractError",
    "ContractFile",
    "ContractKind",
    "Pricer",
    "Setting",
    "explain_price",
    "medicare_contract",
    "parse_contracts",
    "price_lines",
    "try_contracts",
]
