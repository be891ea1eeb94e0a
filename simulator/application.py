"""Puts the routes together into one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, ExceptionHandler

from simulator.admin_routes import admin_routes
from simulator.cog.routes import cog_routes
from simulator.connection import CutConnection, CuttableConnections, cut_connection
from simulator.gemini.routes import gemini_routes
from simulator.huggingface.routes import huggingface_routes
from simulator.options import Options
from simulator.replicate.addresses import replicate_routes
from simulator.replicate.gate import ReplicateGate
from simulator.replicate.problems import not_found
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
        *gemini_routes(world),
        *huggingface_routes(world),
        *cog_routes(world),
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
