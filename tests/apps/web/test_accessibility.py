"""Every page without a violation of WCAG 2.1 AA that axe can find, with names for screen readers, and narrow
enough for a phone.

`make test` loads each page and opens each dialog once, one in the light theme and the next in the dark one.
`make long-tests` has all of them in both themes, and axe on the narrow screen as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, ViewportSize
from tests.apps.api.conftest import Doors
from tests.apps.web.conftest import Desk

AXE = Path(__file__).parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'],
  })).violations.map((each) => [each.id, each.nodes.map((node) => node.html.slice(0, 160))])"""
# How many answers a page waits for; the stream of events never ends, and is not asked for by `fetch`.
COUNT = """
  window.awaited = 0;
  const asked = window.fetch;
  window.fetch = (...what) => {
    window.awaited += 1;
    return asked(...what).finally(() => { window.awaited -= 1; });
  };
"""
# A page is drawn once it has waited for nothing, and nothing has moved, for so long.
STILL_MS = 150
STILL = """(ms) => {
  const moves = document.getAnimations().some((each) =>
    each.playState === 'running' && Number.isFinite(each.effect?.getComputedTiming().endTime));
  const waits = window.awaited > 0 || document.querySelector('[aria-busy=true], .slow-skeleton') !== null;
  const now = performance.now();
  if (moves || waits || document.fonts.status !== 'loaded') window.movedAt = now;
  window.movedAt ??= now;
  return now - window.movedAt >= ms;
}"""
# A page must not scroll sideways; a list inside of it may.
TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth + 1"
# The levels of the headings, where one jumps or where there is not one title.
HEADINGS = """() => {
  const seen = [...document.querySelectorAll('h1,h2,h3,h4')].filter((each) => each.checkVisibility());
  const levels = seen.map((each) => Number(each.tagName[1]));
  const jumps = levels.filter((level, at) => level > (at ? levels[at - 1] : 0) + 1);
  return jumps.length || levels.filter((level) => level === 1).length !== 1 ? levels : [];
}"""
NEEDS_NAME = {
    "button", "link", "textbox", "combobox", "checkbox", "grid", "dialog", "tab", "switch", "radio",
    "searchbox", "navigation", "toolbar", "img", "menuitem",
}  # fmt: skip
PAGES = {
    "boss": [
        "/overview", "/queue", "/claims", "/files", "/denials", "/appeals", "/underpayments", "/analytics",
        "/alerts",
        "/rules", "/rules/DAT001", "/models", "/operations", "/operations?view=health",
        "/settings",
        "/settings/policies", "/settings/reference", "/settings/waivers", "/settings/usage", "/help",
    ],
    "biller": ["/remittances", "/remittances/paper", "/remittances/waiting", "/payments"],
    "auditor": ["/audit"],
}  # fmt: skip
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, Theme] = ("light", "dark")
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 900}

pytestmark = pytest.mark.slow


class Judge(Desk):
    """Somebody before a browser that axe can be loaded into."""

    @classmethod
    @contextmanager
    def signed_in(cls, name: str, browser: Browser, address: str) -> Iterator[Judge]:
        """A desk of one's own, gone afterwards."""
        context = browser.new_context(viewport=WIDE, reduced_motion="reduce", bypass_csp=True)
        desk = cls(context.new_page(), address)
        desk.page.add_init_script(COUNT)
        desk.sign_in(name)
        yield desk
        context.close()
        assert desk.errors == []

    def load(self, path: str, theme: Theme) -> None:
        """Load a page in a theme: colors on their way from another one have no contrast to speak of."""
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme=theme)
        self.page.goto(self.address + path)
        self.page.locator(".page-head h1").wait_for()
        self.be_still()
        self.page.add_script_tag(path=str(AXE))

    def narrow(self) -> None:
        """Make the window as narrow as a phone."""
        self.page.set_viewport_size(NARROW)
        self.be_still()

    def be_still(self) -> None:
        """Wait until the page has all that it asked for, and has drawn it."""
        self.page.evaluate("delete window.movedAt")
        self.page.wait_for_function(STILL, arg=STILL_MS)

    def violations(self) -> Any:
        """What axe finds."""
        return self.page.evaluate(RUN)

    def is_too_wide(self) -> bool:
        """Whether the page scrolls sideways."""
        return bool(self.page.evaluate(TOO_WIDE))


@dataclass
class Visit:
    """What was found on the pages of a role, by page."""

    violations: dict[str, Any] = field(default_factory=dict)
    # Controls without a name by their role, landmarks that are missing, levels of headings.
    unclear: dict[str, Any] = field(default_factory=dict)
    too_wide: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=list(PAGES))
def visit(request: pytest.FixtureRequest, browser: Browser, address: str) -> Visit:
    """Each page of a role, loaded once."""
    found = Visit()
    with Judge.signed_in(request.param, browser, address) as desk:
        tree = desk.page.context.new_cdp_session(desk.page)
        for number, path in enumerate(PAGES[request.param]):
            desk.load(path, THEMES[number % 2])
            if violations := desk.violations():
                found.violations[path] = violations
            nodes = tree.send("Accessibility.getFullAXTree")["nodes"]
            if unclear := [*without_name(nodes), *desk.page.evaluate(HEADINGS)]:
                found.unclear[path] = unclear
            desk.narrow()
            if desk.is_too_wide():
                found.too_wide.append(path)
    return found


def without_name(nodes: list[dict[str, Any]]) -> list[str]:
    """The roles of controls without a name, and of landmarks that are missing."""
    told = [each for each in nodes if not each.get("ignored")]
    roles = {each.get("role", {}).get("value") for each in told}
    unnamed = [
        each["role"]["value"]
        for each in told
        if each.get("role", {}).get("value") in NEEDS_NAME
        and not str(each.get("name", {}).get("value", "")).strip()
    ]
    return [*unnamed, *sorted({"main", "navigation", "banner"} - roles)]


def test_no_page_has_a_violation(visit: Visit) -> None:
    assert visit.violations == {}


def test_a_screen_reader_has_a_name_for_every_control_and_headings_in_order(visit: Visit) -> None:
    assert visit.unclear == {}


def test_no_page_is_too_wide_for_a_phone(visit: Visit) -> None:
    assert visit.too_wide == []


@pytest.mark.long
@pytest.mark.parametrize("name", list(PAGES))
def test_no_page_has_a_violation_in_either_theme_or_on_a_phone(
    name: str, browser: Browser, address: str
) -> None:
    found: dict[tuple[str, ...], Any] = {}
    with Judge.signed_in(name, browser, address) as desk:
        for path in PAGES[name]:
            for theme in THEMES:
                desk.load(path, theme)
                if violations := desk.violations():
                    found[path, theme] = violations
                desk.narrow()
                if violations := desk.violations():
                    found[path, theme, "narrow"] = violations
                if desk.is_too_wide():
                    found[path, theme, "too wide"] = []
    assert found == {}


# A page, and what opens a dialog or a menu on it: a key, or the name of a button.
DIALOGS = [
    ("/queue", "?"), ("/queue", "Control+k"), ("/queue", "Views"), ("/alerts/{alert}", "Resolve"),
    ("/analytics?view=reports", "Schedule a report"), ("/settings/waivers", "Add a waiver"),
    ("/claims/{claim}", "o"),
]  # fmt: skip
WATCHED = {
    "name": "claims_sent", "title": "Claims received", "kpi": "clean_claim_rate", "minimum_items": 11,
    "condition": {"kind": "threshold", "below": 2.0, "days": 366},
}  # fmt: skip


@pytest.mark.parametrize("both", [False, pytest.param(True, marks=pytest.mark.long)], ids=["a theme", "both"])
def test_an_alert_and_dialogs_have_no_violation(
    both: bool, practice: Doors, browser: Browser, address: str
) -> None:
    client, boss = practice.client, practice.token("manager")
    defined = client.post("/api/v1/analytics/alerts/configure", headers=boss, json=WATCHED)
    assert defined.status_code in {200, 201}, defined.text
    assert client.post("/api/v1/analytics/alerts/evaluate", headers=boss).status_code == 200
    [alert, *_] = client.get("/api/v1/analytics/alerts", headers=boss).json()["items"]
    [claim, *_] = client.get("/api/v1/claims", headers=boss).json()["items"]
    places = {"alert": alert["incident_id"], "claim": claim["claim_key"]}
    found: dict[tuple[str, ...], Any] = {}
    with Judge.signed_in("boss", browser, address) as desk:
        for number, (path, opener) in enumerate(DIALOGS):
            for theme in THEMES if both else (THEMES[number % 2],):
                desk.load(path.format(**places), theme)
                if path.startswith("/alerts") and (violations := desk.violations()):
                    found[path, theme] = violations
                if len(opener) == 1 or "+" in opener:
                    desk.page.keyboard.press(opener)
                else:
                    desk.page.get_by_role("button", name=opener).first.click()
                desk.page.locator("[role=dialog], [role=menu]").first.wait_for()
                desk.be_still()
                if violations := desk.violations():
                    found[path, opener, theme] = violations
    assert found == {}
