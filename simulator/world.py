"""Everything that one running simulator remembers, shared by its routes."""

import asyncio
import base64
import secrets
import time
from collections.abc import Coroutine
from typing import Any

from simulator.cog.state import CogState
from simulator.drawing.cache import PictureCache
from simulator.drawing.sources import SourceStore
from simulator.faults import FaultBook
from simulator.options import Options, Pace
from simulator.rates import Bucket
from simulator.replicate.file_store import FileStore
from simulator.replicate.models.pages import ModelShelf
from simulator.replicate.predictions import Prediction
from simulator.replicate.run_store import RunStore
from simulator.replicate.runs import Run
from simulator.replicate.trainings.training import Training

ACCOUNT_NAME = "atelier-simulator"


class World:
    """The state of one simulator; lives on one event loop."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.pace = Pace(options)
        self.faults = FaultBook()
        self.predictions: RunStore[Prediction] = RunStore(options.max_predictions)
        self.trainings: RunStore[Training] = RunStore(options.max_trainings)
        self.models = ModelShelf()
        self.files = FileStore(options.max_files_bytes)
        self.sources = SourceStore(options.max_source_bytes)
        self.pictures = PictureCache(options.max_picture_bytes, options.predrawn, self.sources)
        self.cog = CogState()
        self.generated = 0
        self.webhook_key = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        self.create_bucket = Bucket(
            options.creates_per_minute, options.create_burst, time.monotonic
        )
        self.read_bucket = Bucket(
            options.reads_per_minute, options.reads_per_minute, time.monotonic
        )
        self.gemini_bucket = Bucket(options.gemini_per_minute, options.gemini_burst, time.monotonic)
        self._tasks: set[asyncio.Task[None]] = set()

    @staticmethod
    def now() -> float:
        """The present Unix time, in seconds."""
        return time.time()

    def run(self, run_id: str) -> Run | None:
        """The prediction or training of that id."""
        return self.predictions.get(run_id) or self.trainings.get(run_id)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the requests until it ends or the server stops."""
        task = asyncio.create_task(work)
        # The loop holds tasks weakly: without this set one could vanish half way.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self) -> None:
        """Return to the state of a fresh start; the speed stays."""
        for task in self._tasks:
            task.cancel()
        self.predictions.clear()
        self.trainings.clear()
        self.models.clear()
        self.sources.clear()
        self.files.clear()
        self.faults.clear()
        self.pictures.clear()
        self.cog = CogState()
        self.generated = 0

    async def stop(self) -> None:
        """End what still runs beside the requests."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.pictures.close()
