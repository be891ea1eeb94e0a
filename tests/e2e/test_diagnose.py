"""Support in the browser: a stuck pose and a missing picture are found by id, explained, put right.

Both are injected with the documented command, beside the running app.
"""

import os
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import open_page
from tests.e2e.running_app import ROOT, RunningApp, running_app
from tests.e2e.test_journey import PATIENCE


@pytest.fixture
def troubled_app() -> Iterator[RunningApp]:
    """An app of this test's own: the injected faults would disturb others."""
    with running_app() as opened:
        opened.hurry(30)
        yield opened


def test_a_stuck_pose_and_a_missing_picture_are_put_right(
    visitor: Page, troubled_app: RunningApp
) -> None:
    page, app = visitor, troubled_app
    stuck = injected(app, "never-enqueued")
    ask(page, app, stuck)
    expect(verdict(page, "Never enqueued")).to_be_visible()
    order(page, "Requeue")
    expect(verdict(page, "No problems found")).to_be_visible(timeout=PATIENCE)
    missing = injected(app, "object-missing")
    ask(page, app, missing)
    expect(verdict(page, "The picture's file is gone from the storage")).to_be_visible()
    expect(page.get_by_text("0 of 1 files are there").first).to_be_visible()
    order(page, "Regenerate")
    expect(verdict(page, "No problems found")).to_be_visible(timeout=PATIENCE)
    for generation_id in (stuck, missing):
        shown_in_the_gallery(page, app, generation_id)


def injected(app: RunningApp, name: str) -> str:
    """The id of a generation that has this trouble now."""
    answer = subprocess.run(
        [ROOT / "run", "plant", name],
        env=os.environ | {"ATELIER_HOME": str(app.home)},
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    ).stdout
    return answer.split()[0]


def ask(page: Page, app: RunningApp, text: str) -> None:
    """Paste it into the one box."""
    open_page(page, f"{app.url}/diagnose")
    box = page.get_by_role("textbox", name="What do you have?")
    box.fill(text)
    box.press("Enter")


def verdict(page: Page, title: str) -> Locator:
    """Return the verdict's title where it equals this."""
    return page.locator(".st-key-verdict").get_by_text(title, exact=True)


def order(page: Page, remedy: str) -> None:
    """Click the remedy, give a reason, and apply it."""
    page.get_by_role("button", name=remedy, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Reason").fill("A customer asked for it")
    dialog.get_by_role("textbox", name="Reason").press("Tab")
    dialog.get_by_role("button", name=remedy, exact=True).click()
    expect(dialog).to_be_hidden()


def shown_in_the_gallery(page: Page, app: RunningApp, generation_id: str) -> None:
    """Its picture is drawn, not only listed."""
    open_page(page, f"{app.url}/diagnose?id={generation_id}")
    href = page.locator("a.tile").first.get_attribute("href") or ""
    open_page(page, f"{app.url}/gallery")
    picture = page.locator(f"a.tile[href='{href}'] img")
    expect(picture).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
