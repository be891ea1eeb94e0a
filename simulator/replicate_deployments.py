"""The routes of deployments: list, make, look, change, delete."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.catalogue import Model, Work
from simulator.create_bodies import json_body
from simulator.deployments import MOST, Deployment
from simulator.model_bodies import (
    checked_deployment,
    checked_release,
    forbidden,
    name_taken,
)
from simulator.paging import paged
from simulator.problems import invalid_version, not_found
from simulator.world import ACCOUNT_NAME, World


class DeploymentRoutes:
    """The routes under /v1/deployments, but for predictions."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def list(self, request: Request) -> Response:
        """GET /v1/deployments, newest first."""
        rows = list(reversed(self._world.deployments.values()))
        return JSONResponse(paged(request, rows, Deployment.as_json))

    async def create(self, request: Request) -> Response:
        """POST /v1/deployments; its success is a 200."""
        body = checked_deployment(await json_body(request))
        if f"{ACCOUNT_NAME}/{body['name']}" in self._world.deployments:
            raise name_taken("A deployment with that name already exists.")
        if len(self._world.deployments) >= MOST:
            raise forbidden("There are too many deployments.")
        deployment = Deployment(
            owner=ACCOUNT_NAME,
            name=body["name"],
            model=self._model(body["model"], body["version"]),
            hardware=body["hardware"],
            min_instances=body["min_instances"],
            max_instances=body["max_instances"],
            created_at=self._world.now(),
        )
        self._world.deployments[deployment.full_name] = deployment
        return JSONResponse(deployment.as_json())

    async def get(self, request: Request) -> Response:
        """GET /v1/deployments/{owner}/{name}."""
        return JSONResponse(self._deployment(request).as_json())

    async def update(self, request: Request) -> Response:
        """PATCH /v1/deployments/{owner}/{name}: a new release."""
        deployment = self._deployment(request)
        body = checked_release(await json_body(request))
        if "version" in body:
            deployment.model = self._model(deployment.model.full_name, body["version"])
        deployment.hardware = body.get("hardware", deployment.hardware)
        deployment.min_instances = body.get("min_instances", deployment.min_instances)
        deployment.max_instances = body.get("max_instances", deployment.max_instances)
        deployment.number += 1
        deployment.created_at = self._world.now()
        return JSONResponse(deployment.as_json())

    async def delete(self, request: Request) -> Response:
        """DELETE /v1/deployments/{owner}/{name}."""
        del self._world.deployments[self._deployment(request).full_name]
        return Response(status_code=204)

    def _model(self, full_name: str, version: Any) -> Model:
        found = self._world.models.find_version(f"{full_name}:{version}", self._world.now())
        if found is None or found.is_withdrawn or found.work is Work.TRAIN:
            raise invalid_version()
        return found

    def _deployment(self, request: Request) -> Deployment:
        owner, name = request.path_params["owner"], request.path_params["name"]
        deployment = self._world.deployments.get(f"{owner}/{name}")
        if deployment is None:
            raise not_found()
        return deployment
