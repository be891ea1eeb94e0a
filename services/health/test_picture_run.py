"""The steps of one test picture: request, create, fetch, decode, store and delete.

Directly at the provider, without the pipeline: no credits move and nothing stays stored.
"""

import hashlib
import io
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Lock
from time import monotonic

from PIL import Image, ImageDraw

from services.core.errors import StorageError
from services.media.outputs import inspect_output
from services.providers.base import (
    FailureClass,
    InputImage,
    PictureRequest,
    Prediction,
    PredictionProvider,
    PredictionStatus,
    PreparedRequest,
    Provider,
    ProviderError,
    SynchronousProvider,
)
from services.storage.base import Storage
from services.storage.keys import check_key, parse_key

PROMPT = (
    "A small friendly robot mascot that waves with one hand, full body, flat vector style,"
    " plain white background"
)
MAX_SECONDS = 300.0
POLL_SECONDS = 1.0
_SIDE = 768
_PAPER, _SKIN, _HAIR, _INK, _MOUTH = "#f4f1ea", "#e8b98f", "#4a3426", "#2b2622", "#a24c43"
_ENDED = frozenset({PredictionStatus.SUCCEEDED, PredictionStatus.FAILED, PredictionStatus.CANCELED})

_REFUSED = frozenset(
    {
        FailureClass.CONFIGURATION,
        FailureClass.MODEL_RETIRED,
        FailureClass.FUNDS,
        FailureClass.THROTTLED,
        FailureClass.BAD_INPUT,
    }
)


@dataclass(frozen=True)
class PictureTestStep:
    """One step. `seconds` None: it runs; `is_failed`: it ended the test."""

    name: str
    seconds: float | None = None
    is_failed: bool = False


@dataclass
class PictureTestRun:
    """Executes the steps once, in the thread that calls `execute`; others may read meanwhile."""

    provider: Provider
    model: str
    storage: Storage
    fetch: Callable[[str], bytes]
    picture: bytes | None = None
    """A WebP thumbnail of what came."""
    prediction: Prediction | None = None
    is_sent: bool = False
    """Whether the provider may have been asked for something that it charges for."""
    _steps: list[PictureTestStep] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def steps(self) -> tuple[PictureTestStep, ...]:
        """Return the finished steps and the running one."""
        with self._lock:
            return tuple(self._steps)

    def execute(self) -> None:
        """Execute them; raises ProviderError, FetchError, PictureRefusedError and StorageError."""
        with self._step("Prepare the request"):
            prepared = self.provider.prepare(self._request())
        content = self._create(prepared)
        with self._step("Decode the picture"):
            self.picture = inspect_output(content).thumbnail
        with self._step("Store, read back, delete"):
            self._store(content)

    def _request(self) -> PictureRequest:
        needs_image = self.provider.capabilities(self.model).needs_image
        images = (_sample_picture(),) if needs_image else ()
        return PictureRequest(self.model, PROMPT, 1 + secrets.randbelow(2**31 - 1), images)

    def _create(self, prepared: PreparedRequest) -> bytes:
        provider = self.provider
        if isinstance(provider, PredictionProvider):
            return self._create_prediction(provider, prepared)
        if not isinstance(provider, SynchronousProvider):
            raise TypeError(f"{provider.name} makes no pictures")
        with self._step("Make the picture"), self._sending():
            return provider.generate(prepared).images[0].content

    def _create_prediction(self, provider: PredictionProvider, prepared: PreparedRequest) -> bytes:
        with self._step("Send the request"), self._sending():
            self.prediction = provider.create(prepared)
        with self._step("Wait for the provider"):
            self.prediction = self._wait(provider, self.prediction)
        with self._step("Fetch the picture"):
            return self.fetch(self.prediction.output_urls[0])

    def _wait(self, provider: PredictionProvider, prediction: Prediction) -> Prediction:
        """Poll until it ends; cancel it at the provider after the limit."""
        deadline, pause = monotonic() + MAX_SECONDS, Event()
        while prediction.status not in _ENDED:
            pause.wait(POLL_SECONDS)
            if monotonic() > deadline:
                self.prediction = provider.cancel(prediction.id)
                problem = f"It was not ready after {MAX_SECONDS:g} s and was canceled there"
                raise ProviderError(FailureClass.TIMED_OUT, problem)
            prediction = self.prediction = self._poll(provider, prediction)
        if prediction.output_urls and prediction.status is PredictionStatus.SUCCEEDED:
            return prediction
        problem = prediction.error or f"It ended there without a picture: {prediction.status.value}"
        raise ProviderError(prediction.failure or FailureClass.EMPTY, problem)

    def _poll(self, provider: PredictionProvider, prediction: Prediction) -> Prediction:
        """Poll once; a transient error leaves the prediction as it was."""
        try:
            return provider.get(prediction.id)
        except ProviderError as error:
            if error.failure is FailureClass.TRANSIENT:
                return prediction
            raise

    def _store(self, content: bytes) -> None:
        """Store under a key that no picture uses, so that the delete removes nothing else."""
        key = check_key(hashlib.sha256(content).hexdigest())
        self.storage.put(key, content, parse_key(key).content_type)
        try:
            if self.storage.get(key) != content:
                raise StorageError(reason="it returned other bytes than were stored")
        finally:
            self.storage.delete(key)

    @contextmanager
    def _sending(self) -> Iterator[None]:
        """Count as charged from here on, unless the error means that nothing arrived."""
        self.is_sent = True
        try:
            yield
        except ProviderError as error:
            self.is_sent = error.reached and error.failure not in _REFUSED
            raise

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began, is_failed = monotonic(), True
        with self._lock:
            self._steps.append(PictureTestStep(name))
        try:
            yield
            is_failed = False
        finally:
            with self._lock:
                self._steps[-1] = replace(
                    self._steps[-1], seconds=monotonic() - began, is_failed=is_failed
                )


def _sample_picture() -> InputImage:
    """Draw a face as a PNG, for models that need a picture; nobody's, so it may be sent."""
    picture = Image.new("RGB", (_SIDE, _SIDE), _PAPER)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((134, 560, 634, 1000), fill="#3c6e8f")
    pen.rectangle((324, 480, 444, 620), fill=_SKIN)
    pen.ellipse((214, 120, 554, 500), fill=_HAIR)
    pen.ellipse((234, 170, 534, 570), fill=_SKIN)
    for centre in (320, 448):
        pen.ellipse((centre - 30, 330, centre + 30, 366), fill="white")
        pen.ellipse((centre - 16, 330, centre + 16, 364), fill=_INK)
        pen.arc((centre - 40, 286, centre + 40, 340), 200, 340, fill=_HAIR, width=9)
    pen.line((384, 372, 372, 436, 396, 438), fill="#b98658", width=7)
    pen.chord((330, 462, 438, 512), 0, 180, fill=_MOUTH)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return InputImage("sample.png", "image/png", out.getvalue())
