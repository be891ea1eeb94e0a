"""Every kind of work once in the browser, and what an operator does when a batch goes wrong."""

import colorsys
import io
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.e2e.conftest import open_page
from tests.e2e.running_app import RunningApp
from tests.e2e.test_journey import PATIENCE, done_tiles

USUAL_SPEED = 30
TRAINING_SPEED = 600
PICTURES = 6


def photograph(number: int) -> bytes:
    """A picture that looks like none of the others."""
    colours = [
        tuple(
            round(255 * part) for part in colorsys.hsv_to_rgb((number * 0.17 + shift) % 1, 0.7, 0.8)
        )
        for shift in (0.0, 0.4)
    ]
    picture = Image.new("RGB", (1200, 1100), colours[0])
    draw = ImageDraw.Draw(picture)
    for step in range(number + 2):
        left = 80 + step * 170
        draw.ellipse((left, 120 * number % 500 + 60, left + 140, 900), fill=colours[1])
        draw.line((0, left, 1200, 1100 - left), fill="white", width=6)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def upload(page: Page, app: RunningApp, folder: Path) -> None:
    """Six references."""
    files = [folder / f"shot-{number}.jpg" for number in range(PICTURES)]
    for number, file in enumerate(files):
        file.write_bytes(photograph(number))
    open_page(page, f"{app.url}/references")
    page.locator("input[type=file]").set_input_files(files)
    for file in files:
        tile = page.locator("a.tile", has_text=file.name)
        expect(tile.first).to_be_visible(timeout=PATIENCE)


def test_every_kind_of_work_and_what_can_go_wrong(
    visitor: Page, other_app: RunningApp, tmp_path: Path
) -> None:
    page, app = visitor, other_app
    upload(page, app, tmp_path)
    simulate(page, app)
    train(page, app)
    draw_in_the_studio(page, app)
    pose_in_words_with_exports(page, app)
    lose_one_and_make_it_again(page, app)
    cancel_one(page, app)
    see_the_refunds(page, app)


def simulate(page: Page, app: RunningApp) -> None:
    """A consent is asked for before anything is charged; then both views, and the slider."""
    open_page(page, f"{app.url}/simulations")
    expect(page.get_by_text("30 credits").first).to_be_visible()
    page.get_by_role("button", name="Make both views").click()
    expect(page.get_by_text("consent", exact=False).first).to_be_visible()
    page.get_by_text("The person has consented to this").click()
    page.get_by_role("button", name="Make both views").click()
    tiles = done_tiles(page, "simulations")
    expect(tiles).to_have_count(2, timeout=PATIENCE)
    tiles.first.click()
    page.wait_for_url("**/picture?id=*")
    slider = page.get_by_role("slider").first
    expect(slider).to_be_visible(timeout=PATIENCE)
    before = slider.get_attribute("aria-valuenow")
    slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuenow") != before


def train(page: Page, app: RunningApp) -> None:
    """Too few pictures are refused with a sentence; with six, a model learns, with its loss and its log."""
    app.hurry(TRAINING_SPEED)
    open_page(page, f"{app.url}/training")
    page.get_by_role("textbox", name="Name").fill("Mira")
    page.get_by_role("textbox", name="Name").press("Tab")
    tiles = page.locator("[class*=st-key-training_picked] button.tile", has_text="shot-")
    expect(tiles).to_have_count(PICTURES, timeout=PATIENCE)
    for number in range(PICTURES):
        tiles.nth(number).click()
        expect(page.get_by_text(f"{number + 1} chosen", exact=False).first).to_be_visible()
        if number == 3:
            expect(page.get_by_text("a training needs 5 at least").first).to_be_visible()
    page.get_by_role("button", name="Start the training").click()
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=PATIENCE)
    app.hurry(USUAL_SPEED)


def draw_in_the_studio(page: Page, app: RunningApp) -> None:
    page.get_by_role("link", name="Try it in the Studio").first.click()
    prompt = page.get_by_role("textbox", name="What the picture shows")
    prompt.fill("reading in a café, morning light")
    prompt.press("Tab")
    page.get_by_role("button", name="Make 1 picture").click()
    expect(done_tiles(page, "studio")).to_have_count(1, timeout=PATIENCE)


def pose_in_words_with_exports(page: Page, app: RunningApp) -> None:
    """By the trained model, so that no mascot is needed; an export follows each picture."""
    open_page(page, f"{app.url}/poses?mode=Text")
    words = page.get_by_role("textbox", name="What it does")
    words.fill("jumping over a puddle")
    words.press("Tab")
    expect(page.get_by_role("button", name="Make 4 poses")).to_be_enabled()
    page.get_by_text("Background and exports").click()
    page.locator(".st-key-pose_edits_presets").get_by_text("TikTok").click()
    expect(page.get_by_text("8 pictures").first).to_be_visible()
    page.get_by_role("button", name="Make 8 pictures").click()
    expect(done_tiles(page, "poses")).to_have_count(8, timeout=PATIENCE)


def lose_one_and_make_it_again(page: Page, app: RunningApp) -> None:
    """One of four fails: shown, refunded, retried at the price shown."""
    app.fault("out_of_memory", provider="replicate", operation="create")
    open_page(page, f"{app.url}/studio")
    prompt = page.get_by_role("textbox", name="What the picture shows")
    prompt.fill("on a bicycle")
    prompt.press("Tab")
    page.locator(".st-key-studio_count").get_by_text("4", exact=True).click()
    page.get_by_role("button", name="Make 4 pictures").click()
    expect(page.get_by_text("Partly done").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("20 refunded", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Retry 1 failed", exact=False).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("20 credits", exact=False).first).to_be_visible()
    dialog.get_by_role("button", name="Retry 1 picture").click()
    expect(done_tiles(page, "studio")).to_have_count(5, timeout=PATIENCE)


def cancel_one(page: Page, app: RunningApp) -> None:
    app.fault("stuck", provider="replicate", operation="create")
    open_page(page, f"{app.url}/studio")
    prompt = page.get_by_role("textbox", name="What the picture shows")
    prompt.fill("asleep under a tree")
    prompt.press("Tab")
    page.get_by_role("button", name="Make 1 picture").click()
    page.get_by_role("button", name="Cancel", exact=True).first.click(timeout=PATIENCE)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("20 credits will be refunded", exact=False)).to_be_visible()
    dialog.get_by_role("button", name="Cancel the batch").click()
    expect(page.get_by_text("Canceled").first).to_be_visible(timeout=PATIENCE)


def see_the_refunds(page: Page, app: RunningApp) -> None:
    open_page(page, f"{app.url}/credits?movements=Refunds")
    ledger = page.locator(".st-key-ledger")
    expect(ledger.get_by_text("Refund").first).to_be_visible(timeout=PATIENCE)
    expect(ledger.get_by_text("canceled", exact=False).first).to_be_visible()
