"""Resolve a model: its version and its capabilities, read once and cached."""

import re
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

from services.providers.base import ModelCapabilities, ProviderError
from services.providers.checks import wrong_model
from services.providers.model_inputs import (
    KnownModel,
    model_from_schema,
)
from services.providers.replicate.client import ReplicateWire
from services.providers.replicate.definition import DEFINITION, known_model
from services.providers.replicate.errors import Call, unreadable_error
from services.providers.replies import as_object, as_text

UNKNOWN_SECONDS = 30.0
"""A model that could not be read is asked for again after so long."""
_MODEL = re.compile(r"(?P<name>\w[\w.-]*/\w[\w.-]*)(?::(?P<version>[\w-]+))?")


@dataclass(frozen=True)
class ResolvedModel:
    """A model as it is run: by version, or by name where that is None."""

    name: str
    version: str | None
    row: KnownModel


class ModelLookup:
    """Thread-safe; `pose_model` may pin a version of its model. Raises ProviderError."""

    def __init__(self, wire: ReplicateWire, pose_model: str) -> None:
        self._wire = wire
        self._pose_model = pose_model
        self._resolved: dict[str, ResolvedModel] = {}
        self._trainers: dict[str, str] = {}
        self._unknown: dict[str, tuple[float, ProviderError]] = {}
        self._lock = Lock()

    def split(self, model: str) -> tuple[str, str | None]:
        """`owner/name` and the version pinned by the model's own setting or by `pose_model`."""
        found, pose = _MODEL.fullmatch(model), _MODEL.fullmatch(self._pose_model)
        if not found:
            return model, None
        name, version = found["name"], found["version"]
        if version is None and pose and pose["name"] == name:
            version = pose["version"]
        return name, version

    def capabilities(self, model: str) -> ModelCapabilities:
        """What a model can do, as far as that is known without a request."""
        name, _ = self.split(model)
        known = known_model(name)
        if known:
            return known.capabilities
        resolved = self._resolved.get(model)
        if resolved:
            return resolved.row.capabilities
        return DEFINITION.capabilities(name)

    def learn(self, model: str) -> None:
        """Ask for the schema of a model without a row; a failure is remembered for a while."""
        if known_model(self.split(model)[0]) or model in self._resolved:
            return
        failed = self._unknown.get(model)
        if failed and monotonic() - failed[0] < UNKNOWN_SECONDS:
            raise failed[1]
        try:
            self.resolve(model, Call.DESCRIBE)
        except ProviderError as error:
            self._unknown[model] = (monotonic(), error)
            raise

    def resolve(self, model: str, call: Call = Call.RESOLVE) -> ResolvedModel:
        """Resolve a model once; of two threads that ask, both use the first answer."""
        known = self._resolved.get(model)
        if known:
            return known
        fresh = self._look_up(*self._checked(model), call)
        with self._lock:
            return self._resolved.setdefault(model, fresh)

    def trainer(self, trainer: str) -> tuple[str, str]:
        """Return a trainer's `owner/name` and version, read once; trainings always need a version."""
        name, pinned = self._checked(trainer)
        version = pinned or self._trainers.get(trainer) or self.current_version(trainer)
        if version is None:
            raise wrong_model(f"{name} has no version that could train")
        with self._lock:
            return name, self._trainers.setdefault(trainer, version)

    def current_version(self, model: str) -> str | None:
        """Read the pinned version, else the latest; None where it runs by name alone."""
        name, version = self.split(model)
        if version:
            self._read_model(f"{name}/versions/{version}", "id")
            return version
        body = self._read_model(name, "latest_version")
        latest = as_text(as_object(body.get("latest_version")).get("id")) or None
        if latest is None and body.get("is_official") is not True:
            raise wrong_model(f"{name} has no version that could be run")
        return latest

    def _checked(self, model: str) -> tuple[str, str | None]:
        if not _MODEL.fullmatch(model):
            raise wrong_model(f"{as_text(model)[:100]} is not of the form owner/name")
        return self.split(model)

    def _look_up(self, name: str, version: str | None, call: Call) -> ResolvedModel:
        row = known_model(name)
        if row and (version or row.input.is_official):
            return ResolvedModel(name, version, row)
        if version:
            body = self._read_model(f"{name}/versions/{version}", "openapi_schema", call)
            row = model_from_schema(name, body["openapi_schema"], is_official=False)
            return ResolvedModel(name, version, row)
        body = self._read_model(name, "latest_version", call)
        latest = as_object(body.get("latest_version"))
        official = body.get("is_official") is True
        row = row or model_from_schema(name, latest.get("openapi_schema"), is_official=official)
        latest_id = as_text(latest.get("id")) or None
        if row.input.is_official or (official and latest_id is None):
            return ResolvedModel(name, None, row)
        if latest_id is None:
            raise wrong_model(f"{name} has no version that could be run")
        return ResolvedModel(name, latest_id, row)

    def _read_model(self, path: str, needed: str, call: Call = Call.RESOLVE) -> dict[str, Any]:
        reply = self._wire.read(call, f"/models/{path}")
        if needed not in reply.body:
            raise unreadable_error(call, reply, needed)
        return reply.body
