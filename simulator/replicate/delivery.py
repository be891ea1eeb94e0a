"""Serves the outputs, pictures and trained weights, without a token, until they expire."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from simulator.connection import HalfAnswer
from simulator.drawing.orders import order_of_prediction
from simulator.faults import FaultName, Operation
from simulator.replicate.gate import ReplicateGate
from simulator.replicate.predictions import Prediction
from simulator.replicate.problems import Problem, not_found
from simulator.replicate.runs import Run
from simulator.replicate.trainings.training import WEIGHTS_NAME, Training
from simulator.replicate.trainings.weights import weights_archive
from simulator.world import World

_TYPES = {"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}
_TAR = "application/x-tar"
_WEEK = "public, max-age=604800"


class DeliveryRoutes:
    """The route of the output files."""

    def __init__(self, world: World, gate: ReplicateGate) -> None:
        self._world = world
        self._gate = gate

    async def get(self, request: Request) -> Response:
        """GET /delivery/{run_id}/{index}/{name}."""
        try:
            await self._gate.suffer(self._gate.call_of(request, Operation.DELIVERY))
            return await self._file(request)
        except Problem as problem:
            return problem.response()

    async def _file(self, request: Request) -> Response:
        run = self._world.run(request.path_params["run_id"])
        now = self._world.now()
        index = int(request.path_params["index"])
        has_weights = isinstance(run, Training) and run.has_weights_alone(now)
        if run is None or run.is_removed(now) or not (has_weights or index < run.output_count(now)):
            raise not_found()
        if isinstance(run, Training) and request.path_params["name"] == WEIGHTS_NAME:
            content = await asyncio.to_thread(weights_archive, run.values, run.training_set, run.id)
            return _answer(run, content, _TAR)
        if not isinstance(run, Prediction):
            raise not_found()
        facts = await run.seen()
        content = await self._world.pictures.get(order_of_prediction(run, index, facts))
        return _answer(run, content, _TYPES[run.picture_format])


def _answer(run: Run, content: bytes, media_type: str) -> Response:
    if FaultName.CUT_OUTPUT in run.faults:
        return HalfAnswer(content, media_type=media_type)
    if FaultName.TRUNCATED_OUTPUT in run.faults:
        content = content[: len(content) // 2]
    return Response(content, headers={"cache-control": _WEEK}, media_type=media_type)
