"""Poll providers and the storage now, concurrently, with a limit on the wait."""

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TypeVar

from services.core.errors import AtelierError, StorageError
from services.core.states import RunState
from services.diagnosis.facts.models import AttemptFacts, LivePrediction, RunFacts
from services.providers.base import (
    FailureClass,
    Prediction,
    PreparedRequest,
    Provider,
    ProviderError,
)
from services.recipes.registry import work_of
from services.reconciliation.object_checks import is_intact
from services.storage.base import ObjectInfo, Storage

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 6.0
MAX_POLLS = 8
MAX_FILES = 60
MAX_READ_FILES = 4
"""Where a case has no more files, they are read whole."""
THREADS = 8

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


def ask_concurrently(
    keys: Iterable[Key], ask: Callable[[Key], Answer], timeout_seconds: float = TIMEOUT_SECONDS
) -> dict[Key, Answer]:
    """Call `ask` for each key in threads; returns the answers in time and abandons the others."""
    questions: SimpleQueue[Key] = SimpleQueue()
    answers: SimpleQueue[tuple[Key, Answer]] = SimpleQueue()
    requested = list(dict.fromkeys(keys))
    for key in requested:
        questions.put(key)

    def work() -> None:
        while True:
            try:
                key = questions.get_nowait()
            except Empty:
                return
            answers.put((key, ask(key)))

    for _ in range(min(THREADS, len(requested))):
        # Daemons: a call that hangs must not delay the exit of the process.
        Thread(target=work, daemon=True).start()
    received: dict[Key, Answer] = {}
    ends = monotonic() + timeout_seconds
    while len(received) < len(requested):
        try:
            key, answer = answers.get(timeout=max(0.0, ends - monotonic()))
        except Empty:
            break
        received[key] = answer
    return received


def pollable(runs: Sequence[RunFacts]) -> list[RunFacts]:
    """Select the newest runs that a provider has now, or may have."""
    return [
        run
        for run in runs
        if run.attempt is not None
        and (
            (run.state is RunState.WAITING and run.attempt.prediction_id)
            or run.state is RunState.NEEDS_REVIEW
        )
    ][-MAX_POLLS:]


def poll(
    providers: Mapping[str, Provider],
    run: RunFacts,
    prepared: PreparedRequest | None,
) -> tuple[LivePrediction | None, tuple[str, ...] | None]:
    """Poll the run's prediction, or search the predictions that an unknown submit may have created.

    Never raises: an error of the provider is returned as `problem`. Without a search: None.
    """
    at = datetime.now(UTC)
    try:
        predictions = work_of(run.kind).predictions(providers[run.provider])
        if predictions is None or run.attempt is None:
            return None, None
        if run.state is RunState.NEEDS_REVIEW:
            if prepared is None:
                return None, None
            found = predictions.find(prepared, run.attempt.created_at)
            return None, tuple(it.id for it in found)
        return _live(predictions.get(run.attempt.prediction_id or ""), run.attempt), None
    except ProviderError as error:
        return LivePrediction(
            at,
            problem=error.detail,
            is_unknown=error.failure is FailureClass.LOST,
            is_refused=error.failure is FailureClass.CONFIGURATION,
        ), None
    except AtelierError as error:
        return LivePrediction(at, problem=error.sentence), None


def _live(prediction: Prediction, attempt: AttemptFacts) -> LivePrediction:
    return LivePrediction(
        at=datetime.now(UTC),
        status=prediction.status.value,
        error=prediction.error,
        logs=prediction.logs,
        output_count=len(prediction.output_urls) or int(prediction.trained_version is not None),
        created_at=prediction.created_at,
        started_at=prediction.started_at,
        completed_at=prediction.completed_at,
        is_data_removed=prediction.is_data_removed,
        web_url=prediction.web_url or attempt.web_url,
    )


def has_other_content(storage: Storage, key: str) -> bool:
    """Read an object whole: whether its bytes are not those that its key names; False if unknown."""
    try:
        return not is_intact(storage, key)
    except StorageError:
        return False


def stored_object(storage: Storage, key: str) -> ObjectInfo | str | None:
    """Read an object's head: None where there is none, the error's sentence where it refuses."""
    try:
        return storage.head(key)
    except StorageError as error:
        return error.sentence
