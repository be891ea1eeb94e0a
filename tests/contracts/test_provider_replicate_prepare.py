"""Replicate: what is resolved and uploaded before anything is created."""

import json
from dataclasses import replace
from typing import Any

import pytest

from services.providers.base import FailureClass
from services.providers.replicate.provider import ReplicateProvider
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import (
    CREATE,
    MODEL,
    PICTURE,
    REQUEST,
    TOKEN,
    UPLOAD,
    VERSION,
    error_of,
    file_body,
    provider_at,
)


class TestPrepare:
    def test_payload_is_complete(self, far_end: FarEnd, replicate: ReplicateProvider) -> None:
        prepared = replicate.prepare(REQUEST)
        assert prepared.version == VERSION
        assert prepared.images == ()
        assert prepared.payload == {
            "version": VERSION,
            "input": {
                "prompt": "a fox waving",
                "subject": f"{far_end.url}/v1/files/NGZi",
                "number_of_outputs": 1,
                "number_of_images_per_pose": 1,
                "randomise_poses": True,
                "output_format": "webp",
                "output_quality": 90,
                "seed": 42,
            },
        }
        assert TOKEN not in json.dumps(prepared.payload)

    def test_upload_carries_name_type_and_bytes(
        self, far_end: FarEnd, replicate: ReplicateProvider
    ) -> None:
        replicate.prepare(REQUEST)
        (upload,) = far_end.sent_to(UPLOAD)
        assert PICTURE.content in upload.content
        assert b'name="content"; filename="me.png"' in upload.content
        assert b"Content-Type: image/png" in upload.content
        assert upload.headers["authorization"] == f"Bearer {TOKEN}"

    def test_version_is_resolved_once(self, far_end: FarEnd, replicate: ReplicateProvider) -> None:
        replicate.prepare(REQUEST)
        replicate.prepare(REQUEST)
        assert len(far_end.sent_to(f"GET /v1/models/{MODEL}")) == 1

    @pytest.mark.parametrize("in_request", [True, False])
    def test_pinned_version_is_honoured(self, far_end: FarEnd, in_request: bool) -> None:
        far_end.on(UPLOAD, Answer(201, file_body(far_end.url)))
        pinned = f"{MODEL}:abc123"
        with provider_at(far_end.url, pose_model=pinned) as provider:
            model = pinned if in_request else MODEL
            prepared = provider.prepare(replace(REQUEST, model=model))
        assert (prepared.model, prepared.version) == (MODEL, "abc123")
        assert not far_end.sent_to(f"GET /v1/models/{MODEL}")

    def test_unknown_model_is_read_off_its_schema(
        self, far_end: FarEnd, replicate: ReplicateProvider
    ) -> None:
        properties: dict[str, Any] = {"prompt": {}, "input_image": {}, "seed": {}}
        schema = {"components": {"schemas": {"Input": {"properties": properties}}}}
        latest = {"id": "v1", "openapi_schema": schema}
        far_end.on("GET /v1/models/acme/fox", Answer(200, {"latest_version": latest}))
        prepared = replicate.prepare(replace(REQUEST, model="acme/fox"))
        assert prepared.payload["input"]["input_image"].endswith("/v1/files/NGZi")
        assert replicate.capabilities("acme/fox").max_images == 1

    @pytest.mark.parametrize(
        ("model", "answer", "failure"),
        [
            ("no-slash", Answer(200, {}), "configuration"),
            (MODEL, Answer(200, {"latest_version": None}), "configuration"),
            (MODEL, Answer(404, {"detail": "not found"}), "model_retired"),
            (MODEL, Answer(429, {"retry_after": 9}), "transient"),
            (MODEL, Answer(503), "transient"),
            (MODEL, Answer(way="close"), "transient"),
            (MODEL, Answer(200, b"<html>"), "transient"),
            ("acme/fox", Answer(200, b"<html>"), "transient"),
            ("acme/fox", Answer(200, {"latest_version": {"id": "v1"}}), "bad_input"),
        ],
    )
    def test_model_that_cannot_be_resolved(
        self,
        far_end: FarEnd,
        replicate: ReplicateProvider,
        model: str,
        answer: Answer,
        failure: str,
    ) -> None:
        far_end.on(f"GET /v1/models/{model}", answer)
        error = error_of(lambda: replicate.prepare(replace(REQUEST, model=model)))
        assert (error.failure, error.reached) == (failure, False)

    @pytest.mark.parametrize(
        ("answer", "failure"),
        [
            (Answer(413, {"detail": "Files must be less than 100MB in size"}), "bad_input"),
            (Answer(429, {"detail": "Your rate limit resets in ~30s."}), "throttled"),
            (Answer(500, b"oops"), "transient"),
            (Answer(201, {"id": "NGZi"}), "transient"),
            (Answer(201, b"garbage"), "transient"),
            (Answer(way="reset"), "transient"),
        ],
    )
    def test_failed_upload_costs_nothing(
        self, far_end: FarEnd, replicate: ReplicateProvider, answer: Answer, failure: str
    ) -> None:
        far_end.on(UPLOAD, answer)
        error = error_of(lambda: replicate.prepare(REQUEST))
        assert (error.failure, error.reached) == (failure, False)
        assert not far_end.sent_to(CREATE)

    def test_silence_ends_and_costs_nothing(self, far_end: FarEnd) -> None:
        far_end.on(UPLOAD, Answer(way="hold"))
        with provider_at(far_end.url, pose_model=f"{MODEL}:v1", seconds=0.3) as hasty:
            error = error_of(lambda: hasty.prepare(REQUEST))
        assert (error.failure, error.reached) == (FailureClass.TRANSIENT, False)

    def test_upload_reply_that_the_client_refuses_is_kept(
        self, far_end: FarEnd, replicate: ReplicateProvider
    ) -> None:
        far_end.on(UPLOAD, Answer(201, {"urls": {"get": "https://api.replicate.com/v1/files/1"}}))
        subject = replicate.prepare(REQUEST).payload["input"]["subject"]
        assert subject == "https://api.replicate.com/v1/files/1"
