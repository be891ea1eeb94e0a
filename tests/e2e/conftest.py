"""One running app and one Chromium for all browser tests of a pytest process."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.running_app import RunningApp, running_app

WAIT_MILLISECONDS = 20_000
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP other.example 127.0.0.1",
]


@pytest.fixture(scope="session")
def other_app() -> Iterator[RunningApp]:
    """An app for tests that make what the journey does not expect, and inject faults."""
    with running_app() as opened:
        opened.hurry(30)
        yield opened


@pytest.fixture(scope="session")
def app() -> Iterator[RunningApp]:
    """An app whose simulated models are ten times as fast."""
    with running_app() as opened:
        opened.hurry(10)
        yield opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; ./run test says where it is."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=os.environ.get("ATELIER_TEST_CHROMIUM", "/usr/bin/chromium"),
            args=CHROMIUM_OPTIONS,
        )
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor."""
    opened = browser.new_context(viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(WAIT_MILLISECONDS)
    yield opened
    opened.close()


@pytest.fixture
def page(visitor: Page, app: RunningApp) -> Page:
    """The visitor's tab, with the common app running."""
    return visitor


@pytest.fixture
def visitor(context: BrowserContext) -> Iterator[Page]:
    """The visitor's tab; its console must stay free of errors."""
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    assert errors == []


def open_page(page: Page, url: str) -> None:
    """Go there and wait until the script has run."""
    page.goto(url)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
