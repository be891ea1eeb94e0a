"""Gemini through a project of Google Cloud, with credentials in place of a key."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials

from services.core.errors import SettingsError
from services.core.settings_loader import load_settings, settings_table
from services.providers.base import FailureClass, InputImage, PictureRequest, ProviderError
from services.providers.gemini.provider import GeminiProvider, VertexAccess, make_provider
from services.providers.registry import LazyProviders, token_fingerprints
from tests.contracts.far_end import Answer, FarEnd
from tests.contracts.test_provider_gemini import answer_of, error_body, picture_part

MODEL = "gemini-nano-banana-2.1"
PROJECT, LOCATION = "atelier-123", "europe-west4"
MODEL_PATH = f"/v1beta1/publishers/google/models/{MODEL}"
GENERATE = (
    f"POST /v1beta1/projects/{PROJECT}/locations/{LOCATION}"
    f"/publishers/google/models/{MODEL}:generateContent"
)
TOKEN = "ya29.token-for-tests-0123456789"
EMAIL = "painter@atelier-123.iam.gserviceaccount.com"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BROKEN = ('{"type": "service_account"}', '{"type": "authorized_user"}', '{"type": "other"}', "3")
REQUEST = PictureRequest(MODEL, "a fox", 7, (InputImage("me.png", "image/png", PNG),))


class Failing(Credentials):
    """Credentials that give no token."""

    def __init__(self, error: Exception) -> None:
        super().__init__(token=None)  # type: ignore[no-untyped-call]
        self._error = error

    def refresh(self, request: Any) -> None:
        raise self._error


def static() -> Credentials:
    """Credentials that hold a token already."""
    return Credentials(token=TOKEN)  # type: ignore[no-untyped-call]


def provider_at(url: str, credentials: Credentials) -> GeminiProvider:
    access = VertexAccess(PROJECT, LOCATION, credentials)
    return GeminiProvider(vertex=access, base_url=url, model=MODEL)


@pytest.fixture
def provider(far_end: FarEnd) -> Iterator[GeminiProvider]:
    far_end.on(GENERATE, Answer(200, answer_of(picture_part())))
    made = provider_at(far_end.url, static())
    yield made
    made.close()


@pytest.fixture
def key_file(tmp_path: Path, far_end: FarEnd) -> Path:
    """A service account's key, whose tokens the far end gives out."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    account = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "k1",
        "private_key": pem.decode(),
        "client_email": EMAIL,
        "token_uri": f"{far_end.url}/token",
    }
    far_end.on("POST /token", Answer(200, {"access_token": TOKEN, "expires_in": 3600}))
    file = tmp_path / "key.json"
    file.write_text(json.dumps(account))
    return file


def failure_of(provider: GeminiProvider) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        provider.generate(provider.prepare(REQUEST))
    assert TOKEN not in repr(caught.value) + caught.value.detail
    return caught.value


def test_picture_is_made_by_the_simulator(simulator_url: str) -> None:
    provider = provider_at(simulator_url, static())

    result = provider.generate(provider.prepare(REQUEST))

    assert result.images[0].content[:4] == b"\x89PNG"
    assert PROJECT in provider.account().name
    provider.close()


def test_token_and_project_are_sent(far_end: FarEnd, provider: GeminiProvider) -> None:
    provider.generate(provider.prepare(REQUEST))

    (asked,) = far_end.sent_to(GENERATE)
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert "x-goog-api-key" not in asked.headers
    assert asked.json["generationConfig"]["responseModalities"] == ["TEXT", "IMAGE"]


def test_environment_chooses_nothing(
    far_end: FarEnd, provider: GeminiProvider, monkeypatch: pytest.MonkeyPatch, dead_url: str
) -> None:
    for name, value in {
        "GOOGLE_API_KEY": "of-the-environment",
        "GOOGLE_VERTEX_BASE_URL": dead_url,
        "GOOGLE_GENAI_API_VERSION": "v9",
        "GOOGLE_CLOUD_PROJECT": "other",
        "GOOGLE_CLOUD_LOCATION": "elsewhere",
    }.items():
        monkeypatch.setenv(name, value)
    made = provider_at(far_end.url, static())

    assert made.generate(made.prepare(REQUEST)).images
    made.close()
    assert "x-goog-api-key" not in far_end.sent_to(GENERATE)[0].headers


def test_service_account_fetches_its_token_once(far_end: FarEnd, key_file: Path) -> None:
    far_end.on(GENERATE, Answer(200, answer_of(picture_part())))
    provider = make_provider(
        project=PROJECT,
        location=LOCATION,
        credentials_file=key_file,
        base_url=far_end.url,
        model=MODEL,
    )
    for _ in range(2):
        provider.generate(provider.prepare(REQUEST))

    assert len(far_end.sent_to("POST /token")) == 1
    assert far_end.sent_to(GENERATE)[1].headers["authorization"] == f"Bearer {TOKEN}"
    far_end.on(f"GET {MODEL_PATH}", Answer(200, {"name": f"publishers/google/models/{MODEL}"}))
    assert provider.account().name == f"Google Cloud project {PROJECT} as {EMAIL}"
    provider.close()


def test_refused_token_pauses_the_provider(far_end: FarEnd, key_file: Path) -> None:
    far_end.on("POST /token", Answer(400, {"error": "invalid_grant"}))
    provider = make_provider(
        project=PROJECT,
        location=LOCATION,
        credentials_file=key_file,
        base_url=far_end.url,
        model=MODEL,
    )

    error = failure_of(provider)

    assert (error.failure, error.reached) == (FailureClass.CONFIGURATION, False)
    assert error.pauses_provider and far_end.sent_to(GENERATE) == []
    provider.close()


@pytest.mark.parametrize(
    ("kind", "is_retryable", "failure"),
    [
        (TransportError, False, FailureClass.TRANSIENT),
        (RefreshError, True, FailureClass.TRANSIENT),
        (RefreshError, False, FailureClass.CONFIGURATION),
    ],
)
def test_missing_token_was_never_sent(
    far_end: FarEnd, kind: Callable[..., Exception], is_retryable: bool, failure: FailureClass
) -> None:
    raised = kind(f"said {TOKEN}", retryable=is_retryable)
    provider = provider_at(far_end.url, Failing(raised))

    error = failure_of(provider)

    assert (error.failure, error.reached) == (failure, False)
    assert far_end.asked == []
    provider.close()


def test_denied_project_pauses_the_provider(far_end: FarEnd, provider: GeminiProvider) -> None:
    far_end.on(GENERATE, Answer(403, error_body(403, "PERMISSION_DENIED")))

    error = failure_of(provider)

    assert (error.failure, error.pauses_provider) == (FailureClass.CONFIGURATION, True)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", *BROKEN])
def test_file_without_credentials_is_named_and_not_shown(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key.json"
    file.write_text(text)
    for broken in (file, tmp_path / "missing.json"):
        with pytest.raises(SettingsError, match="GOOGLE_APPLICATION_CREDENTIALS") as caught:
            make_provider(
                project=PROJECT,
                location=LOCATION,
                credentials_file=broken,
                base_url=None,
                model=MODEL,
            )
        assert "service_account" not in caught.value.sentence


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for names, _, _ in settings_table():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_project_alone_is_enough(
    bare_environment: pytest.MonkeyPatch, far_end: FarEnd, key_file: Path
) -> None:
    bare_environment.setenv("GOOGLE_CLOUD_PROJECT_ID", PROJECT)
    bare_environment.setenv("GOOGLE_CLOUD_LOCATION", LOCATION)
    bare_environment.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file))
    bare_environment.setenv("GEMINI_BASE_URL", far_end.url)
    far_end.on(GENERATE, Answer(200, answer_of(picture_part())))

    provider = LazyProviders(load_settings(env_file=None))["gemini"]

    assert isinstance(provider, GeminiProvider)
    assert provider.generate(provider.prepare(REQUEST)).images
    provider.close()


def test_key_wins_over_a_project(bare_environment: pytest.MonkeyPatch) -> None:
    bare_environment.setenv("GOOGLE_CLOUD_PROJECT_ID", PROJECT)
    assert load_settings(env_file=None).uses_vertex
    bare_environment.setenv("GEMINI_API_KEY", "AIzaSyTest-0123456789")
    assert not load_settings(env_file=None).uses_vertex


def test_fingerprint_follows_project_and_key_file(
    bare_environment: pytest.MonkeyPatch, key_file: Path
) -> None:
    assert "gemini" not in token_fingerprints(load_settings(env_file=None))
    seen = set()
    for name, value in {
        "GOOGLE_CLOUD_PROJECT_ID": PROJECT,
        "GOOGLE_CLOUD_LOCATION": LOCATION,
        "GOOGLE_APPLICATION_CREDENTIALS": str(key_file),
    }.items():
        bare_environment.setenv(name, value)
        seen.add(token_fingerprints(load_settings(env_file=None))["gemini"])
    key_file.write_text("another")
    seen.add(token_fingerprints(load_settings(env_file=None))["gemini"])
    key_file.unlink()
    seen.add(token_fingerprints(load_settings(env_file=None))["gemini"])
    assert len(seen) == 4
