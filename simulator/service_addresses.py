"""The addresses of the simulator's own routes, of Gemini's and of Hugging Face's."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.admin_routes import AdminRoutes, loopback_only
from simulator.faults import Operation
from simulator.gemini_routes import GeminiRoutes
from simulator.huggingface_routes import HuggingFaceRoutes
from simulator.replicate_gate import ReplicateGate
from simulator.replicate_models import ModelRoutes
from simulator.world import World


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


def gemini_routes(world: World, gate: ReplicateGate) -> list[Route]:
    """Gemini with an API key and on Vertex."""
    gemini = GeminiRoutes(world)
    list_replicate = gate.guard(Operation.LIST, ModelRoutes(world).list)

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
