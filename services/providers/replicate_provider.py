"""Replicate as a `PredictionProvider`: prepares, creates once, and reads what became of it.

Never creates twice, never sleeps, and never lets a reply to a create get lost.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from replicate.client import Client

from services.providers.base import (
    FailureClass,
    InputImage,
    ModelCapabilities,
    PictureRequest,
    Prediction,
    PreparedRequest,
    ProviderAccount,
    ProviderError,
)
from services.providers.replicate_errors import Call, unreadable_error
from services.providers.replicate_models import (
    KnownModel,
    build_input,
    check,
    known_model,
    model_from_schema,
)
from services.providers.replicate_status import parse_prediction, prediction_id
from services.providers.replicate_wire import API_URL, ReplicateWire, Timeouts
from services.providers.replies import as_object, as_text

CLOCK_MARGIN = timedelta(seconds=60)
MOST_PAGES = 50
WEBHOOK_EVENTS = ["start", "completed"]

_MODEL = re.compile(r"(?P<name>\w[\w.-]*/\w[\w.-]*)(?::(?P<version>[\w-]+))?")
_HIDDEN_VERSION = re.compile(r"hidden|dp-\w+")


@dataclass(frozen=True)
class _Resolved:
    """A model as it is run: by version, or by name where that is None."""

    name: str
    version: str | None
    row: KnownModel


class ReplicateProvider:
    """Thread-safe; one per process. Time-outs are seconds; every call raises ProviderError."""

    name = "replicate"

    def __init__(
        self,
        *,
        token: str,
        base_url: str = API_URL,
        pose_model: str = "fofr/consistent-character",
        timeouts: Timeouts | None = None,
    ) -> None:
        """`pose_model` is `owner/name`, or `owner/name:version` to pin; raises SettingsError."""
        self.pose_model = pose_model
        self._wire = ReplicateWire(token, base_url, timeouts or Timeouts())
        self._resolved: dict[str, _Resolved] = {}
        self._lock = Lock()

    def close(self) -> None:
        """Close the connections; calls still running fail."""
        self._wire.close()

    def capabilities(self, model: str) -> ModelCapabilities:
        """What a model can do, without asking Replicate unless `prepare` has done so already."""
        name, _ = self._split(model)
        known = known_model(name)
        if known:
            return known.capabilities
        resolved = self._resolved.get(model)
        return resolved.row.capabilities if resolved else ModelCapabilities(model=name)

    def account(self) -> ProviderAccount:
        """Whose token this is (GET /v1/account)."""
        body = self._wire.read(Call.ASK, "/v1/account").body
        return ProviderAccount(
            provider=self.name,
            name=as_text(body.get("username")) or as_text(body.get("name")),
            kind=as_text(body.get("type")),
        )

    def current_version(self, model: str) -> str | None:
        """Ask for the pinned version, else for the latest; None where it runs by name alone."""
        name, version = self._split(model)
        if version:
            self._read_model(f"{name}/versions/{version}", "id")
            return version
        body = self._read_model(name, "latest_version")
        latest = as_text(as_object(body.get("latest_version")).get("id")) or None
        if latest is None and body.get("is_official") is not True:
            raise _configuration(f"{name} has no version that could be run")
        return latest

    def prepare(self, request: PictureRequest) -> PreparedRequest:
        """Pin the model's version and upload the pictures; safe to call again after any error."""
        resolved = self._resolve(request.model)
        check(request, resolved.row)
        urls = [self._upload(image) for image in request.images]
        target = {"version": resolved.version} if resolved.version else {"model": resolved.name}
        given = build_input(request, resolved.row.input, urls)
        return PreparedRequest(resolved.name, resolved.version, {**target, "input": given})

    def create(self, prepared: PreparedRequest, *, webhook_url: str | None = None) -> Prediction:
        """POST one prediction once; AMBIGUOUS if it may exist without our knowing its id.

        Replicate ends it by itself after the model's `deadline_seconds` (Cancel-After).
        """
        deadline = round(self.capabilities(prepared.model).deadline_seconds)
        reply = self._wire.through_client(
            Call.CREATE,
            lambda client: _send(client, prepared, webhook_url),
            {"Cancel-After": f"{deadline}s"},
        )
        created_id = prediction_id(reply.body)
        if created_id is None:
            raise unreadable_error(Call.CREATE, reply, "a prediction's id")
        return parse_prediction(reply.body, created_id)

    def get(self, prediction_id: str) -> Prediction:
        """What Replicate says of it now; LOST if it knows no such id."""
        reply = self._wire.read(Call.HELD, _path(prediction_id))
        if "status" not in reply.body:
            raise unreadable_error(Call.HELD, reply, "a prediction")
        return parse_prediction(reply.body, prediction_id)

    def cancel(self, prediction_id: str) -> Prediction:
        """Ask Replicate to stop it; safe to repeat. What already ran is charged."""
        reply = self._wire.post(Call.HELD, f"{_path(prediction_id)}/cancel")
        if "status" not in reply.body:
            raise unreadable_error(Call.HELD, reply, "a prediction")
        return parse_prediction(reply.body, prediction_id)

    def find(self, prepared: PreparedRequest, created_after: datetime) -> list[Prediction]:
        """All predictions since then, less a minute for clocks, that are exactly this request."""
        moment = created_after if created_after.tzinfo else created_after.replace(tzinfo=UTC)
        since = moment.astimezone(UTC) - CLOCK_MARGIN
        listed = self._listed(since)
        return [prediction for prediction in listed if _is_same(prediction, prepared)]

    def _listed(self, since: datetime) -> Iterator[Prediction]:
        """Newest first, at most `MOST_PAGES` pages; older rows end it, whatever the filter did."""
        stamp = since.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        params = {"created_after": stamp}
        for _ in range(MOST_PAGES):
            reply = self._wire.read(Call.ASK, "/v1/predictions", params)
            rows = reply.body.get("results")
            if not isinstance(rows, list):
                raise unreadable_error(Call.ASK, reply, "a list of predictions")
            for row in map(as_object, rows):
                row_id = prediction_id(row)
                prediction = parse_prediction(row, row_id or "")
                if prediction.created_at and prediction.created_at < since:
                    return
                if row_id:
                    yield prediction
            following = _query(reply.body.get("next"))
            if not following or following == params:
                return
            params = following

    def _split(self, model: str) -> tuple[str, str | None]:
        """`owner/name` and the version pinned by the model's own setting or by `pose_model`."""
        found, pose = _MODEL.fullmatch(model), _MODEL.fullmatch(self.pose_model)
        if not found:
            return model, None
        name, version = found["name"], found["version"]
        if version is None and pose and pose["name"] == name:
            version = pose["version"]
        return name, version

    def _resolve(self, model: str) -> _Resolved:
        """Look a model up once; two threads may ask, the first answer is kept by all."""
        known = self._resolved.get(model)
        if known:
            return known
        if not _MODEL.fullmatch(model):
            raise _configuration(f"{as_text(model)[:100]} is not of the form owner/name")
        fresh = self._look_up(*self._split(model))
        with self._lock:
            return self._resolved.setdefault(model, fresh)

    def _look_up(self, name: str, version: str | None) -> _Resolved:
        row = known_model(name)
        if row and (version or row.input.is_official):
            return _Resolved(name, version, row)
        if version:
            body = self._read_model(f"{name}/versions/{version}", "openapi_schema")
            row = model_from_schema(name, body["openapi_schema"], is_official=False)
            return _Resolved(name, version, row)
        body = self._read_model(name, "latest_version")
        latest = as_object(body.get("latest_version"))
        official = body.get("is_official") is True
        row = row or model_from_schema(name, latest.get("openapi_schema"), is_official=official)
        latest_id = as_text(latest.get("id")) or None
        if row.input.is_official or (official and latest_id is None):
            return _Resolved(name, None, row)
        if latest_id is None:
            raise _configuration(f"{name} has no version that could be run")
        return _Resolved(name, latest_id, row)

    def _read_model(self, path: str, needed: str) -> dict[str, Any]:
        reply = self._wire.read(Call.RESOLVE, f"/v1/models/{path}")
        if needed not in reply.body:
            raise unreadable_error(Call.RESOLVE, reply, needed)
        return reply.body

    def _upload(self, image: InputImage) -> str:
        """The uploaded picture's address. A file costs nothing and expires by itself (A5)."""
        reply = self._wire.through_client(
            Call.UPLOAD,
            lambda client: client.files.create(
                io.BytesIO(image.content), filename=image.name, content_type=image.content_type
            ),
        )
        url = as_object(reply.body.get("urls")).get("get")
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise unreadable_error(Call.UPLOAD, reply, "the file's address")
        return url


def _send(client: Client, prepared: PreparedRequest, webhook_url: str | None) -> object:
    """The one POST: by version, or by name for an official model."""
    given = prepared.payload["input"]
    extras: dict[str, Any] = {}
    if webhook_url:
        extras = {"webhook": webhook_url, "webhook_events_filter": WEBHOOK_EVENTS}
    if prepared.version:
        return client.predictions.create(version=prepared.version, input=given, **extras)
    return client.models.predictions.create(model=prepared.model, input=given, **extras)


def _is_same(prediction: Prediction, prepared: PreparedRequest) -> bool:
    """Same input, and the same version; Replicate may hide the version of what it runs itself."""
    if prediction.input != prepared.payload["input"]:
        return False
    if prepared.version and not _HIDDEN_VERSION.fullmatch(prediction.version or ""):
        return prediction.version == prepared.version
    return prediction.model == prepared.model


def _path(prediction_id: str) -> str:
    return f"/v1/predictions/{quote(prediction_id, safe='')}"


def _query(following: Any) -> dict[str, str]:
    """The query alone of a `next` link, so that no reply can send the token to another host."""
    if not isinstance(following, str):
        return {}
    try:
        return dict(parse_qsl(urlsplit(following).query))
    except ValueError:
        return {}


def _configuration(problem: str) -> ProviderError:
    return ProviderError(FailureClass.CONFIGURATION, problem, reached=False)
