"""Fetch again: the output is still at the provider, and the storage does not hold it (any more)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from services.core.errors import ObjectMissingError, PictureRefusedError, RemedyRefusedError
from services.core.states import PICTURELESS_ROLES, RunState
from services.database.models import Asset, Attempt, Run
from services.fetch.output_fetcher import FetchError
from services.pipeline.step_context import StepContext
from services.pipeline.steps.ingest import is_window_over
from services.recipes.work import store_picture
from services.remedies.base import DryRun, RemedyKind, RemedyOffer
from services.remedies.provider_calls import Answer, ask_about
from services.remedies.remedy import Done, Order, RemedyTemplate
from services.remedies.requeue import WaitingJobs, due_problem, make_due, waiting_jobs
from services.remedies.slot_files import ALL_THERE, StoredFile, stored_file
from services.remedies.subjects import filled_files, lock_run, view_run

NOTHING = "Nothing of it is at the provider to be fetched."
GONE = "The provider no longer has it. Make it again, or give the credits back."
WEIGHTS = "The lost file is a model's weights. They are not fetched again; the version works on."
OTHER = "What came is another picture than the one that was lost."
IN_WORK = (RunState.WAITING, RunState.INGESTING)


@dataclass(frozen=True)
class _Lost:
    """A file that is not whole in the storage, and where it can be had: None for itself alone."""

    file: StoredFile
    has_original: bool
    url: str | None = None

    @property
    def is_curable(self) -> bool:
        """Whether there is anything to make it whole from."""
        return self.has_original or self.url is not None


@dataclass(frozen=True)
class _Found:
    """What was asked outside; for work in progress the rings, else the lost files."""

    jobs: WaitingJobs = field(default_factory=lambda: WaitingJobs(None))
    lost: tuple[_Lost, ...] = ()
    has_weights: bool = False
    restored: Mapping[str, str] = field(default_factory=dict)
    """By asset: the storage's address of what was put back."""


class Redownload(RemedyTemplate[_Found]):
    """Work in progress is fetched at once; a file that was lost is put back, byte for byte."""

    kind = RemedyKind.REDOWNLOAD

    def ask(self, offer: RemedyOffer) -> _Found:
        """The queue, or the storage and then the provider."""
        with self._parts.database.transaction() as session:
            view = view_run(session, offer.subject_id)
            has_succeeded = view.run.state is RunState.SUCCEEDED
            files = filled_files(session, view.run) if has_succeeded else []
            is_over = view.attempt is None or is_window_over(
                session, view.attempt, self._parts.limits.output_window_seconds
            )
        if view.run.state in IN_WORK:
            return _Found(waiting_jobs(self.tools.queue))
        weights = [slot.role in PICTURELESS_ROLES for slot, _, _ in files]
        lost = [
            (index, one)
            for _, index, asset in files
            if asset.deleted_at is None and (one := _lost(self._parts, stored_file(asset)))
        ]
        if lost and view.attempt and not any(weights):
            urls = _addresses(self._parts, view.run, view.attempt, is_over)
            lost = [(index, replace(one, url=urls.get(index))) for index, one in lost]
        return _Found(lost=tuple(one for _, one in lost), has_weights=any(weights))

    def plan(self, session: Session, offer: RemedyOffer, known: _Found) -> DryRun:
        """What is fetched, or why nothing can be."""
        view = view_run(session, offer.subject_id)
        if view.run.state in IN_WORK:
            return DryRun(
                offer,
                "It is fetched at once, as soon as the provider has finished it.",
                view.state,
                problem=due_problem(view, known.jobs),
            )
        count = len(known.lost)
        return DryRun(
            offer,
            f"{count} lost {'file is' if count == 1 else 'files are'} fetched once more, compared"
            " with the hash, and put back into the storage.",
            view.state | {"lost": [one.file.asset_id for one in known.lost]},
            problem=_problem(view.run, known),
        )

    def before(self, offer: RemedyOffer, known: _Found) -> _Found:
        """Fetch, compare, store: the same bytes have the same key, so nothing else is touched."""
        restored = {one.file.asset_id: _restore(self._parts, one) for one in known.lost}
        return replace(known, restored=restored)

    def lock(self, session: Session, offer: RemedyOffer) -> None:
        """The run and its generation."""
        lock_run(session, offer.subject_id)

    def do(self, session: Session, order: Order, known: _Found) -> Done:
        """Due now; or the rows know that their object is there."""
        view = view_run(session, order.subject_id)
        run = view.run
        if run.state in IN_WORK:
            make_due(session, view)
            after = {"state": run.state.value}
            return Done("It is fetched now.", after, run.generation_id, run.id)
        for one in known.lost:
            _note_restored(session, one.file, known.restored[one.file.asset_id])
        restored = {"restored": [one.file.asset_id for one in known.lost]}
        return Done("It is in the storage again.", restored, run.generation_id, run.id)


def _lost(parts: StepContext, file: StoredFile) -> _Lost | None:
    has_original = parts.storage.head(file.storage_key) is not None
    has_thumbnail = not file.thumbnail_key or parts.storage.head(file.thumbnail_key) is not None
    return None if has_original and has_thumbnail else _Lost(file, has_original)


def _addresses(parts: StepContext, run: Run, attempt: Attempt, is_over: bool) -> dict[int, str]:
    """By output: the provider's address of now, else the one it gave while it still holds."""
    answer = (
        Answer() if attempt.prediction_id is None else ask_about(parts, run, attempt.prediction_id)
    )
    if answer.prediction is not None:
        return dict(enumerate(answer.prediction.output_urls))
    if is_over or answer.is_unknown:
        return {}
    return {
        index: str(output["url"]) for index, output in enumerate(attempt.outputs) if "url" in output
    }


def _problem(run: Run, known: _Found) -> str | None:
    if run.state is not RunState.SUCCEEDED:
        return NOTHING
    if not known.lost:
        return ALL_THERE
    if known.has_weights:
        return WEIGHTS
    return None if all(one.is_curable for one in known.lost) else GONE


def _restore(parts: StepContext, lost: _Lost) -> str:
    """Put original and thumbnail into the storage; returns the original's address there."""
    try:
        content = (
            parts.storage.get(lost.file.storage_key)
            if lost.has_original
            else parts.fetch(lost.url or "")
        )
        if hashlib.sha256(content).hexdigest() != lost.file.sha256:
            raise RemedyRefusedError(problem=OTHER)
        return store_picture(parts.storage, content).storage_uri
    except (FetchError, ObjectMissingError) as error:
        raise RemedyRefusedError(problem=f"The file was not fetched: {error}.") from error
    except PictureRefusedError as error:
        raise RemedyRefusedError(problem=error.sentence) from error


def _note_restored(session: Session, file: StoredFile, uri: str) -> None:
    """Every row of this object: they share it."""
    session.execute(
        update(Asset)
        .where(Asset.storage_key == file.storage_key, Asset.deleted_at.is_(None))
        .values(
            missing_at=None,
            missing_cause=None,
            checked_at=func.clock_timestamp(),
            storage_uri=uri,
        )
        .execution_options(synchronize_session=False)
    )
