"""Gemini as a `SynchronousProvider`: one call in, the pictures out; the only user of google.genai.

Make it before the threads start: its client must not be replaced while calls run.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from google import genai
from google.auth.exceptions import GoogleAuthError, TransportError
from google.genai import errors, types
from google.oauth2 import credentials as oauth2
from google.oauth2 import service_account

from services.core.errors import SettingsError
from services.core.proxies import proxy_for
from services.providers.base import (
    InputImage,
    ModelCapabilities,
    OutputImage,
    PictureRequest,
    PreparedRequest,
    ProviderAccount,
    SynchronousResult,
)
from services.providers.checks import checked_secret, checked_url, refused, request_problems
from services.providers.gemini.definition import (
    DEFINITION,
    credentials_error,
    no_picture_error,
    status_error,
    unreadable_error,
)
from services.providers.replies import as_text, no_answer_error

API_URL = "https://generativelanguage.googleapis.com"
API_VERSION = "v1"
_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d*)?")
SEED_RANGE = 2**31
"""The API's seed is an int32."""

_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
# A 200 with a body that pydantic or the library does not expect.
_PARSER_ERRORS = (ValueError, TypeError, AttributeError, KeyError, errors.UnknownApiResponseError)

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class VertexAccess:
    """A project of Google Cloud; without credentials the machine's own are used.

    `credentials` is an object of google.auth.
    """

    project: str
    location: str = "global"
    credentials: Any = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """Whose it is, as people know it."""
        account = getattr(self.credentials, "service_account_email", None)
        return f"Google Cloud project {self.project}" + (f" as {account}" if account else "")


class GeminiProvider:
    """Thread-safe; one per process. Time-outs are seconds; every call raises ProviderError."""

    name = "gemini"

    def __init__(
        self,
        *,
        api_key: str | None = None,
        vertex: VertexAccess | None = None,
        base_url: str | None = None,
        model: str = DEFINITION.models[0].id,
        timeout_seconds: float = 120.0,
        connect_seconds: float = 5.0,
    ) -> None:
        """With a key or with a project; without `base_url` it is Google's. Raises SettingsError."""
        self.model = model
        self._vertex = vertex
        self._key = "" if vertex else checked_secret(api_key or "", "Gemini")
        self._timeout = httpx2.Timeout(timeout_seconds, connect=connect_seconds)
        # Ours, so that the environment cannot choose another stack, and so that connecting has
        # a time-out of its own: the library knows one number for everything.
        self._http = httpx2.Client(
            timeout=self._timeout,
            event_hooks={"request": [self._set_timeout]},
            proxy=proxy_for(base_url or API_URL),
            trust_env=False,
        )
        self._client = _client(self._key, vertex, base_url, self._http)

    def close(self) -> None:
        self._client.close()
        self._http.close()

    def capabilities(self, model: str) -> ModelCapabilities:
        """What the catalogue says that a model can do."""
        return DEFINITION.capabilities(model)

    def account(self) -> ProviderAccount:
        """Prove the key by reading one model's name; Gemini does not show whose key it is."""
        if self._vertex:
            self._answer(lambda: self._client.models.get(model=self.model))
            return ProviderAccount(self.name, self._vertex.label, "vertex ai")
        self._answer(lambda: self._client.models.list(config={"page_size": 1}))
        return ProviderAccount(self.name, f"Gemini API key ending {self._key[-4:]}", "api key")

    def current_version(self, model: str) -> str | None:
        """Read the model's entry; raises MODEL_RETIRED when the key knows no such model."""
        found = self._answer(lambda: self._client.models.get(model=model))
        return as_text(found.version) or None

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        """Check the request against the model; sends nothing."""
        for problem in request_problems(request, self.capabilities(request.model)):
            raise refused(problem)
        payload = {
            "model": request.model,
            "prompt": request.prompt,
            "aspect_ratio": request.aspect_ratio,
            "seed": request.seed % SEED_RANGE,
            "image_sha256": [hashlib.sha256(image.content).hexdigest() for image in request.images],
        }
        return PreparedRequest(request.model, None, payload, request.images)

    def generate(self, prepared: PreparedRequest) -> SynchronousResult:
        """Make the picture in one call of up to `timeout_seconds`; never retried here."""
        contents, config = _contents(prepared), _config(prepared)
        response = self._answer(
            lambda: self._client.models.generate_content(
                model=prepared.model, contents=contents, config=config
            )
        )
        return _read(response)

    def _answer(self, call: Callable[[], Answer]) -> Answer:
        """Run one call of the library; its own and httpx2's exceptions become ProviderError."""
        try:
            return call()
        except errors.APIError as error:
            headers = getattr(error.response, "headers", None) or {}
            raise status_error(
                error.code,
                as_text(error.status),
                error.details,
                {name.lower(): value for name, value in headers.items()},
            ) from None
        except GoogleAuthError as error:
            # The token is fetched before anything is sent.
            is_passing = isinstance(error, TransportError) or error.retryable
            raise credentials_error(type(error).__name__, is_passing=is_passing) from None
        except httpx2.HTTPError as error:
            raise no_answer_error(
                DEFINITION.label, error, was_sent=not isinstance(error, _NEVER_SENT)
            ) from None
        except _PARSER_ERRORS as error:
            raise unreadable_error(error) from None

    def _set_timeout(self, request: httpx2.Request) -> None:
        request.extensions["timeout"] = self._timeout.as_dict()


def make_provider(
    *,
    model: str,
    base_url: str | None,
    token: str | None = None,
    project: str | None = None,
    location: str = "global",
    credentials_file: Path | None = None,
) -> GeminiProvider:
    """Make the client for an API key or for a project of Google Cloud; raises SettingsError."""
    access = vertex_access(project, location, credentials_file) if project else None
    return GeminiProvider(api_key=token, vertex=access, base_url=base_url, model=model)


def vertex_access(project: str, location: str, credentials_file: Path | None) -> VertexAccess:
    """Return the access that settings name; raises SettingsError for a file that holds no credentials."""
    if credentials_file is None:
        return VertexAccess(project, location)
    try:
        credentials = _credentials(json.loads(credentials_file.read_text()))
    except OSError as error:
        raise SettingsError(
            problem=_key_file_problem(f"cannot be read ({error.strerror})")
        ) from None
    except (GoogleAuthError, ValueError, TypeError, KeyError):
        # Their texts quote the file, and the file is a secret.
        raise SettingsError(
            problem=_key_file_problem("holds no credentials of Google Cloud")
        ) from None
    return VertexAccess(project, location, credentials)


def _credentials(found: dict[str, Any]) -> Any:
    """Only the kinds that name no address of their own to run or to ask; raises KeyError."""
    load: dict[str, Callable[..., Any]] = {
        "service_account": service_account.Credentials.from_service_account_info,
        "authorized_user": oauth2.Credentials.from_authorized_user_info,
    }
    return load[found["type"]](found, scopes=_SCOPES)


def _key_file_problem(what: str) -> str:
    return (
        f"The file that GOOGLE_APPLICATION_CREDENTIALS names {what}. Download the service "
        "account's JSON key once more, or leave the setting out on a machine with a role."
    )


def _client(
    key: str, vertex: VertexAccess | None, base_url: str | None, http: httpx2.Client
) -> genai.Client:
    """The library's client; nothing that it could find in the environment is left open."""
    address, version = _split_version(checked_url(base_url or API_URL, "Gemini"))
    options = types.HttpOptions(
        base_url=address if base_url or not vertex else None,
        api_version="v1beta1" if vertex else version,
        timeout=round((http.timeout.read or 0) * 1000),
        httpx_client=http,
    )
    if vertex is None:
        return genai.Client(vertexai=False, api_key=key, http_options=options)
    return genai.Client(
        vertexai=True,
        project=vertex.project,
        location=vertex.location,
        credentials=vertex.credentials,
        http_options=options,
    )


def _split_version(url: str) -> tuple[str, str]:
    """Return an address without the API's version, and the version that it names at its end."""
    address, _, last = url.rpartition("/")
    return (address, last) if _VERSION.fullmatch(last) else (url, API_VERSION)


def _contents(prepared: PreparedRequest) -> types.Content:
    """The pictures first, then the words, which may then speak of "the picture above"."""
    parts = [_part(image) for image in prepared.images]
    return types.Content(role="user", parts=[*parts, types.Part(text=prepared.payload["prompt"])])


def _part(image: InputImage) -> types.Part:
    return types.Part.from_bytes(data=image.content, mime_type=image.content_type)


def _config(prepared: PreparedRequest) -> types.GenerateContentConfig:
    ratio = prepared.payload["aspect_ratio"]
    return types.GenerateContentConfig(
        response_modalities=["TEXT", "IMAGE"],
        image_config=types.ImageConfig(aspect_ratio=ratio) if ratio else None,
        seed=prepared.payload["seed"],
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )


def _read(response: types.GenerateContentResponse) -> SynchronousResult:
    """The pictures of an answer; raises CONTENT_REFUSED or EMPTY where there are none."""
    candidates = response.candidates or []
    parts = [
        part
        for candidate in candidates
        for part in (candidate.content and candidate.content.parts) or []
        # Thinking models send their drafts too.
        if not part.thought
    ]
    text = as_text("".join(part.text or "" for part in parts))
    images = tuple(
        OutputImage(part.inline_data.mime_type or "image/png", part.inline_data.data)
        for part in parts
        if part.inline_data and part.inline_data.data
    )
    if not images:
        feedback = response.prompt_feedback
        blocked = _word(feedback.block_reason) if feedback else ""
        finished = [_word(candidate.finish_reason) for candidate in candidates]
        raise no_picture_error(blocked, [word for word in finished if word], text)
    return SynchronousResult(images, response.model_version, response.response_id, text)


def _word(reason: types.FinishReason | types.BlockedReason | None) -> str:
    return as_text(reason.value) if reason else ""
