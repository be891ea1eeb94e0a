"""A prediction's `stream` address: its logs and outputs as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from simulator.plan import Status
from simulator.predictions import Prediction
from simulator.problems import not_found
from simulator.world import World

_LOOK_AGAIN_SECONDS = 0.1
_ENDINGS = {Status.CANCELED: "canceled", Status.ABORTED: "canceled", Status.FAILED: "error"}


class StreamRoutes:
    """The route of the event streams; it needs no token, as its address is secret."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def get(self, request: Request) -> Response:
        """GET /stream/{prediction_id}."""
        prediction = self._world.predictions.get(request.path_params["prediction_id"])
        if prediction is None or prediction.is_removed(self._world.now()):
            return not_found().response()
        return StreamingResponse(self._events(prediction), media_type="text/event-stream")

    async def _events(self, prediction: Prediction) -> AsyncIterator[str]:
        """Tells what is new until the prediction has ended."""
        sent_logs, sent_outputs = "", 0
        while True:
            now = self._world.now()
            logs, outputs = prediction.logs(now), prediction.addresses(now)
            if new := logs.removeprefix(sent_logs):
                yield _event("logs", new)
            for address in outputs[sent_outputs:]:
                yield _event("output", address)
            sent_logs, sent_outputs = logs, len(outputs)
            if prediction.has_ended(now):
                break
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        if prediction.plan.error is not None:
            yield _event("error", json.dumps({"detail": prediction.plan.error}))
        reason = _ENDINGS.get(prediction.plan.ending)
        yield _event("done", json.dumps({"reason": reason} if reason else {}))


def _event(name: str, text: str) -> str:
    lines = "".join(f"data: {line}\n" for line in text.rstrip("\n").split("\n"))
    return f"event: {name}\n{lines}\n"
