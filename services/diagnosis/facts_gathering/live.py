"""Asking the provider and the storage at this moment, side by side and with a limit on the wait."""

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TypeVar

from services.core.errors import AtelierError, StorageError
from services.core.states import RunState
from services.diagnosis.facts import AttemptFacts, LiveLook, RunFacts
from services.providers.base import (
    FailureClass,
    Prediction,
    PreparedRequest,
    Provider,
    ProviderError,
)
from services.recipes.registry import work_of
from services.storage.base import ObjectInfo, Storage

logger = logging.getLogger(__name__)

LIMIT_SECONDS = 6.0
MOST_LOOKS = 8
MOST_FILES = 60
THREADS = 8

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


def ask_side_by_side(
    keys: Iterable[Key], ask: Callable[[Key], Answer], limit_seconds: float = LIMIT_SECONDS
) -> dict[Key, Answer]:
    """What was answered within the limit; a question that hangs is left behind."""
    questions: SimpleQueue[Key] = SimpleQueue()
    answers: SimpleQueue[tuple[Key, Answer]] = SimpleQueue()
    wanted = list(dict.fromkeys(keys))
    for key in wanted:
        questions.put(key)

    def work() -> None:
        while True:
            try:
                key = questions.get_nowait()
            except Empty:
                return
            answers.put((key, ask(key)))

    for _ in range(min(THREADS, len(wanted))):
        # Daemons: a question that hangs must not keep the process from ending.
        Thread(target=work, daemon=True).start()
    known: dict[Key, Answer] = {}
    ends = monotonic() + limit_seconds
    while len(known) < len(wanted):
        try:
            key, answer = answers.get(timeout=max(0.0, ends - monotonic()))
        except Empty:
            break
        known[key] = answer
    return known


def askable(runs: Sequence[RunFacts]) -> list[RunFacts]:
    """Those that a provider has at this moment, or may have: the newest few."""
    return [
        run
        for run in runs
        if run.attempt is not None
        and (
            (run.state is RunState.WAITING and run.attempt.prediction_id)
            or run.state is RunState.NEEDS_REVIEW
        )
    ][-MOST_LOOKS:]


def look(
    providers: Mapping[str, Provider],
    run: RunFacts,
    prepared: PreparedRequest | None,
) -> tuple[LiveLook | None, tuple[str, ...]]:
    """What the provider says of the run's prediction, or which predictions an unknown one may be.

    Never raises: a provider that does not answer is an answer, too.
    """
    at = datetime.now(UTC)
    try:
        predictions = work_of(run.kind).predictions(providers[run.provider])
        if predictions is None or run.attempt is None:
            return None, ()
        if run.state is RunState.NEEDS_REVIEW:
            if prepared is None:
                return None, ()
            found = predictions.find(prepared, run.attempt.created_at)
            return None, tuple(it.id for it in found)
        return _seen(predictions.get(run.attempt.prediction_id or ""), run.attempt), ()
    except ProviderError as error:
        is_unknown = error.failure is FailureClass.LOST
        return LiveLook(at, problem=error.detail, is_unknown=is_unknown), ()
    except AtelierError as error:
        return LiveLook(at, problem=error.sentence), ()


def _seen(prediction: Prediction, attempt: AttemptFacts) -> LiveLook:
    return LiveLook(
        at=datetime.now(UTC),
        status=prediction.status.value,
        progress=prediction.progress,
        error=prediction.error,
        logs=prediction.logs,
        output_count=len(prediction.output_urls) or int(prediction.trained_version is not None),
        created_at=prediction.created_at,
        started_at=prediction.started_at,
        completed_at=prediction.completed_at,
        predict_seconds=prediction.predict_seconds,
        is_data_removed=prediction.is_data_removed,
        web_url=prediction.web_url or attempt.web_url,
    )


def stored(storage: Storage, key: str) -> ObjectInfo | str | None:
    """What the storage holds under a key, None for nothing, or its sentence when it refuses."""
    try:
        return storage.head(key)
    except StorageError as error:
        return error.sentence
