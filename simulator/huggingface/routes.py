"""Hugging Face: text-to-image as hf-inference offers it, the account check, a model's providers."""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.connection import CutConnection, HalfAnswer
from simulator.drawing.orders import PictureOrder, order_of_request
from simulator.faults import Call, Fault, FaultName, Operation
from simulator.huggingface.problems import (
    HuggingFaceProblem,
    bad_request,
    invalid_account,
    invalid_credentials,
    no_credits,
    rate_limited,
    server_error,
    still_loading,
    unknown_model,
    unknown_repository,
)
from simulator.options import HUGGINGFACE_SECONDS
from simulator.replicate.models.catalogue import HUGGINGFACE_MODELS
from simulator.synchronous import reply_seconds
from simulator.world import ACCOUNT_NAME, World

_THROTTLE_SECONDS = 55.0
_LOADING_SECONDS = 42.0
_NUMBERS = ("height", "width", "num_inference_steps", "guidance_scale", "seed")
_SMALLEST, _LARGEST, _DEFAULT_SIDE = 64, 2048, 1024
_SINCE = "2026-01-05T09:00:00.000Z"
_NO_PICTURE = b"<html>not a picture</html>"
_NO_JSON = b'{"name": '
Endpoint = Callable[[Request], Awaitable[Response]]


class HuggingFaceRoutes:
    """The routes of Hugging Face."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def generate(self, request: Request) -> Response:
        """POST /models/{owner}/{name}, also below the router's /hf-inference."""
        return await _answered(request, self._generate, invalid_credentials)

    async def whoami(self, request: Request) -> Response:
        """GET /api/whoami-v2: whose token it is."""
        return await _answered(request, self._whoami, invalid_account)

    async def get_model(self, request: Request) -> Response:
        """GET /api/models/{owner}/{name}?expand=inferenceProviderMapping; needs no token."""
        return await _answered(request, self._get_model)

    async def _get_model(self, request: Request) -> Response:
        model = _model_of(request)
        faults = self._world.faults.take(Call("huggingface", Operation.GET, model))
        raise_answer_fault(faults, model, invalid_account)
        if model not in HUGGINGFACE_MODELS:
            raise unknown_repository()
        if FaultName.MALFORMED in faults:
            return Response(_NO_JSON, media_type="application/json")
        return JSONResponse(_model_json(model, request.query_params.getlist("expand")))

    async def _whoami(self, request: Request) -> Response:
        faults = self._world.faults.take(Call("huggingface", Operation.ACCOUNT))
        raise_answer_fault(faults, "", invalid_account)
        if FaultName.MALFORMED in faults:
            return Response(_NO_JSON, media_type="application/json")
        token = {"displayName": "simulator", "role": "fineGrained", "createdAt": _SINCE}
        body = {
            "type": "user",
            "id": "66f0c0ffee66f0c0ffee66f0",
            "name": ACCOUNT_NAME,
            "fullname": "Atelier simulator",
            "isPro": False,
            "canPay": False,
            "orgs": [],
            "auth": {"type": "access_token", "accessToken": token},
        }
        return JSONResponse(body)

    async def _generate(self, request: Request) -> Response:
        model = _model_of(request)
        if model not in HUGGINGFACE_MODELS:
            raise unknown_model(model)
        prompt, parameters = await _parsed(request)
        faults = self._world.faults.take(Call("huggingface", Operation.GENERATE, model, prompt))
        raise_answer_fault(faults, model, invalid_credentials)
        order = _order(model, prompt, parameters)
        self._world.generated += 1
        await asyncio.sleep(reply_seconds(self._world.pace, HUGGINGFACE_SECONDS, faults))
        if FaultName.DROP_AFTER_CREATE in faults:
            raise CutConnection
        if FaultName.MALFORMED in faults:
            return Response(_NO_PICTURE, media_type="image/png")
        content = await self._world.pictures.get(order)
        if FaultName.CUT_OUTPUT in faults:
            return HalfAnswer(content, media_type="image/png")
        if FaultName.TRUNCATED_OUTPUT in faults:
            content = content[: len(content) // 2]
        return Response(content, media_type="image/png")


def raise_answer_fault(
    faults: Mapping[FaultName, Fault], model: str, unauthorized: Callable[[], HuggingFaceProblem]
) -> None:
    """Raise the answer that an ordered fault puts in place of the real one, if there is any."""
    if FaultName.DROP_BEFORE_CREATE in faults:
        raise CutConnection
    if FaultName.UNAUTHORIZED in faults:
        raise unauthorized()
    if FaultName.NO_FUNDS in faults:
        raise no_credits()
    if fault := faults.get(FaultName.THROTTLE):
        raise rate_limited(round(_THROTTLE_SECONDS if fault.seconds is None else fault.seconds))
    if fault := faults.get(FaultName.COLD_START):
        raise still_loading(model, _LOADING_SECONDS if fault.seconds is None else fault.seconds)
    for name, default_status in ((FaultName.SERVER_ERROR, 500), (FaultName.PLATFORM_ERROR, 503)):
        if fault := faults.get(name):
            raise server_error(fault.status or default_status)


async def _answered(
    request: Request,
    endpoint: Endpoint,
    unauthorized: Callable[[], HuggingFaceProblem] | None = None,
) -> Response:
    """The endpoint's answer, marked as each of theirs is; without `unauthorized` any token will do."""
    try:
        if unauthorized and not _is_known(request.headers.get("authorization", "")):
            raise unauthorized()
        response = await endpoint(request)
    except HuggingFaceProblem as problem:
        response = problem.response()
    response.headers["x-request-id"] = secrets.token_hex(16)
    return response


def _is_known(header: str) -> bool:
    scheme, _, token = header.partition(" ")
    return scheme.lower() == "bearer" and token.strip().startswith("hf_")


def _model_of(request: Request) -> str:
    return f"{request.path_params['owner']}/{request.path_params['name']}"


def _model_json(model: str, expanded: list[str]) -> dict[str, Any]:
    """A model's entry: its commit unless something else alone is asked for, its providers if asked."""
    body: dict[str, Any] = {"_id": model.encode().hex()[:24], "id": model}
    if not expanded or "sha" in expanded:
        body["sha"] = hashlib.sha1(model.encode(), usedforsecurity=False).hexdigest()
    if "inferenceProviderMapping" in expanded:
        offer = {"status": "live", "providerId": model, "task": "text-to-image"}
        body["inferenceProviderMapping"] = {"hf-inference": offer}
    return body


async def _parsed(request: Request) -> tuple[str, dict[str, Any]]:
    """The prompt and the parameters of a request; raises a 400."""
    try:
        body: Any = await request.json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise bad_request("The body is not valid JSON") from error
    prompt = body.get("inputs") if isinstance(body, dict) else None
    parameters = (body.get("parameters") or {}) if isinstance(body, dict) else None
    if not isinstance(prompt, str) or not isinstance(parameters, dict):
        raise bad_request("inputs must be a string and parameters an object")
    for name in _NUMBERS:
        value = parameters.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise bad_request(f"parameters.{name} must be a number")
    return prompt, parameters


def _order(model: str, prompt: str, parameters: dict[str, Any]) -> PictureOrder:
    width, height = (int(parameters.get(name) or _DEFAULT_SIDE) for name in ("width", "height"))
    if not all(_SMALLEST <= side <= _LARGEST and side % 8 == 0 for side in (width, height)):
        raise bad_request(f"height and width must be divisible by 8, {_SMALLEST} to {_LARGEST}")
    seed = parameters.get("seed")
    number = secrets.randbelow(2**31) if seed is None else int(seed)
    return order_of_request(model, prompt, number, (width, height), None, parameters)


def huggingface_routes(world: World) -> list[Route]:
    """The inference API, as a server of its own and behind the router, and the hub."""
    hub = HuggingFaceRoutes(world)
    model = "/models/{owner}/{name}"
    return [
        Route(model, hub.generate, methods=["POST"]),
        Route(f"/hf-inference{model}", hub.generate, methods=["POST"]),
        Route("/api/whoami-v2", hub.whoami),
        Route(f"/api{model}", hub.get_model),
    ]
