"""A server of one's own, a gateway, or a proxy in a provider's place."""

import base64
from typing import Any

import pytest

from services.core.errors import SettingsError
from services.core.settings_loader import load_settings
from services.providers.base import FailureClass, PictureRequest, PredictionStatus
from services.providers.gemini.provider import GeminiProvider
from services.providers.huggingface.provider import HuggingFaceProvider
from services.providers.registry import output_hosts, output_places
from services.providers.replicate.client import ReplicateWire
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.replicate_replies import (
    PREDICTION_ID,
    PREPARED,
    TOKEN,
    error_of,
    prediction,
    provider_at,
)

ACCOUNT = Answer(200, {"username": "studio", "type": "user"})
CREATED = Answer(201, prediction())


@pytest.mark.parametrize(
    ("base", "root"),
    [("", "/v1"), ("/", "/v1"), ("/v1", "/v1"), ("/v1/", "/v1"), ("/gpu/v1", "/gpu/v1")],
)
def test_the_version_may_be_written_or_left_out(far_end: FarEnd, base: str, root: str) -> None:
    far_end.on(f"GET {root}/account", ACCOUNT)
    far_end.on(f"POST {root}/predictions", CREATED)
    far_end.on(f"GET {root}/predictions/{PREDICTION_ID}", Answer(200, prediction()))
    with provider_at(far_end.url + base) as provider:
        assert provider.account().name == "studio"
        assert provider.create(PREPARED).id == PREDICTION_ID
        assert provider.get(PREDICTION_ID).status is PredictionStatus.STARTING


@pytest.mark.parametrize("root", ["/v1/acc/gw/replicate", "/v1/acc/gw/replicate/v1"])
def test_a_gateway_is_asked_whether_it_wants_the_version(far_end: FarEnd, root: str) -> None:
    far_end.on(f"GET {root}/account", ACCOUNT)
    far_end.on(f"POST {root}/predictions", CREATED)
    with provider_at(f"{far_end.url}/v1/acc/gw/replicate") as provider:
        assert provider.create(PREPARED).id == PREDICTION_ID
        assert provider.account().name == "studio"
    assert [asked.path for asked in far_end.asked if asked.method == "POST"] == [
        f"{root}/predictions"
    ]


def test_a_gateway_that_is_away_creates_nothing(dead_url: str) -> None:
    with provider_at(f"{dead_url}/gateway") as provider:
        error = error_of(lambda: provider.create(PREPARED))
    assert (error.failure, error.reached) == (FailureClass.TRANSIENT, False)


@pytest.mark.parametrize("url", ["ftp://gpu", "gpu:5000", "http://", "http://gpu:0"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        ReplicateWire(TOKEN, url)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"<html><title>502 Bad Gateway</title><body>nginx</body></html>", 502, "502 Bad Gateway"),
        (b"<html><body>Sign in to the hotel</body></html>", 200, "Sign in to the hotel"),
        (b'{"id": "gm3q0exam', 200, '{"id": "gm3q0exam'),
        (b"", 503, ""),
    ],
)
def test_what_was_answered_in_place_of_json_is_shown(
    far_end: FarEnd, body: bytes, status: int, words: str
) -> None:
    answer = Answer(status, body, {"content-type": "text/html"})
    far_end.on("POST /v1/predictions", answer)
    far_end.on(f"GET /v1/predictions/{PREDICTION_ID}", answer)
    with provider_at(far_end.url) as provider:
        created = error_of(lambda: provider.create(PREPARED))
        asked = error_of(lambda: provider.get(PREDICTION_ID))
    assert created.failure is FailureClass.AMBIGUOUS
    assert asked.failure is FailureClass.TRANSIENT
    for error in (created, asked):
        assert str(status) in error.detail and words in error.detail
        assert "<" not in error.detail


def test_https_goes_through_the_proxy_of_the_environment(
    far_end: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, far_end.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    far_end.on("GET http://gpu.test/v1/account", ACCOUNT)
    far_end.on("GET http://gpu.test/v1/models", Answer(200, {"models": []}))
    far_end.on("GET http://gpu.test/api/whoami-v2", Answer(200, {"name": "studio"}))
    with provider_at("http://gpu.test") as replicate:
        assert replicate.account().name == "studio"
    gemini = GeminiProvider(api_key="AIza-a-key-for-tests-012345", base_url="http://gpu.test")
    assert gemini.account().kind == "api key"
    gemini.close()
    hub = HuggingFaceProvider(token="hf_0123456789abcdefghij", base_url="http://gpu.test")
    assert hub.account().name == "studio"
    hub.close()


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("", "/v1/models/m:generateContent"),
        ("/v1beta", "/v1beta/models/m:generateContent"),
        ("/v1", "/v1/models/m:generateContent"),
        ("/gateway/google-ai-studio", "/gateway/google-ai-studio/v1/models/m:generateContent"),
    ],
)
def test_gemini_s_address_may_name_a_version(far_end: FarEnd, base: str, path: str) -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(b"png").decode()}}
    body: dict[str, Any] = {"candidates": [{"content": {"parts": [picture]}}]}
    far_end.on(f"POST {path}", Answer(200, body))
    provider = GeminiProvider(api_key="AIza-a-key-for-tests-012345", base_url=far_end.url + base)
    result = provider.generate(provider.prepare(PictureRequest("m", "a fox", 7)))
    assert result.images[0].content == b"png"
    provider.close()


def test_outputs_may_be_where_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATE_BASE_URL", "http://gpu.studio.internal:5000/v1")
    hosts = "minio.internal:9000, *.cdn.example.com, https://files.example.com, http://nas"
    monkeypatch.setenv("OUTPUT_HOSTS", hosts)
    settings = load_settings(env_file=None)
    assert output_places(settings) >= {
        ("gpu.studio.internal", 5000),
        ("minio.internal", 9000),
        ("files.example.com", 443),
        ("nas", 80),
    }
    assert {"*.cdn.example.com", "replicate.delivery"} <= output_hosts(settings)


@pytest.mark.parametrize(
    "hosts", ["minio/path", "a b", "http://", "user:pw@host", "*", "host:port"]
)
def test_a_wrong_list_of_hosts_is_refused(monkeypatch: pytest.MonkeyPatch, hosts: str) -> None:
    monkeypatch.setenv("OUTPUT_HOSTS", hosts)
    with pytest.raises(SettingsError, match="OUTPUT_HOSTS"):
        load_settings(env_file=None)


def test_nothing_is_named_without_settings() -> None:
    assert output_places(load_settings(env_file=None)) == frozenset()
