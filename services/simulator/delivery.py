"""Serves the output pictures, without a token, until they expire."""

from starlette.requests import Request
from starlette.responses import Response

from services.simulator.connection import HalfAnswer
from services.simulator.faults import FaultName, Operation
from services.simulator.picture_orders import order_of_prediction
from services.simulator.problems import Problem, not_found
from services.simulator.replicate_gate import ReplicateGate
from services.simulator.world import World

_TYPES = {"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}
_WEEK = "public, max-age=604800"


class DeliveryRoutes:
    """The route of the output files."""

    def __init__(self, world: World, gate: ReplicateGate) -> None:
        self._world = world
        self._gate = gate

    async def get(self, request: Request) -> Response:
        """GET /delivery/{prediction_id}/{index}/{name}."""
        try:
            await self._gate.suffer(self._gate.call_of(request, Operation.DELIVERY))
            return await self._picture(request)
        except Problem as problem:
            return problem.response()

    async def _picture(self, request: Request) -> Response:
        prediction = self._world.predictions.get(request.path_params["prediction_id"])
        now = self._world.now()
        index = int(request.path_params["index"])
        if (
            prediction is None
            or prediction.is_removed(now)
            or index >= prediction.output_count(now)
        ):
            raise not_found()
        look = await prediction.seen()
        content = await self._world.pictures.get(order_of_prediction(prediction, index, look))
        headers = {"cache-control": _WEEK}
        if FaultName.CUT_OUTPUT in prediction.faults:
            return HalfAnswer(content, media_type=_TYPES[prediction.picture_format])
        if FaultName.TRUNCATED_OUTPUT in prediction.faults:
            content = content[: len(content) // 2]
        return Response(content, headers=headers, media_type=_TYPES[prediction.picture_format])
