"""One Cog container: its model, its setup, and the one prediction that it makes at a time."""

import asyncio
import base64
import secrets
import time
from collections.abc import Mapping
from typing import Any

from simulator.drawing.orders import order_of_request
from simulator.drawing.subject import read_subject
from simulator.faults import Fault, FaultName
from simulator.fetching import data_url_bytes
from simulator.options import COG_SECONDS
from simulator.replicate.models.input_schemas import URI, ModelInput, integer, text
from simulator.synchronous import reply_seconds
from simulator.world import World

MODEL = "own/poses"
POSES = ModelInput(
    {
        "prompt": text(),
        "image": URI,
        "pose_image": URI,
        "negative_prompt": text(""),
        "width": integer(1024, 256, 1536),
        "height": integer(1024, 256, 1536),
        "num_outputs": integer(1, 1, 4),
        "num_inference_steps": integer(30, 1, 100),
        "seed": integer(),
    },
    required=("prompt", "image"),
)
SETUP_LOG = "Loading weights\nFileNotFoundError: /weights/poses.safetensors"
_SETUP_SECONDS = 120.0
_ERRORS = {
    FaultName.PLATFORM_ERROR: "Worker crashed",
    FaultName.OUT_OF_MEMORY: "Prediction failed: CUDA out of memory. Tried to allocate 2.00 GiB",
    FaultName.REFUSE_OUTPUT: "Prediction failed: NSFW content detected. Try a different prompt.",
}


class Container:
    """Makes predictions out of what the world remembers of the container."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def running(self) -> dict[str, dict[str, Any]]:
        """The input of each prediction at work, by its id."""
        return self._world.cog.running

    @property
    def is_starting(self) -> bool:
        """Whether its setup is still running."""
        return time.monotonic() < self._world.cog.ready_at

    def restart(self, seconds: float | None) -> None:
        """Begin its setup again, which takes so long."""
        scaled = self._world.pace.scaled(_SETUP_SECONDS) if seconds is None else seconds
        self._world.cog.ready_at = time.monotonic() + scaled

    def health(self, faults: Mapping[FaultName, Fault]) -> dict[str, Any]:
        """The body of a health check."""
        status, setup = "READY", {"started_at": "2026-01-05T09:00:00+00:00", "status": "succeeded"}
        if FaultName.SETUP_FAILED in faults:
            status, setup = "SETUP_FAILED", setup | {"status": "failed", "logs": SETUP_LOG}
        elif self.is_starting:
            status, setup = "STARTING", setup | {"status": "starting"}
        elif self.running or FaultName.BUSY in faults:
            status = "BUSY"
        return {"status": status, "setup": setup, "version": {"coglet": "0.23.1", "cog": "0.23.1"}}

    async def predict(
        self, prediction_id: str, given: dict[str, Any], faults: Mapping[FaultName, Fault]
    ) -> dict[str, Any]:
        """Make a prediction; its body. It is forgotten at its end, as Cog does."""
        self.running[prediction_id] = given
        began = time.monotonic()
        try:
            seconds = reply_seconds(self._world.pace, COG_SECONDS, faults)
            await asyncio.sleep(seconds)
            outcome = await self._outcome(given, faults)
        finally:
            self.running.pop(prediction_id, None)
        self._world.generated += 1
        metrics = {"predict_time": time.monotonic() - began}
        return {"id": prediction_id, "logs": "", "metrics": metrics, **outcome}

    async def _outcome(
        self, given: dict[str, Any], faults: Mapping[FaultName, Fault]
    ) -> dict[str, Any]:
        for name, error in _ERRORS.items():
            if name in faults:
                return {"status": "failed", "error": error}
        count = int(given.get("num_outputs", 1)) - (FaultName.FEWER_OUTPUTS in faults)
        contents = [await self._picture(given, index) for index in range(count)]
        if FaultName.TRUNCATED_OUTPUT in faults:
            contents = [content[: len(content) // 2] for content in contents]
        is_linked = FaultName.LINKED_OUTPUT in faults
        output = [self._link(it) if is_linked else _data_url(it) for it in contents]
        return {"status": "succeeded", "output": output}

    async def _picture(self, given: dict[str, Any], index: int) -> bytes:
        pictures = {key: value for key, value in given.items() if str(value).startswith("data:")}
        subject = data_url_bytes(str(given["image"])) if "image" in pictures else None
        facts = None
        if subject is not None and not self._world.options.predrawn:
            facts = await asyncio.to_thread(read_subject, subject)
        seed = int(given.get("seed") or secrets.randbelow(2**31)) + index
        size = int(given.get("width", 1024)), int(given.get("height", 1024))
        details = {key: value for key, value in given.items() if key not in ("seed", "image")}
        order = order_of_request(MODEL, str(given["prompt"]), seed, size, facts, details)
        return await self._world.pictures.get(order)

    def _link(self, content: bytes) -> str:
        name = secrets.token_hex(8)
        self._world.cog.files[name] = content
        return f"/files/{name}.png"


def _data_url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
