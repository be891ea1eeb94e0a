"""The runbooks: one for each cause, in one form, found by the error texts that they quote."""

import re

import pytest

from bench.faults.catalogue import FAULTS
from services.diagnosis.cause import Cause
from services.diagnosis.registry import CAUSES
from services.diagnosis.runbooks import FOLDERS, ROOT, Runbook, find_by_error, runbook

HEADINGS = ("Seen", "Why", "How to be sure", "Do", "By itself")
PLANT_IT = "Plant it"
MOST_LINES = 40
PAGES = sorted(
    path.stem for folder in FOLDERS for path in folder.glob("*.md") if path.stem != "README"
)


def page(slug: str) -> Runbook:
    """A page that must be there."""
    found = runbook(slug)
    assert found, slug
    return found


def headings_of(found: Runbook) -> list[str]:
    """Its headings, in order."""
    return re.findall(r"^\*\*([^*]+)\.\*\*", found.body_markdown, re.MULTILINE)


QUOTED = [(slug, text) for slug in PAGES for text in page(slug).error_texts]

# As the guides print them, with what changes filled in.
GUIDES = [
    ("« REPLICATE_API_TOKEN is not set »", "token"),
    ("REPLICATE_API_TOKEN not configured", "token"),
    ('Error: "REPLICATE_API_TOKEN environment variable is not set"', "token"),
    ("Gemini Flash service not configured", "token"),
    ("La pose reste « generating »", "no_worker"),
    ("[JobsService] Failed to enqueue mascot generation for 3f1c-9", "queue_away"),
    ("[MascotsService] 3 job(s) failed to enqueue. Redis may not be configured.", "queue_away"),
    ("[MascotGenerationProcessor] Failed to generate mascot 12ab", "ended_failed"),
    ("[Mascot] Has images: false", "never_enqueued"),
    ("[Mascot] Polling attempt 17/30 for batch: batch_9f", "working"),
    ("redis.exceptions.ConnectionError: Error 111: Connection refused.", "queue_away"),
    ("Images not uploading to S3", "storage_refuses"),
    ("Generation takes too long (>5 minutes)", "slow_provider"),
    ("Worker not processing jobs", "no_worker"),
    ("credits not refunded", "refund_missing"),
    ("Error: At least 5 training images are required", "training-not-started"),
    ("Failed to create training ZIP", "training-not-started"),
    ("Training stuck at 0%", "training_at_zero"),
    ("Generation failed: CUDA out of memory", "ended_failed"),
]


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_every_cause_has_its_page_under_its_title(cause: Cause) -> None:
    found = page(cause.id)
    assert found.title == cause.title
    headings = headings_of(found)
    assert tuple(name for name in headings if name in HEADINGS) == HEADINGS
    assert PLANT_IT not in headings[:-1], "it is the last"


@pytest.mark.parametrize("slug", PAGES)
def test_each_fault_is_on_the_page_of_its_cause_and_on_no_other(slug: str) -> None:
    planted = re.findall(r"\./run plant ([\w-]+)", page(slug).body_markdown)
    expected = {name for name, plant in FAULTS.items() if plant.cause == slug}
    assert len(planted) == len(set(planted)) and set(planted) == expected
    assert (PLANT_IT in headings_of(page(slug))) is bool(expected)


@pytest.mark.parametrize("slug", PAGES)
def test_a_page_is_short(slug: str) -> None:
    assert len((ROOT / page(slug).path).read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize(("slug", "text"), QUOTED, ids=[text[:50] for _, text in QUOTED])
def test_every_quoted_error_text_finds_its_page(slug: str, text: str) -> None:
    filled = re.sub(r"<[^<>\s]+>|\$\{[^{}]+\}|…", "4f2a", text)
    assert slug in [hit.slug for hit in find_by_error(filled)]


@pytest.mark.parametrize(("text", "slug"), GUIDES, ids=[text[:50] for text, _ in GUIDES])
def test_messages_of_the_guides_find_their_page(text: str, slug: str) -> None:
    assert slug in [hit.slug for hit in find_by_error(text)]


def test_message_is_found_inside_a_longer_text_and_by_a_fragment() -> None:
    line = "2026-11-27 12:00:01 ERROR 7f3a Replicate answered 402 while creating a prediction: no"
    assert find_by_error(line)[0].slug == "provider_paused"
    assert find_by_error("flagged as sensitive")[0].slug == "ended_failed"


@pytest.mark.parametrize(
    "text", ["", "redis", "a fox with a scarf", "1234 5678", "\x00" * 50, "…" * 99]
)
def test_words_that_are_no_error_find_nothing(text: str) -> None:
    assert find_by_error(text) == ()


def test_unknown_page_is_none() -> None:
    assert runbook("../architecture") is None
