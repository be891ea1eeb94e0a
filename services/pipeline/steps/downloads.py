"""One try at the outputs of a finished prediction: download each, decode it and store it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.core.errors import (
    AtelierError,
    BlankPictureError,
    PictureRefusedError,
    StorageError,
    WeightsRefusedError,
)
from services.core.humanize import span
from services.database.models import Attempt, Run
from services.fetch.network import FetchError, FetchFailure
from services.pipeline.failures import Failure, component_of
from services.pipeline.step_context import StepContext
from services.providers.base import FailureClass, Prediction, ProviderError
from services.recipes.registry import work_of
from services.recipes.work import StoredOutput

MAX_EXTRA_OUTPUTS = 20
"""Beyond the order; what a provider makes beyond these is not downloaded."""
MAX_GONE = 5
"""So many answers of provider and host that an output is gone are final."""
MAX_SAME_CONTENT = 2
"""A file of no use is downloaded once more: the transfer may have broken it."""


@dataclass(frozen=True)
class Postponed:
    """An output that could not be stored yet: the storage, the network or its host failed."""

    detail: str
    component: str
    failure: FailureClass
    """Of its slot, where it cannot be stored in time."""
    note: Mapping[str, Any] = field(default_factory=dict)
    """What the next try needs to know."""


Output = StoredOutput | Failure | Postponed | None
"""What became of one output; None: something that is no file."""


@dataclass(frozen=True)
class Finished:
    """The attempt whose outputs are ingested; `age_seconds` counts from the provider's end."""

    run: Run
    attempt: Attempt
    age_seconds: float
    slot_count: int

    def is_over(self, seconds: float) -> bool:
        """Whether the output can no longer be fetched."""
        return self.age_seconds > seconds


class OutputDownload:
    """One try at every output of a run that is not settled."""

    def __init__(self, context: StepContext, finished: Finished) -> None:
        self._context = context
        self._finished = finished
        self._prediction: Prediction | None = None
        self._is_asked = self._is_unknown = False
        self._is_host_silent = False

    def all(self) -> list[Output]:
        """Store each output; what fails for good becomes a Failure, the rest is postponed."""
        extras = MAX_EXTRA_OUTPUTS if work_of(self._finished.run.kind).stores_extras else 0
        count = self._finished.slot_count + extras
        known = enumerate(self._finished.attempt.outputs[:count])
        return [self._settled(output) or self._take(index, output) for index, output in known]

    def _settled(self, output: Mapping[str, Any]) -> Failure | None:
        if "failure" not in output:
            return None
        return Failure(FailureClass(output["failure"]), str(output["detail"]))

    def _take(self, index: int, output: Mapping[str, Any]) -> Output:
        """Store one output; an address that is gone is read from the provider once more."""
        if self._is_host_silent and "storage_key" not in output:
            return Postponed("Its host is not answering.", "network", FailureClass.NOT_FETCHED)
        try:
            return self._store(index, output)
        except FetchError as error:
            if error.kind is not FetchFailure.GONE:
                return self._not_fetched(error)
            return self._gone(index, output, error)

    def _store(self, index: int, output: Mapping[str, Any]) -> Output:
        """Store one output; raises FetchError alone."""
        if "inline" in output:
            address = self._address(index)
            if address is None:
                return self._reply_missing()
            output = {**output, "url": address}
        try:
            return work_of(self._finished.run.kind).store(self._context, output)
        except BlankPictureError as error:
            return Failure(FailureClass.BLANK, error.sentence)
        except (PictureRefusedError, WeightsRefusedError) as error:
            return self._refused(output, error)
        except StorageError as error:
            return Postponed(error.sentence, component_of(error), FailureClass.UNKNOWN)

    def _refused(self, output: Mapping[str, Any], error: AtelierError) -> Output:
        """Download a broken file once more: the transfer may have broken it."""
        times = int(output.get("refused", 0)) + 1
        if times >= MAX_SAME_CONTENT:
            return Failure(FailureClass.BAD_OUTPUT, error.sentence)
        note = {"refused": times}
        return Postponed(error.sentence, component_of(error), FailureClass.BAD_OUTPUT, note)

    def _not_fetched(self, error: FetchError) -> Output:
        if error.kind is FetchFailure.TIMED_OUT:
            self._is_host_silent = True
        if error.kind in (FetchFailure.TRANSIENT, FetchFailure.TIMED_OUT):
            return Postponed(str(error), "network", FailureClass.NOT_FETCHED)
        is_refused = error.kind is FetchFailure.REFUSED_ADDRESS
        kind = FailureClass.CONFIGURATION if is_refused else FailureClass.BAD_OUTPUT
        return Failure(kind, f"The output was not downloaded: {error.detail}")

    def _gone(self, index: int, output: Mapping[str, Any], error: FetchError) -> Output:
        """Try the address that the provider names now; a refusal may pass while the file is there."""
        fresh = self._address(index)
        if self._is_removed:
            return self._removed()
        if fresh is not None and fresh != output.get("url"):
            try:
                return self._store(index, {**output, "url": fresh})
            except FetchError as again:
                error = again
        return self._missing_at_its_host(output, error)

    def _missing_at_its_host(self, output: Mapping[str, Any], error: FetchError) -> Output:
        """Give up after a minute where the provider, too, says again and again that it is gone."""
        times = int(output.get("gone", 0)) + 1 if self._is_unknown else 0
        limit = self._context.limits.unknown_seconds
        if times >= MAX_GONE and self._finished.age_seconds > limit:
            detail = f"The provider no longer knows it, and its output is gone: {error.detail}."
            return Failure(FailureClass.WINDOW_MISSED, detail)
        return Postponed(error.detail, "network", FailureClass.WINDOW_MISSED, {"gone": times})

    @property
    def _is_removed(self) -> bool:
        return self._prediction is not None and self._prediction.is_data_removed

    def _removed(self) -> Failure:
        age = span(self._finished.age_seconds)
        detail = f"The provider removed the output, {age} after its end."
        return Failure(FailureClass.WINDOW_MISSED, detail)

    def _reply_missing(self) -> Output:
        if self._is_removed:
            return self._removed()
        return Postponed(
            "The provider could not be asked for the output, which is part of its reply.",
            "network",
            FailureClass.NOT_FETCHED,
        )

    def _address(self, index: int) -> str | None:
        """Return an output's present address; the provider is asked once in a step."""
        if not self._is_asked:
            self._is_asked = True
            predictions = self._context.predictions(self._finished.run)
            known_id = self._finished.attempt.prediction_id
            try:
                if predictions is not None and known_id is not None:
                    self._prediction = predictions.get(known_id)
            except ProviderError as error:
                # Its answer would only have helped: the known address is retried.
                self._is_unknown = error.failure is FailureClass.LOST
        if self._prediction is None:
            return None
        found = work_of(self._finished.run.kind).addresses(self._prediction)
        return found[index] if index < len(found) else None


def is_window_over(session: Session, attempt: Attempt, seconds: float) -> bool:
    """Whether the provider has deleted the outputs by now."""
    age = func.clock_timestamp() - Attempt.finished_at
    return bool(
        session.scalar(select(age > timedelta(seconds=seconds)).where(Attempt.id == attempt.id))
    )
