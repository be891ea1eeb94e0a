"""The addresses of the Replicate API, each behind the gate."""

from starlette.routing import Route

from simulator.faults import Operation
from simulator.replicate.creates import CreateRoutes
from simulator.replicate.delivery import DeliveryRoutes
from simulator.replicate.files import FileRoutes
from simulator.replicate.gate import Endpoint, ReplicateGate
from simulator.replicate.models.routes import ModelRoutes
from simulator.replicate.reads import ReadRoutes
from simulator.replicate.trainings.routes import TrainingRoutes
from simulator.world import World

_MODEL = "/v1/models/{owner}/{name}"
_VERSION = f"{_MODEL}/versions/{{version_id}}"


def replicate_routes(world: World, gate: ReplicateGate) -> list[Route]:
    """All of them, and the outputs that they point at."""
    return [
        *_account_routes(world, gate),
        *_model_routes(world, gate),
        *_prediction_routes(world, gate),
        *_training_routes(world, gate),
        *_file_routes(world, gate),
        Route("/delivery/{run_id}/{index:int}/{name}", DeliveryRoutes(world, gate).get),
    ]


def _account_routes(world: World, gate: ReplicateGate) -> list[Route]:
    reads = ReadRoutes(world)

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, gate.guard(Operation.ACCOUNT, endpoint), methods=[method])

    return [
        route("/v1/account", reads.account),
        route("/v1/webhooks/default/secret", reads.webhook_secret),
    ]


def _model_routes(world: World, gate: ReplicateGate) -> list[Route]:
    models = ModelRoutes(world)

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, gate.guard(Operation.ACCOUNT, endpoint), methods=[method])

    return [
        route("/v1/models", models.create, "POST"),
        route(_MODEL, models.get),
        route(_VERSION, models.get_version),
        route(_VERSION, models.delete_version, "DELETE"),
    ]


def _prediction_routes(world: World, gate: ReplicateGate) -> list[Route]:
    reads, creates = ReadRoutes(world), CreateRoutes(world)
    create = Operation.CREATE
    prediction = "/v1/predictions/{prediction_id}"
    cancel = gate.guard(Operation.CANCEL, reads.cancel_prediction)
    by_model = gate.guard(create, creates.create_by_model)
    by_version = gate.guard(create, creates.create_by_version)
    return [
        Route(f"{_MODEL}/predictions", by_model, methods=["POST"]),
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


def _file_routes(world: World, gate: ReplicateGate) -> list[Route]:
    files = FileRoutes(world)

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, gate.guard(Operation.FILES, endpoint), methods=[method])

    return [
        route("/v1/files", files.create, "POST"),
        route("/v1/files/{file_id}", files.get),
    ]
