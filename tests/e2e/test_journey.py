"""What a new user does: a photograph, a mascot batch, poses, the gallery, one picture."""

import io
from pathlib import Path

import httpx
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import open_page
from tests.e2e.running_app import RunningApp, running_app
from tests.s3_server import (
    ACCESS_KEY_ID,
    SECRET_ACCESS_KEY,
    new_bucket,
    open_s3,
    running_s3,
)

PATIENCE = 60_000


def photograph() -> bytes:
    """A drawn stand-in for a phone's picture: noisy, large, lying on its side, with a position."""
    picture = Image.effect_noise((1600, 1200), 40).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((500, 200, 1100, 1000), fill=(230, 120, 40))
    draw.rectangle((0, 950, 1600, 1200), fill=(60, 120, 70))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    buffer = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def test_from_a_photograph_to_a_picture_page(page: Page, app: RunningApp, tmp_path: Path) -> None:
    journey(page, app, tmp_path)


def test_the_same_with_database_redis_and_storage_given_by_url(
    visitor: Page, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    with running_s3() as s3_url:
        bucket = new_bucket(s3_url)
        outside = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "S3_BUCKET": bucket,
            "S3_ENDPOINT_URL": s3_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        }
        with running_app(**outside) as app:
            app.hurry(10)
            journey(visitor, app, tmp_path)
            assert not (app.home / "postgres").exists()
            assert not (app.home / "storage").exists()
        # Every picture of the journey, with its thumbnail: nine of mascots, four poses, one upload.
        stored = [it.key for it in open_s3(s3_url, bucket).list()]
        assert len([key for key in stored if not key.startswith("marks/")]) == 2 * (9 + 4 + 1)


def journey(page: Page, app: RunningApp, folder: Path) -> None:
    """Everything that a new user does, in order."""
    upload_a_photograph(page, app, folder)
    make_mascots(page, app)
    make_poses(page, app)
    look_at_the_gallery(page, app)
    look_at_a_picture(page, app)


def upload_a_photograph(page: Page, app: RunningApp, folder: Path) -> None:
    good, bad = folder / "holiday.jpg", folder / "page.jpg"
    good.write_bytes(photograph())
    bad.write_bytes(b"%PDF-1.7 not a picture")
    open_page(page, f"{app.url}/references")
    page.locator("input[type=file]").set_input_files([good, bad])
    expect(page.get_by_text("1200 × 1600").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("page.jpg").first).to_be_visible()


def make_mascots(page: Page, app: RunningApp) -> None:
    open_page(page, f"{app.url}/mascots")
    page.get_by_role("textbox", name="Name").fill("Fennel")
    page.get_by_role("textbox", name="Description").fill("an orange fox with a red scarf")
    page.get_by_role("textbox", name="Description").press("Tab")
    expect(page.get_by_text("90 credits").first).to_be_visible()
    page.get_by_role("button", name="Make 3 variations").dblclick()
    expect(done_tiles(page, "mascots")).to_have_count(9, timeout=PATIENCE)


def make_poses(page: Page, app: RunningApp) -> None:
    open_page(page, f"{app.url}/poses?mode=Text")
    page.get_by_role("textbox", name="What it does").fill(
        "waving with both hands <b>bold</b> مرحبا"
    )
    page.get_by_role("textbox", name="What it does").press("Tab")
    expect(page.get_by_text("120 credits").first).to_be_visible()
    page.get_by_role("button", name="Make 4 poses").click()
    expect(done_tiles(page, "poses")).to_have_count(4, timeout=PATIENCE)
    expect(page.get_by_text("<b>bold</b>").first).to_be_visible()


def done_tiles(page: Page, kind: str) -> Locator:
    """Tiles that are links to a picture, in the batches of this kind."""
    return page.locator(f".st-key-batches_{kind} a.tile img")


def look_at_the_gallery(page: Page, app: RunningApp) -> None:
    open_page(page, f"{app.url}/gallery")
    pictures = page.locator("a.tile img")
    expect(pictures).to_have_count(13)
    widths = pictures.evaluate_all(
        "all => Promise.all(all.map(async (one) => (await one.decode(), one.naturalWidth)))"
    )
    assert all(width > 0 for width in widths)


def look_at_a_picture(page: Page, app: RunningApp) -> None:
    page.locator("a.tile").first.click()
    page.wait_for_url("**/picture?id=*")
    expect(page.get_by_text("Seed").first).to_be_visible()
    link = page.get_by_role("link", name="Download").first.get_attribute("href")
    assert link
    answer = httpx.get(f"{app.url}{link}", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    Image.open(io.BytesIO(answer.content)).verify()
