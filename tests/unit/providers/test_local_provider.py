"""The local provider: what it can do, what it refuses, and how it crops."""

from typing import Any

import pytest

from services.providers.base import (
    FailureClass,
    InputImage,
    PictureRequest,
    PredictionProvider,
    ProviderError,
    SynchronousProvider,
)
from services.providers.local.provider import LocalProvider
from tests.unit.media.drawn import encoded, halves, opened

PICTURE = InputImage("me.png", "image/png", encoded(halves(), "PNG"))


def asked(**fields: Any) -> PictureRequest:
    durations: dict[str, Any] = {
        "model": "local/export",
        "prompt": "",
        "seed": 7,
        "images": (PICTURE,),
        "options": {"preset": "tiktok", "focus": [0.2, 0.8]},
    }
    return PictureRequest(**{**durations, **fields})


def test_it_is_a_synchronous_provider_that_takes_no_prompt() -> None:
    provider = LocalProvider()
    assert isinstance(provider, SynchronousProvider)
    assert not isinstance(provider, PredictionProvider)
    can = provider.capabilities("local/export")
    assert (can.takes_prompt, can.needs_image) == (False, True)
    assert set(can.options) == {"preset", "focus"}
    assert provider.account().name == "Atelier"


def test_picture_comes_out_in_the_presets_size() -> None:
    provider = LocalProvider()
    prepared = provider.prepare(asked())
    (made,) = provider.generate(prepared).images
    assert opened(made.content).size == (1080, 1920)
    assert made.content_type == "image/jpeg"


def test_payload_names_the_picture_and_holds_no_bytes() -> None:
    prepared = LocalProvider().prepare(asked())
    assert prepared.payload["preset"] == "tiktok"
    assert prepared.payload["focus"] == [0.2, 0.8]
    assert len(prepared.payload["image_sha256"][0]) == 64
    assert prepared.images == (PICTURE,)


def test_same_request_makes_the_same_bytes() -> None:
    provider = LocalProvider()
    made = [provider.generate(provider.prepare(asked(seed=seed))).images for seed in (1, 2)]
    assert made[0] == made[1]


def test_without_a_focus_the_default_is_taken() -> None:
    prepared = LocalProvider().prepare(asked(options={"preset": "shopee"}))
    assert prepared.payload["focus"] == [0.5, 0.35]


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "desk/other"},
        {"images": ()},
        {"images": (PICTURE, PICTURE)},
        {"output_count": 2},
        {"prompt": "a fox"},
        {"aspect_ratio": "1:1"},
        {"control_image": PICTURE},
        {"options": {}},
        {"options": {"preset": "myspace"}},
        {"options": {"preset": "tiktok", "strength": 0.5}},
        {"options": {"preset": "tiktok", "focus": [0.5]}},
        {"options": {"preset": "tiktok", "focus": [0.5, 1.5]}},
        {"options": {"preset": "tiktok", "focus": [0.5, float("nan")]}},
        {"options": {"preset": "tiktok", "focus": "ab"}},
    ],
)
def test_what_is_no_export_is_refused_before_anything_is_made(fields: dict[str, Any]) -> None:
    with pytest.raises(ProviderError) as caught:
        LocalProvider().prepare(asked(**fields))
    assert (caught.value.failure, caught.value.reached) == (FailureClass.BAD_INPUT, False)


def test_broken_picture_is_refused_with_a_sentence() -> None:
    provider = LocalProvider()
    broken = InputImage("me.jpg", "image/jpeg", encoded(halves(), "JPEG")[:-300])
    with pytest.raises(ProviderError) as caught:
        provider.generate(provider.prepare(asked(images=(broken,))))
    assert caught.value.failure is FailureClass.BAD_INPUT
    assert "breaks off" in caught.value.detail
