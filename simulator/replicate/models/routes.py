"""The routes of models: make one, and read one and its versions."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.replicate.create_bodies import json_body
from simulator.replicate.models.pages import MAX_OWN, ModelPage
from simulator.replicate.problems import Problem, invalid_input, not_found
from simulator.replicate.validation import Breach, body_breaches, breach
from simulator.world import ACCOUNT_NAME, World

HARDWARE = ("cpu", "gpu-t4", "gpu-l40s", "gpu-a100-large", "gpu-h100")
LINKS = ("github_url", "paper_url", "license_url", "cover_image_url")
_MODEL_NEEDS = ("owner", "name", "visibility", "hardware")
_MODEL_KEYS = frozenset({*_MODEL_NEEDS, "description", *LINKS})


class ModelRoutes:
    """The routes under /v1/models, but for runs."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def create(self, request: Request) -> Response:
        """POST /v1/models."""
        body = checked_model(await json_body(request))
        if body["owner"] != ACCOUNT_NAME:
            raise forbidden("You can only create models for the account of your token.")
        if self._world.models.find(body["owner"], body["name"]) is not None:
            raise name_taken("A model with that name and owner already exists.")
        if self._world.models.own >= MAX_OWN:
            raise forbidden(f"There is a limit of {MAX_OWN} models per account.")
        page = ModelPage(
            owner=body["owner"],
            name=body["name"],
            description=body.get("description"),
            visibility=body["visibility"],
            links={link: body.get(link) for link in LINKS},
        )
        self._world.models.add(page)
        return JSONResponse(page.as_json(self._world.now()), 201)

    async def get(self, request: Request) -> Response:
        """GET /v1/models/{owner}/{name}."""
        return JSONResponse(self._page(request).as_json(self._world.now()))

    async def get_version(self, request: Request) -> Response:
        """GET /v1/models/{owner}/{name}/versions/{version_id}."""
        for model, created_at in self._page(request).versions(self._world.now()):
            if model.version == request.path_params["version_id"]:
                return JSONResponse(model.version_json(created_at))
        raise not_found()

    async def delete_version(self, request: Request) -> Response:
        """DELETE /v1/models/{owner}/{name}/versions/{version_id}, with all its predictions."""
        version = request.path_params["version_id"]
        trainings = self._page(request).trainings
        training = next((it for it in trainings if it.version == version), None)
        if training is None or training.is_version_deleted:
            raise not_found()
        training.is_version_deleted = True
        self._world.predictions.discard_version(version)
        return Response(status_code=202)

    def _page(self, request: Request) -> ModelPage:
        page = self._world.models.find(request.path_params["owner"], request.path_params["name"])
        if page is None:
            raise not_found()
        return page


def forbidden(detail: str) -> Problem:
    """Something that the caller may not do."""
    return Problem(403, {"title": "Forbidden", "detail": detail, "status": 403})


def name_taken(detail: str) -> Problem:
    """A name that is already in use."""
    return Problem(409, {"title": "Conflict", "detail": detail, "status": 409})


def checked_model(body: Any) -> dict[str, Any]:
    """The body of a model's create; raises a 422."""
    _raise_if_any(body_breaches(body, _MODEL_KEYS, _MODEL_NEEDS))
    breaches = _texts(body, body) + _hardware(body)
    if body["visibility"] not in ("public", "private"):
        choices = 'visibility must be one of the following: "public", "private"'
        breaches.append(breach("enum", "visibility", choices))
    _raise_if_any(breaches)
    return dict(body)


def _raise_if_any(breaches: list[Breach]) -> None:
    if breaches:
        raise invalid_input(breaches)


def _texts(body: Mapping[str, Any], keys: Any) -> list[Breach]:
    return [
        breach("invalid_type", key, f"{key} must be a string")
        for key in keys
        if not isinstance(body[key], str) and (key in _MODEL_NEEDS or body[key] is not None)
    ]


def _hardware(body: Mapping[str, Any]) -> list[Breach]:
    if body.get("hardware", "cpu") in HARDWARE:
        return []
    choices = ", ".join(f'"{sku}"' for sku in HARDWARE)
    return [breach("enum", "hardware", f"hardware must be one of the following: {choices}")]
