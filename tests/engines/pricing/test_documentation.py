"""A code or a term that the page does not have is one that nobody can use."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimwright.engines.pricing import PRICE_SCHEMA, Basis, ContractKind, Pricer
from claimwright.engines.pricing.contract_file import _TERMS


@pytest.fixture(scope="module")
def page(repo_root: Path) -> str:
    return (repo_root / "docs" / "pricing.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*Basis, *ContractKind, *_TERMS, *PRICE_SCHEMA])
def test_every_basis_kind_term_and_column_is_on_the_page(page: str, name: str) -> None:
    assert f"`{name}`" in page


def test_the_contract_file_on_the_page_is_one_that_can_be_read(page: str) -> None:
    text = page.split("```yaml\n")[1].split("```", maxsplit=1)[0]
    assert [contract.name for contract in Pricer.from_text(text, "page").contracts] == [
        "Acme commercial 2025",
        "Beta plan",
        "Beta plan",
        "Gamma hospital days",
        "Delta",
    ]
