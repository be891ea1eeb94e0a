"""A picture's export: chosen, moved with the keyboard, started, and there with its name."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import open_page
from tests.e2e.running_app import RunningApp
from tests.e2e.test_journey import PATIENCE, photograph


def test_export_of_a_reference(visitor: Page, other_app: RunningApp, tmp_path: Path) -> None:
    page, app = visitor, other_app
    file = tmp_path / "harbour.jpg"
    file.write_bytes(photograph())
    open_page(page, f"{app.url}/references")
    page.locator("input[type=file]").set_input_files([file])
    tile = page.locator("a.tile", has_text="harbour.jpg")
    expect(tile.first).to_be_visible(timeout=PATIENCE)
    tile.first.click()
    page.wait_for_url("**/picture?id=*")
    page.get_by_role("button", name="Export…").click()
    form = page.get_by_role("dialog")
    crop = form.get_by_role("button", name="Frame of Instagram post")
    before = crop.bounding_box()
    crop.press("ArrowDown")
    crop.press("Shift+ArrowDown")
    after = crop.bounding_box()
    assert before and after and after["y"] > before["y"]
    expect(form.get_by_text("1 credit", exact=False).first).to_be_visible()
    form.get_by_role("button", name="Make 1 picture").click()
    became = page.locator(".st-key-children_grid a.tile")
    expect(became).to_have_count(1, timeout=PATIENCE)
    became.click()
    expect(page.get_by_text("1080 × 1350").first).to_be_visible(timeout=PATIENCE)
    link = page.get_by_role("link", name="Download").first.get_attribute("href")
    assert link and "n=harbour-instagram-post.jpg" in link
