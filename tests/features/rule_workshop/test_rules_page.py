"""The pages of the rules: each with all of its facts at an anchor of its own, searchable offline."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from claimwright.engines.rules import Rule, RuleBook
from reference_pages import rule_section, rules_pages
from rules_page import rules_search_page


@pytest.fixture(scope="module")
def page() -> str:
    return rules_search_page()["rules.html"]


@pytest.fixture(scope="module")
def articles(page: str) -> dict[str, str]:
    """What a reader sees of each rule, by its anchor."""
    found = re.findall(r'<article id="(\w+)"[^>]*>(.*?)</article>', page, re.DOTALL)
    return {code: unescape(re.sub(r"<[^>]+>", "", text)) for code, text in found}


def facts(rule: Rule) -> list[str]:
    """Everything that the file of a rule says, as it must be found again."""
    days = [str(day) for day in (rule.effective_from, rule.effective_to) if day]
    return [
        rule.code, rule.name, rule.title, rule.severity.value, f"SNIP {rule.snip}", rule.lifecycle.value,
        rule.level.replace("_", " "), rule.what, rule.why, rule.fix, rule.when.strip(), rule.message,
        *rule.fields, *rule.pair_on, *rule.claim_filing, *rule.payer_ids, *days,
        *(f"CARC {code}" for code in rule.carc), *(f"RARC {code}" for code in rule.rarc),
        *(case.name for case in rule.cases),
    ]  # fmt: skip


def test_every_rule_has_an_anchor_with_all_of_its_facts(articles: dict[str, str], rulebook: RuleBook) -> None:
    assert list(articles) == [rule.code for rule in rulebook]
    for rule in rulebook:
        missing = [fact for fact in facts(rule) if fact not in articles[rule.code]]
        assert missing == [], rule.code
        assert all(authority in articles[rule.code] for authority in rule.authority), rule.code


def test_every_rule_has_a_section_with_all_of_its_facts_in_the_reference(rulebook: RuleBook) -> None:
    pages = rules_pages(with_examples=False)
    for rule in rulebook:
        section = "\n".join(rule_section(rule, None))
        level = rule.level
        missing = [fact for fact in facts(rule) if fact not in section and fact != level.replace("_", " ")]
        assert missing == [], rule.code
        assert level in section
        assert f"\n## {rule.code} {rule.name}\n" in pages[f"rules/{rule.file.split('/')[-2]}.md"]


def test_the_page_asks_nothing_of_a_network(page: str) -> None:
    assert "default-src 'none'" in page
    assert re.findall(r"<(?:link|img|iframe|object|embed)\b", page) == []
    assert re.findall(r"\b(?:src|href)=\"(?!#)", page) == []
    assert re.findall(r"\b(?:fetch|XMLHttpRequest|import)\s*\(|@import|url\(", page) == []


def test_what_rules_say_is_text_and_never_markup(page: str) -> None:
    """A predicate is full of angle brackets."""
    assert "&lt;&gt;" in page
    assert page.count("<script>") == 1


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser on this machine")
@pytest.mark.parametrize("words", ["", "carc 29", "npi check digit", "424.44", "qwertyuiop"])
def test_a_search_in_a_browser_shows_the_rules_that_hold_every_word(
    words: str, page: str, articles: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "rules.html"
    path.write_text(page, encoding="utf-8")
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}/profile",
    ]
    command += ["--virtual-time-budget=5000", "--dump-dom", f"{path.as_uri()}?q={quote(words)}"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240).stdout
    visible = re.findall(r'<article id="(\w+)"(?![^>]*hidden)', shown)
    parts = re.findall(r"carc \w+|\S+", words)
    expected = [
        code
        for code, text in articles.items()
        if all(
            re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text.lower())
            or (" " not in part and part in text.lower())
            for part in parts
        )
    ]
    assert visible == expected
    count = f"{len(expected)} of {len(articles)} rules" if expected else "No rule has all of these words."
    assert f"<output>{count}</output>" in shown
