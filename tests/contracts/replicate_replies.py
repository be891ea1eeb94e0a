"""Replicate's replies as its API sends them, and a provider with time-outs short enough to test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from services.providers.base import InputImage, PictureRequest, PreparedRequest, ProviderError
from services.providers.replicate.client import Timeouts
from services.providers.replicate.provider import ReplicateProvider

TOKEN = "r8_test0123456789abcdefghij"
MODEL = "fofr/consistent-character"
VERSION = "9c77a3c2f884193fcee4d89645f02a0b9def9434f9e03cb98460456b831c8772"
PREDICTION_ID = "gm3q0example0rj00c0000000"
CREATE = "POST /v1/predictions"
UPLOAD = "POST /v1/files"
GET = f"GET /v1/predictions/{PREDICTION_ID}"
PICTURE = InputImage("me.png", "image/png", b"\x89PNG picture")
REQUEST = PictureRequest(model=MODEL, prompt="a fox waving", seed=42, images=(PICTURE,))
PREPARED = PreparedRequest(
    MODEL, VERSION, {"version": VERSION, "input": {"prompt": "a fox", "seed": 42}}
)
SINCE = datetime(2026, 11, 20, 10, tzinfo=UTC)


def prediction(**fields: Any) -> dict[str, Any]:
    """A full body as the API sends it."""
    return {
        "id": PREDICTION_ID,
        "model": MODEL,
        "version": VERSION,
        "input": {"prompt": "a fox", "seed": 42},
        "output": None,
        "logs": "",
        "error": None,
        "status": "starting",
        "source": "api",
        "data_removed": False,
        "created_at": "2026-11-20T10:00:00.144Z",
        "started_at": None,
        "completed_at": None,
        "metrics": {},
        "urls": {"web": f"https://replicate.com/p/{PREDICTION_ID}"},
        **fields,
    }


def file_body(url: str) -> dict[str, Any]:
    return {
        "id": "NGZi",
        "name": "me.png",
        "content_type": "image/png",
        "size": 3,
        "etag": "e",
        "checksums": {},
        "metadata": {},
        "created_at": "2026-11-20T10:00:00.079Z",
        "expires_at": "2026-11-21T10:00:00.079Z",
        "urls": {"get": f"{url}/v1/files/NGZi"},
    }


@contextmanager
def provider_at(url: str, *, seconds: float = 10.0, **options: Any) -> Iterator[ReplicateProvider]:
    """A provider that is closed in the end; `seconds` is how long it waits for a reply."""
    timeouts = Timeouts(read_seconds=seconds, upload_seconds=seconds)
    provider = ReplicateProvider(token=TOKEN, base_url=url, timeouts=timeouts, **options)
    yield provider
    provider.close()


def error_of(call: Callable[[], object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call()
    assert TOKEN not in repr(caught.value) + str(caught.value)
    assert len(caught.value.detail) <= 310
    return caught.value
