"""A real browser before the real server, over a store with claims that a run has processed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.apps.api.conftest import PASSWORD, ROOT, Doors, opened, processed  # noqa: F401 - a fixture
from tests.apps.api.served import served
from tests.database_server import Store

from claimwright.apps.api import create_app, web_app
from claimwright.platform.identity import keep_toured

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PATIENCE_MS = 60_000
# No test depends on how fast the hour is.
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Of a module, since its event loop would be in the way of other tests."""
    if CHROMIUM is None:
        pytest.skip("NOT CHECKED: there is no Chromium on this machine (make browser)")
    if not (Path(web_app.__file__).parent / "app" / "index.html").is_file():
        pytest.fail("the web app is not built: make web")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def practice(processed: tuple[Store, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:  # noqa: F811
    """The API over a copy of the processed claims, for the tests of a module, with accounts."""
    store, folder = processed
    home = tmp_path_factory.mktemp("web")
    shutil.copytree(folder / "home", home / "home")
    with store.copied() as copy, opened(copy, home) as made:
        for name, role in (
            ("biller", "claims_processor"), ("boss", "manager"), ("auditor", "auditor"),
            ("admin", "administrator"),
            ("denials", "appeals_specialist"), ("viewer", "viewer"),
        ):  # fmt: skip
            toured(made, made.account(name, role))
        yield made


@pytest.fixture(scope="module")
def address(practice: Doors) -> Iterator[str]:
    """Where the server is."""
    # An application of its own: live events are heard in the loop that serves them.
    app = create_app(practice.services.settings, practice.services)
    with served(practice, app=app) as found:
        yield found


def toured(doors: Doors, account_id: int) -> None:
    """The account has seen the tour, which would be in the way."""
    with doors.services.database.transaction(ROOT) as connection:
        keep_toured(connection, account_id)


class Desk:
    """Somebody before the browser. Every script error and refused request of the page is kept."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def sign_in(self, name: str, path: str = "/overview", *, code: str | None = None) -> None:
        """Sign in at a page, by keyboard; with a code where the account has a second factor."""
        self.page.goto(self.address + path)
        self.page.locator("input[autocomplete=username]").fill(name)
        self.page.locator("input[autocomplete=current-password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        if code is not None:
            self.page.locator("input[autocomplete=one-time-code]").fill(code)
            self.page.keyboard.press("Enter")
        expect(self.page.locator(".page-head h1")).to_be_visible(timeout=PATIENCE_MS)

    def heading(self) -> str:
        """The title of the page."""
        return self.page.locator(".page-head h1").inner_text()


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Desk]:
    """A browser of one's own, 1440 pixels wide."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    found = Desk(page, address)
    yield found
    context.close()
    assert found.errors == []
