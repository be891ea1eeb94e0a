"""The work of one test picture: asked for, made, fetched, decoded, stored and deleted again.

Straight to the provider and past the pipeline: no credits move and nothing is kept.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Lock
from time import monotonic

from services.core.errors import StorageError
from services.health.sample_picture import sample_picture
from services.media.outputs import inspect_output
from services.providers.base import (
    FailureClass,
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
MOST_SECONDS = 300.0
POLL_SECONDS = 1.0
_ENDED = frozenset({PredictionStatus.SUCCEEDED, PredictionStatus.FAILED, PredictionStatus.CANCELED})

_REFUSED = frozenset(
    {
        FailureClass.CONFIGURATION,
        FailureClass.FUNDS,
        FailureClass.THROTTLED,
        FailureClass.BAD_INPUT,
    }
)


@dataclass(frozen=True)
class PictureTestStep:
    """One step. `seconds` None: it is being done; `is_failed`: it is the one that ended it."""

    name: str
    seconds: float | None = None
    is_failed: bool = False


@dataclass
class PictureTestRun:
    """Does the steps once, in the thread that calls `work`; others may read meanwhile."""

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
        """What is done, and at the end what is being done."""
        with self._lock:
            return tuple(self._steps)

    def work(self) -> None:
        """Raises ProviderError, FetchError, PictureRefusedError and StorageError."""
        with self._step("Prepare the request"):
            prepared = self.provider.prepare(self._request())
        content = self._made(prepared)
        with self._step("Decode the picture"):
            self.picture = inspect_output(content).thumbnail
        with self._step("Store, read back, delete"):
            self._store(content)

    def _request(self) -> PictureRequest:
        needs_image = self.provider.capabilities(self.model).needs_image
        images = (sample_picture(),) if needs_image else ()
        return PictureRequest(self.model, PROMPT, 1 + secrets.randbelow(2**31 - 1), images)

    def _made(self, prepared: PreparedRequest) -> bytes:
        provider = self.provider
        if isinstance(provider, PredictionProvider):
            return self._predicted(provider, prepared)
        if not isinstance(provider, SynchronousProvider):
            raise TypeError(f"{provider.name} makes no pictures")
        with self._step("Make the picture"), self._sending():
            return provider.generate(prepared).images[0].content

    def _predicted(self, provider: PredictionProvider, prepared: PreparedRequest) -> bytes:
        with self._step("Order it"), self._sending():
            self.prediction = provider.create(prepared)
        with self._step("Wait for the provider"):
            self.prediction = self._awaited(provider, self.prediction)
        with self._step("Fetch the picture"):
            return self.fetch(self.prediction.output_urls[0])

    def _awaited(self, provider: PredictionProvider, prediction: Prediction) -> Prediction:
        """Until it has ended; it is canceled there when its time is up."""
        over, pause = monotonic() + MOST_SECONDS, Event()
        while prediction.status not in _ENDED:
            pause.wait(POLL_SECONDS)
            if monotonic() > over:
                self.prediction = provider.cancel(prediction.id)
                told = f"It was not ready after {MOST_SECONDS:g} s and was canceled there"
                raise ProviderError(FailureClass.TIMED_OUT, told)
            prediction = self.prediction = self._looked_at(provider, prediction)
        if prediction.output_urls and prediction.status is PredictionStatus.SUCCEEDED:
            return prediction
        told = prediction.error or f"It ended there without a picture: {prediction.status.value}"
        raise ProviderError(prediction.failure or FailureClass.EMPTY, told)

    def _looked_at(self, provider: PredictionProvider, prediction: Prediction) -> Prediction:
        """As it is now, or as it was when a look is not answered: it goes on there all the same."""
        try:
            return provider.get(prediction.id)
        except ProviderError as error:
            if error.failure is FailureClass.TRANSIENT:
                return prediction
            raise

    def _store(self, content: bytes) -> None:
        """Under a name that no picture has, so that nobody else's can go with it."""
        key = check_key(hashlib.sha256(content).hexdigest())
        self.storage.put(key, content, parse_key(key).content_type)
        try:
            if self.storage.get(key) != content:
                raise StorageError(reason="it gave back other bytes than it was given")
        finally:
            self.storage.delete(key)

    @contextmanager
    def _sending(self) -> Iterator[None]:
        """From here on it may cost, unless the error says that nothing arrived."""
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
