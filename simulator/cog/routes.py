"""Cog's HTTP API, as the server in a Cog container answers it (github.com/replicate/cog, docs/http.md)."""

import asyncio
import secrets
from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulator.cog.container import MODEL, POSES, Container
from simulator.connection import CutConnection, HalfAnswer
from simulator.faults import Call, Fault, FaultName, Operation
from simulator.replicate.gate import MALFORMED_JSON
from simulator.replicate.validation import input_breaches
from simulator.world import World

_NOT_READY = (
    "Setup has not finished yet. Wait until it has finished, or GET /health-check for status."
)
_BUSY = "At capacity - all prediction slots busy"
Faults = Mapping[FaultName, Fault]


class CogRoutes:
    """The routes of one container."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._container = Container(world)

    async def health(self, request: Request) -> Response:
        """GET /health-check."""
        faults = self._faults(Operation.ACCOUNT)
        return _refusal(faults) or _read(faults, self._container.health(faults))

    async def schema(self, request: Request) -> Response:
        """GET /openapi.json: the inputs of the model, once its setup has ended."""
        faults = self._faults(Operation.GET)
        if FaultName.SETUP_FAILED in faults or self._container.is_starting:
            return JSONResponse({"error": "OpenAPI schema not available"}, 503)
        return _refusal(faults) or _read(faults, POSES.openapi(grows=False))

    async def create(self, request: Request) -> Response:
        """PUT /predictions/{id}, or POST /predictions: make a prediction and answer with it."""
        prediction_id = request.path_params.get("id") or f"pred_{secrets.token_hex(8)}"
        try:
            body: Any = await request.json()
        except (JSONDecodeError, UnicodeDecodeError) as error:
            return PlainTextResponse(f"Failed to parse the request body as JSON: {error}", 400)
        if prediction_id in self._container.running:
            given = self._container.running[prediction_id]
            body = {"id": prediction_id, "input": given, "logs": "", "status": "processing"}
            return JSONResponse(body, 202)
        # What its schema does not know is dropped.
        given = {
            key: it for key, it in (body.get("input") or {}).items() if key in POSES.properties
        }
        faults = self._faults(Operation.GENERATE, str(given.get("prompt", "")))
        refusal = _refusal(faults) or self._not_now(faults) or _invalid(given)
        return refusal or await self._predicted(request, prediction_id, given, faults)

    async def file(self, request: Request) -> Response:
        """GET /files/{name}.png: a picture that an answer named."""
        content = self._world.cog.files.get(request.path_params["name"])
        return Response(content, 200 if content else 404, media_type="image/png")

    def _faults(self, operation: Operation, prompt: str = "") -> Faults:
        faults = self._world.faults.take(Call("cog", operation, MODEL, prompt))
        if fault := faults.get(FaultName.COLD_START):
            self._container.restart(fault.seconds)
        return faults

    def _not_now(self, faults: Faults) -> Response | None:
        if FaultName.SETUP_FAILED in faults or self._container.is_starting:
            return JSONResponse({"error": _NOT_READY, "status": "failed"}, 503)
        if self._container.running or FaultName.BUSY in faults:
            return JSONResponse({"error": _BUSY, "status": "failed"}, 409)
        return None

    async def _predicted(
        self, request: Request, prediction_id: str, given: dict[str, Any], faults: Faults
    ) -> Response:
        """Answer with the prediction; Cog cancels it when its caller is gone."""
        prediction = asyncio.create_task(self._container.predict(prediction_id, given, faults))
        if FaultName.DROP_AFTER_CREATE in faults:
            await asyncio.sleep(0)
            prediction.cancel()
            raise CutConnection
        gone = asyncio.create_task(_disconnected(request))
        await asyncio.wait({prediction, gone}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not prediction.done():
            prediction.cancel()
            return JSONResponse({"id": prediction_id, "logs": "", "status": "canceled"})
        body = prediction.result()
        if FaultName.MALFORMED in faults:
            return Response(MALFORMED_JSON, media_type="application/json")
        response = JSONResponse(_with_base(body, str(request.base_url)))
        if FaultName.CUT_OUTPUT in faults:
            return HalfAnswer(response.body, media_type=response.media_type)
        return response


def _refusal(faults: Faults) -> Response | None:
    """The answer of a reverse proxy in place of the container's."""
    if FaultName.DROP_BEFORE_CREATE in faults:
        raise CutConnection
    if FaultName.UNAUTHORIZED in faults:
        return PlainTextResponse("401 Authorization Required", 401)
    if fault := faults.get(FaultName.SERVER_ERROR):
        return PlainTextResponse("Internal Server Error", fault.status or 500)
    return None


def _read(faults: Faults, body: dict[str, Any]) -> Response:
    if FaultName.MALFORMED in faults:
        return Response(MALFORMED_JSON, media_type="application/json")
    return JSONResponse(body)


def _invalid(given: dict[str, Any]) -> Response | None:
    """What is wrong with the input, one entry for each; a missing one is named, too."""
    breaches = input_breaches(given, POSES)
    detail = [
        {
            "loc": ["body", "input", _name(breach)],
            "msg": "Field required" if breach["type"] == "required" else breach["description"],
            "type": "value_error",
        }
        for breach in breaches
    ]
    return JSONResponse({"detail": detail}, 422) if detail else None


def _name(breach: dict[str, str]) -> str:
    if breach["type"] == "required":
        return breach["description"].removesuffix(" is required")
    return breach["field"].removeprefix("input.")


def _with_base(body: dict[str, Any], base_url: str) -> dict[str, Any]:
    """The body with whole addresses in place of paths."""
    output = [
        base_url.rstrip("/") + it if it.startswith("/") else it for it in body.get("output", [])
    ]
    return body | ({"output": output} if "output" in body else {})


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def cog_routes(world: World) -> list[Route]:
    """A Cog container at the root."""
    cog = CogRoutes(world)
    return [
        Route("/health-check", cog.health),
        Route("/openapi.json", cog.schema),
        Route("/predictions", cog.create, methods=["POST"]),
        Route("/predictions/{id}", cog.create, methods=["PUT"]),
        Route("/files/{name}.png", cog.file),
    ]
