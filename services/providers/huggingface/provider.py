"""Hugging Face as a `SynchronousProvider`: text to picture by whoever the hub says runs the model.

Over plain HTTP, by the documented route, and not through huggingface_hub: its `text_to_image`
returns decoded pixels, where we store the reply's bytes; its base URL replaces the complete
address, model included; it reads the model from the hub before each call; and it has one time-out,
on a client that the process shares.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx2

from services.core.proxies import proxy_for
from services.media.formats import sniff
from services.providers.base import (
    FailureClass,
    ModelCapabilities,
    OutputImage,
    PictureRequest,
    PreparedRequest,
    ProviderAccount,
    ProviderError,
    SynchronousResult,
)
from services.providers.checks import (
    checked_secret,
    checked_url,
    refused,
    request_problems,
    wrong_model,
)
from services.providers.definition import classify
from services.providers.huggingface.definition import DEFINITION, OPTIONS
from services.providers.model_inputs import MEGAPIXEL_SIZES
from services.providers.replies import (
    Reply,
    as_line,
    as_object,
    as_text,
    no_answer_error,
    retry_after_seconds,
)

API_URL = "https://router.huggingface.co"
HUB_URL = "https://huggingface.co"
"""Accounts and models are the hub's; a server of one's own serves them too."""
OFFER = "hf-inference"
OFFERS = (OFFER, "together", "nscale")
"""Those whose requests are known here, the first one preferred."""
OFFER_SECONDS = 600.0
TASK = "text-to-image"
SEED_RANGE = 2**31
ASK_SECONDS = 20.0
"""For reads from the hub, which draw nothing."""

# `ratelimit: "api";r=0;t=55`: nothing remains of that quota, which is renewed in 55 s.
_USED_UP = re.compile(r"\br=0\s*;\s*t=(\d+)")
_MODEL = re.compile(r"\w[\w.-]*/\w[\w.-]*")
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


@dataclass(frozen=True)
class Offer:
    """An inference provider that runs a model, and its name for it."""

    provider: str
    model: str


class HuggingFaceProvider:
    """Thread-safe; one per process. Time-outs are seconds; every call raises ProviderError."""

    name = "huggingface"

    def __init__(
        self,
        *,
        token: str,
        base_url: str | None = None,
        timeout_seconds: float = 120.0,
        connect_seconds: float = 5.0,
    ) -> None:
        """Without `base_url` it is Hugging Face's router; raises SettingsError."""
        self._token = checked_secret(token, "Hugging Face")
        self._base_url = checked_url(base_url or API_URL, "Hugging Face")
        self._has_own_server = self._base_url != API_URL
        self._hub_url = self._base_url if self._has_own_server else HUB_URL
        self._offers: dict[str, tuple[float, Offer]] = {}
        self._ask_timeout = httpx2.Timeout(
            min(ASK_SECONDS, timeout_seconds), connect=connect_seconds
        )
        self._http = httpx2.Client(
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=httpx2.Timeout(timeout_seconds, connect=connect_seconds),
            mounts=self._mounts(),
            trust_env=False,
        )

    def _mounts(self) -> dict[str, httpx2.HTTPTransport]:
        """One connection pool for each of the two servers that is behind a proxy."""
        urls = {self._base_url: proxy_for(self._base_url), self._hub_url: proxy_for(self._hub_url)}
        return {
            f"all://{urlsplit(url).hostname}": httpx2.HTTPTransport(proxy=proxy)
            for url, proxy in urls.items()
            if proxy
        }

    def close(self) -> None:
        self._http.close()

    def capabilities(self, model: str) -> ModelCapabilities:
        """What the catalogue says that a model can do."""
        return DEFINITION.capabilities(model)

    def account(self) -> ProviderAccount:
        """Whose token this is (GET /api/whoami-v2)."""
        body = self._ask("/api/whoami-v2").body
        name = as_text(body.get("name"))
        if not name:
            raise unreadable_error("name")
        return ProviderAccount(self.name, name, as_text(body.get("type")))

    def current_version(self, model: str) -> str | None:
        """The model's commit; raises MODEL_RETIRED when it is unknown or not offered to be run."""
        body = self._ask(
            f"/api/models/{_checked(model)}", {"expand": ["sha", "inferenceProviderMapping"]}
        ).body
        if not body:
            raise unreadable_error("model")
        self._chosen_offer(model, body)
        return as_text(body.get("sha")) or None

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        """Check the request against the model; sends nothing."""
        model = _checked(request.model)
        for problem in _problems(request, self.capabilities(model)):
            raise refused(problem)
        payload = {"model": model, "inputs": request.prompt, "parameters": _parameters(request)}
        return PreparedRequest(model, None, payload)

    def generate(self, prepared: PreparedRequest) -> SynchronousResult:
        """Make the picture in one call of up to `timeout_seconds`; never retried here."""
        model = _checked(prepared.model)
        offer = self._offer(model)
        if offer.provider == OFFER:
            reply, content = self._own_inference(model, prepared)
        else:
            reply, content = self._images(offer, prepared)
        # Whatever was requested and is declared: some models answer with JPEG.
        found = sniff(content)
        if found is None:
            raise no_picture_error(reply)
        image = OutputImage(f"image/{found.value.lower()}", content)
        return SynchronousResult(
            (image,), response_id=as_text(reply.headers.get("x-request-id")) or None
        )

    def _own_inference(self, model: str, prepared: PreparedRequest) -> tuple[Reply, bytes]:
        """Ask hf-inference, or a server of one's own, which may serve its one model anywhere."""
        body = {name: prepared.payload[name] for name in ("inputs", "parameters")}
        first: ProviderError | None = None
        paths = (f"/{OFFER}/models/{model}", f"/models/{model}", "")
        for path in paths if self._has_own_server else paths[:1]:
            try:
                reply = self._reply(
                    "POST", self._base_url + path, json=body, headers={"Accept": "image/png"}
                )
                return reply, reply.content
            except ProviderError as error:
                # An address that is not there has made nothing; a model that is gone is gone.
                is_elsewhere = error.failure is FailureClass.CONFIGURATION
                if not is_elsewhere or error.status_code not in (404, 405):
                    raise
                first = first or error
        assert first is not None, "there is a path"
        raise first

    def _images(self, offer: Offer, prepared: PreparedRequest) -> tuple[Reply, bytes]:
        """Ask another inference provider by the route of OpenAI's that several of them share."""
        given = prepared.payload["parameters"]
        size = {"width": given.get("width", 1024), "height": given.get("height", 1024)}
        options = {
            "together": {
                "response_format": "base64",
                "steps": given.get("num_inference_steps"),
                "guidance": given.get("guidance_scale"),
                **size,
            },
            "nscale": {
                "response_format": "b64_json",
                "size": f"{size['width']}x{size['height']}",
            },
        }[offer.provider]
        body = {
            "prompt": prepared.payload["inputs"],
            "model": offer.model,
            "seed": given["seed"],
            **{name: value for name, value in options.items() if value is not None},
        }
        url = f"{self._base_url}/{offer.provider}/v1/images/generations"
        reply = self._reply("POST", url, json=body)
        data = reply.body.get("data")
        first = as_object(data[0]) if isinstance(data, list) and data else {}
        try:
            return reply, base64.b64decode(as_text(first.get("b64_json")), validate=True)
        except ValueError:
            raise no_picture_error(reply) from None

    def _offer(self, model: str) -> Offer:
        """Choose who runs a model; the hub is asked now and then, since offers change."""
        if self._has_own_server:
            return Offer(OFFER, model)
        known = self._offers.get(model)
        if known and monotonic() - known[0] < OFFER_SECONDS:
            return known[1]
        try:
            body = self._ask(f"/api/models/{model}", {"expand": ["inferenceProviderMapping"]}).body
        except ProviderError as error:
            if error.failure is not FailureClass.TRANSIENT:
                raise
            return Offer(OFFER, model)
        offer = self._chosen_offer(model, body)
        self._offers[model] = (monotonic(), offer)
        return offer

    def _chosen_offer(self, model: str, body: Mapping[str, Any]) -> Offer:
        """Choose among the providers that the hub names; raises MODEL_RETIRED where none is usable."""
        mapping = body.get("inferenceProviderMapping")
        if not isinstance(mapping, dict):
            # A server of one's own may leave it out.
            return Offer(OFFER, model)
        live = {
            name: as_text(entry.get("providerId")) or model
            for name, entry in ((name, as_object(it)) for name, it in mapping.items())
            if entry.get("task") == TASK and entry.get("status", "live") == "live"
        }
        for name in OFFERS:
            if name in live:
                return Offer(name, live[name])
        others = (
            f" It is run by {', '.join(sorted(live))}, which Atelier does not call." if live else ""
        )
        problem = f"No inference provider that Atelier calls runs {model} as {TASK}.{others}"
        raise ProviderError(FailureClass.MODEL_RETIRED, problem, reached=False)

    def _ask(self, path: str, params: Mapping[str, list[str]] | None = None) -> Reply:
        """Read from the hub; nothing is created by it."""
        return self._reply(
            "GET",
            f"{self._hub_url}{path}",
            params=params,
            headers={"Accept": "application/json"},
            timeout=self._ask_timeout,
        )

    def _reply(self, method: str, url: str, **given: Any) -> Reply:
        """One request, no redirect followed; a reply of 200."""
        try:
            response = self._http.request(method, url, **given)
        except httpx2.HTTPError as error:
            raise no_answer_error(
                DEFINITION.label, error, was_sent=not isinstance(error, _NEVER_SENT)
            ) from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        reply = Reply(response.status_code, headers, response.content)
        if reply.status != 200:
            raise status_error(reply)
        return reply


def _checked(model: str) -> str:
    """Return `owner/name`, which enters the address; raises CONFIGURATION for anything else."""
    if not _MODEL.fullmatch(model):
        raise wrong_model(f"{as_text(model)[:100]} is not of the form owner/name")
    return model


def _problems(request: PictureRequest, can: ModelCapabilities) -> Iterator[str]:
    yield from request_problems(request, can)
    for name, value in request.options.items():
        yield from _option_problems(can.model, name, value)


def _option_problems(model: str, name: str, value: Any) -> Iterator[str]:
    if name not in OPTIONS:
        return
    _, minimum, maximum = OPTIONS[name]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not minimum <= value <= maximum:
        yield f"{name} must be a number from {minimum} to {maximum}."
    elif name == "steps" and value != int(value):
        yield "steps must be an integer."


def _parameters(request: PictureRequest) -> dict[str, Any]:
    """Their names for what is asked; without a ratio the model chooses its own size."""
    parameters: dict[str, Any] = {"seed": request.seed % SEED_RANGE}
    if request.aspect_ratio:
        parameters["width"], parameters["height"] = MEGAPIXEL_SIZES[request.aspect_ratio]
    for name, value in request.options.items():
        parameters[OPTIONS[name][0]] = int(value) if name == "steps" else value
    return parameters


def status_error(reply: Reply) -> ProviderError:
    """Return the error of a reply other than 200."""
    text = as_text(reply.body.get("error")) or as_text(reply.body.get("message"))
    message = as_line(text)
    failure = classify(DEFINITION.errors, reply.status, text)
    if failure is FailureClass.MODEL_RETIRED and not text:
        # Not their words: another server answered, which does not know this path.
        failure = FailureClass.CONFIGURATION
    return ProviderError(
        failure,
        f"Hugging Face answered {reply.status}" + (f": {message}" if message else ""),
        retry_after_seconds=_wait(reply, text) if reply.status in (429, 500, 503, 504) else None,
        pauses_provider=reply.status in (401, 402, 403),
        status_code=reply.status,
    )


def unreadable_error(missing: str) -> ProviderError:
    """A 200 of the hub without what was requested; nothing was made."""
    detail = f"Hugging Face's answer could not be read (no {missing})"
    return ProviderError(FailureClass.TRANSIENT, detail)


def no_picture_error(reply: Reply) -> ProviderError:
    """A 200 without a picture: empty, or something else in its place."""
    if not reply.content:
        return ProviderError(FailureClass.EMPTY, "Hugging Face answered with nothing.")
    start = reply.content[:200].decode("utf-8", "replace")
    text = as_line(as_text(reply.body.get("error")) or start, limit=120)
    detail = f"Hugging Face answered with something else than a picture: {text}"
    return ProviderError(FailureClass.PLATFORM, detail)


def _wait(reply: Reply, text: str) -> float | None:
    """The longest wait that the reply names; `estimated_time` is what a cold model still needs."""
    quotas = _USED_UP.findall(reply.headers.get("ratelimit", ""))
    return retry_after_seconds(reply.headers, reply.body.get("estimated_time"), text, *quotas)
