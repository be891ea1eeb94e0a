"""Puts the routes together into one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, ExceptionHandler

from simulator.connection import CutConnection, CuttableConnections, cut_connection
from simulator.options import Options
from simulator.problems import not_found
from simulator.replicate_addresses import replicate_routes
from simulator.replicate_gate import ReplicateGate
from simulator.service_addresses import admin_routes, gemini_routes, huggingface_routes
from simulator.world import World


def build_application(options: Options) -> ASGIApp:
    """The simulator as an ASGI application with a state of its own."""
    world = World(options)
    gate = ReplicateGate(world)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await world.stop()

    routes = [
        *admin_routes(world),
        *gemini_routes(world, gate),
        *huggingface_routes(world),
        *replicate_routes(world, gate),
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
