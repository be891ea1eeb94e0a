"""A Cog container as a `SynchronousProvider`: the prediction is answered by the PUT that creates it.

The PUT carries the attempt's id. Sent again while the container is at work on it, it starts
nothing: Cog answers 202 then. Pictures travel as data URLs inside the request.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2

from services.core.proxies import proxy_for
from services.core.redaction import shown_address
from services.fetch.network import FetchError
from services.fetch.output_fetcher import inline_body
from services.media.formats import sniff
from services.providers.base import (
    FailureClass,
    InputImage,
    ModelCapabilities,
    OutputImage,
    PictureRequest,
    PreparedRequest,
    ProviderAccount,
    ProviderError,
    SynchronousResult,
)
from services.providers.checks import checked_secret, checked_url
from services.providers.cog.definition import (
    DEFINITION,
    PREDICTION_ERRORS,
    health_problem,
    is_broken,
    status_error,
)
from services.providers.definition import classify
from services.providers.model_inputs import KnownModel, build_input, check, model_from_schema
from services.providers.outputs import output_addresses, path_problem
from services.providers.replies import (
    Reply,
    as_line,
    as_number,
    as_object,
    as_text,
    retry_after_seconds,
)

PREDICT_SECONDS = 180.0
"""For the answer of one prediction; a step is given up after 240 s."""
ASK_SECONDS = 5.0
SCHEMA_SECONDS = 60.0
"""How long a schema that was read is good for a form; every request is checked with a new one."""
SILENT_SECONDS = 10.0
"""How long a server that gave no schema is not asked again for a form."""
BUSY_SECONDS = 2.0
SETUP_SECONDS = 10.0
MAX_OUTPUT_BYTES = 50 * 1024 * 1024
"""As large as a picture that is downloaded."""

_FAILED = re.compile(r"^(?:Prediction failed: )+")
_IN_WORK = ("starting", "processing")
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_NOT_NOW = (409, 503)


class CogProvider:
    """Thread-safe; one per process. Time-outs are seconds; every call raises ProviderError."""

    name = "cog"

    def __init__(
        self,
        *,
        base_url: str,
        token: str | None = None,
        timeout_seconds: float = PREDICT_SECONDS,
        ask_seconds: float = ASK_SECONDS,
    ) -> None:
        """`token` is sent as a bearer, for a reverse proxy; raises SettingsError."""
        self._base_url = checked_url(base_url, DEFINITION.label)
        self._place = f"{DEFINITION.label} at {shown_address(self._base_url)}"
        secret = checked_secret(token, DEFINITION.label) if token else ""
        self._http = httpx2.Client(
            headers={"Authorization": f"Bearer {secret}"} if secret else {},
            proxy=proxy_for(self._base_url),
            trust_env=False,
            # With SSL_CERT_FILE: a server of one's own has a certificate of one's own.
            verify=httpx2.create_ssl_context(),
        )
        self._timeout_seconds = timeout_seconds
        self._ask_seconds = ask_seconds
        self._model: KnownModel | None = None
        self._problem: ProviderError | None = None
        self._learned_until = 0.0
        self._lock = Lock()

    def close(self) -> None:
        self._http.close()

    def capabilities(self, model: str) -> ModelCapabilities:
        """What the schema that was read last says; by the catalogue before the first one."""
        if self._model is None:
            return DEFINITION.capabilities(model)
        return replace(self._model.capabilities, model=model)

    def learn(self, model: str) -> None:
        """Read the schema unless it was read, or could not be, a short time ago.

        CONFIGURATION while none was ever read: a pose would be planned without its skeleton.
        """
        with self._lock:
            if monotonic() > self._learned_until:
                try:
                    self._read_schema(model)
                except ProviderError as error:
                    failure = error.failure if self._model else FailureClass.CONFIGURATION
                    self._problem = ProviderError(
                        failure,
                        error.detail,
                        reached=False,
                        pauses_provider=error.pauses_provider,
                    )
                    self._learned_until = monotonic() + SILENT_SECONDS
            if self._problem is not None:
                raise self._problem

    def account(self) -> ProviderAccount:
        """Read which Cog answers, whether it is ready, and whether its schema can be used."""
        health = self._health()
        if problem := health_problem(health):
            raise self._not_ready(health, problem, FailureClass.TRANSIENT)
        self._read_schema("its model")
        version = as_object(health.get("version"))
        number = as_text(version.get("cog") or version.get("python_sdk") or version.get("coglet"))
        return ProviderAccount(self.name, f"a container with Cog {number}".removesuffix(" "))

    def current_version(self, model: str) -> str | None:
        """Read what the container serves now; it has no versions, and a name of ours."""
        self._read_schema(model)
        return None

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        """Check the request against the container's schema; creates nothing."""
        known = self._read_schema(request.model)
        check(request, known)
        control = request.control_image
        given = build_input(
            request,
            known.input,
            [_reference(image) for image in request.images],
            _reference(control) if control else None,
        )
        images = (*request.images, *((control,) if control else ()))
        return PreparedRequest(
            request.model, None, {"model": request.model, "input": given}, images
        )

    def generate(self, prepared: PreparedRequest) -> SynchronousResult:
        """Make the pictures in one call of up to `timeout_seconds`; never retried here."""
        prediction_id = prepared.attempt_id or uuid4().hex
        urls = {_reference(image): _data_url(image) for image in prepared.images}
        reply = self._reply(
            "PUT",
            f"/predictions/{quote(prediction_id, safe='')}",
            self._timeout_seconds,
            json={"input": _with_pictures(prepared.payload["input"], urls)},
        )
        return _read(reply)

    def _read_schema(self, model: str) -> KnownModel:
        """Read the inputs that the container's model takes now, and remember them for forms."""
        reply = self._reply("GET", "/openapi.json", self._ask_seconds)
        self._model = model_from_schema(model, reply.body)
        self._learned_until, self._problem = monotonic() + SCHEMA_SECONDS, None
        return self._model

    def _health(self) -> dict[str, Any]:
        reply = self._reply("GET", "/health-check", self._ask_seconds)
        if not isinstance(reply.body.get("status"), str):
            detail = f"{self._place} is no Cog container: its /health-check has {reply.excerpt}"
            raise ProviderError(FailureClass.TRANSIENT, detail, reached=False)
        return reply.body

    def _reply(self, method: str, path: str, seconds: float, **given: Any) -> Reply:
        """One request, answered in full within the time; no redirect is followed."""
        creates = method != "GET"
        try:
            reply = self._received(method, path, seconds, given)
        except httpx2.HTTPError as error:
            raise self._no_answer(error, seconds, creates=creates) from None
        if reply.status in _NOT_NOW:
            raise self._unavailable(reply)
        if reply.status >= 300:
            raise status_error(self._place, reply, creates=creates)
        return reply

    def _received(self, method: str, path: str, seconds: float, given: Mapping[str, Any]) -> Reply:
        """A read waits for the whole time at most, however slowly the bytes come."""
        ends = monotonic() + seconds
        timeout = httpx2.Timeout(seconds, connect=ASK_SECONDS)
        content = bytearray()
        with self._http.stream(
            method, f"{self._base_url}{path}", timeout=timeout, **given
        ) as response:
            for piece in response.iter_bytes():
                content += piece
                if monotonic() > ends:
                    raise httpx2.ReadTimeout("the answer never ended")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, bytes(content))

    def _no_answer(self, error: Exception, seconds: float, *, creates: bool) -> ProviderError:
        """A PUT that may have arrived can be sent again under its id: AMBIGUOUS."""
        why = as_line(f"{type(error).__name__}: {error}", limit=160)
        is_unreached = isinstance(error, _NEVER_SENT)
        is_late = isinstance(error, httpx2.TimeoutException)
        problem = "could not be reached" if is_unreached else "broke off its answer"
        if is_late and not is_unreached:
            problem = f"gave no answer within {seconds:g} s"
        was_sent = creates and not is_unreached
        return ProviderError(
            FailureClass.AMBIGUOUS if was_sent else FailureClass.TRANSIENT,
            f"{self._place} {problem} ({why})",
            reached=was_sent,
        )

    def _unavailable(self, reply: Reply) -> ProviderError:
        """Return why nothing is taken now: 409 and 503 alone do not say whether it will pass.

        A container whose worker has died answers 409, "At capacity", for ever.
        """
        if reply.status == 503 and not reply.body:
            # Not Cog's words: a reverse proxy without a container behind it.
            return status_error(self._place, reply, creates=False)
        health = self._health()
        words = health_problem(health) or as_line(reply.body.get("error")) or "it is busy"
        wait = retry_after_seconds(reply.headers)
        return self._not_ready(health, words, FailureClass.THROTTLED, wait)

    def _not_ready(
        self,
        health: Mapping[str, Any],
        words: str,
        failure: FailureClass,
        wait_seconds: float | None = None,
    ) -> ProviderError:
        """Nothing was created. What only a restart of the container ends pauses the provider."""
        broken = is_broken(health)
        is_busy = not health_problem(health)
        return ProviderError(
            FailureClass.TRANSIENT if broken else failure,
            f"{self._place} takes no prediction: {words}",
            reached=False,
            pauses_provider=broken,
            retry_after_seconds=wait_seconds or (BUSY_SECONDS if is_busy else SETUP_SECONDS),
        )


def _reference(image: InputImage) -> str:
    """Stands for a picture in a payload that is stored."""
    return f"sha256:{hashlib.sha256(image.content).hexdigest()}"


def _data_url(image: InputImage) -> str:
    return f"data:{image.content_type};base64,{base64.b64encode(image.content).decode()}"


def _with_pictures(given: Mapping[str, Any], urls: Mapping[str, str]) -> dict[str, Any]:
    """The input with each picture in the place of its reference."""

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(item) for item in value]
        return urls.get(value, value) if isinstance(value, str) else value

    return {key: filled(value) for key, value in given.items()}


def _read(reply: Reply) -> SynchronousResult:
    """Return what a prediction made; raises ProviderError for one that failed or has not ended."""
    body = reply.body
    status = body.get("status")
    if status in _IN_WORK or reply.status == 202:
        detail = f"{DEFINITION.label} is still at work on this prediction"
        raise ProviderError(FailureClass.AMBIGUOUS, detail, status_code=reply.status)
    if status == "canceled":
        detail = f"The prediction was canceled at {DEFINITION.label}"
        raise ProviderError(FailureClass.CANCELED, detail)
    if status == "failed":
        error = _FAILED.sub("", as_text(body.get("error")))
        raise ProviderError(
            classify(PREDICTION_ERRORS, None, error),
            as_line(error, limit=1000) or f"{DEFINITION.label} names no reason.",
        )
    if "output" not in body:
        detail = f"{DEFINITION.label} answered without a prediction, but with {reply.excerpt}"
        raise ProviderError(FailureClass.PLATFORM, detail)
    return _result(body)


def _result(body: Mapping[str, Any]) -> SynchronousResult:
    output = body["output"]
    addresses = list(output_addresses(output))
    images = tuple(_images(addresses))
    urls = tuple(address for address in addresses if not address.startswith("data:"))
    if not images and not urls:
        raise _no_picture_error(output, addresses)
    return SynchronousResult(
        images,
        response_id=as_text(body.get("id")) or None,
        urls=urls,
        predict_seconds=as_number(as_object(body.get("metrics")).get("predict_time")),
    )


def _images(addresses: Iterable[str]) -> Iterator[OutputImage]:
    """Decode the pictures that came inside; a model may return other files beside them."""
    for address in addresses:
        content = _decoded(address) if address.startswith("data:") else b""
        if found := sniff(content):
            yield OutputImage(f"image/{found.value.lower()}", content)


def _decoded(address: str) -> bytes:
    try:
        return inline_body(address, MAX_OUTPUT_BYTES)
    except FetchError:
        return b""


def _no_picture_error(output: Any, addresses: Sequence[str]) -> ProviderError:
    if addresses:
        kind = as_line(addresses[0].partition(",")[0], limit=60)
        detail = f"{DEFINITION.label} answered with a file that is no picture ({kind})."
        return ProviderError(FailureClass.PLATFORM, detail)
    if problem := path_problem(output):
        return ProviderError(FailureClass.CONFIGURATION, problem)
    words = as_line(output, limit=120)
    return ProviderError(
        FailureClass.EMPTY,
        f"{DEFINITION.label} answered without a picture" + (f": {words}" if words else "."),
    )
