"""The simulator's own routes, for tests and demonstrations; answered to the same machine alone."""

import ipaddress
from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.fault_catalogue import catalogue, happens_at
from simulator.faults import FaultName, Rule, parse_rule
from simulator.world import World

Endpoint = Callable[[Request], Awaitable[Response]]


def loopback_only(endpoint: Endpoint) -> Endpoint:
    """Answer 403 to anyone who does not call from this machine."""

    async def checked(request: Request) -> Response:
        host = request.client.host if request.client else ""
        if not _is_loopback(host):
            return JSONResponse({"detail": "These routes are for this machine alone."}, 403)
        return await endpoint(request)

    return checked


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_rule(raw: Any) -> Rule:
    """One rule from JSON; raises ValueError for a fault that its provider cannot have."""
    rule = parse_rule(raw)
    provider = rule.match.get("provider")
    if provider is not None and not happens_at(rule.fault.name, provider):
        raise ValueError(f"{rule.fault.name.value} does not happen at {provider}")
    return rule


class AdminRoutes:
    """The routes under /_simulator."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def about(self, request: Request) -> Response:
        """GET /: names the server and the faults that it can play."""
        pace = self._world.pace
        apis = {
            "replicate": "/v1",
            "gemini": "/v1 and /v1beta",
            "huggingface": "/models, /hf-inference/models and /api",
            "cog": "/predictions, /health-check and /openapi.json",
            "admin": "/_simulator",
        }
        body = {
            "name": "Atelier simulator",
            "apis": apis,
            "speed": pace.speed,
            "seconds": pace.fixed_seconds,
            "faults": [name.value for name in FaultName],
        }
        return JSONResponse(body)

    async def get_faults(self, request: Request) -> Response:
        """GET /_simulator/faults."""
        return JSONResponse(self._world.faults.as_json())

    async def fault_catalogue(self, request: Request) -> Response:
        """GET /_simulator/faults/catalogue: what can be ordered, for whom, and what it does."""
        return JSONResponse(catalogue())

    async def add_faults(self, request: Request) -> Response:
        """POST /_simulator/faults with one rule or a list of them."""
        try:
            raw = await request.json()
            rules = [_checked_rule(rule) for rule in (raw if isinstance(raw, list) else [raw])]
        except (JSONDecodeError, ValueError) as error:
            return JSONResponse({"detail": str(error)}, 422)
        self._world.faults.add(rules)
        return JSONResponse(self._world.faults.as_json(), 201)

    async def clear_faults(self, request: Request) -> Response:
        """DELETE /_simulator/faults."""
        self._world.faults.clear()
        return Response(status_code=204)

    async def counts(self, request: Request) -> Response:
        """GET /_simulator/predictions: creates by prompt and state; replies begun."""
        now = self._world.now()
        counts = self._world.predictions.counts(now)
        trainings = self._world.trainings.counts(now)["by_state"]
        return JSONResponse({**counts, "trainings": trainings, "generated": self._world.generated})

    async def reset(self, request: Request) -> Response:
        """POST /_simulator/reset: forget all that was made, faults too."""
        self._world.forget()
        return Response(status_code=204)

    async def set_speed(self, request: Request) -> Response:
        """POST /_simulator/speed with {"speed": x} or {"seconds": s or null}, for what is created from now on."""
        try:
            body: Any = await request.json()
            speed = float(body.get("speed", self._world.pace.speed))
            seconds = body.get("seconds", self._world.pace.fixed_seconds)
            seconds = None if seconds is None else float(seconds)
        except (JSONDecodeError, ValueError, TypeError, AttributeError) as error:
            return JSONResponse({"detail": str(error)}, 422)
        if speed <= 0 or (seconds is not None and seconds < 0):
            return JSONResponse({"detail": "speed must be above 0, seconds not below it"}, 422)
        self._world.pace.speed, self._world.pace.fixed_seconds = speed, seconds
        return JSONResponse({"speed": speed, "seconds": seconds})


def admin_routes(world: World) -> list[Route]:
    """What tests and demonstrations use."""
    admin = AdminRoutes(world)
    return [
        Route("/", admin.about),
        Route("/_simulator/faults", loopback_only(admin.get_faults), methods=["GET"]),
        Route("/_simulator/faults", loopback_only(admin.add_faults), methods=["POST"]),
        Route("/_simulator/faults", loopback_only(admin.clear_faults), methods=["DELETE"]),
        Route("/_simulator/faults/catalogue", loopback_only(admin.fault_catalogue)),
        Route("/_simulator/predictions", loopback_only(admin.counts)),
        Route("/_simulator/reset", loopback_only(admin.reset), methods=["POST"]),
        Route("/_simulator/speed", loopback_only(admin.set_speed), methods=["POST"]),
    ]
