"""Redownload: store an output that is still at the provider and missing from storage."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from services.core.errors import ObjectMissingError, PictureRefusedError, RemedyRefusedError
from services.core.states import PICTURELESS_ROLES, RunState
from services.database.models import Asset, Attempt, Run
from services.fetch.network import FetchError
from services.media.outputs import inspect_output
from services.pipeline.step_context import StepContext
from services.pipeline.steps.downloads import is_window_over
from services.recipes.work import store_picture
from services.remedies.base import Change, DryRun, Remedy, RemedyOffer, RemedyRequest
from services.remedies.requeue import WaitingJobs, due_problem, make_due, waiting_jobs
from services.remedies.subjects import (
    ALL_THERE,
    Reply,
    SubjectKind,
    ask_about,
    filled_files,
    has_sound_original,
    view_run,
)

NOTHING = "Nothing of it is at the provider to be downloaded."
GONE = "The provider no longer has it. Regenerate it, or refund it."
WEIGHTS = "The missing file is a copy of a model's weights. The trained version works without it."
OTHER = "The downloaded picture is not the one that is missing."
IN_WORK = (RunState.WAITING, RunState.INGESTING)


@dataclass(frozen=True)
class _Missing:
    """A file that is incomplete in storage; `url` is where its original can be downloaded."""

    asset: Asset
    has_original: bool
    url: str | None = None

    @property
    def is_restorable(self) -> bool:
        """Whether the original can be had, from storage or the provider."""
        return self.has_original or self.url is not None


@dataclass(frozen=True)
class _Facts:
    """Waiting jobs for a run at work; missing files for one that succeeded."""

    jobs: WaitingJobs = None
    missing: tuple[_Missing, ...] = ()
    has_weights: bool = False
    restored: Mapping[str, str] = field(default_factory=dict)
    """Storage address of each restored file by asset id."""


class Redownload(Remedy[_Facts]):
    """Download the output of a run at work now; restore a missing file byte for byte."""

    id = "redownload"
    label = "Re-download"
    icon = "download"
    consequence = (
        "Downloads the output from the provider and stores it. Nothing is generated or charged."
    )
    audit_label = "Re-downloaded an output"
    subject = SubjectKind.RUN

    def inspect(self, offer: RemedyOffer) -> _Facts:
        """Read the queue, or storage and then the provider."""
        with self._context.database.transaction() as session:
            view = view_run(session, offer.subject_id)
            has_succeeded = view.run.state is RunState.SUCCEEDED
            files = filled_files(session, view.run) if has_succeeded else []
            is_over = view.attempt is None or is_window_over(
                session, view.attempt, self._context.limits.output_window_seconds
            )
        if view.run.state in IN_WORK:
            return _Facts(waiting_jobs(self.tools.queue))
        weights = [slot.role in PICTURELESS_ROLES for slot, _, _ in files]
        missing = [
            (index, one)
            for _, index, asset in files
            if asset.deleted_at is None and (one := _missing(self._context, asset))
        ]
        if missing and view.attempt and not any(weights):
            urls = _output_urls(self._context, view.run, view.attempt, is_over)
            missing = [(index, replace(one, url=urls.get(index))) for index, one in missing]
        return _Facts(missing=tuple(one for _, one in missing), has_weights=any(weights))

    def plan(self, session: Session, offer: RemedyOffer, facts: _Facts) -> DryRun:
        """Name what is downloaded, or why nothing can be."""
        view = view_run(session, offer.subject_id)
        if view.run.state in IN_WORK:
            return DryRun(
                offer,
                "It is downloaded as soon as the provider has finished it.",
                view.state,
                problem=due_problem(view, facts.jobs),
            )
        count = len(facts.missing)
        return DryRun(
            offer,
            f"{count} missing {'file is' if count == 1 else 'files are'} downloaded, compared with"
            " the stored hash, and put back into storage.",
            view.state | {"lost": [one.asset.id for one in facts.missing]},
            problem=_problem(view.run, facts),
        )

    def prepare(self, offer: RemedyOffer, facts: _Facts) -> _Facts:
        """Download, compare and store: equal bytes have an equal key, so nothing is overwritten."""
        restored = {one.asset.id: _restore(self._context, one) for one in facts.missing}
        return replace(facts, restored=restored)

    def change(self, session: Session, request: RemedyRequest, facts: _Facts) -> Change:
        """Make the step due, or clear the mark that the file is missing."""
        view = view_run(session, request.subject_id)
        run = view.run
        if run.state in IN_WORK:
            make_due(session, view)
            after = {"state": run.state.value}
            return Change("It is downloaded now.", after, run.generation_id, run.id)
        for one in facts.missing:
            _clear_missing(session, one.asset, facts.restored[one.asset.id])
        restored = {"restored": [one.asset.id for one in facts.missing]}
        return Change("It is in storage again.", restored, run.generation_id, run.id)


def _missing(context: StepContext, asset: Asset) -> _Missing | None:
    has_original = has_sound_original(context.storage, asset)
    small = context.storage.head(asset.thumbnail_key) if asset.thumbnail_key else None
    has_thumbnail = not asset.thumbnail_key or (small is not None and small.byte_count > 0)
    return None if has_original and has_thumbnail else _Missing(asset, has_original)


def _output_urls(context: StepContext, run: Run, attempt: Attempt, is_over: bool) -> dict[int, str]:
    """Return each output's present address, else the stored one while it is valid, by index."""
    prediction_id = attempt.prediction_id
    reply = Reply() if prediction_id is None else ask_about(context, run, prediction_id)
    if reply.prediction is not None:
        return dict(enumerate(reply.prediction.output_urls))
    if is_over or reply.is_unknown:
        return {}
    return {
        index: str(output["url"]) for index, output in enumerate(attempt.outputs) if "url" in output
    }


def _problem(run: Run, facts: _Facts) -> str | None:
    if run.state is not RunState.SUCCEEDED:
        return NOTHING
    if not facts.missing:
        return ALL_THERE
    if facts.has_weights:
        return WEIGHTS
    return None if all(one.is_restorable for one in facts.missing) else GONE


def _restore(context: StepContext, missing: _Missing) -> str:
    """Store original and thumbnail; returns the original's storage address."""
    asset = missing.asset
    try:
        content = (
            context.storage.get(asset.storage_key)
            if missing.has_original
            else context.fetch(missing.url or "")
        )
        # Of what is stored: an output in a rare format was converted.
        if inspect_output(content).sha256 != asset.sha256:
            raise RemedyRefusedError(problem=OTHER)
        return store_picture(context.storage, content).storage_uri
    except (FetchError, ObjectMissingError) as error:
        raise RemedyRefusedError(problem=f"The download failed: {error}.") from error
    except PictureRefusedError as error:
        raise RemedyRefusedError(problem=error.sentence) from error


def _clear_missing(session: Session, asset: Asset, uri: str) -> None:
    """Update every row of this file: several assets may share it."""
    session.execute(
        update(Asset)
        .where(Asset.storage_key == asset.storage_key, Asset.deleted_at.is_(None))
        .values(
            missing_at=None,
            missing_cause=None,
            checked_at=func.clock_timestamp(),
            storage_uri=uri,
        )
        .execution_options(synchronize_session=False)
    )
