"""The addresses of the Replicate API, each behind the gate."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.delivery import DeliveryRoutes
from simulator.faults import Operation
from simulator.problems import Problem
from simulator.replicate_catalogue import CatalogueRoutes
from simulator.replicate_creates import CreateRoutes
from simulator.replicate_deployments import DeploymentRoutes
from simulator.replicate_files import FileRoutes
from simulator.replicate_gate import Endpoint, ReplicateGate
from simulator.replicate_models import ModelRoutes
from simulator.replicate_reads import ReadRoutes
from simulator.replicate_trainings import TrainingRoutes
from simulator.streaming import StreamRoutes
from simulator.world import World

_MODEL = "/v1/models/{owner}/{name}"
_VERSION = f"{_MODEL}/versions/{{version_id}}"
_DEPLOYMENT = "/v1/deployments/{owner}/{name}"


def replicate_routes(world: World, gate: ReplicateGate) -> list[Route]:
    """All of them, and what they point at: outputs and event streams."""
    return [
        *_account_routes(world, gate),
        *_model_routes(world, gate),
        *_prediction_routes(world, gate),
        *_training_routes(world, gate),
        *_deployment_routes(world, gate),
        *_file_routes(world, gate),
        Route("/delivery/{run_id}/{index:int}/{name}", DeliveryRoutes(world, gate).get),
        Route("/stream/{prediction_id}", StreamRoutes(world).get),
    ]


def _account_routes(world: World, gate: ReplicateGate) -> list[Route]:
    reads, finds = ReadRoutes(world), CatalogueRoutes(world)

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, gate.guard(Operation.ACCOUNT, endpoint), methods=[method])

    return [
        route("/v1/account", reads.account),
        route("/v1/hardware", reads.hardware),
        route("/v1/webhooks/default/secret", reads.webhook_secret),
        route("/v1/collections", finds.list_collections),
        route("/v1/collections/{slug}", finds.get_collection),
        route("/v1/models", finds.query_models, "QUERY"),
        Route("/v1/search", finds.search),
    ]


def _model_routes(world: World, gate: ReplicateGate) -> list[Route]:
    models = ModelRoutes(world)

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, gate.guard(Operation.ACCOUNT, endpoint), methods=[method])

    return [
        route("/v1/models", models.create, "POST"),
        route(_MODEL, models.get),
        route(_MODEL, models.update, "PATCH"),
        route(_MODEL, models.delete, "DELETE"),
        route(f"{_MODEL}/versions", models.list_versions),
        route(f"{_MODEL}/examples", models.list_examples),
        route(f"{_MODEL}/readme", models.get_readme),
        route(_VERSION, models.get_version),
        route(_VERSION, models.delete_version, "DELETE"),
    ]


def _prediction_routes(world: World, gate: ReplicateGate) -> list[Route]:
    reads, creates = ReadRoutes(world), CreateRoutes(world)
    create = Operation.CREATE
    prediction = "/v1/predictions/{prediction_id}"
    cancel = gate.guard(Operation.CANCEL, reads.cancel_prediction)
    by_model = gate.guard(create, creates.create_by_model)
    by_deployment = gate.guard(create, creates.create_by_deployment)
    by_version = gate.guard(create, creates.create_by_version)
    return [
        Route(f"{_MODEL}/predictions", by_model, methods=["POST"]),
        Route(f"{_DEPLOYMENT}/predictions", by_deployment, methods=["POST"]),
        Route("/v1/predictions", by_version, methods=["POST"]),
        Route("/v1/predictions", gate.guard(Operation.LIST, reads.list_predictions)),
        Route(prediction, gate.guard(Operation.GET, reads.get_prediction)),
        Route(f"{prediction}/cancel", cancel, methods=["POST"]),
    ]


def _training_routes(world: World, gate: ReplicateGate) -> list[Route]:
    trainings = TrainingRoutes(world)
    create = gate.guard(Operation.CREATE, trainings.create)
    cancel = gate.guard(Operation.CANCEL, trainings.cancel)
    training = "/v1/trainings/{training_id}"
    return [
        Route(f"{_VERSION}/trainings", create, methods=["POST"]),
        Route("/v1/trainings", gate.guard(Operation.LIST, trainings.list)),
        Route(training, gate.guard(Operation.GET, trainings.get)),
        Route(f"{training}/cancel", cancel, methods=["POST"]),
    ]


def _deployment_routes(world: World, gate: ReplicateGate) -> list[Route]:
    deployments = DeploymentRoutes(world)

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, gate.guard(Operation.ACCOUNT, endpoint), methods=[method])

    return [
        route("/v1/deployments", deployments.list),
        route("/v1/deployments", deployments.create, "POST"),
        route(_DEPLOYMENT, deployments.get),
        route(_DEPLOYMENT, deployments.update, "PATCH"),
        route(_DEPLOYMENT, deployments.delete, "DELETE"),
    ]


def _file_routes(world: World, gate: ReplicateGate) -> list[Route]:
    files = FileRoutes(world)

    async def download(request: Request) -> Response:
        try:
            return await files.download(request)
        except Problem as problem:
            return problem.response()

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, gate.guard(Operation.FILES, endpoint), methods=[method])

    return [
        route("/v1/files", files.list),
        route("/v1/files", files.create, "POST"),
        route("/v1/files/{file_id}", files.get),
        route("/v1/files/{file_id}", files.delete, "DELETE"),
        Route("/v1/files/{file_id}/download", download),
    ]
