"""Puts the routes together into one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, ExceptionHandler

from services.simulator.admin_routes import AdminRoutes, loopback_only
from services.simulator.connection import CutConnection, CuttableConnections, cut_connection
from services.simulator.delivery import DeliveryRoutes
from services.simulator.faults import Operation
from services.simulator.gemini_routes import GeminiRoutes
from services.simulator.options import Options
from services.simulator.problems import Problem, not_found
from services.simulator.replicate_creates import CreateRoutes
from services.simulator.replicate_files import FileRoutes
from services.simulator.replicate_gate import ReplicateGate
from services.simulator.replicate_reads import ReadRoutes
from services.simulator.world import World


def build_application(options: Options) -> ASGIApp:
    """The simulator as an ASGI application with a state of its own."""
    world = World(options)
    gate = ReplicateGate(world)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await world.stop()

    routes = [
        *_admin_routes(world),
        *_gemini_routes(world, gate),
        *_prediction_routes(world, gate),
        *_file_routes(world, gate),
        Route("/delivery/{prediction_id}/{index:int}/{name}", DeliveryRoutes(world, gate).get),
    ]
    answers: dict[int | type[Exception], ExceptionHandler] = {
        404: _no_route,
        405: _no_route,
        CutConnection: cut_connection,
    }
    starlette = Starlette(routes=routes, lifespan=lifespan, exception_handlers=answers)
    return CuttableConnections(starlette)


async def _no_route(request: Request, error: Exception) -> Response:
    return not_found().response()


def _admin_routes(world: World) -> list[Route]:
    admin = AdminRoutes(world)
    return [
        Route("/", admin.about),
        Route("/_simulator/faults", loopback_only(admin.get_faults), methods=["GET"]),
        Route("/_simulator/faults", loopback_only(admin.add_faults), methods=["POST"]),
        Route("/_simulator/faults", loopback_only(admin.clear_faults), methods=["DELETE"]),
        Route("/_simulator/predictions", loopback_only(admin.counts)),
        Route("/_simulator/reset", loopback_only(admin.reset), methods=["POST"]),
        Route("/_simulator/speed", loopback_only(admin.set_speed), methods=["POST"]),
    ]


def _gemini_routes(world: World, gate: ReplicateGate) -> list[Route]:
    gemini = GeminiRoutes(world)
    list_replicate = gate.guard(Operation.LIST, ReadRoutes(world).list_models)

    async def list_models(request: Request) -> Response:
        """Both APIs have this address: Google's clients send their key in a header of its own."""
        is_gemini = "x-goog-api-key" in request.headers or "key" in request.query_params
        return await (gemini.list_models if is_gemini else list_replicate)(request)

    vertex = "/projects/{project}/locations/{location}/publishers/google/models/{call}"
    routes = [Route("/v1/models", list_models), Route("/v1beta/models", gemini.list_models)]
    for version in ("v1", "v1beta"):
        routes.append(Route(f"/{version}/models/{{model}}", gemini.get_model))
        routes.append(Route(f"/{version}/models/{{call}}", gemini.generate, methods=["POST"]))
    for version in ("v1", "v1beta1"):
        routes.append(Route(f"/{version}{vertex}", gemini.generate, methods=["POST"]))
        routes.append(Route(f"/{version}/publishers/google/models/{{model}}", gemini.get_model))
    return routes


def _prediction_routes(world: World, gate: ReplicateGate) -> list[Route]:
    reads, creates = ReadRoutes(world), CreateRoutes(world)
    get = gate.guard
    model = "/v1/models/{owner}/{name}"
    create = Operation.CREATE
    return [
        Route("/v1/account", get(Operation.ACCOUNT, reads.account)),
        Route("/v1/hardware", get(Operation.ACCOUNT, reads.hardware)),
        Route("/v1/webhooks/default/secret", get(Operation.ACCOUNT, reads.webhook_secret)),
        Route(model, get(Operation.ACCOUNT, reads.get_model)),
        Route(f"{model}/versions", get(Operation.ACCOUNT, reads.list_versions)),
        Route(f"{model}/versions/{{version_id}}", get(Operation.ACCOUNT, reads.get_version)),
        Route(f"{model}/predictions", get(create, creates.create_by_model), methods=["POST"]),
        Route("/v1/predictions", get(Operation.LIST, reads.list_predictions), methods=["GET"]),
        Route("/v1/predictions", get(create, creates.create_by_version), methods=["POST"]),
        Route("/v1/predictions/{prediction_id}", get(Operation.GET, reads.get_prediction)),
        Route(
            "/v1/predictions/{prediction_id}/cancel",
            get(Operation.CANCEL, reads.cancel_prediction),
            methods=["POST"],
        ),
    ]


def _file_routes(world: World, gate: ReplicateGate) -> list[Route]:
    files = FileRoutes(world)

    async def download(request: Request) -> Response:
        try:
            return await files.download(request)
        except Problem as problem:
            return problem.response()

    return [
        Route("/v1/files", gate.guard(Operation.FILES, files.list), methods=["GET"]),
        Route("/v1/files", gate.guard(Operation.FILES, files.create), methods=["POST"]),
        Route("/v1/files/{file_id}", gate.guard(Operation.FILES, files.get), methods=["GET"]),
        Route("/v1/files/{file_id}", gate.guard(Operation.FILES, files.delete), methods=["DELETE"]),
        Route("/v1/files/{file_id}/download", download),
    ]
