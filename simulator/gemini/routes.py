"""The Gemini API: image generation and the model list, for both API-key and Vertex addresses."""

import asyncio
import base64
import secrets
from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.connection import CutConnection, HalfAnswer
from simulator.drawing.orders import order_of_request, size_of_aspect
from simulator.drawing.subject import read_subject
from simulator.faults import Call, Fault, FaultName, Operation
from simulator.gemini.problems import (
    GeminiProblem,
    invalid_argument,
    invalid_key,
    no_funds,
    quota_exhausted,
    server_error,
    unknown_model,
)
from simulator.gemini.requests import GeminiRequest, read_request
from simulator.options import GEMINI_SECONDS
from simulator.replicate.gate import MALFORMED_JSON
from simulator.replicate.models.catalogue import GEMINI_MODELS
from simulator.synchronous import reply_seconds
from simulator.world import World

_THROTTLE_SECONDS = 17.0
_WORDS_PER_TOKEN = 0.75
_PICTURE_TOKENS = 1290


class GeminiRoutes:
    """The routes of the Gemini API."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def list_models(self, request: Request) -> Response:
        """GET /v1/models."""
        return await self._guarded(request, self._list_models)

    async def get_model(self, request: Request) -> Response:
        """GET /v1/models/{model}."""
        return await self._guarded(request, self._get_model)

    async def generate(self, request: Request) -> Response:
        """POST …/models/{model}:generateContent."""
        return await self._guarded(request, self._generate)

    async def _guarded(self, request: Request, endpoint: Any) -> Response:
        try:
            _check_key(request)
            response: Response = await endpoint(request)
        except GeminiProblem as problem:
            return problem.response()
        return response

    async def _list_models(self, request: Request) -> Response:
        raise_answer_fault(self._world.faults.take(Call("gemini", Operation.LIST)))
        return JSONResponse({"models": [_model_json(name) for name in GEMINI_MODELS]})

    async def _get_model(self, request: Request) -> Response:
        model = request.path_params["model"]
        raise_answer_fault(self._world.faults.take(Call("gemini", Operation.GET, model)))
        if model not in GEMINI_MODELS:
            raise unknown_model(model)
        return JSONResponse(_model_json(model))

    async def _generate(self, request: Request) -> Response:
        model, _, verb = request.path_params["call"].rpartition(":")
        if verb != "generateContent" or model not in GEMINI_MODELS:
            raise unknown_model(model)
        parsed = read_request(await _json_body(request))
        faults = self._world.faults.take(Call("gemini", Operation.GENERATE, model, parsed.prompt))
        raise_answer_fault(faults)
        if seconds := self._world.gemini_bucket.admit():
            raise quota_exhausted(seconds)
        self._world.generated += 1
        if FaultName.REFUSE_CONTENT in faults:
            return JSONResponse(_blocked(model, parsed.prompt))
        await asyncio.sleep(reply_seconds(self._world.pace, GEMINI_SECONDS, faults))
        if FaultName.DROP_AFTER_CREATE in faults:
            raise CutConnection
        response = JSONResponse(await self._reply(model, parsed, faults))
        if FaultName.CUT_OUTPUT in faults:
            return HalfAnswer(response.body, media_type=response.media_type)
        return response

    async def _reply(
        self, model: str, parsed: GeminiRequest, faults: Mapping[FaultName, Fault]
    ) -> dict[str, Any]:
        if FaultName.REFUSE_OUTPUT in faults:
            return _answer(model, parsed.prompt, [], "IMAGE_SAFETY")
        parts: list[dict[str, Any]] = [{"text": "Here is the picture."}]
        if FaultName.FEWER_OUTPUTS in faults:
            return _answer(model, parsed.prompt, parts, "STOP")
        content = await self._picture(model, parsed)
        if FaultName.TRUNCATED_OUTPUT in faults:
            content = content[: len(content) // 2]
        data = base64.b64encode(content).decode()
        parts.append({"inlineData": {"mimeType": "image/png", "data": data}})
        return _answer(model, parsed.prompt, parts, "STOP")

    async def _picture(self, model: str, parsed: GeminiRequest) -> bytes:
        facts = None
        if parsed.picture is not None and not self._world.options.predrawn:
            facts = await asyncio.to_thread(read_subject, parsed.picture)
        width, height = size_of_aspect(parsed.aspect)
        size = (width * parsed.scale, height * parsed.scale)
        return await self._world.pictures.get(
            order_of_request(model, parsed.prompt, parsed.seed, size, facts)
        )


def raise_answer_fault(faults: Mapping[FaultName, Fault]) -> None:
    """Raise the answer that an ordered fault puts in place of the real one, if there is any."""
    if FaultName.DROP_BEFORE_CREATE in faults:
        raise CutConnection
    if FaultName.UNAUTHORIZED in faults:
        raise invalid_key()
    if FaultName.NO_FUNDS in faults:
        raise no_funds()
    if fault := faults.get(FaultName.THROTTLE):
        raise quota_exhausted(_THROTTLE_SECONDS if fault.seconds is None else fault.seconds)
    for name, default_status in ((FaultName.SERVER_ERROR, 500), (FaultName.PLATFORM_ERROR, 503)):
        if fault := faults.get(name):
            raise server_error(fault.status or default_status)
    if FaultName.MALFORMED in faults:
        raise _MalformedAnswer(200, "", "")


class _MalformedAnswer(GeminiProblem):
    def response(self) -> Response:
        return Response(MALFORMED_JSON, 200, media_type="application/json")


def _check_key(request: Request) -> None:
    key = request.headers.get("x-goog-api-key") or request.query_params.get("key") or ""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not (key or bearer) or (key or bearer).startswith("bad"):
        raise invalid_key()


async def _json_body(request: Request) -> Any:
    try:
        return await request.json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise invalid_argument("Invalid JSON payload received.") from error


def _model_json(name: str) -> dict[str, Any]:
    return {
        "name": f"models/{name}",
        "version": "2.0",
        "displayName": name.replace("-", " ").title(),
        "description": "Image generation and editing",
        "inputTokenLimit": 32768,
        "outputTokenLimit": 32768,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }


def _usage(prompt: str, out: int) -> dict[str, int]:
    asked = max(1, round(len(prompt.split()) / _WORDS_PER_TOKEN))
    return {"promptTokenCount": asked, "candidatesTokenCount": out, "totalTokenCount": asked + out}


def _blocked(model: str, prompt: str) -> dict[str, Any]:
    feedback = {"blockReason": "PROHIBITED_CONTENT"}
    return {"promptFeedback": feedback, "usageMetadata": _usage(prompt, 0), "modelVersion": model}


def _answer(model: str, prompt: str, parts: list[dict[str, Any]], finish: str) -> dict[str, Any]:
    content = {"role": "model", "parts": parts} if parts else {}
    return {
        "candidates": [{"content": content, "finishReason": finish, "index": 0}],
        "usageMetadata": _usage(prompt, _PICTURE_TOKENS if len(parts) > 1 else len(parts)),
        "modelVersion": model,
        "responseId": secrets.token_urlsafe(16),
    }


def gemini_routes(world: World) -> list[Route]:
    """Gemini with an API key and on Vertex."""
    gemini = GeminiRoutes(world)
    vertex = "/projects/{project}/locations/{location}/publishers/google/models/{call}"
    routes = [Route("/v1/models", gemini.list_models), Route("/v1beta/models", gemini.list_models)]
    for version in ("v1", "v1beta"):
        routes.append(Route(f"/{version}/models/{{model}}", gemini.get_model))
        routes.append(Route(f"/{version}/models/{{call}}", gemini.generate, methods=["POST"]))
    for version in ("v1", "v1beta1"):
        routes.append(Route(f"/{version}{vertex}", gemini.generate, methods=["POST"]))
        routes.append(Route(f"/{version}/publishers/google/models/{{model}}", gemini.get_model))
    return routes
